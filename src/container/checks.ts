/**
 * What containers check alike.
 *
 * @module
 */

import { type Problem, sampleError } from "../errors.ts";
import { checkFields } from "../media/codecs/checks.ts";
import { type AudioStream, type CodedStream, isCodedStream, type StreamConfig } from "../media/stream_config.ts";

/** The number a stream goes by in messages: its own, or its position from 1. */
export function numberOf(stream: StreamConfig, position: number): number {
  return stream.streamNumber ?? position + 1;
}

const MAX_STREAM_COUNT = 127;

/** What a check finds in one stream: a reason, or a problem that says more. */
export type Found = string | Problem;

function ofStream(stream: number, found: readonly Found[]): Problem[] {
  return found.map((one) => typeof one === "string" ? { stream, reason: one } : { ...one, stream });
}

/**
 * What is wrong with a list of streams: their count, numbers that come twice, and what `check` finds in each.
 *
 * @example
 * ```ts
 * import { checkStreams } from "@muxwell/muxwell/container";
 *
 * const check = checkStreams([{ kind: "text", codec: "srt" }], ({ kind }) => kind === "audio" ? [] : ["not audio"]);
 * console.log(check); // [{ stream: 1, reason: "not audio" }]
 * ```
 */
export function checkStreams(
  streams: readonly StreamConfig[],
  check: (stream: StreamConfig) => readonly Found[],
): Problem[] {
  const problems: Problem[] = [];
  if (streams.length === 0) problems.push({ reason: "there must be at least one stream" });
  if (streams.length > MAX_STREAM_COUNT) {
    problems.push({ reason: `there must be at most ${MAX_STREAM_COUNT} streams, got ${streams.length}` });
  }
  const numbers = new Set<number>();
  streams.forEach((stream, position) => {
    const number = numberOf(stream, position);
    const found = numbers.has(number) ? ["streamNumber must be unique"] : [];
    numbers.add(number);
    problems.push(...ofStream(number, [...found, ...check(stream)]));
  });
  return problems;
}

/** What keeps one audio stream from being all there is; `check` says what is wrong with that stream. */
export function checkSingleAudio(
  name: string,
  streams: readonly StreamConfig[],
  check: (stream: AudioStream) => readonly Found[],
): Problem[] {
  if (streams.length !== 1) return [{ reason: `${name} holds exactly one stream, got ${streams.length}` }];
  const stream = streams[0]!;
  const number = numberOf(stream, 0);
  if (stream.kind === "audio") return ofStream(number, [...checkPlain(name, stream), ...check(stream)]);
  const got = isCodedStream(stream)
    ? `${stream.kind} codec ${JSON.stringify(stream.codec)}`
    : `a stream of kind ${stream.kind}`;
  const holds = `${name} holds audio alone`;
  return [{ stream: number, reason: `${holds}, got ${got}`, holds }];
}

/** What a container without room for payload extensions says of a stream that declares some. */
export function checkPlain(name: string, { payloadExtensions = [] }: StreamConfig): string[] {
  return payloadExtensions.length === 0 ? [] : [`${name} has no room for payloadExtensions`];
}

/** What is wrong with a stream whose codec has to match; names the codec and the container, as {@linkcode cannotHold} does. */
export function checkCodec(
  name: string,
  stream: AudioStream,
  isHeld: boolean,
  names: string,
  written: string,
): readonly Found[] {
  return isHeld ? checkFields(stream) : [cannotHold(name, stream, names, written)];
}

/**
 * That a container cannot hold a codec.
 *
 * @param names What it holds, in a few words: `AAC`.
 * @param written The same with the names that a configuration uses: `AAC (mp4a.40.2)`.
 */
export function cannotHold(name: string, { kind, codec }: CodedStream, names: string, written: string): Problem {
  const text = typeof codec === "number"
    ? "0x" + codec.toString(16).padStart(4, "0").toUpperCase()
    : JSON.stringify(codec);
  return { reason: `${name} cannot hold ${kind} codec ${text}; it holds ${written}`, holds: `${name} holds ${names}` };
}

/** Checks an option. @param action What it is for. @throws {TypeError} @throws {RangeError} */
export function checkInteger(action: string, name: string, value: number, least: number, most: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`${action}: ${name} must be a number, got ${typeof value}`);
  }
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${action}: ${name} must be whole and within ${least}–${most}, got ${value}`);
}

const MAX_RESERVE_BYTES = 0x100_0000;

/** Checks the option that keeps room for metadata free in a header. @throws {TypeError} @throws {RangeError} */
export function checkReserve(action: string, headerReserveBytes: number): void {
  checkInteger(action, "headerReserveBytes", headerReserveBytes, 0, MAX_RESERVE_BYTES);
}

/** Refuses an access unit without bytes, or with too many. @throws {MuxError} `bad-media`, `too-large` */
export function checkUnitBytes(streamNumber: number, byteLength: number, most: number): void {
  if (byteLength > 0 && byteLength <= most) return;
  throw byteLength === 0
    ? sampleError("bad-media", streamNumber, "it has no bytes")
    : sampleError("too-large", streamNumber, `must have at most ${most} bytes, got ${byteLength}`);
}
