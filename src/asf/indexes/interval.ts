/** What an index may always take. */
const FREE_BYTES = 16 << 10;
/** Beyond that it may take so much of what it is about. */
const LARGEST_SHARE = 0.1;

/**
 * The distance of an index's entries: the wanted one, doubled until the index is in proportion to the data. One wrong time
 * must not make gigabytes of it.
 *
 * @param wanted In milliseconds, or objects.
 * @param entryBytes What all entries for one place take together.
 * @param span What they are about, in the same unit.
 * @param dataBytes Size of the packets.
 */
export function affordableInterval(wanted: number, entryBytes: number, span: number, dataBytes: number): number {
  const room = FREE_BYTES + LARGEST_SHARE * dataBytes;
  let interval = wanted;
  while (entryBytes * (span / interval) > room) interval *= 2;
  return interval;
}
