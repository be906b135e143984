/**
 * The muxer of containers that are one stream's frames back to back, behind a few fixed bytes at most.
 *
 * @module
 */

import { Pieces } from "../bytes/pieces.ts";
import type { AudioCodec, AudioFacts } from "../media/codecs/codec.ts";
import type { Framing } from "../media/framing.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { checkUnitBytes } from "./checks.ts";
import type { Muxer, NumberedStream, Opening, Packetizer, Plan, StreamFacts } from "./container.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/** What differs from container to container. */
export interface PlainFormat<Facts extends AudioFacts> {
  readonly codec: AudioCodec<Facts>;
  /** How frames are framed there. @throws {MuxError} For a stream that cannot be. */
  frame(config: NumberedStream & AudioStream, facts: Facts): Framing;
  /** What stands in front of them; default nothing. */
  header?(facts: Facts): Uint8Array<ArrayBuffer>;
}

/** One session of such a container: nothing is completed at the end. */
export class PlainMuxer<Facts extends AudioFacts> implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  readonly #format: PlainFormat<Facts>;
  #facts: Facts | undefined;
  #framing!: Framing;
  #maxUnitBytes = Infinity;
  readonly #pieces = new Pieces();

  /** @param config Of audio: `check` lets no other pass. */
  constructor(config: NumberedStream, format: PlainFormat<Facts>) {
    this.#config = config as NumberedStream & AudioStream;
    this.#format = format;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts === undefined) {
      const facts = this.#format.codec.parse(this.#config, metadata, data);
      if (facts === undefined) return undefined;
      this.#framing = this.#format.frame(this.#config, facts);
      this.#facts = facts;
    }
    return { reorderDepth: 0, bitrate: this.#config.bitrate ?? this.#facts.bitrate ?? 0, sparse: false };
  }

  missing(): string {
    return this.#format.codec.missing(this.#config);
  }

  begin({ maxUnitBytes = Infinity }: Opening): Packetizer {
    this.#maxUnitBytes = maxUnitBytes;
    return new UnitBuffer();
  }

  frame(_stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const pieces = this.#pieces;
    pieces.clear();
    this.#framing(data, isKey, pieces);
    checkUnitBytes(this.#config.streamNumber, pieces.byteLength, this.#maxUnitBytes);
    return pieces;
  }

  plan(): Plan {
    return { form: "live", trailer: "none" };
  }

  header(): Uint8Array<ArrayBuffer> {
    return this.#format.header?.(this.#facts!) ?? new Uint8Array(0);
  }
}
