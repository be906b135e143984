/**
 * The bytes and times of media objects, as the tracker tells their payloads.
 *
 * Invariants
 * - An object that lies whole in one payload is a view of the block it came in. One in several payloads is copied once:
 *   when it is complete, into an arena that the next batch uses again.
 * - What is incomplete when a block ends moves into its stream's carry: no piece names bytes of a block that is gone.
 * - Memory grows with the bytes that came, never with an object size that was promised.
 *
 * @module
 */

import { GrowingBytes } from "../../bytes/growing_bytes.ts";
import type { ProblemList } from "../problems.ts";
import { gatherSpread, isSpread } from "./audio_spread.ts";
import { type ExtensionReader, NO_VALUE, REPLICATED_HEAD_BYTES } from "./extension_reader.ts";
import type { AsfExtensions } from "./extension_values.ts";
import type { AsfHeader, AsfStream } from "./header.ts";
import { type BreakReason, describeBreak, type ObjectListener, type TrackedObject } from "./object_tracker.ts";
import type { AudioSpread } from "./objects/stream_properties.ts";
import type { PayloadFields } from "./packet_walker.ts";
import { PacketScanner } from "./scan/packet_scanner.ts";
import { TICKS_PER_MS } from "./ticks.ts";

/** A media object: one access unit with its times. */
export interface AsfSample {
  /** 1–127. */
  readonly streamNumber: number;
  /** The access unit. A view, dead when the next batch is asked for: copy it to keep it. */
  readonly data: Uint8Array;
  /** When it is shown, ms from the start, preroll removed. With the timing extension from there, with a fraction. */
  readonly presentationMs: number;
  /** The payload's own time, ms, preroll removed: the decode time of a stream that carries the timing extension. */
  readonly decodeMs: number;
  /** Presentation time from the DVR-MS timing extension, 100 ns, preroll removed, if the object carries one. */
  readonly presentationTicks: number | undefined;
  /** Decodable alone: the key frame bit, and true for all audio, where writers leave it out. */
  readonly isKey: boolean;
  /** Counter of the stream's objects as stored, modulo 256 as a rule. */
  readonly objectNumber: number;
  /** Packet, from 0, with its first fragment. */
  readonly packetNumber: number;
  /** Values of payload extensions, the timing apart, if the stream declares any; these bytes are a copy. */
  readonly extensions: AsfExtensions | undefined;
}

/** Objects above this are given up: an uncompressed 8K frame is half of it. */
const MAX_OBJECT_BYTES = 1 << 28;

/** The object that a stream is in the middle of: where its bytes are, and what was read from its first payload. */
class SampleState {
  readonly isAudio: boolean;
  readonly spread: AudioSpread | undefined;
  ticks: number | undefined = undefined;
  values: AsfExtensions | undefined = undefined;
  /** Whether its bytes are not gathered: it is too large. */
  isSkipped = false;
  /** Start and end of each fragment in the current block, behind what is in the carry. */
  readonly pieces: number[] = [];
  pieceCount = 0;
  carry: GrowingBytes = new GrowingBytes();
  /** Bytes of the last object that was completed in the carry; free again in the next batch, when the carry gets full. */
  spare: GrowingBytes = new GrowingBytes();

  constructor({ kind, spread }: AsfStream) {
    this.isAudio = kind === "audio";
    this.spread = isSpread(spread) ? spread : undefined;
  }
}

/** Takes packets, gives samples, batch by batch. */
export class SampleAssembler implements ObjectListener {
  readonly #scanner: PacketScanner;
  /** By stream number. */
  readonly #states: (SampleState | undefined)[] = new Array(128).fill(undefined);
  readonly #declared: SampleState[] = [];
  readonly #prerollMs: number;
  readonly #problems: ProblemList;
  #block: Uint8Array = NO_BYTES;
  #samples: AsfSample[] = [];
  #arena: Uint8Array = NO_BYTES;
  #arenaUsed = 0;
  #packetOffset = 0;

