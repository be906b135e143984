/**
 * The codec table: from a stream's configuration to its description in RIFF terms.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { StreamConfig } from "../stream_config.ts";
import type { StreamDescription } from "./description.ts";

/** What is wrong with a configuration by itself, one line each; empty when nothing is. */
export function checkStream(_config: StreamConfig): string[] {
  throw new Error("under construction");
}

/**
 * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
 * missing.
 *
 * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description that is not one.
 */
export function describeStream(
  _config: StreamConfig,
  _metadata?: ChunkMetadata,
  _data?: Uint8Array,
): StreamDescription | undefined {
  throw new Error("under construction");
}

/** What {@linkcode describeStream} is waiting for, in one line. */
export function missingDescription(_config: StreamConfig): string {
  throw new Error("under construction");
}
