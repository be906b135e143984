/**
 * Output into a web stream.
 *
 * @module
 */

import type { Sink, SinkOptions } from "./sink.ts";

/**
 * Makes a sink of a `WritableStream`: a plain one gets owned copies in order; one that can seek is patched. The stream is
 * locked while the session runs; with `preventClose` it is unlocked at the end instead of closed.
 */
export function streamSink(stream: WritableStream<Uint8Array<ArrayBuffer>>, options: SinkOptions = {}): Sink {
  const canSeek = "seek" in stream && typeof stream.seek === "function";
  return canSeek ? new SeekableStreamSink(stream, options) : new StreamSink(stream, options);
}

class StreamSink implements Sink {
  readonly keepsBytes = true;
  readonly whenSlow = "wait";
  protected readonly stream: WritableStream;
  readonly #preventClose: boolean;
  #writer: WritableStreamDefaultWriter | undefined;
  #lastWrite: Promise<void> | undefined;

  constructor(stream: WritableStream, options: SinkOptions) {
    this.stream = stream;
    this.#preventClose = options.preventClose ?? false;
  }

  open(): void {
    this.#writer = this.stream.getWriter();
    // A stream that errors while nothing is being written tells us so at the next write.
    this.#writer.closed.catch(() => {});
    this.#writer.ready.catch(() => {});
  }

  header(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.write(bytes);
  }

  data(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.write(bytes);
  }

  async close(): Promise<void> {
    try {
      await (this.#preventClose ? this.#lastWrite : this.#writer?.close());
    } finally {
      this.#writer?.releaseLock();
    }
  }

  async abort(reason: unknown): Promise<void> {
    try {
      await this.#writer?.abort(reason);
    } finally {
      this.#writer?.releaseLock();
    }
  }

  /** Settles when the stream wants more, at the latest when its own sink is through: a queue is the stream's right. */
  protected async write(chunk: unknown): Promise<void> {
    const writer = this.#writer!;
    this.#lastWrite = writer.write(chunk);
    this.#lastWrite.catch(() => {}); // also errors `ready` and `closed`, which are looked at
    await Promise.race([writer.ready, this.#lastWrite]);
  }
}

class SeekableStreamSink extends StreamSink {
  trailer(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.write(bytes);
  }

  patch(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.write({ type: "write", position: offset, data: bytes });
  }

  async truncate(length: number): Promise<void> {
    await this.write({ type: "truncate", size: length });
  }
}
