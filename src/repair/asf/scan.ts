/**
 * Finds what packets there are in a file, over whatever damage.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import { DATA_HEAD_BYTES, type Head } from "../../inspect/asf/head.ts";
import { OBJECT_HEAD_BYTES } from "../../inspect/asf/objects/walk.ts";
import { beginsObject } from "../../inspect/asf/packet_blocks.ts";
import type { WantedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import { PacketScanner } from "../../inspect/asf/scan/packet_scanner.ts";
import { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";
import { type Input, PIECE_BYTES } from "../../inspect/byte_source.ts";
import { u64At } from "../../inspect/cursor.ts";
import { ProblemList } from "../../inspect/problems.ts";
import { type Cut, IncompleteObjects } from "./incomplete_objects.ts";
import { MAX_OBJECT_COUNT } from "./target.ts";
import { PacketProbe } from "./packet_probe.ts";
import { LossList } from "../loss_list.ts";
import type { Loss } from "../report.ts";

/** Packets back to back. */
export interface Run {
  readonly offset: number;
  packetCount: number;
}

/** What was found. */
export interface Scan {
  readonly packetBytes: number;
  /** Offset of the first packet. */
  readonly dataStart: number;
  readonly runs: readonly Run[];
  readonly losses: readonly Loss[];
  readonly lostBytes: number;
  /** Payloads that have to go. */
  readonly cuts: readonly Cut[];
  readonly lostObjectCount: number;
  /** Send times that have to change, by the offset of their packets. */
  readonly sendTimes: ReadonlyMap<number, number>;
  /** Where the packets end in the input. */
  readonly end: number;
  /** Whether nothing is wrong but the end: what `statistics` say is then true of all packets that stay. */
  readonly isTailOnly: boolean;
  readonly statistics: PacketStatistics;
}

const MAX_RUN_COUNT = 1 << 18;

/**
 * Scans a file, with statistics for these indexes.
 *
 * @throws {MuxError} `bad-media` when there is no packet at all, `too-large` when there is too much damage.
 */
export async function scanPackets(
  input: Input,
  head: Head,
  packetBytes: number,
  indexes: WantedIndexes,
): Promise<Scan> {
  const scanner = new Scanner(input, head, packetBytes, indexes);
  await scanner.run();
  return scanner.result();
}

class Scanner {
  readonly #input: Input;
  readonly #packetBytes: number;
  readonly #start: number;
  readonly #probe: PacketProbe;
  readonly #incomplete: IncompleteObjects;
  readonly #statistics: PacketStatistics;
  readonly #packets: PacketScanner;
  readonly #runs: Run[] = [];
  readonly #losses = new LossList();
  readonly #sendTimes = new Map<number, number>();
  /** Where the file says that its packets end. */
  readonly #declaredEnd: number;
  /** What may be looked at in searches, bytes: a hostile file has a likely place at every third byte. */
  #searchBudget = 1 << 28;
  #midwayCutCount = 0;
  #end = 0;
  #packetCount = 0;
  // The last two packets' send times: the last one may still turn out to be wrong.
  #settledMs = 0;
  #lastMs = 0;
  #lastOffset = -1;

  constructor(input: Input, head: Head, packetBytes: number, indexes: WantedIndexes) {
    this.#input = input;
    this.#packetBytes = packetBytes;
    this.#start = head.data!.offset + DATA_HEAD_BYTES;
    this.#declaredEnd = head.data!.offset + head.data!.size;
    this.#probe = new PacketProbe(head.header, packetBytes);
    this.#statistics = new PacketStatistics(head.header, packetBytes, [], indexes);
    this.#incomplete = new IncompleteObjects(head.header, this.#statistics);
    this.#packets = new PacketScanner(head.header, packetBytes, new ProblemList(), this.#incomplete);
  }

