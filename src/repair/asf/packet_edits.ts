/**
 * What is left of the packets when everything incomplete is taken out of them.
 *
 * @module
 */

import { type Input, PIECE_BYTES } from "../../inspect/byte_source.ts";
import { filterPayloads, type KeepPayload } from "../../packets/filter_payloads.ts";
import { setSendTime } from "../../packets/set_send_time.ts";
import type { Cut } from "./incomplete_objects.ts";
import type { Run, Scan } from "./scan.ts";

/** A packet that does not stay as it is. */
export interface Edit {
  readonly offset: number;
  /** What it becomes; `undefined`: nothing is left of it. */
  readonly packet: Uint8Array<ArrayBuffer> | undefined;
}

/** The packets that are not as they should be, one after the other. */
export async function* packetEdits(input: Input, scan: Scan): AsyncGenerator<Edit, void, undefined> {
  const editor = new PacketEditor(scan);
  const { packetBytes, runs } = scan;
  const endOf = ({ offset, packetCount }: Run) => offset + packetCount * packetBytes;
  let nextRun = 0;
  for (const [first, last] of touchedRanges(scan)) {
    while (nextRun < runs.length && endOf(runs[nextRun]!) <= first) nextRun++;
    for (let run = nextRun; run < runs.length && runs[run]!.offset <= last; run++) {
      const { offset } = runs[run]!;
      const end = endOf(runs[run]!);
      for (let at = Math.max(first, offset); at <= last && at < end; at += packetBytes) {
        const packet = await input.read(at, packetBytes);
        const edited = editor.edit(packet, at);
        if (edited !== packet) yield { offset: at, packet: edited as Edit["packet"] };
      }
    }
  }
}

/** What remains of all packets, in pieces of whole packets that are dead when the next one is asked for. */
export async function* remainingPackets(input: Input, scan: Scan): AsyncGenerator<Uint8Array, void, undefined> {
  const editor = new PacketEditor(scan);
  const { packetBytes } = scan;
  const pieceCount = Math.max(1, Math.floor(PIECE_BYTES / packetBytes));
  for (const { offset, packetCount } of scan.runs) {
    for (let number = 0; number < packetCount; number += pieceCount) {
      const count = Math.min(pieceCount, packetCount - number);
      const start = offset + number * packetBytes;
      const piece = await input.read(start, count * packetBytes);
      const remaining = editPiece(editor, piece, start, packetBytes);
      if (remaining.byteLength > 0) yield remaining;
    }
  }
}

function editPiece(editor: PacketEditor, piece: Uint8Array, start: number, packetBytes: number): Uint8Array {
  if (!editor.touches(start, start + piece.byteLength)) return piece;
  const edited = new Uint8Array(piece.byteLength);
  let used = 0;
  for (let at = 0; at + packetBytes <= piece.byteLength; at += packetBytes) {
    const packet = editor.edit(piece.subarray(at, at + packetBytes), start + at);
    if (packet === undefined) continue;
    edited.set(packet, used);
    used += packetBytes;
  }
  return edited.subarray(0, used);
}

/** Packets that may have to change, as ranges of offsets, both ends included, ascending and apart. */
function touchedRanges({ cuts, sendTimes }: Scan): [first: number, last: number][] {
  const all = cuts.map(({ from, to }): [number, number] => [from.offset, to.offset]);
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

/** Edits packets in ascending order. */
class PacketEditor {
  readonly #cuts: readonly Cut[];
  readonly #sendTimes: ReadonlyMap<number, number>;
  readonly #ranges: readonly (readonly [number, number])[];
  #nextCut = 0;
  #nextRange = 0;
  #active: Cut[] = [];

  constructor(scan: Scan) {
    this.#cuts = [...scan.cuts].sort((a, b) => a.from.offset - b.from.offset);
    this.#sendTimes = scan.sendTimes;
    this.#ranges = touchedRanges(scan);
  }

  /** Whether a packet in this range of the input may have to change. */
  touches(start: number, end: number): boolean {
    while (this.#nextRange < this.#ranges.length && this.#ranges[this.#nextRange]![1] < start) this.#nextRange++;
    return this.#nextRange < this.#ranges.length && this.#ranges[this.#nextRange]![0] < end;
  }

  /** The packet itself, what becomes of it, or `undefined` when nothing is left. */
  edit(packet: Uint8Array, offset: number): Uint8Array | undefined {
    while (this.#nextCut < this.#cuts.length && this.#cuts[this.#nextCut]!.from.offset <= offset) {
      this.#active.push(this.#cuts[this.#nextCut++]!);
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
    const edited = filterPayloads(packet, isKept, sendTime !== undefined);
    if (edited && edited !== packet && sendTime !== undefined) setSendTime(edited, sendTime);
    return edited;
  }
}
