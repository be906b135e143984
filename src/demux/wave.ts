/**
 * WAVE, also as RF64 and BW64, read here: a pipe's last samples and text beyond Latin 1 get lost elsewhere.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { AudioStream, StreamConfig } from "../media/stream_config.ts";
import { ByteCursor } from "./byte_cursor.ts";
import type { RandomBytes, SourceBytes } from "./bytes.ts";
import { ascii } from "./formats.ts";
import type { OpenedMedia, Sought } from "./media.ts";
import { PcmRegroup } from "./pcm_regroup.ts";
import { leadingYear } from "./tags.ts";

/** Chunks that are read whole: more than this is no format and no text. */
const MAX_CHUNK_BYTES = 1 << 20;
/** So many chunks are looked at behind the data. */
const MAX_CHUNKS_BEHIND = 64;
/** Sizes that writers to a pipe leave behind. */
const UNKNOWN_BYTES = 0xFFFF_FFFF;
/** About how much is read at a time. */
const READ_BYTES = 1 << 16;
/** `wFormatTag` values. */
const TAG = { PCM: 1, FLOAT: 3, ALAW: 6, ULAW: 7, EXTENSIBLE: 0xFFFE } as const;

/** Opens a source that begins as WAVE. */
export async function openWave(source: SourceBytes): Promise<OpenedMedia> {
  const cursor = new ByteCursor(source);
  const riff = await cursor.read(12);
  const is64Bit = ascii(riff, 0, 4) !== "RIFF";
  const riffBytes = riff.byteLength < 8 ? 0 : 8 + view(riff).getUint32(4, true);
  let format: AudioStream | undefined;
  let longBytes: number | undefined;
  const metadata: Metadata = {};
  for (;;) {
    const head = await cursor.read(8);
    if (head.byteLength < 8) throw bad(source, format === undefined ? "it has no format" : "it has no data");
    const name = ascii(head, 0, 4);
    const byteCount = view(head).getUint32(4, true);
    if (name === "data") {
      if (format === undefined) throw bad(source, "its data comes before its format");
      const isUnknown = byteCount === UNKNOWN_BYTES || byteCount === 0 && isEndless(source, riffBytes);
      const dataBytes = is64Bit && byteCount === UNKNOWN_BYTES ? longBytes : isUnknown ? undefined : byteCount;
      if (source.kind === "random" && dataBytes !== undefined) {
        await readBehind(source, cursor.position + dataBytes + dataBytes % 2, metadata);
      }
      return new WaveMedia(source, cursor, format, metadata, dataBytes);
    }
    const body = byteCount <= MAX_CHUNK_BYTES && KNOWN_CHUNKS.includes(name) ? await cursor.read(byteCount) : undefined;
    if (body === undefined && !await cursor.skip(byteCount)) throw bad(source, `it ends inside its "${name}" chunk`);
    if (byteCount % 2 === 1) await cursor.skip(1);
    if (body === undefined) continue;
    if (name === "fmt ") format = readFormat(source, body);
    else if (name === "ds64" && body.byteLength >= 16) longBytes = Number(view(body).getBigUint64(8, true));
    else if (name === "LIST") readInfo(body, metadata);
  }
}

/** A writer that could not go back left no size: what follows is the data, as far as there is anything. */
function isEndless(source: SourceBytes, riffBytes: number): boolean {
  return source.kind === "streamed" || source.size > riffBytes;
}

/** What the chunks behind the data say. */
async function readBehind({ size, read }: RandomBytes, from: number, metadata: Metadata): Promise<void> {
  for (let at = from, count = 0; at + 8 <= size && count < MAX_CHUNKS_BEHIND; count++) {
    const head = await read(at, at + 8);
    if (head.byteLength < 8) return;
    const name = ascii(head, 0, 4);
    const byteCount = view(head).getUint32(4, true);
    at += 8;
    if (name === "LIST" && byteCount <= MAX_CHUNK_BYTES) {
      readInfo(await read(at, Math.min(size, at + byteCount)), metadata);
    }
    at += byteCount + byteCount % 2;
  }
}

const KNOWN_CHUNKS = ["fmt ", "ds64", "LIST"];

/** WAVEFORMATEX, or WAVEFORMATEXTENSIBLE with the tag in front of its sub-format. */
function readFormat(source: SourceBytes, body: Uint8Array): AudioStream {
  if (body.byteLength < 16) throw bad(source, "its format is too short");
  const fields = view(body);
  let tag = fields.getUint16(0, true);
  if (tag === TAG.EXTENSIBLE && body.byteLength >= 26) tag = fields.getUint16(24, true);
  const numberOfChannels = fields.getUint16(2, true);
  const sampleRate = fields.getUint32(4, true);
  const blockBytes = fields.getUint16(12, true);
  const bits = fields.getUint16(14, true);
  const codec = codecOf(tag, bits);
  if (codec === undefined) {
    const what = `format tag 0x${tag.toString(16).padStart(4, "0")} with ${bits} bits`;
    throw new MuxError("unsupported", { action: `open ${source.name}`, reason: `WAVE with ${what} is not read here` });
  }
  if (numberOfChannels === 0 || sampleRate === 0 || blockBytes !== numberOfChannels * Math.ceil(bits / 8)) {
    const what = `${numberOfChannels} channels, ${sampleRate} Hz, ${bits} bits in blocks of ${blockBytes} bytes`;
    throw bad(source, `its format contradicts itself (${what})`);
  }
  return { kind: "audio", codec, sampleRate, numberOfChannels, bitsPerSample: bits, blockBytes };
}

