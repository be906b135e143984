/**
 * What containers check alike.
 *
 * @module
 */

import { MuxError, type Problem } from "../errors.ts";
import { type AudioStream, type CodedStream, isDataStream, type StreamConfig } from "../media/stream_config.ts";

/** The number a stream goes by in messages: its own, or its position from 1. */
export function numberOf(stream: StreamConfig, position: number): number {
  return stream.streamNumber ?? position + 1;
}

/** Problems of one stream. */
export function ofStream(stream: number, reasons: readonly string[]): Problem[] {
  return reasons.map((reason) => ({ stream, reason }));
}

/** What keeps one audio stream from being all there is; `check` says what is wrong with that stream. */
export function checkSingleAudio(
  name: string,
  streams: readonly StreamConfig[],
  check: (stream: AudioStream) => readonly Problem[],
): Problem[] {
  if (streams.length !== 1) return [{ reason: `${name} holds exactly one stream, got ${streams.length}` }];
  const one = streams[0]!;
  const stream = numberOf(one, 0);
  if (one.kind === "audio") {
    return [...ofStream(stream, checkPlain(name, one)), ...check(one).map((problem) => ({ ...problem, stream }))];
  }
  const got = isDataStream(one) ? `a stream of kind ${one.kind}` : `${one.kind} codec ${JSON.stringify(one.codec)}`;
  return [{ stream, reason: `${name} holds audio alone, got ${got}`, holds: `${name} holds audio alone` }];
}

/** What a container without room for payload extensions says of a stream that declares some. */
export function checkPlain(name: string, { payloadExtensions = [] }: StreamConfig): string[] {
  return payloadExtensions.length === 0 ? [] : [`${name} has no room for payloadExtensions`];
}

/** What is wrong with the number of streams, and with their own numbers. */
export function checkNumbers(streams: readonly StreamConfig[], most: number): Problem[] {
  const problems: Problem[] = [];
  if (streams.length === 0) problems.push({ reason: "there must be at least one stream" });
  if (streams.length > most) problems.push({ reason: `there must be at most ${most} streams, got ${streams.length}` });
  const numbers = new Set<number>();
  streams.forEach((stream, position) => {
    const number = numberOf(stream, position);
    if (numbers.has(number)) problems.push({ stream: number, reason: "streamNumber must be unique" });
    numbers.add(number);
  });
  return problems;
}

/**
 * That a codec has no place in a container.
 *
 * @param names What has, in a few words: `AAC`.
 * @param written The same with the names that a configuration uses: `AAC (mp4a.40.2)`.
 */
export function foreignCodec(name: string, { kind, codec }: CodedStream, names: string, written: string): Problem {
  const text = typeof codec === "number"
    ? "0x" + codec.toString(16).padStart(4, "0").toUpperCase()
    : JSON.stringify(codec);
  return { reason: `${name} cannot hold ${kind} codec ${text}; it holds ${written}`, holds: `${name} holds ${names}` };
}

/** Checks an option. @throws {TypeError} @throws {RangeError} */
export function checkInteger(container: string, name: string, value: number, least: number, most: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot create ${container} container: ${name} must be a number, got ${typeof value}`);
  }
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot create ${container} container: ${name} must be whole and within ${least}–${most}, got ${value}`,
  );
}

/** Refuses an access unit without bytes, or with too many. @throws {MuxError} `bad-media`, `too-large` */
export function checkUnitBytes(streamNumber: number, byteLength: number, most: number): void {
  if (byteLength > 0 && byteLength <= most) return;
  throw byteLength === 0
    ? new MuxError("bad-media", `Cannot write sample to stream ${streamNumber}: it has no bytes`, { streamNumber })
    : new MuxError(
      "too-large",
      `Cannot write sample to stream ${streamNumber}: must have at most ${most} bytes, got ${byteLength}`,
      { streamNumber },
    );
}
