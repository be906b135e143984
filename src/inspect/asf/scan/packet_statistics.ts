/**
 * What the packets of a file hold, counted while they pass: for whoever compares it with header and indexes, or writes those
 * anew.
 *
 * @module
 */

import { u16At, u32At } from "../../cursor.ts";
import type { AsfHeader, AsfStream } from "../header.ts";
import type { ObjectListener, TrackedObject } from "../object_tracker.ts";
import { CLEAN_POINT, type IndexSpecifier } from "../objects/indexes.ts";
import type { PayloadFields } from "../packet_walker.ts";
import { TICKS_PER_MS } from "../ticks.ts";
import { announcedIndexes, type WantedIndexes } from "./announced_indexes.ts";
import { ObjectTable, TimecodeTable } from "./object_table.ts";

const MAX_TIME_MS = 0xffff_ffff;
const NO_TIMECODE = -1;
/** A time code is its range, a WORD, then its digits, a DWORD. */
const TIMECODE_AT = 2;

/** What the packets hold of one stream. */
export class StreamStatistics {
  readonly stream: AsfStream;
  readonly isVideo: boolean;
  readonly isAudio: boolean;

  /** Objects begun. */
  objectCount = 0;
  /** Objects of which all fragments came: the largest size, the times and the tables are about them. */
  completeCount = 0;
  /** Objects begun with the key frame bit. */
  keyCount = 0;
  /** Whether the first object has the key frame bit. */
  isFirstKey = false;
  largestBytes = 0;
  /** Earliest and latest presentation time as stored; -1: none. */
  earliestMs = -1;
  latestMs = -1;
  /** From the payload time before to the last one. */
  stepMs = 0;
  /** Whether objects of it share payloads. */
  hasCompressed = false;
  /** Its key frames, if an index may be about them. */
  readonly keys: ObjectTable | undefined;
  /** All its objects, if an index is about them. */
  readonly objects: ObjectTable | undefined;
  /** Their time codes, if an index is about these. */
  readonly timecodes: TimecodeTable | undefined;

  // Of the object at hand
  #presentationMs = 0;
  #timecodeRange = 0;
  #timecode = NO_TIMECODE;

  constructor(stream: AsfStream, keepsKeys: boolean, keepsObjects: boolean, keepsTimecodes: boolean) {
    this.stream = stream;
    this.isVideo = stream.kind === "video";
    this.isAudio = stream.kind === "audio";
    this.keys = keepsKeys ? new ObjectTable() : undefined;
    this.objects = keepsObjects ? new ObjectTable() : undefined;
    this.timecodes = keepsTimecodes ? new TimecodeTable() : undefined;
  }

  /** About how long an object lasts, ms; 0: not known, as of commands and files. */
  get durationMs(): number {
    if (!this.isVideo && !this.isAudio) return 0;
    if (this.completeCount >= 2) {
      return Math.max((this.latestMs - this.earliestMs) / (this.completeCount - 1), this.stepMs);
    }
    if (this.isVideo) return (this.stream.extended?.frameTicks ?? 0) / TICKS_PER_MS;
    // Of audio, Windows' writers leave nonsense in the average time of a frame: what is left of 0 less something.
    const bytesPerSecond = this.stream.audio?.bytesPerSecond ?? 0;
    return bytesPerSecond > 0 ? this.largestBytes * 1000 / bytesPerSecond : 0;
  }

  /** About where the last object ends, as stored; 0: there is none. */
  get endMs(): number {
    return this.latestMs < 0 ? 0 : this.latestMs + this.durationMs;
  }

  /** An object begins. */
  begin(object: TrackedObject, payload: PayloadFields, bytes: Uint8Array): void {
    const { timeMs, previousTimeMs, extensions } = object;
    if (this.objectCount++ === 0) this.isFirstKey = object.isKey;
    if (object.isKey) this.keyCount++;
    if (payload.isCompressed) this.hasCompressed = true;
    if (previousTimeMs >= 0 && timeMs > previousTimeMs) this.stepMs = timeMs - previousTimeMs;
    const ticks = extensions.hasTiming ? extensions.presentationTicks(bytes, payload) : -1;
    this.#presentationMs = ticks < 0 ? timeMs : Math.min(MAX_TIME_MS, Math.round(ticks / TICKS_PER_MS));
    if (this.timecodes === undefined) return;
    const at = extensions.timecodeAt(bytes, payload);
    this.#timecodeRange = at < 0 ? 0 : u16At(bytes, at);
    this.#timecode = at < 0 ? NO_TIMECODE : u32At(bytes, at + TIMECODE_AT);
  }

