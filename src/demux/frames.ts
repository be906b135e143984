/**
 * Bare frames of sound: MP3 and the other layers of MPEG audio, and AAC in ADTS.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { adts } from "../inspect/frames/adts.ts";
import { END, FRAME, FrameCursor, TAG, WAIT } from "../inspect/frames/frame_cursor.ts";
import { layerOf, mpegAudio, type StreamInfo, streamInfo } from "../inspect/frames/mpeg_audio.ts";
import { DECODER_DELAY } from "../media/codecs/mp3_frame.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { AudioStream, StreamConfig } from "../media/stream_config.ts";
import type { RandomBytes, SourceBytes } from "./bytes.ts";
import { carry } from "./carry.ts";
import { collectApe, collectId3, collectId3v1 } from "./id3_tags.ts";
import { inputOf } from "./input_of.ts";
import { BATCH_COUNT, type OpenedMedia, type SkippedStream } from "./media.ts";
import { MPEG_AUDIO_TAG, mpegAudioFormat } from "./mpeg_audio.ts";
import { adtsProgramConfig } from "./pce.ts";
import { TagCollector } from "./tag_collector.ts";
import { formatSeconds } from "./time.ts";

/** Encoders do not agree whether they count their own frame. */
const ODD_FRAMES = 1;
const ID3V1_BYTES = 128;
const APE_HEAD_BYTES = 32;
const MAX_TAG_BYTES = 1 << 24;

/** Opens a source of bare frames. */
export async function openFrames(source: SourceBytes, kind: "mp3" | "adts"): Promise<OpenedMedia> {
  const media = new FrameMedia(source, kind);
  await media.open();
  return media;
}

class FrameMedia implements OpenedMedia {
  readonly streams: StreamConfig[] = [];
  readonly skipped: SkippedStream[] = [];
  readonly warnings: string[] = [];
  readonly reusesBytes = true;
  readonly droppedCount = 0;
  metadata: Metadata = {};
  duration?: number;

  readonly format: string;
  readonly #source: SourceBytes;
  readonly #cursor: FrameCursor;
  readonly #isAdts: boolean;
  readonly #tags = new TagCollector();
  #config!: AudioStream;
  /** What the file says of its frames in front of them. */
  #info: StreamInfo | undefined;
  /** The frame that was read while it was opened. */
  #first: Uint8Array | undefined;
  #firstCount = 0;
  /** Samples of one channel since `#base`, µs, at the rate that is in force. */
  #count = 0;
  #base = 0;
  #rate = 0;
  #channels = 0;
  #frameCount = 0;
  /** Where the sound ends that the encoder was given, samples; Infinity: nothing says it. */
  #endCount = Infinity;
  #hasTagsBehind = false;
  /** Places without frames in front of the first. */
  #frontCount = 0;

  constructor(source: SourceBytes, kind: "mp3" | "adts") {
    this.#source = source;
    this.#isAdts = kind === "adts";
    this.format = this.#isAdts ? "ADTS" : "MP3";
    this.#cursor = new FrameCursor(inputOf(source), this.#isAdts ? adts : mpegAudio);
  }

