/**
 * MD4 ([RFC 1320]): what NTLM makes of a password, and what runtimes no longer have.
 *
 * @module
 */

const BLOCK_BYTES = 64;
/** Each round: what it adds, its shifts, and the order in which it takes the words of a block. */
const ROUNDS: readonly (readonly [constant: number, shifts: readonly number[], order: readonly number[]])[] = [
  [0, [3, 7, 11, 19], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]],
  [0x5A827999, [3, 5, 9, 13], [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]],
  [0x6ED9EBA1, [3, 9, 11, 15], [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15]],
];

/** The 16 bytes of MD4. */
export function md4(message: Uint8Array): Uint8Array {
  const paddedBytes = (Math.floor((message.byteLength + 8) / BLOCK_BYTES) + 1) * BLOCK_BYTES;
  const padded = new Uint8Array(paddedBytes);
  const view = new DataView(padded.buffer);
  padded.set(message);
  padded[message.byteLength] = 0x80;
  view.setUint32(paddedBytes - 8, message.byteLength * 8, true);
  const state = new Uint32Array([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]);
  for (let at = 0; at < paddedBytes; at += BLOCK_BYTES) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    ROUNDS.forEach(([constant, shifts, order], round) => {
      order.forEach((word, step) => {
        const mixed = round === 0 ? (b & c) | (~b & d) : round === 1 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        const sum = (a + mixed + view.getUint32(at + 4 * word, true) + constant) | 0;
        const shift = shifts[step % 4]!;
        [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
      });
    });
    [a, b, c, d].forEach((value, i) => state[i]! += value);
  }
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((value, i) => digest.setUint32(4 * i, value, true));
  return new Uint8Array(digest.buffer);
}
