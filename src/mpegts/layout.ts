/**
 * Access units as transport packets, with tables and clocks between them as time passes.
 *
 * ```text
 * unit:  [clock alone · tables …] where time has passed │ [tables] │ the access unit, with a clock where one is due
 * ```
 *
 * The clock of a sample is its decode time in the session; its own times are {@linkcode TransportLayout} `delay` later, so
 * that it has arrived when it is decoded. Where pictures overtake each other, a session that was given presentation times
 * alone derives decode times that all begin with the first presentation time, since it cannot look ahead. Here the first ones
 * climb step by step, and all presentation times are so much later that these find room.
 *
 * @module
 */

import type { MuxSample } from "../container/container.ts";
import type { UnitLayout } from "../container/unit_buffer.ts";
import { maxPacketizedBytes, PACKET_BYTES, type PacketStream, PacketWriter, type UnitHead } from "./packet.ts";
import type { TablePackets } from "./tables.ts";

/** Of all times here, Hz. */
const CLOCK_RATE = 90_000;
/** Clocks are no further apart ([ISO 13818-1] D.9, [TS 101 154] 4.1.5.3), ticks. */
const MAX_CLOCK_STEP = CLOCK_RATE * 40 / 1000;
/** A unit of the clock's own stream has one when so much has passed. */
const MIN_CLOCK_STEP = MAX_CLOCK_STEP / 2;
/** Tables are due behind this: the next chance comes at most a clock's step later, 100 ms behind the last. */
const TABLE_STEP = CLOCK_RATE * 60 / 1000;
const NAME_STEP = CLOCK_RATE / 2;
/** Time that passes without samples is filled so far; behind more the clock begins anew. */
const MAX_FILLED = CLOCK_RATE * 10;

/** Microseconds in ticks. */
export function toTicks(microseconds: number): number {
  return Math.round(microseconds * 9 / 100);
}

/** A stream. */
export interface TransportStream extends PacketStream {
  /** How much earlier its first decode time may be than the session says; ticks, 0 where nothing is reordered. */
  readonly lead: number;
  readonly reorderDepth: number;
  /** Samples so far, the first one's decode time as it came, and the last one's as it was written. */
  count: number;
  isClimbing: boolean;
  firstDecodeTimestamp: number;
  lastDecodeTime: number;
}

/** What a layout is made of. */
export interface TransportLayoutOptions {
  /** By index of the stream; absent: it is not in the program map. */
  readonly streams: readonly (TransportStream | undefined)[];
  /** The stream whose packets have the clock. */
  readonly clockStream: TransportStream;
  /** Association and map, and what is said less often. */
  readonly tables: readonly TablePackets[];
  readonly service?: TablePackets;
  /** How much later than their clock presentation times are, ticks. */
  readonly delay: number;
}

/** See the module's text. */
export class TransportLayout implements UnitLayout {
  isClean = false;
  readonly #options: TransportLayoutOptions;
  readonly #hasVideo: boolean;
  readonly #writer = new PacketWriter();
  readonly #tableBytes: number;
  readonly #head: UnitHead = { presentationTime: 0, decodeTime: 0, isRandomAccess: false, clock: -1, isJump: false };
  /** When each was written last; -Infinity: never. */
  #lastClock = -Infinity;
  #lastTables = -Infinity;
  #lastName = -Infinity;
  /** A sink may begin with the next unit. */
  #isFirst = true;

