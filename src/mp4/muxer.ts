/**
 * The MP4 muxer.
 *
 * @module
 */

import type {
  Header,
  LocalCopy,
  Muxer,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Patches,
  Plan,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { checkUnitBytes } from "../container/checks.ts";
import { checkHeaderBytes, HeaderRoom } from "../container/header_room.ts";
import { type Problem, sampleError } from "../errors.ts";
import { concatBytes } from "../bytes/bytes.ts";
import { Pieces } from "../bytes/pieces.ts";
import { missingIso } from "../media/mappings/isobmff.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { BOX_HEAD_BYTES } from "./box.ts";
import { BoxWriter } from "./box_writer.ts";
import type { Mp4Family } from "./file_type.ts";
import { Fragments, SEGMENT_TYPE_BYTES } from "./fragments.ts";
import { encodeFileType, encodeMovieHeader, isPaddable } from "./header.ts";
import { encodeFreeHead, encodeMediaData, encodeOpenMediaData, MEDIA_DATA_ROOM } from "./media_data.ts";
import { type MovieFacts, writeMovie } from "./movie_box.ts";
import { PieceWriter } from "./piece_writer.ts";
import { predictMovieBytes } from "./prediction.ts";
import { encodeRandomAccess } from "./random_access.ts";
import { rebaseFragments } from "./rebase.ts";
import { MAX_STEP, SampleIndex } from "./sample_index.ts";
import { Mp4Track } from "./track.ts";
import { describeWhole } from "./whole_movie.ts";

/** What a file is while it is written, and what it becomes. */
export type Mp4Layout = "crash-safe" | "plain" | "fragmented";

/** {@linkcode Mp4Options} with every value settled. */
export interface Mp4Settings {
  readonly family: Mp4Family;
  readonly layout: Mp4Layout;
  readonly fragmentDurationMs: number;
  readonly headerReserveBytes: number;
  /** For tables in front of the samples, bytes or how long it all is going to be; absent: they go behind. */
  readonly moov?: { readonly reserveBytes: number } | { readonly durationMs: number };
  readonly creationTime: Date;
}

/** Ticks a second of what is said of the whole in front of fragments. */
const FRAGMENTED_SCALE = 1_000_000;
/** How long the runs of samples are that are no fragments, microseconds. */
const RUN_DURATION = 500_000;

/** What is known of a file at its end. Readers that look at no fragment find the durations in the boxes of the movie. */
interface Outcome {
  /** Length of the presentation, in microseconds. */
  readonly duration: number;
  /** Of each track, microseconds: length of its media, and of what is shown of them. */
  readonly lengths: readonly { readonly media: number; readonly shown: number }[];
  /** Where the presentation begins in the media, microseconds: before, its first presentation time was not known. */
  readonly start: number;
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
  /** In front of the samples, for the movie. */
  #reserveBytes = 0;

  constructor(settings: Mp4Settings, streams: readonly NumberedStream[]) {
    this.#settings = settings;
    this.#all = streams.map((config) => new Mp4Track(config, settings.family === "mov"));
  }

  describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    return this.#all[stream]!.describe(metadata, data);
  }

  missing(stream: number): string {
    return missingIso(this.#all[stream]!.config);
  }

  begin(
    { metadata, present, presentationStart = 0, firstTimestamps = [], maxUnitBytes = Infinity }: Opening,
  ): Packetizer {
    this.#presentationStart = presentationStart;
    this.#hidesVideo = this.#all.some(({ isVideo }, i) => isVideo && firstTimestamps[i]! < presentationStart);
    this.#tracks = this.#all.filter((track, i) => present[i] && track.isDescribed);
    this.#maxSampleBytes = Math.min(this.#maxSampleBytes, Math.max(0, maxUnitBytes - FRAGMENT_OVERHEAD_BYTES));
    const { layout, moov } = this.#settings;
    if (moov !== undefined && layout !== "fragmented") {
      this.#reserveBytes = "reserveBytes" in moov
        ? moov.reserveBytes
        : predictMovieBytes(this.#tracks, metadata, moov.durationMs);
    }
    const hasHeads = layout !== "plain";
    const hasIndex = layout === "fragmented";
    const duration = hasHeads ? this.#settings.fragmentDurationMs * 1000 : RUN_DURATION;
    return this.#fragments = new Fragments(this.#all, this.#tracks, { duration, maxUnitBytes, hasHeads, hasIndex });
  }

  plan({ canPatch, takesTrailer, skips }: SinkAbilities): Plan {
    const isFinal = canPatch && !skips;
    const { layout } = this.#settings;
    if (isFinal && takesTrailer && layout !== "fragmented") {
      for (const track of this.#tracks) track.index ??= new SampleIndex();
    }
    const trailer = layout === "plain" ? "required" : "optional";
    return { form: isFinal ? "final" : "live", trailer: isFinal && takesTrailer ? trailer : "none" };
  }

  /** Whether the fragments at a sink become an ordinary file. */
  #isCrashSafe({ form, trailer }: Plan): boolean {
    return this.#settings.layout === "crash-safe" && form === "final" && trailer !== "none";
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Header {
    const { plan } = output;
    const isPlain = this.#settings.layout === "plain";
    const fileType = this.#fileType(!isPlain);
    if (isPlain) {
      const front = this.#front(fileType, [encodeOpenMediaData()]);
      checkHeaderBytes(this.#frontBytes(fileType), maxHeaderBytes);
      return front;
    }
    const hasRoom = this.#isCrashSafe(plan);
    const frontBytes = hasRoom ? this.#frontBytes(fileType) : fileType.byteLength;
    const facts = this.#fragmentedFacts(output);
    const isFinal = plan.form === "final";
    const largest = isFinal ? this.#fragmentedFacts(output, this.#largestOutcome()) : facts;
    const least = frontBytes + encodeMovieHeader(largest).byteLength;
    checkHeaderBytes(least, maxHeaderBytes);
    if (!isFinal) return concatBytes(fileType, encodeMovieHeader(facts));
    const byteLength = Math.min(maxHeaderBytes, least + 8 + this.#settings.headerReserveBytes);
    const movie = encodeMovieHeader(facts, byteLength - frontBytes);
    if (hasRoom) return this.#front(fileType, [new Uint8Array(MEDIA_DATA_ROOM - BOX_HEAD_BYTES), movie]);
    const header = concatBytes(fileType, movie);
    this.#headerRoom.add(header.byteLength);
    return header;
  }

  #fileType(isFragmented: boolean): Uint8Array<ArrayBuffer> {
    return encodeFileType(this.#tracks, this.#settings.family, isFragmented);
  }

  /** Of the name and the room behind it. */
  #frontBytes({ byteLength }: Uint8Array): number {
    return byteLength + this.#reserveBytes + MEDIA_DATA_ROOM;
  }

  /** The name, and the room, of which `rest` is what stands behind the place for the movie. */
  #front(fileType: Uint8Array<ArrayBuffer>, rest: readonly Uint8Array<ArrayBuffer>[]): Header {
    const endBytes = this.#settings.layout === "plain" ? MEDIA_DATA_ROOM - BOX_HEAD_BYTES : 0;
    const head = concatBytes(fileType, encodeFreeHead(MEDIA_DATA_ROOM + this.#reserveBytes - endBytes));
    if (this.#reserveBytes === 0) return concatBytes(head, ...rest);
    return [head, { reserve: this.#reserveBytes }, concatBytes(...rest)];
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

  /** A sample entry says what all samples are: another would have to be in a header that is written. */
  redescribe(stream: number, metadata: ChunkMetadata, data: Uint8Array): undefined {
    const track = this.#all[stream]!;
    if (!track.isChangedBy(metadata, data)) return;
    const reason = "its decoder's description is another from here on, which takes another file";
    throw sampleError("unsupported", track.id, reason);
  }

  checkTimes(stream: number, timestamp: number, decodeTimestamp: number): void {
    const track = this.#all[stream]!;
    const latest = Math.max(timestamp, decodeTimestamp);
    if (track.toTicks(latest) > Number.MAX_SAFE_INTEGER) {
      throw sampleError("too-large", track.id, `its time ${latest} µs is too late`, timestamp);
    }
    // Fragments say where they begin, tables how far it is from sample to sample.
    const gap = track.toTicks(decodeTimestamp - track.latestDecodeTimestamp);
    if (this.#settings.layout === "plain" && gap > MAX_STEP) {
      const [seconds, most] = [gap, MAX_STEP].map((ticks) => Math.floor(ticks / track.timeScale));
      const reason = `it must follow within ${most} s the one before it, follows after ${seconds}`;
      throw sampleError("too-large", track.id, reason, timestamp);
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
    const { firstUnit, unitCount, dataBytes } = output;
    const { offsets } = this.#fragments;
    // It has skipped some: nothing is where it was.
    if (offsets.at(firstUnit + unitCount) !== offsets.at(firstUnit) + dataBytes) return;
    if (this.#settings.layout === "fragmented") yield* this.#randomAccess(output);
    else {
      const movie = this.#movie(output);
      if (!this.#fitsInFront(movie)) yield* movie.pieces(new PieceWriter());
    }
  }

  *#randomAccess({ firstUnit, unitCount, headerBytes, timeBase }: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    const { offsets, entryPoints, mainTrack } = this.#fragments;
    const begin = offsets.at(firstUnit);
    const base = mainTrack.toTicks(timeBase);
    const entries = entryPoints.filter(({ unit }) => unit >= firstUnit && unit < firstUnit + unitCount)
      .map(({ unit, time, trafNumber }) => ({
        time: Math.max(0, time - base),
        moofOffset: headerBytes + offsets.at(unit) - begin + SEGMENT_TYPE_BYTES,
        trafNumber,
      }));
    if (entries.length > 0) yield encodeRandomAccess(mainTrack.id, entries);
  }

  /** The movie of all samples that a sink has. @throws {MuxError} `too-large` for what tables cannot say. */
  #movie(output: OutputFacts): BoxWriter {
    const { firstUnit, headerBytes } = output;
    const facts = describeWhole(this.#tracks, {
      ...output,
      creationTime: this.#settings.creationTime,
      start: this.#outcome(output).start,
      isQuickTime: this.#settings.family === "mov",
      placeShift: headerBytes - this.#fragments.offsets.at(firstUnit),
    });
    const w = new BoxWriter();
    writeMovie(w, facts);
    return w;
  }

  #fitsInFront(movie: BoxWriter): boolean {
    return this.#reserveBytes > 0 && isPaddable(this.#reserveBytes - movie.byteLength);
  }

  *patches(output: OutputFacts): Patches {
    const { plan, trailerBytes } = output;
    if (plan.form !== "final") return;
    const isPlain = this.#settings.layout === "plain";
    if (!isPlain && !this.#isCrashSafe(plan)) {
      yield {
        offset: 0,
        bytes: concatBytes(this.#fileType(true), this.#finalMovie(output, this.#fileType(true).byteLength)),
      };
    } else if (trailerBytes > 0) {
      yield* this.#moovBehind(output);
    } else if (!(yield* this.#moovInFront(output))) {
      const offset = this.#frontBytes(this.#fileType(true));
      yield { offset, bytes: this.#finalMovie(output, offset) };
    }
  }

  /**
   * The fragments count until the tables are on the medium: what changes that is one write, less than any medium tears
   * apart.
   */
  *#moovBehind({ headerBytes, dataBytes }: OutputFacts): Patches & Generator {
    const fileType = this.#fileType(false);
    const offset = fileType.byteLength;
    yield "sync";
    yield { offset, bytes: encodeMediaData(headerBytes + dataBytes - offset - MEDIA_DATA_ROOM) };
    yield { offset: 0, bytes: fileType };
  }

  /** The same with the tables in the room in front: one write reveals them. Answers whether they are there. */
  *#moovInFront(output: OutputFacts): Generator<Patch | "sync", boolean> {
    if (this.#reserveBytes === 0) return false;
    let movie: BoxWriter;
    try {
      movie = this.#movie(output);
    } catch {
      return false; // the trailer has said so
    }
    if (!this.#fitsInFront(movie)) return false;
    const { headerBytes, dataBytes } = output;
    const fileType = this.#fileType(false);
    const start = fileType.byteLength;
    const mediaDataAt = start + this.#reserveBytes;
    let at = start;
    let head: Uint8Array<ArrayBuffer> | undefined;
    for (const piece of movie.pieces(new PieceWriter())) {
      const isFirst = head === undefined;
      head ??= piece.slice(0, BOX_HEAD_BYTES);
      yield isFirst
        ? { offset: at + BOX_HEAD_BYTES, bytes: piece.subarray(BOX_HEAD_BYTES) }
        : { offset: at, bytes: piece };
      at += piece.byteLength;
    }
    if (at < mediaDataAt) yield { offset: at, bytes: encodeFreeHead(mediaDataAt - at) };
    yield { offset: mediaDataAt, bytes: encodeMediaData(headerBytes + dataBytes - mediaDataAt - MEDIA_DATA_ROOM) };
    yield "sync";
    yield { offset: start, bytes: head! };
    yield { offset: 0, bytes: fileType };
    return true;
  }

  /** The movie in front of fragments, with the metadata that came late as far as there is room for them. */
  #finalMovie(output: OutputFacts, offset: number): Uint8Array<ArrayBuffer> {
    const byteLength = output.headerBytes - offset;
    const facts = this.#fragmentedFacts(output, this.#outcome(output));
    const movie = encodeMovieHeader(facts, byteLength);
    return movie.byteLength === byteLength ? movie : encodeMovieHeader({ ...facts, metadata: {} }, byteLength);
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    const { trackNumber = 1 } = metadata;
    if (trackNumber > MAX_TRACK_NUMBER) {
      return { reason: `trackNumber must be at most ${MAX_TRACK_NUMBER} in MP4, got ${trackNumber}` };
    }
    if (this.#headerRoom.isEmpty) return undefined;
    const output = { metadata, timeBase: 0, plan: { form: "final", trailer: "none" } } as const;
    const facts = this.#fragmentedFacts(output, this.#largestOutcome());
    const byteLength = this.#fileType(true).byteLength + encodeMovieHeader(facts).byteLength;
    const size = this.#headerRoom.tooSmall(byteLength, isPaddable);
    return size === undefined ? undefined : { reason: `header has room for ${size} bytes, got ${byteLength}` };
  }

  /** What makes the header as large as it can become without new metadata. */
  #largestOutcome(): Outcome {
    return { duration: 0, lengths: this.#tracks.map(() => ({ media: 0, shown: 0 })), start: 1 };
  }

  /**
   * The presentation begins at its first presentation time where decoding alone begins before: an edit list says so. A
   * file that begins in the middle of a session does without.
   */
  #outcome({ timeBase, firstUnit, end: duration = this.#fragments.duration }: OutputFacts): Outcome {
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
  #fragmentedFacts(
    { metadata, timeBase, plan }: Pick<OutputFacts, "metadata" | "timeBase" | "plan">,
    outcome?: Outcome,
  ): MovieFacts {
    const isShownWhole = timeBase > 0 || (plan.form === "live" && this.#hidesVideo);
    const start = outcome?.start ?? (isShownWhole ? 0 : this.#presentationStart);
    const tracks = this.#tracks.map((track, i) => {
      const { media = 0, shown = 0 } = outcome?.lengths[i] ?? {};
      const mediaTime = track.delay + track.toTicks(start);
      return {
        ...track.facts,
        mediaDuration: track.toTicks(media),
        shownDuration: Math.round(shown),
        edits: start > 0 || track.delay > 0 ? [{ duration: 0, mediaTime }] : [],
      };
    });
    const { creationTime, family } = this.#settings;
    const duration = outcome?.duration;
    return {
      tracks,
      creationTime,
      metadata,
      timeScale: FRAGMENTED_SCALE,
      duration,
      isFragmented: true,
      isQuickTime: family === "mov",
    };
  }
}
