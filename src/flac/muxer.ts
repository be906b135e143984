/**
 * The FLAC muxer: a header that is completed at the end, and the frames.
 *
 * @module
 */

import { checkUnitBytes } from "../container/checks.ts";
import type {
  Muxer,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Plan,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { checkHeaderBytes, HeaderRoom } from "../container/header_room.ts";
import { UnitBuffer } from "../container/unit_buffer.ts";
import type { Problem } from "../errors.ts";
import { Pieces } from "../bytes/pieces.ts";
import { flac, type FlacFacts } from "../media/codecs/flac.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { FrameLog } from "./frame_log.ts";
import { encodeHeader, type FlacHeaderFacts, isPaddable } from "./header.ts";
import { encodeStreamInfo, statedSamples } from "./stream_info.ts";

/** One session's FLAC. */
export class FlacMuxer implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  readonly #reserveBytes: number;
  readonly #log = new FrameLog();
  readonly #pieces = new Pieces();
  readonly #headerRoom = new HeaderRoom();
  #facts: FlacFacts | undefined;
  #maxUnitBytes = Infinity;

  /** @param config Of audio: `check` lets no other pass. */
  constructor(config: NumberedStream, headerReserveBytes: number) {
    this.#config = config as NumberedStream & AudioStream;
    this.#reserveBytes = headerReserveBytes;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts === undefined) {
      const facts = flac.parse(this.#config, metadata, data);
      if (facts === undefined) return undefined;
      this.#facts = { ...facts, privateData: facts.privateData.slice() };
    }
    return { reorderDepth: 0, bitrate: this.#config.bitrate ?? 0, sparse: false };
  }

  missing(): string {
    return flac.missing(this.#config);
  }

  begin({ maxUnitBytes = Infinity }: Opening): Packetizer {
    this.#maxUnitBytes = maxUnitBytes;
    return new UnitBuffer({ log: this.#log });
  }

  plan({ canPatch, skips }: SinkAbilities): Plan {
    return { form: canPatch && !skips ? "final" : "live", trailer: "none" };
  }

  frame(_stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const pieces = this.#pieces;
    pieces.clear();
    this.#facts!.framing!(data, isKey, pieces);
    checkUnitBytes(this.#config.streamNumber, pieces.byteLength, this.#maxUnitBytes);
    return pieces;
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const isFinal = output.plan.form === "final";
    const facts = this.#provisional(output.metadata, isFinal);
    const least = encodeHeader(facts);
    checkHeaderBytes(least.byteLength, maxHeaderBytes);
    if (!isFinal) return least;
    const spare = Math.min(this.#reserveBytes, maxHeaderBytes - least.byteLength);
    const header = isPaddable(spare) ? encodeHeader(facts, least.byteLength + spare) : least;
    this.#headerRoom.add(header.byteLength);
    return header;
  }

  patches(output: OutputFacts): readonly Patch[] {
    const { plan, firstUnit, unitCount, dataBytes, metadata, headerBytes } = output;
    if (plan.form !== "final" || unitCount === 0) return [];
    const described = this.#facts!.privateData;
    const end = firstUnit + unitCount;
    const info = encodeStreamInfo(described, this.#log.facts(firstUnit, end, statedSamples(described)));
    const points = this.#log.points(firstUnit, end, dataBytes);
    return [{ offset: 0, bytes: encodeHeader({ info, metadata, points }, headerBytes) }];
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    if (this.#headerRoom.isEmpty) return undefined;
    const { byteLength } = encodeHeader(this.#provisional(metadata, true));
    const size = this.#headerRoom.tooSmall(byteLength, isPaddable);
    return size === undefined ? undefined : { reason: `header has room for ${size} bytes, got ${byteLength}` };
  }

  #provisional(metadata: Metadata, isFinal: boolean): FlacHeaderFacts {
    return { info: encodeStreamInfo(this.#facts!.privateData), metadata, points: isFinal ? [] : undefined };
  }
}
