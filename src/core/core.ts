/**
 * The core's host: sets the bytes where the core says, and hands out what it has laid out. It holds views of the core's
 * memory, which never grows once the constructor is through.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import * as abi from "./abi.ts";
import { checkInteger } from "./checks.ts";
import { indexEntries } from "./index_entries.ts";
import { KeyFrames, tellFacts } from "./key_frames.ts";
import { type CoreExports, createInstance } from "./loader.ts";
import type { CoreOptions, CoreRange, IndexEntries, IndexRequest, PacketCore, Pieces, Trace } from "./types.ts";

const BLOCK_BYTES = 0x4_0000;
const BLOCK_COUNT = 8;
/** More than this would be a mistake, and addresses must stay below 2^31. */
const MEMORY_BYTES_MAX = 0x4000_0000;

/** Packets up to this size take too little at once for `set` to be quick: objects are poured into them. */
const POURED_PACKET_BYTES_MAX = 4096;
/** Objects up to this size, too, are quicker copied twice than in pieces. */
const POURED_OBJECT_BYTES_MAX = 4096;

/** Pieces up to this size, start codes mostly, are set byte by byte. */
const TINY_BYTES = 8;

/** Prefix, payload header with the timing extension, payload length, and a byte of data. */
const PAYLOAD_OVERHEAD_BYTES = 13 + 39 + 2 + 1;

/** One session's layout engine. */
export class Core implements PacketCore {
  readonly #exports: CoreExports;
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #packetBytes: number;
  readonly #poursPackets: boolean;
  /** How many facts an object of each slot gives, a key frame and any other. */
  readonly #keyFacts: readonly number[];
  readonly #plainFacts: readonly number[];
  readonly #trace: Trace | undefined;

  readonly #keyFrames = new KeyFrames();
  /** Facts since `takeFacts`: at least as many as stand in memory. */
  #factCount = 0;
  /** Those of the last object that gave any. */
  #lastFactCount = 0;

  /** What is left of the object being laid out. */
  readonly #rest = new PieceCursor();

  /**
   * Gets an instance of the core and its memory.
   *
   * @throws {RangeError} If an option is out of its range.
   * @throws {MuxError} `core-unavailable` if the code could not be compiled or there is no memory for the blocks.
   */
  constructor(options: CoreOptions) {
    const { packetBytes, prerollMs, streams, blockBytes = BLOCK_BYTES, blockCount = BLOCK_COUNT } = options;
    checkInteger("packet size", packetBytes, abi.PACKET_BYTES_MIN, abi.PACKET_BYTES_MAX);
    checkInteger("preroll", prerollMs, 0, MAX_DWORD);
    checkInteger("number of streams", streams.length, 1, abi.STREAM_COUNT_MAX);
    checkInteger("block size", blockBytes, 1, MEMORY_BYTES_MAX);
    checkInteger("number of blocks", blockCount, 2, MEMORY_BYTES_MAX);
    for (const { streamNumber, bitsPerSecond } of streams) {
      checkInteger("stream number", streamNumber, 1, 127);
      if (!(bitsPerSecond >= 1 && bitsPerSecond < Infinity)) {
        throw new RangeError(`Cannot lay out packets: bit rate must be at least 1 bit/s, got ${bitsPerSecond}`);
      }
    }
    const blockPackets = Math.max(1, Math.floor(blockBytes / packetBytes));
    checkInteger("size of all blocks", blockPackets * packetBytes * blockCount, 1, MEMORY_BYTES_MAX);

    const exports = createInstance();
    const flags = options.timingExtension ? abi.WITH_TIMING_EXTENSION : 0;
    if (exports.configure(packetBytes, prerollMs, flags, blockPackets, blockCount) !== 0) {
      throw new MuxError("core-unavailable", {
        action: "create the core",
        reason: `no memory for ${blockCount} blocks`,
      });
    }
    streams.forEach(({ streamNumber, bitsPerSecond, indexed, marked, packed, extended, traced }, slot) => {
      const flags = (indexed ? abi.STREAM_INDEXED : 0) | (packed ? abi.STREAM_PACKED : 0) |
        (extended ? abi.STREAM_EXTENDED : 0) | (traced ? abi.STREAM_TRACED : 0) | (marked ? abi.STREAM_MARKED : 0);
      exports.describeStream(slot, streamNumber, flags, bitsPerSecond);
    });
    this.#exports = exports;
    this.#memory = new Uint8Array(exports.memory.buffer as ArrayBuffer);
    this.#words = new Uint32Array(exports.memory.buffer as ArrayBuffer);
    this.#packetBytes = packetBytes;
    this.#poursPackets = packetBytes <= POURED_PACKET_BYTES_MAX;
    this.#plainFacts = streams.map(({ traced }) => traced ? 1 : 0);
    this.#keyFacts = streams.map(({ indexed, traced }) => (indexed ? 1 : 0) + (traced ? 1 : 0));
    this.#trace = options.trace;
  }

