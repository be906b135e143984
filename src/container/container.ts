/**
 * What a container is to a session: types only. A {@linkcode Muxer} knows the streams and what each sink gets, the
 * {@linkcode Packetizer} that it begins lays out samples. Both are synchronous and do no I/O, so that they can be tested
 * byte by byte; sinks, queues and promises are the session's.
 *
 * Times here are microseconds from the session's zero (see `startTime`), never negative.
 *
 * @module
 */

import type { Pieces } from "../bytes/pieces.ts";
import type { Metadata } from "../media/metadata.ts";
import type { SampleExtensions } from "../media/payload_extension.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { Problem } from "../errors.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { DataInfo } from "../sinks/sink.ts";

/** A file format: answers what it can hold before a byte is written, and makes the muxer that writes it. */
export interface Container {
  /** Short name, such as `"asf"`. */
  readonly name: string;
  /** File name extensions with their dot, the most usual first. */
  readonly extensions: readonly string[];
  /** The media type for these streams. */
  mimeType(streams: readonly StreamConfig[]): string;
  /** Why it cannot hold them; empty when it can. */
  check(streams: readonly StreamConfig[]): readonly Problem[];
  /** What of these streams, which it holds, and of the metadata has no place in it. Absent: everything has one. */
  losses?(streams: readonly StreamConfig[], metadata: Metadata): readonly Problem[];
  /**
   * Whether it can say that the beginning or the end of what samples decode to is not shown (`trimStart`, `trimEnd`). Absent:
   * it cannot, and where samples say so the report names it among the losses.
   */
  readonly trims?: boolean;
  /** What each sink must be able to do; one that is not is refused before anything is written to it. Default: nothing. */
  readonly needs?: SinkNeeds;
  /** How samples of several streams are ordered. Default: as they arrive, within the window that the caller chooses. */
  readonly interleaving?: Interleaving;
  /** For sessions: a muxer for these streams, whose numbers are settled. Used once. */
  createMuxer(streams: readonly NumberedStream[]): Muxer;
}

/** What a container cannot do without in a sink. */
export interface SinkNeeds {
  /** Bytes written before are replaced: `Sink.patch`. */
  readonly patch?: boolean;
  /** Something is written behind the data: `Sink.trailer`. */
  readonly trailer?: boolean;
}

/** The order in which samples of several streams reach the packetizer. */
export interface Interleaving {
  /**
   * `"arrival"`: a sample that comes too late for its place goes where it comes, and is counted. `"decode"`: decode times
   * never go back, whatever the caller chose; such a sample is refused as a `late-sample`.
   */
  readonly order: "arrival" | "decode";
  /** Reordering across streams, ms, where the caller says nothing. Default: that of the session. */
  readonly windowMs?: number;
}

/** A stream whose number is settled. */
export type NumberedStream = StreamConfig & { readonly streamNumber: number };

/** What the session must know of a stream before the first unit. */
export interface StreamFacts {
  /** How many samples may overtake one on the way from decode to presentation order; 0: none. */
  readonly reorderDepth: number;
  /** Average bit/s if the description tells, else 0. */
  readonly bitrate: number;
  /** A stream that is silent for long, such as script commands: others never wait for it. */
  readonly sparse: boolean;
  /** Units are as large as bit rates ask for where latency is bounded, and only samples can tell this stream's. */
  readonly wantsMeasuring?: boolean;
}

/** What is fixed by the first unit. */
export interface Opening {
  /** What is known of the whole by now. */
  readonly metadata: Metadata;
  /** One entry a stream: measured bit/s, 0 where nothing was held long enough to measure. */
  readonly bitrates: readonly number[];
  /** One entry a stream: false leaves it out of the header, since it never began and was never described. */
  readonly present: readonly boolean[];
  /**
   * Where the presentation begins, if the caller's times begin below zero: session time of the caller's zero. What lies
   * before it is there to be decoded, such as the priming of an encoder. Default 0.
   */
  readonly presentationStart?: number;
  /** One entry a stream: when its first sample is shown; not a number where it has not begun. */
  readonly firstTimestamps?: readonly number[];
  /** One entry a stream: microseconds at its beginning that are not shown, as its first sample says; 0 where it has not begun. */
  readonly trimStarts?: readonly number[];
  /** What the sinks that are there can do. */
  readonly sinks?: readonly SinkAbilities[];
  /** Smallest unit limit of the sinks; default Infinity, if none has one. */
  readonly maxUnitBytes?: number;
  /** Media is to be held back no longer than this. */
  readonly maxLatencyMs?: number;
}

