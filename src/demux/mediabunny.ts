/**
 * FLAC, Ogg and MPEG-TS, read by Mediabunny.
 *
 * @module
 */

import {
  BufferSource,
  CustomSource,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputFormat,
  type InputTrack,
  Logging,
  LogLevel,
  MPEG_TS,
  OGG,
  ReadableStreamSource,
  type Source,
  UnsupportedInputFormatError,
} from "mediabunny";
import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { SourceBytes } from "./bytes.ts";
import { carry } from "./carry.ts";
import { badMedia, reasonOf } from "./failure.ts";
import { describeHead, readerFor } from "./formats.ts";
import { interleave } from "./interleave.ts";
import { BATCH_COUNT, type OpenedMedia, type SkippedStream, type Sought } from "./media.ts";
import { PacketTrack } from "./packet_track.ts";
import { metadataOf } from "./tags.ts";
import { toMicroseconds } from "./time.ts";
import { trackConfig } from "./track_config.ts";
import { ClockedTimes, TransportClock } from "./transport_clock.ts";
import { needsSync, synchronized } from "./transport_sync.ts";

/** Order of detection: what is surest first. Playlists are left out, since they name other sources. */
const FORMATS = [OGG, FLAC, MPEG_TS];
/** How far a pipe may be read ahead of a sample that is still wanted. */
const PIPE_WINDOW_BYTES = 64 << 20;
/** Streams have seven bits for their numbers. */
const MAX_STREAM_COUNT = 127;

/**
 * Opens a source for reading.
 *
 * @param head The first bytes of `source`.
 * @throws {MuxError} `unsupported` for an unknown format or no stream that can be carried; `bad-media`.
 */
export async function openMediabunny(source: SourceBytes, head: Uint8Array): Promise<OpenedMedia> {
  Logging.level = LogLevel.Silent; // what it would say on the console comes as errors, or does not matter here
  const isTransport = readerFor(head) === "search"; // Ogg and FLAC have names in front
  const warnings: string[] = [];
  const whole = isTransport && needsSync(source, head)
    ? synchronized(source, head, (byteCount, placeCount) => {
      const places = placeCount === 1 ? "1 place" : `${placeCount} places`;
      warnings.push(`${byteCount} bytes at ${places} are no packets of a transport stream: something is lost there`);
    })
    : source;
  const input = new Input({ formats: FORMATS, source: inputSource(whole) });
  const media = new MediabunnyMedia(input, whole, warnings);
  try {
    await media.open();
    return media;
  } catch (cause) {
    media.close();
    if (cause instanceof UnsupportedInputFormatError) {
      throw new MuxError("unsupported", { action: `open ${source.name}`, reason: describeHead(head) }, { cause });
    }
    throw badMedia("open", source.name, cause);
  }
}

class MediabunnyMedia implements OpenedMedia {
  readonly streams: StreamConfig[] = [];
  readonly skipped: SkippedStream[] = [];
  readonly warnings: string[];
  readonly reusesBytes = false;
  metadata: Metadata = {};
  duration?: number;

  readonly #input: Input;
  readonly #source: SourceBytes;
  readonly #tracks: PacketTrack[] = [];
  readonly seek: OpenedMedia["seek"];
  #format!: InputFormat;
  /** What is added to times of the source, µs. */
  #base = 0;

  constructor(input: Input, source: SourceBytes, warnings: string[]) {
    this.warnings = warnings;
    this.#input = input;
    this.#source = source;
    if (source.kind === "random") this.seek = (time) => this.#seek(time);
  }

  get format(): string {
    return this.#format.name;
  }

  get droppedCount(): number {
    return this.#tracks.reduce((sum, track) => sum + track.droppedCount, 0);
  }

  async open(): Promise<void> {
    this.#format = await this.#input.getFormat();
    const tracks = await this.#input.getTracks();
    for (const [index, track] of tracks.entries()) {
      const reason = await this.#add(track);
      if (reason !== undefined) this.skipped.push({ index, reason });
    }
    if (this.#format === MPEG_TS) {
      const first = Math.min(...this.#tracks.map(({ firstTime }) => firstTime));
      const clock = new TransportClock(first, (text) => this.warnings.push(text));
      this.#base = clock.base;
      for (const track of this.#tracks) track.clock = new ClockedTimes(clock);
    }
    this.metadata = await this.#readTags();
    const seconds = await this.#input.getDurationFromMetadata();
    if (seconds !== null && seconds > 0 && Number.isFinite(seconds)) this.duration = toMicroseconds(seconds);
  }

  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    // Samples of a pipe pass one by one: to wait for more would hold a live source back.
    yield* interleave(this.#tracks, this.#source.kind === "random" ? BATCH_COUNT : 1);
  }

  close(): void {
    this.#input.dispose();
  }

  async #seek(time: number): Promise<Sought> {
    const video = this.#tracks.filter(({ kind }) => kind === "video");
    const leading = video.length > 0 ? video : this.#tracks;
    let start = Infinity;
    for (const track of leading) start = Math.min(start, await track.seek(time - this.#base) ?? Infinity);
    if (start === Infinity) return { isBeginning: true };
    for (const track of this.#tracks) if (!leading.includes(track)) await track.seek(start);
    return { start: start + this.#base, isBeginning: true };
  }

  /** Damaged tags are no reason to leave the media unread. */
  async #readTags(): Promise<Metadata> {
    try {
      return metadataOf(await this.#input.getMetadataTags());
    } catch (cause) {
      this.warnings.push(`The tags cannot be read: ${reasonOf(cause)}`);
      return {};
    }
  }

  /** Takes a track in; answers why not, if not. */
  async #add(track: InputTrack): Promise<string | undefined> {
    const streamNumber = this.streams.length + 1;
    if (streamNumber > MAX_STREAM_COUNT) return `there are ${MAX_STREAM_COUNT} before it, and no room for more`;
    const config = await trackConfig(track);
    if (typeof config === "string") return config;
    const sink = new EncodedPacketSink(track);
    const first = await sink.getFirstPacket();
    if (first === null) return "it has no samples";
    const key = first.type === "key" ? first : await sink.getNextKeyPacket(first);
    if (key === null) return "it has no key frame";
    const numbered = { ...config, streamNumber };
    const times = carry(numbered, key.data);
    if (typeof times === "string") return times;

    this.streams.push(numbered);
    this.#tracks.push(
      new PacketTrack({
        config: numbered,
        sink,
        first,
        times,
        sourceName: this.#source.name,
      }),
    );
    return undefined;
  }
}

function inputSource(source: SourceBytes): Source {
  if (source.kind === "streamed") {
    return new ReadableStreamSource(source.stream, { maxCacheSize: PIPE_WINDOW_BYTES, handleUnhandledError: () => {} });
  }
  if (source.memory !== undefined) return new BufferSource(source.memory);
  return new CustomSource({
    getSize: () => source.size,
    read: (start, end) => source.read(start, end),
    prefetchProfile: "fileSystem",
    handleUnhandledError: () => {},
  });
}
