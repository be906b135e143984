/**
 * ASF: .asf, .wmv and .wma files, and their live form over HTTP.
 *
 * @module
 */

import { AsfMuxer, type AsfSettings } from "./muxer.ts";
import { toFileTime } from "../bytes/file_time.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import { checkInteger, checkStreams, numberOf } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostRotations } from "../container/losses.ts";
import type { Problem } from "../errors.ts";
import { PACKET_BYTES_MAX, PACKET_BYTES_MIN } from "../core/abi.ts";
import { checkRiff } from "../media/mappings/riff/mod.ts";
import { type CodedStream, isCodedStream, type StreamConfig } from "../media/stream_config.ts";
import { CREATE_ASF } from "./checks.ts";
import { checkGuids } from "./data_stream.ts";
import { guidBytes, randomGuid } from "./guid.ts";
import { indexSettings } from "./indexes/options.ts";
import { DEFAULT_INDEX_INTERVAL_MS } from "./indexes/simple_index.ts";
import { MAX_LANGUAGE_LENGTH } from "./objects/language_list.ts";
import type { AsfOptions } from "./options.ts";
import { USUAL_PACKET_BYTES } from "./packet_size.ts";
import { payloadExtensionProblems } from "./payload_extensions.ts";
import { checkRelations, type RelationOptions, strangers } from "./relations.ts";
import { isWindowsMediaAudio, isWindowsMediaVideo } from "./type_data.ts";

export type { Container } from "../container/container.ts";
// First: in the midst of a bundle the core's digits would push what is alike out of a compressor's window.
export { initCore } from "../core/loader.ts";
export type { IndexOptions, IndexPoint } from "./indexes/options.ts";
export { measureStreams } from "./measure.ts";
export type { AsfOptions } from "./options.ts";
export { loadProfile, type Profile, type ProfileJson, type ProfileOptions, saveProfile } from "./profile.ts";
export type {
  BandwidthSharing,
  ContentBranding,
  MutualExclusion,
  RelationOptions,
  StreamPriority,
} from "./relations.ts";

const MAX_NAME_LENGTH = 32_766;
const MAX_CODEC_TEXT_LENGTH = 65_534;

/**
 * The ASF container: Windows Media and other codecs in .asf, .wmv and .wma, and streams of every kind but `"text"`.
 *
 * Of what a stream's configuration may say beside its codec it carries `language`, `names`, `codecName`,
 * `codecDescription`, `demand`, `payloadExtensions` ([ASF] 4.1) and the display aspect ratio; `colorSpace` and `rotation`
 * have no place.
 *
 * @example
 * ```ts
 * import { asf } from "@muxwell/muxwell";
 *
 * const container = asf({ packetBytes: 1400, prerollMs: 1000 });
 * console.log(container.extensions); // [".asf", ".wmv", ".wma"]
 * ```
 *
 * @param options See {@linkcode AsfOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function asf(options: AsfOptions = {}): Container {
  const {
    packetBytes,
    prerollMs = 3000,
    indexIntervalMs = DEFAULT_INDEX_INTERVAL_MS,
    headerReserveBytes = 2048,
  } = options;
  const { fileId, creationTime, compressedPayloads = true } = options;
  if (packetBytes !== undefined) {
    checkInteger(CREATE_ASF, "packetBytes", packetBytes, PACKET_BYTES_MIN, PACKET_BYTES_MAX);
  }
  checkInteger(CREATE_ASF, "prerollMs", prerollMs, 0, MAX_DWORD);
  checkInteger(CREATE_ASF, "indexIntervalMs", indexIntervalMs, 1, MAX_DWORD);
  checkInteger(CREATE_ASF, "headerReserveBytes", headerReserveBytes, 0, MAX_DWORD);
  const indexes = indexSettings(options);
  checkRelations(options);
  if (typeof compressedPayloads !== "boolean") {
    throw new TypeError(`${CREATE_ASF}: compressedPayloads must be a boolean`);
  }
  const givenId = fileId === undefined ? undefined : guidBytes(fileId);
  if (creationTime !== undefined) checkDate(creationTime);
  const createSettings = (): AsfSettings => ({
    packetBytes,
    prerollMs,
    indexIntervalMs,
    headerReserveBytes,
    compressedPayloads,
    indexes,
    relations: options,
    fileId: givenId ?? randomGuid(),
    creationTime: creationTime ?? new Date(),
  });
  return {
    name: "asf",
    extensions: [".asf", ".wmv", ".wma"],
    mimeType,
    check: (streams) => check(streams, { ...options, packetBytes: packetBytes ?? USUAL_PACKET_BYTES }),
    losses: (streams) => lostRotations("ASF", streams),
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new AsfMuxer(createSettings(), streams),
  };
}

/** The media types that Windows gives its own codecs; everything else is plain ASF. */
function mimeType(streams: readonly StreamConfig[]): string {
  const coded = streams.filter(isCodedStream);
  if (coded.length === 0 || !coded.every(isWindowsMedia)) return "video/x-ms-asf";
  return coded.some(({ kind }) => kind === "video") ? "video/x-ms-wmv" : "audio/x-ms-wma";
}

