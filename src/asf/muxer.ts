/**
 * The ASF muxer: streams and times in; header, packets, index and final header out. The core lays the packets out; here
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
  Chunk,
  Muxer,
  MuxSample,
  NumberedStream,
  Opening,
  OutputFacts,
  Patch,
  Plan,
  Retreat,
  SinkCapabilities,
  StreamFacts,
} from "../container/container.ts";
import { Core } from "../core/core.ts";
import type { PacketCore } from "../core/types.ts";
import { MuxError } from "../errors.ts";
import { missingRiff } from "../media/mappings/riff/mod.ts";
import { toFileTime } from "../bytes/file_time.ts";
import { Pieces } from "../bytes/pieces.ts";
import { TICKS_PER_MS } from "../bytes/ticks.ts";
import type { Metadata } from "../media/metadata.ts";
import type { SampleExtensions } from "../media/payload_extension.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { continuesObject } from "../packets/packet_reader.ts";
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
import { IndexFacts } from "./indexes/index_facts.ts";
import { Indexes } from "./indexes/indexes.ts";
import type { IndexSettings } from "./indexes/options.ts";
import { retreatTo, roomFor } from "./endings.ts";
import { type Milestone, Milestones } from "./milestones.ts";
import { OBJECT_HEAD_BYTES } from "./object.ts";
import { choosePacketBytes } from "./packet_size.ts";
import { PAYLOAD_ROOM_BYTES } from "./payload_extensions.ts";
import { openingBitrate } from "./rates.ts";
import type { RelationOptions } from "./relations.ts";
import { AsfStream } from "./stream.ts";
import { tallied } from "./tally.ts";
import { type Axis, commandEntries, markerEntries } from "./timeline.ts";
import { checkTime, toMs, toTicks } from "./timing.ts";

/** {@linkcode AsfOptions} with every value settled. */
export interface AsfSettings {
  readonly packetBytes: number;
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
  #core: PacketCore | undefined;
  #facts: IndexFacts | undefined;
  #indexes: Indexes | undefined;
  /** 0 before `begin`. */
  #packetBytes = 0;
  /** Most that a sample has carried beside its bytes. */
  #extensionBytes = 0;
  /** Whether payloads carry the timing extension, and decode times as their own. */
  #isTimed = false;
  readonly #pieces = new Pieces();
  /** Sizes of headers given out that are to be completed at the end. */
  readonly #headerSizes = new Set<number>();
  /** Sizes of headers without room for the mark of an unfinished file. */
  readonly #unmarkedSizes = new Set<number>();
  readonly #milestones = new Milestones(() => this.#milestone());

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

  begin(opening: Opening): void {
    const present = this.#streams.filter((stream, i) => opening.present[i] && stream.description !== undefined)
      .sort((a, b) => a.number - b.number);
    for (const stream of present) {
      const measured = opening.bitrates[this.#streams.indexOf(stream)] ?? 0;
      stream.openingBitrate = openingBitrate(stream.description!, measured);
    }
    present.forEach((stream, slot) => stream.slot = slot);
    this.#present = present;
    this.#packetBytes = this.#choosePacketBytes(opening);
    this.#milestones.begin(this.#packetBytes);
    this.#isTimed = present.some((stream) => stream.needsTiming);
    const leadsMarkers = (opening.metadata.markers ?? []).length > 0;
    const facts = new IndexFacts(present, this.#settings.indexes, leadsMarkers);
    const core = new Core({
      packetBytes: this.#packetBytes,
      prerollMs: this.#settings.prerollMs,
      timingExtension: this.#isTimed,
      streams: present.map(({ number, sendBitrate, isVideo, isData, extensions }, slot) => ({
        streamNumber: number,
        bitsPerSecond: sendBitrate,
        indexed: isVideo,
        marked: isData,
        packed: this.#settings.compressedPayloads && !isVideo && !isData,
        extended: extensions !== undefined,
        traced: facts.isAbout(slot),
      })),
      trace: facts.trace,
    });
    this.#core = core;
    this.#facts = facts;
    this.#indexes = new Indexes({
      ...this.#settings,
      ...this.#settings.indexes,
      packetBytes: this.#packetBytes,
      core,
      facts,
      streams: present,
      leadsMarkers,
      latestTimestamp: (output) => this.#milestoneOf(output).latestTimestamp,
    });
  }

