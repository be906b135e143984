/**
 * Input from a file. The one reader that knows a runtime, whose file API is asked for at run time so that browsers and
 * bundlers never see it.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";
import { MuxError } from "../errors.ts";
import { type SourceBytes, streamedBytes } from "./bytes.ts";

/** How much of a pipe is asked for at a time. */
const PIPE_READ_BYTES = 1 << 16;

/** `Deno.SeekMode.Start`. */
const FROM_START = 0;

interface FileSystem {
  open(path: string | URL, flags: string): Promise<FileHandle>;
}

/**
 * Opens a path. What is not a regular file (a named pipe, a terminal) is read as it comes.
 *
 * @throws {MuxError} `bad-media` when there is no such file or it must not be read.
 */
export async function openFile(path: string | URL, name: string): Promise<SourceBytes> {
  const regular = await openInDeno(path, name);
  if (regular !== undefined) return regular;
  const { open } = fileSystem();
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    throw new MuxError("bad-media", { action: `open ${name}`, reason: reasonOf(cause) }, { cause });
  }
  const close = closeOnce(file);
  try {
    const { size, isDirectory, isFile } = await statOf(file);
    if (isDirectory) throw new MuxError("bad-media", { action: `open ${name}`, reason: "it is a directory" });
    if (!isFile) return streamedBytes(streamOf(file), name, close);
    return { kind: "random", name, size, close, read: (start, end, memory) => readAt(file, start, end, memory) };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/**
 * A regular file by Deno's own API, which reads while the caller works: Node's makes the caller wait there, and takes its
 * time to load. For what is none, or cannot be opened, `undefined`: whoever tries again says why.
 */
async function openInDeno(path: string | URL, name: string): Promise<SourceBytes | undefined> {
  const deno = (globalThis as { Deno?: Partial<Pick<typeof Deno, "open" | "stat">> }).Deno;
  if (typeof deno?.open !== "function" || typeof deno.stat !== "function") return undefined;
  try {
    const { isFile, size } = await deno.stat(path);
    if (!isFile) return undefined;
    const turns = new Turns(await deno.open(path));
    return {
      kind: "random",
      name,
      size,
      close: () => turns.close(),
      read: (start, end, memory) => turns.readAt(start, end, memory),
    };
  } catch {
    return undefined;
  }
}

async function statOf(file: FileHandle): Promise<{ size: number; isDirectory: boolean; isFile: boolean }> {
  const stat = await file.stat();
  return { size: stat.size, isDirectory: stat.isDirectory(), isFile: stat.isFile() };
}

async function readAt(file: FileHandle, start: number, end: number, memory?: Uint8Array): Promise<Uint8Array> {
  const bytes = memory?.subarray(0, end - start) ?? new Uint8Array(end - start);
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, done, bytes.byteLength - done, start + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}

/** A file that is read at one position at a time. */
class Turns {
  readonly #file: Deno.FsFile;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  readAt(start: number, end: number, memory?: Uint8Array): Promise<Uint8Array> {
    const turn = this.#last.then(() =>
      this.#read(start, memory?.subarray(0, end - start) ?? new Uint8Array(end - start))
    );
    this.#last = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#last;
    this.#file.close();
  }

  async #read(start: number, bytes: Uint8Array): Promise<Uint8Array> {
    this.#file.seekSync(start, FROM_START);
    for (let done = 0; done < bytes.byteLength;) {
      const count = await this.#file.read(bytes.subarray(done));
      if (count === null) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  }
}

function streamOf(file: FileHandle): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = new Uint8Array(PIPE_READ_BYTES);
      const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, null);
      if (bytesRead === 0) controller.close();
      else controller.enqueue(bytes.subarray(0, bytesRead));
    },
  }, { highWaterMark: 0 });
}

function closeOnce(file: FileHandle): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => closing ??= file.close();
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  EMFILE: "too many files are open",
};

function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  return REASONS[code ?? ""] ?? message ?? String(cause);
}

function fileSystem(): FileSystem {
  // deno-lint-ignore no-process-global -- asked for by name, since importing node:process would break browsers
  const host = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const module = host?.getBuiltinModule?.("node:fs/promises");
  if (module === undefined) throw new TypeError("Cannot open a file: this runtime has no node:fs/promises");
  return module as FileSystem;
}
