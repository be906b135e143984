/**
 * Matroska and WebM: .mkv, .mka and .webm files, and their live form.
 *
 * @module
 */

import { cannotHold, checkPlain, checkReserve, checkStreams, type Found } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import { checkFields } from "../media/codecs/checks.ts";
import { type CodecTable, findMapping, namesIn } from "../media/mappings/codec_table.ts";
import { MATROSKA, type MatroskaCodecs, WEBM } from "../media/mappings/matroska.ts";
import { type CodedStream, isCodedStream, type StreamConfig, type VideoStream } from "../media/stream_config.ts";
import { MatroskaMuxer, type MatroskaSettings } from "./muxer.ts";

export type { Container };

/** What can be chosen about a Matroska or WebM file. */
export interface MatroskaOptions {
  /**
   * Where the index stands. `"back"` (default): behind the data. `"front"`: in 64 KiB kept free in the header, in which the
   * index of a long file has fewer entries, so that players seek over a network without asking for the end first.
   */
  cues?: "front" | "back";
  /** Whether each Cluster begins with a checksum of it, too; default false. All else that stands in the file has one. */
  clusterChecksums?: boolean;
  /**
   * Bytes kept free in the header of a file that is completed at the end, for metadata that is only known then; default
   * 2048, at most 16 MiB.
   */
  headerReserveBytes?: number;
  /** Creation date, for files that can be reproduced; default: when the session is made. */
  creationTime?: Date;
}

/**
 * The Matroska container, in .mkv and .mka: every codec of this library, and text as SRT, ASS and WebVTT.
 *
 * Times are exact to 50 µs. A Cluster is at most 2 seconds and 2 MiB long, and begins with a key frame where these do not come
 * more often than every second. A sink that can be patched gets the duration and an index at the end; any other gets a
 * Segment of unknown size, which players take as a live stream. A file whose writing was cut off plays as far as it goes.
 *
 * What samples say is not shown of them is said by `CodecDelay`, at the beginning, and `DiscardPadding`. Of what a stream's
 * configuration may say beside its codec it carries the first of `names`, `language`, `codecName`, the display aspect ratio,
 * `colorSpace` and `rotation`.
 *
 * @example
 * ```ts
 * import { matroska } from "@muxwell/muxwell";
 *
 * const container = matroska({ cues: "front" });
 * console.log(container.mimeType([{ kind: "audio", codec: "opus", sampleRate: 48000, numberOfChannels: 2 }]));
 * ```
 *
 * @param options See {@linkcode MatroskaOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function matroska(options: MatroskaOptions = {}): Container {
  return create(MATROSKA_FORMAT, options);
}

/**
 * The WebM container: VP8, VP9, AV1, Opus, Vorbis and WebVTT. Otherwise as {@linkcode matroska}, but without pictures, and with
 * languages in three letters alone, as Media Source Extensions want it.
 *
 * @example
 * ```ts
 * import { webm } from "@muxwell/muxwell";
 *
 * console.log(webm().check([{ kind: "audio", codec: "mp3", sampleRate: 48000, numberOfChannels: 2 }])[0]?.reason);
 * ```
 *
 * @param options See {@linkcode MatroskaOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function webm(options: MatroskaOptions = {}): Container {
  return create(WEBM_FORMAT, options);
}

/** What the two differ in. */
interface Format {
  readonly name: string;
  readonly title: string;
  readonly extensions: readonly string[];
  /** Behind `video/` or `audio/`. */
  readonly subtype: string;
  readonly codecs: MatroskaCodecs;
  /** Its codecs, in a few words. */
  readonly held: Readonly<Record<"video" | "audio" | "text", string>>;
  hasPlace(field: string): boolean;
}

const MATROSKA_FORMAT: Format = {
  name: "matroska",
  title: "Matroska",
  extensions: [".mkv", ".mka"],
  subtype: "x-matroska",
  codecs: MATROSKA,
  held: { video: "all video of this library", audio: "all audio of this library", text: "SRT, ASS, WebVTT" },
  hasPlace: (field) => field !== "scripts",
};

const WEBM_FORMAT: Format = {
  name: "webm",
  title: "WebM",
  extensions: [".webm"],
  subtype: "webm",
  codecs: WEBM,
  held: { video: "VP8, VP9, AV1", audio: "Opus, Vorbis", text: "WebVTT" },
  hasPlace: (field) => field !== "scripts" && field !== "pictures",
};

function create(format: Format, options: MatroskaOptions): Container {
  const { name, title, extensions, subtype, codecs, hasPlace } = format;
  const { cues = "back", clusterChecksums = false, headerReserveBytes = 2048, creationTime } = options;
  const action = `Cannot create ${title} container`;
  if (cues !== "front" && cues !== "back") {
    throw new RangeError(`${action}: cues must be "front" or "back", got ${cues}`);
  }
  if (typeof clusterChecksums !== "boolean") {
    throw new TypeError(`${action}: clusterChecksums must be a boolean, got ${typeof clusterChecksums}`);
  }
  checkReserve(action, headerReserveBytes);
  if (creationTime !== undefined) checkDate(action, creationTime);
  const createSettings = (): MatroskaSettings => ({
    isWebm: codecs === WEBM,
    codecs,
    cues,
    clusterChecksums,
    headerReserveBytes,
    creationTime: creationTime ?? new Date(),
  });
  return {
    name,
    extensions,
    trims: true,
    mimeType: (streams) => `${streams.some(({ kind }) => kind === "video") ? "video" : "audio"}/${subtype}`,
    check: (streams) => checkStreams(streams, (stream) => checkStream(format, stream)),
    losses: (_streams, metadata) => lostMetadata(title, metadata, hasPlace),
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new MatroskaMuxer(createSettings(), streams),
  };
}

function checkStream({ title, codecs, held }: Format, stream: StreamConfig): readonly Found[] {
  if (isCodedStream(stream)) {
    const table = codecs[stream.kind] as CodecTable<CodedStream, string | number, object, object, object>;
    const codec = findMapping(table, stream)?.codec;
    if (codec === undefined) return [cannotHold(title, stream, held[stream.kind], namesIn(table))];
    return [
      ...checkPlain(title, stream),
      ...checkFields(stream),
      ...codec.check?.(stream) ?? [],
      ...checkRotation(stream),
    ];
  }
  const holds = `${title} holds video, audio and text (${held.text}) alone`;
  if (stream.kind !== "text") return [{ reason: `${holds}, got a stream of kind ${stream.kind}`, holds }];
  if (codecs.text[stream.codec] !== undefined) return checkPlain(title, stream);
  return [{ reason: `${title} holds ${held.text} as text, got ${JSON.stringify(stream.codec)}`, holds }];
}

function checkRotation(stream: CodedStream): string[] {
  const { rotation = 0 } = stream as VideoStream;
  return [0, 90, 180, 270].includes(rotation) ? [] : [`rotation must be 0, 90, 180 or 270, got ${rotation}`];
}

function checkDate(action: string, date: Date): void {
  if (!(date instanceof Date)) throw new TypeError(`${action}: creationTime must be a Date`);
  if (Number.isNaN(date.getTime())) throw new RangeError(`${action}: creationTime must be a valid date`);
}
