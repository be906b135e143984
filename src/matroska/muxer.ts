/**
 * The Matroska muxer.
 *
 * @module
 */

import { Pieces } from "../bytes/pieces.ts";
import type {
  LocalCopy,
  Muxer,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Plan,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { checkUnitBytes } from "../container/checks.ts";
import { checkHeaderBytes, HeaderRoom } from "../container/header_room.ts";
import { type Problem, sampleError } from "../errors.ts";
import type { MatroskaCodecs } from "../media/mappings/matroska.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { DataInfo } from "../sinks/sink.ts";
import { BLOCK_EXTRA_BYTES, Clusters } from "./clusters.ts";
import { type Cue, encodeCues } from "./cues.ts";
import { isFillable } from "./ebml.ts";
import { encodeHeader, type HeaderFacts, type HeaderOutcome, segmentBodyAt } from "./header.ts";
import { rebaseClusters } from "./rebase.ts";
import { MatroskaTrack, TICK_US } from "./track.ts";

/** {@linkcode MatroskaOptions} with every value settled, and which of the two it is. */
export interface MatroskaSettings {
  readonly isWebm: boolean;
  readonly codecs: MatroskaCodecs;
  readonly cues: "front" | "back";
  readonly clusterChecksums: boolean;
  readonly headerReserveBytes: number;
  readonly creationTime: Date;
}

/** Room for Cues in front: some 2000 of them. */
const CUE_ROOM_BYTES = 64 << 10;
/** What can be filled in any case. */
const SPARE_BYTES = 2;
/** What a Cluster of one block has beside its sample, at most. */
const UNIT_EXTRA_BYTES = BLOCK_EXTRA_BYTES + 32;
const MAX_SAMPLE_BYTES = 0x7FFF_FF00;
/** Microseconds that ticks can count. */
const LATEST_TIME = Number.MAX_SAFE_INTEGER / 2;
/** In WebM a cue has an identifier and settings in front, a line each. */
const WEBVTT_IN_WEBM = "D_WEBVTT/SUBTITLES";
const NO_CUE_SETTINGS = /* @__PURE__ */ Uint8Array.of(0x0A, 0x0A);

/** One session's Matroska. */
export class MatroskaMuxer implements Muxer {
  readonly #settings: MatroskaSettings;
  /** In the caller's order. */
  readonly #all: readonly MatroskaTrack[];
  /** Those of the header. */
  #tracks: readonly MatroskaTrack[] = [];
  #clusters!: Clusters;
  #maxSampleBytes = MAX_SAMPLE_BYTES;
  /** How much later than in the session things are in a file that has all of it, microseconds. */
  #shift = 0;
  /** How much later than the caller says. */
  #markerShift = 0;
  /** Where files begin that begin in the middle, counted from the first Cluster, by the number of theirs. */
  readonly #begins = new Map<number, number>();
  readonly #pieces = new Pieces();
  readonly #headerRoom = new HeaderRoom();

  constructor(settings: MatroskaSettings, streams: readonly NumberedStream[]) {
    this.#settings = settings;
    this.#all = streams.map((config) => new MatroskaTrack(config, settings.codecs));
  }

  describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    return this.#all[stream]!.describe(metadata, data);
  }

  missing(stream: number): string {
    return this.#all[stream]!.missing();
  }

  redescribe(stream: number, metadata: ChunkMetadata): undefined {
    this.#all[stream]!.checkChange(metadata);
  }

  begin(opening: Opening): Packetizer {
    const { present, presentationStart = 0, firstTimestamps = [], trimStarts = [], maxUnitBytes = Infinity } = opening;
    this.#tracks = this.#all.filter((track, i) => present[i] && track.isDescribed);
    let least = 0;
    this.#all.forEach((track, i) => {
      if (!this.#tracks.includes(track)) return;
      const { [i]: begun = NaN } = firstTimestamps;
      const first = track.begin(Number.isNaN(begun) ? Infinity : begun, trimStarts[i] ?? 0, presentationStart);
      if (first < least) least = first;
    });
    for (const track of this.#tracks) track.shift(-least);
    this.#shift = -presentationStart - least;
    this.#markerShift = -least;
    this.#maxSampleBytes = Math.min(MAX_SAMPLE_BYTES, Math.max(0, maxUnitBytes - UNIT_EXTRA_BYTES));
    const { isWebm, clusterChecksums } = this.#settings;
    return this.#clusters = new Clusters(this.#all, this.#tracks, {
      hasChecksums: clusterChecksums,
      isSorted: isWebm,
      maxUnitBytes,
    });
  }

  plan({ canPatch, takesTrailer, skips }: SinkAbilities): Plan {
    const isFinal = canPatch && !skips;
    const hasTrailer = isFinal && takesTrailer && this.#settings.cues === "back";
    return { form: isFinal ? "final" : "live", trailer: hasTrailer ? "optional" : "none" };
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = this.#headerFacts(output);
    if (output.plan.form === "live") {
      const header = encodeHeader(facts);
      checkHeaderBytes(header.byteLength, maxHeaderBytes);
      return header;
    }
    const least = this.#leastHeaderBytes(facts);
    checkHeaderBytes(least, maxHeaderBytes);
    const byteLength = Math.min(maxHeaderBytes, least + this.#settings.headerReserveBytes);
    const header = encodeHeader(facts, isFillable(byteLength - least) ? byteLength : least);
    this.#headerRoom.add(header.byteLength);
    return header;
  }

  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const track = this.#all[stream]!;
    const { framing } = track.description;
    const pieces = this.#pieces;
    pieces.clear();
    if (framing !== undefined) framing(data, isKey, pieces);
    else {
      if (track.description.id === WEBVTT_IN_WEBM) pieces.add(NO_CUE_SETTINGS);
      pieces.add(data);
    }
    if (!track.isText || pieces.byteLength > this.#maxSampleBytes) {
      checkUnitBytes(track.id, pieces.byteLength, this.#maxSampleBytes);
    }
    return pieces;
  }

  checkTimes(stream: number, timestamp: number, decodeTimestamp: number): void {
    const latest = Math.max(timestamp, decodeTimestamp);
    if (latest <= LATEST_TIME) return;
    throw sampleError("too-large", this.#all[stream]!.id, `its time ${latest} µs is too late`, timestamp);
  }

  localize(bytes: Uint8Array<ArrayBuffer>, { firstUnit: unit }: DataInfo, { firstUnit, timeBase }: LocalCopy): void {
    if (unit === firstUnit) this.#begins.set(unit, this.#clusters.offsetOf(unit)!);
    rebaseClusters(bytes, this.#baseTicks(timeBase));
  }

  trailer(output: OutputFacts): Uint8Array<ArrayBuffer>[] {
    const firstAt = output.headerBytes - segmentBodyAt(this.#settings.isWebm);
    const cues = this.#cues(output).map((cue) => ({ ...cue, position: cue.position + firstAt }));
    return cues.length === 0 ? [] : [encodeCues(cues, this.#clusters.mainTrack.id)];
  }

  patches(output: OutputFacts): readonly Patch[] {
    if (output.plan.form !== "final") return [];
    const { headerBytes, dataBytes, trailerBytes } = output;
    const outcome: HeaderOutcome = {
      duration: this.#durationTicks(output),
      byteLength: dataBytes + trailerBytes,
      cuesOffset: trailerBytes > 0 ? dataBytes : undefined,
      cues: this.#settings.cues === "front" ? this.#cues(output) : undefined,
    };
    return [{ offset: 0, bytes: encodeHeader({ ...this.#headerFacts(output), outcome }, headerBytes) }];
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    if (this.#headerRoom.isEmpty) return undefined;
    const byteLength = this.#leastHeaderBytes(this.#headerFacts({ metadata, timeBase: 0 }));
    const size = this.#headerRoom.tooSmall(byteLength, isFillable);
    return size === undefined ? undefined : { reason: `header has room for ${size} bytes, got ${byteLength}` };
  }

  /** Of a header that is completed at the end. */
  #leastHeaderBytes(facts: HeaderFacts): number {
    const tracks = facts.tracks.map((track) => ({ ...track, frameNs: 0xFFFF_FFFF })); // as large as it can become
    const { byteLength } = encodeHeader({ ...facts, tracks, outcome: { duration: 0, byteLength: 0 } }, 0);
    return byteLength + SPARE_BYTES + (this.#settings.cues === "front" ? CUE_ROOM_BYTES : 0);
  }

  #baseTicks(timeBase: number): number {
    return timeBase > 0 ? Math.round((timeBase + this.#shift) / TICK_US) : 0;
  }

  /** Places to begin in one sink's file, their positions counted from its first Cluster. */
  #cues({ firstUnit, unitCount, timeBase }: OutputFacts): Cue[] {
    const begin = firstUnit === 0 ? 0 : this.#begins.get(firstUnit)!;
    const ticks = this.#baseTicks(timeBase);
    return Array.from(
      this.#clusters.cues.within(firstUnit, firstUnit + unitCount),
      ({ offset, time, relative }) => ({ time: Math.max(0, time - ticks), position: offset - begin, relative }),
    );
  }

  #durationTicks({ timeBase, end = Infinity }: OutputFacts): number {
    const ends = this.#tracks.map((track) => Math.min(track.end, end + this.#shift + track.delayNs / 1000));
    return Math.max(1, Math.max(...ends) / TICK_US - this.#baseTicks(timeBase)); // not rounded: readers cut sound there
  }

  #headerFacts(
    { metadata, timeBase, unitCount = 0 }: Pick<OutputFacts, "metadata" | "timeBase"> & Partial<OutputFacts>,
  ): HeaderFacts {
    const { isWebm, creationTime } = this.#settings;
    return {
      isWebm,
      creationTime,
      metadata,
      tracks: this.#tracks.map((track) => ({
        config: track.config,
        description: track.description,
        delayNs: track.delayNs,
        frameNs: track.frameNs(unitCount > 0),
      })),
      markerShift: timeBase > 0 ? this.#markerShift - timeBase - this.#shift : this.#markerShift,
      cueTrackId: this.#clusters.mainTrack.id,
    };
  }
}
