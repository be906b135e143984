/**
 * Words whose most significant byte comes first.
 *
 * @module
 */

/** A copy with the bytes of each word in reverse. */
export function turnedRound(data: Uint8Array, wordBytes: number): Uint8Array {
  const turned = new Uint8Array(data.byteLength - data.byteLength % wordBytes);
  for (let at = 0; at < turned.byteLength; at += wordBytes) {
    for (let i = 0; i < wordBytes; i++) turned[at + i] = data[at + wordBytes - 1 - i]!;
  }
  return turned;
}
