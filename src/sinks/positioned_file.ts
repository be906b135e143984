/**
 * A file that is written at positions, over what the runtime has.
 *
 * Node's API does that anywhere, but in Deno it writes on the thread that calls, whatever it promises; Deno's own leaves
 * that to others, so that the next packets are laid out meanwhile.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";
import { MuxError } from "../errors.ts";

/** What tells whether a file is as it was. */
export interface FileFacts {
  readonly size: number;
  /** When its content was changed last, ms since 1970. */
  readonly mtimeMs: number;
  /** What sets it apart from all others of its file system; 0 or null where the system does not tell. */
  readonly ino: number | null;
  /** Which file system it is on. */
  readonly dev: number;
  /** Kind and permissions; null where the system has none such. */
  readonly mode: number | null;
  /** Owner and group. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** How many names it has. */
  readonly nlink: number | null;
}

/** An open file. Calls must not overlap. */
export interface PositionedFile {
  /** Reads some of the bytes; answers how many, none means the end. */
  read(bytes: Uint8Array, position: number): Promise<number>;
  /** Writes some of the bytes; answers how many. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Cuts the end off. */
  truncate(length: number): Promise<void>;
  /** What was written so far is on the disk. */
  flush(): Promise<void>;
  /** What is known of it now. */
  stat(): Promise<FileFacts>;
  /** Lets go, also of the lock. */
  close(): Promise<void>;
}

/**
 * Opens a file for writing and empties it. With `createNew` it must not exist.
 *
 * @throws {MuxError} `in-use` where another sink has it open, or it is being edited; it is not emptied then.
 */
export async function openForWriting(path: string | URL, createNew: boolean): Promise<PositionedFile> {
  const deno = denoFiles();
  // Whoever writes to it loses nothing: it is emptied when it is locked.
  if (deno === undefined) {
    const { open, constants } = fileSystem();
    const handle = await open(path, createNew ? "wx" : constants.O_WRONLY | constants.O_CREAT);
    const file = await claimed(handle, path, "Cannot write");
    if ((await file.stat()).size > 0) await file.truncate(0);
    return file;
  }
  const file = await deno.open(path, { write: true, ...createNew ? { createNew } : { create: true } });
  try {
    const isFile = lock(file, path, "Cannot write");
    if (isFile && !createNew && lengthOf(file) > 0) await file.truncate(0);
    return new DenoFile(file);
  } catch (error) {
    file.close();
    throw withCode(error as Error);
  }
}

/** None where there is no such thing, as of a pipe. Leaves the position at the start. */
function lengthOf(file: Deno.FsFile): number {
  try {
    const length = file.seekSync(0, FROM_END);
    file.seekSync(0, FROM_START);
    return length;
  } catch {
    return 0;
  }
}

/**
 * Opens a file that exists, to be read or also to be changed.
 *
 * @param force Whether it may be changed while others write to it.
 * @throws {MuxError} `in-use` where it is to be changed, and a sink has it open or somebody else edits it.
 */
