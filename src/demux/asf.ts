/**
 * ASF, WMV and WMA, read by our own reader.
 *
 * @module
 */

import type { AsfOptions } from "../asf/options.ts";
import { MuxError } from "../errors.ts";
import { GUID } from "../inspect/asf/guid.ts";
import type { AsfStream } from "../inspect/asf/header.ts";
import { saidPlayMs } from "../inspect/asf/said_duration.ts";
import { flatten } from "../inspect/asf/objects/walk.ts";
import { AsfReader } from "../inspect/mod.ts";
import type { AsfSample } from "../inspect/asf/sample_assembler.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import { CarriedExtensions } from "./asf_extensions.ts";
import { asfOptions } from "./asf_options.ts";
import { asfStreamConfig } from "./asf_streams.ts";
import { asfMetadata } from "./asf_tags.ts";
import type { SourceBytes } from "./bytes.ts";
import { carry, type StreamTimes } from "./carry.ts";
import type { OpenedMedia, OpenMediaOptions, SkippedStream, Sought } from "./media.ts";
import { ReadAhead } from "./read_ahead.ts";
import { MAX_PLACE_US } from "./time.ts";

/** Rules whose breach means that samples are missing: packets and objects in ruins. */
const LOSSES: ReadonlySet<string> = new Set(["D06", "D08", "D10", "D13", "D17"]);
/** Two more: objects without beginning or end, and data that ends too early. A live recording begins and ends anywhere. */
const INCOMPLETE_OBJECT = "D14";
const WRONG_SIZE = "T04";

/** Objects of a header that say that samples are encrypted, be the streams' flags set or not. */
const PROTECTIONS: ReadonlySet<string> = new Set([
  GUID.contentEncryption,
  GUID.extendedContentEncryption,
  GUID.advancedContentEncryption,
]);

/** Opens a source that begins as ASF. */
export async function openAsf(source: SourceBytes, options: OpenMediaOptions): Promise<OpenedMedia> {
  const reader = await openReader(source);
  const protection = flatten(reader.header.object).find(({ guid }) => PROTECTIONS.has(guid));
  if (protection !== undefined) {
    await reader.close();
    const reason =
      `it is protected by DRM, says its ${protection.name}: without its licence nothing of it can be played`;
    throw new MuxError("unsupported", { action: `open ${source.name}`, reason });
  }
  const media = new AsfMedia(reader, source, options.payloadExtensions ?? false);
  await media.placeMetadata();
  return media;
}

async function openReader(source: SourceBytes): Promise<AsfReader> {
  try {
    return await AsfReader.open(
      source.kind === "streamed" ? source.stream : source.memory ?? new ReadAhead(source),
    );
  } catch (cause) {
    if (!(cause instanceof MuxError)) throw cause;
    throw new MuxError(cause.code, { action: `open ${source.name}`, reason: cause.reason }, { cause });
  }
}

/** No payload has a later time, 100 ns: what the timing extension says beyond it is damage. */
const MAX_TICKS = 0xffff_ffff * 10_000;

/** What is kept of a stream while its samples pass. */
interface Lane {
  readonly config: StreamConfig;
  times: StreamTimes;
  readonly isVideo: boolean;
  /** Not all of its samples are whole by themselves. */
  readonly hasDeltas: boolean;
  /** What they carry beside bytes and times; absent: nothing. */
  readonly extensions: CarriedExtensions | undefined;
  hasBegun: boolean;
  lastDecodeTimestamp: number;
}

class AsfMedia implements OpenedMedia {
  readonly format = "ASF";
  readonly streams: StreamConfig[] = [];
  readonly skipped: SkippedStream[] = [];
  readonly warnings: string[] = [];
  readonly metadata: Metadata;
  readonly duration?: number;
  readonly asf: AsfOptions;
  readonly reusesBytes = true;
  droppedCount = 0;
  zero = 0;
  readonly seek: OpenedMedia["seek"];
  readonly #reader: AsfReader;
  readonly #name: string;
  readonly #hasExtensions: boolean;
  /** It was not read from its beginning. */
  #hasSought = false;
  #batches: AsyncGenerator<StreamSample[], void, undefined>;
  /** Read before it was asked for. */
  #first: IteratorResult<StreamSample[], void> | undefined;
  readonly #lanes: (Lane | undefined)[] = [];

