/**
 * The ADTS muxer: AAC frames, each behind a header of its own.
 *
 * @module
 */

import type { NumberedStream, OutputFacts, Patch, Plan, StreamFacts } from "../container/container.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import type { UnitBuffer } from "../container/unit_buffer.ts";
import { beginsWithAdts } from "../media/codecs/aac_config.ts";
import { AUDIO_CODECS } from "../media/codecs/audio.ts";
import { cannotDescribe } from "../media/codecs/common.ts";
import { Pieces } from "../bytes/pieces.ts";
import type { Framing } from "../media/framing.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { HEADER_BYTES, makeHeader, MAX_FRAME_BYTES, setFrameBytes } from "./header.ts";

/** One session's ADTS. */
export class AdtsMuxer extends PlainMuxer {
  #facts: StreamFacts | undefined;
  #header = new Uint8Array(HEADER_BYTES);
  #framing!: Framing;
  readonly #raw = new Pieces();

  constructor(config: NumberedStream, units?: UnitBuffer) {
    super(config, units);
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = AUDIO_CODECS.describe(this.config, metadata, data);
    if (description === undefined) return undefined;
    const header = makeHeader(description.extraData);
    if (typeof header === "string") throw cannotDescribe(this.config, "unsupported", header);
    this.#header = header;
    this.#framing = description.framing!;
    const { bitrateKnown, bytesPerSecond } = description;
    return this.#facts = { reorderDepth: 0, bitrate: bitrateKnown ? bytesPerSecond * 8 : 0, sparse: false };
  }

  missing(): string {
    return AUDIO_CODECS.missing(this.config);
  }

  protected override addPieces(data: Uint8Array, isKey: boolean): void {
    this.#raw.clear();
    this.#framing(data, isKey, this.#raw); // also checks an ADTS header
    if (beginsWithAdts(data)) {
      this.pieces.add(data);
      return;
    }
    const byteLength = HEADER_BYTES + data.byteLength;
    if (byteLength > MAX_FRAME_BYTES) throw this.tooLarge(data.byteLength, MAX_FRAME_BYTES - HEADER_BYTES);
    setFrameBytes(this.#header, byteLength);
    this.pieces.add(this.#header);
    this.pieces.add(data);
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
