/**
 * The indexes behind an output's data, and where its markers lead: each about the slice of the session that it has.
 *
 * @module
 */

import type { OutputFacts } from "../../container/container.ts";
import { INDEX_ENTRY_BYTES } from "../../core/abi.ts";
import type { CoreRange, IndexEntries } from "../../core/types.ts";
import { readPrefix } from "../../packets/packet_reader.ts";
import { encodeObject, type ObjectSpec } from "../object.ts";
import { type IndexHead, indexObject, mediaObjectIndex, timecodeIndex } from "../objects/index.ts";
import {
  type IndexParameters,
  indexParameters,
  mediaObjectIndexParameters,
  timecodeIndexParameters,
} from "../objects/index_parameters.ts";
import type { AsfStream } from "../stream.ts";
import type { Place } from "../timeline.ts";
import { toMs } from "../timing.ts";
import { type BlockIndex, blockIndexBytes, blockIndexPieces } from "./block_index.ts";
import { affordableInterval } from "./interval.ts";
import type { IndexSource } from "./index_source.ts";
import { sampleIndex } from "./sample_index.ts";
import { SendTimes } from "./send_times.ts";
import { simpleIndexBytes, simpleIndexPieces } from "./simple_index.ts";
import type { Slice } from "./slice.ts";
import { cellPacketAt } from "./time_cells.ts";
import { timeIndex } from "./time_index.ts";
import { timecodeIndexOf } from "./timecode_index.ts";

/** What a header says of each. */
const PARAMETERS: ReadonlyMap<ObjectSpec<IndexHead>, ObjectSpec<IndexParameters>> = new Map([
  [indexObject, indexParameters],
  [mediaObjectIndex, mediaObjectIndexParameters],
  [timecodeIndex, timecodeIndexParameters],
]);

/** Outputs that may come to their ends at a time. */
const FROZEN_COUNT = 8;

/** See the module's text. */
export class Indexes {
  readonly #source: IndexSource;
  readonly #videos: readonly AsfStream[];
  readonly #sendTimes = new SendTimes();
  /** By slice: what was said once of an output stays so, whatever is laid out meanwhile. */
  readonly #frozen = new Map<string, readonly BlockIndex[]>();

  constructor(source: IndexSource) {
    this.#source = source;
    this.#videos = source.streams.filter((stream) => stream.isVideo);
  }

  /** Whether a file has any. */
  get areThere(): boolean {
    const { timeIndexMs, sampleIndexInterval, timecodeIndex } = this.#source;
    return this.#videos.length > 0 || timeIndexMs !== undefined || sampleIndexInterval !== undefined || timecodeIndex;
  }

  /** Packets leave the core. */
  handOut({ bytes, firstPacket, cleanPoints }: CoreRange): void {
    const { leadsMarkers, packetBytes } = this.#source;
    if (!leadsMarkers) return;
    for (const packet of cleanPoints) {
      this.#sendTimes.note(firstPacket + packet, readPrefix(bytes.subarray(packet * packetBytes))!.sendTimeMs);
    }
  }

  /** What stands behind the data, in pieces that are dead when the next one is asked for. */
  *pieces(output: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    const { fileId } = this.#source;
    const intervalMs = this.#intervalMs(output);
    for (const index of this.#blockIndexes(output)) yield* blockIndexPieces(index);
    for (const entries of this.#simple(output)) yield* simpleIndexPieces(entries, fileId, intervalMs);
  }

  /**
   * What a header says of those that are no Simple Indexes.
   *
   * @param output Absent: in general. Then only the size is known.
   */
  parameters(output?: OutputFacts): Uint8Array[] {
    const indexes = output ? this.#blockIndexes(output) : this.#describe(WHOLE, 0);
    return indexes.map((index) => encodeObject(PARAMETERS.get(index.object)!, index));
  }

  /** Audio alone always is; video when each stream has an index with entries, all of which the sink has confirmed. */
  isSeekable(output: OutputFacts): boolean {
    if (this.#videos.length === 0) return true;
    return this.isIndexed(output) && this.#simple(output).every(({ entryCount }) => entryCount > 0);
  }

  /** Whether the sink has confirmed all that was to stand behind the data. */
  isIndexed(output: OutputFacts): boolean {
    if (output.trailerBytes === 0) return false;
    const blockBytes = this.#blockIndexes(output).reduce((sum, index) => sum + blockIndexBytes(index), 0);
    const bytes = this.#simple(output).reduce((sum, entries) => sum + simpleIndexBytes(entries), blockBytes);
    return bytes === output.trailerBytes;
  }

  /** Where to begin to read for a stored time: at the last key frame of the first video, or the last sound. */
  placeOf(output: OutputFacts, storedMs: number): Place {
    const slice = sliceOf(output);
    const { core, facts } = this.#source;
    const video = this.#videos[0];
    const { cells } = facts.tables[facts.markerSlot]!;
    core.takeTrace();
    const packet = video
      ? core.packetAt({ ...slice, slot: video.slot }, storedMs)
      : cells === undefined
      ? 0
      : cellPacketAt(cells.table, slice, storedMs);
    const known = this.#sendTimes.upTo(slice.firstPacket + packet, slice.firstPacket);
    if (known === undefined) return { packet: 0, sendTimeMs: 0 };
    return {
      packet: known.packet - slice.firstPacket,
      sendTimeMs: Math.max(0, known.sendTimeMs - slice.timeBaseMs),
    };
  }

  /** One Simple Index for each video stream, in ascending order of stream numbers. */
  #simple(output: OutputFacts): IndexEntries[] {
    const { core } = this.#source;
    const intervalMs = this.#intervalMs(output);
    return this.#videos.map(({ slot }) =>
      core.index({ ...sliceOf(output), slot, intervalMs, endMs: this.#endMs(output) })
    );
  }

  /** Distance of Simple Index entries. */
  #intervalMs(output: OutputFacts): number {
    const { indexIntervalMs, packetBytes } = this.#source;
    const entryBytes = this.#videos.length * INDEX_ENTRY_BYTES;
    return affordableInterval(indexIntervalMs, entryBytes, this.#endMs(output), output.unitCount * packetBytes);
  }

  /** Largest stored presentation time. */
  #endMs(output: OutputFacts): number {
    const { prerollMs, latestTimestamp } = this.#source;
    return Math.max(0, toMs(latestTimestamp(output)) - toMs(output.timeBase)) + prerollMs;
  }

  #blockIndexes(output: OutputFacts): readonly BlockIndex[] {
    const slice = sliceOf(output);
    const key = Object.values(slice).join();
    let indexes = this.#frozen.get(key);
    if (indexes === undefined) {
      this.#source.core.takeTrace();
      indexes = this.#describe(slice, this.#endMs(output));
      this.#frozen.set(key, indexes);
      if (this.#frozen.size > FROZEN_COUNT) this.#frozen.delete(this.#frozen.keys().next().value!);
    }
    return indexes;
  }

  #describe(slice: Slice, endMs: number): BlockIndex[] {
    return [
      timeIndex(this.#source, slice, endMs),
      sampleIndex(this.#source, slice),
      timecodeIndexOf(this.#source, slice),
    ].filter((index) => index !== undefined);
  }
}

const WHOLE: Slice = { firstPacket: 0, packetCount: 0, timeBaseMs: 0 };

function sliceOf({ firstUnit, unitCount, timeBase }: OutputFacts): Slice {
  return { firstPacket: firstUnit, packetCount: unitCount, timeBaseMs: toMs(timeBase) };
}
