/**
 * Windows Media Audio, as it comes from ASF.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe, privateData } from "./common.ts";

/** By format tag: its name, and how many bytes of codec data its decoder reads. */
const VERSIONS: Readonly<Record<number, { readonly name: string; readonly extraBytes: number }>> = {
  0x0160: { name: "Windows Media Audio 1", extraBytes: 4 },
  0x0161: { name: "Windows Media Audio 2", extraBytes: 10 },
  0x0162: { name: "Windows Media Audio Professional", extraBytes: 18 },
  0x0163: { name: "Windows Media Audio Lossless", extraBytes: 18 },
};

/** A WMA decoder derives its tables from bit rate and block size: neither can be guessed. */
function check(config: AudioStream): string[] {
  const { name } = VERSIONS[config.codec as number]!;
  const problems: string[] = [];
  if (config.blockBytes === undefined) problems.push(`blockBytes is needed for ${name}`);
  if (config.bitrate === undefined) problems.push(`bitrate is needed for ${name}`);
  return problems;
}

/** What Windows Media Audio says. */
export interface WindowsMediaFacts extends AudioFacts {
  readonly blockBytes: number;
}

function parse(config: AudioStream, metadata?: ChunkMetadata): WindowsMediaFacts | undefined {
  const { name, extraBytes } = VERSIONS[config.codec as number]!;
  const description = privateData(config, metadata);
  if (description.byteLength === 0 || config.blockBytes === undefined || config.bitrate === undefined) return undefined;
  if (description.byteLength < extraBytes) {
    throw cannotDescribe(
      config,
      "bad-media",
      `${name} has ${extraBytes} bytes of description, got ${description.byteLength}`,
    );
  }
  return {
    codecName: name,
    bitsPerSample: config.bitsPerSample ?? 16,
    blockBytes: config.blockBytes,
    privateData: description,
  };
}

/** WMA 1, 2, Professional, Lossless. */
export const windowsMediaAudio: AudioCodec<WindowsMediaFacts> = {
  matches: (codec) => typeof codec === "number" && Object.hasOwn(VERSIONS, codec),
  check,
  parse,
  missing: (config) => `${VERSIONS[config.codec as number]!.name} needs its codec data as description`,
};
