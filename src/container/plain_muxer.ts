/**
 * What formats share that are one stream of frames without times: a header in front, and each sample a unit.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { Pieces } from "../bytes/pieces.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import type {
  Chunk,
  Muxer,
  MuxSample,
  NumberedStream,
  Opening,
  OutputFacts,
  Patch,
  Plan,
  SinkCapabilities,
  StreamFacts,
} from "./container.ts";
import { Extent } from "./extent.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/** The muxer of such a format, but for its header and its framing. */
export abstract class PlainMuxer implements Muxer {
  /** The stream, its number settled. */
  protected readonly config: NumberedStream & AudioStream;
  /** What `frame` answers. */
  protected readonly pieces: Pieces = new Pieces();
  protected readonly units: UnitBuffer;
  protected readonly extent: Extent = new Extent();
  /** Sizes of headers given out that are to be completed at the end. */
  protected readonly headerSizes: Set<number> = new Set();
  #maxUnitBytes = Infinity;

  constructor(config: NumberedStream, units: UnitBuffer = new UnitBuffer()) {
    this.config = config as NumberedStream & AudioStream; // `check` lets no other pass
    this.units = units;
  }

  abstract describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined;
  abstract missing(): string;
  abstract header(output: OutputFacts, maxHeaderBytes?: number): Uint8Array<ArrayBuffer>;
  abstract patches(output: OutputFacts): readonly Patch[];
  abstract checkMetadata(metadata: Metadata): string | undefined;
  /** Appends the pieces of one access unit to the empty pieces. */
  protected abstract addPieces(data: Uint8Array, isKey: boolean): void;

  begin({ maxUnitBytes = Infinity }: Opening): void {
    this.#maxUnitBytes = maxUnitBytes;
  }

  plan({ canPatch }: SinkCapabilities): Plan {
    return { form: canPatch ? "final" : "live", index: "none" };
  }

  frame(_stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const { pieces, config: { streamNumber } } = this;
    pieces.clear();
    this.addPieces(data, isKey);
    const { byteLength } = pieces;
    if (byteLength === 0) {
      throw new MuxError("bad-media", `Cannot write sample to stream ${streamNumber}: it has no bytes`, {
        streamNumber,
      });
    }
    if (byteLength > this.#maxUnitBytes) throw this.tooLarge(byteLength, this.#maxUnitBytes);
    return pieces;
  }

  protected tooLarge(byteLength: number, most: number): MuxError {
    const { streamNumber } = this.config;
    return new MuxError(
      "too-large",
      `Cannot write sample to stream ${streamNumber}: must have at most ${most} bytes, got ${byteLength}`,
      { streamNumber },
    );
  }

  checkTimes(_stream: number, _timestamp: number, _decodeTimestamp: number): void {}

  write(sample: MuxSample): boolean {
    this.extent.add(sample);
    return this.units.append(sample.pieces, sample.timestamp);
  }

  resume(): boolean {
    return this.units.resume();
  }

  get hasRoom(): boolean {
    return this.units.hasRoom;
  }

  get hasChunk(): boolean {
    return this.units.hasChunk;
  }

  get heldTimestamp(): number {
    return this.units.heldTimestamp;
  }

  closeUnit(): void {}

  nextChunk(partial: boolean): Chunk | undefined {
    return this.units.nextChunk(partial);
  }

  get unitCount(): number {
    return this.units.unitCount;
  }

  get duration(): number {
    return this.extent.end;
  }

  finish(): void {}

  rebase(): void {}

  *index(_output: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {}

  /** Remembers a header whose size is fixed now, or refuses one that is too large. */
  protected admitHeader(
    header: Uint8Array<ArrayBuffer>,
    { plan }: OutputFacts,
    maxHeaderBytes = Infinity,
  ): Uint8Array<ArrayBuffer> {
    const { byteLength } = header;
    if (byteLength > maxHeaderBytes) {
      throw new MuxError(
        "too-large",
        `Cannot write header: the sink takes at most ${maxHeaderBytes} bytes, got ${byteLength}`,
      );
    }
    if (plan.form === "final") this.headerSizes.add(byteLength);
    return header;
  }
}