/** One access unit on its way into the container. The session reuses one object: nothing may keep it. */
export interface MuxSample {
  /** Index of the stream, from 0. */
  stream: number;
  /** Its bytes, already framed by {@linkcode Muxer.frame}. */
  pieces: Pieces;
  /** Presentation time. */
  timestamp: number;
  /** Decode time; equals `timestamp` where the stream does not reorder. */
  decodeTimestamp: number;
  /** Duration, or -1 if unknown. */
  duration: number;
  /** Decodable alone. */
  isKey: boolean;
  /** Microseconds at its beginning that are not shown: of a stream's first sample, reaching over others. Absent: 0. */
  trimStart?: number;
  /** Microseconds at its end that are not shown, at most `duration`. Absent: 0. */
  trimEnd?: number;
  /** How often `redescribe` has answered for the stream before this sample. */
  configuration?: number;
  /** As {@linkcode Muxer.extension} answered; absent: the stream has none. */
  extension?: Uint8Array;
}

/** Whole units on their way to the sinks. */
export interface Chunk {
  /** The units. A view of the muxer's memory: dead after `release()`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What they are. */
  readonly info: DataInfo;
  /** Number of samples that begin in them. */
  readonly sampleCount: number;
  /** The last sample of the chunk before goes on in them: without them it is lost. */
  readonly continuesSample?: boolean;
  /** Every sink is through with it: the memory may be used again. Called exactly once. */
  release(): void;
}

/** What a sink can do. */
export interface SinkAbilities {
  /** Bytes written before can be replaced. */
  readonly canPatch: boolean;
  /** Something can be written behind the data. */
  readonly takesTrailer: boolean;
  /** What was written can be brought onto the medium before what follows. */
  readonly canSync?: boolean;
  /** Units may be missing from it: when it is slow it skips to the next clean point. */
  readonly skips?: boolean;
  /** Largest header it can take. */
  readonly maxHeaderBytes?: number;
}

/** What one sink will get. */
export interface Plan {
  /** `"final"`: the header is completed at the end; `"live"`: it never changes. */
  readonly form: "final" | "live";
  /**
   * What comes behind the data: nothing; what a reader can do without, such as an index, so that a sink which cannot take
   * it is finished with a warning; or what the file is worth nothing without, so that such a sink has failed.
   */
  readonly trailer: "none" | "optional" | "required";
  /** Each sink's units are its own: `localize` is called for all of them. Default: only for a sink that joined late. */
  readonly isLocal?: boolean;
}

/** A hole in front of the data, to be patched later; zeros until then. */
export interface Reserve {
  /** Bytes. */
  readonly reserve: number;
}

/** The header: one piece, or several with holes between them. */
export type Header = Uint8Array<ArrayBuffer> | readonly (Uint8Array<ArrayBuffer> | Reserve)[];

/** Where a sink's own copy of units goes. */
export interface LocalCopy extends Pick<OutputFacts, "plan" | "firstUnit" | "timeBase"> {
  /** Position of the copy in the sink's output. */
  readonly offset: number;
}

/** What the header and the trailer of one sink are about: its own slice of the session. */
export interface OutputFacts {
  /** As answered by {@linkcode Muxer.plan}. */
  readonly plan: Plan;
  /** Number of the first unit it got. */
  readonly firstUnit: number;
  /** Number of units it has confirmed. */
  readonly unitCount: number;
  /** Session time that is this sink's zero; 0 unless it joined late and is rebased. */
  readonly timeBase: number;
  /** Bytes it has confirmed as header. */
  readonly headerBytes: number;
  /** Bytes it has confirmed as data. */
  readonly dataBytes: number;
  /** Bytes it has confirmed as trailer. */
  readonly trailerBytes: number;
  /** What is known of the whole by now. */
  readonly metadata: Metadata;
  /** What {@linkcode Muxer.measure} answered when it ended, while others went on. */
  readonly measured?: unknown;
  /** Where the presentation ends, session time, since units that were written had to give way; absent: where it does. */
  readonly end?: number;
}

