/**
 * NAL units with their lengths in front ([ISO 14496-15] 5.3.4.2.1).
 *
 * @module
 */

/** The number of `byteCount` bytes at `at`, 1, 2 or 4, most significant first. */
export function readLength(data: Uint8Array, at: number, byteCount: number): number {
  if (byteCount === 4) {
    return (data[at]! << 24 | data[at + 1]! << 16 | data[at + 2]! << 8 | data[at + 3]!) >>> 0;
  }
  return byteCount === 2 ? data[at]! << 8 | data[at + 1]! : data[at]!;
}

/**
 * Visits `count` NAL units of a decoder configuration record, each behind 16 bits of length, from `at` on.
 *
 * @returns Where they end; not a number if the record ends before.
 */
export function visitUnits(
  record: Uint8Array,
  at: number,
  count: number,
  visit: (start: number, end: number) => void,
): number {
  for (let i = 0; i < count; i++) {
    const start = at + 2;
    at = start > record.byteLength ? NaN : start + readLength(record, at, 2);
    if (!(at <= record.byteLength)) return NaN;
    if (at > start) visit(start, at);
  }
  return at;
}

/** Whether data is NAL units with their lengths in front, adding up exactly, at least one of them not empty. */
export function lengthsAddUp(data: Uint8Array, lengthBytes: number): boolean {
  let at = 0;
  let filled = false;
  while (at + lengthBytes <= data.byteLength) {
    const length = readLength(data, at, lengthBytes);
    at += lengthBytes + length;
    filled ||= length > 0;
  }
  return filled && at === data.byteLength;
}
