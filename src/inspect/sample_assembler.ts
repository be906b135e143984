/**
 * Puts media objects together from their fragments ([ASF] 5.2.3).
 *
 * Invariants
 * - An object that lies whole in one payload is a view of the block it came in. One in several payloads is copied once:
 *   when it is complete, into an arena that the next batch uses again.
 * - What is incomplete when a block ends moves into its stream's carry: no piece names bytes of a block that is gone.
 * - Memory grows with the bytes that came, never with an object size that was promised.
 *
 * @module
 */

import { gatherSpread, isSpread } from "./audio_spread.ts";
import { GrowingBytes } from "./byte_source.ts";
import { u16At, u64At } from "./cursor.ts";
import { type AsfExtensions, readExtensions } from "./extension_values.ts";
import { GUID } from "./guid.ts";
import type { AsfHeader, AsfStream } from "./header.ts";
import type { PayloadExtension } from "./objects/extended_stream.ts";
import type { AudioSpread } from "./objects/properties.ts";
import type { PayloadFields, PayloadVisitor } from "./packet_walker.ts";
import type { ProblemList } from "./problems.ts";

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

/** The stored timing value that says "none", -1, as it comes out of a rounded QWORD. */
const NO_TIMING = 2 ** 64;

/** What is known of one stream, and the object it is in the middle of. */
class StreamState {
  readonly isAudio: boolean;
  readonly spread: AudioSpread | undefined;
  /** Declared extension systems as [bytes in the payload or 0xFFFF, whether it is the timing]; up to the timing. */
  readonly extensions: readonly (readonly [number, boolean])[];
  /** All of them, if there are others than the timing. */
  readonly systems: readonly PayloadExtension[] | undefined;
  values: AsfExtensions | undefined = undefined;
  /** Whether the object below is being put together. */
  isOpen = false;
  objectNumber = 0;
  objectSize = 0;
  received = 0;
  timeMs = 0;
  ticks: number | undefined = undefined;
  isKey = false;
  packetNumber = 0;
  /** Start and end of each fragment in the current block, behind what is in the carry. */
  readonly pieces: number[] = [];
  pieceCount = 0;
  carry: GrowingBytes = new GrowingBytes();
  /** Bytes of the last object that was completed in the carry; free again in the next batch, when the carry gets full. */
  spare: GrowingBytes = new GrowingBytes();
  /** Number of the last object begun; -1: none yet. */
  lastNumber = -1;
  /** Time of the last object begun. */
  lastTimeMs = -1;

  constructor(stream: AsfStream) {
    this.isAudio = stream.kind === "audio";
    this.spread = isSpread(stream.spread) ? stream.spread : undefined;
    const systems = stream.extended?.payloadExtensions ?? [];
    const timing = systems.findIndex((one) => one.system === GUID.dvrMsTiming);
    this.systems = systems.some((one) => one.system !== GUID.dvrMsTiming) ? systems : undefined;
    this.extensions = systems.slice(0, timing + 1).map((one, at) => [one.dataBytes, at === timing]);
  }
}

/** Takes payloads, gives samples, batch by batch. */
export class SampleAssembler implements PayloadVisitor {
  readonly #streams: (StreamState | undefined)[] = new Array(128).fill(undefined);
  readonly #declared: StreamState[] = [];
  readonly #prerollMs: number;
  readonly #problems: ProblemList;
  #block: Uint8Array = NO_BYTES;
  #samples: AsfSample[] = [];
  #arena: Uint8Array = NO_BYTES;
  #arenaUsed = 0;
  #packetNumber = 0;
  #packetOffset = 0;

  constructor(header: AsfHeader, problems: ProblemList) {
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
    this.#problems = problems;
    for (const stream of header.streams) {
      const state = new StreamState(stream);
      this.#streams[stream.streamNumber] = state;
      this.#declared.push(state);
    }
  }

