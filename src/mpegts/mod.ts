/**
 * MPEG-2 transport streams: .ts files, and streams that a reader may join at any key frame.
 *
 * @module
 */

import { cannotHold, checkInteger, checkPlain, checkStreams } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata, lostRotations } from "../container/losses.ts";
import type { Problem } from "../errors.ts";
import { checkIn, findMapping, namesIn } from "../media/mappings/codec_table.ts";
import { mpegtsTable } from "../media/mappings/mpegts.ts";
import { isCodedStream, type StreamConfig } from "../media/stream_config.ts";
import { MpegtsMuxer } from "./muxer.ts";
import { MAX_SERVICE_NAME_BYTES } from "./tables.ts";

export type { Container } from "../container/container.ts";

const CREATE_MPEGTS = "Cannot create MPEG-TS container";
const MAX_DELAY_MS = 10_000;
/** Numbers of PES packets' streams: sixteen of video, and a program map of one section. */
const MAX_VIDEO_COUNT = 16;
const MAX_STREAM_COUNT = 32;

/** What can be chosen about an MPEG transport stream. */
export interface MpegtsOptions {
  /**
   * How long before its decode time a sample arrives, by the stream's own clock: what a receiver may buffer, and how much
   * later it plays. Whole milliseconds from 0 to 10 000; default 700.
   */
  muxDelayMs?: number;
  /** What the program is called, at most 240 bytes of UTF-8; default: the metadata's title. */
  serviceName?: string;
}

/**
 * The MPEG-2 transport stream: H.264, HEVC, MPEG-2, MPEG-1, AAC, MP3, MP2, Opus, AC-3 and E-AC-3.
 *
 * Tables stand in front of each key frame and at most 100 ms apart, clocks at most 40 ms: where samples are sparse, in
 * packets of their own, up to ten seconds; behind a longer gap the clock begins anew. Samples go in the order of decode
 * times; one that comes too late for that is refused (`late-sample`). All times are `muxDelayMs` later than they were given,
 * and as much more as pictures are reordered. A sink that joins late gets the same times as all the others.
 *
 * Of what a stream's configuration may say beside its codec it carries the `language` of audio.
 *
 * @example
 * ```ts
 * import { mpegts } from "@muxwell/muxwell";
 *
 * const container = mpegts({ muxDelayMs: 200, serviceName: "Harbour camera" });
 * console.log(container.mimeType([])); // video/mp2t
 * ```
 *
 * @param options See {@linkcode MpegtsOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function mpegts(options: MpegtsOptions = {}): Container {
  const { muxDelayMs = 700, serviceName } = options;
  checkInteger(CREATE_MPEGTS, "muxDelayMs", muxDelayMs, 0, MAX_DELAY_MS);
  if (serviceName !== undefined) checkName(serviceName);
  return {
    name: "mpegts",
    extensions: [".ts", ".m2t"],
    mimeType: () => "video/mp2t",
    check,
    losses: (streams, metadata) => [
      ...lostMetadata("MPEG-TS", metadata, (field) => field === "title"),
      ...lostRotations("MPEG-TS", streams),
    ],
    interleaving: { order: "decode" },
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new MpegtsMuxer({ muxDelayMs, serviceName }, streams),
  };
}

function check(streams: readonly StreamConfig[]): Problem[] {
  const problems = checkStreams(streams, checkStream);
  const videoCount = streams.filter(({ kind }) => kind === "video").length;
  for (
    const [what, count, most] of [["streams", streams.length, MAX_STREAM_COUNT], [
      "videos",
      videoCount,
      MAX_VIDEO_COUNT,
    ]] as const
  ) {
    if (count > most) problems.push({ reason: `MPEG-TS holds at most ${most} ${what}, got ${count}` });
  }
  return problems;
}

/** What the codecs are called, in a few words. */
const HELD = { video: "H.264, HEVC, MPEG-2, MPEG-1", audio: "AAC, MP3, MP2, Opus, AC-3, E-AC-3" };

function checkStream(stream: StreamConfig): readonly (string | Problem)[] {
  if (!isCodedStream(stream)) {
    const holds = "MPEG-TS holds video and audio alone";
    return [{ reason: `${holds}, got a stream of kind ${stream.kind}`, holds }];
  }
  const table = mpegtsTable(stream.kind);
  if (findMapping(table, stream) === undefined) {
    return [cannotHold("MPEG-TS", stream, HELD[stream.kind], namesIn(table))];
  }
  return [...checkPlain("MPEG-TS", stream), ...checkIn(table, stream)];
}

function checkName(name: string): void {
  if (typeof name !== "string") {
    throw new TypeError(`${CREATE_MPEGTS}: serviceName must be a string, got ${typeof name}`);
  }
  const { byteLength } = new TextEncoder().encode(name);
  if (byteLength <= MAX_SERVICE_NAME_BYTES) return;
  throw new RangeError(
    `${CREATE_MPEGTS}: serviceName must have at most ${MAX_SERVICE_NAME_BYTES} bytes, got ${byteLength}`,
  );
}
