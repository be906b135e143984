/**
 * Looks into ASF files (.asf, .wmv, .wma, .dvr-ms) and MP4 files (.mp4, .m4a, .mov, .3gp, in fragments or not): readers of
 * their own that share no code with the muxers, so that they can judge what these write.
 *
 * - {@linkcode AsfReader}: header, packets, samples and indexes of an ASF file or stream.
 * - {@linkcode PacketParser}: single packets of a live stream.
 * - {@linkcode validate}: everything that is wrong with a file, by rule and severity.
 * - {@linkcode inspectTree}, {@linkcode formatTree}, {@linkcode inspectLines}: the whole as JSON or text.
 *
 * ```ts
 * import { AsfReader } from "@muxwell/muxwell/inspect";
 *
 * async function list(file: Blob): Promise<void> {
 *   const reader = await AsfReader.open(file);
 *   for (const stream of reader.header.streams) console.log(stream.streamNumber, stream.kind, stream.language);
 *   for await (const sample of reader.samples()) {
 *     console.log(sample.streamNumber, sample.presentationMs, sample.data.byteLength, sample.isKey);
 *   }
 *   for (const { offset, message } of reader.problems) console.warn(offset, message);
 * }
 * console.log(typeof list);
 * ```
 *
 * @module
 */

export { AsfReader } from "./asf/reader.ts";
export { PacketParser } from "./asf/packet_parser.ts";
export { formatTree, inspectLines } from "./format.ts";
export { type InspectTree, inspectTree } from "./tree.ts";
export { validate } from "./validator.ts";
export type { ValidationIssue, ValidationReport } from "./findings.ts";
export type { InspectNode, InspectOptions, InspectValue } from "./tree_nodes.ts";
export type { ByteSource, RandomAccess } from "./byte_source.ts";
export type { DataObjectHead } from "./asf/head.ts";
export type { AsfExtensions, AsfTimecode } from "./asf/extension_values.ts";
export type { AsfHeader, AsfStream } from "./asf/header.ts";
export type { AsfPacket, AsfPayload } from "./asf/packet.ts";
export type { FileProblem, Severity } from "./problems.ts";
export type { AsfSample } from "./asf/sample_assembler.ts";
export type { AsfIndexes, StreamIndex } from "./asf/trailer.ts";
export type { AsfObject } from "./asf/objects/walk.ts";
export type { ExtendedStreamProperties, PayloadExtension } from "./asf/objects/extended_stream.ts";
export type { FileProperties } from "./asf/objects/file_properties.ts";
export type { BlockIndex, IndexBlock, IndexParameters, IndexSpecifier, SimpleIndex } from "./asf/objects/indexes.ts";
export type { MediaTypeFormat, VideoFormat, WaveFormat } from "./asf/objects/media_formats.ts";
export type { AsfAttribute, AttributeType, ContentDescription } from "./asf/objects/metadata.ts";
export type { CodecList, Markers, ScriptCommands } from "./asf/objects/script.ts";
export type { AudioSpread, StreamKind, StreamProperties } from "./asf/objects/stream_properties.ts";
