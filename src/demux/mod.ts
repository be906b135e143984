/**
 * Reads encoded media for copying: `openMedia(source)` gives its streams, metadata and samples, ready for a `Writer`.
 *
 * @example
 * ```ts
 * import { asf, fileSink, Writer } from "@muxwell/muxwell";
 * import { openMedia } from "@muxwell/muxwell/demux";
 *
 * async function toWma(input: string, output: string) {
 *   await using song = await openMedia(input);
 *   const { streams, metadata } = song;
 *   await using writer = new Writer({ container: asf(), sinks: [fileSink(output)], streams, metadata });
 *   await writer.beginWriting();
 *   await song.samples.pipeTo(writer.writable); // closing it is endWriting()
 *   return await writer.closed;
 * }
 * console.log(typeof toWma);
 * ```
 *
 * @module
 */

export { info } from "./info.ts";
export type { MediaInfo, StreamInfo } from "./info.ts";
export { openMedia } from "./open_media.ts";
export type { Media, MediaSource, OpenMediaOptions, SkippedStream } from "./media.ts";
export type { AttributeValue } from "../media/attribute_value.ts";
export type { Metadata, Picture } from "../media/metadata.ts";
export type { Bytes, Sample, StreamSample } from "../media/sample.ts";
export type {
  AudioStream,
  CodedStreamBase,
  StreamBase,
  StreamConfig,
  StreamName,
  VideoStream,
} from "../media/stream_config.ts";
