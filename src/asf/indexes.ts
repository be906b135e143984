/**
 * The indexes behind an output's data, and where its markers lead: each about the slice of the session that it has.
 *
 * @module
 */

import type { OutputFacts } from "../container/container.ts";
import type { CoreRange, IndexEntries, PacketCore } from "../core/types.ts";
import { encodeObject } from "./object_writer.ts";
import { INDEX_ENTRY_BYTES, SIMPLE_INDEX_HEAD_BYTES, simpleIndex } from "./objects/simple_index.ts";
import { sendTimeOf } from "./rebase.ts";
import type { AsfStream } from "./stream.ts";
import { type TimeIndex, timeIndexBytes, timeIndexPieces } from "./time_index.ts";
import type { Place } from "./timeline.ts";
import { toMs } from "./timing.ts";

/** What indexes are made for, and of. */
export interface IndexSettings {
  /** 16 wire bytes. */
  readonly fileId: Uint8Array;
  readonly prerollMs: number;
  readonly packetBytes: number;
  readonly indexIntervalMs: number;
  /** Absent: no Index Object. */
  readonly timeIndexMs?: number;
  readonly core: PacketCore;
  /** By slot. */
  readonly streams: readonly AsfStream[];
  /** Whether the times are kept at which packets leave, for markers. */
  readonly keepsSendTimes: boolean;
  /** Latest presentation time of what an output has, microseconds. */
  latestTimestamp(output: OutputFacts): number;
}

/** See the module's text. */
export class Indexes {
  readonly #settings: IndexSettings;
  readonly #videos: readonly AsfStream[];
  /** The stream that markers go by. */
  readonly #main: AsfStream;
  /** By packet in which a reader may start. */
  readonly #sendTimes = new Map<number, number>();

  constructor(settings: IndexSettings) {
    this.#settings = settings;
    const { streams } = settings;
    this.#videos = streams.filter((stream) => stream.isVideo);
    this.#main = this.#videos[0] ?? streams.find((stream) => !stream.isData) ?? streams[0]!;
  }

  /** Whether a file has any. */
  get areThere(): boolean {
    return this.#videos.length > 0 || this.#settings.timeIndexMs !== undefined;
  }

  /** Packets leave the core. */
  handOut({ bytes, firstPacket, cleanPoints }: CoreRange): void {
    const { keepsSendTimes, packetBytes } = this.#settings;
    if (!keepsSendTimes) return;
    for (const packet of cleanPoints) {
      this.#sendTimes.set(firstPacket + packet, sendTimeOf(bytes, packet * packetBytes));
    }
  }

  /** What stands behind the data, in pieces that are dead when the next one is asked for. */
  *pieces(output: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    const { fileId, indexIntervalMs: intervalMs } = this.#settings;
    const timeIndex = this.#timeIndex(output);
    if (timeIndex) yield* timeIndexPieces(timeIndex);
    for (const entries of this.#simple(output)) {
      const { entryCount, maxPacketCount } = entries;
      yield encodeObject(simpleIndex, { fileId, intervalMs, entryCount, maxPacketCount });
      yield* entries.pieces();
    }
  }

  /** Audio alone always is; video when each stream has an index with entries, all of which the sink has confirmed. */
  isSeekable(output: OutputFacts): boolean {
    if (this.#videos.length === 0) return true;
    return this.isIndexed(output) && this.#simple(output).every(({ entryCount }) => entryCount > 0);
  }

  /** Whether the sink has confirmed all that was to stand behind the data. */
  isIndexed(output: OutputFacts): boolean {
    if (output.indexBytes === 0) return false;
    const timeIndex = this.#timeIndex(output);
    const bytes = this.#simple(output).reduce(
      (sum, { entryCount }) => sum + SIMPLE_INDEX_HEAD_BYTES + entryCount * INDEX_ENTRY_BYTES,
      timeIndex ? timeIndexBytes(timeIndex) : 0,
    );
    return bytes === output.indexBytes;
  }

  /** Where to begin to read for a stored time: at the last key frame of the first video, or the last sound. */
  placeOf(output: OutputFacts, storedMs: number): Place {
    const { firstUnit: firstPacket, unitCount: packetCount, timeBase } = output;
    const { slot } = this.#main;
    const timeBaseMs = toMs(timeBase);
    const packet = this.#settings.core.packetAt({ slot, firstPacket, packetCount, timeBaseMs }, storedMs);
    return { packet, sendTimeMs: Math.max(0, (this.#sendTimes.get(firstPacket + packet) ?? 0) - timeBaseMs) };
  }

  /** One Simple Index for each video stream, in ascending order of stream numbers. */
  #simple(output: OutputFacts): IndexEntries[] {
    return this.#videos.map(({ slot }) => this.#entries(output, slot, this.#settings.indexIntervalMs));
  }

  #timeIndex(output: OutputFacts): TimeIndex | undefined {
    const { timeIndexMs, streams, packetBytes } = this.#settings;
    if (timeIndexMs === undefined) return undefined;
    return {
      intervalMs: timeIndexMs,
      streamNumbers: streams.map(({ number }) => number),
      packetBytes,
      columns: streams.map(({ slot }) => this.#entries(output, slot, timeIndexMs)),
      packetCount: output.unitCount,
    };
  }

  #entries(output: OutputFacts, slot: number, intervalMs: number): IndexEntries {
    const { core, prerollMs, latestTimestamp } = this.#settings;
    const timeBaseMs = toMs(output.timeBase);
    return core.index({
      slot,
      intervalMs,
      firstPacket: output.firstUnit,
      packetCount: output.unitCount,
      timeBaseMs,
      endMs: Math.max(0, toMs(latestTimestamp(output)) - timeBaseMs) + prerollMs,
    });
  }
}