  async run(): Promise<void> {
    const packetBytes = this.#packetBytes;
    const pieceBytes = Math.max(1, Math.floor(PIECE_BYTES / packetBytes)) * packetBytes;
    await this.#learnCorrection();
    let at = this.#start;
    for (;;) {
      const bytes = await this.#input.read(at, pieceBytes);
      let used = 0;
      while (used + packetBytes <= bytes.byteLength && this.#take(bytes, used, at + used)) used += packetBytes;
      at += used;
      if (used > 0 && used + packetBytes > bytes.byteLength) continue;
      const next = used === 0 && bytes.byteLength === 0 ? undefined : await this.#resync(at);
      if (next === undefined) break;
      this.#losses.add(at, next - at);
      at = next;
    }
    this.#end = at;
    this.#midwayCutCount = this.#incomplete.cuts.length;
    this.#packets.finish();
  }

  /** Packets begin with 82 00 00 if any two in a row do: one that happens to begin otherwise is a damaged one then. */
  async #learnCorrection(): Promise<void> {
    const packetBytes = this.#packetBytes;
    const bytes = await this.#input.read(this.#start, Math.max(PIECE_BYTES, 4 * packetBytes));
    this.#probe.isCorrected = true;
    const isPair = (at: number) =>
      this.#probe.isSound(bytes, at, at + packetBytes) &&
      (at + 2 * packetBytes > bytes.byteLength || beginsObject(bytes, at + packetBytes) ||
        this.#probe.isSound(bytes, at + packetBytes, at + 2 * packetBytes));
    for (
      let at = bytes.indexOf(0x82);
      at >= 0 && at + packetBytes <= bytes.byteLength;
      at = bytes.indexOf(0x82, at + 1)
    ) {
      if (bytes[at + 1] !== 0 || bytes[at + 2] !== 0) continue;
      this.#searchBudget -= packetBytes;
      if (isPair(at)) return;
      if (this.#searchBudget < 0) break;
    }
    this.#probe.isCorrected = false;
  }

  result(): Scan {
    if (this.#packetCount === 0) {
      throw new MuxError("bad-media", { action: "repair file", reason: "it holds no whole packet" });
    }
    return {
      packetBytes: this.#packetBytes,
      dataStart: this.#start,
      runs: this.#runs,
      losses: this.#losses.kept,
      lostBytes: this.#losses.byteCount,
      cuts: this.#incomplete.cuts,
      lostObjectCount: this.#incomplete.lostObjectCount,
      sendTimes: this.#sendTimes,
      end: this.#end,
      isTailOnly: this.#midwayCutCount === 0 && this.#sendTimes.size === 0 && this.#runs.length === 1 &&
        this.#runs[0]!.offset === this.#start,
      statistics: this.#statistics,
    };
  }

  /** Takes the packet at `start` of a piece, if it is one. */
  #take(bytes: Uint8Array, start: number, offset: number): boolean {
    const end = start + this.#packetBytes;
    const probe = this.#probe;
    if (beginsObject(bytes, start) || !probe.isSound(bytes, start, end)) return false;
    this.#settleSendTime(offset, probe.sendTimeMs, probe.isOddlyPadded);
    // Only now, since nothing of what is no packet may be counted.
    this.#packets.scan(bytes, start, end, this.#packetCount++, offset);
    const { sendTimeMs, durationMs } = this.#packets.walker;
    this.#statistics.endPacket(sendTimeMs, durationMs);
    const run = this.#runs.at(-1);
    if (run !== undefined && run.offset + run.packetCount * this.#packetBytes === offset) run.packetCount++;
    else this.#runs.push({ offset, packetCount: 1 });
    if (this.#incomplete.isFull || this.#runs.length > MAX_RUN_COUNT || this.#sendTimes.size > MAX_RUN_COUNT) {
      throw new MuxError("too-large", {
        action: "repair file",
        reason: "there is more damage than can be kept in mind",
      });
    }
    return true;
  }

  /** Send times must not go back: of two that contradict each other, the one is wrong that does not fit the one before. */
  #settleSendTime(offset: number, sendTimeMs: number, isOddlyPadded: boolean): void {
    let settled = sendTimeMs;
    if (sendTimeMs < this.#lastMs) {
      if (this.#lastOffset >= 0 && sendTimeMs >= this.#settledMs) {
        this.#sendTimes.set(this.#lastOffset, this.#settledMs);
        this.#lastMs = this.#settledMs;
      } else {
        settled = this.#lastMs;
      }
    }
    if (settled !== sendTimeMs || isOddlyPadded) this.#sendTimes.set(offset, settled);
    this.#settledMs = this.#lastMs;
    this.#lastMs = settled;
    this.#lastOffset = offset;
  }

  /** Where the next packet begins behind damage at `at`; `undefined`: nowhere, the data ends at `at` or is lost from there. */
  async #resync(at: number): Promise<number | undefined> {
    if (await this.#endsAt(at)) return undefined;
    const packetBytes = this.#packetBytes;
    if (await this.#isPacketAt(at + packetBytes, true)) return at + packetBytes;
    // Whole packets may be gone, or bytes of one: the first place that looks like a packet.
    const pieceBytes = Math.max(PIECE_BYTES, 2 * packetBytes);
    for (let from = at + 1;;) {
      const piece = await this.#input.read(from, pieceBytes);
      if (piece.byteLength < packetBytes) break;
      for (const place of this.#candidates(piece, from, at)) {
        if (await this.#endsAt(place) || await this.#isPacketAt(place, (place - at) % packetBytes === 0)) return place;
      }
      from += piece.byteLength - packetBytes + 1;
    }
    this.#losses.add(at, (this.#input.size ?? at) - at);
    return undefined;
  }

  /** Places in a piece where a packet may begin: gathered first, since the piece is dead when something else is read. */
  #candidates(piece: Uint8Array, from: number, damage: number): number[] {
    const packetBytes = this.#packetBytes;
    const last = piece.byteLength - packetBytes;
    const places: number[] = [];
    const consider = (at: number) => {
      if (beginsObject(piece, at) || this.#probe.isSound(piece, at, at + packetBytes)) places.push(from + at);
    };
    if (this.#probe.isCorrected && this.#searchBudget > 0) {
      for (let at = piece.indexOf(0x82); at >= 0 && at <= last; at = piece.indexOf(0x82, at + 1)) {
        if (piece[at + 1] !== 0 || piece[at + 2] !== 0) continue;
        this.#searchBudget -= packetBytes;
        if (this.#searchBudget < 0) break;
        consider(at);
      }
    } else {
      const first = (packetBytes - (from - damage) % packetBytes) % packetBytes;
      for (let at = first; at <= last; at += packetBytes) consider(at);
    }
    return places;
  }

  /** Whether the data ends here: an index follows, or nothing. */
  async #endsAt(offset: number): Promise<boolean> {
    const bytes = await this.#input.read(offset, OBJECT_HEAD_BYTES);
    return bytes.byteLength === 0 || beginsObject(bytes, 0) ||
      offset === this.#declaredEnd && await this.#holdsObjects(offset);
  }

  /** Whether objects fill the file from here to its end. */
  async #holdsObjects(offset: number): Promise<boolean> {
    const { size } = this.#input;
    let at = offset;
    for (let count = 0; at !== size && count < MAX_OBJECT_COUNT; count++) {
      const bytes = await this.#input.read(at, OBJECT_HEAD_BYTES);
      const objectBytes = bytes.byteLength < OBJECT_HEAD_BYTES ? 0 : u64At(bytes, 16);
      if (size === undefined || objectBytes < OBJECT_HEAD_BYTES || objectBytes > size - at) return false;
      at += objectBytes;
    }
    return at === size;
  }

  /** Whether a packet is here. Where none is expected, another packet or the end has to follow it. */
  async #isPacketAt(offset: number, isExpected: boolean): Promise<boolean> {
    const packetBytes = this.#packetBytes;
    const bytes = await this.#input.read(offset, 2 * packetBytes);
    if (bytes.byteLength < packetBytes || !this.#probe.isSound(bytes, 0, packetBytes)) return false;
    if (isExpected && this.#probe.isCorrected) return true;
    if (bytes.byteLength < 2 * packetBytes || beginsObject(bytes, packetBytes)) return true;
    return this.#probe.isSound(bytes, packetBytes, 2 * packetBytes);
  }
}