  constructor(reader: AsfReader, { kind, name }: SourceBytes, hasExtensions: boolean) {
    this.#reader = reader;
    this.#name = name;
    if (kind === "random") this.seek = (time) => this.#seek(time);
    this.#hasExtensions = hasExtensions;
    this.#batches = this.#read();
    for (const [index, stream] of reader.header.streams.entries()) {
      const reason = this.#add(stream);
      if (reason !== undefined) this.skipped.push({ index, reason });
    }
    const carried = new Set(this.streams.map(({ streamNumber }) => streamNumber!));
    this.metadata = asfMetadata(reader.header, carried);
    this.asf = asfOptions(reader.header, this.streams);
    const unknown = new Set(reader.header.unknownObjects.map(({ guid }) => guid));
    if (unknown.size > 0) {
      const [first] = unknown;
      const others = unknown.size > 1 ? ` and ${unknown.size - 1} more` : "";
      this.warnings.push(`What the header says in objects that are not known is not carried over: ${first}${others}`);
    }
    const properties = reader.header.fileProperties;
    if (properties !== undefined && !properties.isBroadcast) {
      const duration = Math.round(properties.playDurationTicks / 10) - properties.prerollMs * 1000;
      if (duration > 0) this.duration = duration;
    }
  }

  /** Has markers and commands count from the first sample, as a writer does: it need not be at the preroll's end. */
  async placeMetadata(): Promise<void> {
    const places = [...this.metadata.markers ?? [], ...this.metadata.scripts ?? []];
    if (places.length === 0) return;
    this.#first = await this.#batches.next();
    const samples = this.#first.value ?? [];
    const start = samples.reduce((least, one) => Math.min(least, one.decodeTimestamp ?? one.timestamp), Infinity);
    const zero = this.zero = start === Infinity ? 0 : start;
    for (const place of places) place.timestamp = Math.min(MAX_PLACE_US, Math.max(0, place.timestamp - zero));
  }

  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    const first = this.#first;
    this.#first = undefined;
    if (first?.value) yield first.value;
    yield* this.#batches;
  }

  async #seek(time: number): Promise<Sought> {
    const packet = await this.#reader.packetBefore(time / 1000);
    await this.#batches.return();
    this.#first = undefined;
    this.#hasSought = true;
    for (const lane of this.#lanes) {
      if (lane === undefined) continue;
      lane.times = carry(lane.config) as StreamTimes;
      lane.hasBegun = false;
      lane.lastDecodeTimestamp = -Infinity;
    }
    this.#batches = this.#read(packet);
    return { isBeginning: packet === 0 };
  }

  async *#read(firstPacket = 0): AsyncGenerator<StreamSample[], void, undefined> {
    let isFirst = true;
    for await (const samples of this.#reader.sampleBatches(firstPacket)) {
      const batch: StreamSample[] = [];
      for (const sample of isFirst ? beginInOrder(samples) : samples) {
        const lane = this.#lanes[sample.streamNumber];
        if (lane === undefined) continue;
        if (sample.data.byteLength === 0 || !lane.hasBegun && lane.hasDeltas && !sample.isKey) this.droppedCount++;
        else batch.push(toStreamSample(sample, lane));
      }
      isFirst = false;
      if (this.#reader.isAtEnd) this.#endAsSaid(batch);
      if (batch.length > 0) yield batch;
    }
    this.#checkLosses();
  }

  /** Has the last samples end where the header says that all ends, which it may know better than they do. */
  #endAsSaid(batch: readonly StreamSample[]): void {
    const { header } = this.#reader;
    const prerollMs = header.fileProperties?.prerollMs ?? 0;
    const latest = batch.reduce((time, { timestamp }) => Math.max(time, timestamp), -Infinity);
    const lastMs = latest / 1000 + prerollMs;
    const saidMs = saidPlayMs(header, lastMs, lastMs);
    if (saidMs === undefined) return;
    const end = Math.round((saidMs - prerollMs) * 1000);
    for (const { streamNumber, kind } of this.streams) {
      const [last, before = last] = batch.filter((sample) => sample.streamNumber === streamNumber).slice(-2).reverse();
      if (!last || last.duration !== null || kind !== "video" && kind !== "audio") continue;
      const step = last.timestamp - before!.timestamp;
      const isLatest = last.timestamp === latest || last.timestamp + step > end;
      if (isLatest && end > last.timestamp) last.duration = end - last.timestamp;
    }
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  /** Takes a stream in; answers why not, if not. */
  #add(stream: AsfStream): string | undefined {
    const config = asfStreamConfig(stream, this.#reader.header);
    if (typeof config === "string") return config;
    const times = carry(config);
    if (typeof times === "string") return times;
    // Files are nothing without their names.
    const isNamed = (system: string) => config.kind === "file" && system === GUID.fileNameExtension;
    const extensions = new CarriedExtensions(stream, (system) => this.#hasExtensions || isNamed(system));
    if (extensions.declared.length > 0) config.payloadExtensions = extensions.declared;
    this.warnings.push(...extensions.warnings);
    this.streams.push(config);
    this.#lanes[stream.streamNumber] = {
      config,
      times,
      isVideo: config.kind === "video",
      hasDeltas: config.kind === "video" || "temporalCompression" in config,
      extensions: config.payloadExtensions && extensions,
      hasBegun: false,
      lastDecodeTimestamp: -Infinity,
    };
    return undefined;
  }

  #checkLosses(): void {
    const { data, header, problems } = this.#reader;
    const isPart = this.#hasSought || (header.fileProperties?.isBroadcast ?? false);
    const losses = problems.filter(({ offset, rule }) =>
      LOSSES.has(rule) || !isPart && (rule === INCOMPLETE_OBJECT || rule === WRONG_SIZE && offset === data?.offset)
    );
    if (losses.length === 0) return;
    const { message, offset } = losses[0]!;
    const places = losses.length === 1 ? "one place" : `${losses.length} places, first`;
    throw new MuxError(
      "bad-media",
      { action: `read all of ${this.#name}`, reason: `it is damaged in ${places} at byte ${offset}: ${message}` },
    );
  }
}

