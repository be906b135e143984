/**
 * A file that is read and changed where it lies.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";
import { MuxError } from "../errors.ts";
import { fileSystem } from "./positioned_file.ts";
import type { Sink } from "./sink.ts";

/** Bytes that can be read and changed anywhere: a file, or what stands for one. */
export interface Editable {
  /** How many bytes there are. */
  readonly size: number;
  /** Reads up to `length` bytes from `offset`; none means the end. The bytes may be reused by the next call. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
  /** Replaces bytes, or adds them at the end. */
  write(offset: number, bytes: Uint8Array): Promise<void> | void;
  /** Cuts the end off. */
  truncate(length: number): Promise<void> | void;
  /** What was written so far is safe, whatever happens to what is written later. */
  flush(): Promise<void> | void;
  /**
   * A sink for a whole new content: the old one stays until its `close()`, which puts the new one in its place at once.
   * Absent: this cannot be done.
   */
  replacement?(): Sink;
}

/** An {@linkcode Editable} that somebody has to close. */
export interface OpenFile extends Editable {
  /** Lets go of the file. */
  close(): Promise<void>;
}

/** Opens a file, for changes or only to be read. */
export async function openEditable(path: string | URL, mode: "change" | "read" = "change"): Promise<OpenFile> {
  const file = await fileSystem().open(path, mode === "change" ? "r+" : "r");
  const { size } = await file.stat();
  return new EditableFile(file, path, size);
}

class EditableFile implements OpenFile {
  readonly #file: FileHandle;
  readonly #path: string | URL;
  #size: number;
  #isChanged = false;
  #piece = new Uint8Array(0);

  constructor(file: FileHandle, path: string | URL, size: number) {
    this.#file = file;
    this.#path = path;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#piece.byteLength < length) this.#piece = new Uint8Array(length);
    const { bytesRead } = await this.#file.read(this.#piece, 0, length, offset);
    return this.#piece.subarray(0, bytesRead);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#begin();
    for (let done = 0; done < bytes.byteLength;) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.byteLength - done, offset + done);
      if (bytesWritten === 0) throw new Error(`Cannot write to ${this.#path}: the file takes no more bytes`);
      done += bytesWritten;
    }
    this.#size = Math.max(this.#size, offset + bytes.byteLength);
  }

  async truncate(length: number): Promise<void> {
    await this.#begin();
    await this.#file.truncate(length);
    this.#size = length;
  }

  flush(): Promise<void> {
    return this.#file.datasync();
  }

  replacement(): Sink {
    return new Replacement(this.#path, () => this.#begin());
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Before the first change: what has grown since it was opened is being written by somebody else. */
  async #begin(): Promise<void> {
    if (this.#isChanged) return;
    const { size } = await this.#file.stat();
    if (size !== this.#size) {
      const found = `it has ${size} bytes, no longer ${this.#size}: something else writes to it`;
      throw new MuxError("invalid-state", `Cannot change ${this.#path}: ${found}`);
    }
    this.#isChanged = true;
  }
}

/** Writes beside the file, and takes its place at the end. */
class Replacement implements Sink {
  readonly #path: string | URL;
  readonly #beside: string | URL;
  readonly #begin: () => Promise<void>;
  #file: EditableFile | undefined;

  /** @param begin Throws when the old content may no longer be replaced. */
  constructor(path: string | URL, begin: () => Promise<void>) {
    const suffix = `.${crypto.randomUUID().slice(0, 8)}.part`;
    this.#path = path;
    this.#begin = begin;
    this.#beside = path instanceof URL ? new URL(path.href + suffix) : path + suffix;
  }

  async open(): Promise<void> {
    this.#file = new EditableFile(await fileSystem().open(this.#beside, "wx"), this.#beside, 0);
  }

  header(bytes: Uint8Array): Promise<void> {
    return this.#file!.write(this.#file!.size, bytes);
  }

  data(bytes: Uint8Array): Promise<void> {
    return this.header(bytes);
  }

  index(bytes: Uint8Array): Promise<void> {
    return this.header(bytes);
  }

  patch(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#file!.write(offset, bytes);
  }

  async close(): Promise<void> {
    await this.#begin();
    await this.#file!.flush();
    await this.#file!.close();
    await fileSystem().rename(this.#beside, this.#path);
  }

  async abort(): Promise<void> {
    await this.#file?.close();
    if (this.#file !== undefined) await fileSystem().rm(this.#beside, { force: true });
  }
}
