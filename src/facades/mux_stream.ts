/**
 * Samples in, bytes out.
 *
 * @module
 */

import type { StreamSample } from "../media/sample.ts";
import { withResolvers } from "../session/promises.ts";
import type { Sink } from "../sinks/sink.ts";
import { Writer, type WriterOptions } from "./writer.ts";

/** Bytes that may wait for the reader; a unit of the container more at most. */
const HIGH_WATER_BYTES = 64 << 10;

/**
 * A `TransformStream` from samples to the live form of a container: `samples.pipeThrough(new MuxStream(…))`. Closing the
 * writable side ends the presentation; cancelling the readable side, aborting the writable one, or a sample that is refused
 * aborts the session.
 * The bytes that come out are the reader's to keep.
 *
 * @example
 * ```ts
 * import { asf, MuxStream, type StreamSample } from "@muxwell/muxwell";
 *
 * const samples = ReadableStream.from<StreamSample>([
 *   { streamNumber: 1, data: new Uint8Array(1600), timestamp: 0 },
 *   { streamNumber: 1, data: new Uint8Array(1600), timestamp: 100_000 },
 * ]);
 * const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }] as const;
 * const body = samples.pipeThrough(new MuxStream({ container: asf(), streams }));
 * console.log((await new Response(body).bytes()).byteLength);
 * ```
 */
export class MuxStream implements TransformStream<StreamSample, Uint8Array<ArrayBuffer>> {
  /** The container's bytes. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Takes samples of all streams; closing it finishes. */
  readonly writable: WritableStream<StreamSample>;

  /**
   * Begins a session of its own. What is wrong with its streams or options comes out of `readable` and `writable`.
   *
   * @param options As for `Writer`; the one sink is `readable`.
   */
  constructor(options: Omit<WriterOptions, "sinks">) {
    const sink = new ReadableSink((reason) => void writer.abort(reason));
    const writer: Writer = new Writer({ ...options, sinks: [sink] });
    writer.closed.catch((error) => sink.abort(error)); // also what failed before the sink was opened
    this.readable = sink.readable;
    this.writable = new WritableStream<StreamSample>({
      start: () => writer.beginWriting(),
      write: (sample) => {
        try {
          return writer.writeSample(sample.streamNumber, sample);
        } catch (error) { // a stream that has refused takes nothing more: its reader must not wait for ever
          void writer.abort(error);
          throw error;
        }
      },
      close: async () => void await writer.endWriting(),
      abort: (reason) => writer.abort(reason),
    });
  }
}

/** A sink that is read from. It makes the session wait while its reader does not read. */
class ReadableSink implements Sink {
  readonly keepsBytes = true;
  readonly whenSlow = "wait";
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #pulled: PromiseWithResolvers<void> | undefined;
  #isOver = false;

  constructor(onCancel: (reason: unknown) => void) {
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#wake(),
      cancel: (reason) => {
        this.#isOver = true;
        this.#wake();
        onCancel(reason);
      },
    }, { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk.byteLength });
  }

  header(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    return this.data(bytes);
  }

  data(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#isOver) return;
    this.#controller.enqueue(bytes);
    if (this.#controller.desiredSize! > 0) return;
    this.#pulled ??= withResolvers();
    return this.#pulled.promise;
  }

  close(): void {
    this.#end(() => this.#controller.close());
  }

  abort(reason: unknown): void {
    this.#end(() => this.#controller.error(reason));
  }

  #end(action: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    action();
    this.#wake();
  }

  #wake(): void {
    this.#pulled?.resolve();
    this.#pulled = undefined;
  }
}
