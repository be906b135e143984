/**
 * QuickTime's sound, whose tables count samples of time where others count those of bytes.
 *
 * @module
 */

import { type Mp4Box, numberIn } from "./box.ts";
import type { PacketLayout } from "./sample_cursor.ts";

/** Samples of a packet and its bytes for one channel, where nothing says them: IMA 4:1, MACE 3:1 and 6:1. */
const FIXED: Readonly<Record<string, readonly [samples: number, bytes: number]>> = {
  ima4: [64, 34],
  MAC3: [6, 2],
  MAC6: [6, 1],
};

/** Bits of a sample of one channel by type of the entry. */
const BITS: Readonly<Record<string, number>> = { in24: 24, in32: 32, fl32: 32, fl64: 64, alaw: 8, ulaw: 8 };

/** How samples and bytes go together in a track of sound whose samples are all said to have the size 1. */
export function packetLayoutOf(entry: Mp4Box | undefined): PacketLayout | undefined {
  if (entry === undefined) return undefined;
  const channels = Math.max(1, numberIn(entry, "channelCount"));
  const version = numberIn(entry, "version");
  if (version === 2) {
    const [samples, bytes] = [numberIn(entry, "samplesPerPacket"), numberIn(entry, "bytesPerPacket")];
    return samples > 0 && bytes > 0 ? { samples, bytes } : undefined;
  }
  const [samples, bytes] = [numberIn(entry, "samplesPerPacket"), numberIn(entry, "bytesPerFrame")];
  if (version === 1 && samples > 0 && bytes > 0) return { samples, bytes };
  const fixed = FIXED[entry.type];
  if (fixed !== undefined) return { samples: fixed[0], bytes: fixed[1] * channels };
  const bits = BITS[entry.type] ?? numberIn(entry, "sampleBits");
  return bits > 8 || channels > 1 ? { samples: 1, bytes: Math.ceil(bits / 8) * channels } : undefined;
}
