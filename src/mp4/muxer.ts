/**
 * The fragmented MP4 muxer.
 *
 * @module
 */

import type {
  Chunk,
  Muxer,
  MuxSample,
  NumberedStream,
  Opening,
  OutputFacts,
  Patch,
  Plan,
  SinkCapabilities,
  StreamFacts,
} from "../container/container.ts";
import { MuxError } from "../errors.ts";
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
  #begun: Fragments | undefined;
  /** As `Opening.presentationStart`. */
  #presentationStart = 0;
  /** Whether pictures lie before that. */
  #hidesVideo = false;
  readonly #pieces = new Pieces();
  #maxSampleBytes = MAX_SAMPLE_BYTES;
  /** Sizes of headers given out that are to be completed at the end. */
  readonly #headerSizes = new Set<number>();

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

  begin({ present, presentationStart = 0, firstTimestamps = [], maxUnitBytes }: Opening): void {
    this.#presentationStart = presentationStart;
    this.#hidesVideo = this.#all.some(({ isVideo }, i) => isVideo && firstTimestamps[i]! < presentationStart);
    this.#tracks = this.#all.filter((track, i) => present[i] && track.isDescribed);
    if (maxUnitBytes !== undefined) this.#maxSampleBytes = Math.max(0, maxUnitBytes - FRAGMENT_OVERHEAD_BYTES);
    const duration = this.#settings.fragmentDurationMs * 1000;
    this.#begun = new Fragments(this.#tracks, { duration, maxUnitBytes });
  }

  plan({ canPatch, canIndex }: SinkCapabilities): Plan {
    return { form: canPatch ? "final" : "live", index: canPatch && canIndex ? "appended" : "none" };
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = this.#headerFacts(output);
    const isFinal = output.plan.form === "final";
    const { byteLength: least } = encodeHeader(isFinal ? { ...facts, outcome: this.#largestOutcome() } : facts);
    if (least > maxHeaderBytes) {
      throw new MuxError(
        "too-large",
        `Cannot write header: the sink takes at most ${maxHeaderBytes} bytes, got ${least}`,
      );
    }
    if (!isFinal) return encodeHeader(facts);
    const byteLength = Math.min(maxHeaderBytes, least + 8 + this.#settings.headerReserveBytes);
    const header = encodeHeader(facts, byteLength);
    this.#headerSizes.add(header.byteLength);
    return header;
  }

  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const track = this.#all[stream]!;
    const { framing } = track.description;
    const pieces = this.#pieces;
    pieces.clear();
    if (framing === undefined) pieces.add(data);
    else framing(data, isKey, pieces);
    const { byteLength } = pieces;
    if (byteLength > 0 && byteLength <= this.#maxSampleBytes) return pieces;
    const streamNumber = track.id;
    throw byteLength === 0
      ? new MuxError("bad-media", `Cannot write sample to stream ${streamNumber}: it has no bytes`, { streamNumber })
      : new MuxError(
        "too-large",
        `Cannot write sample to stream ${streamNumber}: must have at most ${this.#maxSampleBytes} bytes, got ${byteLength}`,
        { streamNumber },
      );
  }

  checkTimes(stream: number, timestamp: number, decodeTimestamp: number): void {
    const track = this.#all[stream]!;
    const latest = Math.max(timestamp, decodeTimestamp);
    if (track.toTicks(latest) > Number.MAX_SAFE_INTEGER) {
      throw new MuxError("too-large", `Cannot write sample to stream ${track.id}: its time ${latest} µs is too late`, {
        streamNumber: track.id,
        timestamp,
      });
    }
    // A composition offset has 31 bits and a sign.
    if (track.toTicks(timestamp - decodeTimestamp) + track.delay > 0x7FFF_FFFF) {
      throw new MuxError(
        "too-large",
        `Cannot write sample to stream ${track.id}: it is decoded ${timestamp - decodeTimestamp} µs before it is shown`,
        { streamNumber: track.id, timestamp },
      );
    }
  }

  write(sample: MuxSample): boolean {
    const track = this.#all[sample.stream]!;
    track.count(sample);
    return this.#fragments().write(track, sample);
  }

  resume(): boolean {
    return this.#fragments().resume();
  }

  get hasRoom(): boolean {
    return this.#fragments().hasRoom;
  }

  get hasChunk(): boolean {
    return this.#fragments().hasChunk;
  }

  get heldTimestamp(): number {
    return this.#fragments().heldTimestamp;
  }

  closeUnit(): void {
    this.#fragments().flush();
  }

  nextChunk(): Chunk | undefined {
    return this.#fragments().nextChunk();
  }

  get unitCount(): number {
    return this.#fragments().unitCount;
  }

  get duration(): number {
    return Math.max(0, ...this.#tracks.map(({ extent }) => extent.end));
  }

  finish(): void {
    this.#fragments().flush();
  }

  rebase(bytes: Uint8Array<ArrayBuffer>, _info: Chunk["info"], timeBase: number): void {
    rebaseFragments(bytes, (trackId) => this.#tracks.find(({ id }) => id === trackId)!.toTicks(timeBase));
  }

  *index(output: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    const { plan, firstUnit, unitCount, headerBytes, dataBytes, timeBase } = output;
    if (plan.index !== "appended") return;
    const { offsets, entryPoints, mainTrack } = this.#fragments();
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

  checkMetadata(metadata: Metadata): string | undefined {
    const { trackNumber = 1 } = metadata;
    if (trackNumber > MAX_TRACK_NUMBER) {
      return `trackNumber must be at most ${MAX_TRACK_NUMBER} in MP4, got ${trackNumber}`;
    }
    if (this.#headerSizes.size === 0) return undefined;
    const facts = this.#headerFacts({ metadata, timeBase: 0, plan: { form: "final", index: "none" } });
    const { byteLength } = encodeHeader({ ...facts, outcome: this.#largestOutcome() });
    for (const size of this.#headerSizes) {
      if (!isPaddable(size - byteLength)) return `header has room for ${size} bytes, got ${byteLength}`;
    }
    return undefined;
  }

  #fragments(): Fragments {
    if (this.#begun === undefined) throw new Error("Cannot use the muxer: it has not begun");
    return this.#begun;
  }

  /** What makes the header as large as it can become without new metadata. */
  #largestOutcome(): HeaderOutcome {
    return { duration: 0, lengths: this.#tracks.map(() => ({ media: 0, shown: 0 })), start: 1 };
  }

  /**
   * The presentation begins at its first presentation time where decoding alone begins before: an edit list says so. A
   * file that begins in the middle of a session does without.
   */
  #outcome({ timeBase, firstUnit }: OutputFacts): HeaderOutcome {
    const first = Math.min(...this.#tracks.map(({ earliestTimestamp }) => earliestTimestamp));
    const decodeStart = Math.min(...this.#tracks.map(({ earliestDecodeTimestamp }) => earliestDecodeTimestamp));
    const isDelayed = firstUnit === 0 && decodeStart === 0 && first < Infinity;
    const latest = Math.max(this.#presentationStart, isDelayed ? first : 0);
    const start = timeBase > 0 || latest >= this.duration ? 0 : latest; // something is to be shown
    return {
      duration: Math.max(0, Math.round(this.duration - timeBase - start)),
      lengths: this.#tracks.map(({ extent: { end }, earliestTimestamp }) => {
        const begin = Math.max(timeBase, earliestTimestamp);
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
