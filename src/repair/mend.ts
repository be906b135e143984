/**
 * What is left of the packets when everything incomplete is taken out of them.
 *
 * @module
 */

import type { Input } from "../inspect/byte_source.ts";
import { filterPayloads, type KeepPayload } from "../packets/filter_payloads.ts";
import { setSendTime } from "../packets/set_send_time.ts";
import type { Filling } from "./fill_holes.ts";
import type { Strip } from "./object_ledger.ts";
import type { Scan } from "./scan.ts";

/** A packet that does not stay as it is. */
export interface Edit {
  readonly offset: number;
  /** What it becomes; `undefined`: nothing is left of it. */
  readonly packet: Uint8Array<ArrayBuffer> | undefined;
}

const PIECE_BYTES = 1 << 20;

/** The packets that are not as they should be, one after the other. */
export async function* edits(input: Input, scan: Scan): AsyncGenerator<Edit, void, undefined> {
  const mender = new Mender(scan);
  const { packetBytes } = scan;
  for (const [first, last] of touchedRanges(scan)) {
    for (const { offset, packetCount } of scan.runs) {
      const end = offset + packetCount * packetBytes;
      for (let at = Math.max(first, offset); at <= last && at < end; at += packetBytes) {
        const packet = await input.read(at, packetBytes);
        const mended = mender.mend(packet, at);
        if (mended !== packet) yield { offset: at, packet: mended as Edit["packet"] };
      }
    }
  }
}

/** All packets that stay, mended, in pieces of whole packets that are dead when the next one is asked for. */
export async function* mendedPackets(input: Input, scan: Scan): AsyncGenerator<Uint8Array, void, undefined> {
  const mender = new Mender(scan);
  const { packetBytes } = scan;
  const pieceCount = Math.max(1, Math.floor(PIECE_BYTES / packetBytes));
  for (const { offset, packetCount } of scan.runs) {
    for (let number = 0; number < packetCount; number += pieceCount) {
      const count = Math.min(pieceCount, packetCount - number);
      const start = offset + number * packetBytes;
      const piece = await input.read(start, count * packetBytes);
      const mended = mendPiece(mender, piece, start, packetBytes);
      if (mended.byteLength > 0) yield mended;
    }
  }
}

/** All places of packets, edited, in pieces as {@linkcode mendedPackets} has them. */
export async function* editedPackets(
  input: Input,
  { packetBytes, dataStart }: Scan,
  { edits, donors, packetCount }: Filling,
): AsyncGenerator<Uint8Array, void, undefined> {
  const all = [...edits, ...donors].sort((a, b) => a.offset - b.offset);
  const pieceCount = Math.max(1, Math.floor(PIECE_BYTES / packetBytes));
  let next = 0;
  for (let number = 0; number < packetCount; number += pieceCount) {
    const start = dataStart + number * packetBytes;
    const end = start + Math.min(pieceCount, packetCount - number) * packetBytes;
    let piece = await input.read(start, end - start);
    if (next < all.length && all[next]!.offset < end) piece = piece.slice();
    for (; next < all.length && all[next]!.offset < end; next++) {
      const { offset, packet } = all[next]!;
      if (packet !== undefined) piece.set(packet, offset - start);
    }
    yield piece;
  }
}

function mendPiece(mender: Mender, piece: Uint8Array, start: number, packetBytes: number): Uint8Array {
  if (!mender.touches(start, start + piece.byteLength)) return piece;
  const mended = new Uint8Array(piece.byteLength);
  let used = 0;
  for (let at = 0; at + packetBytes <= piece.byteLength; at += packetBytes) {
    const packet = mender.mend(piece.subarray(at, at + packetBytes), start + at);
    if (packet === undefined) continue;
    mended.set(packet, used);
    used += packetBytes;
  }
  return mended.subarray(0, used);
}

/** Packets that may have to change, as ranges of offsets, both ends included, ascending and apart. */
function touchedRanges({ strips, sendTimes }: Scan): [first: number, last: number][] {
  const all = strips.map(({ from, to }): [number, number] => [from.offset, to.offset]);
  for (const offset of sendTimes.keys()) all.push([offset, offset]);
  all.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of all) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1]) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** Mends packets in ascending order. */
class Mender {
  readonly #strips: readonly Strip[];
  readonly #sendTimes: ReadonlyMap<number, number>;
  readonly #ranges: readonly (readonly [number, number])[];
  #nextStrip = 0;
  #nextRange = 0;
  #active: Strip[] = [];

  constructor(scan: Scan) {
    this.#strips = [...scan.strips].sort((a, b) => a.from.offset - b.from.offset);
    this.#sendTimes = scan.sendTimes;
    this.#ranges = touchedRanges(scan);
  }

  /** Whether a packet in this range of the input may have to change. */
  touches(start: number, end: number): boolean {
    while (this.#nextRange < this.#ranges.length && this.#ranges[this.#nextRange]![1] < start) this.#nextRange++;
    return this.#nextRange < this.#ranges.length && this.#ranges[this.#nextRange]![0] < end;
  }

  /** The packet itself, what becomes of it, or `undefined` when nothing is left. */
  mend(packet: Uint8Array, offset: number): Uint8Array | undefined {
    while (this.#nextStrip < this.#strips.length && this.#strips[this.#nextStrip]!.from.offset <= offset) {
      this.#active.push(this.#strips[this.#nextStrip++]!);
    }
    if (this.#active.length > 0) this.#active = this.#active.filter(({ to }) => to.offset >= offset);
    const sendTime = this.#sendTimes.get(offset);
    if (this.#active.length === 0 && sendTime === undefined) return packet;
    const isKept: KeepPayload = ({ streamNumber }, ordinal) =>
      !this.#active.some((one) =>
        one.streamNumber === streamNumber &&
        (one.from.offset < offset || one.from.ordinal <= ordinal) &&
        (one.to.offset > offset || one.to.ordinal >= ordinal)
      );
    const mended = filterPayloads(packet, isKept, sendTime !== undefined);
    if (mended && mended !== packet && sendTime !== undefined) setSendTime(mended, sendTime);
    return mended;
  }
}