/**
 * The first samples, so that none begins a stream behind later ones of others: a picture in many packets comes when its last
 * one has, and where a file begins is the earliest of its streams' beginnings.
 */
function beginInOrder(samples: readonly AsfSample[]): readonly AsfSample[] {
  const begun = new Set<number>();
  const ordered: AsfSample[] = [];
  for (const sample of samples) {
    const later = begun.has(sample.streamNumber) ? -1 : ordered.findIndex(({ decodeMs }) => decodeMs > sample.decodeMs);
    begun.add(sample.streamNumber);
    if (later < 0) ordered.push(sample);
    else ordered.splice(later, 0, sample);
  }
  return ordered;
}

function toStreamSample(sample: AsfSample, lane: Lane): StreamSample {
  const { decodeMs } = sample;
  const isPossible = Math.abs(sample.presentationTicks ?? NaN) <= MAX_TICKS;
  const presentationTicks = isPossible ? sample.presentationTicks : undefined;
  const timestamp = Math.round(presentationTicks === undefined ? decodeMs * 1000 : presentationTicks / 10);
  let decodeTimestamp = lane.times.advance(timestamp, sample.isKey);
  if (presentationTicks !== undefined && lane.isVideo) {
    // Whole milliseconds, which rounding may have put behind the presentation.
    const stored = Math.min(Math.round(decodeMs * 1000), timestamp);
    if (stored >= lane.lastDecodeTimestamp) decodeTimestamp = lane.lastDecodeTimestamp = stored;
  }
  lane.hasBegun = true;
  return {
    streamNumber: sample.streamNumber,
    data: sample.data,
    timestamp,
    decodeTimestamp,
    duration: null,
    type: sample.isKey || !lane.hasDeltas ? "key" : "delta",
    ...lane.extensions?.valuesOf(sample),
  };
}
