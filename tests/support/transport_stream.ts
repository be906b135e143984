/**
 * Reads MPEG transport streams, and finds what is wrong with them: shares no code with the muxer.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

/** One access unit; times are ticks of 90 kHz, unwrapped. */
export interface TransportUnit {
  pid: number;
  pts: number;
  dts: number;
  isRandomAccess: boolean;
  data: Uint8Array;
  /** Position of its first packet. */
  offset: number;
  /** As stated; 0: unbounded. */
  pesLength: number;
}

/** A stream in the program map. */
export interface TransportEntry {
  pid: number;
  type: number;
  descriptors: Uint8Array;
}

export interface TransportFacts {
  clockPid: number;
  entries: TransportEntry[];
  units: TransportUnit[];
  /** Ticks of 90 kHz, unwrapped, and where each stands. */
  clocks: { time: number; offset: number; isJump: boolean }[];
  /** Where an association with a map behind it stands. */
  tables: number[];
  serviceName?: string;
  /** What breaks a rule. */
  faults: string[];
}

const WRAP = 2 ** 33;

/** The time nearest to `near` that says `time`. */
function unwrap(time: number, near: number): number {
  return time + Math.round((near - time) / WRAP) * WRAP;
}

/** By division, bit by bit. */
function crc(bytes: Uint8Array): number {
  let register = 0xFFFF_FFFF;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const isOne = (register >>> 31 ^ byte >> bit & 1) === 1;
      register = (register << 1 ^ (isOne ? 0x04C1_1DB7 : 0)) >>> 0;
    }
  }
  return register;
}

