/**
 * Media samples in, containers out: ASF, WMV and WMA files that every reader accepts, in any JavaScript runtime.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, Writer } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [sink],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 44100, numberOfChannels: 2 }],
 *   metadata: { title: "A second of silence" },
 * });
 * await writer.beginWriting();
 * for (let i = 0; i < 10; i++) {
 *   await writer.writeSample(1, { data: new Uint8Array(17640), timestamp: i * 100_000, duration: 100_000 });
 * }
 * console.log((await writer.endWriting()).duration / 1e6, "s");
 * ```
 *
 * @module
 */

// First: in the midst of a bundle the core's digits would push what is alike out of a compressor's window.
export { initCore } from "./src/core/loader.ts";
export { adts } from "./src/adts/mod.ts";
export { measureStreams } from "./src/asf/measure.ts";
export { asf, type AsfOptions } from "./src/asf/mod.ts";
export { loadProfile, type Profile, type ProfileJson, type ProfileOptions, saveProfile } from "./src/asf/profile.ts";
export type {
  BandwidthSharing,
  ContentBranding,
  MutualExclusion,
  RelationOptions,
  StreamPriority,
} from "./src/asf/relations.ts";
export type { IndexOptions, IndexPoint } from "./src/asf/indexes/options.ts";
export type {
  Chunk,
  Container,
  Header,
  Interleaving,
  LocalCopy,
  Muxer,
  MuxSample,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Patches,
  Plan,
  Reserve,
  Salvage,
  SinkAbilities,
  SinkNeeds,
  StreamFacts,
} from "./src/container/container.ts";
export { allContainers, containerByName, containerForPath, containersFor } from "./src/containers.ts";
export {
  type Failure,
  type FinalizeReport,
  MuxError,
  type MuxErrorCode,
  type MuxErrorDetails,
  type Problem,
} from "./src/errors.ts";
export type { EncoderFactory, EncoderLike, RawFrame } from "./src/facades/encoder_stream.ts";
export { MuxStream } from "./src/facades/mux_stream.ts";
export { type ConnectOptions, PushSink } from "./src/facades/push_sink.ts";
export { type AddStreamOptions, SinkWriter, type SinkWriterOptions } from "./src/facades/sink_writer.ts";
export { Writer, type WriterOptions } from "./src/facades/writer.ts";
export { Pieces } from "./src/bytes/pieces.ts";
export type { AttributeRecord, Marker, Metadata, Picture, ScriptCommand } from "./src/media/metadata.ts";
export type { AttributeValue, TypedAttribute } from "./src/media/attribute_value.ts";
export type {
  ContentType,
  OwnPayloadExtension,
  PayloadExtension,
  PayloadExtensionName,
  SampleExtensions,
  Timecode,
} from "./src/media/payload_extension.ts";
export type {
  Bytes,
  ChunkMetadata,
  ColorSpace,
  EncodedChunk,
  Sample,
  SampleLike,
  StreamSample,
} from "./src/media/sample.ts";
export type { StandardAttributes } from "./src/media/standard_attributes.ts";
export { scriptSample } from "./src/media/script.ts";
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
} from "./src/media/stream_config.ts";
export { mp3, type Mp3Options } from "./src/mp3/mod.ts";
export { mp4, type Mp4Options } from "./src/mp4/mod.ts";
export { mpegts, type MpegtsOptions } from "./src/mpegts/mod.ts";
export type { SinkReport, Statistics, StreamCounts, StreamStatistics } from "./src/report.ts";
export type { FinalizeOptions } from "./src/session/finalize.ts";
export type { SessionOptions } from "./src/session/options.ts";
export type { Discarded } from "./src/session/target.ts";
export type { SessionState } from "./src/session/state.ts";
export { type BufferSink, bufferSink } from "./src/sinks/buffer_sink.ts";
export type { PushState } from "./src/push/client.ts";
export { fileSink, type FileSinkOptions } from "./src/sinks/file_sink.ts";
export type { MarkerKind, MediaSink } from "./src/sinks/media_sink.ts";
export { type SegmentOptions, type SegmentSink, segmentSink } from "./src/sinks/segment_sink.ts";
export type { DataInfo, Sink, SinkLike, SinkOptions } from "./src/sinks/sink.ts";
export { wave, type WaveOptions } from "./src/wave/mod.ts";
