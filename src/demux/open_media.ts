/**
 * From a source to its samples.
 *
 * @module
 */

import type { AsfOptions } from "../asf/options.ts";
import { MuxError } from "../errors.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { Metadata } from "../media/metadata.ts";
import { Cut } from "./cut.ts";
import { behind, blobBytes, memoryBytes, peek, type SourceBytes, streamedBytes } from "./bytes.ts";
import { detect, type Detected } from "./detect.ts";
import { badMedia, nothingToCarry } from "./failure.ts";
import { openFile } from "./file_source.ts";
import { describeHead } from "./formats.ts";
import { collectId3 } from "./id3_tags.ts";
import type { Media, MediaSource, OpenedMedia, OpenMediaOptions, SkippedStream } from "./media.ts";
import { TagCollector } from "./tag_collector.ts";

/**
 * Opens encoded media for copying: ASF (WMV, WMA), MP4, MOV, Matroska, WebM, MP3, WAVE, ADTS, FLAC, Ogg and MPEG-TS, told
 * apart by their bytes, never by a name. Streams that cannot be carried are left out and listed in `skipped`.
 *
 * A string is a path, or a URL of `file:`, `http:`, `https:` or `blob:`; that needs permission to read it. Of what a server
 * has, the ranges are asked for that are needed; a server without ranges is read as it comes. A user and a password in the
 * URL go to its origin alone, and only by HTTPS. A `ReadableStream` is read as it comes and
 * belongs to the media from here on. What is not laid out in the order of its times (an MP4 whose index stands behind its
 * media) can be read from a stream only as long as no more than 64 MiB lie in between.
 *
 * @throws {TypeError} If the source is none of those.
 * @throws {RangeError} If `from` is negative or lies behind the end, or `until` is not later than it.
 * @throws {MuxError} `unsupported` for a format that is not read here, or without a stream that can be carried;
 * `bad-media` for one that cannot be opened or is damaged, naming the source and why.
 *
 * @example
 * ```ts
 * import { openMedia } from "@muxwell/muxwell/demux";
 *
 * // 0.1 s of silence: 16 bits, one channel, 8 kHz.
 * const wave = new Uint8Array(44 + 1600);
 * const view = new DataView(wave.buffer);
 * wave.set(new TextEncoder().encode("RIFF????WAVEfmt "));
 * view.setUint32(4, 36 + 1600, true);
 * [16, 0, 1, 1, 8000, 0, 16000, 0, 2, 16].forEach((value, i) => view.setUint16(16 + 2 * i, value, true));
 * wave.set(new TextEncoder().encode("data"), 36);
 * view.setUint32(40, 1600, true);
 *
 * await using media = await openMedia(wave);
 * for await (const sample of media.samples) console.log(sample.timestamp, sample.data.byteLength);
 * ```
 */
export async function openMedia(source: MediaSource, options: OpenMediaOptions = {}): Promise<Media> {
  const { from, until } = options;
  checkRange(from, until);
  const { bytes, reader } = await openSource(source, options);
  let end: number | undefined;
  try {
    if (reader.streams.length === 0) throw nothingToCarry(bytes.name, reader.skipped, reader.format);
    if (from === undefined && until === undefined) return new OpenMedia(bytes, reader);
    const cut = new Cut(reader, { from, until });
    end = cut.endBefore;
    if (end === undefined) {
      await cut.begin();
      return new OpenMedia(bytes, reader, cut);
    }
  } catch (cause) {
    await closeBoth(reader, bytes);
    throw badMedia("open", bytes.name, cause);
  }
  await closeBoth(reader, bytes);
  throw new RangeError(`Cannot open ${bytes.name}: from must lie before its end at ${end} µs, got ${from}`);
}

/**
 * A source with its reader.
 *
 * @throws {TypeError} If it is none. @throws {MuxError} As {@linkcode openMedia}, save for one without a stream to carry.
 */