  plan(capabilities: SinkCapabilities): Plan {
    if (!capabilities.canPatch) return { form: "live", index: "none" };
    return { form: "final", index: capabilities.canIndex && this.#indexes!.areThere ? "appended" : "none" };
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = this.#headerFacts(output);
    const least = leastHeaderBytes(facts);
    if (least > maxHeaderBytes) {
      throw new MuxError(
        "too-large",
        `Cannot write header: the sink takes at most ${maxHeaderBytes} bytes, got ${least}`,
      );
    }
    if (output.plan.form === "live") return encodeHeader(facts, least);
    const spare = Math.min(this.#reserveBytes, maxHeaderBytes - least);
    const byteLength = least + (isPaddable(spare) ? spare : 0);
    this.#headerSizes.add(byteLength);
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
    const packetBytes = this.#packetBytes || this.#settings.packetBytes;
    const bytes = stream.extension(values ?? {}, duration, packetBytes - PAYLOAD_ROOM_BYTES);
    if (bytes !== undefined) this.#extensionBytes = Math.max(this.#extensionBytes, bytes.byteLength);
    return bytes;
  }

  checkTimes(stream: number, timestamp: number, decodeTimestamp: number): void {
    const latest = Math.max(timestamp, decodeTimestamp);
    checkTime(this.#streams[stream]!.number, latest, this.#settings.prerollMs);
  }

  write(sample: MuxSample): boolean {
    const stream = this.#streams[sample.stream]!;
    const core = this.#begun();
    const { packetCount } = core;
    const milestone = this.#milestones.before(packetCount);
    stream.tally.add(sample);
    const { extension } = sample;
    if (extension !== undefined) this.#facts!.write(stream.slot, extension, stream.extensions!.timecodeAt);
    // Decode times keep the stored order monotonic; the presentation time is then in the timing extension.
    const storedMs = toMs(this.#isTimed ? sample.decodeTimestamp : sample.timestamp);
    const isDone = core.write(stream.slot, sample.pieces, storedMs, toTicks(sample.timestamp), sample.isKey, extension);
    if (milestone) this.#milestones.after(core.packetCount, packetCount, stream.lastObject, milestone);
    return isDone;
  }

  resume(): boolean {
    return this.#begun().resume();
  }

  get hasRoom(): boolean {
    return this.#begun().hasFreeBlock;
  }

  get hasChunk(): boolean {
    return this.#begun().hasFullBlock;
  }

  get heldTimestamp(): number {
    const ms = this.#begun().heldMs;
    return ms < 0 ? -1 : ms * 1000;
  }

  closeUnit(): void {
    this.#begun().closePacket();
    this.#milestones.close(this.unitCount);
  }

  nextChunk(partial: boolean): Chunk | undefined {
    const range = this.#begun().nextRange(partial);
    if (range === undefined) return undefined;
    this.#indexes!.handOut(range);
    this.#milestones.handOut(range.bytes, range.firstPacket);
    return {
      bytes: range.bytes,
      info: {
        unitBytes: this.#packetBytes,
        unitCount: range.packetCount,
        firstUnit: range.firstPacket,
        timestamp: range.sendTimeMs * 1000,
        cleanPoints: range.cleanPoints,
      },
      sampleCount: range.objectCount,
      continuesSample: continuesObject(range.bytes),
      release: () => range.release(),
    };
  }

  get unitCount(): number {
    return this.#begun().packetCount;
  }

  get duration(): number {
    return tallied(this.#present).duration;
  }

  finish(): void {
    this.closeUnit();
  }

  rebase(bytes: Uint8Array<ArrayBuffer>, _info: unknown, timeBase: number): void {
    const { prerollMs } = this.#settings;
    const findTicks = this.#isTimed ? ticksFirst : undefined;
    shiftTimes(bytes, this.#packetBytes, { baseMs: toMs(timeBase), prerollMs, findTicks });
  }

  index(output: OutputFacts): Iterable<Uint8Array<ArrayBuffer>> {
    return output.plan.index === "appended" ? this.#indexes!.pieces(output) : [];
  }

  patches(output: OutputFacts): readonly Patch[] {
    if (output.plan.form !== "final") return [];
    const facts = this.#headerFacts(output, this.#outcome(output));
    return [{ offset: 0, bytes: encodeHeader(facts, output.headerBytes) }];
  }

  checkpoint(output: OutputFacts): readonly Patch[] {
    const { plan, headerBytes, unitCount } = output;
    if (plan.form !== "final" || unitCount === 0 || this.#unmarkedSizes.has(headerBytes)) return [];
    // GStreamer does not seek, nor say how long it is, in a file that is not said to be seekable.
    const outcome = { ...this.#outcome(output), seekable: true };
    return checkpointPatches({ ...this.#headerFacts(output), outcome }, headerBytes);
  }

  /** Back to where what is kept ends with whole samples, so that the header can say how long it lasts. */
  retreat(output: OutputFacts): Retreat {
    const packetBytes = this.#packetBytes;
    const room = roomFor(this.index(output), packetBytes);
    const ending = this.#milestones.lastEnding(output.firstUnit, output.firstUnit + output.unitCount - room);
    const { sampleCount } = this.#milestone();
    const rebase = (packet: Uint8Array<ArrayBuffer>) => this.rebase(packet, undefined, output.timeBase);
    return retreatTo(ending, output, packetBytes, sampleCount, rebase);
  }

  measure(): HeaderStream[] {
    return this.#headerStreams(true);
  }

  checkMetadata(metadata: Metadata): string | undefined {
    let least: number;
    try {
      least = leastHeaderBytes(this.#headerFacts({ metadata, plan: { form: "final", index: "appended" } }));
    } catch (error) {
      if (error instanceof MuxError) return error.message;
      throw error;
    }
    for (const byteLength of this.#headerSizes) {
      if (isPaddable(byteLength - least)) continue;
      return `header has room for ${byteLength} bytes, or up to ${byteLength - OBJECT_HEAD_BYTES}, got ${least}`;
    }
    return undefined;
  }

  #begun(): PacketCore {
    if (this.#core === undefined) throw new Error("Cannot use the muxer: it has not begun");
    return this.#core;
  }

  get #reserveBytes(): number {
    const { headerReserveBytes } = this.#settings;
    return headerReserveBytes === 0 ? 0 : Math.max(OBJECT_HEAD_BYTES, headerReserveBytes);
  }

  #choosePacketBytes({ maxUnitBytes, maxLatencyMs }: Opening): number {
    const extensions = this.#present.map(({ extensions }) => extensions?.leastBytes ?? 0);
    const bitsPerSecond = this.#present.reduce((sum, stream) => sum + stream.openingBitrate, 0);
    const extensionBytes = Math.max(this.#extensionBytes, ...extensions);
    const { packetBytes } = this.#settings;
    return choosePacketBytes({ packetBytes, bitsPerSecond, extensionBytes, maxUnitBytes, maxLatencyMs });
  }

  #outcome(output: OutputFacts): HeaderOutcome {
    const prerollTicks = this.#settings.prerollMs * TICKS_PER_MS;
    const baseTicks = toMs(output.timeBase) * TICKS_PER_MS;
    const { duration, sendEndMs } = this.#milestoneOf(output);
    return {
      packetCount: output.unitCount,
      indexBytes: output.indexBytes,
      playDurationTicks: Math.max(0, toTicks(duration) - baseTicks) + prerollTicks,
      sendDurationTicks: Math.max(0, Math.round(sendEndMs * TICKS_PER_MS) - baseTicks),
      seekable: this.#indexes!.isSeekable(output),
    };
  }

  /** Where an output ends that has a part of the session; a header without room to spare cannot say less than it had. */
  #endOfPart(output: OutputFacts): number | undefined {
    const { duration } = this.#milestoneOf(output);
    const isPart = output.timeBase > 0 || duration < this.duration;
    return isPart && this.#reserveBytes > 0 ? duration : undefined;
  }

  /** @param outcome Only then is it known where markers lead. */
  #headerFacts(output: Pick<OutputFacts, "plan" | "metadata"> | OutputFacts, outcome?: HeaderOutcome): HeaderFacts {
    const { fileId, creationTime, prerollMs, relations } = this.#settings;
    const { metadata, plan } = output;
    const packetBytes = this.#packetBytes;
    const isKnown = outcome !== undefined && "timeBase" in output;
    const find = isKnown ? (storedMs: number) => this.#indexes!.placeOf(output, storedMs) : undefined;
    const timeBase = isKnown ? output.timeBase : 0;
    const axis: Axis = { packetBytes, prerollMs, timeBase, find, end: isKnown ? this.#endOfPart(output) : undefined };
    const isIndexed = plan.index === "appended" && (!isKnown || this.#indexes!.isIndexed(output));
    return {
      fileId,
      creationTime: toFileTime(creationTime.getTime()),
      packetBytes,
      prerollMs,
      timingExtension: this.#isTimed,
      streams: isKnown && output.measured
        ? output.measured as HeaderStream[]
        : this.#headerStreams(outcome !== undefined),
      metadata,
      relations,
      markers: plan.form === "final" ? markerEntries(metadata, axis) : [],
      commands: commandEntries(metadata, axis),
      indexes: isIndexed ? this.#indexes?.parameters(isKnown ? output : undefined) ?? [] : [],
      outcome,
    };
  }

  #headerStreams(isFinal: boolean): HeaderStream[] {
    if (!isFinal) return this.#present.map((stream) => stream.headerStream(this.#packetBytes));
    const byteCount = this.#present.reduce((sum, { tally }) => sum + tally.byteCount, 0);
    const overhead = this.unitCount * this.#packetBytes / byteCount;
    return this.#present.map((stream) => {
      const largestObjectBytes = this.#begun().largestObjectBytes(stream.slot);
      return stream.headerStream(this.#packetBytes, { overhead, largestObjectBytes, duration: this.duration });
    });
  }

  /** How far the presentation had come at the end of one output, or else has come by now. */
  #milestoneOf(output: OutputFacts): Milestone {
    return this.#milestones.at(output.firstUnit + output.unitCount);
  }

  #milestone(): Milestone {
    const { duration, latestTimestamp, sampleCount } = tallied(this.#present);
    return { duration, latestTimestamp, sampleCount, sendEndMs: this.#begun().sendEndMs };
  }
}
