/**
 * The ADTS muxer: AAC frames, each behind a header of its own.
 *
 * @module
 */

import type { NumberedStream, OutputFacts, Patch, Plan, StreamFacts } from "../container/container.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import type { UnitBuffer } from "../container/unit_buffer.ts";
import { aac } from "../media/codecs/aac.ts";
import { adtsFraming } from "../media/codecs/adts.ts";
import type { Framing } from "../media/framing.ts";
import type { ChunkMetadata } from "../media/sample.ts";

/** One session's ADTS. */
export class AdtsMuxer extends PlainMuxer {
  #facts: StreamFacts | undefined;
  #framing!: Framing;

  constructor(config: NumberedStream, units?: UnitBuffer) {
    super(config, units);
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const facts = aac.parse(this.config, metadata, data);
    if (facts === undefined) return undefined;
    this.#framing = adtsFraming(this.config, facts.privateData, facts.framing);
    return this.#facts = { reorderDepth: 0, bitrate: this.config.bitrate ?? 0, sparse: false };
  }

  missing(): string {
    return aac.missing(this.config);
  }

  protected override addPieces(data: Uint8Array, isKey: boolean): void {
    this.#framing(data, isKey, this.pieces);
  }

  /** Nothing is completed at the end. */
  override plan(): Plan {
    return { form: "live", index: "none" };
  }

  header(_output: OutputFacts): Uint8Array<ArrayBuffer> {
    return new Uint8Array(0);
  }

  patches(): readonly Patch[] {
    return [];
  }

  checkMetadata(): string | undefined {
    return undefined;
  }
}
