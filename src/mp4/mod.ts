/**
 * MP4: .mp4, .m4a and .m4v files in fragments, and their live form.
 *
 * @module
 */

import { Mp4Muxer, type Mp4Settings } from "./muxer.ts";
import { cannotHold, checkInteger, checkPlain, checkStreams } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import type { Problem } from "../errors.ts";
import { checkIso, isIsoCodec, isoCodecNames } from "../media/mappings/isobmff.ts";
import { isCodedStream, type StreamConfig } from "../media/stream_config.ts";

export type { Container } from "../container/container.ts";

const CREATE_MP4 = "Cannot create MP4 container";
const MAX_RESERVE_BYTES = 0x100_0000;
const MAX_DURATION_MS = 3_600_000;

/** What can be chosen about an MP4 file. */
export interface Mp4Options {
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
 * The MP4 container, in fragments: H.264, HEVC, VP9, AV1, AAC, Opus, MP3, FLAC and AC-3.
 *
 * Every track counts in its own time base: audio in samples, video in a multiple of its frame rate from 90 000 on. Each
 * time is rounded by itself, so that nothing drifts. A sink that can be patched gets the duration at the end, an edit list
 * where the presentation begins behind the first decode time, and an index (`mfra`); any other gets what Media Source
 * Extensions and players of live streams take.
 *
 * Of what a stream's configuration may say beside its codec it carries `language`, the display aspect ratio, `colorSpace`
 * and `rotation`; `names`, `codecName`, `codecDescription` and `demand` have no place.
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
  const { fragmentDurationMs = 1000, headerReserveBytes = 2048, creationTime } = options;
  checkInteger(CREATE_MP4, "fragmentDurationMs", fragmentDurationMs, 1, MAX_DURATION_MS);
  checkInteger(CREATE_MP4, "headerReserveBytes", headerReserveBytes, 0, MAX_RESERVE_BYTES);
  if (creationTime !== undefined) checkDate(creationTime);
  const createSettings = (): Mp4Settings => ({
    fragmentDurationMs,
    headerReserveBytes,
    creationTime: creationTime ?? new Date(),
  });
  return {
    name: "mp4",
    extensions: [".mp4", ".m4a", ".m4v"],
    mimeType: (streams) => streams.some(({ kind }) => kind === "video") ? "video/mp4" : "audio/mp4",
    check: (streams) => checkStreams(streams, checkStream),
    losses: (_streams, metadata) => lostMetadata("MP4", metadata, hasPlace),
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new Mp4Muxer(createSettings(), streams),
  };
}

/** What the codecs of `isoCodecNames` are called, in a few words. */
const HELD = { video: "H.264, HEVC, VP9, AV1", audio: "AAC, MP3, Opus, FLAC, AC-3" };

function checkStream(stream: StreamConfig): readonly (string | Problem)[] {
  if (!isCodedStream(stream)) {
    const holds = "MP4 holds video and audio alone";
    return [{ reason: `${holds}, got a stream of kind ${stream.kind}`, holds }];
  }
  if (isIsoCodec(stream)) return [...checkPlain("MP4", stream), ...checkIso(stream)];
  return [cannotHold("MP4", stream, HELD[stream.kind], isoCodecNames(stream.kind))];
}

function hasPlace(field: string): boolean {
  return field !== "markers" && field !== "scripts";
}

/** Dates count from 1904. */
function checkDate(date: Date): void {
  if (!(date instanceof Date)) throw new TypeError(`${CREATE_MP4}: creationTime must be a Date`);
  if (!(date.getTime() >= Date.UTC(1904, 0, 1))) {
    throw new RangeError(`${CREATE_MP4}: creationTime must be a valid date from 1904 on`);
  }
}
