/**
 * Samples in, data packets out: the core lays them out, and what headers and indexes need to know of them is noted here.
 *
 * @module
 */

import type { Chunk, MuxSample, Packetizer } from "../container/container.ts";
import { Core } from "../core/core.ts";
import type { PacketCore } from "../core/types.ts";
import { continuesObject } from "../packets/packet_reader.ts";
import { IndexFacts } from "./indexes/index_facts.ts";
import { Indexes } from "./indexes/indexes.ts";
import type { IndexSettings } from "./indexes/options.ts";
import { ProgressLog } from "./progress_log.ts";
import type { AsfStream } from "./stream.ts";
import { type Progress, progressOf } from "./stream_stats.ts";
import { toMs, toTicks } from "./timing.ts";

/** How packets are laid out. */
export interface PacketSettings {
  readonly packetBytes: number;
  readonly prerollMs: number;
  readonly indexIntervalMs: number;
  readonly compressedPayloads: boolean;
  readonly indexes: IndexSettings;
  /** 16 wire bytes. */
  readonly fileId: Uint8Array;
  /** Whether markers are to be led to their places. */
  readonly leadsMarkers: boolean;
}

/** The data packets of one session. */
export class AsfPacketizer implements Packetizer {
  /** Size of every packet. */
  readonly packetBytes: number;
  /** Whether payloads carry the timing extension, and decode times as their own. */
  readonly isTimed: boolean;
  /** What stands behind the data. */
  readonly indexes: Indexes;
  /** How far the presentation had come at numbers of packets. */
  readonly progress: ProgressLog;
  readonly #core: PacketCore;
  /** In the caller's order. */
  readonly #streams: readonly AsfStream[];
  /** Those of the header, by slot. */
  readonly #present: readonly AsfStream[];
  readonly #facts: IndexFacts;

  /** @param present Those of `streams` that are in the header, by slot. */
  constructor(settings: PacketSettings, streams: readonly AsfStream[], present: readonly AsfStream[]) {
    const { packetBytes, prerollMs, compressedPayloads, leadsMarkers } = settings;
    this.packetBytes = packetBytes;
    this.isTimed = present.some((stream) => stream.needsTiming);
    this.#streams = streams;
    this.#present = present;
    const facts = new IndexFacts(present, settings.indexes, leadsMarkers);
    const core = new Core({
      packetBytes,
      prerollMs,
      timingExtension: this.isTimed,
      streams: present.map(({ number, sendBitrate, isVideo, isData, extensions }, slot) => ({
        streamNumber: number,
        bitsPerSecond: sendBitrate,
        indexed: isVideo,
        marked: isData,
        packed: compressedPayloads && !isVideo && !isData,
        extended: extensions !== undefined,
        traced: facts.isAbout(slot),
      })),
      trace: facts.trace,
    });
    this.#core = core;
    this.#facts = facts;
    this.progress = new ProgressLog(packetBytes, () => this.reached);
    this.indexes = new Indexes({
      ...settings,
      ...settings.indexes,
      core,
      facts,
      streams: present,
      latestTimestamp: ({ firstUnit, unitCount }) => this.progress.at(firstUnit + unitCount).latestTimestamp,
    });
  }

  write(sample: MuxSample): boolean {
    const stream = this.#streams[sample.stream]!;
    const core = this.#core;
    const { packetCount } = core;
    const before = packetCount >= this.progress.dueAt ? this.reached : undefined;
    stream.stats.add(sample);
    const { extension } = sample;
    if (extension !== undefined) this.#facts.write(stream.slot, extension, stream.extensions!.timecodeAt);
    // Decode times keep the stored order monotonic; the presentation time is then in the timing extension.
    const storedMs = toMs(this.isTimed ? sample.decodeTimestamp : sample.timestamp);
    const isDone = core.write(stream.slot, sample.pieces, storedMs, toTicks(sample.timestamp), sample.isKey, extension);
    if (before !== undefined && core.packetCount !== packetCount) {
      this.progress.note(stream.lastObject, before, packetCount, core.packetCount);
    }
    return isDone;
  }

  resume(): boolean {
    return this.#core.resume();
  }

  get hasRoom(): boolean {
    return this.#core.hasFreeBlock;
  }

  get hasChunk(): boolean {
    return this.#core.hasFullBlock;
  }

  get heldTimestamp(): number {
    const ms = this.#core.heldMs;
    return ms < 0 ? -1 : ms * 1000;
  }

  closeUnit(): void {
    this.#core.closePacket();
    this.progress.close(this.unitCount);
  }

  finish(): void {
    this.closeUnit();
  }

  nextChunk(partial: boolean): Chunk | undefined {
    const range = this.#core.nextRange(partial);
    if (range === undefined) return undefined;
    this.indexes.handOut(range);
    this.progress.handOut(range.bytes, range.firstPacket);
    return {
      bytes: range.bytes,
      info: {
        unitBytes: this.packetBytes,
        unitCount: range.packetCount,
        firstUnit: range.firstPacket,
        timestamp: range.sendTimeMs * 1000,
        cleanPoints: range.cleanPoints,
      },
      sampleCount: range.objectCount,
      continuesSample: continuesObject(range.bytes),
      release: () => range.release(),
    };
  }

  get unitCount(): number {
    return this.#core.packetCount;
  }

  get duration(): number {
    return this.reached.duration;
  }

  /** How far the presentation has come by now. */
  get reached(): Progress {
    return progressOf(this.#present, this.#core.sendEndMs);
  }

  /** Of everything in packets, how many bytes there are to one of media. */
  get overhead(): number {
    const byteCount = this.#present.reduce((sum, { stats }) => sum + stats.byteCount, 0);
    return this.unitCount * this.packetBytes / byteCount;
  }

  /** Size of the largest sample of a stream by now. */
  largestObjectBytes({ slot }: AsfStream): number {
    return this.#core.largestObjectBytes(slot);
  }
}
