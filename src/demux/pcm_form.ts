/**
 * Sound without compression as other containers lay it out.
 *
 * @module
 */

/** How values lie in a sample. */
export interface PcmForm {
  /** Bytes of one value. */
  readonly valueBytes: number;
  /** What makes them values as WAVE has them: their bytes turned round, or the sign of a byte changed. */
  readonly change: "none" | "turn" | "sign";
}

/** Whether a codec is sound without compression, as all streams of it call it. */
export function isPcm(codec: string | number): boolean {
  return typeof codec === "string"
    ? codec.startsWith("pcm-")
    : codec === 1 || codec === 3 || codec === 6 || codec === 7;
}

/** A copy of whole values as WAVE has them: least significant byte first, single bytes without a sign. */
export function wavePcm(data: Uint8Array, { valueBytes, change }: PcmForm): Uint8Array {
  const values = data.slice(0, data.byteLength - data.byteLength % valueBytes);
  if (change === "sign") { for (let at = 0; at < values.byteLength; at++) values[at]! ^= 0x80; }
  if (change !== "turn") return values;
  for (let at = 0; at < values.byteLength; at += valueBytes) {
    for (let low = at, high = at + valueBytes - 1; low < high; low++, high--) {
      const byte = values[low]!;
      values[low] = values[high]!;
      values[high] = byte;
    }
  }
  return values;
}