function codecOf(tag: number, bits: number): string | number | undefined {
  switch (tag) {
    case TAG.PCM:
      return bits === 8 ? "pcm-u8" : [16, 24, 32].includes(bits) ? `pcm-s${bits}` : undefined;
    case TAG.FLOAT:
      return bits === 32 ? "pcm-f32" : undefined;
    case TAG.ALAW:
    case TAG.ULAW:
      return bits === 8 ? tag : undefined;
    default:
      return undefined;
  }
}

/** A list of type INFO: names of four characters, text that ends with a zero, padded to even sizes. */
function readInfo(body: Uint8Array, metadata: Metadata): void {
  if (ascii(body, 0, 4) !== "INFO") return;
  for (let at = 4; at + 8 <= body.byteLength;) {
    const byteCount = view(body).getUint32(at + 4, true);
    const value = decodeText(body.subarray(at + 8, at + 8 + byteCount));
    if (value !== "") setInfo(metadata, ascii(body, at, at + 4), value);
    at += 8 + byteCount + byteCount % 2;
  }
}

function setInfo(metadata: Metadata, name: string, value: string): void {
  switch (name) {
    case "INAM":
      metadata.title ??= value;
      break;
    case "IART":
      metadata.author ??= value;
      break;
    case "ICOP":
      metadata.copyright ??= value;
      break;
    case "ICMT":
      metadata.description ??= value;
      break;
    case "IPRD":
      metadata.albumTitle ??= value;
      break;
    case "IGNR":
      metadata.genre ??= value;
      break;
    case "ICRD":
      metadata.year ??= leadingYear(value);
      break;
    case "IPRT":
    case "ITRK": {
      const number = parseInt(value, 10);
      if (number > 0) metadata.trackNumber ??= number;
    }
  }
}

/** The standard says Latin 1 as Windows has it; most programs write UTF-8. */
function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(text).trim();
  } catch {
    return new TextDecoder("windows-1252").decode(text).trim();
  }
}

class WaveMedia implements OpenedMedia {
  readonly format = "WAVE";
  readonly streams: StreamConfig[];
  readonly metadata: Metadata;
  readonly duration?: number;
  readonly skipped = [];
  readonly warnings: string[] = [];
  readonly droppedCount = 0;
  readonly reusesBytes = false;
  readonly #source: SourceBytes;
  readonly #cursor: ByteCursor;
  readonly #format: AudioStream;
  /** Undefined: to the end of the source. */
  readonly #dataBytes: number | undefined;
  /** Bytes of the data that are passed over. */
  #done = 0;

  constructor(
    source: SourceBytes,
    cursor: ByteCursor,
    format: AudioStream,
    metadata: Metadata,
    dataBytes: number | undefined,
  ) {
    const { blockBytes, sampleRate } = format;
    const bytesPerSecond = sampleRate * blockBytes!;
    this.#source = source;
    this.#cursor = cursor;
    this.#format = format;
    this.#dataBytes = dataBytes;
    this.streams = [{ ...format, streamNumber: 1, bitrate: 8 * bytesPerSecond }];
    this.metadata = metadata;
    const known = dataBytes ?? (source.size === undefined ? undefined : source.size - cursor.position);
    if (known !== undefined) this.duration = Math.round(Math.floor(known / blockBytes!) * 1e6 / sampleRate);
  }

  readonly seek = async (time: number): Promise<Sought> => {
    const { blockBytes, sampleRate } = this.#format;
    const block = Math.floor(time * sampleRate / 1e6 + 1e-6);
    this.#done = block * blockBytes!;
    await this.#cursor.skip(this.#done);
    return { start: Math.round(block * 1e6 / sampleRate), isBeginning: true };
  };

  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    const { blockBytes, sampleRate } = this.#format;
    const regroup = new PcmRegroup(1, blockBytes!, sampleRate);
    // A pipe is not asked for more than one sample, which might be a while in coming.
    const readBytes = this.#source.kind === "random" ? READ_BYTES : regroup.pieceBytes;
    const total = this.#dataBytes ?? Infinity;
    let batch: StreamSample[] = [];
    const emit = (sample: StreamSample) => batch.push(sample);
    let done = this.#done;
    let failure: { cause: unknown } | undefined;
    while (done < total) {
      const data = await this.#cursor.read(Math.min(readBytes, total - done)).catch((cause: unknown) => {
        failure = { cause };
        return new Uint8Array(0);
      });
      if (data.byteLength === 0) break;
      regroup.push(data, Math.round(done / blockBytes! * 1e6 / sampleRate), emit);
      done += data.byteLength;
      if (batch.length > 0) yield batch;
      batch = [];
    }
    regroup.flush(emit);
    if (batch.length > 0) yield batch;
    if (failure !== undefined) throw failure.cause;
    if (done < total && this.#dataBytes !== undefined) {
      const found = `${done} of ${total} bytes of its data are there`;
      throw new MuxError("bad-media", { action: `read ${this.#source.name} to its end`, reason: found });
    }
  }

  close(): void {}
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bad(source: SourceBytes, reason: string): MuxError {
  return new MuxError("bad-media", { action: `open ${source.name}`, reason });
}
