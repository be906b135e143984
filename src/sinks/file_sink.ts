/**
 * Output into a file. The one sink that knows a runtime, whose file API is asked for at run time so that browsers and
 * bundlers never see it.
 *
 * @module
 */

import { openForWriting, type PositionedFile } from "./positioned_file.ts";
import type { Sink } from "./sink.ts";

/** How a file is opened. */
export interface FileSinkOptions {
  /** Fail when the file exists already, instead of replacing it. Default false. */
  createNew?: boolean;
}

/**
 * Makes a sink that writes a file. It is opened by `beginWriting()` and patched at the finish, so that the result is
 * seekable; after an abort, or if the program ends at any moment, it stays, playable and marked unfinished. When the disk is
 * full the file is finished with what it has room for, and the session rejects with `sink-failed`. Needs permission to
 * write the path.
 *
 * In Deno, except on Windows, it locks the file for as long as it writes: another sink, or a command of `./repair`, is
 * refused with `in-use` then, by whatever name it knows the file, and nothing of what is there is lost. In Node that holds
 * within one process.
 *
 * @example
 * ```ts
 * import { fileSink } from "@muxwell/muxwell";
 *
 * const sink = fileSink("recording.wmv", { createNew: true });
 * console.log(typeof sink.patch);
 * ```
 */
export function fileSink(path: string | URL, options: FileSinkOptions = {}): Sink {
  return new FileSink(path, options);
}

class FileSink implements Sink {
  readonly durable = true;
  readonly whenSlow = "wait";
  readonly #path: string | URL;
  readonly #options: FileSinkOptions;
  #opening: Promise<PositionedFile> | undefined;
  #file: PositionedFile | undefined;
  /** Where the next header, data or trailer goes; a patch does not move it. */
  #end = 0;

  constructor(path: string | URL, options: FileSinkOptions) {
    if (typeof path !== "string" && !(path instanceof URL)) {
      throw new TypeError(`Cannot make a file sink: path must be a string or a URL, got ${typeof path}`);
    }
    this.#path = path;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#opening = openForWriting(this.#path, this.#options.createNew ?? false);
    this.#file = await this.#opening;
  }

  header(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#append(bytes);
  }

  data(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#append(bytes);
  }

  trailer(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#append(bytes);
  }

  /** A hole, where the file system has such. */
  reserve(length: number): void {
    this.#end += length;
  }

  sync(): Promise<void> {
    return this.#file!.flush();
  }

  patch(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#write(bytes, offset);
  }

  async truncate(length: number): Promise<void> {
    await this.#file!.truncate(length);
    this.#end = length;
  }

  close(): Promise<void> {
    return this.#release();
  }

  abort(): Promise<void> {
    return this.#release();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes, this.#end);
    this.#end += bytes.byteLength;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    const file = this.#file!;
    for (let done = 0; done < bytes.byteLength;) {
      const rest = done === 0 ? bytes : bytes.subarray(done);
      const written = await file.write(rest, position + done).catch((cause) => {
        throw new Error(`${this.#path}: ${(cause as Error).message}`, { cause });
      });
      if (written === 0) throw new Error(`${this.#path}: it takes no more bytes`);
      done += written;
    }
  }

  async #release(): Promise<void> {
    const file = await this.#opening; // an abort may come while it is being opened
    await file?.close();
  }
}
