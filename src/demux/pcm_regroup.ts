/**
 * PCM in pieces of a useful size: containers hand out anything from one frame to a second.
 *
 * @module
 */

import type { StreamSample } from "../media/sample.ts";

/** Pieces a second: 80 ms each, between the 50 and 100 ms that players of PCM like. */
const PIECES_PER_SECOND = 12.5;
/** How far a time may lie beside the one counted from frames: containers that count milliseconds round. */
const TOLERANCE = 1_500;

/** Joins and cuts PCM samples of one stream; times are counted in frames from the last gap. */
export class PcmRegroup {
  /** Size of a whole sample. */
  readonly pieceBytes: number;
  readonly #streamNumber: number;
  readonly #blockBytes: number;
  readonly #sampleRate: number;
  /** Time of the first frame after the last gap. */
  #base = 0;
  /** Frames handed out since. */
  #frameCount = 0;
  /** Bytes that wait for more, in order. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #begun = false;

  constructor(streamNumber: number, blockBytes: number, sampleRate: number) {
    this.#streamNumber = streamNumber;
    this.#blockBytes = blockBytes;
    this.#sampleRate = sampleRate;
    this.pieceBytes = Math.max(1, Math.round(sampleRate / PIECES_PER_SECOND)) * blockBytes;
  }

  /** Takes one sample; hands whole pieces to `emit`. */
  push(data: Uint8Array, timestamp: number, emit: (sample: StreamSample) => void): void {
    const expected = this.#timeOf(this.#frameCount + Math.floor(this.#waitingBytes / this.#blockBytes));
    if (!this.#begun || Math.abs(timestamp - expected) > TOLERANCE) {
      this.flush(emit);
      this.#base = timestamp;
      this.#frameCount = 0;
      this.#begun = true;
    }
    let at = 0;
    while (this.#waitingBytes + data.byteLength - at >= this.pieceBytes) {
      const end = at + this.pieceBytes - this.#waitingBytes;
      this.#keep(data.subarray(at, end));
      this.#emit(emit);
      at = end;
    }
    if (at < data.byteLength) this.#keep(data.subarray(at));
  }

  /** Hands out what waits, without a last incomplete frame. */
  flush(emit: (sample: StreamSample) => void): void {
    const extra = this.#waitingBytes % this.#blockBytes;
    if (extra > 0) this.#trim(extra);
    if (this.#waitingBytes > 0) this.#emit(emit);
  }

  #keep(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
  }

  #trim(byteCount: number): void {
    const data = this.#join();
    this.#waiting = [data.subarray(0, data.byteLength - byteCount)];
    this.#waitingBytes -= byteCount;
  }

  #emit(emit: (sample: StreamSample) => void): void {
    const data = this.#join();
    const timestamp = this.#timeOf(this.#frameCount);
    this.#frameCount += data.byteLength / this.#blockBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const duration = this.#timeOf(this.#frameCount) - timestamp;
    emit({ streamNumber: this.#streamNumber, data, timestamp, duration, type: "key" });
  }

  #join(): Uint8Array {
    if (this.#waiting.length === 1) return this.#waiting[0]!;
    const data = new Uint8Array(this.#waitingBytes);
    let at = 0;
    for (const part of this.#waiting) {
      data.set(part, at);
      at += part.byteLength;
    }
    return data;
  }

  #timeOf(frame: number): number {
    return this.#base + Math.round(frame * 1e6 / this.#sampleRate);
  }
}
