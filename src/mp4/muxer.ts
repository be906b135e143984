/**
 * The fragmented MP4 muxer.
 *
 * @module
 */

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
import { Pieces } from "../bytes/pieces.ts";
import { missingIso } from "../media/mappings/isobmff.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { Fragments, SEGMENT_TYPE_BYTES } from "./fragments.ts";
import { encodeHeader, type HeaderFacts, type HeaderOutcome, isPaddable } from "./header.ts";
import { encodeRandomAccess } from "./random_access.ts";
import { rebaseFragments } from "./rebase.ts";
import { Mp4Track } from "./track.ts";

/** {@linkcode Mp4Options} with every value settled. */
export interface Mp4Settings {
  readonly fragmentDurationMs: number;
  readonly headerReserveBytes: number;
  readonly creationTime: Date;
}

/** What a fragment of one sample has beside that sample, at most. */
const FRAGMENT_OVERHEAD_BYTES = 256;
/** Samples state their size in 32 bits, and so does their box. */
const MAX_SAMPLE_BYTES = 0x7FFF_FFFF;
/** `trkn` has 16 bits for it. */
const MAX_TRACK_NUMBER = 0xFFFF;

/** One session's MP4. */
export class Mp4Muxer implements Muxer {
  readonly #settings: Mp4Settings;
  /** In the caller's order. */
  readonly #all: readonly Mp4Track[];
  /** Those of the header. */
  #tracks: readonly Mp4Track[] = [];
  #fragments!: Fragments;
  /** As `Opening.presentationStart`. */
  #presentationStart = 0;
  /** Whether pictures lie before that. */
  #hidesVideo = false;
  readonly #pieces = new Pieces();
  #maxSampleBytes = MAX_SAMPLE_BYTES;
  readonly #headerRoom = new HeaderRoom();

  constructor(settings: Mp4Settings, streams: readonly NumberedStream[]) {
    this.#settings = settings;
    this.#all = streams.map((config) => new Mp4Track(config));
  }

  describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    return this.#all[stream]!.describe(metadata, data);
  }

  missing(stream: number): string {
    return missingIso(this.#all[stream]!.config);
  }

  begin({ present, presentationStart = 0, firstTimestamps = [], maxUnitBytes = Infinity }: Opening): Packetizer {
    this.#presentationStart = presentationStart;
    this.#hidesVideo = this.#all.some(({ isVideo }, i) => isVideo && firstTimestamps[i]! < presentationStart);
    this.#tracks = this.#all.filter((track, i) => present[i] && track.isDescribed);
    this.#maxSampleBytes = Math.min(this.#maxSampleBytes, Math.max(0, maxUnitBytes - FRAGMENT_OVERHEAD_BYTES));
    const duration = this.#settings.fragmentDurationMs * 1000;
    return this.#fragments = new Fragments(this.#all, this.#tracks, { duration, maxUnitBytes });
  }

  plan({ canPatch, takesTrailer, skips }: SinkAbilities): Plan {
    const isFinal = canPatch && !skips;
    return { form: isFinal ? "final" : "live", trailer: isFinal && takesTrailer ? "optional" : "none" };
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = this.#headerFacts(output);
    const isFinal = output.plan.form === "final";
    const { byteLength: least } = encodeHeader(isFinal ? { ...facts, outcome: this.#largestOutcome() } : facts);
    checkHeaderBytes(least, maxHeaderBytes);
    if (!isFinal) return encodeHeader(facts);
    const byteLength = Math.min(maxHeaderBytes, least + 8 + this.#settings.headerReserveBytes);
    const header = encodeHeader(facts, byteLength);
    this.#headerRoom.add(header.byteLength);
    return header;
  }

  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const track = this.#all[stream]!;
    const { framing } = track.description;
    const pieces = this.#pieces;
    pieces.clear();
    if (framing === undefined) pieces.add(data);
    else framing(data, isKey, pieces);
    checkUnitBytes(track.id, pieces.byteLength, this.#maxSampleBytes);
    return pieces;
  }

  checkTimes(stream: number, timestamp: number, decodeTimestamp: number): void {
    const track = this.#all[stream]!;
    const latest = Math.max(timestamp, decodeTimestamp);
    if (track.toTicks(latest) > Number.MAX_SAFE_INTEGER) {
      throw sampleError("too-large", track.id, `its time ${latest} µs is too late`, timestamp);
    }
    // A composition offset has 31 bits and a sign.
    const lead = timestamp - decodeTimestamp;
    if (track.toTicks(lead) + track.delay > 0x7FFF_FFFF) {
      throw sampleError("too-large", track.id, `it is decoded ${lead} µs before it is shown`, timestamp);
    }
  }

  localize(bytes: Uint8Array<ArrayBuffer>, _info: unknown, { timeBase }: LocalCopy): void {
    rebaseFragments(bytes, (trackId) => this.#tracks.find(({ id }) => id === trackId)!.toTicks(timeBase));
  }

  *trailer(output: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    const { firstUnit, unitCount, headerBytes, dataBytes, timeBase } = output;
    const { offsets, entryPoints, mainTrack } = this.#fragments;
    const begin = offsets[firstUnit]!;
    if (offsets[firstUnit + unitCount] !== begin + dataBytes) return; // it has skipped some: nothing is where it was
    const base = mainTrack.toTicks(timeBase);
    const entries = entryPoints.filter(({ unit }) => unit >= firstUnit && unit < firstUnit + unitCount)
      .map(({ unit, time, trafNumber }) => ({
        time: Math.max(0, time - base),
        moofOffset: headerBytes + offsets[unit]! - begin + SEGMENT_TYPE_BYTES,
        trafNumber,
      }));
    if (entries.length > 0) yield encodeRandomAccess(mainTrack.id, entries);
  }

  patches(output: OutputFacts): readonly Patch[] {
    if (output.plan.form !== "final") return [];
    const facts = { ...this.#headerFacts(output), outcome: this.#outcome(output) };
    return [{ offset: 0, bytes: encodeHeader(facts, output.headerBytes) }];
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    const { trackNumber = 1 } = metadata;
    if (trackNumber > MAX_TRACK_NUMBER) {
      return { reason: `trackNumber must be at most ${MAX_TRACK_NUMBER} in MP4, got ${trackNumber}` };
    }
    if (this.#headerRoom.isEmpty) return undefined;
    const facts = this.#headerFacts({ metadata, timeBase: 0, plan: { form: "final", trailer: "none" } });
    const { byteLength } = encodeHeader({ ...facts, outcome: this.#largestOutcome() });
    const size = this.#headerRoom.tooSmall(byteLength, isPaddable);
    return size === undefined ? undefined : { reason: `header has room for ${size} bytes, got ${byteLength}` };
  }

  /** What makes the header as large as it can become without new metadata. */
  #largestOutcome(): HeaderOutcome {
    return { duration: 0, lengths: this.#tracks.map(() => ({ media: 0, shown: 0 })), start: 1 };
  }

  /**
   * The presentation begins at its first presentation time where decoding alone begins before: an edit list says so. A
   * file that begins in the middle of a session does without.
   */
  #outcome({ timeBase, firstUnit, end: duration = this.#fragments.duration }: OutputFacts): HeaderOutcome {
    const first = Math.min(...this.#tracks.map(({ extent }) => extent.earliestTimestamp));
    const decodeStart = Math.min(...this.#tracks.map(({ earliestDecodeTimestamp }) => earliestDecodeTimestamp));
    const isDelayed = firstUnit === 0 && decodeStart === 0 && first < Infinity;
    const latest = Math.max(this.#presentationStart, isDelayed ? first : 0);
    const start = timeBase > 0 || latest >= duration ? 0 : latest; // something is to be shown
    return {
      duration: Math.max(0, Math.round(duration - timeBase - start)),
      lengths: this.#tracks.map(({ extent }) => {
        const end = Math.min(extent.end, duration);
        const begin = Math.max(timeBase, extent.earliestTimestamp);
        return { media: Math.max(0, end - begin), shown: Math.max(0, end - Math.max(begin, start)) };
      }),
      start,
    };
  }

  /**
   * Media Source Extensions drop pictures before zero with all that depends on them, so in the live form everything is
   * shown where that would be any.
   */
  #headerFacts({ metadata, timeBase, plan }: Pick<OutputFacts, "metadata" | "timeBase" | "plan">): HeaderFacts {
    const isShownWhole = timeBase > 0 || (plan.form === "live" && this.#hidesVideo);
    const { creationTime } = this.#settings;
    const tracks = this.#tracks.map((track) => ({
      id: track.id,
      description: track.description,
      timeScale: track.timeScale,
      delay: track.delay,
      language: track.config.language,
      rotation: track.config.kind === "video" ? track.config.rotation : undefined,
    }));
    return { tracks, creationTime, metadata, start: isShownWhole ? 0 : this.#presentationStart };
  }
}
