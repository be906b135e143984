/**
 * How large packets are: as asked for, as Windows' writers choose it for files, or as latency and sinks allow.
 *
 * Measured over 112 files of Windows' own writers. Sound alone: one superframe of Windows Media Audio a packet, and 31 bytes
 * for the headers. With pictures: 3200 bytes below about 0.85 Mbit/s, 8000 from there, 16 000 at high rates. Larger packets
 * cost less in headers and time; where somebody listens live they would hold media back.
 *
 * @module
 */

import { PACKET_BYTES_MIN } from "../core/abi.ts";
import { MuxError } from "../errors.ts";
import type { RiffDescription } from "../media/mappings/riff/mod.ts";
import { PAYLOAD_ROOM_BYTES } from "./payload_extensions.ts";
import { livePacketBytes } from "./rates.ts";
import { isWindowsMediaAudio } from "./type_data.ts";

/** The usual size, also the largest where sinks are live. */
export const USUAL_PACKET_BYTES = 3200;
/** Sizes of files, and from which bit rate on, the highest first. */
const FILE_SIZES = [[6_000_000, 16_000], [850_000, 8000]] as const;
/** What Windows' writers add to a superframe … */
const SUPERFRAME_OVERHEAD_BYTES = 31;
/** … that is no smaller: several small ones share a packet. */
const LEAST_SUPERFRAME_BYTES = 1000;
const LARGEST_SUPERFRAME_BYTES = 0xffff - SUPERFRAME_OVERHEAD_BYTES;

/** What the size of packets depends on. */
export interface PacketNeeds {
  /** As asked for, if it was. */
  readonly packetBytes?: number;
  /** Every output is a file, completed at its end. */
  readonly isFile: boolean;
  /** What the streams are. */
  readonly descriptions: readonly RiffDescription[];
  /** Of all streams. */
  readonly bitsPerSecond: number;
  /** Largest payload extension data. */
  readonly extensionBytes: number;
  readonly maxUnitBytes?: number;
  readonly maxLatencyMs?: number;
}

/** The size. @throws {MuxError} `too-large` when a sink takes no packet that is large enough. */
export function choosePacketBytes(needs: PacketNeeds): number {
  const { extensionBytes, maxUnitBytes = Infinity } = needs;
  const least = Math.max(PACKET_BYTES_MIN, PAYLOAD_ROOM_BYTES + extensionBytes);
  const chosen = Math.min(Math.max(wantedPacketBytes(needs), least), maxUnitBytes);
  if (chosen >= least) return chosen;
  throw new MuxError(
    "too-large",
    { action: "begin", reason: `packets have at least ${least} bytes, a sink takes at most ${maxUnitBytes}` },
  );
}

function wantedPacketBytes({ packetBytes, isFile, descriptions, bitsPerSecond, maxLatencyMs }: PacketNeeds): number {
  if (maxLatencyMs !== undefined) {
    return livePacketBytes(bitsPerSecond, maxLatencyMs, packetBytes ?? USUAL_PACKET_BYTES);
  }
  if (packetBytes !== undefined || !isFile) return packetBytes ?? USUAL_PACKET_BYTES;
  return superframePacketBytes(descriptions) ??
    FILE_SIZES.find(([least]) => bitsPerSecond >= least)?.[1] ?? USUAL_PACKET_BYTES;
}

/** Of a file with Windows Media Audio alone, whose samples are superframes. */
function superframePacketBytes([only, ...others]: readonly RiffDescription[]): number | undefined {
  if (only?.kind !== "audio" || others.length > 0 || !isWindowsMediaAudio(only.id)) return undefined;
  const { blockBytes } = only;
  if (blockBytes < LEAST_SUPERFRAME_BYTES || blockBytes > LARGEST_SUPERFRAME_BYTES) return undefined;
  return blockBytes + SUPERFRAME_OVERHEAD_BYTES;
}
