/**
 * The ASF muxer: what streams are, and each sink's header, index and final header. The packetizer lays out the samples; here
 * is what needs to know the whole.
 *
 * Invariants:
 * - What the first packet fixes (packet size, preroll, extension, streams) is fixed by `begin` and never changes.
 * - A slot is a position among the present streams in ascending order of stream numbers: the order of Stream Properties,
 *   of bit rates and of Simple Indexes.
 * - A time base becomes milliseconds once, by the same rounding for packets, indexes and durations.
 *
 * @module
 */

import type {
  LocalCopy,
  Muxer,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Patches,
  Plan,
  Salvage,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { checkHeaderBytes, HeaderRoom } from "../container/header_room.ts";
import { MuxError, type Problem, problemOf } from "../errors.ts";
import { missingRiff } from "../media/mappings/riff/mod.ts";
import { toFileTime } from "../bytes/file_time.ts";
import { Pieces } from "../bytes/pieces.ts";
import { TICKS_PER_MS } from "../bytes/ticks.ts";
import type { Metadata } from "../media/metadata.ts";
import type { SampleExtensions } from "../media/payload_extension.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { shiftTimes } from "../packets/shift_times.ts";
import { ticksFirst } from "../packets/timing_extension.ts";
import {
  encodeHeader,
  type HeaderFacts,
  type HeaderOutcome,
  type HeaderStream,
  isPaddable,
  leastHeaderBytes,
} from "./header.ts";
import { checkpointPatches, UNFINISHED_MARK_BYTES } from "./checkpoint.ts";
import type { IndexSettings } from "./indexes/options.ts";
import { OBJECT_HEAD_BYTES } from "./object.ts";
import { choosePacketBytes, USUAL_PACKET_BYTES } from "./packet_size.ts";
import { AsfPacketizer } from "./packetizer.ts";
import { PAYLOAD_ROOM_BYTES } from "./payload_extensions.ts";
import { openingBitrate } from "./rates.ts";
import type { RelationOptions } from "./relations.ts";
import { AsfStream } from "./stream.ts";
import type { Progress } from "./stream_stats.ts";
import { type Axis, commandEntries, markerEntries } from "./timeline.ts";
import { checkTime, toMs, toTicks } from "./timing.ts";

/** What a file system gives out at once: a file that shrinks gives back whole ones only. */
const FILE_BLOCK_BYTES = 4096;

/** {@linkcode AsfOptions} with every value settled. */
export interface AsfSettings {
  /** As asked for, if it was. */
  readonly packetBytes?: number;
  readonly prerollMs: number;
  readonly indexIntervalMs: number;
  readonly headerReserveBytes: number;
  readonly compressedPayloads: boolean;
  readonly indexes: IndexSettings;
  readonly relations: RelationOptions;
  /** 16 wire bytes. */
  readonly fileId: Uint8Array;
  readonly creationTime: Date;
}

/** One session's ASF. */
export class AsfMuxer implements Muxer {
  readonly #settings: AsfSettings;
  /** In the caller's order. */
  readonly #streams: readonly AsfStream[];
  /** By slot; settled by `begin`. */
  #present: readonly AsfStream[] = [];
  #packetizer!: AsfPacketizer;
  /** 0 before `begin`. */
  #packetBytes = 0;
  /** Most that a sample has carried beside its bytes. */
  #extensionBytes = 0;
  readonly #pieces = new Pieces();
  readonly #headerRoom = new HeaderRoom();
  /** Sizes of headers without room for the mark of an unfinished file. */
  readonly #unmarkedSizes = new Set<number>();

  constructor(settings: AsfSettings, streams: readonly NumberedStream[]) {
    this.#settings = settings;
    this.#streams = streams.map((config) => new AsfStream(config));
  }

  describe(stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    return this.#streams[stream]!.describe(metadata, data);
  }

  missing(stream: number): string {
    return missingRiff(this.#streams[stream]!.config);
  }

  begin(opening: Opening): Packetizer {
    const present = this.#streams.filter((stream, i) => opening.present[i] && stream.description !== undefined)
      .sort((a, b) => a.number - b.number);
    for (const stream of present) {
      const measured = opening.bitrates[this.#streams.indexOf(stream)] ?? 0;
      stream.openingBitrate = openingBitrate(stream.description!, measured);
    }
    present.forEach((stream, slot) => stream.slot = slot);
    this.#present = present;
    const packetBytes = this.#packetBytes = this.#choosePacketBytes(opening);
    const leadsMarkers = (opening.metadata.markers ?? []).length > 0;
    const settings = { ...this.#settings, packetBytes, leadsMarkers };
    return this.#packetizer = new AsfPacketizer(settings, this.#streams, present);
  }

  plan(abilities: SinkAbilities): Plan {
    const { takesTrailer } = abilities;
    if (!isCompleted(abilities)) return { form: "live", trailer: "none" }; // what it skips is in no final header
    return { form: "final", trailer: takesTrailer && this.#packetizer.indexes.areThere ? "optional" : "none" };
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = this.#headerFacts(output);
    const least = leastHeaderBytes(facts);
    checkHeaderBytes(least, maxHeaderBytes);
    if (output.plan.form === "live") return encodeHeader(facts, least);
    const spare = Math.min(this.#reserveBytes, maxHeaderBytes - least);
    const byteLength = least + (isPaddable(spare) ? spare : 0);
    this.#headerRoom.add(byteLength);
    if (byteLength - least < OBJECT_HEAD_BYTES + UNFINISHED_MARK_BYTES) this.#unmarkedSizes.add(byteLength);
    return encodeHeader({ ...facts, indexes: [] }, byteLength); // which are promised when they are there
  }

  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces {
    this.#streams[stream]!.frame(data, isKey, this.#pieces);
    return this.#pieces;
  }

  extension(number: number, values: SampleExtensions | undefined, duration: number): Uint8Array | undefined {
    const stream = this.#streams[number]!;
    if (values === undefined && stream.extensions === undefined) return undefined;
    const packetBytes = this.#packetBytes || (this.#settings.packetBytes ?? USUAL_PACKET_BYTES);
    const bytes = stream.extension(values ?? {}, duration, packetBytes - PAYLOAD_ROOM_BYTES);
    if (bytes !== undefined) this.#extensionBytes = Math.max(this.#extensionBytes, bytes.byteLength);
    return bytes;
  }

  checkTimes(stream: number, timestamp: number, decodeTimestamp: number): void {
    const latest = Math.max(timestamp, decodeTimestamp);
    checkTime(this.#streams[stream]!.number, latest, this.#settings.prerollMs);
  }

  localize(bytes: Uint8Array<ArrayBuffer>, _info: unknown, { timeBase }: Pick<LocalCopy, "timeBase">): void {
    const { prerollMs } = this.#settings;
    const findTicks = this.#packetizer.isTimed ? ticksFirst : undefined;
    shiftTimes(bytes, this.#packetBytes, { baseMs: toMs(timeBase), prerollMs, findTicks });
  }

  trailer(output: OutputFacts): Iterable<Uint8Array<ArrayBuffer>> {
    return this.#packetizer.indexes.pieces(output);
  }

  patches(output: OutputFacts): Patches {
    if (output.plan.form !== "final") return [];
    const facts = this.#headerFacts(output, this.#outcome(output));
    return [{ offset: 0, bytes: encodeHeader(facts, output.headerBytes) }];
  }

  checkpoint(output: OutputFacts): Patches {
    const { plan, headerBytes, unitCount } = output;
    if (plan.form !== "final" || unitCount === 0 || this.#unmarkedSizes.has(headerBytes)) return [];
    // GStreamer does not seek, nor say how long it is, in a file that is not said to be seekable.
    const outcome = { ...this.#outcome(output), seekable: true };
    return checkpointPatches({ ...this.#headerFacts(output), outcome }, headerBytes);
  }

  /** Back to where what is kept ends with whole samples, so that the header can say how long it lasts. */
  salvage(output: OutputFacts): Salvage {
    const packetBytes = this.#packetBytes;
    const { firstUnit, unitCount, headerBytes, plan } = output;
    const { progress, reached } = this.#packetizer;
    const end = firstUnit + unitCount - packetsFor(plan.trailer === "none" ? [] : this.trailer(output), packetBytes);
    const point = progress.truncationPoint(firstUnit, end);
    if (!point) return { unitCount: 0, dataBytes: 0, patches: [], samplesLost: reached.sampleCount };
    const keptCount = point.packetCount - firstUnit;
    const patches: Patch[] = [];
    if (point.packet) {
      const bytes = point.packet.slice();
      this.localize(bytes, undefined, output);
      patches.push({ offset: headerBytes + (keptCount - 1) * packetBytes, bytes });
    }
    const samplesLost = reached.sampleCount - point.progress.sampleCount;
    return { unitCount: keptCount, dataBytes: keptCount * packetBytes, patches, samplesLost };
  }

  measure(): HeaderStream[] {
    return this.#headerStreams(true);
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    let least: number;
    try {
      least = leastHeaderBytes(this.#headerFacts({ metadata, plan: { form: "final", trailer: "optional" } }));
    } catch (error) {
      if (error instanceof MuxError) return problemOf(error);
      throw error;
    }
    const size = this.#headerRoom.tooSmall(least, isPaddable);
    if (size === undefined) return undefined;
    return { reason: `header has room for ${size} bytes, or up to ${size - OBJECT_HEAD_BYTES}, got ${least}` };
  }

  get #reserveBytes(): number {
    const { headerReserveBytes } = this.#settings;
    return headerReserveBytes === 0 ? 0 : Math.max(OBJECT_HEAD_BYTES, headerReserveBytes);
  }

  #choosePacketBytes({ maxUnitBytes, maxLatencyMs, sinks = [] }: Opening): number {
    const extensions = this.#present.map(({ extensions }) => extensions?.leastBytes ?? 0);
    const bitsPerSecond = this.#present.reduce((sum, stream) => sum + stream.openingBitrate, 0);
    const extensionBytes = Math.max(this.#extensionBytes, ...extensions);
    const { packetBytes } = this.#settings;
    const descriptions = this.#present.map((stream) => stream.requireDescription());
    const isFile = sinks.length > 0 && sinks.every(isCompleted);
    return choosePacketBytes({
      packetBytes,
      isFile,
      descriptions,
      bitsPerSecond,
      extensionBytes,
      maxUnitBytes,
      maxLatencyMs,
    });
  }

  #outcome(output: OutputFacts): HeaderOutcome {
    const prerollTicks = this.#settings.prerollMs * TICKS_PER_MS;
    const baseTicks = toMs(output.timeBase) * TICKS_PER_MS;
    const { duration, sendEndMs } = this.#progressOf(output);
    return {
      packetCount: output.unitCount,
      indexBytes: output.trailerBytes,
      playDurationTicks: Math.max(0, toTicks(duration) - baseTicks) + prerollTicks,
      sendDurationTicks: Math.max(0, Math.round(sendEndMs * TICKS_PER_MS) - baseTicks),
      seekable: this.#packetizer.indexes.isSeekable(output),
    };
  }

  /** Where an output ends that has a part of the session; a header without room to spare cannot say less than it had. */
  #endOfPart(output: OutputFacts): number | undefined {
    const { duration } = this.#progressOf(output);
    const isPart = output.timeBase > 0 || duration < this.#packetizer.duration;
    return isPart && this.#reserveBytes > 0 ? duration : undefined;
  }

  /** @param outcome Only then is it known where markers lead. */
  #headerFacts(output: Pick<OutputFacts, "plan" | "metadata"> | OutputFacts, outcome?: HeaderOutcome): HeaderFacts {
    const { fileId, creationTime, prerollMs, relations } = this.#settings;
    const { metadata, plan } = output;
    const packetBytes = this.#packetBytes;
    const isKnown = outcome !== undefined && "timeBase" in output;
    const find = isKnown ? (storedMs: number) => this.#packetizer.indexes.placeOf(output, storedMs) : undefined;
    const timeBase = isKnown ? output.timeBase : 0;
    const axis: Axis = { packetBytes, prerollMs, timeBase, find, end: isKnown ? this.#endOfPart(output) : undefined };
    const isIndexed = plan.trailer !== "none" && (!isKnown || this.#packetizer.indexes.isIndexed(output));
    return {
      fileId,
      creationTime: toFileTime(creationTime.getTime()),
      packetBytes,
      prerollMs,
      timingExtension: this.#packetizer?.isTimed ?? false,
      streams: isKnown && output.measured
        ? output.measured as HeaderStream[]
        : this.#headerStreams(outcome !== undefined),
      metadata,
      relations,
      markers: plan.form === "final" ? markerEntries(metadata, axis) : [],
      commands: commandEntries(metadata, axis),
      indexes: isIndexed ? this.#packetizer?.indexes.parameters(isKnown ? output : undefined) ?? [] : [],
      outcome,
    };
  }

  #headerStreams(isFinal: boolean): HeaderStream[] {
    if (!isFinal) return this.#present.map((stream) => stream.headerStream(this.#packetBytes));
    const { overhead, duration } = this.#packetizer;
    return this.#present.map((stream) => {
      const largestObjectBytes = this.#packetizer.largestObjectBytes(stream);
      return stream.headerStream(this.#packetBytes, { overhead, largestObjectBytes, duration });
    });
  }

  /** How far the presentation had come at the end of one output, or else has come by now. */
  #progressOf({ firstUnit, unitCount }: OutputFacts): Progress {
    return this.#packetizer.progress.at(firstUnit + unitCount);
  }
}

/** Whether what goes to a sink is a file whose header is completed at the end. */
function isCompleted({ canPatch, skips }: SinkAbilities): boolean {
  return canPatch && !skips;
}

/** How many packets must give way to an index. */
function packetsFor(index: Iterable<Uint8Array>, packetBytes: number): number {
  let indexBytes = 0;
  for (const { byteLength } of index) indexBytes += byteLength;
  return indexBytes === 0 ? 0 : Math.ceil((indexBytes + FILE_BLOCK_BYTES) / packetBytes);
}