export async function openExisting(
  path: string | URL,
  mode: "change" | "read",
  force: boolean,
): Promise<PositionedFile> {
  const deno = denoFiles();
  if (deno === undefined) {
    const handle = await fileSystem().open(path, mode === "change" ? "r+" : "r");
    return force ? new NodeFile(handle) : await claimed(handle, path, mode === "read" ? undefined : "Cannot change");
  }
  const file = await deno.open(path, { read: true, write: mode === "change" });
  try {
    if (mode === "change" && !force) lock(file, path, "Cannot change");
    if (mode === "read") isLockedByOthers(file, false); // others may have it; but no sink is to empty it meanwhile
    return new DenoFile(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** What stands at a path now. */
export async function statPath(path: string | URL): Promise<FileFacts> {
  const deno = denoFiles();
  return deno === undefined ? await fileSystem().stat(path) : factsOf(await deno.stat(path));
}

/** Deno's own files, where this is Deno. */
function denoFiles(): Pick<typeof Deno, "open" | "stat"> | undefined {
  const deno = (globalThis as { Deno?: typeof Deno }).Deno;
  return typeof deno?.open === "function" ? deno : undefined;
}

/**
 * Takes the lock that tells others that this file is being written; it goes when the file is closed, or the process ends.
 * It is the file's, by whatever name.
 *
 * Advice alone: who asks for none reads and writes as before. Windows would shut players out, so there is none there, and
 * nor is there in Node, in older Denos and on some file systems.
 *
 * @returns Whether it may be a file: devices and pipes are shared.
 * @throws {MuxError} `in-use` where somebody else has it.
 */
function lock(file: Deno.FsFile, path: string | URL, action: string): boolean {
  // Only where it may be asked; nobody is to be prompted for that.
  const mayRead = Deno.permissions.querySync({ name: "read", path }).state === "granted";
  if (mayRead && !file.statSync().isFile) return false;
  // While it was being opened, another file may have come in its place.
  if (isLockedByOthers(file) || mayRead && file.statSync().nlink === 0) {
    throw inUse(path, action, OTHER_WRITER);
  }
  return true;
}

function isLockedByOthers(file: Deno.FsFile, isExclusive = true): boolean {
  if (Deno.build.os === "windows") return false;
  try {
    return !file.tryLockSync(isExclusive);
  } catch {
    return false; // there are no locks here
  }
}

/** The error of who would write to what others write to. */
export function inUse(path: string | URL, action: string, found: string): MuxError {
  return new MuxError("in-use", `${action} ${path}: ${found}; let that end first`);
}

const OTHER_WRITER = "something else writes to it";

/** Where there are no locks: the files that this process reads, and how many do, or writes to: -1. */
const uses = new Map<string, number>();

/**
 * A file that nobody else of this process writes to, nor reads where it is to be written, until it is closed.
 *
 * @param action What is said of one that is to be written; absent: it is only read.
 */
async function claimed(handle: FileHandle, path: string | URL, action?: string): Promise<PositionedFile> {
  const { dev, ino } = await handle.stat();
  const key = `${dev}:${ino}`;
  const count = uses.get(key) ?? 0;
  if (action === undefined && count < 0) return new NodeFile(handle); // who only reads may do so
  if (action !== undefined && count !== 0) {
    await handle.close();
    throw inUse(path, action, OTHER_WRITER);
  }
  uses.set(key, action === undefined ? count + 1 : -1);
  return new NodeFile(handle, () => {
    const left = uses.get(key)! - 1;
    if (left > 0) uses.set(key, left);
    else uses.delete(key);
  });
}

/** A file of Node's API. */
export class NodeFile implements PositionedFile {
  readonly #file: FileHandle;
  readonly #onClose: (() => void) | undefined;

  constructor(file: FileHandle, onClose?: () => void) {
    this.#file = file;
    this.#onClose = onClose;
  }

  async read(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.#file.read(bytes, 0, bytes.byteLength, position)).bytesRead;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.#file.write(bytes, 0, bytes.byteLength, position)).bytesWritten;
  }

  truncate(length: number): Promise<void> {
    return this.#file.truncate(length);
  }

  flush(): Promise<void> {
    return this.#file.datasync();
  }

  stat(): Promise<FileFacts> {
    return this.#file.stat();
  }

  async close(): Promise<void> {
    try {
      await this.#file.close();
    } finally {
      this.#onClose?.();
    }
  }
}

/**
 * Only large writes that follow each other closely are left to other threads. The rest is done on the spot: a program that
 * is killed between data and the header that tells of them leaves a file of the wrong length, and another thread's answer
 * takes its time on a busy machine.
 */
class DenoFile implements PositionedFile {
  readonly #file: Deno.FsFile;
  /** Where the next read or write would go. */
  #position = 0;
  /** When the last write had ended. */
  #writtenAt = -Infinity;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  // deno-lint-ignore require-await -- it throws as a promise
  async read(bytes: Uint8Array, position: number): Promise<number> {
    if (position !== this.#position) this.#position = this.#file.seekSync(position, FROM_START);
    const read = this.#file.readSync(bytes) ?? 0;
    this.#position += read;
    return read;
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

  flush(): Promise<void> {
    return this.#file.syncData();
  }

  async stat(): Promise<FileFacts> {
    return factsOf(await this.#file.stat());
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

function factsOf({ size, mtime, ino, dev, mode, uid, gid, nlink }: Deno.FileInfo): FileFacts {
  return { size, mtimeMs: mtime?.getTime() ?? 0, ino, dev, mode, uid, gid, nlink };
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
/** `Deno.SeekMode.End`. */
const FROM_END = 2;

/** What of Node's file API is used. */
export interface FileSystem {
  /** How files are opened. */
  readonly constants: { readonly O_WRONLY: number; readonly O_CREAT: number };
  /** Opens a file. */
  open(path: string | URL, flags: string | number, mode?: number): Promise<FileHandle>;
  /** What stands at a path. */
  stat(path: string | URL): Promise<FileFacts>;
  /** What stands at a path, itself where it is a symbolic link. */
  lstat(path: string | URL): Promise<{ isSymbolicLink(): boolean }>;
  /** Where symbolic links lead to. */
  realpath(path: string | URL): Promise<string>;
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
