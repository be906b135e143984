/**
 * Output in memory.
 *
 * @module
 */

import type { Sink } from "./sink.ts";

/** A sink in memory; `bytes` is what it holds. */
export interface BufferSink extends Sink {
  /**
   * Everything written so far, in one piece that is the caller's to keep; made on demand. Complete once the session has
   * finished.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Makes a sink that keeps what it gets in memory. It is patched, so a finished file is seekable.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, Writer } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * const writer = new Writer({
 *   container: asf(),
 *   sinks: [sink],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }],
 * });
 * await writer.beginWriting();
 * await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: 0, duration: 100_000 });
 * await writer.endWriting();
 * console.log(sink.bytes.byteLength);
 * ```
 */
export function bufferSink(): BufferSink {
  return new MemorySink();
}

class MemorySink implements BufferSink {
  readonly whenSlow = "wait";
  /** Owned pieces, back to back. */
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  /** The first piece is in the caller's hands. */
  #isGiven = false;

  header(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push(bytes.slice());
  }

  data(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push(bytes.slice());
  }

  trailer(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push(bytes.slice());
  }

  reserve(length: number): void {
    this.#pieces.push(new Uint8Array(length));
  }

  patch(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isGiven) {
      this.#pieces[0] = this.#pieces[0]!.slice();
      this.#isGiven = false;
    }
    let start = 0;
    for (const piece of this.#pieces) {
      const end = start + piece.byteLength;
      const from = Math.max(offset, start);
      const to = Math.min(offset + bytes.byteLength, end);
      if (from < to) piece.set(bytes.subarray(from - offset, to - offset), from - start);
      start = end;
    }
  }

  truncate(length: number): void {
    this.#pieces = [this.bytes.slice(0, length)];
    this.#isGiven = false;
  }

  close(): void {}

  abort(): void {}

  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#pieces.length !== 1) {
      let length = 0;
      for (const piece of this.#pieces) length += piece.byteLength;
      const whole = new Uint8Array(length);
      let at = 0;
      for (const piece of this.#pieces) {
        whole.set(piece, at);
        at += piece.byteLength;
      }
      this.#pieces = [whole];
    }
    this.#isGiven = true;
    return this.#pieces[0]!;
  }
}
