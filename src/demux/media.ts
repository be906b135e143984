/**
 * What an opened source is.
 *
 * @module
 */

import type { AsfOptions } from "../asf/options.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";

/** A path, a URL (`file:`, `http:`, `https:`, `blob:`), a blob, bytes in memory, or bytes as they come. */
export type MediaSource = string | URL | Blob | Uint8Array | ReadableStream<Uint8Array>;

/** What is fixed by the caller. */
export interface OpenMediaOptions {
  /** What messages call the source; default: its path, or what kind of source it is. */
  name?: string;
  /** Of a URL: how long the server may be silent, ms, above 0. Default 30 000. */
  silenceMs?: number;
  /**
   * Whether streams declare the payload extensions that an ASF source has, and samples carry their values. ASF alone holds
   * them: other containers refuse such a stream. Default false; names of files are always there.
   */
  payloadExtensions?: boolean;
  /**
   * Time of the source, µs, 0 or more: samples begin at the key frame at or before it, and
   * {@linkcode Media.start} says where that is. Where the source can be read at any position, what lies before is not
   * read: tables and indexes lead there. Default: the beginning.
   */
  from?: number;
  /**
   * Time of the source, µs, later than `from`: samples end before it. A picture that is shown later comes all the same where
   * one before it needs it. Default: the end.
   */
  until?: number;
}

/** A stream of the source that is left out. */
export interface SkippedStream {
  /** Its position among the source's streams, as far as its reader sees them, from 0. */
  readonly index: number;
  /** Why, in one line. */
  readonly reason: string;
}

/**
 * Encoded media, ready for a `Writer`. `samples` and `batches` draw on the same samples: use one of them.
 *
 * Where the source is damaged or cut short, what can be read comes first and then one {@linkcode MuxError} `bad-media`
 * ends the samples. Every handle is released when they end, are cancelled, or the media is disposed of.
 */
export interface Media extends AsyncDisposable {
  /** The streams, with their numbers: from 1, or as an ASF source has them. */
  readonly streams: StreamConfig[];
  /** Title and friends. Markers and commands count from the first sample; with `from` and `until`, those of the part. */
  readonly metadata: Metadata;
  /**
   * With `from`: where the samples begin, µs of the source, the key frame at or before it. Of several video streams the
   * earliest; without one, the sound's. Other streams begin behind it. Absent where they begin as the source
   * does: without `from`, or where its first key frame comes later.
   */
  readonly start?: number;
  /**
   * Every sample: each stream in decode order, streams interleaved by time (those of ASF and Matroska as they lie there). Times are
   * microseconds as the source has them; where it trims its beginning, negative.
   */
  readonly samples: ReadableStream<StreamSample>;
  /**
   * The same samples, several at a time, for loops that should not wait for each. Their bytes may be dead when the next
   * batch is asked for.
   */
  readonly batches: AsyncIterable<readonly StreamSample[]>;
  /** Length in microseconds as the source declares it, of the part where one is asked for; absent when it does not. */
  readonly duration?: number;
  /**
   * What an ASF source says that ASF alone can: how its streams stand to each other, branding, and which indexes it has
   * beside Simple Indexes. For `asf(media.asf)`; absent for another source.
   */
  readonly asf?: AsfOptions;
  /** Streams that are left out. */
  readonly skipped: readonly SkippedStream[];
  /** Samples left out so far: empty ones, and those before a stream's first key frame. */
  readonly droppedCount: number;
  /** What the source says and a stream cannot, such as that it is mirrored; one line each. */
  readonly warnings: readonly string[];
}

/** Samples handed out together, where they need not come one by one. */
export const BATCH_COUNT = 64;

/** Where a reader went. */
export interface Sought {
  /** When the key frame that it stands at is shown, µs; `undefined`: it is to be found by reading on. */
  readonly start?: number;
  /** Whether nothing lies before. */
  readonly isBeginning: boolean;
}

/** What a reader of one family of formats hands to {@linkcode openMedia}. */
export interface OpenedMedia {
  /** What people call its format. */
  readonly format: string;
  /** As in {@linkcode Media}. */
  readonly streams: StreamConfig[];
  /** As in {@linkcode Media}. */
  readonly metadata: Metadata;
  /** As in {@linkcode Media}. */
  readonly duration?: number;
  /** As in {@linkcode Media}. */
  readonly asf?: AsfOptions;
  /** As in {@linkcode Media}. */
  readonly skipped: readonly SkippedStream[];
  /** As in {@linkcode Media}. */
  readonly droppedCount: number;
  /** As in {@linkcode Media}. */
  readonly warnings: string[];
  /** Whether the bytes of a batch are dead when the next one is asked for. */
  readonly reusesBytes: boolean;
  /** Pictures a second of a video stream, by what its container says. */
  readonly framerate?: (streamNumber: number) => number | undefined;
  /** Time of the source from which markers and commands count, µs; absent: 0. */
  readonly zero?: number;
  /** Samples in the order {@linkcode Media.samples} promises, a few at a time; asked for once, and again after `seek`. */
  batches(): AsyncGenerator<StreamSample[], void, undefined>;
  /**
   * Goes where samples of a time lie, µs: to key frames at or before it, or as near before it as can be told without
   * reading. Absent: the source is read through.
   */
  readonly seek?: (time: number) => Promise<Sought>;
  /** Lets go of everything but the source. */
  close(): void | Promise<void>;
}
