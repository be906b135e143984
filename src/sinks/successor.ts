/**
 * A file that is written beside another, to take its place.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { type FileFacts, type FileSystem, fileSystem, NodeFile, type PositionedFile } from "./positioned_file.ts";

type FileHandle = Awaited<ReturnType<FileSystem["open"]>>;

/** A new file that is to take another's place. */
export interface Successor extends PositionedFile {
  /** Gives it the permissions of the other, as they are now. */
  allow(mode: number | null): Promise<void>;
}

const PERMISSIONS = 0o7777;
const OWNERS_OWN = 0o600;

/**
 * Makes a file that nobody can read who cannot read the other, of the same owner and group.
 *
 * @throws {MuxError} `unsupported` if it cannot have that owner; it is gone again then.
 */
export async function createSuccessor(
  path: string | URL,
  of: string | URL,
  { mode, uid, gid }: FileFacts,
): Promise<Successor> {
  const { open, rm } = fileSystem();
  // Of this API in Deno, too: the owner and permissions of an open file are set there, not of what has its name by now.
  const handle = await open(path, "wx", (mode ?? OWNERS_OWN) & OWNERS_OWN);
  try {
    const own = await handle.stat();
    if (uid !== null && gid !== null && (own.uid !== uid || own.gid !== gid)) await handle.chown(uid, gid);
    return new SuccessorFile(handle);
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    const reason = `its owner ${uid}:${gid} cannot be kept; write to another file`;
    throw new MuxError("unsupported", { action: `replace ${of}`, reason }, { cause: error });
  }
}

/** The file itself, where a path is a symbolic link. */
export async function followLinks(path: string | URL): Promise<string | URL> {
  const { lstat, realpath } = fileSystem();
  return (await lstat(path)).isSymbolicLink() ? await realpath(path) : path;
}

class SuccessorFile extends NodeFile implements Successor {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    super(handle);
    this.#handle = handle;
  }

  async allow(mode: number | null): Promise<void> {
    if (mode !== null && (await this.#handle.stat()).mode !== mode) await this.#handle.chmod(mode & PERMISSIONS);
  }
}
