/**
 * A file that is written at positions, over what the runtime has.
 *
 * Node's API does that anywhere, but in Deno it writes on the thread that calls, whatever it promises; Deno's own leaves
 * that to others, so that the next packets are laid out meanwhile.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";

/** An open file. Calls must not overlap. */
export interface PositionedFile {
  /** Writes some of the bytes; answers how many. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Cuts the end off. */
  truncate(length: number): Promise<void>;
  /** Lets go. */
  close(): Promise<void>;
}

/** Opens a file for writing and empties it. With `createNew` it must not exist. */
export async function openForWriting(path: string | URL, createNew: boolean): Promise<PositionedFile> {
  const deno = (globalThis as { Deno?: { open?: typeof Deno.open } }).Deno;
  if (typeof deno?.open !== "function") return new NodeFile(await fileSystem().open(path, createNew ? "wx" : "w"));
  const options = createNew ? { createNew } : { create: true, truncate: true };
  return new DenoFile(await deno.open(path, { write: true, ...options }));
}

class NodeFile implements PositionedFile {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.#file.write(bytes, 0, bytes.byteLength, position)).bytesWritten;
  }

  truncate(length: number): Promise<void> {
    return this.#file.truncate(length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Only large writes that follow each other closely are left to other threads. The rest is done on the spot: a program that
 * is killed between data and the header that tells of them leaves a file of the wrong length, and another thread's answer
 * takes its time on a busy machine.
 */
class DenoFile implements PositionedFile {
  readonly #file: Deno.FsFile;
  /** Where the next write would go. */
  #position = 0;
  /** When the last write had ended. */
  #writtenAt = -Infinity;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    if (position !== this.#position) this.#position = this.#file.seekSync(position, FROM_START);
    const isClose = performance.now() - this.#writtenAt < PAUSE_MS;
    const isLarge = bytes.byteLength > SMALL_BYTES;
    try {
      const written = isClose && isLarge ? await this.#file.write(bytes) : this.#file.writeSync(bytes);
      this.#position += written;
      this.#writtenAt = performance.now();
      return written;
    } catch (error) {
      throw withCode(error as Error);
    }
  }

  truncate(length: number): Promise<void> {
    return this.#file.truncate(length);
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

/** A limit of the file's size and a quota: Deno gives these no code, but says their numbers; 69 is macOS's. */
const CODES: Readonly<Record<string, string>> = { 27: "EFBIG", 69: "EDQUOT", 122: "EDQUOT" };

function withCode(error: Error & { code?: string }): Error {
  error.code ??= CODES[/\(os error (\d+)\)/.exec(error.message)?.[1] ?? ""];
  return error;
}

/** A write up to this size takes less than to hand it over. */
const SMALL_BYTES = 1 << 16;
/** Who has not written for so long is not waiting for the disk. */
const PAUSE_MS = 50;
/** `Deno.SeekMode.Start`. */
const FROM_START = 0;

/** What of Node's file API is used. */
export interface FileSystem {
  /** Opens a file. */
  open(path: string | URL, flags: string): Promise<FileHandle>;
  /** Puts a file in the place of another. */
  rename(from: string | URL, to: string | URL): Promise<void>;
  /** Removes a file. */
  rm(path: string | URL, options: { force: boolean }): Promise<void>;
}

/** The file API of this runtime. */
export function fileSystem(): FileSystem {
  // deno-lint-ignore no-process-global -- asked for by name, since importing node:process would break browsers
  const host = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const module = host?.getBuiltinModule?.("node:fs/promises");
  if (module === undefined) throw new TypeError("Cannot open a file: this runtime has no node:fs/promises");
  return module as FileSystem;
}