export async function openSource(
  source: MediaSource,
  options: OpenMediaOptions,
): Promise<{ bytes: SourceBytes; reader: OpenedMedia }> {
  const bytes = await openBytes(source, options);
  try {
    const found = await detect(bytes);
    const tags = await frontTag(bytes, found);
    const reader = await openReader(bytes, found, options);
    if (tags !== undefined) {
      Object.assign(reader.metadata, { ...tags.metadata, ...reader.metadata });
      reader.warnings.push(...tags.warnings);
    }
    return { bytes, reader };
  } catch (cause) {
    await bytes.close();
    throw badMedia("open", bytes.name, cause);
  }
}

/** Lets a source go. */
export async function closeBoth(reader: OpenedMedia, bytes: SourceBytes): Promise<void> {
  try {
    await reader.close();
  } finally {
    await bytes.close();
  }
}

function checkRange(from = 0, until = Infinity): void {
  for (const [name, value] of Object.entries({ from, until })) {
    if (typeof value !== "number") {
      throw new TypeError(`Cannot open media: ${name} must be a number, got ${typeof value}`);
    }
  }
  if (!(from >= 0 && from < Infinity)) throw new RangeError(`Cannot open media: from must be 0 or more, got ${from}`);
  if (!(until > from)) {
    throw new RangeError(`Cannot open media: until must be later than from, ${from}, got ${until}`);
  }
}

/** Each reader is loaded when it is needed; Mediabunny is far larger than all the rest. */
async function openReader(bytes: SourceBytes, found: Detected, options: OpenMediaOptions): Promise<OpenedMedia> {
  const { kind, head, tagBytes } = found;
  switch (kind) {
    case "mp3":
    case "adts":
      return await (await import("./frames.ts")).openFrames(bytes, kind);
    case "none":
      throw new MuxError(
        head.byteLength === 0 ? "bad-media" : "unsupported",
        { action: `open ${bytes.name}`, reason: describeHead(head) },
      );
  }
  const source = tagBytes === 0 ? bytes : behind(bytes, tagBytes);
  switch (kind) {
    case "asf":
      return await (await import("./asf.ts")).openAsf(source, options);
    case "wave":
      return await (await import("./wave.ts")).openWave(source);
    case "matroska":
      return await (await import("./matroska.ts")).openMatroska(source);
    case "mp4":
      return await (await import("./mp4.ts")).openMp4(source);
    default: {
      const { openMediabunny } = await import("./mediabunny.ts").catch((cause) => cannotLoad(bytes.name, cause));
      return await openMediabunny(source, head);
    }
  }
}

/** What the tag says that stands in front of another format than those that tags belong to. */
async function frontTag(
  bytes: SourceBytes,
  { kind, tagBytes }: Detected,
): Promise<{ metadata: Metadata; warnings: string[] } | undefined> {
  if (tagBytes === 0 || kind === "mp3" || kind === "adts" || kind === "none") return undefined;
  const warnings: string[] = [];
  const tags = new TagCollector();
  collectId3((await peek(bytes, tagBytes)).slice(), tags, warnings);
  return { metadata: tags.finish(warnings), warnings };
}

/** That says nothing about the file. */
function cannotLoad(name: string, cause: Error): never {
  const [reason] = cause.message.split("\n");
  throw new MuxError("unsupported", { action: `open ${name}`, reason: `its reader cannot be loaded: ${reason}` }, {
    cause,
  });
}

async function openBytes(source: MediaSource, options: OpenMediaOptions): Promise<SourceBytes> {
  const { name } = options;
  if (source instanceof Uint8Array) return memoryBytes(source, name ?? "bytes in memory");
  if (source instanceof Blob) return blobBytes(source, name ?? ((source as { name?: string }).name || "a blob"));
  if (source instanceof ReadableStream) return streamedBytes(source, name ?? "a stream");
  if (source instanceof URL) return await openUrl(source, options);
  if (typeof source !== "string") {
    throw new TypeError(
      "Cannot open media: the source must be a path, a URL, a Blob, a Uint8Array or a ReadableStream",
    );
  }
  if (/^(file:\/\/|https?:\/\/|blob:)/i.test(source) && URL.canParse(source)) {
    return await openUrl(new URL(source), options);
  }
  return await openFile(source, name ?? source);
}