  /** The payloads that follow are positions in this block. The samples of the batch before are dead. */
  beginBlock(block: Uint8Array): void {
    this.#block = block;
    this.#samples = [];
    this.#arenaUsed = 0;
  }

  /** The payloads that follow are of this packet. */
  beginPacket(number: number, fileOffset: number): void {
    this.#packetNumber = number;
    this.#packetOffset = fileOffset;
  }

  /** Everything in the block has been visited: the samples completed in it. */
  endBlock(): readonly AsfSample[] {
    for (const state of this.#declared) if (state.pieceCount > 0) this.#moveToCarry(state);
    this.#block = NO_BYTES;
    return this.#samples;
  }

  /** Nothing comes any more: notes what stayed incomplete. */
  finish(): void {
    for (const [number, state] of this.#streams.entries()) {
      if (state?.isOpen) this.#abandon(number, state, "the data ends");
    }
  }

  visitPayload(payload: PayloadFields): void {
    const state = this.#streams[payload.streamNumber];
    if (state === undefined) {
      const message = `Payload: stream ${payload.streamNumber} is not declared`;
      this.#problems.addOnce("D12", payload.streamNumber, this.#packetOffset, message);
    } else if (payload.offset === 0) {
      this.#first(state, payload);
    } else {
      this.#further(state, payload);
    }
  }

  #first(state: StreamState, payload: PayloadFields): void {
    const { streamNumber } = payload;
    if (state.isOpen) this.#abandon(streamNumber, state, "another one begins");
    const length = payload.end - payload.start;
    if (state.lastNumber >= 0 && (state.lastNumber + 1 & 0xff) !== (payload.objectNumber & 0xff)) {
      this.#problem("D16", streamNumber, `object ${payload.objectNumber} follows object ${state.lastNumber}`);
    }
    const size = payload.objectSize;
    // Without a time of its own it has that of the object before, which is what readers do.
    const timeMs = payload.timeMs >= 0 ? payload.timeMs : state.lastTimeMs >= 0 ? state.lastTimeMs : this.#prerollMs;
    state.lastNumber = payload.objectNumber;
    state.lastTimeMs = timeMs;
    state.objectNumber = payload.objectNumber;
    state.timeMs = timeMs;
    state.ticks = state.extensions.length > 0 ? this.#readTiming(state, payload) : undefined;
    state.values = state.systems === undefined ? undefined : this.#readValues(state.systems, payload);
    state.isKey = payload.isKey;
    state.packetNumber = this.#packetNumber;
    if (size >= 0 && size <= length) {
      if (size < length) this.#problem("D13", streamNumber, `object of ${size} bytes in a payload of ${length}`);
      this.#emit(streamNumber, state, this.#view(payload.start, payload.start + (size || length)));
    } else if (size < 0) {
      this.#emit(streamNumber, state, this.#view(payload.start, payload.end));
    } else if (size > MAX_OBJECT_BYTES) {
      this.#problem("D13", streamNumber, `object of ${size} bytes is too large`);
    } else {
      state.isOpen = true;
      state.objectSize = size;
      state.received = length;
      state.pieces[0] = payload.start;
      state.pieces[1] = payload.end;
      state.pieceCount = 2;
    }
  }

