/**
 * How long frames of audio last by their own bytes, for containers that put several of them at one time.
 *
 * @module
 */

/** Microseconds of a frame; `undefined` where its bytes do not tell. */
export type FrameDuration = (data: Uint8Array) => number | undefined;

/** The function for a codec; `undefined` where only the container could say it. */
export function frameDurations(
  codec: string | number,
  rate: number,
  description?: Uint8Array,
): FrameDuration | undefined {
  switch (codec) {
    case "opus":
      return opusDuration;
    case "vorbis":
      return description && vorbisDurations(description);
    case "mp3":
      return constant(rate >= 32_000 ? 1152 : 576, rate);
    case "ac-3":
      return constant(1536, rate);
  }
  return typeof codec === "string" && codec.startsWith("mp4a.40.") ? constant(1024, rate) : undefined;
}

function constant(sampleCount: number, rate: number): FrameDuration {
  return () => sampleCount * 1e6 / rate;
}

/** By configuration and count of frames ([RFC 6716] 3.1). */
function opusDuration(data: Uint8Array): number | undefined {
  const [toc, count] = data;
  if (toc === undefined) return undefined;
  const config = toc >> 3;
  const frame = config < 12
    ? [10, 20, 40, 60][config & 3]!
    : config < 16
    ? [10, 20][config & 1]!
    : [2.5, 5, 10, 20][config & 3]!;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (count ?? 0) & 0x3F;
  return frames * frame * 1000;
}

/**
 * Block sizes and the modes that choose between them ([Vorbis I] 4.2): a packet gives a quarter of its block and of the one
 * before. The modes end the setup header, so they are read backwards.
 */
function vorbisDurations(description: Uint8Array): FrameDuration | undefined {
  const headers = xiphLaced(description);
  const [identification, , setup] = headers;
  if (identification === undefined || identification.byteLength < 30 || setup === undefined) return undefined;
  const rate = new DataView(identification.buffer, identification.byteOffset).getUint32(12, true);
  const sizes = [1 << (identification[28]! & 0x0F), 1 << (identification[28]! >> 4)];
  const modes = vorbisModes(setup);
  if (modes === undefined || rate === 0) return undefined;
  const bits = 32 - Math.clz32(modes.length - 1);
  let last = 0;
  return (data) => {
    const mode = (data[0] ?? 0) >> 1 & (1 << bits) - 1;
    const size = sizes[modes[mode] ?? 0]!;
    const sampleCount = (last + size) / 4;
    last = size;
    return sampleCount * 1e6 / rate;
  };
}

/** Which block size each mode has: 41 bits a mode, the last bit of the header behind them, 6 bits of their count before. */
function vorbisModes(setup: Uint8Array): number[] | undefined {
  const bitCount = 8 * setup.byteLength;
  const bit = (at: number) => at < 0 ? 0 : setup[at >> 3]! >> (at & 7) & 1;
  const bits = (at: number, count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++) value += bit(at + i) * 2 ** i;
    return value;
  };
  let end = bitCount - 1;
  while (end > 0 && bit(end) === 0) end--;
  let best: number[] | undefined;
  const modes: number[] = [];
  for (let at = end - 41; at > 97 && modes.length < 64; at -= 41) {
    // Window and transform type are 0; the mapping is one of a few.
    if (bits(at + 1, 16) !== 0 || bits(at + 17, 16) !== 0 || bits(at + 33, 8) > 63) break;
    modes.unshift(bit(at));
    if (bits(at - 6, 6) + 1 === modes.length) best = [...modes];
  }
  return best;
}

/** Three headers behind a 2 and the sizes of the first two. */
function xiphLaced(description: Uint8Array): Uint8Array[] {
  const sizes: number[] = [];
  let at = 1;
  for (let i = 0; i < (description[0] ?? 0) && i < 8; i++) {
    let size = 0;
    while (description[at] === 0xFF) size += description[at++]!;
    sizes.push(size + (description[at++] ?? 0));
  }
  const headers: Uint8Array[] = [];
  for (const size of sizes) headers.push(description.subarray(at, at += size));
  return [...headers, description.subarray(at)];
}
