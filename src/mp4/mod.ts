/**
 * MP4, QuickTime and 3GP: ordinary files and fragments, and their live form.
 *
 * @module
 */

import type { Mp4Family } from "./file_type.ts";
import { MAX_CHAPTERS } from "./metadata.ts";
import { type Mp4Layout, Mp4Muxer, type Mp4Settings } from "./muxer.ts";
import { cannotHold, checkInteger, checkPlain, checkReserve, checkStreams } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import type { Problem } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import { checkIso, isIsoCodec, isoCodecNames } from "../media/mappings/isobmff.ts";
import { type CodedStream, isCodedStream, type StreamConfig } from "../media/stream_config.ts";

export type { Mp4Layout };
export type { Container } from "../container/container.ts";

const CREATE_MP4 = "Cannot create MP4 container";
const LAYOUTS: readonly Mp4Layout[] = ["crash-safe", "plain", "fragmented"];
const MAX_DURATION_MS = 3_600_000;
const MAX_MOOV_BYTES = 256 << 20;
const MAX_MOOV_MS = 30 * 24 * MAX_DURATION_MS;

/** What can be chosen about an MP4 file. */
export interface Mp4Options {
  /**
   * What a file is while it is written, and what it becomes; default `"crash-safe"`.
   *
   * - `"crash-safe"`: fragments that play up to the last one whatever happens. The finish makes an ordinary file of them in
   *   place. A sink that cannot be patched keeps the fragments.
   * - `"plain"`: an ordinary file from the start, which is worth nothing until it is finished. A sink that cannot be
   *   patched, or takes no trailer, is refused.
   * - `"fragmented"`: fragments for good. A sink that can be patched gets durations and an index (`mfra`) at the end.
   */
  layout?: Mp4Layout;
  /**
   * Where the tables of an ordinary file go; default `"end"`, behind the samples. In front of them, players over HTTP need
   * not fetch the end first: there they take `reserveBytes` (8 to 256 MiB), or what `durationMs` of these streams need at
   * constant rates (up to 30 days). Where that turns out to be too little, they go behind all the same, and the report says
   * so in `trailerBytes`.
   */
  moov?: "end" | { readonly reserveBytes: number } | { readonly durationMs: number };
  /**
   * How long a fragment is, in whole milliseconds from 1 to an hour; default 1000. Each key frame of the first video
   * begins one, unless they come more than twice as often. It ends earlier above 2 MiB, or where `maxLatencyMs` asks.
   */
  fragmentDurationMs?: number;
  /**
   * Bytes kept free in the header of a file that is completed at the end, for metadata that is only known then; default
   * 2048, at most 16 MiB.
   */
  headerReserveBytes?: number;
  /** Creation date, for files that can be reproduced; default: when the session is made. */
  creationTime?: Date;
}

/**
 * The MP4 container: H.264, HEVC, VP8, VP9, AV1, MPEG-4 part 2, MPEG-2 and 1, Motion JPEG and any FourCC that is none of
 * Windows Media; AAC, Opus, MP3, FLAC, AC-3, E-AC-3, Apple Lossless and AMR.
 *
 * A sink that can be patched and takes a trailer gets a file that survives a crash and ends as an ordinary one, see
 * {@linkcode Mp4Options.layout}; any other gets the fragments, which Media Source Extensions and players of live streams
 * take.
 *
 * Every track counts in its own time base: audio in samples, video in a multiple of its frame rate from 90 000 on. Each
 * time is rounded by itself, so that nothing drifts. Edit lists say where each track begins and ends.
 *
 * Of what a stream's configuration may say beside its codec it carries `language`, the first of `names`, the display aspect
 * ratio, `colorSpace` and `rotation`; `codecName`, `codecDescription` and `demand` have no place. Markers become chapters,
 * as Nero lists them.
 *
 * Where times begin below zero, as of media whose beginning is trimmed or of an encoder's priming, the presentation begins
 * at zero: what lies before is there to be decoded. An edit list says so, in the live form only of sound: Media Source
 * Extensions drop pictures before zero with all that depends on them.
 *
 * @example
 * ```ts
 * import { mp4 } from "@muxwell/muxwell";
 *
 * const container = mp4({ fragmentDurationMs: 2000 });
 * console.log(container.mimeType([{ kind: "audio", codec: "opus", sampleRate: 48000, numberOfChannels: 2 }]));
 * ```
 *
 * @param options See {@linkcode Mp4Options}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function mp4(options: Mp4Options = {}): Container {
  return createContainer(MP4, options);
}

/**
 * The same as {@linkcode mp4} for QuickTime: `.mov` and `.qt`, with QuickTime's brand, handlers and text tags.
 *
 * @example
 * ```ts
 * import { mov } from "@muxwell/muxwell";
 *
 * console.log(mov().extensions);
 * ```
 *
 * @param options As of {@linkcode mp4}.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function mov(options: Mp4Options = {}): Container {
  return createContainer(MOV, options);
}

/**
 * The same as {@linkcode mp4} for mobile phones: `.3gp`, with what these play: H.264, MPEG-4 part 2, AAC and AMR.
 *
 * @example
 * ```ts
 * import { threegp } from "@muxwell/muxwell";
 *
 * console.log(threegp().check([{ kind: "audio", codec: "samr", sampleRate: 8000, numberOfChannels: 1 }]));
 * ```
 *
 * @param options As of {@linkcode mp4}.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function threegp(options: Mp4Options = {}): Container {
  return createContainer(THREEGP, options);
}

/** What a preset fixes. */
interface Preset {
  readonly family: Mp4Family;
  /** In messages. */
  readonly label: string;
  readonly extensions: readonly string[];
  /** Subtype of its media type. */
  readonly subtype: string;
  readonly hasAudioType: boolean;
  /** What the codecs are called, in a few words, and with the names that a configuration uses. */
  readonly held: Readonly<Record<"video" | "audio", string>>;
  names(kind: "video" | "audio"): string;
  holds(stream: CodedStream): boolean;
}

