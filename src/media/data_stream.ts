/**
 * Streams that are neither video nor audio: what is wrong with their configuration or their samples.
 *
 * @module
 */

import { MAX_DWORD, MAX_WORD } from "../bytes/limits.ts";
import { badSample, cannotDescribe } from "./codecs/common.ts";
import { checkInteger } from "./codecs/checks.ts";
import type { Framing } from "./framing.ts";
import { toUint8Array } from "./sample.ts";
import { scriptFraming } from "./script.ts";
import type { DataStream, ImageStream, TypedStream } from "./stream_config.ts";

/** A described stream: its configuration says all. */
export interface DataDescription {
  readonly kind: "data";
  /** A copy. */
  readonly config: DataStream;
  /** The configuration's `description`. */
  readonly privateData: Uint8Array;
  /** How samples are checked, and made whole. */
  readonly framing?: Framing;
}

const IMAGE_CODECS: readonly unknown[] = ["jfif", "degradable-jpeg"];

/** What is wrong with a configuration beside the fields that all streams have, one line each. */
export function checkDataStream(config: DataStream): string[] {
  const problems: string[] = [];
  if (config.kind === "image") checkImage(problems, config);
  else if (config.kind !== "script") checkTyped(problems, config);
  const isBare = config.kind === "script" || config.kind === "image" && config.codec !== "degradable-jpeg";
  if (isBare && config.description !== undefined) problems.push(`a stream of kind ${config.kind} has no description`);
  return problems;
}

function checkImage(problems: string[], { codec = "jfif", codedWidth, codedHeight }: ImageStream): void {
  if (!IMAGE_CODECS.includes(codec)) {
    problems.push(`image codec must be "jfif" or "degradable-jpeg", got ${JSON.stringify(codec)}`);
  }
  checkInteger(problems, "codedWidth", codedWidth, MAX_WORD);
  checkInteger(problems, "codedHeight", codedHeight, MAX_WORD);
}

function checkTyped(problems: string[], { sampleBytes, temporalCompression }: TypedStream): void {
  if (sampleBytes !== undefined) checkInteger(problems, "sampleBytes", sampleBytes, MAX_DWORD);
  if (temporalCompression !== undefined && typeof temporalCompression !== "boolean") {
    problems.push(`temporalCompression must be a boolean, got ${typeof temporalCompression}`);
  }
}

/** Describes a stream: its configuration says all. @throws {MuxError} `unsupported` for one that does not make sense. */
export function describeDataStream(config: DataStream): DataDescription {
  const problem = checkDataStream(config)[0];
  if (problem !== undefined) throw cannotDescribe(config, "unsupported", problem);
  const privateData = config.description === undefined ? new Uint8Array() : toUint8Array(config.description).slice();
  return { kind: "data", config: { ...config, description: undefined }, privateData, framing: framingOf(config) };
}

function framingOf(config: DataStream): Framing | undefined {
  const { streamNumber } = config;
  if (config.kind === "script") return scriptFraming(streamNumber);
  if (config.kind === "image") return config.codec === "degradable-jpeg" ? undefined : jpegFraming(streamNumber);
  return config.sampleBytes === undefined ? undefined : fixedFraming(streamNumber, config.sampleBytes);
}

/** Every sample begins as a JPEG file does ([T.81] B.2.1). */
function jpegFraming(streamNumber: number | undefined): Framing {
  return (data, _isKey, out) => {
    if (data[0] !== 0xFF || data[1] !== 0xD8) throw badSample(streamNumber, "it is no JPEG file");
    out.add(data);
  };
}

function fixedFraming(streamNumber: number | undefined, sampleBytes: number): Framing {
  return (data, _isKey, out) => {
    if (data.byteLength !== sampleBytes) {
      throw badSample(streamNumber, `must be ${sampleBytes} bytes, as sampleBytes says, got ${data.byteLength}`);
    }
    out.add(data);
  };
}