async function openUrl(url: URL, { name, silenceMs }: OpenMediaOptions): Promise<SourceBytes> {
  switch (url.protocol) {
    case "file:":
      return await openFile(url, name ?? url.href);
    case "blob:":
      return blobBytes(await (await fetch(url)).blob(), name ?? url.href);
    case "http:":
    case "https:": {
      const { openHttp } = await import("./http_source.ts");
      return await openHttp(url, name, { silenceMs });
    }
    default:
      throw new TypeError(
        `Cannot open media: a URL must begin with https:, http:, file: or blob:, got ${url.protocol}`,
      );
  }
}

class OpenMedia implements Media {
  readonly streams: StreamConfig[];
  readonly metadata: Metadata;
  readonly start?: number;
  readonly duration?: number;
  readonly asf?: AsfOptions;
  readonly skipped: readonly SkippedStream[];
  readonly warnings: readonly string[];
  readonly samples: ReadableStream<StreamSample>;
  readonly batches: AsyncIterable<readonly StreamSample[]>;

  readonly #bytes: SourceBytes;
  readonly #reader: OpenedMedia;
  readonly #source: AsyncGenerator<StreamSample[], void, undefined>;
  /** Left out while it was sought where to begin. */
  readonly #droppedBefore: number;
  #closing: Promise<void> | undefined;

  constructor(bytes: SourceBytes, reader: OpenedMedia, cut?: Cut) {
    this.#bytes = bytes;
    this.#reader = reader;
    this.#source = (cut ?? reader).batches();
    this.#droppedBefore = cut === undefined ? 0 : reader.droppedCount;
    this.streams = reader.streams;
    this.metadata = cut?.metadata(reader.metadata) ?? reader.metadata;
    if (cut?.start !== undefined) this.start = cut.start;
    this.duration = cut === undefined ? reader.duration : cut.duration;
    this.asf = reader.asf;
    this.skipped = reader.skipped;
    this.warnings = reader.warnings;
    this.batches = { [Symbol.asyncIterator]: () => this.#iterator() };
    this.samples = new ReadableStream<StreamSample>({
      pull: async (controller) => {
        const batch = await this.#nextBatch();
        if (batch === undefined) controller.close();
        else for (const sample of batch) controller.enqueue(reader.reusesBytes ? owned(sample) : sample);
      },
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
  }

  get droppedCount(): number {
    return this.#reader.droppedCount - this.#droppedBefore;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async *#iterator(): AsyncGenerator<readonly StreamSample[], void, undefined> {
    try {
      for (let batch = await this.#nextBatch(); batch !== undefined; batch = await this.#nextBatch()) yield batch;
    } finally {
      await this.#close();
    }
  }

  async #nextBatch(): Promise<StreamSample[] | undefined> {
    if (this.#closing !== undefined) throw this.#closedError();
    try {
      const { done, value } = await this.#source.next();
      if (this.#closing !== undefined) throw this.#closedError();
      if (!done) return value;
    } catch (cause) {
      if (this.#closing !== undefined) throw this.#closedError();
      await this.#close();
      throw badMedia("read", this.#bytes.name, cause);
    }
    await this.#close();
    return undefined;
  }

  #close(): Promise<void> {
    return this.#closing ??= closeBoth(this.#reader, this.#bytes);
  }

  #closedError(): MuxError {
    return new MuxError("invalid-state", { action: `read ${this.#bytes.name}`, reason: "it has been closed" }, {
      state: "closed",
    });
  }
}

function owned(sample: StreamSample): StreamSample {
  sample.data = sample.data.slice();
  return sample;
}