  async open(): Promise<void> {
    const { head } = this.#cursor;
    const frame = await this.#nextFrame();
    if (frame === undefined) throw this.#bad(`open ${this.#source.name}`, "there is no whole frame in it");
    this.#rate = head.sampleRate;
    this.#channels = head.channels;
    this.#first = frame.slice();
    this.#firstCount = head.sampleCount;
    const isLayer3 = !this.#isAdts && layerOf(head.kind) === 3;
    const samplesPerFrame = head.sampleCount;
    const info = isLayer3 ? streamInfo(frame, head) : undefined;
    if (info !== undefined) {
      this.#info = info;
      const next = await this.#nextFrame();
      if (next === undefined) throw this.#bad(`open ${this.#source.name}`, "there is no frame with sound in it");
      this.#first = next.slice();
      this.#firstCount = head.sampleCount;
    }
    const { sampleRate } = head;
    const config = this.#config = this.#describe(this.#first);
    if (info !== undefined && info.frameCount > 0) {
      const { frameCount, byteCount, delay, padding } = info;
      const all = frameCount * samplesPerFrame;
      if (delay >= 0) {
        this.#count = -(delay + DECODER_DELAY);
        this.#endCount = Math.max(1, all - delay - padding);
      }
      this.duration = Math.round((delay >= 0 ? this.#endCount : all) * 1e6 / sampleRate);
      if (byteCount > 0) config.bitrate = Math.round(8 * byteCount * sampleRate / all);
    }
    const reason = carry(config, this.#first);
    if (typeof reason === "string") this.skipped.push({ index: 0, reason });
    else this.streams.push(config);
    if (this.#source.kind === "random") await this.#readTagsBehind(this.#source);
    this.metadata = this.#tags.finish(this.warnings);
    const { strayBytes, strays } = this.#cursor;
    this.#frontCount = strays.length;
    if (strayBytes > 0) this.warnings.push(`${strayBytes} bytes in front of its first frame are no sound`);
  }

  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    const cursor = this.#cursor;
    let batch: StreamSample[] = [];
    this.#emit(this.#first!, this.#firstCount, batch);
    this.#first = undefined;
    for (;;) {
      const state = cursor.advance();
      if (state === FRAME) {
        const { bytes, head } = cursor;
        if (head.sampleRate !== this.#rate || head.channels !== this.#channels) this.#change();
        else if (!this.#isAdts && this.#isInfo(bytes)) continue;
        this.#emit(bytes, head.sampleCount, batch);
        if (batch.length < BATCH_COUNT) continue;
      }
      if (state === TAG) {
        this.#hasTagsBehind = true;
        continue;
      }
      if (batch.length > 0) yield batch;
      batch = [];
      if (state === END) break;
      if (state === WAIT) await cursor.fill();
    }
    this.#checkEnd();
  }

  close(): void {}

  /** Bytes of the next frame; `undefined` at the end. Tags on the way are collected. */
  async #nextFrame(): Promise<Uint8Array | undefined> {
    const cursor = this.#cursor;
    for (;;) {
      const state = cursor.advance();
      if (state === FRAME) return cursor.bytes;
      if (state === END) return undefined;
      if (state === WAIT) await cursor.fill();
      else this.#collect(cursor.bytes);
    }
  }

  #collect(bytes: Uint8Array): void {
    if (bytes[0] === 0x49) collectId3(bytes, this.#tags, this.warnings);
    else if (bytes[0] === 0x41) collectApe(bytes, this.#tags);
    else collectId3v1(bytes, this.#tags);
  }

  /** What programs put at the end, which a pipe shows too late. */
  async #readTagsBehind({ size, read }: RandomBytes): Promise<void> {
    let end = size;
    const last = await read(Math.max(0, size - ID3V1_BYTES), size);
    const id3v1 = last.byteLength === ID3V1_BYTES && last[0] === 0x54 && last[1] === 0x41 && last[2] === 0x47
      ? last.slice()
      : undefined;
    if (id3v1 !== undefined) end -= ID3V1_BYTES;
    if (end > APE_HEAD_BYTES) {
      const foot = await read(end - APE_HEAD_BYTES, end);
      if (new TextDecoder("latin1").decode(foot.subarray(0, 8)) === "APETAGEX") {
        const view = new DataView(foot.buffer, foot.byteOffset, foot.byteLength);
        const byteCount = view.getUint32(12, true) + APE_HEAD_BYTES;
        if (byteCount <= Math.min(end, MAX_TAG_BYTES)) collectApe(await read(end - byteCount, end), this.#tags);
      }
    }
    if (id3v1 !== undefined) collectId3v1(id3v1, this.#tags);
  }

  #describe(frame: Uint8Array): AudioStream & { streamNumber: number } {
    const { head } = this.#cursor;
    const base = { kind: "audio", streamNumber: 1, sampleRate: head.sampleRate } as const;
    if (!this.#isAdts) {
      const layer = layerOf(head.kind);
      return {
        ...base,
        codec: layer === 3 ? "mp3" : MPEG_AUDIO_TAG,
        numberOfChannels: head.channels,
        ...layer === 3 ? {} : { description: mpegAudioFormat(frame, layer === 1 ? 1 : 2), bitrate: head.bitrate },
      };
    }
    const codec = `mp4a.40.${(frame[2]! >> 6) + 1}`;
    if (head.channels > 0) return { ...base, codec, numberOfChannels: head.channels };
    const program = adtsProgramConfig(frame);
    if (program === undefined) {
      throw this.#bad(`open ${this.#source.name}`, "its frames do not say how many channels they have");
    }
    return { ...base, codec, ...program };
  }

  /** Another recording begins, which counts its own frames. */
  #isInfo(bytes: Uint8Array): boolean {
    return layerOf(this.#cursor.head.kind) === 3 && streamInfo(bytes, this.#cursor.head) !== undefined;
  }

  /** Another rate or number of channels: decoders that are set up once play what comes wrong. */
  #change(): void {
    const { sampleRate, channels } = this.#cursor.head;
    this.#base = this.#now();
    this.#count = 0;
    this.#rate = sampleRate;
    this.#channels = channels;
    this.#endCount = Infinity;
    const what = `${sampleRate} Hz and ${channels === 1 ? "1 channel" : `${channels} channels`}`;
    this.warnings.push(
      `Stream 1 goes on with ${what} at ${
        formatSeconds(this.#base)
      }: it is described with ${this.#config.sampleRate} Hz ` +
        `and ${this.#config.numberOfChannels}`,
    );
  }

  #now(): number {
    return this.#base + Math.round(this.#count * 1e6 / this.#rate);
  }

  #emit(data: Uint8Array, sampleCount: number, batch: StreamSample[]): void {
    const timestamp = this.#now();
    const start = this.#count;
    const isCounted = this.#info !== undefined && this.#frameCount < this.#info.frameCount;
    this.#frameCount++;
    this.#count += sampleCount;
    const heard = isCounted ? Math.min(sampleCount, this.#endCount - start) : sampleCount;
    if (heard <= 0) return; // padding alone: the file says that it is no part of it
    const duration = this.#now() - timestamp;
    const sample: StreamSample = { streamNumber: 1, data, timestamp, duration, type: "key" };
    if (heard < sampleCount) sample.trimEnd = duration - Math.round(heard * 1e6 / this.#rate);
    batch.push(sample);
  }

  #checkEnd(): void {
    const { cut, strays, strayCount, strayBytes } = this.#cursor;
    const { name } = this.#source;
    if (this.#hasTagsBehind && this.#source.kind === "streamed") {
      this.warnings.push("Tags behind its first frame came too late to be carried over");
    }
    const declared = this.#info?.frameCount ?? 0;
    const part = this.duration === undefined
      ? `${formatSeconds(this.#now())} of it`
      : `${formatSeconds(this.#now())} of ${formatSeconds(this.duration)}`;
    const action = `read all of ${name}`;
    if (cut !== undefined) {
      throw this.#bad(
        action,
        `${part} are there: it ends inside a frame at byte ${cut.offset}, ${cut.missingBytes} bytes short`,
      );
    }
    if (this.#frameCount + ODD_FRAMES < declared) {
      throw this.#bad(action, `${part} are there: ${this.#frameCount} of ${declared} frames`);
    }
    const behind = strays.slice(this.#frontCount);
    const first = behind.find(({ isZero }) => !isZero);
    if (first !== undefined) {
      const places = strayCount - this.#frontCount;
      const what = `${strayBytes} bytes at ${places} ${places === 1 ? "place" : "places"} are no frames`;
      throw this.#bad(action, `${what}, the first at byte ${first.offset}`);
    }
    const [zeros] = behind;
    if (zeros !== undefined) this.warnings.push(`From byte ${zeros.offset} on there are ${zeros.byteLength} zeros`);
  }

  #bad(action: string, reason: string): MuxError {
    return new MuxError("bad-media", { action, reason });
  }
}