  #further(state: StreamState, payload: PayloadFields): void {
    const { streamNumber, offset } = payload;
    if (!state.isOpen) {
      this.#problem(
        "D14",
        streamNumber,
        `fragment at ${offset} of object ${payload.objectNumber}, whose start is missing`,
      );
      return;
    }
    if (payload.objectNumber !== state.objectNumber || offset !== state.received) {
      const found = `the fragment at ${offset} of object ${payload.objectNumber} follows`;
      this.#abandon(streamNumber, state, found);
      return;
    }
    const size = payload.objectSize;
    if (size >= 0 && size !== state.objectSize) {
      this.#abandon(streamNumber, state, `a fragment says that it is of ${size} bytes`);
      return;
    }
    if (payload.timeMs >= 0 && payload.timeMs !== state.timeMs || payload.isKey !== state.isKey) {
      this.#problem("D15", streamNumber, `fragments of object ${state.objectNumber} disagree in time or key bit`);
    }
    const received = state.received + payload.end - payload.start;
    if (received > state.objectSize) {
      this.#problem(
        "D13",
        streamNumber,
        `a fragment runs past object ${state.objectNumber} of ${state.objectSize} bytes`,
      );
      this.#close(state);
      return;
    }
    state.received = received;
    state.pieces[state.pieceCount++] = payload.start;
    state.pieces[state.pieceCount++] = payload.end;
    if (received === state.objectSize) this.#complete(streamNumber, state);
  }

  #complete(streamNumber: number, state: StreamState): void {
    let data: Uint8Array;
    if (state.carry.byteLength > 0) {
      this.#moveToCarry(state);
      const { carry, spare } = state;
      data = carry.view();
      spare.reset();
      state.carry = spare;
      state.spare = carry;
    } else {
      data = this.#reserve(state.objectSize);
      const { pieces } = state;
      let at = 0;
      for (let piece = 0; piece < state.pieceCount; piece += 2) {
        const bytes = this.#view(pieces[piece]!, pieces[piece + 1]!);
        data.set(bytes, at);
        at += bytes.byteLength;
      }
    }
    this.#close(state);
    this.#emit(streamNumber, state, data);
  }

  #emit(streamNumber: number, state: StreamState, data: Uint8Array): void {
    const decodeMs = state.timeMs - this.#prerollMs;
    const ticks = state.ticks;
    this.#samples.push({
      streamNumber,
      data: state.spread === undefined ? data : gatherSpread(data, state.spread),
      presentationMs: ticks === undefined ? decodeMs : ticks / 10_000,
      decodeMs,
      presentationTicks: ticks,
      isKey: state.isKey || state.isAudio,
      objectNumber: state.objectNumber,
      packetNumber: state.packetNumber,
      extensions: state.values,
    });
  }

  #readTiming(state: StreamState, payload: PayloadFields): number | undefined {
    const block = this.#block;
    const end = payload.replicatedStart + payload.replicatedBytes;
    let at = payload.replicatedStart + 8;
    for (const [declared, isTiming] of state.extensions) {
      let length = declared;
      if (declared === 0xffff) {
        if (at + 2 > end) break;
        length = u16At(block, at);
        at += 2;
      }
      if (isTiming && length >= 16 && at + 16 <= end) {
        const ticks = u64At(block, at + 8);
        return ticks === NO_TIMING ? undefined : ticks - this.#prerollMs * 10_000;
      }
      at += length;
    }
    if (payload.replicatedBytes >= 8) {
      const message = `Stream ${payload.streamNumber}: payload without the timing that the header declares`;
      this.#problems.addOnce("D11", payload.streamNumber, this.#packetOffset, message);
    }
    return undefined;
  }

  #readValues(systems: readonly PayloadExtension[], payload: PayloadFields): AsfExtensions | undefined {
    if (payload.replicatedBytes < 8) return undefined;
    const start = payload.replicatedStart + 8;
    const data = this.#block.slice(start, payload.replicatedStart + payload.replicatedBytes);
    return readExtensions(systems, data);
  }

  #moveToCarry(state: StreamState): void {
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

  #abandon(streamNumber: number, state: StreamState, why: string): void {
    const found = `object ${state.objectNumber} has ${state.received} of ${state.objectSize} bytes when ${why}`;
    this.#problem("D14", streamNumber, found);
    this.#close(state);
  }

  #close(state: StreamState): void {
    state.isOpen = false;
    state.pieceCount = 0;
    state.carry.reset();
  }

  #problem(rule: string, streamNumber: number, message: string): void {
    this.#problems.add(rule, this.#packetOffset, `Stream ${streamNumber}: ${message}`);
  }
}

const NO_BYTES = new Uint8Array(0);
