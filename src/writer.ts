/**
 * The writers, what they write to, what samples and streams are, and errors: all but the containers, each of which is an
 * entry of its own (`./asf`, `./mp4`, `./wave` …).
 *
 * @example
 * ```ts
 * import { wave } from "@muxwell/muxwell/wave";
 * import { bufferSink, Writer } from "@muxwell/muxwell/writer";
 *
 * const sink = bufferSink();
 * const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }] as const;
 * await using writer = new Writer({ container: wave(), sinks: [sink], streams });
 * await writer.beginWriting();
 * await writer.writeSample(1, { data: new Uint8Array(16000), timestamp: 0 });
 * await writer.endWriting();
 * console.log(sink.bytes.byteLength, "bytes");
 * ```
 *
 * @module
 */

export type { Container } from "./container/container.ts";
export {
  type Failure,
  type FinalizeReport,
  MuxError,
  type MuxErrorCode,
  type MuxErrorDetails,
  type Problem,
} from "./errors.ts";
export type { EncoderFactory, EncoderLike, RawFrame } from "./facades/encoder_stream.ts";
export { MuxStream } from "./facades/mux_stream.ts";
export { type ConnectOptions, PushSink } from "./facades/push_sink.ts";
export { type AddStreamOptions, SinkWriter, type SinkWriterOptions } from "./facades/sink_writer.ts";
export { Writer, type WriterOptions } from "./facades/writer.ts";
export type { AttributeRecord, Marker, Metadata, Picture, ScriptCommand } from "./media/metadata.ts";
export type { AttributeValue, TypedAttribute } from "./media/attribute_value.ts";
export type {
  ContentType,
  OwnPayloadExtension,
  PayloadExtension,
  PayloadExtensionName,
  SampleExtensions,
  Timecode,
} from "./media/payload_extension.ts";
export type {
  Bytes,
  ChunkMetadata,
  ColorSpace,
  EncodedChunk,
  Sample,
  SampleLike,
  StreamSample,
} from "./media/sample.ts";
export type { StandardAttributes } from "./media/standard_attributes.ts";
export { scriptSample } from "./media/script.ts";
export type {
  AudioStream,
  BinaryStream,
  CodedStream,
  CodedStreamBase,
  DataStream,
  FileStream,
  ImageStream,
  ScriptStream,
  StreamBase,
  StreamConfig,
  StreamDemand,
  StreamName,
  TextStream,
  TypedStream,
  VideoStream,
} from "./media/stream_config.ts";
export type { SinkReport, Statistics, StreamCounts, StreamStatistics } from "./report.ts";
export type { FinalizeOptions } from "./session/finalize.ts";
export type { SessionOptions } from "./session/options.ts";
export type { Discarded } from "./session/target.ts";
export type { SessionState } from "./session/state.ts";
export { type BufferSink, bufferSink } from "./sinks/buffer_sink.ts";
export type { PushState } from "./push/client.ts";
export { fileSink, type FileSinkOptions } from "./sinks/file_sink.ts";
export type { MarkerKind, MediaSink } from "./sinks/media_sink.ts";
export { type SegmentOptions, type SegmentSink, segmentSink } from "./sinks/segment_sink.ts";
export type { DataInfo, Sink, SinkLike, SinkOptions } from "./sinks/sink.ts";
