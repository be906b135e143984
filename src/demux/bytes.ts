/**
 * Where bytes come from: any position of a file, a blob or memory, or a stream that is read once.
 *
 * @module
 */

/** Bytes at any position. */
export interface RandomBytes {
  /** Discriminates {@linkcode SourceBytes}. */
  readonly kind: "random";
  /** What messages call it. */
  readonly name: string;
  /** Number of bytes when it was opened. */
  readonly size: number;
  /** The whole of it, if it is in memory. */
  readonly memory?: Uint8Array;
  /** The bytes of `[start, end)`, which lies inside; fewer when the source has shrunk. `memory` may be used for them. */
  read(start: number, end: number, memory?: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Lets go. Idempotent. */
  close(): Promise<void>;
}

/** Bytes as they come. */
export interface StreamedBytes {
  /** Discriminates {@linkcode SourceBytes}. */
  readonly kind: "streamed";
  /** What messages call it. */
  readonly name: string;
  /** Number of bytes; absent until the end was read. */
  readonly size: number | undefined;
  /** The bytes, whose reader must be the only one. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Lets go. Idempotent. */
  close(): Promise<void>;
}

/** Either. */
export type SourceBytes = RandomBytes | StreamedBytes;

/** Bytes in memory. */
export function memoryBytes(memory: Uint8Array, name: string): RandomBytes {
  return {
    kind: "random",
    name,
    size: memory.byteLength,
    memory,
    read: (start, end) => Promise.resolve(memory.subarray(start, end)),
    close: () => Promise.resolve(),
  };
}

/** The bytes of a blob. */
export function blobBytes(blob: Blob, name: string): RandomBytes {
  return {
    kind: "random",
    name,
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
    close: () => Promise.resolve(),
  };
}

/** The bytes of a stream. `release` is called when they are let go. */
export function streamedBytes(
  stream: ReadableStream<Uint8Array>,
  name: string,
  release: () => void | Promise<void> = () => {},
): StreamedBytes {
  return new Streamed(stream, name, release);
}

/** The first `count` bytes, or fewer if there are no more; the source goes on as if they had not been read. */
export async function peek(source: SourceBytes, count: number): Promise<Uint8Array> {
  if (source instanceof Streamed) return await source.peek(count);
  return source.size === 0 ? new Uint8Array(0) : await (source as RandomBytes).read(0, Math.min(count, source.size!));
}

/** A source without its first `count` bytes. */
export function behind(source: SourceBytes, count: number): SourceBytes {
  const { name } = source;
  const close = () => source.close();
  if (source.kind === "random") {
    return {
      kind: "random",
      name,
      size: source.size - count,
      memory: source.memory?.subarray(count),
      read: (start, end, memory) => source.read(start + count, end + count, memory),
      close,
    };
  }
  let left = count;
  const rest = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const passed = Math.min(left, chunk.byteLength);
      left -= passed;
      if (passed < chunk.byteLength) controller.enqueue(chunk.subarray(passed));
    },
  });
  return streamedBytes(source.stream.pipeThrough(rest), name, close);
}

class Streamed implements StreamedBytes {
  readonly kind = "streamed";
  readonly name: string;
  readonly stream: ReadableStream<Uint8Array>;
  size: number | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #release: () => void | Promise<void>;
  /** Read ahead by `peek`. */
  readonly #ahead: Uint8Array[] = [];
  #received = 0;
  #closing: Promise<void> | undefined;

  constructor(stream: ReadableStream<Uint8Array>, name: string, release: () => void | Promise<void>) {
    this.name = name;
    this.#reader = stream.getReader();
    this.#release = release;
    this.stream = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const chunk = this.#ahead.shift() ?? await this.#read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  async peek(count: number): Promise<Uint8Array> {
    while (this.#received < count) {
      const chunk = await this.#read();
      if (chunk === undefined) break;
      this.#ahead.push(chunk);
    }
    const head = new Uint8Array(this.#received);
    let at = 0;
    for (const chunk of this.#ahead) {
      head.set(chunk, at);
      at += chunk.byteLength;
    }
    return head.subarray(0, count);
  }

  close(): Promise<void> {
    return this.#closing ??= (async () => {
      await this.#reader.cancel().catch(() => {});
      await this.#release();
    })();
  }

  async #read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.size = this.#received;
        return undefined;
      }
      if (!(value instanceof Uint8Array)) throw new TypeError(`${this.name} must give Uint8Array chunks`);
      if (value.byteLength === 0) continue;
      this.#received += value.byteLength;
      return value;
    }
  }
}