  /** All of it has come, the last of it in this packet. */
  complete({ size, isKey, firstPacket }: TrackedObject, packetNumber: number): void {
    const presentationMs = this.#presentationMs;
    if (size > this.largestBytes) this.largestBytes = size;
    if (this.earliestMs < 0 || presentationMs < this.earliestMs) this.earliestMs = presentationMs;
    if (presentationMs > this.latestMs) this.latestMs = presentationMs;
    const span = packetNumber - firstPacket + 1;
    const isStart = isKey || this.isAudio;
    if (isStart) this.keys?.append(presentationMs, firstPacket, span, true);
    this.objects?.append(presentationMs, firstPacket, span, isStart);
    if (this.#timecode !== NO_TIMECODE) this.timecodes?.set(this.completeCount, this.#timecodeRange, this.#timecode);
    this.completeCount++;
  }
}

/** What all packets hold. */
export class PacketStatistics implements ObjectListener {
  readonly packetBytes: number;
  /** The declared streams by number. */
  readonly byNumber: readonly (StreamStatistics | undefined)[];
  /** The declared streams, ascending. */
  readonly streams: readonly StreamStatistics[];
  packetCount = 0;
  /** Latest send time. */
  lastSendMs = 0;
  /** Duration of the packet with the latest send time. */
  lastPacketMs = 0;
  /** Send times of packets that were asked for. */
  readonly sendTimes: ReadonlyMap<number, number>;

  readonly #sendTimes: Map<number, number>;
  #bytes: Uint8Array = new Uint8Array(0);
  #packetNumber = 0;

  /**
   * @param wantedPackets Packets whose send times are to be kept.
   * @param wanted Indexes that are to be made anew; else those that the header speaks of.
   */
  constructor(
    header: AsfHeader,
    packetBytes: number,
    wantedPackets: Iterable<number> = [],
    wanted: WantedIndexes = announcedIndexes(header),
  ) {
    this.packetBytes = packetBytes;
    this.#sendTimes = new Map(Array.from(wantedPackets, (number) => [number, -1]));
    this.sendTimes = this.#sendTimes;
    this.streams = header.streams.map((stream) => {
      const isOf = ({ streamNumber }: IndexSpecifier) => streamNumber === stream.streamNumber;
      const times = wanted.time?.specifiers.filter(isOf) ?? [];
      const isVisibleVideo = stream.kind === "video" && !stream.isHidden;
      const isCoded = wanted.timecode?.specifiers.some(isOf) ?? false;
      const isCounted = isCoded || (wanted.mediaObject?.specifiers.some(isOf) ?? false);
      return new StreamStatistics(
        stream,
        isVisibleVideo || times.some(({ type }) => type === CLEAN_POINT),
        isCounted || times.some(({ type }) => type !== CLEAN_POINT),
        isCoded,
      );
    });
    const byNumber: (StreamStatistics | undefined)[] = new Array(128).fill(undefined);
    for (const one of this.streams) byNumber[one.stream.streamNumber] = one;
    this.byNumber = byNumber;
  }

  beginPacket(bytes: Uint8Array, number: number): void {
    this.#bytes = bytes;
    this.#packetNumber = number;
  }

  begin(object: TrackedObject, payload: PayloadFields): void {
    this.byNumber[payload.streamNumber]!.begin(object, payload, this.#bytes);
  }

  append(): void {}

  complete(object: TrackedObject): void {
    this.byNumber[object.stream.streamNumber]!.complete(object, this.#packetNumber);
  }

  abandon(): void {}

  stray(): void {}

  undeclared(): void {}

  /** All payloads of a packet have passed. */
  endPacket(sendMs: number, durationMs: number): void {
    this.packetCount++;
    this.lastSendMs = Math.max(this.lastSendMs, sendMs);
    this.lastPacketMs = sendMs === this.lastSendMs ? durationMs : this.lastPacketMs;
    const number = this.#packetNumber;
    if (this.#sendTimes.size > 0 && this.#sendTimes.has(number)) this.#sendTimes.set(number, sendMs);
  }

  /** Latest presentation time of all, as stored; 0: none. */
  get lastMs(): number {
    return Math.max(0, ...this.streams.map(({ latestMs }) => latestMs));
  }

  /** About where the last object of all ends, as stored: that of sound may be behind that of the last picture. */
  get endMs(): number {
    return Math.max(0, ...this.streams.map(({ endMs }) => endMs));
  }

  /** Video streams that are not hidden, ascending: the k-th Simple Index is about the k-th. */
  get visibleVideos(): readonly StreamStatistics[] {
    return this.streams.filter(({ isVideo, stream }) => isVideo && !stream.isHidden);
  }
}
