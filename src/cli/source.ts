/**
 * Files, live streams and standard input, to be looked into or copied.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { Media, OpenMediaOptions } from "../demux/mod.ts";
import type { ByteSource, RandomAccess } from "../inspect/mod.ts";
import { listed, STANDARD_STREAM, UsageError } from "./arguments.ts";
import type { Io } from "./io.ts";

/** Opens what an operand names for copying. */
export async function openInput(name: string, io: Io, options: OpenMediaOptions = {}): Promise<Media> {
  const { openMedia } = await import("../demux/mod.ts");
  if (name === STANDARD_STREAM) return await openMedia(io.input, { ...options, name: "standard input" });
  return await openMedia(isLive(name) ? await openLive(name) : name, { ...options, name: listed([name]) });
}

/** The server's side is loaded only where one is asked. */
export async function openLive(url: string): Promise<ReadableStream<Uint8Array>> {
  const { openMmsh } = await import("../server/mod.ts");
  return await openMmsh(url);
}

/** Whether an operand names what a server has, to be read as a file is. */
export function isRemote(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** Whether an operand names a stream that a server plays. */
export function isLive(name: string): boolean {
  return /^mmsh?:\/\//i.test(name);
}

/**
 * Opens what an operand names for the length of `use`. A stream ends at Ctrl-C, too.
 *
 * @param beforeRead Called before a stream is waited for.
 * @throws {UsageError}
 */
export async function withSource<T>(
  name: string,
  io: Io,
  use: (source: ByteSource) => Promise<T>,
  beforeRead = () => Promise.resolve(),
): Promise<T> {
  if (name === STANDARD_STREAM) {
    if (io.inputIsTerminal) throw new UsageError("standard input is a terminal: there is nothing to read");
    return await withStream(io.input, io, use, beforeRead);
  }
  if (isLive(name)) return await withStream(await openLive(name), io, use, beforeRead);
  const file = await openFile(name);
  try {
    return await explain(name, use(positions(file, (await file.stat()).size)), "file", "ASF, MP4 and Matroska");
  } finally {
    file.close();
  }
}

async function withStream<T>(
  stream: ReadableStream<Uint8Array>,
  io: Io,
  use: (source: ByteSource) => Promise<T>,
  beforeRead: () => Promise<void>,
): Promise<T> {
  const reader = stream.getReader();
  const stopListening = io.onInterrupt(() => {
    stopListening(); // a second one ends the process
    void reader.cancel().catch(() => {});
  });
  try {
    return await use(
      new ReadableStream({
        async pull(controller) {
          await beforeRead();
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => reader.cancel(),
      }, { highWaterMark: 0 }),
    );
  } finally {
    stopListening();
  }
}

async function openFile(path: string): Promise<Deno.FsFile> {
  const file = await explain(path, Deno.open(path));
  if (!(await file.stat()).isDirectory) return file;
  file.close();
  throw new MuxError("bad-media", { action: `open ${listed([path])}`, reason: "it is a directory" });
}

/**
 * What a file system says, in plain words.
 *
 * @param missing What is not there where a path leads nowhere.
 * @param taken The formats that the command is for.
 */
export async function explain<T>(
  path: string,
  job: Promise<T>,
  missing: "file" | "folder" = "file",
  taken = "ASF",
): Promise<T> {
  try {
    return await job;
  } catch (cause) {
    if (cause instanceof MuxError && cause.action === "read ASF") {
      throw await foreign(path, cause, taken) ?? named(listed([path]), cause);
    }
    path = listed([path]);
    if (cause instanceof MuxError) throw named(path, cause);
    const { message, cause: origin } = cause as Error;
    const { code } = (origin instanceof Error ? origin : cause) as { code?: string };
    if (code === undefined) throw cause;
    if (code === FULL) {
      throw new MuxError("sink-failed", { action: "write", reason: "there is no space left" }, { cause });
    }
    const reason = code === "ENOENT" ? `there is no such ${missing}` : REASONS[code] ?? message;
    throw new MuxError("bad-media", { action: `open ${path}`, reason }, { cause });
  }
}

/** What a file is that is not the command's; `undefined` where it is, or nobody knows it. */
export async function foreign(path: string, cause: unknown, taken: string): Promise<MuxError | undefined> {
  const action = `read ${listed([path])}`;
  try {
    const { info } = await import("../demux/mod.ts");
    const { format } = await info(path);
    if (taken.includes(format)) return undefined;
    return new MuxError("unsupported", { action, reason: `it is ${format}, and this is for ${taken}` }, { cause });
  } catch (error) {
    if (!(error instanceof MuxError) || error.code !== "unsupported") return undefined;
    return new MuxError("unsupported", { action, reason: error.reason }, { cause: error });
  }
}

/** With the file's name, where what could not be done is only said of a file. */
function named(path: string, error: MuxError): MuxError {
  const { action, reason, code } = error;
  if (action === undefined) return error;
  const said = action === "read ASF" ? `read ${path}` : action.replace(/^(\w+) file\b/, (_, verb) => `${verb} ${path}`);
  return said === action ? error : new MuxError(code, { action: said, reason }, { cause: error });
}

const FULL = "ENOSPC";

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

/** The file's bytes, each read into the same memory. */
function positions(file: Deno.FsFile, size: number): RandomAccess {
  let piece = new Uint8Array(0);
  return {
    size,
    async read(offset, length) {
      if (piece.byteLength < length) piece = new Uint8Array(length);
      file.seekSync(offset, Deno.SeekMode.Start);
      return piece.subarray(0, await file.read(piece.subarray(0, length)) ?? 0);
    },
  };
}