/** Bytes to be replaced. */
export interface Patch {
  /** Position in the sink's output. */
  readonly offset: number;
  /** What stands there from then on. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Patches in the order they are written, each dead when the next one is asked for. `"sync"`: all that came before, the data
 * and the trailer too, is on the medium before what follows, where the sink can see to that.
 */
export type Patches = Iterable<Patch | "sync">;

/** What a sink keeps when its medium is full. */
export interface Salvage extends Pick<OutputFacts, "unitCount" | "dataBytes" | "end"> {
  /** What is replaced in that, so that it ends with whole samples. */
  readonly patches: Patches;
  /** Samples written so far that are not in it. */
  readonly samplesLost: number;
}

/**
 * Samples in, chunks of whole units out: what all sinks of a session share. Where units end depends on the samples and the
 * calls alone, never on the memory that sinks have given back.
 */
export interface Packetizer {
  /**
   * Lays out one sample. Its bytes are copied before this returns. False: no chunk was free for the rest, which is kept;
   * nothing may be written until `resume` has answered true.
   */
  write(sample: MuxSample): boolean;
  /** Goes on with a kept rest after a chunk was released. True: nothing is kept any more. */
  resume(): boolean;
  /** Whether a chunk is free behind the one being filled: the sign to the caller that it need not wait. */
  readonly hasRoom: boolean;
  /** Whether a chunk is full and waits for `nextChunk`. */
  readonly hasChunk: boolean;
  /** Session time of the earliest sample in units not yet handed out; -1 if there is none. */
  readonly heldTimestamp: number;
  /** Closes the open unit, padded as the container does, so that everything written can be handed out. */
  closeUnit(): void;
  /** The next chunk: a full one, or with `partial` whatever closed units there are. */
  nextChunk(partial: boolean): Chunk | undefined;
  /** Units closed so far. */
  readonly unitCount: number;
  /** End of the presentation so far: the latest presentation time plus duration, 0 without samples. */
  readonly duration: number;
  /** Nothing comes any more: closes the open unit and freezes the counts. */
  finish(): void;
}

/**
 * One session's container: what its streams are, and what each sink gets beside the units. Calls come in this order:
 * `describe` (each stream, until it answers facts) · `begin` · then for each sink `plan` and `header`, in between `frame`
 * and the packetizer's `write` for each sample and `nextChunk` until it is empty · the packetizer's `finish` · for each
 * sink `trailer`, then `patches`.
 */
export interface Muxer {
  /**
   * Learns what a stream is, from its configuration, a decoder's metadata, or its first sample. Answers `undefined`
   * while something is missing. Idempotent once it has answered.
   *
   * @throws {MuxError} `unsupported`, `bad-media`, naming the stream.
   */
  describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined;
  /**
   * Says what `describe` is waiting for, in one line, for a stream that stays undescribed.
   */
  missing(stream: number): string;
  /** Fixes what the first unit fixes, and begins to lay out samples. Called once. */
  begin(opening: Opening): Packetizer;
  /** What a sink with these abilities will get. */
  plan(abilities: SinkAbilities): Plan;
  /**
   * The header that goes in front of the data.
   *
   * @throws {MuxError} `too-large` when it cannot be made as small as the sink wants it.
   */
  header(output: OutputFacts, maxHeaderBytes?: number): Header;
  /**
   * The pieces of one access unit in this container's framing, in an object that the next call reuses.
   *
   * @throws {MuxError} `bad-media` when it is not what its codec says; `too-large`. Nothing has changed then.
   */
  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces;
  /**
   * What one sample carries beside its bytes and times, in this container's own form; `undefined` where its stream declares
   * nothing. Asked before `begin` too. Absent: the container has no room for such things.
   *
   * @param duration Or -1 if unknown.
   * @throws {TypeError} If something is missing, not declared, or not of its type.
   * @throws {RangeError} If something is out of its range.
   * @throws {MuxError} `too-large`. Nothing has changed then.
   */
  extension?(stream: number, values: SampleExtensions | undefined, duration: number): Uint8Array | undefined;
  /**
   * A described stream's decoder has another configuration from this sample on. Answers what the stream is now; its next
   * samples have a {@linkcode MuxSample.configuration} that is one larger. `undefined`: it is what it was. Absent: the
   * container takes no notice.
   *
   * @throws {MuxError} `unsupported` where the change cannot be said any more; the sample is refused then.
   */
  redescribe?(stream: number, metadata: ChunkMetadata, data: Uint8Array): StreamFacts | undefined;
  /**
   * Whether the container can say these times. Asked before `begin` too. Absent: it can say any.
   *
   * @throws {MuxError} `too-large`. Nothing has changed then.
   */
  checkTimes?(stream: number, timestamp: number, decodeTimestamp: number): void;
  /**
   * Changes a sink's own copy of whole units to what that sink has to get: its times count from `timeBase`, and offsets, page
   * numbers and their like from its own beginning. Absent: times that need no shift, units that are the same for everybody.
   */
  localize?(bytes: Uint8Array<ArrayBuffer>, info: DataInfo, copy: LocalCopy): void;
  /** What goes behind the data of one sink, in pieces that are dead when the next one is asked for. */
  trailer?(output: OutputFacts): Iterable<Uint8Array<ArrayBuffer>>;
  /** What is replaced at the end. Absent: nothing. */
  patches?(output: OutputFacts): Patches;
  /**
   * What is replaced now and then, so that all that the sink has confirmed can be read should nothing follow. Absent: the
   * container has no need of it.
   */
  checkpoint?(output: OutputFacts): Patches;
  /** What a header says of the samples so far, for a sink that ends here. Absent: nothing. */
  measure?(): unknown;
  /**
   * What a sink keeps when its medium is full, so that the trailer of that fits where the rest stood. Absent: as many units
   * as leave room for the trailer.
   */
  salvage?(output: OutputFacts): Salvage;
  /**
   * Why metadata do not fit, be it the container or the room that headers given out have left for them; `undefined` when
   * they do. Absent: it takes any.
   *
   * @throws {TypeError} If a value is not of its type.
   * @throws {RangeError} If a value is out of its range.
   */
  checkMetadata?(metadata: Metadata): Problem | undefined;
}
