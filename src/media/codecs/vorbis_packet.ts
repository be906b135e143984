/**
 * How long packets of Vorbis last ([Vorbis I] 4.2, 4.3.8), and the three headers that tell it.
 *
 * @module
 */

/**
 * Answers samples of one channel for each packet in turn. A packet gives a quarter of its block and of the one before, the
 * first nothing, though it is as long as a quarter of its block; the modes, which choose between two block sizes, end the setup header, so they are read backwards.
 * `undefined` for a description that does not hold them.
 */
export function vorbisPacketSamples(description: Uint8Array): ((data: Uint8Array) => number) | undefined {
  const [identification, , setup] = xiphLaced(description);
  if (identification === undefined || identification.byteLength < 30 || setup === undefined) return undefined;
  const sizes = [1 << (identification[28]! & 0x0F), 1 << (identification[28]! >> 4)];
  const modes = vorbisModes(setup);
  if (modes === undefined) return undefined;
  const bits = 32 - Math.clz32(modes.length - 1);
  let last = 0;
  return (data) => {
    const mode = (data[0] ?? 0) >> 1 & (1 << bits) - 1;
    const size = sizes[modes[mode] ?? 0]!;
    const sampleCount = (last + size) / 4;
    last = size;
    return sampleCount;
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
export function xiphLaced(description: Uint8Array): Uint8Array[] {
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
