/**
 * What every stream configuration has to satisfy, whatever its codec.
 *
 * @module
 */

import { MAX_DWORD, MAX_WORD } from "../../bytes/limits.ts";
import { toUint8Array } from "../sample.ts";
import { type AudioStream, isDataStream, type StreamConfig, type VideoStream } from "../stream_config.ts";

/** `biSize` counts 40 bytes beside the codec data, and stands in a WORD too ([ASF] 9.2). */
export const MAX_VIDEO_EXTRA_BYTES = 65_535 - 40;
/** WAVEFORMATEX and its codec data, in a WORD. */
export const MAX_AUDIO_EXTRA_BYTES = 65_535 - 18;
/** Interchange data of degradable JPEG stands in a WORD ([ASF] 9.4); no format of a media type is larger. */
const MAX_DATA_EXTRA_BYTES = 65_535;

const DEMAND_FIELDS = ["bufferMs", "peakBitrate", "peakBufferMs", "maxSampleBytes"] as const;

/** Checks a whole number from 1 on. */
export function checkInteger(problems: string[], name: string, value: unknown, max: number): void {
  if (!Number.isInteger(value) || value as number < 1 || value as number > max) {
    problems.push(`${name} must be an integer from 1 to ${max}, got ${format(value)}`);
  }
}

function checkPositive(problems: string[], name: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    problems.push(`${name} must be a positive number, got ${format(value)}`);
  }
}

function format(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function checkDescription(problems: string[], description: unknown, maxBytes: number): void {
  const isShared = typeof SharedArrayBuffer !== "undefined" && description instanceof SharedArrayBuffer;
  if (!(description instanceof ArrayBuffer) && !isShared && !ArrayBuffer.isView(description)) {
    problems.push(`description must be an ArrayBuffer or a view of one, got ${typeof description}`);
    return;
  }
  const { byteLength } = toUint8Array(description as ArrayBuffer);
  if (byteLength > maxBytes) problems.push(`description must not exceed ${maxBytes} bytes, got ${byteLength}`);
}

/** The same of fields that may be absent. */
function checkGiven<Config>(problems: string[], config: Config, names: readonly (keyof Config & string)[]): void {
  for (const name of names) if (config[name] !== undefined) checkInteger(problems, name, config[name], MAX_WORD);
}

function checkVideo(problems: string[], config: VideoStream): void {
  const { displayAspectWidth, displayAspectHeight, framerate } = config;
  checkGiven(problems, config, ["codedWidth", "codedHeight"]);
  if (displayAspectWidth !== undefined || displayAspectHeight !== undefined) {
    checkInteger(problems, "displayAspectWidth", displayAspectWidth, MAX_WORD);
    checkInteger(problems, "displayAspectHeight", displayAspectHeight, MAX_WORD);
  }
  if (framerate !== undefined) checkPositive(problems, "framerate", framerate);
}

function checkAudio(problems: string[], config: AudioStream): void {
  const { sampleRate, numberOfChannels, bitsPerSample } = config;
  checkInteger(problems, "sampleRate", sampleRate, MAX_DWORD);
  checkInteger(problems, "numberOfChannels", numberOfChannels, MAX_WORD);
  if (bitsPerSample !== 0) checkGiven(problems, config, ["bitsPerSample"]);
  checkGiven(problems, config, ["blockBytes"]);
}

/** What is wrong with a configuration whatever its codec, one line each. */
export function checkFields(config: StreamConfig): string[] {
  const problems: string[] = [];
  if (config.streamNumber !== undefined) checkInteger(problems, "streamNumber", config.streamNumber, 127);
  if (config.bitrate !== undefined) checkPositive(problems, "bitrate", config.bitrate);
  if (config.demand !== undefined) {
    for (const name of DEMAND_FIELDS) checkInteger(problems, `demand.${name}`, config.demand[name], MAX_DWORD);
  }
  if (config.kind === "video") checkVideo(problems, config);
  else if (config.kind === "audio") checkAudio(problems, config);
  if (config.description !== undefined) {
    checkDescription(problems, config.description, maxExtraBytes(config));
  }
  return problems;
}

/** How large codec data can be. */
function maxExtraBytes(config: StreamConfig): number {
  if (isDataStream(config)) return MAX_DATA_EXTRA_BYTES;
  return config.kind === "video" ? MAX_VIDEO_EXTRA_BYTES : MAX_AUDIO_EXTRA_BYTES;
}
