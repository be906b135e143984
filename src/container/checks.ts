/**
 * What containers check alike.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { AUDIO_CODECS } from "../media/codecs/audio.ts";
import { type AudioStream, isDataStream, type StreamConfig } from "../media/stream_config.ts";

/** The number a stream goes by in messages: its own, or its position from 1. */
export function numberOf(stream: StreamConfig, position: number): number {
  return stream.streamNumber ?? position + 1;
}

/** What keeps one audio stream from being all there is; `check` says what is wrong with that stream. */
export function checkSingleAudio(
  name: string,
  streams: readonly StreamConfig[],
  check: (stream: AudioStream) => readonly string[],
): string[] {
  if (streams.length !== 1) return [`${name} holds exactly one stream, got ${streams.length}`];
  const stream = streams[0]!;
  const got = isDataStream(stream)
    ? `a stream of kind ${stream.kind}`
    : `${stream.kind} codec ${JSON.stringify(stream.codec)}`;
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
  if (isHeld) return AUDIO_CODECS.check(stream);
  const codec = typeof stream.codec === "number"
    ? "0x" + stream.codec.toString(16).padStart(4, "0").toUpperCase()
    : JSON.stringify(stream.codec);
  return [`${name} cannot hold ${stream.kind} codec ${codec}; it holds ${held}`];
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
