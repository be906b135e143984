/** What an index may always take. */
const FREE_BYTES = 1 << 20;
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
 * @param freeBytes What it may take however few there are.
 */
export function affordableInterval(
  wanted: number,
  entryBytes: number,
  span: number,
  dataBytes: number,
  freeBytes: number = FREE_BYTES,
): number {
  const room = freeBytes + LARGEST_SHARE * dataBytes;
  let interval = wanted;
  while (entryBytes * (span / interval) > room) interval *= 2;
  return interval;
}