function isWindowsMedia({ kind, codec }: CodedStream): boolean {
  if (kind === "video") return isWindowsMediaVideo(codec);
  return typeof codec === "number" && isWindowsMediaAudio(codec);
}

function check(streams: readonly StreamConfig[], options: AsfOptions & { packetBytes: number }): Problem[] {
  const { packetBytes } = options;
  const problems = checkStreams(streams, (stream) => [
    ...languageProblems(stream),
    ...checkRiff(stream),
    ...textProblems(stream),
    ...checkGuids(stream),
    ...payloadExtensionProblems(stream.payloadExtensions, packetBytes),
  ]);
  for (const stream of strangers(options, new Set(streams.map(numberOf)))) {
    problems.push({ stream, reason: "the container's options name it, and it is not there" });
  }
  problems.push(...rateProblems(streams, options));
  if (options.timecodeIndex && !streams.some(({ payloadExtensions }) => payloadExtensions?.includes("timecode"))) {
    problems.push({ field: "timecodeIndex", reason: 'no stream declares the payload extension "timecode"' });
  }
  return problems;
}

function languageProblems({ language = "" }: StreamConfig): string[] {
  return language.length > MAX_LANGUAGE_LENGTH ? [`language must have at most ${MAX_LANGUAGE_LENGTH} characters`] : [];
}

/** Texts for people: names in a WORD of bytes, those of codecs in a WORD of characters, NUL included. */
function textProblems(stream: StreamConfig): string[] {
  const { names = [] } = stream;
  const problems: string[] = [];
  const check = (field: string, value: unknown, most: number) => {
    if (typeof value !== "string") problems.push(`${field} must be a string, got ${typeof value}`);
    else if (value.length > most) problems.push(`${field} must have at most ${most} characters, got ${value.length}`);
  };
  if (!Array.isArray(names)) return ["names must be a list"];
  for (const one of names) {
    check("name", one?.name, MAX_NAME_LENGTH);
    if (one?.language !== undefined) check("language of a name", one.language, MAX_LANGUAGE_LENGTH);
  }
  if (!isCodedStream(stream)) return problems;
  const { codecName = "", codecDescription = "" } = stream;
  check("codecName", codecName, MAX_CODEC_TEXT_LENGTH);
  check("codecDescription", codecDescription, MAX_CODEC_TEXT_LENGTH);
  return problems;
}

/** Streams that exclude each other by rate show the same thing. */
function rateProblems(streams: readonly StreamConfig[], { mutualExclusions = [] }: RelationOptions): Problem[] {
  return mutualExclusions.flatMap(({ by, streams: numbers = [] }) => {
    const named = streams.filter((stream, i) => by === "bitrate" && numbers.includes(numberOf(stream, i)));
    const looks = named.map((one) => one.kind === "video" ? `${one.codedWidth}×${one.codedHeight} video` : one.kind);
    const reason = `${looks.join(", ")} cannot exclude each other by bitrate`;
    return new Set(looks).size < 2 ? [] : [{ field: `streams ${numbers.join()}`, reason }];
  });
}

/** Creation Date counts from 1601. */
function checkDate(date: Date): void {
  if (!(date instanceof Date)) throw new TypeError(`${CREATE_ASF}: creationTime must be a Date`);
  if (Number.isNaN(date.getTime()) || toFileTime(date.getTime()) < 0n) {
    throw new RangeError(`${CREATE_ASF}: creationTime must be a valid date from 1601 on`);
  }
}
