/**
 * Transport packets ([ISO 13818-1] 2.4.3) with a PES packet in them (2.4.3.6), or with a clock alone.
 *
 * ```text
 * 47 · start, PID · adaptation, payload, counter │ adaptation: size, flags, clock, stuffing │ payload
 * first payload:  00 00 01 id · size · flags · size of times · presentation time · decode time │ the access unit begins
 * ```
 *
 * @module
 */

import type { Pieces } from "../bytes/pieces.ts";

/** Size of a packet. */
export const PACKET_BYTES = 188;
/** What each begins with. */
export const SYNC_BYTE = 0x47;

const HEAD_BYTES = 4;
const PAYLOAD_BYTES = PACKET_BYTES - HEAD_BYTES;
const PAYLOAD_WORDS = PAYLOAD_BYTES / 4;
const PACKET_WORDS = PACKET_BYTES / 4;
/** A PES packet's header up to its times, and each of these. */
const PES_HEAD_BYTES = 9;
const TIME_BYTES = 5;
/** `PES_packet_length` counts from behind itself. */
const PES_LENGTH_END = 6;

/** Adaptation field: its size and flags, and a clock. */
const FLAGS_BYTES = 2;
const CLOCK_BYTES = 6;
const DISCONTINUITY = 0x80;
const RANDOM_ACCESS = 0x40;
const HAS_CLOCK = 0x10;

const PAYLOAD_ALONE = 0x10;
const ADAPTATION_ALONE = 0x20;
const BOTH = 0x30;

/** Of a clock of 90 kHz, which begins anew behind it. */
const WRAP_TICKS = 2 ** 33;

/** A stream as its packets know it. */
export interface PacketStream {
  readonly pid: number;
  /** Of its PES packets. */
  readonly streamId: number;
  readonly isVideo: boolean;
  /** Continuity counter of the last packet with payload. */
  counter: number;
}

/** What the first packet of an access unit says. Times are ticks of 90 kHz that only go up. */
export interface UnitHead {
  presentationTime: number;
  decodeTime: number;
  isRandomAccess: boolean;
  /** -1: no clock. */
  clock: number;
  /** The clock begins anew. */
  isJump: boolean;
}

/** Most bytes that an access unit of this size takes. */
export function maxPacketizedBytes(unitBytes: number): number {
  const besides = FLAGS_BYTES + CLOCK_BYTES + PES_HEAD_BYTES + 2 * TIME_BYTES;
  return Math.ceil((unitBytes + besides) / PAYLOAD_BYTES) * PACKET_BYTES;
}

/** Writes packets into memory whose offsets are multiples of four, as those of whole packets are. */
export class PacketWriter {
  #memory = new Uint8Array(0);
  #words = new Int32Array(0);
  /** The access unit at hand, in one piece. */
  #unit = new Uint8Array(64 << 10);
  #unitWords = new Int32Array(this.#unit.buffer);

  /** A packet with a clock and nothing else. Answers where it ends. */
  writeClock(
    memory: Uint8Array<ArrayBuffer>,
    at: number,
    stream: PacketStream,
    clock: number,
    isJump: boolean,
  ): number {
    const { pid, counter } = stream;
    memory[at] = SYNC_BYTE;
    memory[at + 1] = pid >> 8;
    memory[at + 2] = pid & 0xFF;
    memory[at + 3] = ADAPTATION_ALONE | counter; // it does not count
    memory[at + 4] = PAYLOAD_BYTES - 1;
    memory[at + 5] = HAS_CLOCK | (isJump ? DISCONTINUITY : 0);
    writeClockTime(memory, at + 6, clock);
    memory.fill(0xFF, at + 12, at + PACKET_BYTES);
    return at + PACKET_BYTES;
  }

  /** An access unit. Answers where it ends. */
  writeUnit(
    memory: Uint8Array<ArrayBuffer>,
    offset: number,
    stream: PacketStream,
    head: UnitHead,
    pieces: Pieces,
  ): number {
    const { byteLength } = pieces;
    const { presentationTime, decodeTime, isRandomAccess, clock, isJump } = head;
    const hasDecodeTime = decodeTime !== presentationTime;
    const pesBytes = PES_HEAD_BYTES + (hasDecodeTime ? 2 * TIME_BYTES : TIME_BYTES);
    let fieldBytes = clock >= 0 ? FLAGS_BYTES + CLOCK_BYTES : isRandomAccess ? FLAGS_BYTES : 0;
    const room = PAYLOAD_BYTES - fieldBytes - pesBytes;
    const firstBytes = Math.min(room, byteLength);
    const stuffingBytes = room - firstBytes;
    const flags = (isRandomAccess ? RANDOM_ACCESS : 0) | (clock >= 0 ? HAS_CLOCK : 0) | (isJump ? DISCONTINUITY : 0);

    let at = this.#writeHead(memory, offset, stream, true, fieldBytes + stuffingBytes);
    if (fieldBytes + stuffingBytes >= FLAGS_BYTES) {
      memory[at + 1] = flags;
      if (clock >= 0) writeClockTime(memory, at + FLAGS_BYTES, clock);
      fieldBytes = Math.max(fieldBytes, FLAGS_BYTES);
      const end = offset + HEAD_BYTES + PAYLOAD_BYTES - pesBytes - firstBytes;
      memory.fill(0xFF, at + fieldBytes, end);
      at = end;
    } else {
      at += fieldBytes + stuffingBytes;
    }
    at = this.#writePesHead(memory, at, stream, head, pesBytes, byteLength);
    return this.#writePayload(memory, at, stream, pieces, firstBytes);
  }

