/**
 * The MP3 muxer: a tag, a frame that says how long it all is, and the frames.
 *
 * @module
 */

import type { MuxSample, NumberedStream, OutputFacts, Patch, StreamFacts } from "../container/container.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import type { UnitBuffer } from "../container/unit_buffer.ts";
import { badSample } from "../media/codecs/common.ts";
import { mp3 } from "../media/codecs/mp3.ts";
import { type FrameHeader, parseFrame } from "../media/codecs/mp3_frame.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { encodeId3, type Id3Version, isPaddable } from "./id3.ts";
import { SeekTable } from "./seek_table.ts";
import { type XingFacts, xingFrame } from "./xing.ts";

/** {@linkcode Mp3Options} with every value settled. */
export interface Mp3Settings {
  readonly id3Version: Id3Version;
  readonly headerReserveBytes: number;
}

/** One session's MP3. */
export class Mp3Muxer extends PlainMuxer {
  readonly #settings: Mp3Settings;
  readonly #table = new SeekTable();
  /** The first frame's header: what the one in front has to look like. */
  #first: FrameHeader | undefined;
  #isConstant = true;

  constructor(config: NumberedStream, settings: Mp3Settings, units?: UnitBuffer) {
    super(config, units);
    this.#settings = settings;
  }

  /** Needs the first frame, which alone says version and channel mode. */
  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    this.#first ??= mp3.parse(this.config, metadata, data)?.header;
    if (this.#first === undefined) return undefined;
    return { reorderDepth: 0, bitrate: this.config.bitrate ?? this.#first.bitrate, sparse: false };
  }

  missing(): string {
    return "MP3 needs its first frame";
  }

  protected override addPieces(data: Uint8Array): void {
    const { streamNumber } = this.config;
    const frame = parseFrame(data);
    if (frame === undefined) throw badSample(streamNumber, "it is no MPEG layer III frame");
    if (frame.sampleRate !== this.#first!.sampleRate) {
      throw badSample(
        streamNumber,
        `its sample rate is ${frame.sampleRate} Hz, the first frame's ${this.#first!.sampleRate}`,
      );
    }
    this.pieces.add(data);
  }

  override write(sample: MuxSample): boolean {
    const { sources, starts, byteLength } = sample.pieces;
    const frame = parseFrame(sources[0]!, starts[0]);
    if (frame !== undefined && frame.bitrate !== this.#first!.bitrate) this.#isConstant = false;
    this.#table.add(byteLength);
    return super.write(sample);
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const { id3Version, headerReserveBytes } = this.#settings;
    const tag = encodeId3(output.metadata, id3Version);
    if (output.plan.form === "live") return this.admitHeader(tag, output, maxHeaderBytes);
    const frame = xingFrame(this.#first!);
    const least = tag.byteLength + frame.byteLength;
    const spare = Math.min(headerReserveBytes, maxHeaderBytes - least);
    const padded = spare > 0 && isPaddable(tag.byteLength, spare)
      ? encodeId3(output.metadata, id3Version, tag.byteLength + spare)
      : tag;
    return this.admitHeader(join(padded, frame), output, maxHeaderBytes);
  }

  patches(output: OutputFacts): readonly Patch[] {
    if (output.plan.form !== "final") return [];
    const like = this.#first!;
    const facts: XingFacts = {
      like,
      isConstant: this.#isConstant,
      firstFrame: output.firstUnit,
      frameCount: output.unitCount,
      dataBytes: output.dataBytes,
    };
    const frame = xingFrame(like, facts, this.#table);
    const tag = encodeId3(output.metadata, this.#settings.id3Version, output.headerBytes - frame.byteLength);
    return [{ offset: 0, bytes: join(tag, frame) }];
  }

  checkMetadata(metadata: Metadata): string | undefined {
    if (this.headerSizes.size === 0) return undefined;
    const { byteLength } = encodeId3(metadata, this.#settings.id3Version);
    const frameBytes = xingFrame(this.#first!).byteLength;
    for (const headerBytes of this.headerSizes) {
      const room = headerBytes - frameBytes;
      if (!isPaddable(byteLength, room - byteLength)) return `the tag has room for ${room} bytes, got ${byteLength}`;
    }
    return undefined;
  }
}

function join(tag: Uint8Array, frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(tag.byteLength + frame.byteLength);
  bytes.set(tag);
  bytes.set(frame, tag.byteLength);
  return bytes;
}
