/**
 * AAC whose channels are said inside its frames ([ISO 14496-3] 4.4.1.1).
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";

/** `id_syn_ele` of a program config element. */
const ID_PCE = 5;

/** What a frame says of the channels. */
export interface ProgramConfig {
  /** AudioSpecificConfig that holds the element. */
  readonly description: Uint8Array;
  readonly numberOfChannels: number;
}

/** Bits in the order in which they are put. */
class Bits {
  readonly bytes: number[] = [];
  #count = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.#count % 8 === 0) this.bytes.push(0);
      if (Math.floor(value / 2 ** bit) % 2 === 1) this.bytes[this.bytes.length - 1]! |= 0x80 >> this.#count % 8;
      this.#count++;
    }
  }
}

/** Finds the program config element that begins an ADTS frame of channel configuration 0; `undefined`: there is none. */
export function adtsProgramConfig(frame: Uint8Array): ProgramConfig | undefined {
  const headerBytes = (frame[1]! & 1) === 1 ? 7 : 9;
  const objectType = (frame[2]! >> 6) + 1;
  const rateIndex = frame[2]! >> 2 & 15;
  const from = new BitReader(frame.subarray(headerBytes));
  if (from.bits(3) !== ID_PCE) return undefined;
  const to = new Bits();
  to.put(objectType, 5);
  to.put(rateIndex, 4);
  to.put(0, 4 + 3); // channel configuration 0, nothing said of frames
  const copy = (count: number): number => {
    const value = from.bits(count);
    to.put(value, count);
    return value;
  };
  copy(4 + 2 + 4);
  const counts = [copy(4), copy(4), copy(4)];
  const lowCount = copy(2);
  const associatedCount = copy(3);
  const couplingCount = copy(4);
  for (const bits of [4, 4, 3]) if (copy(1) === 1) copy(bits); // mono, stereo and matrix mixdown
  let channels = lowCount;
  for (const count of counts) for (let i = 0; i < count; i++) channels += copy(5) >> 4 === 1 ? 2 : 1;
  for (let i = 0; i < lowCount + associatedCount; i++) copy(4);
  for (let i = 0; i < couplingCount; i++) copy(5);
  if (from.exhausted || channels === 0) return undefined;
  to.bytes.push(0); // behind alignment, a comment of no bytes
  return { description: Uint8Array.from(to.bytes), numberOfChannels: channels };
}
