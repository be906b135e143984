/**
 * The header as a whole: the Header Object and the Data Object up to its first packet, from facts.
 *
 * Everything that is only known at the end has a fixed size, metadata apart; a Padding Object takes up the difference, so
 * that the final header lies exactly over the provisional one.
 *
 * ```text
 * Header
 * ├ File Properties
 * ├ Header Extension
 * │ ├ Language List                  when a stream, a name or an attribute has a language
 * │ ├ Compatibility
 * │ ├ Extended Stream Properties     one a stream
 * │ ├ Mutual Exclusions, Stream Prioritization, Bandwidth Sharing
 * │ ├ Index Parameters, Media Object Index Parameters, Timecode Index Parameters
 * │ ├ Metadata                       attributes of streams, pixel aspect ratios
 * │ └ Metadata Library               what fits nowhere else
 * ├ Content Description, Extended Content Description, Content Branding
 * ├ Script Command, Marker
 * ├ Codec List
 * ├ Stream Properties                one a stream
 * ├ Bitrate Mutual Exclusion, Stream Bitrate Properties
 * └ Padding
 * Data (50 bytes)
 * ```
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import { MuxError } from "../errors.ts";
import { fourccBytes } from "../media/mappings/riff/bitmap_info.ts";
import type { RiffDescription } from "../media/mappings/riff/mod.ts";
import { waveFormat } from "../media/mappings/riff/wave_format.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamName } from "../media/stream_config.ts";
import { TIMING_EXTENSION_BYTES } from "../packets/timing_extension.ts";
import { type LibraryRecord, routeAttributes, type RoutedAttributes } from "./attributes.ts";
import { dataStreamType, dataTypeData } from "./data_stream.ts";
import * as GUID from "./guids.ts";
import { encodeObject, OBJECT_HEAD_BYTES, type ObjectSpec } from "./object.ts";
import { type CodecEntry, codecList } from "./objects/codec_list.ts";
import { compatibility } from "./objects/compatibility.ts";
import { contentDescription } from "./objects/content_description.ts";
import { DATA_HEAD_BYTES, dataObject } from "./objects/data.ts";
import { extendedContentDescription } from "./objects/extended_content_description.ts";
import {
  extendedStreamProperties,
  type PayloadExtensionSystem,
  STREAM_FLAG_SEEKABLE,
} from "./objects/extended_stream_properties.ts";
import { fileProperties, FLAG_BROADCAST, FLAG_SEEKABLE } from "./objects/file_properties.ts";
import { HEADER_BODY_OFFSET, headerObject } from "./objects/header.ts";
import { headerExtension } from "./objects/header_extension.ts";
import { languageList } from "./objects/language_list.ts";
import { marker, type MarkerEntry } from "./objects/marker.ts";
import { metadata, type MetadataRecord } from "./objects/metadata.ts";
import { metadataLibrary } from "./objects/metadata_library.ts";
import { padding } from "./objects/padding.ts";
import { type CommandEntry, scriptCommand } from "./objects/script_command.ts";
import { streamBitrateProperties } from "./objects/stream_bitrate_properties.ts";
import { type StreamProperties, streamProperties } from "./objects/stream_properties.ts";
import { brandingObjects, relationExtensions, relationObjects, type RelationOptions } from "./relations.ts";
import { audioSpread, isWindowsMediaAudio, videoTypeData } from "./type_data.ts";

/** RFC 1766 and BCP 47 for "undetermined". */
const UNDETERMINED = "und";

/** One stream of the header. */
export interface HeaderStream {
  /** 1–127. */
  readonly streamNumber: number;
  readonly description: RiffDescription;
  readonly language?: string;
  readonly names?: readonly StreamName[];
  /** Stand in for what the codec says of itself. */
  readonly codecName?: string;
  readonly codecDescription?: string;
  /** What its payloads carry, the timing extension apart. */
  readonly extensions: readonly PayloadExtensionSystem[];
  /** Media alone; at least 1. */
  readonly mediaBitsPerSecond: number;
  /** Packet overhead included; at least 1. */
  readonly bitsPerSecond: number;
  /** Buffers that the rate needs, and the peak rate; absent: not known, and the preroll stands for it. */
  readonly bufferMs?: number;
  readonly peak?: { readonly bitsPerSecond: number; readonly bufferMs: number };
  /** 0: not known. */
  readonly largestObjectBytes: number;
  /** 100 ns; 0: not known. */
  readonly ticksPerFrame: number;
}