  constructor(options: TransportLayoutOptions) {
    this.#options = options;
    const { tables, service, clockStream } = options;
    this.#hasVideo = clockStream.isVideo;
    const all = service === undefined ? tables : [...tables, service];
    this.#tableBytes = all.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  }

  closeUnit(): void {
    this.#isFirst = true;
  }

  maxUnitBytes({ pieces, decodeTimestamp }: MuxSample): number {
    const passed = toTicks(decodeTimestamp) - this.#lastClock;
    const stepCount = passed > MAX_FILLED ? 0 : Math.floor(passed / MAX_CLOCK_STEP);
    return stepCount * (PACKET_BYTES + this.#tableBytes) + PACKET_BYTES + this.#tableBytes +
      maxPacketizedBytes(pieces.byteLength);
  }

  write(sample: MuxSample, memory: Uint8Array<ArrayBuffer>, offset: number): number {
    const { clockStream, streams, delay } = this.#options;
    const stream = streams[sample.stream]!;
    const clock = toTicks(sample.decodeTimestamp);
    const isJump = clock - this.#lastClock > MAX_FILLED && this.#lastClock >= 0;
    let at = isJump ? offset : this.#fill(clock, memory, offset);
    const isKeyFrame = stream.isVideo && sample.isKey;
    const isDue = this.#isFirst || isJump || clock - this.#lastTables >= TABLE_STEP;
    const hasTables = isKeyFrame || isDue;
    if (hasTables) at = this.#writeTables(clock, memory, at);
    const isStart = isKeyFrame || (hasTables && !this.#hasVideo);
    let hasClock = isStart || this.#isFirst || isJump || clock - this.#lastClock >= MIN_CLOCK_STEP;
    if (stream !== clockStream) {
      if (hasClock && (this.#isFirst || isJump)) at = this.#writeClock(clock, isJump, memory, at);
      hasClock = false;
    }
    if (hasClock) this.#lastClock = clock;
    const head = this.#head;
    this.#setTimes(stream, sample, delay);
    head.isRandomAccess = isStart;
    head.clock = hasClock ? clock : -1;
    head.isJump = isJump && hasClock;
    this.#isFirst = false;
    this.isClean = stream === clockStream && isStart;
    return this.#writer.writeUnit(memory, at, stream, head, sample.pieces);
  }

  /** Clocks and tables for the time that has passed. */
  #fill(clock: number, memory: Uint8Array<ArrayBuffer>, offset: number): number {
    let at = offset;
    while (clock - this.#lastClock > MAX_CLOCK_STEP && this.#lastClock >= 0) {
      const time = this.#lastClock + MAX_CLOCK_STEP;
      if (time - this.#lastTables >= TABLE_STEP) at = this.#writeTables(time, memory, at);
      at = this.#writeClock(time, false, memory, at);
    }
    return at;
  }

  #writeClock(clock: number, isJump: boolean, memory: Uint8Array<ArrayBuffer>, at: number): number {
    this.#lastClock = clock;
    return this.#writer.writeClock(memory, at, this.#options.clockStream, clock, isJump);
  }

  #writeTables(clock: number, memory: Uint8Array<ArrayBuffer>, offset: number): number {
    const { tables, service } = this.#options;
    let at = offset;
    for (const table of tables) at = writeTable(table, memory, at);
    if (service !== undefined && (this.#isFirst || clock - this.#lastName >= NAME_STEP)) {
      at = writeTable(service, memory, at);
      this.#lastName = clock;
    }
    this.#lastTables = clock;
    return at;
  }

  /** Decode times rise with each sample, and none lies behind the presentation time. */
  #setTimes(stream: TransportStream, { timestamp, decodeTimestamp }: MuxSample, delay: number): void {
    const head = this.#head;
    let presentationTime = toTicks(timestamp) + delay;
    let decodeTime = toTicks(decodeTimestamp) + delay;
    if (stream.lead > 0) decodeTime -= missingClimb(stream, timestamp, decodeTimestamp);
    if (decodeTime <= stream.lastDecodeTime) decodeTime = stream.lastDecodeTime + 1;
    if (presentationTime < decodeTime) presentationTime = decodeTime;
    stream.lastDecodeTime = decodeTime;
    head.presentationTime = presentationTime;
    head.decodeTime = decodeTime;
  }
}

/** How much earlier a decode time is than the session says, which cannot tell the first ones apart. */
function missingClimb(stream: TransportStream, timestamp: number, decodeTimestamp: number): number {
  const { lead, reorderDepth } = stream;
  const position = stream.count++;
  if (position === 0) {
    stream.firstDecodeTimestamp = decodeTimestamp;
    stream.isClimbing = timestamp === decodeTimestamp;
  }
  stream.isClimbing &&= position < reorderDepth && decodeTimestamp === stream.firstDecodeTimestamp;
  return stream.isClimbing ? Math.round(lead * (reorderDepth - position) / reorderDepth) : 0;
}

function writeTable(table: TablePackets, memory: Uint8Array<ArrayBuffer>, offset: number): number {
  const { bytes } = table;
  for (let at = 3; at < bytes.byteLength; at += PACKET_BYTES) {
    table.counter = table.counter + 1 & 15;
    bytes[at] = 0x10 | table.counter;
  }
  memory.set(bytes, offset);
  return offset + bytes.byteLength;
}