  write(
    slot: number,
    pieces: Pieces,
    storedMs: number,
    presentationTicks: number,
    isKey: boolean,
    extension?: Uint8Array,
  ): boolean {
    const bytes = pieces.byteLength;
    const factCount = isKey ? this.#keyFacts[slot] : this.#plainFacts[slot];
    if (this.#rest.left !== 0 || bytes === 0 || factCount === undefined) throw this.#refusal(bytes, slot);
    if (factCount > 0) this.#makeRoom(factCount);
    if (extension !== undefined) this.#setExtension(extension);
    const address = this.#exports.place(slot, bytes, storedMs, presentationTicks, isKey ? 1 : 0);
    if (address !== 0) {
      if (pieces.count === 1) this.#setSingle(pieces, address);
      else this.#setAll(pieces, address);
      return true;
    }
    this.#rest.begin(pieces);
    if (this.#layOut()) return true;
    this.#rest.own(); // the caller's bytes are the caller's again when this returns
    return false;
  }

  #refusal(bytes: number, slot: number): Error {
    if (this.#rest.left !== 0) {
      return new Error(`Cannot write object: ${this.#rest.left} bytes of the last one wait for resume()`);
    }
    if (bytes === 0) return new RangeError("Cannot write object: it must have at least one byte");
    return new RangeError(`Cannot write object: there is no slot ${slot}`);
  }

  /** The next object gives so many facts. */
  #makeRoom(factCount: number): void {
    if (this.#factCount + factCount > abi.FACT_CAPACITY) this.#takeFacts();
    this.#factCount += factCount;
    this.#lastFactCount = factCount;
  }

  resume(): boolean {
    return this.#rest.left === 0 || this.#layOut();
  }

  closePacket(): void {
    this.#exports.closePacket();
  }

  get hasFreeBlock(): boolean {
    return this.#words[abi.STATUS / 4 + abi.STATUS_FREE_BLOCK] !== 0;
  }

  get hasFullBlock(): boolean {
    return this.#words[abi.STATUS / 4 + abi.STATUS_FULL_BLOCKS] !== 0;
  }

  nextRange(partial: boolean): CoreRange | undefined {
    const packetCount = this.#exports.takeRange(partial ? 1 : 0);
    if (packetCount === 0) return undefined;
    const words = this.#words.subarray(abi.RANGE / 4, abi.RANGE / 4 + abi.RANGE_WORDS);
    const address = words[abi.RANGE_ADDRESS]!;
    const notes = words[abi.RANGE_NOTES]!;
    const block = words[abi.RANGE_BLOCK]!;
    const cleanPoints: number[] = [];
    let objectCount = 0;
    for (let i = 0; i < packetCount; i++) {
      const note = this.#memory[notes + 2 * i]! | this.#memory[notes + 2 * i + 1]! << 8;
      objectCount += note & abi.NOTE_OBJECTS;
      if (note & abi.NOTE_CLEAN) cleanPoints.push(i);
    }
    let isReleased = false;
    return {
      bytes: this.#memory.subarray(address, address + packetCount * this.#packetBytes),
      firstPacket: words[abi.RANGE_FIRST_PACKET]!,
      packetCount,
      sendTimeMs: words[abi.RANGE_SEND_TIME]!,
      cleanPoints,
      objectCount,
      release: () => {
        if (isReleased) throw new Error("Cannot release range: it was released before");
        isReleased = true;
        this.#exports.releaseRange(block);
      },
    };
  }

  get packetCount(): number {
    return this.#words[abi.STATUS / 4 + abi.STATUS_PACKET_COUNT]!;
  }

  get heldMs(): number {
    return this.#exports.heldMs();
  }

  get sendEndMs(): number {
    return this.#exports.sendEndMs();
  }

  largestObjectBytes(slot: number): number {
    return this.#exports.largestObjectBytes(slot) >>> 0;
  }

  packetAt(request: Omit<IndexRequest, "intervalMs" | "endMs">, storedMs: number): number {
    this.#takeFacts();
    const { slot, firstPacket, packetCount, timeBaseMs } = request;
    return this.#keyFrames.lastPacket(slot, storedMs + timeBaseMs, firstPacket, packetCount);
  }

  index(request: IndexRequest): IndexEntries {
    this.#takeFacts();
    return indexEntries(this.#keyFrames, request, this.#exports);
  }

  takeTrace(): void {
    this.#takeFacts();
  }

  /** Takes the facts out of the core's memory: keeps key frames, tells of traced objects. */
  #takeFacts(): void {
    const bytes = this.#exports.takeFacts() * abi.FACT_BYTES;
    // An object whose rest waits may still add some.
    this.#factCount = this.#rest.left === 0 ? 0 : this.#lastFactCount;
    if (bytes === 0) return;
    const facts = this.#memory.subarray(abi.FACTS, abi.FACTS + bytes);
    if (this.#trace === undefined) this.#keyFrames.append(facts);
    else tellFacts(facts, this.#keyFrames, this.#trace);
  }

  #setExtension(extension: Uint8Array): void {
    const { byteLength } = extension;
    if (byteLength > abi.EXTENSION_BYTES_MAX || byteLength > this.#packetBytes - PAYLOAD_OVERHEAD_BYTES) {
      throw new RangeError(`Cannot write object: its extension data of ${byteLength} bytes leave no room for it`);
    }
    this.#words[abi.EXTENSION / 4] = byteLength;
    this.#memory.set(extension, abi.EXTENSION + 4);
  }

  /** Sets an object that is in one piece. */
  #setSingle(pieces: Pieces, address: number): void {
    const source = pieces.sources[0]!;
    const isWhole = pieces.byteLength === source.byteLength;
    this.#memory.set(isWhole ? source : source.subarray(pieces.starts[0], pieces.ends[0]), address);
  }

  /**
   * Sets an object in several pieces. The last one often begins a few bytes into its source, which is then set as a whole:
   * what stands too early is set right by the pieces in front.
   */
  #setAll({ sources, starts, ends, count, byteLength }: Pieces, address: number): void {
    const memory = this.#memory;
    const last = sources[count - 1]!;
    const isWhole = ends[count - 1] === last.byteLength && last.byteLength <= byteLength;
    if (isWhole) memory.set(last, address + byteLength - last.byteLength);
    for (let i = 0, at = address; i < (isWhole ? count - 1 : count); i++) {
      const source = sources[i]!;
      const end = ends[i]!;
      const start = starts[i]!;
      if (end - start > TINY_BYTES) {
        memory.set(end - start === source.byteLength ? source : source.subarray(start, end), at);
        at += end - start;
      } else {
        for (let from = start; from < end;) memory[at++] = source[from++]!;
      }
    }
  }