/** Reads all of it. */
export function readTransportStream(file: Uint8Array): TransportFacts {
  const facts: TransportFacts = { clockPid: -1, entries: [], units: [], clocks: [], tables: [], faults: [] };
  const { faults } = facts;
  const counters = new Map<number, number>();
  const open = new Map<number, { unit: TransportUnit; pieces: Uint8Array[] }>();
  let mapPid = -1;
  let near = 0;
  const lastDts = new Map<number, number>();
  if (file.byteLength % 188 !== 0) faults.push(`${file.byteLength} bytes are no whole packets`);

  const close = (pid: number) => {
    const found = open.get(pid);
    if (found === undefined) return;
    open.delete(pid);
    const { unit, pieces } = found;
    unit.data = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
    pieces.reduce((at, piece) => (unit.data.set(piece, at), at + piece.byteLength), 0);
    if (unit.pesLength > 0 && unit.pesLength !== unit.data.byteLength) faults.push(`PES length at ${unit.offset}`);
    facts.units.push(unit);
  };

  for (let offset = 0; offset + 188 <= file.byteLength; offset += 188) {
    const packet = file.subarray(offset, offset + 188);
    const at = `packet at ${offset}`;
    if (packet[0] !== 0x47) faults.push(`${at} has no sync byte`);
    const pid = (packet[1]! & 0x1F) << 8 | packet[2]!;
    const isStart = (packet[1]! & 0x40) !== 0;
    const control = packet[3]! >> 4 & 3;
    const counter = packet[3]! & 15;
    let start = 4;
    let isRandomAccess = false;
    if ((control & 2) !== 0) {
      const size = packet[4]!;
      start = 5 + size;
      if (control === 2 ? size !== 183 : size > 182) faults.push(`${at} has an adaptation field of ${size} bytes`);
      const flags = size > 0 ? packet[5]! : 0;
      isRandomAccess = (flags & 0x40) !== 0;
      let fieldEnd = 6;
      if ((flags & 0x10) !== 0) {
        const base = ((packet[6]! * 2 ** 24 + (packet[7]! << 16) + (packet[8]! << 8) + packet[9]!) * 2) +
          (packet[10]! >> 7);
        if (pid !== facts.clockPid) faults.push(`${at} has a clock`);
        const isJump = (flags & 0x80) !== 0;
        const time = facts.clocks.length === 0 ? base : unwrap(base, facts.clocks.at(-1)!.time);
        facts.clocks.push({ time, offset, isJump });
        near = time;
        fieldEnd = 12;
      } else if ((flags & 0x80) !== 0) faults.push(`${at} says a discontinuity without a clock`);
      for (let i = fieldEnd; i < start; i++) if (packet[i] !== 0xFF) faults.push(`${at} is stuffed with ${packet[i]}`);
    }
    const last = counters.get(pid);
    if ((control & 1) === 0) {
      if (last !== undefined && counter !== last) faults.push(`${at} counts without payload`);
      continue;
    }
    if (last !== undefined && counter !== (last + 1) % 16) faults.push(`${at} has counter ${counter} behind ${last}`);
    counters.set(pid, counter);
    const payload = packet.subarray(start);
    if (pid === 0 || pid === 0x11 || pid === mapPid) {
      readSection(pid, payload, offset);
      continue;
    }
    if (isStart) {
      close(pid);
      if (payload[0] !== 0 || payload[1] !== 0 || payload[2] !== 1) faults.push(`${at} begins no PES packet`);
      const length = payload[4]! << 8 | payload[5]!;
      const headerBytes = payload[8]!;
      const readTime = (i: number) => {
        if ((payload[i]! & payload[i + 2]! & payload[i + 4]! & 1) !== 1) faults.push(`${at} lacks marker bits`);
        const high = (payload[i]! >> 1 & 7) * 2 ** 30;
        return unwrap(
          high + (payload[i + 1]! << 22 | payload[i + 2]! >> 1 << 15 | payload[i + 3]! << 7 | payload[i + 4]! >> 1),
          near,
        );
      };
      const pts = readTime(9);
      const dts = (payload[7]! & 0x40) !== 0 ? readTime(14) : pts;
      if (dts > pts) faults.push(`${at}: decoded at ${dts}, shown at ${pts}`);
      if (dts <= (lastDts.get(pid) ?? -Infinity)) faults.push(`${at}: decode time ${dts} does not rise`);
      lastDts.set(pid, dts);
      if (facts.clocks.length === 0) faults.push(`${at} has no clock before it`);
      else if (near > dts) faults.push(`${at}: the clock is ${near}, its decode time ${dts}`);
      const pesLength = length === 0 ? 0 : length - 3 - headerBytes;
      const unit = { pid, pts, dts, isRandomAccess, data: new Uint8Array(0), offset, pesLength };
      open.set(pid, { unit, pieces: [payload.subarray(9 + headerBytes)] });
    } else open.get(pid)?.pieces.push(payload);
  }
  for (const pid of [...open.keys()]) close(pid);
  facts.units.sort((a, b) => a.offset - b.offset);
  checkDistances(facts);
  return facts;

  function readSection(pid: number, payload: Uint8Array, offset: number): void {
    const begin = 1 + payload[0]!;
    const length = (payload[begin + 1]! & 0xF) << 8 | payload[begin + 2]!;
    const section = payload.subarray(begin, begin + 3 + length);
    if (section.byteLength !== 3 + length) return void faults.push(`section at ${offset} goes on in another packet`);
    if (crc(section) !== 0) faults.push(`section at ${offset} has a wrong checksum`);
    const body = section.subarray(8, -4);
    if (pid === 0) {
      mapPid = (body[2]! & 0x1F) << 8 | body[3]!;
      facts.tables.push(offset);
    } else if (pid === 0x11) facts.serviceName = new TextDecoder().decode(body.subarray(3 + 5 + 5 + 1));
    else {
      facts.clockPid = (body[0]! & 0x1F) << 8 | body[1]!;
      const entries: TransportEntry[] = [];
      for (let at = 4; at < body.byteLength;) {
        const size = (body[at + 3]! & 0xF) << 8 | body[at + 4]!;
        entries.push({
          type: body[at]!,
          pid: (body[at + 1]! & 0x1F) << 8 | body[at + 2]!,
          descriptors: body.slice(at + 5, at + 5 + size),
        });
        at += 5 + size;
      }
      if (facts.entries.length > 0) assertEquals(entries, facts.entries);
      facts.entries = entries;
    }
  }
}

/** Clocks at most 40 ms apart, and tables 100 ms by those; what a clock jumps over does not count. */
function checkDistances({ clocks, tables, faults }: TransportFacts): void {
  if (tables[0] !== 0) faults.push("there are no tables in front");
  let passed = 0;
  let saidAt = 0;
  let next = 0;
  for (const [i, { time, isJump, offset }] of clocks.entries()) {
    const step = i === 0 ? 0 : time - clocks[i - 1]!.time;
    if (step < 0) faults.push(`the clock at ${offset} goes back`);
    if (step > 3600 && !isJump) faults.push(`the clock at ${offset} is ${step / 90} ms behind the one before`);
    if (isJump && step < 90_000) faults.push(`the clock at ${offset} jumps by ${step}`);
    // Tables between two clocks came no earlier than the first of them.
    for (; tables[next]! < offset; next++) saidAt = passed;
    if (!isJump) passed += step;
    if (passed - saidAt > 9000 + 3600) faults.push(`tables are ${(passed - saidAt) / 90} ms before ${offset}`);
  }
}
