/**
 * What the packets of a file say, for whoever compares it with header and indexes, or writes those anew.
 *
 * @module
 */

import { GUID } from "../guid.ts";
import type { AsfHeader, AsfStream } from "../header.ts";
import type { IndexParameters, IndexSpecifier } from "../objects/indexes.ts";
import { ExtensionTrack } from "./extension_rules.ts";
import { flatten } from "./header_rules.ts";

/** Beyond this many, entries are not kept: a hostile file has one every 20 bytes. */
const MAX_ENTRY_COUNT = 1 << 22;
const NO_KEY = 0xffff_ffff;

/** Where objects begin: time, packet, packets spanned. Grows with what came, up to a limit. */
export class TimeTable {
  /** How many there are. */
  count = 0;
  /** Whether some were not kept. */
  isCut = false;
  #times = new Uint32Array(64);
  #packets = new Uint32Array(64);
  #spans = new Uint32Array(64);
  #keys = new Uint32Array(64);
  #lastKey = NO_KEY;

  /** Notes one object. */
  append(timeMs: number, packet: number, span: number, isKey: boolean): void {
    if (this.count === MAX_ENTRY_COUNT) {
      this.isCut = true;
      return;
    }
    if (this.count === this.#times.length) {
      this.#times = doubled(this.#times);
      this.#packets = doubled(this.#packets);
      this.#spans = doubled(this.#spans);
      this.#keys = doubled(this.#keys);
    }
    if (isKey) this.#lastKey = this.count;
    this.#keys[this.count] = this.#lastKey;
    this.#times[this.count] = timeMs;
    this.#packets[this.count] = packet;
    this.#spans[this.count] = span;
    this.count++;
  }

  /** Packet with the beginning of the first one; 0: there is none. */
  get first(): number {
    return this.#packets[0]!;
  }

  /** Presentation time as stored, preroll included. */
  timeMs(at: number): number {
    return this.#times[at]!;
  }

  /** Packet with the first fragment. */
  packet(at: number): number {
    return this.#packets[at]!;
  }

  /** Packets from there to the last fragment, both included. */
  span(at: number): number {
    return this.#spans[at]!;
  }

  /** The last key frame up to there; -1: there is none. */
  lastKey(at: number): number {
    const key = this.#keys[at]!;
    return key === NO_KEY ? -1 : key;
  }
}

/** SMPTE time codes of objects, in the order of these. */
export class TimecodeTable {
  #codes = new Uint32Array(64);
  #ranges = new Uint32Array(64);

  /** Notes that of one object, which may have none. */
  set(object: number, range: number, timecode: number): void {
    if (object >= MAX_ENTRY_COUNT) return;
    while (object >= this.#codes.length) {
      this.#codes = doubled(this.#codes);
      this.#ranges = doubled(this.#ranges);
    }
    this.#codes[object] = timecode;
    this.#ranges[object] = range + 1; // 0: none
  }

