/**
 * A file that is read and changed where it lies.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { type FileFacts, fileSystem, inUse, openExisting, type PositionedFile, statPath } from "./positioned_file.ts";
import type { Sink } from "./sink.ts";
import { createSuccessor, followLinks, type Successor } from "./successor.ts";

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
  /**
   * Waits until nobody has written to it for a while.
   *
   * @throws {MuxError} `in-use` when somebody does.
   */
  settle(): Promise<void>;
  /** Lets go of the file. */
  close(): Promise<void>;
}

/**
 * Opens a file, for changes or only to be read.
 *
 * @param force Whether it is changed although something else writes to it.
 * @throws {MuxError} `in-use` where it is to be changed, and something else has its lock.
 */
export async function openEditable(
  path: string | URL,
  mode: "change" | "read" = "change",
  force = false,
): Promise<OpenFile> {
  const file = await openExisting(path, mode, force);
  try {
    return new EditableFile(file, path, await file.stat(), force);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Who has not written for so long is taken for gone. */
const QUIET_MS = 2000;
const LOOK_MS = 100;

/**
 * Invariants
 * - Until the first change, size, time and place are those at the opening; each change begins with a look at them.
 * - From then on nobody else should write: a flush finds out whether somebody did.
 */
class EditableFile implements OpenFile {
  readonly #file: PositionedFile;
  readonly #path: string | URL;
  readonly #force: boolean;
  /** As it was opened. */
  readonly #facts: FileFacts;
  #size: number;
  #isChanged = false;
  #piece = new Uint8Array(0);

  constructor(file: PositionedFile, path: string | URL, facts: FileFacts, force: boolean) {
    this.#file = file;
    this.#path = path;
    this.#facts = facts;
    this.#size = facts.size;
    this.#force = force;
  }

  get size(): number {
    return this.#size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#piece.byteLength < length) this.#piece = new Uint8Array(length);
    return this.#piece.subarray(0, await this.#file.read(this.#piece.subarray(0, length), offset));
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#begin();
    await writeAll(this.#file, offset, bytes, this.#path);
    this.#size = Math.max(this.#size, offset + bytes.byteLength);
  }

  async truncate(length: number): Promise<void> {
    await this.#begin();
    await this.#file.truncate(length);
    this.#size = length;
  }

  async flush(): Promise<void> {
    await this.#file.flush();
    const { size } = await this.#file.stat();
    if (size !== this.#size && !this.#force) throw this.#inUse(`it has ${size} bytes, not ${this.#size}`);
  }

  replacement(): Sink {
    return new Replacement(this.#path, this.#file, (isReplaced) => this.#requireUnchanged(isReplaced));
  }

  async settle(): Promise<void> {
    if (this.#force) return;
    const ageMs = Date.now() - this.#facts.mtimeMs;
    // A clock that is behind the file system's says nothing.
    const waitMs = ageMs < 0 ? QUIET_MS : QUIET_MS - ageMs;
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += LOOK_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await this.#requireUnchanged();
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Before the first change. */
  async #begin(): Promise<void> {
    if (this.#isChanged) return;
    await this.#requireUnchanged();
    this.#isChanged = true;
  }

  /** What is not as it was opened is being written by somebody else. @param isReplaced By our own file, at its path. */
  async #requireUnchanged(isReplaced = false): Promise<void> {
    if (this.#force) return;
    const { size, mtimeMs, ino } = this.#facts;
    const now = await this.#file.stat();
    if (now.size !== size) throw this.#inUse(`it has ${now.size} bytes, no longer ${size}`);
    if (now.mtimeMs !== mtimeMs) throw this.#inUse("it was changed meanwhile");
    if (isReplaced) return;
    const there = await statPath(this.#path).catch(() => undefined);
    if (there === undefined) throw this.#inUse("it was removed meanwhile");
    if (ino && there.ino && there.ino !== ino) throw this.#inUse("another file came in its place");
  }

  #inUse(found: string): MuxError {
    return inUse(this.#path, "Cannot change", `${found}: something else writes to it`);
  }
}

async function writeAll(file: PositionedFile, offset: number, bytes: Uint8Array, path: string | URL): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const written = await file.write(bytes.subarray(done), offset + done);
    if (written === 0) throw new Error(`Cannot write to ${path}: the file takes no more bytes`);
    done += written;
  }
}

/**
 * Writes beside the file, and takes its place at the end: with its owner and permissions, and behind the symbolic link
 * that led to it. Before that, nobody can read it who cannot read the old one.
 */
class Replacement implements Sink {
  readonly #path: string | URL;
  readonly #old: PositionedFile;
  readonly #requireUnchanged: (isReplaced: boolean) => Promise<void>;
  #target: string | URL = "";
  #beside: string | URL = "";
  #file: Successor | undefined;
  #isOpen = false;
  #size = 0;

  /** @param requireUnchanged Throws when the old content is no longer the one that was opened. */
  constructor(path: string | URL, old: PositionedFile, requireUnchanged: (isReplaced: boolean) => Promise<void>) {
    this.#path = path;
    this.#old = old;
    this.#requireUnchanged = requireUnchanged;
  }

  async open(): Promise<void> {
    const facts = await this.#requireOneName();
    const target = this.#target = await followLinks(this.#path);
    const suffix = `.${crypto.randomUUID().slice(0, 8)}.part`;
    this.#beside = target instanceof URL ? new URL(target.href + suffix) : target + suffix;
    this.#file = await createSuccessor(this.#beside, this.#path, facts);
    this.#isOpen = true;
  }

  async header(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file!, this.#size, bytes, this.#beside);
    this.#size += bytes.byteLength;
  }

  data(bytes: Uint8Array): Promise<void> {
    return this.header(bytes);
  }

  trailer(bytes: Uint8Array): Promise<void> {
    return this.header(bytes);
  }

  patch(offset: number, bytes: Uint8Array): Promise<void> {
    return writeAll(this.#file!, offset, bytes, this.#beside);
  }

  async close(): Promise<void> {
    const file = this.#file!;
    await file.flush();
    await this.#requireUnchanged(false);
    await file.allow((await this.#requireOneName()).mode);
    await file.close();
    this.#isOpen = false;
    await fileSystem().rename(this.#beside, this.#target);
    await this.#requireUnchanged(true); // what was written to the old one up to here is gone: never in silence
  }

  async abort(): Promise<void> {
    if (this.#file === undefined) return;
    if (this.#isOpen) await this.#file.close();
    await fileSystem().rm(this.#beside, { force: true });
  }

  /** A copy would be under one name, and the others lead to what was before. @throws {MuxError} `unsupported` */
  async #requireOneName(): Promise<FileFacts> {
    const facts = await this.#old.stat();
    if (facts.nlink === null || facts.nlink <= 1) return facts;
    throw new MuxError("unsupported", {
      action: `replace ${this.#path}`,
      reason: `it has ${facts.nlink} names (hard links), of which a copy would be one; write to another file, or ` +
        "remove the others",
    });
  }
}
