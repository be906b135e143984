/**
 * A table of codecs: from a stream's configuration to its description in RIFF terms.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { StreamConfig } from "../stream_config.ts";
import { checkFields } from "./checks.ts";
import type { Codec } from "./codec.ts";
import { cannotDescribe } from "./common.ts";

/** The codecs of one kind of stream; the first entry that matches counts. */
export class CodecTable<Stream extends StreamConfig, Facts, Description extends { readonly extraData: Uint8Array }> {
  readonly #entries: readonly Codec<Stream, Facts>[];
  readonly #complete: (config: Stream, facts: Facts) => Description;
  readonly #maxExtraBytes: number;

  constructor(
    entries: readonly Codec<Stream, Facts>[],
    complete: (config: Stream, facts: Facts) => Description,
    maxExtraBytes: number,
  ) {
    this.#entries = entries;
    this.#complete = complete;
    this.#maxExtraBytes = maxExtraBytes;
  }

  /** What is wrong with a configuration by itself, one line each; empty when nothing is. */
  check(config: Stream): string[] {
    const entry = this.#find(config);
    return [...checkFields(config), ...entry === undefined ? [this.#unknown(config)] : entry.check?.(config) ?? []];
  }

  /** As `describeStream`. */
  describe(config: Stream, metadata?: ChunkMetadata, data?: Uint8Array): Description | undefined {
    const facts = this.#require(config).describe(config, metadata, data);
    if (facts === undefined) return undefined;
    const description = this.#complete(config, facts);
    const { byteLength } = description.extraData;
    if (byteLength > this.#maxExtraBytes) {
      const reason = `codec data must not exceed ${this.#maxExtraBytes} bytes, got ${byteLength}`;
      throw cannotDescribe(config, "too-large", reason);
    }
    return description;
  }

  /** What `describe` is waiting for, in one line. */
  missing(config: Stream): string {
    return this.#require(config).missing(config);
  }

  #find({ kind, codec }: Stream): Codec<Stream, Facts> | undefined {
    const isOfItsType = typeof codec === "string" || (kind === "audio" && typeof codec === "number");
    return isOfItsType ? this.#entries.find((entry) => entry.matches(codec)) : undefined;
  }

  #require(config: Stream): Codec<Stream, Facts> {
    const entry = this.#find(config);
    if (entry === undefined) throw cannotDescribe(config, "unsupported", this.#unknown(config));
    return entry;
  }

  #unknown({ kind, codec }: Stream): string {
    const known = this.#entries.flatMap((entry) => entry.names);
    const text = typeof codec === "string" ? JSON.stringify(codec) : String(codec);
    return `${kind} codec ${text} is not known; known are ${known.join(", ")}`;
  }
}