  /** @param packetBytes Size of all packets. */
  constructor(header: AsfHeader, packetBytes: number, problems: ProblemList) {
    this.#scanner = new PacketScanner(header, packetBytes, problems, this);
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
    this.#problems = problems;
    for (const stream of header.streams) {
      const state = new SampleState(stream);
      this.#states[stream.streamNumber] = state;
      this.#declared.push(state);
    }
  }

  /** The packets that follow are in this block. The samples of the batch before are dead. */
  beginBlock(block: Uint8Array): void {
    this.#block = block;
    this.#samples = [];
    this.#arenaUsed = 0;
  }

  /** Takes the packet in `[start..end)` of the block: from 0, the packet `number`, at `offset` of the file. */
  addPacket(start: number, end: number, number: number, offset: number): void {
    this.#scanner.scan(this.#block, start, end, number, offset);
  }

  /** All packets of the block are taken: the samples completed in it. */
  endBlock(): readonly AsfSample[] {
    for (const state of this.#declared) if (state.pieceCount > 0) this.#moveToCarry(state);
    this.#block = NO_BYTES;
    return this.#samples;
  }

  /** Nothing comes any more: notes what stayed incomplete. */
  finish(): void {
    this.#scanner.finish();
  }

  beginPacket(_bytes: Uint8Array, _number: number, offset: number): void {
    this.#packetOffset = offset;
  }

  undeclared({ streamNumber }: PayloadFields): void {
    const message = `Payload: stream ${streamNumber} is not declared`;
    this.#problems.addOnce("D12", streamNumber, this.#packetOffset, message);
  }

  begin(object: TrackedObject, payload: PayloadFields): void {
    const { extensions, size } = object;
    const { streamNumber, start, end } = payload;
    const state = this.#states[streamNumber]!;
    if (!object.isNext) {
      this.#problem("D16", streamNumber, `object ${object.number} follows object ${object.previousNumber}`);
    }
    if (size < end - start) {
      this.#problem("D13", streamNumber, `object of ${size} bytes in a payload of ${end - start}`);
    }
    state.ticks = extensions.hasTiming ? this.#readTiming(extensions, payload) : undefined;
    state.values = extensions.hasValues && payload.replicatedBytes >= REPLICATED_HEAD_BYTES
      ? extensions.values(extensions.data(this.#block, payload).slice())
      : undefined;
    state.isSkipped = size > MAX_OBJECT_BYTES;
    if (state.isSkipped) this.#problem("D13", streamNumber, `object of ${size} bytes is too large`);
    else this.#append(state, start, size > 0 && size < end - start ? start + size : end);
  }

  append(object: TrackedObject, payload: PayloadFields): void {
    const { streamNumber, timeMs } = payload;
    if (timeMs >= 0 && timeMs !== object.timeMs || payload.isKey !== object.isKey) {
      this.#problem("D15", streamNumber, `fragments of object ${object.number} disagree in time or key bit`);
    }
    const state = this.#states[streamNumber]!;
    const { extensions } = object;
    if (state.values?.sampleDurationMs !== undefined && payload.replicatedBytes >= REPLICATED_HEAD_BYTES) {
      // Windows Media Format 9 writes it into the first payload of a packet, and 1 ms into the others.
      const { sampleDurationMs } = extensions.values(extensions.data(this.#block, payload));
      state.values = { ...state.values, sampleDurationMs: sampleDurationMs ?? state.values.sampleDurationMs };
    }
    if (!state.isSkipped) this.#append(state, payload.start, payload.end);
  }

  complete(object: TrackedObject): void {
    const state = this.#states[object.stream.streamNumber]!;
    if (!state.isSkipped) this.#emit(object, state, this.#bytesOf(object, state));
    this.#close(state);
  }

  abandon(object: TrackedObject, reason: BreakReason, payload: PayloadFields | undefined): void {
    const { streamNumber } = object.stream;
    const state = this.#states[streamNumber]!;
    if (!state.isSkipped) {
      this.#problem(reason === "overruns" ? "D13" : "D14", streamNumber, describeBreak(object, reason, payload));
    }
    this.#close(state);
  }

  stray(_object: TrackedObject, { streamNumber, offset, objectNumber }: PayloadFields): void {
    const message = `fragment at ${offset} of object ${objectNumber}, whose start is missing`;
    this.#problem("D14", streamNumber, message);
  }

  #append(state: SampleState, start: number, end: number): void {
    state.pieces[state.pieceCount++] = start;
    state.pieces[state.pieceCount++] = end;
  }

  /** All bytes of an object that is complete. */
  #bytesOf(object: TrackedObject, state: SampleState): Uint8Array {
    const { pieces, pieceCount, carry, spare } = state;
    if (carry.byteLength > 0) {
      this.#moveToCarry(state);
      spare.reset();
      state.carry = spare;
      state.spare = carry;
      return carry.view();
    }
    if (pieceCount === 2) return this.#view(pieces[0]!, pieces[1]!);
    const data = this.#reserve(object.size);
    let at = 0;
    for (let piece = 0; piece < pieceCount; piece += 2) {
      const bytes = this.#view(pieces[piece]!, pieces[piece + 1]!);
      data.set(bytes, at);
      at += bytes.byteLength;
    }
    return data;
  }

  #emit(object: TrackedObject, state: SampleState, data: Uint8Array): void {
    const decodeMs = object.timeMs - this.#prerollMs;
    const ticks = state.ticks;
    this.#samples.push({
      streamNumber: object.stream.streamNumber,
      data: state.spread === undefined ? data : gatherSpread(data, state.spread),
      presentationMs: ticks === undefined ? decodeMs : ticks / TICKS_PER_MS,
      decodeMs,
      presentationTicks: ticks,
      isKey: object.isKey || state.isAudio,
      objectNumber: object.number,
      packetNumber: object.firstPacket,
      extensions: state.values,
    });
  }

