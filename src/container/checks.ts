/**
 * What containers check alike.
 *
 * @module
 */

import { checkFields } from "../media/codecs/checks.ts";
import { type AudioStream, type CodedStream, isCodedStream, type StreamConfig } from "../media/stream_config.ts";

/** The number a stream goes by in messages: its own, or its position from 1. */
export function numberOf(stream: StreamConfig, position: number): number {
  return stream.streamNumber ?? position + 1;
}

const MAX_STREAM_COUNT = 127;

/** What is wrong with a list of streams: their count, numbers that come twice, and what `check` finds in each. */
export function checkStreams(
  streams: readonly StreamConfig[],
  check: (stream: StreamConfig) => readonly string[],
): string[] {
  const problems: string[] = [];
  if (streams.length === 0) problems.push("there must be at least one stream");
  if (streams.length > MAX_STREAM_COUNT) {
    problems.push(`there must be at most ${MAX_STREAM_COUNT} streams, got ${streams.length}`);
  }
  const numbers = new Set<number>();
  streams.forEach((stream, position) => {
    const number = numberOf(stream, position);
    const found = numbers.has(number) ? ["streamNumber must be unique"] : [];
    numbers.add(number);
    problems.push(...[...found, ...check(stream)].map((problem) => `stream ${number}: ${problem}`));
  });
  return problems;
}

/** What keeps one audio stream from being all there is; `check` says what is wrong with that stream. */
export function checkSingleAudio(
  name: string,
  streams: readonly StreamConfig[],
  check: (stream: AudioStream) => readonly string[],
): string[] {
  if (streams.length !== 1) return [`${name} holds exactly one stream, got ${streams.length}`];
  const stream = streams[0]!;
  const got = isCodedStream(stream)
    ? `${stream.kind} codec ${JSON.stringify(stream.codec)}`
    : `a stream of kind ${stream.kind}`;
  const problems = stream.kind === "audio"
    ? [...checkPlain(name, stream), ...check(stream)]
    : [`${name} holds audio alone, got ${got}`];
  return problems.map((problem) => `stream ${numberOf(stream, 0)}: ${problem}`);
}

/** What a container without room for payload extensions says of a stream that declares some. */
export function checkPlain(name: string, { payloadExtensions = [] }: StreamConfig): string[] {
  return payloadExtensions.length === 0 ? [] : [`${name} has no room for payloadExtensions`];
}

/** What is wrong with a stream whose codec has to match; names the codec and the container. */
export function checkCodec(name: string, stream: AudioStream, isHeld: boolean, held: string): string[] {
  return isHeld ? checkFields(stream) : [cannotHold(name, stream, held)];
}

/** Why a container cannot hold a codec. */
export function cannotHold(name: string, { kind, codec }: CodedStream, held: string): string {
  const text = typeof codec === "number"
    ? "0x" + codec.toString(16).padStart(4, "0").toUpperCase()
    : JSON.stringify(codec);
  return `${name} cannot hold ${kind} codec ${text}; it holds ${held}`;
}

/** Checks an option. @param action What it is for. @throws {TypeError} @throws {RangeError} */
export function checkInteger(action: string, name: string, value: number, least: number, most: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`${action}: ${name} must be a number, got ${typeof value}`);
  }
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${action}: ${name} must be whole and within ${least}–${most}, got ${value}`);
}