/** What is only known at the end. */
export interface HeaderOutcome {
  readonly packetCount: number;
  readonly indexBytes: number;
  /** Preroll included. */
  readonly playDurationTicks: number;
  /** Preroll not included. */
  readonly sendDurationTicks: number;
  readonly seekable: boolean;
}

/** What a header says. */
export interface HeaderFacts {
  /** 16 wire bytes. */
  readonly fileId: Uint8Array;
  /** FILETIME. */
  readonly creationTime: bigint;
  readonly packetBytes: number;
  readonly prerollMs: number;
  /** Whether every payload carries the timing extension. */
  readonly timingExtension: boolean;
  /** In ascending order of stream numbers. */
  readonly streams: readonly HeaderStream[];
  readonly metadata: Metadata;
  readonly relations: RelationOptions;
  /** Markers and commands where they lead, ascending. */
  readonly markers: readonly MarkerEntry[];
  readonly commands: readonly CommandEntry[];
  /** What indexes at the end will say again. */
  readonly indexes: readonly Uint8Array[];
  /** Absent: provisional, or live for ever. */
  readonly outcome?: HeaderOutcome;
}

/** Size of the header without padding. */
export function leastHeaderBytes(facts: HeaderFacts): number {
  return headerBytes(headerChildren(facts));
}

/**
 * The header in exactly so many bytes, the Data Object's 50 included.
 *
 * @throws {MuxError} `too-large` if it is larger, or if 1 to 23 bytes would be left, which no object can fill.
 */
export function encodeHeader(facts: HeaderFacts, byteLength: number): Uint8Array<ArrayBuffer> {
  const children = headerChildren(facts);
  const least = headerBytes(children);
  if (!isPaddable(byteLength - least)) {
    throw new MuxError("too-large", { action: "write header", reason: `must fit ${byteLength} bytes, got ${least}` });
  }
  children[0] = filePropertiesOf(facts, byteLength);
  if (byteLength > least) children.push(encodeObject(padding, byteLength - least));
  return concatBytes(encodeObject(headerObject, children), dataHeadOf(facts));
}

/** The Data Object up to its first packet. */
export function dataHeadOf(facts: HeaderFacts): Uint8Array<ArrayBuffer> {
  return encodeObject(dataObject, { ...facts, packetCount: facts.outcome?.packetCount ?? 0 });
}

/** Whether so many bytes can be left over: none, or a Padding Object. */
export function isPaddable(spareBytes: number): boolean {
  return spareBytes === 0 || spareBytes >= OBJECT_HEAD_BYTES;
}

function headerBytes(children: readonly Uint8Array[]): number {
  return children.reduce((sum, child) => sum + child.byteLength, HEADER_BODY_OFFSET + DATA_HEAD_BYTES);
}

/** The children without padding; the size of the file is not known yet. */
function headerChildren(facts: HeaderFacts): Uint8Array[] {
  const { streams } = facts;
  const attributes = routeAttributes(facts.metadata);
  const children: Uint8Array[] = [
    filePropertiesOf(facts, 0),
    encodeObject(headerExtension, extensions(facts, attributes)),
  ];
  if (Object.values(attributes.contentDescription).some((text) => text !== "")) {
    children.push(encodeObject(contentDescription, attributes.contentDescription));
  }
  children.push(...listOf(extendedContentDescription, attributes.extended));
  children.push(...brandingObjects(facts.relations));
  children.push(...listOf(scriptCommand, facts.commands), ...listOf(marker, facts.markers));
  children.push(encodeObject(codecList, streams.flatMap(codecEntries)));
  for (const stream of streams) children.push(encodeObject(streamProperties, streamPropertiesOf(stream)));
  children.push(...relationObjects(facts.relations, numbersOf(streams)));
  children.push(encodeObject(streamBitrateProperties, streams));
  return children;
}

/** An object for a list, unless the list is empty. */
function listOf<T>(spec: ObjectSpec<readonly T[]>, list: readonly T[]): Uint8Array[] {
  return list.length > 0 ? [encodeObject(spec, list)] : [];
}

/** File Properties, which come first; `byteLength` is that of the whole header. */
export function filePropertiesOf(facts: HeaderFacts, byteLength: number): Uint8Array<ArrayBuffer> {
  const { outcome } = facts;
  const flags = outcome === undefined ? FLAG_BROADCAST : outcome.seekable ? FLAG_SEEKABLE : 0;
  return encodeObject(fileProperties, {
    ...facts,
    fileBytes: outcome ? byteLength + outcome.packetCount * facts.packetBytes + outcome.indexBytes : 0,
    packetCount: outcome?.packetCount ?? 0,
    playDurationTicks: outcome?.playDurationTicks ?? 0,
    sendDurationTicks: outcome?.sendDurationTicks ?? 0,
    flags,
    maxBitsPerSecond: Math.min(0xffff_ffff, facts.streams.reduce((sum, stream) => sum + stream.bitsPerSecond, 0)),
  });
}