  /** Of a packet with payload; answers where its adaptation field is, whose size, if there is one, it sets. */
  #writeHead(
    memory: Uint8Array<ArrayBuffer>,
    at: number,
    stream: PacketStream,
    isStart: boolean,
    fieldBytes: number,
  ): number {
    const { pid } = stream;
    stream.counter = stream.counter + 1 & 15;
    memory[at] = SYNC_BYTE;
    memory[at + 1] = (isStart ? 0x40 : 0) | pid >> 8;
    memory[at + 2] = pid & 0xFF;
    memory[at + 3] = (fieldBytes > 0 ? BOTH : PAYLOAD_ALONE) | stream.counter;
    if (fieldBytes > 0) memory[at + 4] = fieldBytes - 1;
    return at + HEAD_BYTES;
  }

  #writePesHead(
    memory: Uint8Array<ArrayBuffer>,
    at: number,
    { streamId, isVideo }: PacketStream,
    { presentationTime, decodeTime }: UnitHead,
    pesBytes: number,
    unitBytes: number,
  ): number {
    const length = pesBytes - PES_LENGTH_END + unitBytes;
    const stated = length > 0xFFFF && isVideo ? 0 : length; // it goes on to the next
    memory[at] = 0;
    memory[at + 1] = 0;
    memory[at + 2] = 1;
    memory[at + 3] = streamId;
    memory[at + 4] = stated >> 8;
    memory[at + 5] = stated & 0xFF;
    memory[at + 6] = 0x84; // an access unit begins here
    const hasDecodeTime = decodeTime !== presentationTime;
    memory[at + 7] = hasDecodeTime ? 0xC0 : 0x80;
    memory[at + 8] = pesBytes - PES_HEAD_BYTES;
    writeTime(memory, at + PES_HEAD_BYTES, hasDecodeTime ? 3 : 2, presentationTime);
    if (hasDecodeTime) writeTime(memory, at + PES_HEAD_BYTES + TIME_BYTES, 1, decodeTime);
    return at + pesBytes;
  }

  /** The access unit's bytes: those of the first packet, whole packets, and a last one with stuffing in front. */
  #writePayload(
    memory: Uint8Array<ArrayBuffer>,
    offset: number,
    stream: PacketStream,
    pieces: Pieces,
    firstBytes: number,
  ): number {
    const { byteLength } = pieces;
    const begin = -firstBytes & 3; // so that whole packets begin with a whole word
    const unit = this.#gather(pieces, begin);
    memory.set(unit.subarray(begin, begin + firstBytes), offset);
    let at = offset + firstBytes;
    let from = begin + firstBytes;
    const end = begin + byteLength;
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#words = new Int32Array(memory.buffer, 0, memory.byteLength >> 2);
    }
    const words = this.#words;
    const unitWords = this.#unitWords;
    // One word each: shorter than what a call for so few bytes takes.
    const { pid } = stream;
    let { counter } = stream;
    for (; end - from >= PAYLOAD_BYTES; from += PAYLOAD_BYTES) {
      counter = counter + 1 & 15;
      memory[at] = SYNC_BYTE;
      memory[at + 1] = pid >> 8;
      memory[at + 2] = pid & 0xFF;
      memory[at + 3] = PAYLOAD_ALONE | counter;
      const to = (at >> 2) + 1;
      const source = from >> 2;
      for (let i = 0; i < PAYLOAD_WORDS; i++) words[to + i] = unitWords[source + i]!;
      at += 4 * PACKET_WORDS;
    }
    stream.counter = counter;
    if (from === end) return at;
    const stuffingBytes = PAYLOAD_BYTES - (end - from);
    const field = this.#writeHead(memory, at, stream, false, stuffingBytes);
    if (stuffingBytes > 1) {
      memory[field + 1] = 0;
      memory.fill(0xFF, field + FLAGS_BYTES, field + stuffingBytes);
    }
    memory.set(unit.subarray(from, end), field + stuffingBytes);
    return at + PACKET_BYTES;
  }

  /** The access unit in one piece that begins at `at`. */
  #gather({ sources, starts, ends, count, byteLength }: Pieces, begin: number): Uint8Array {
    if (begin + byteLength > this.#unit.byteLength) {
      this.#unit = new Uint8Array(2 ** Math.ceil(Math.log2(begin + byteLength)));
      this.#unitWords = new Int32Array(this.#unit.buffer);
    }
    const unit = this.#unit;
    for (let i = 0, at = begin; i < count; i++) {
      const source = sources[i]!;
      const [start, end] = [starts[i]!, ends[i]!];
      unit.set(start === 0 && end === source.byteLength ? source : source.subarray(start, end), at);
      at += end - start;
    }
    return unit;
  }
}

/** `program_clock_reference`: 33 bits of 90 kHz, 6 reserved, 9 of what 27 MHz adds. */
function writeClockTime(memory: Uint8Array, at: number, ticks: number): void {
  const time = ticks % WRAP_TICKS;
  const high = Math.floor(time / 2);
  memory[at] = high >>> 24;
  memory[at + 1] = high >>> 16 & 0xFF;
  memory[at + 2] = high >>> 8 & 0xFF;
  memory[at + 3] = high & 0xFF;
  memory[at + 4] = (time % 2) << 7 | 0x7E;
  memory[at + 5] = 0;
}

/** A time of a PES packet: four bits that say which, then 3, 15 and 15 bits, each with a marker behind it. */
function writeTime(memory: Uint8Array, at: number, prefix: number, ticks: number): void {
  const time = ticks % WRAP_TICKS;
  const low = time % 0x4000_0000;
  memory[at] = prefix << 4 | Math.floor(time / 0x4000_0000) << 1 | 1;
  memory[at + 1] = low >>> 22 & 0xFF;
  memory[at + 2] = low >>> 14 & 0xFE | 1;
  memory[at + 3] = low >>> 7 & 0xFF;
  memory[at + 4] = low << 1 & 0xFE | 1;
}
