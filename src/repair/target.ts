/**
 * What is repaired: a file by its name, or whatever can be read and changed.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { type ByteSource, type Input, openInput, type RandomAccess } from "../inspect/byte_source.ts";
import { type FileKind, knownSource } from "../inspect/file_kind.ts";
import { type Editable, openEditable, type OpenFile } from "../sinks/editable_file.ts";

/** A file by its path or URL, or anything that can be read and changed like one. */
export type FileTarget = string | URL | Editable;

/** What can be read at any place, and more than once: enough where the result goes to a sink. */
export type RepairSource = FileTarget | Blob | Uint8Array | RandomAccess;

/** A target that is open. */
export interface OpenedTarget {
  readonly kind: FileKind;
  readonly input: Input;
  /** To be changed; a source that can only be read throws at that. */
  readonly file: Editable;
  /** Waits until nobody has written to it for a while. @throws {MuxError} `in-use` when somebody does. */
  settle(): Promise<void>;
}

/** What may be said of every change. */
export interface ForceOption {
  /**
   * Changes the file although something else writes to it, or, in `tag`, although it was never finished. What others write
   * meanwhile may be lost, and the file may end up broken. Default false.
   */
  force?: boolean;
}

/** What is done with a target. */
export interface Opening {
  /** `read`: it stays as it is. */
  readonly mode: "read" | "change";
  /** Whoever writes to it. */
  readonly force?: boolean;
}

/**
 * Opens a target for the length of `use`.
 *
 * @throws {TypeError} If it is none.
 * @throws {MuxError} `in-use` when it is to be changed, and something else writes to it.
 */
export async function withFile<T>(
  target: RepairSource,
  { mode, force = false }: Opening,
  use: (target: OpenedTarget) => Promise<T>,
): Promise<T> {
  const isPath = typeof target === "string" || target instanceof URL;
  const opened: OpenFile | undefined = isPath ? await openEditable(target, mode, force) : undefined;
  try {
    const file = opened ?? toEditable(target as Exclude<RepairSource, string | URL>, mode);
    const { kind } = await knownSource(file);
    return await use({ kind, input: openInput(file), file, settle: async () => await opened?.settle() });
  } finally {
    await opened?.close();
  }
}

function toEditable(target: Exclude<RepairSource, string | URL>, mode: Opening["mode"]): Editable {
  const isSource = target instanceof Blob || target instanceof Uint8Array ||
    typeof target?.read === "function" && typeof target.size === "number";
  if (!isSource) {
    throw new TypeError("Cannot open file: the target must be a path, a URL or have size, read() and write()");
  }
  if ("write" in target) return target;
  if (mode !== "read") {
    throw new TypeError("Cannot change file: the target must have write(), or the result an output of its own");
  }
  return readOnly(target);
}

function readOnly(source: ByteSource): Editable {
  const input = openInput(source);
  const refuse = () => {
    throw new MuxError("unsupported", { action: "change file", reason: "it can only be read" });
  };
  return {
    size: input.size!,
    read: (offset, length) => input.read(offset, length),
    write: refuse,
    truncate: refuse,
    flush: refuse,
  };
}
