/**
 * Packets come without their padding, and have to leave at their full size: players refill them with zeros, and some of
 * them then take the padding for data.
 *
 * ```text
 * [error correction flags u8, bit 7 set · data, low 4 bits: its length]
 * length type flags u8   bits 1–2, 3–4, 5–6: width of sequence, padding length and packet length: 0, 1, 2 or 4 bytes
 * property flags u8 · packet length · sequence · padding length · …
 * ```
 *
 * [ASF] 5.2.1, 5.2.2.
 *
 * @module
 */

const WIDTHS = [0, 1, 2, 4] as const;
const PADDING_SHIFT = 3;
const SEQUENCE_SHIFT = 1;
const LENGTH_SHIFT = 5;

/**
 * Puts a packet at its full size into `target`, behind `at`. False: it cannot be one.
 *
 * @param packetBytes The full size; the packet must not be larger.
 */
export function restorePacket(packet: Uint8Array, packetBytes: number, target: Uint8Array, at: number): boolean {
  const missing = packetBytes - packet.byteLength;
  if (missing < 0) return false;
  if (missing === 0) {
    target.set(packet, at);
    return true;
  }
  const flagsAt = packet[0]! & 0x80 ? 1 + (packet[0]! & 0x0f) : 0;
  const flags = packet[flagsAt];
  if (flags === undefined) return false;
  const widthOf = (shift: number) => WIDTHS[(flags >> shift & 3) as 0 | 1 | 2 | 3];
  const paddingAt = flagsAt + 2 + widthOf(LENGTH_SHIFT) + widthOf(SEQUENCE_SHIFT);
  const oldWidth = widthOf(PADDING_SHIFT);
  if (paddingAt + oldWidth > packet.byteLength) return false;
  let old = 0;
  for (let i = oldWidth - 1; i >= 0; i--) old = old * 256 + packet[paddingAt + i]!;
  // A wider field takes from the padding what it adds to the head.
  for (let type = Math.max(1, flags >> PADDING_SHIFT & 3); type <= 3; type++) {
    const width = WIDTHS[type as 1 | 2 | 3];
    const padding = old + missing - (width - oldWidth);
    if (padding < old || width < oldWidth) break;
    if (width < 4 && padding >= 256 ** width) continue;
    const room = target.subarray(at, at + packetBytes);
    room.set(packet.subarray(0, paddingAt));
    room[flagsAt] = flags & ~(3 << PADDING_SHIFT) | type << PADDING_SHIFT;
    for (let i = 0; i < width; i++) room[paddingAt + i] = Math.floor(padding / 256 ** i) & 0xff;
    room.set(packet.subarray(paddingAt + oldWidth), paddingAt + width);
    room.fill(0, packet.byteLength + width - oldWidth);
    return true;
  }
  return false;
}