function extensions(facts: HeaderFacts, routed: RoutedAttributes): Uint8Array[] {
  const { streams, relations } = facts;
  const numbers = numbersOf(streams).add(0);
  const isHere = ({ streamNumber }: MetadataRecord) => numbers.has(streamNumber); // a stream may be left out after all
  const attributes = routed.streams.filter(isHere);
  const library = routed.library.filter(isHere);
  const languages = languagesOf(streams, library);
  const indexOf = (language?: string) => Math.max(0, languages.indexOf(language ?? UNDETERMINED));
  const timing = { guid: GUID.timingExtension, dataBytes: TIMING_EXTENSION_BYTES };
  return [
    ...listOf(languageList, languages),
    encodeObject(compatibility, undefined),
    ...streams.map((stream) =>
      encodeObject(extendedStreamProperties, {
        streamNumber: stream.streamNumber,
        bitsPerSecond: stream.mediaBitsPerSecond,
        bufferMs: stream.bufferMs ?? facts.prerollMs,
        peak: stream.peak,
        largestObjectBytes: stream.largestObjectBytes,
        flags: facts.outcome?.seekable ? STREAM_FLAG_SEEKABLE : 0,
        languageIndex: indexOf(stream.language),
        ticksPerFrame: stream.ticksPerFrame,
        names: (stream.names ?? []).map(({ name, language }) => ({ name, languageIndex: indexOf(language) })),
        extensions: [...(facts.timingExtension ? [timing] : []), ...stream.extensions],
      })
    ),
    ...relationExtensions(relations, numbersOf(streams)),
    ...facts.indexes,
    ...listOf(metadata, [...streams.flatMap(aspectRecords), ...attributes]),
    ...listOf(
      metadataLibrary,
      library.map(({ language, ...record }) => ({ ...record, languageIndex: indexOf(language) })),
    ),
  ];
}

function numbersOf(streams: readonly HeaderStream[]): Set<number> {
  return new Set(streams.map(({ streamNumber }) => streamNumber));
}

/** The distinct languages; if only some streams, names or attributes have one, the others need an entry to point at. */
function languagesOf(streams: readonly HeaderStream[], library: readonly LibraryRecord[]): string[] {
  const named = [...streams, ...streams.flatMap(({ names = [] }) => names), ...library].map(({ language }) => language);
  if (named.every((language) => language === undefined)) return [];
  return [...new Set(named.map((language) => language ?? UNDETERMINED))];
}

/** Pixels that are not square: two records a stream. */
function aspectRecords({ streamNumber, description }: HeaderStream): MetadataRecord[] {
  if (description.kind !== "video" || description.pixelAspectWidth === description.pixelAspectHeight) return [];
  return [
    { streamNumber, name: "AspectRatioX", value: { type: "dword", value: description.pixelAspectWidth } },
    { streamNumber, name: "AspectRatioY", value: { type: "dword", value: description.pixelAspectHeight } },
  ];
}

/** What is decoded has an entry. */
function codecEntries({ description, codecName, codecDescription = "" }: HeaderStream): CodecEntry[] {
  if (description.kind === "data") return [];
  const information = description.kind === "video"
    ? fourccBytes(description.id)
    : new Uint8Array([description.id & 0xff, description.id >> 8]);
  return [{
    kind: description.kind,
    name: codecName || description.codecName,
    description: codecDescription,
    information,
  }];
}

function streamPropertiesOf({ streamNumber, description }: HeaderStream): StreamProperties {
  const plain = { streamNumber, errorCorrectionType: GUID.noErrorCorrection, errorCorrectionData: new Uint8Array() };
  if (description.kind === "video") {
    return { ...plain, streamType: GUID.videoMedia, typeData: videoTypeData(description) };
  }
  if (description.kind === "data") {
    return { ...plain, streamType: dataStreamType(description.config), typeData: dataTypeData(description) };
  }
  const audio = { ...plain, streamType: GUID.audioMedia, typeData: waveFormat(description) };
  return isWindowsMediaAudio(description.id)
    ? { ...audio, errorCorrectionType: GUID.audioSpread, errorCorrectionData: audioSpread(description) }
    : audio; // Windows Media Player is said to refuse MP3 and AAC with Audio Spread
}
