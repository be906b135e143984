/**
 * What a source is, without its samples.
 *
 * @module
 */

import type { VideoDescription } from "../media/codecs/description.ts";
import { describeRiff } from "../media/mappings/riff/mod.ts";
import type { Metadata } from "../media/metadata.ts";
import type { CodedStream, StreamConfig } from "../media/stream_config.ts";
import { badMedia } from "./failure.ts";
import type { MediaSource, OpenedMedia, OpenMediaOptions, SkippedStream } from "./media.ts";
import { closeBoth, openSource } from "./open_media.ts";

/** A stream of a source. */
export interface StreamInfo {
  /** Its number: from 1, or as an ASF source has it. */
  readonly streamNumber: number;
  /** What it is: `"video"`, `"audio"`, `"script"` … */
  readonly kind: StreamConfig["kind"];
  /** As in {@linkcode StreamConfig}: a WebCodecs string, a FourCC or a format tag; absent where there is none. */
  readonly codec?: string | number;
  /** What people call it, such as `"H.264 / AVC"`; absent where only its samples say it. */
  readonly codecName?: string;
  /** Size of pictures as they are coded, pixels. */
  readonly codedWidth?: number;
  /** See `codedWidth`. */
  readonly codedHeight?: number;
  /** Pictures a second on average; absent where nothing says it. */
  readonly framerate?: number;
  /** How far pictures are to be turned clockwise, degrees; absent: not at all. */
  readonly rotation?: number;
  /** Hz. */
  readonly sampleRate?: number;
  /** Channels of sound. */
  readonly numberOfChannels?: number;
  /** Bits of one value of sound, where the codec has it. */
  readonly bitsPerSample?: number;
  /** Bit/s as the source states it. */
  readonly bitrate?: number;
  /** BCP 47 tag. */
  readonly language?: string;
  /** What it is called. */
  readonly title?: string;
}

/** What a source is. */
export interface MediaInfo {
  /** What people call its format, such as `"MP4"`, `"WebM"`, `"ASF"` or `"MPEG Transport Stream"`. */
  readonly format: string;
  /** Bytes; absent for a stream. */
  readonly size?: number;
  /** Length in microseconds: as the source states it or, where it can be read at any position, up to its last sample. */
  readonly duration?: number;
  /** Bit/s of the whole, by size and duration. */
  readonly bitrate?: number;
  /** The streams that `openMedia` gives. */
  readonly streams: readonly StreamInfo[];
  /** The streams that it leaves out, and why. */
  readonly skipped: readonly SkippedStream[];
  /** Title and friends, chapters among them. */
  readonly metadata: Metadata;
  /** What the source says and a stream cannot, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Says what a source is: format, length, streams and tags. Of a source that can be read at any position no more is read
 * than that takes; a `ReadableStream` is read up to its first samples and cancelled.
 *
 * @throws {TypeError} If the source is none of the {@linkcode MediaSource}s.
 * @throws {MuxError} `unsupported` for a format that is not read here; `bad-media` for one that cannot be opened or is
 * damaged. A source without a stream that can be carried is told, not thrown.
 *
 * @example
 * ```ts
 * import { info } from "@muxwell/muxwell/demux";
 *
 * async function describe(file: Blob): Promise<string> {
 *   const { format, streams, duration = 0 } = await info(file);
 *   return `${format}, ${duration / 1e6} s, ${streams.map(({ kind }) => kind).join(" and ")}`;
 * }
 * console.log(typeof describe);
 * ```
 */
export async function info(
  source: MediaSource,
  options: Pick<OpenMediaOptions, "name" | "silenceMs"> = {},
): Promise<MediaInfo> {
  const { bytes, reader } = await openSource(source, options);
  try {
    const { format, metadata, skipped, streams, warnings } = reader;
    const size = bytes.kind === "random" ? bytes.size : undefined;
    const duration = reader.duration ?? await measuredDuration(reader);
    return {
      format,
      ...size === undefined ? {} : { size },
      ...duration === undefined ? {} : { duration },
      ...size === undefined || !duration ? {} : { bitrate: Math.round(size * 8e6 / duration) },
      streams: streams.map((stream) => streamInfo(stream, reader)),
      skipped,
      metadata,
      warnings,
    };
  } catch (cause) {
    throw badMedia("read", bytes.name, cause);
  } finally {
    await closeBoth(reader, bytes);
  }
}

/** Later than any sample, µs. */
const LATE_US = 2 ** 50;

/** From the first sample to the end of the last, for which what follows the last key frame is read; `undefined` for a stream. */
async function measuredDuration(reader: OpenedMedia): Promise<number | undefined> {
  if (reader.seek === undefined || reader.streams.length === 0) return undefined;
  let start = Infinity;
  let end = -Infinity;
  try {
    for await (const batch of reader.batches()) {
      for (const { timestamp } of batch) start = Math.min(start, timestamp);
      break;
    }
    await reader.seek(LATE_US);
    for await (const batch of reader.batches()) {
      for (const { duration, timestamp } of batch) end = Math.max(end, timestamp + (duration ?? 0));
    }
  } catch { /* damaged there: what came before counts */ }
  const length = Math.round(end - Math.max(0, start)); // what is trimmed is not shown
  return length > 0 && length < Infinity ? length : undefined;
}

function streamInfo(stream: StreamConfig, reader: OpenedMedia): StreamInfo {
  const { codec, kind, language, names, streamNumber } = stream;
  return {
    streamNumber: streamNumber!,
    kind,
    ...codec === undefined ? {} : { codec },
    ...mediaInfo(stream, reader),
    ...definedOnly({ bitrate: stream.bitrate, language, title: names?.[0]?.name }),
  };
}

function mediaInfo(stream: StreamConfig, reader: OpenedMedia): Partial<StreamInfo> {
  switch (stream.kind) {
    case "audio": {
      const facts = describe(stream);
      const { bitsPerSample, numberOfChannels, sampleRate } = stream;
      return definedOnly({ codecName: facts.codecName, sampleRate, numberOfChannels, bitsPerSample });
    }
    case "video": {
      const facts = describe(stream);
      const { codedHeight, codedWidth, rotation } = stream;
      return definedOnly({
        codecName: facts.codecName,
        codedWidth: codedWidth ?? facts.codedWidth,
        codedHeight: codedHeight ?? facts.codedHeight,
        framerate: rounded(reader.framerate?.(stream.streamNumber!) ?? facts.framerate),
        rotation: rotation || undefined,
      });
    }
    case "image":
      return { codedWidth: stream.codedWidth, codedHeight: stream.codedHeight };
    default:
      return {};
  }
}

/** What its description says; nothing where there is none, or it is damaged: that is told when it is written. */
function describe(stream: CodedStream): Partial<Omit<VideoDescription, "kind">> {
  try {
    const described = describeRiff(stream);
    return described?.kind === "video" ? described : { codecName: (described as { codecName?: string })?.codecName };
  } catch {
    return {};
  }
}

/** 25.000001 is 25. */
function rounded(framerate: number | undefined): number | undefined {
  return framerate === undefined ? undefined : Math.round(framerate * 1000) / 1000;
}

function definedOnly<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