const HELD: Preset["held"] = {
  video: "H.264, HEVC, VP8, VP9, AV1, MPEG-4, MPEG-2, MPEG-1 and Motion JPEG",
  audio: "AAC, MP3, Opus, FLAC, AC-3, E-AC-3, ALAC and AMR",
};

const MP4: Preset = {
  family: "mp4",
  label: "MP4",
  extensions: [".mp4", ".m4a", ".m4b", ".m4v"],
  subtype: "mp4",
  hasAudioType: true,
  held: HELD,
  names: isoCodecNames,
  holds: isIsoCodec,
};

const MOV: Preset = {
  family: "mov",
  label: "QuickTime",
  extensions: [".mov", ".qt"],
  subtype: "quicktime",
  hasAudioType: false,
  held: HELD,
  names: isoCodecNames,
  holds: isIsoCodec,
};

/** What [3GPP TS 26.244] 5.2.3 has besides text. */
const THREEGP: Preset = {
  family: "3gp",
  label: "3GP",
  extensions: [".3gp"],
  subtype: "3gpp",
  hasAudioType: true,
  held: { video: "H.264 and MPEG-4", audio: "AAC and AMR" },
  names: (kind) =>
    kind === "video" ? "H.264 (avc1.PPCCLL), MPEG-4 part 2 (mp4v.20.N)" : "AAC (mp4a.40.2, …), AMR (samr, sawb)",
  holds: ({ codec }) => /^(avc[13]\.|mp4v(\.20|$)|mp4a\.40\.|samr$|sawb$)/i.test(String(codec)),
};

function createContainer(preset: Preset, options: Mp4Options): Container {
  const { layout = "crash-safe", fragmentDurationMs = 1000, headerReserveBytes = 2048, moov = "end", creationTime } =
    options;
  checkLayout(layout);
  checkMoov(moov);
  checkInteger(CREATE_MP4, "fragmentDurationMs", fragmentDurationMs, 1, MAX_DURATION_MS);
  checkReserve(CREATE_MP4, headerReserveBytes);
  if (creationTime !== undefined) checkDate(creationTime);
  const { family, label, extensions, subtype, hasAudioType } = preset;
  const createSettings = (): Mp4Settings => ({
    family,
    layout,
    fragmentDurationMs,
    headerReserveBytes,
    moov: moov === "end" ? undefined : { ...moov },
    creationTime: creationTime ?? new Date(),
  });
  const isAudio = (streams: readonly StreamConfig[]) => hasAudioType && streams.every(({ kind }) => kind === "audio");
  return {
    name: family,
    extensions,
    mimeType: (streams) => `${isAudio(streams) ? "audio" : "video"}/${subtype}`,
    check: (streams) => checkStreams(streams, (stream) => checkStream(preset, stream)),
    trims: layout !== "fragmented",
    needs: layout === "plain" ? { patch: true, trailer: true } : undefined,
    losses: (_streams, metadata) => [...lostMetadata(label, metadata, hasPlace), ...lostChapters(label, metadata)],
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new Mp4Muxer(createSettings(), streams),
  };
}

function checkStream({ label, held, names, holds }: Preset, stream: StreamConfig): readonly (string | Problem)[] {
  if (!isCodedStream(stream)) {
    const holds = `${label} holds video and audio alone`;
    return [{ reason: `${holds}, got a stream of kind ${stream.kind}`, holds }];
  }
  if (holds(stream) && isIsoCodec(stream)) return [...checkPlain(label, stream), ...checkIso(stream)];
  return [cannotHold(label, stream, held[stream.kind], names(stream.kind))];
}

function hasPlace(field: string): boolean {
  return field !== "scripts";
}

function lostChapters(label: string, { markers = [] }: Metadata): Problem[] {
  if (markers.length <= MAX_CHAPTERS) return [];
  return [{ field: "markers", reason: `${label} has place for the first ${MAX_CHAPTERS} of ${markers.length} alone` }];
}

function checkLayout(layout: Mp4Layout): void {
  if (LAYOUTS.includes(layout)) return;
  const what = `${CREATE_MP4}: layout must be ${LAYOUTS.map((name) => `"${name}"`).join(" or ")}, got`;
  throw typeof layout === "string"
    ? new RangeError(`${what} ${JSON.stringify(layout)}`)
    : new TypeError(`${what} ${typeof layout}`);
}

function checkMoov(moov: NonNullable<Mp4Options["moov"]>): void {
  if (moov === "end") return;
  if (typeof moov !== "object" || moov === null) {
    throw new TypeError(`${CREATE_MP4}: moov must be "end", { reserveBytes } or { durationMs }, got ${typeof moov}`);
  }
  if ("reserveBytes" in moov) checkInteger(CREATE_MP4, "moov.reserveBytes", moov.reserveBytes, 8, MAX_MOOV_BYTES);
  else checkInteger(CREATE_MP4, "moov.durationMs", moov.durationMs, 1, MAX_MOOV_MS);
}

/** Dates count from 1904. */
function checkDate(date: Date): void {
  if (!(date instanceof Date)) throw new TypeError(`${CREATE_MP4}: creationTime must be a Date`);
  if (!(date.getTime() >= Date.UTC(1904, 0, 1))) {
    throw new RangeError(`${CREATE_MP4}: creationTime must be a valid date from 1904 on`);
  }
}
