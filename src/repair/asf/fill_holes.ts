/**
 * Packets for places where there are none any more, so that the others can stay where they are.
 *
 * A packet beside a hole is spread over it: one object of it is cut into as many fragments as there are places, each in a
 * packet of its own.
 *
 * ```text
 * before        │ a b c │       │       │ d e │      │ a b c₁ │  c₂   │  c₃   │ d e │
 * or            │ a b c │       │       │ d e │      │ a b c  │  d₁   │  d₂   │ d₃ e │
 * ```
 *
 * Written in this order, the hole first and what it was taken from last, the file can be read as before until the end: up
 * to there the fragments are some of an object that is not whole, and are taken out when the file is repaired once more.
 *
 * @module
 */

import { type Input, PIECE_BYTES } from "../../inspect/byte_source.ts";
import { spreadPacket, type SpreadPart, spreadRoom } from "../../packets/spread_packet.ts";
import type { Edit } from "./packet_edits.ts";
import type { Scan } from "./scan.ts";

/** More than this is better gone: nobody wants to play so much that is nearly empty. */
const MAX_FILLED_BYTES = 1 << 24;

/** What makes all packets lie back to back again. */
export interface Filling {
  /** Packets that change, and packets at the end that go. */
  readonly edits: readonly Edit[];
  /** Packets that were spread over holes, what is left of each in its own place: written when all `edits` are safe. */
  readonly spreadPackets: readonly Edit[];
  /** How many packets there are. */
  readonly packetCount: number;
}

/**
 * Fills holes that are as large as whole packets; `undefined` when there are others, or nothing to fill them with.
 *
 * @param changes What becomes of packets that are not as they should be.
 */
export async function fillHoles(input: Input, scan: Scan, changes: readonly Edit[]): Promise<Filling | undefined> {
  const { packetBytes, dataStart, runs } = scan;
  if (runs.some(({ offset }) => (offset - dataStart) % packetBytes !== 0)) return undefined;
  const holes = holesIn(scan, changes);
  const end = runs.at(-1)!.offset + runs.at(-1)!.packetCount * packetBytes;
  const tail = holes.at(-1)?.[1] === end ? holes.pop()! : [end, end] as const;
  if (holes.reduce((sum, [from, to]) => sum + to - from, 0) > MAX_FILLED_BYTES) return undefined;

  const changed = new Map(changes.map(({ offset, packet }) => [offset, packet]));
  const fillings: Edit[] = [];
  const spread = new Map<number, Edit["packet"]>();
  const packetAt = async (offset: number) => {
    if (offset < dataStart || offset >= tail[0] || spread.has(offset)) return undefined;
    return changed.get(offset) ?? (await input.read(offset, packetBytes)).slice();
  };
  const spreadOver = (source: number, packet: Uint8Array, count: number, part: SpreadPart) => {
    const packets = spreadPacket(packet, count + 1, part);
    const start = part === "last" ? source : source - count * packetBytes;
    packets.forEach((one, i) => {
      const offset = start + i * packetBytes;
      if (offset === source) spread.set(source, one);
      else fillings.push({ offset, packet: one });
    });
  };
  for (const [from, to] of holes) {
    const count = (to - from) / packetBytes;
    const before = await packetAt(from - packetBytes);
    const after = await packetAt(to);
    const roomBefore = before === undefined ? 0 : spreadRoom(before, "last");
    const roomAfter = after === undefined ? 0 : spreadRoom(after, "first");
    if (roomBefore + roomAfter < count) return undefined;
    const countBefore = roomAfter >= count && roomBefore < count ? 0 : Math.min(roomBefore, count);
    if (countBefore > 0) spreadOver(from - packetBytes, before!, countBefore, "last");
    if (countBefore < count) spreadOver(to, after!, count - countBefore, "first");
  }
  const kept = changes.filter(({ offset, packet }) => packet === undefined ? offset >= tail[0] : !spread.has(offset));
  return {
    edits: [...kept, ...fillings],
    spreadPackets: [...spread].map(([offset, packet]) => ({ offset, packet })),
    packetCount: (tail[0] - dataStart) / packetBytes,
  };
}

/** All places of packets, filled, in pieces of whole packets that are dead when the next one is asked for. */
export async function* filledPackets(
  input: Input,
  { packetBytes, dataStart }: Scan,
  { edits, spreadPackets, packetCount }: Filling,
): AsyncGenerator<Uint8Array, void, undefined> {
  const all = [...edits, ...spreadPackets].sort((a, b) => a.offset - b.offset);
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

/** Where no packet is or stays, as ranges that are apart. */
function holesIn({ dataStart, runs, packetBytes }: Scan, changes: readonly Edit[]): [from: number, to: number][] {
  const empty: [number, number][] = changes.filter(({ packet }) => packet === undefined)
    .map(({ offset }) => [offset, offset + packetBytes]);
  let at = dataStart;
  for (const { offset, packetCount } of runs) {
    if (offset > at) empty.push([at, offset]);
    at = offset + packetCount * packetBytes;
  }
  empty.sort((a, b) => a[0] - b[0]);
  const holes: [number, number][] = [];
  for (const [from, to] of empty) {
    const last = holes.at(-1);
    if (last?.[1] === from) last[1] = to;
    else holes.push([from, to]);
  }
  return holes;
}