  #readTiming(extensions: ExtensionReader, payload: PayloadFields): number | undefined {
    const ticks = extensions.presentationTicks(this.#block, payload);
    if (ticks >= 0) return ticks - this.#prerollMs * TICKS_PER_MS;
    if (ticks === NO_VALUE && payload.replicatedBytes >= REPLICATED_HEAD_BYTES) {
      const message = `Stream ${payload.streamNumber}: payload without the timing that the header declares`;
      this.#problems.addOnce("D11", payload.streamNumber, this.#packetOffset, message);
    }
    return undefined;
  }

  #moveToCarry(state: SampleState): void {
    const { pieces } = state;
    for (let piece = 0; piece < state.pieceCount; piece += 2) {
      state.carry.append(this.#view(pieces[piece]!, pieces[piece + 1]!));
    }
    state.pieceCount = 0;
  }

  #view(start: number, end: number): Uint8Array {
    const block = this.#block;
    return new Uint8Array(block.buffer, block.byteOffset + start, end - start);
  }

  #reserve(length: number): Uint8Array {
    if (this.#arenaUsed + length > this.#arena.byteLength) {
      // Samples of this batch may still be views of the old one, which therefore stays as it is.
      this.#arena = new Uint8Array(Math.max(length, 2 * this.#arena.byteLength));
      this.#arenaUsed = 0;
    }
    const start = this.#arenaUsed;
    this.#arenaUsed += length;
    return new Uint8Array(this.#arena.buffer, start, length);
  }

  #close(state: SampleState): void {
    state.pieceCount = 0;
    if (state.carry.byteLength > 0) state.carry.reset();
  }

  #problem(rule: string, streamNumber: number, message: string): void {
    this.#problems.add(rule, this.#packetOffset, `Stream ${streamNumber}: ${message}`);
  }
}

const NO_BYTES = new Uint8Array(0);
