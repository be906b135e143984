/**
 * The ADTS muxer: AAC frames, each behind a header of its own.
 *
 * @module
 */

import type { Muxer, NumberedStream, Opening, Packetizer, Plan, StreamFacts } from "../container/container.ts";
import { checkUnitBytes } from "../container/checks.ts";
import { UnitBuffer } from "../container/unit_buffer.ts";
import { beginsWithAdts } from "../media/codecs/aac_config.ts";
import { AUDIO_CODECS } from "../media/codecs/audio.ts";
import { cannotDescribe } from "../media/codecs/common.ts";
import { Pieces } from "../bytes/pieces.ts";
import type { Framing } from "../media/framing.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { HEADER_BYTES, makeHeader, MAX_FRAME_BYTES, setFrameBytes } from "./header.ts";

/** One session's ADTS. */
export class AdtsMuxer implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  #facts: StreamFacts | undefined;
  #header = new Uint8Array(HEADER_BYTES);
  #framing!: Framing;
  #maxUnitBytes = Infinity;
  readonly #raw = new Pieces();
  readonly #pieces = new Pieces();

  /** @param config Of audio: `check` lets no other pass. */
  constructor(config: NumberedStream) {
    this.#config = config as NumberedStream & AudioStream;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = AUDIO_CODECS.describe(this.#config, metadata, data);
    if (description === undefined) return undefined;
    const header = makeHeader(description.extraData);
    if (typeof header === "string") throw cannotDescribe(this.#config, "unsupported", header);
    this.#header = header;
    this.#framing = description.framing!;
    const { bitrateKnown, bytesPerSecond } = description;
    return this.#facts = { reorderDepth: 0, bitrate: bitrateKnown ? bytesPerSecond * 8 : 0, sparse: false };
  }

  missing(): string {
    return AUDIO_CODECS.missing(this.#config);
  }

  begin({ maxUnitBytes = Infinity }: Opening): Packetizer {
    this.#maxUnitBytes = maxUnitBytes;
    return new UnitBuffer();
  }

  frame(_stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const pieces = this.#pieces;
    const { streamNumber } = this.#config;
    this.#raw.clear();
    this.#framing(data, isKey, this.#raw); // also checks an ADTS header
    pieces.clear();
    if (!beginsWithAdts(data)) {
      checkUnitBytes(streamNumber, data.byteLength, MAX_FRAME_BYTES - HEADER_BYTES);
      setFrameBytes(this.#header, HEADER_BYTES + data.byteLength);
      pieces.add(this.#header);
    }
    pieces.add(data);
    checkUnitBytes(streamNumber, pieces.byteLength, this.#maxUnitBytes);
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
