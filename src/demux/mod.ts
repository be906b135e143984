/**
 * Reads encoded media for copying: `openMedia(source)` gives its streams, metadata and samples, ready for a `Writer`.
 *
 * @example
 * ```ts ignore
 * import { asf, fileSink, Writer } from "@muxwell/muxwell";
 * import { openMedia } from "@muxwell/muxwell/demux";
 *
 * await using song = await openMedia("song.mp3");
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [fileSink("song.wma")],
 *   streams: song.streams,
 *   metadata: song.metadata,
 * });
 * await writer.beginWriting();
 * await song.samples.pipeTo(writer.writable);
 * ```
 *
 * @module
 */

export { openMedia } from "./open_media.ts";
export type { Media, MediaSource, OpenMediaOptions, SkippedStream } from "./media.ts";
export type { AttributeValue, Metadata, Picture } from "../media/metadata.ts";
export type { Bytes, Sample, StreamSample } from "../media/sample.ts";
export type { AudioStream, StreamBase, StreamConfig, VideoStream } from "../media/stream_config.ts";
export { MuxError, type MuxErrorCode, type MuxErrorDetails } from "../errors.ts";
