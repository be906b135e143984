/**
 * The ADTS muxer: AAC frames, each behind a header of its own.
 *
 * @module
 */

import type { Muxer, NumberedStream, Opening, Packetizer, Plan, StreamFacts } from "../container/container.ts";
import { checkUnitBytes } from "../container/checks.ts";
import { UnitBuffer } from "../container/unit_buffer.ts";
import { Pieces } from "../bytes/pieces.ts";
import { aac } from "../media/codecs/aac.ts";
import { adtsFraming } from "../media/codecs/adts.ts";
import type { Framing } from "../media/framing.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";

/** One session's ADTS. */
export class AdtsMuxer implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  #facts: StreamFacts | undefined;
  #framing!: Framing;
  #maxUnitBytes = Infinity;
  readonly #pieces = new Pieces();

  /** @param config Of audio: `check` lets no other pass. */
  constructor(config: NumberedStream) {
    this.#config = config as NumberedStream & AudioStream;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const facts = aac.parse(this.#config, metadata, data);
    if (facts === undefined) return undefined;
    this.#framing = adtsFraming(this.#config, facts.privateData, facts.framing);
    return this.#facts = { reorderDepth: 0, bitrate: this.#config.bitrate ?? 0, sparse: false };
  }

  missing(): string {
    return aac.missing(this.#config);
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

  /** Nothing is completed at the end. */
  plan(): Plan {
    return { form: "live", trailer: "none" };
  }

  header(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(0);
  }
}
