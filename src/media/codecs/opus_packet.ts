/**
 * How long packets of Opus last ([RFC 6716] 3.1).
 *
 * @module
 */

/** Samples of one channel at 48 kHz, by configuration and count of frames; `undefined` for a packet without bytes. */
export function opusPacketSamples(data: Uint8Array): number | undefined {
  const [toc, count] = data;
  if (toc === undefined) return undefined;
  const config = toc >> 3;
  const frameSamples = config < 12
    ? [480, 960, 1920, 2880][config & 3]!
    : config < 16
    ? [480, 960][config & 1]!
    : [120, 240, 480, 960][config & 3]!;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (count ?? 0) & 0x3F;
  return frames * frameSamples;
}