  /** Lays out what is left of the object. False: no block is free for the rest. */
  #layOut(): boolean {
    const isPoured = this.#poursPackets || this.#rest.left <= POURED_OBJECT_BYTES_MAX;
    while (this.#rest.left > 0) {
      if (!(isPoured ? this.#pour() : this.#setPlanned())) return false;
    }
    this.#rest.end();
    return true;
  }

  #pour(): boolean {
    const bytes = Math.min(this.#rest.left, abi.ARENA_BYTES);
    const { pieces } = this.#rest;
    const isWhole = bytes === pieces.byteLength;
    if (isWhole) this.#setAll(pieces, abi.ARENA);
    else this.#rest.copy(this.#memory, abi.ARENA, bytes);
    // Only whole fragments are taken; what stands behind the last one comes again.
    const taken = this.#exports.pour(bytes);
    if (isWhole) this.#rest.skip(taken);
    else this.#rest.back(bytes - taken);
    return taken !== 0;
  }

  #setPlanned(): boolean {
    const count = this.#exports.plan();
    for (let i = 0, word = abi.FRAGMENTS / 4; i < count; i++, word += 2) {
      this.#rest.copy(this.#memory, this.#words[word]!, this.#words[word + 1]!);
    }
    return count !== 0;
  }
}

const NO_PIECES: Pieces = { sources: [], starts: [], ends: [], count: 0, byteLength: 0 };

/** Goes through the bytes of one media object, piece by piece. */
class PieceCursor {
  /** Bytes to go. */
  left = 0;
  /** The object. */
  pieces = NO_PIECES;
  #piece = 0;
  /** Position in the source of that piece. */
  #at = 0;

  /** Goes to the first byte of an object. */
  begin(pieces: Pieces): void {
    this.pieces = pieces;
    this.#piece = 0;
    this.#at = pieces.starts[0]!;
    this.left = pieces.byteLength;
  }

  /** Copies the next bytes to `at` of a target, and goes past them. */
  copy(target: Uint8Array, at: number, bytes: number): void {
    const { sources, starts, ends, count } = this.pieces;
    let piece = this.#piece;
    let from = this.#at;
    this.left -= bytes;
    while (bytes > 0) {
      const source = sources[piece]!;
      const end = ends[piece]!;
      const part = Math.min(bytes, end - from);
      target.set(part === source.byteLength ? source : source.subarray(from, from + part), at);
      at += part;
      bytes -= part;
      from += part;
      if (from === end && piece + 1 < count) from = starts[++piece]!;
    }
    this.#piece = piece;
    this.#at = from;
  }

  /** Goes past so many bytes. */
  skip(bytes: number): void {
    this.left -= bytes;
    if (this.left === 0) return;
    const { starts, ends } = this.pieces;
    for (let part; bytes >= (part = ends[this.#piece]! - this.#at); bytes -= part) this.#at = starts[++this.#piece]!;
    this.#at += bytes;
  }

  /** Goes back over bytes that were copied. */
  back(bytes: number): void {
    const { starts, ends } = this.pieces;
    this.left += bytes;
    for (let passed; (passed = this.#at - starts[this.#piece]!) < bytes; this.#at = ends[--this.#piece]!) {
      bytes -= passed;
    }
    this.#at -= bytes;
  }

  /** Copies what is left, which from now on depends on no bytes of others. */
  own(): void {
    const rest = new Uint8Array(this.left);
    this.copy(rest, 0, rest.byteLength);
    this.begin({ sources: [rest], starts: [0], ends: [rest.byteLength], count: 1, byteLength: rest.byteLength });
  }

  /** The object is laid out: holds nothing of it any more. */
  end(): void {
    this.pieces = NO_PIECES;
  }
}
