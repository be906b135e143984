/**
 * The MP3 muxer: a tag, a frame that says how long it all is, and the frames.
 *
 * @module
 */

import type {
  Muxer,
  MuxSample,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Plan,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { checkUnitBytes } from "../container/checks.ts";
import { skippedAtStart } from "../container/skipped.ts";
import { checkHeaderBytes, HeaderRoom } from "../container/header_room.ts";
import { UnitBuffer } from "../container/unit_buffer.ts";
import { crc16 } from "../bytes/crc16.ts";
import { Pieces } from "../bytes/pieces.ts";
import { badSample } from "../media/codecs/common.ts";
import { mp3 } from "../media/codecs/mp3.ts";
import { DECODER_DELAY, type FrameHeader, parseFrame } from "../media/codecs/mp3_frame.ts";
import type { Metadata } from "../media/metadata.ts";
import type { Problem } from "../errors.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { encodeId3, type Id3Version, isPaddable } from "./id3.ts";
import { SeekTable } from "./seek_table.ts";
import { type TrimFacts, type XingFacts, xingFrame } from "./xing.ts";

/** {@linkcode Mp3Options} with every value settled. */
export interface Mp3Settings {
  readonly id3Version: Id3Version;
  readonly headerReserveBytes: number;
}

/** One session's MP3. */
export class Mp3Muxer implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  readonly #settings: Mp3Settings;
  readonly #table = new SeekTable();
  /** The first frame's header: what the one in front has to look like. */
  #first: FrameHeader | undefined;
  #isConstant = true;
  /** Samples at the beginning that are not to be heard; 0: not as many as the tag can say. */
  #trimStart = 0;
  /** Of the last frame, microseconds. */
  #trimEnd = 0;
  /** Of all frames so far, where there is a tag. */
  #checksum = 0;
  #maxUnitBytes = Infinity;
  readonly #pieces = new Pieces();
  readonly #headerRoom = new HeaderRoom();

  /** @param config Of audio: `check` lets no other pass. */
  constructor(config: NumberedStream, settings: Mp3Settings) {
    this.#config = config as NumberedStream & AudioStream;
    this.#settings = settings;
  }

  /** Needs the first frame, which alone says version and channel mode. */
  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    this.#first ??= mp3.parse(this.#config, metadata, data)?.header;
    if (this.#first === undefined) return undefined;
    return { reorderDepth: 0, bitrate: this.#config.bitrate ?? this.#first.bitrate, sparse: false };
  }

  missing(): string {
    return "MP3 needs its first frame";
  }

  begin(opening: Opening): Packetizer {
    const { maxUnitBytes = Infinity } = opening;
    const trimmed = Math.round(skippedAtStart(opening) * this.#first!.sampleRate / 1e6);
    if (trimmed >= DECODER_DELAY) this.#trimStart = trimmed;
    this.#maxUnitBytes = maxUnitBytes;
    return new UnitBuffer({ log: this });
  }

  /** A sample is laid out. */
  add({ pieces: { sources, starts, ends, byteLength }, trimEnd = 0 }: MuxSample): void {
    this.#trimEnd = trimEnd;
    if (this.#hasTag) this.#checksum = crc16(sources[0]!, this.#checksum, starts[0]!, ends[0]!);
    const frame = parseFrame(sources[0]!, starts[0]);
    if (frame !== undefined && frame.bitrate !== this.#first!.bitrate) this.#isConstant = false;
    this.#table.add(byteLength);
  }

  /** Whether LAME's tag can say what is not to be heard. */
  get #hasTag(): boolean {
    return this.#trimStart > 0;
  }

  plan({ canPatch, skips }: SinkAbilities): Plan {
    return { form: canPatch && !skips ? "final" : "live", trailer: "none" };
  }

  frame(_stream: number, data: Uint8Array): Pieces {
    const { streamNumber } = this.#config;
    const frame = parseFrame(data);
    if (frame === undefined) throw badSample(streamNumber, "it is no MPEG layer III frame");
    const { sampleRate } = this.#first!;
    if (frame.sampleRate !== sampleRate) {
      throw badSample(streamNumber, `its sample rate is ${frame.sampleRate} Hz, the first frame's ${sampleRate}`);
    }
    checkUnitBytes(streamNumber, data.byteLength, this.#maxUnitBytes);
    this.#pieces.clear();
    this.#pieces.add(data);
    return this.#pieces;
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const { id3Version, headerReserveBytes } = this.#settings;
    const tag = encodeId3(output.metadata, id3Version);
    if (output.plan.form === "live") {
      checkHeaderBytes(tag.byteLength, maxHeaderBytes);
      return tag;
    }
    const frame = xingFrame(this.#first!, this.#hasTag);
    const least = tag.byteLength + frame.byteLength;
    const spare = Math.min(headerReserveBytes, maxHeaderBytes - least);
    const padded = spare > 0 && isPaddable(tag.byteLength, spare)
      ? encodeId3(output.metadata, id3Version, tag.byteLength + spare)
      : tag;
    const header = join(padded, frame);
    checkHeaderBytes(header.byteLength, maxHeaderBytes);
    this.#headerRoom.add(header.byteLength);
    return header;
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
      trims: this.#trims(output),
    };
    const frame = xingFrame(like, this.#hasTag, facts, this.#table);
    const tag = encodeId3(output.metadata, this.#settings.id3Version, output.headerBytes - frame.byteLength);
    return [{ offset: 0, bytes: join(tag, frame) }];
  }

  /** A file that begins in the middle of a session has nothing to be cut there; one that ends there, at its end. */
  #trims({ firstUnit, unitCount }: OutputFacts): TrimFacts | undefined {
    if (!this.#hasTag || firstUnit > 0) return undefined;
    const isAll = unitCount === this.#table.frameCount;
    return {
      start: this.#trimStart,
      end: isAll ? Math.round(this.#trimEnd * this.#first!.sampleRate / 1e6) : 0,
      checksum: isAll ? this.#checksum : 0,
    };
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    if (this.#headerRoom.isEmpty) return undefined;
    const { byteLength: tagBytes } = encodeId3(metadata, this.#settings.id3Version);
    const frameBytes = xingFrame(this.#first!, this.#hasTag).byteLength;
    const size = this.#headerRoom.tooSmall(tagBytes + frameBytes, (spare) => isPaddable(tagBytes, spare));
    return size === undefined
      ? undefined
      : { reason: `the tag has room for ${size - frameBytes} bytes, got ${tagBytes}` };
  }
}

function join(tag: Uint8Array, frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(tag.byteLength + frame.byteLength);
  bytes.set(tag);
  bytes.set(frame, tag.byteLength);
  return bytes;
}