  /** Whether an object has one. */
  has(object: number): boolean {
    return (this.#ranges[object] ?? 0) > 0;
  }

  /** The range of that of an object which has one … */
  range(object: number): number {
    return this.#ranges[object]! - 1;
  }

  /** … and the time code itself, BCD 0xHHMMSSFF. */
  timecode(object: number): number {
    return this.#codes[object]!;
  }

  /** Which of two objects comes first by range and time code. */
  compare(a: number, b: number): number {
    return this.#ranges[a]! - this.#ranges[b]! || this.#codes[a]! - this.#codes[b]!;
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** What is known of one stream, and the object it is in the middle of. */
export class StreamTrack {
  readonly stream: AsfStream;
  readonly isVideo: boolean;
  readonly isAudio: boolean;
  /** Bytes of the payload extensions; -1: it varies. */
  readonly extensionBytes: number;
  readonly hasExtensions: boolean;
  /** What its payloads carry, if that is more than the timing. */
  readonly extensions: ExtensionTrack | undefined;
  /** Where in the payload extensions the presentation time is, if it is known beforehand; -1: nowhere. */
  readonly timingAt: number;

  isOpen = false;
  objectNumber = 0;
  objectSize = 0;
  received = 0;
  timeMs = 0;
  presentationMs = 0;
  isKey = false;
  firstPacket = 0;
  /** Number of the last object begun; -1: none yet. */
  lastNumber = -1;
  /** Payload time of the last object begun; -1: none yet. */
  lastTimeMs = -1;

  /** Objects begun. */
  objectCount = 0;
  /** Objects of which all fragments came: those below are about them. */
  completeCount = 0;
  keyCount = 0;
  isFirstKey = false;
  byteCount = 0;
  largestBytes = 0;
  /** Earliest and latest presentation time as stored; -1: none. */
  earliestMs = -1;
  latestMs = -1;
  /** From the payload time before to the last one. */
  stepMs = 0;
  /** Payloads that carry data of it. */
  payloadCount = 0;

  /** Whether objects of it share payloads. */
  hasCompressed = false;
  /** Its key frames, if an index may be about them. */
  readonly keys: TimeTable | undefined;
  /** All its objects, if an index is about them. */
  readonly objects: TimeTable | undefined;
  /** Their time codes, if an index is about these. */
  readonly timecodes: TimecodeTable | undefined;

  constructor(stream: AsfStream, keepsKeys: boolean, keepsObjects: boolean, keepsTimecodes: boolean) {
    this.stream = stream;
    this.isVideo = stream.kind === "video";
    this.isAudio = stream.kind === "audio";
    const systems = stream.extended?.payloadExtensions ?? [];
    const isFixed = systems.every(({ dataBytes }) => dataBytes !== 0xffff);
    this.hasExtensions = systems.length > 0;
    this.extensionBytes = isFixed ? systems.reduce((sum, { dataBytes }) => sum + dataBytes, 0) : -1;
    const timing = systems.findIndex(({ system, dataBytes }) => system === GUID.dvrMsTiming && dataBytes >= 16);
    const before = systems.slice(0, Math.max(0, timing)).map(({ dataBytes }) => dataBytes);
    const isKnown = timing >= 0 && !before.includes(0xffff);
    this.timingAt = isKnown ? before.reduce((sum, bytes) => sum + bytes, 8) : -1;
    this.keys = keepsKeys ? new TimeTable() : undefined;
    this.objects = keepsObjects ? new TimeTable() : undefined;
    this.timecodes = keepsTimecodes ? new TimecodeTable() : undefined;
    const isMore = systems.some(({ system }) => system !== GUID.dvrMsTiming);
    this.extensions = isMore ? new ExtensionTrack(systems, this.timecodes) : undefined;
  }

  /** About how long an object lasts, ms; 0: not known, as of commands and files. */
  get durationMs(): number {
    if (!this.isVideo && !this.isAudio) return 0;
    const mean = this.completeCount < 2 ? 0 : (this.latestMs - this.earliestMs) / (this.completeCount - 1);
    return this.completeCount < 2 ? (this.stream.extended?.frameTicks ?? 0) / 10_000 : Math.max(mean, this.stepMs);
  }
}

/** What all packets say together. */
export class PacketFacts {
  readonly packetBytes: number;
  /** The declared streams by number. */
  readonly byNumber: readonly (StreamTrack | undefined)[];
  /** The declared streams, ascending. */
  readonly tracks: readonly StreamTrack[];
  packetCount = 0;
  lastSendMs = 0;
  lastPacketMs = 0;
  /** Least distance from a packet's send time to the presentation times in it, preroll included; Infinity: none. */
  leastLeadMs = Infinity;
  /** Send times of packets that were asked for. */
  readonly sendTimes: ReadonlyMap<number, number>;

  readonly #sendTimes: Map<number, number>;

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
    this.tracks = header.streams.map((stream) => {
      const isOf = ({ streamNumber }: IndexSpecifier) => streamNumber === stream.streamNumber;
      const times = wanted.time?.specifiers.filter(isOf) ?? [];
      const isVisibleVideo = stream.kind === "video" && !stream.isHidden;
      const isCoded = wanted.timecode?.specifiers.some(isOf) ?? false;
      const isCounted = isCoded || (wanted.mediaObject?.specifiers.some(isOf) ?? false);
      return new StreamTrack(
        stream,
        isVisibleVideo || times.some(({ type }) => type === 3),
        isCounted || times.some(({ type }) => type !== 3),
        isCoded,
      );
    });
    const byNumber: (StreamTrack | undefined)[] = new Array(128).fill(undefined);
    for (const track of this.tracks) byNumber[track.stream.streamNumber] = track;
    this.byNumber = byNumber;
  }

  /** Notes one packet. */
  addPacket(number: number, sendMs: number, durationMs: number): void {
    this.packetCount++;
    this.lastSendMs = Math.max(this.lastSendMs, sendMs);
    this.lastPacketMs = sendMs === this.lastSendMs ? durationMs : this.lastPacketMs;
    if (this.#sendTimes.size > 0 && this.#sendTimes.has(number)) this.#sendTimes.set(number, sendMs);
  }

  /** Latest presentation time of all, as stored; 0: none. */
  get lastMs(): number {
    return Math.max(0, ...this.tracks.map(({ latestMs }) => latestMs));
  }

  /** About how long the object with the latest time lasts, ms; 0: not known. */
  get lastStepMs(): number {
    const last = this.lastMs;
    return Math.max(0, ...this.tracks.filter(({ latestMs }) => latestMs === last).map(({ durationMs }) => durationMs));
  }

  /** Video streams that are not hidden, ascending: the k-th Simple Index is about the k-th. */
  get visibleVideos(): readonly StreamTrack[] {
    return this.tracks.filter(({ isVideo, stream }) => isVideo && !stream.isHidden);
  }
}

/** What a header says of indexes that are no Simple Indexes. */
export interface WantedIndexes {
  readonly time?: IndexParameters;
  readonly mediaObject?: IndexParameters;
  readonly timecode?: IndexParameters;
}

/** Those that the header announces. */
export function announcedIndexes({ object }: AsfHeader): WantedIndexes {
  const objects = flatten(object);
  const find = (wanted: string) =>
    objects.find(({ guid, fields }) => guid === wanted && "specifiers" in fields)?.fields as
      | IndexParameters
      | undefined;
  return {
    time: find(GUID.indexParameters),
    mediaObject: find(GUID.mediaObjectIndexParameters),
    timecode: find(GUID.timecodeIndexParameters),
  };
}
