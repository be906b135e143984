/**
 * A real file system of a few pages, to be filled up.
 *
 * @module
 */

import { withTempDir } from "./temp.ts";

const PAGE_BYTES = 4096;

function mount(...args: string[]): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return new Deno.Command(args[0]!, { args: args.slice(1), stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** A mounted file system. */
export interface SmallFileSystem {
  /** Where it is. */
  readonly folder: string;
  /** Leaves room for so many pages of 4 KiB. */
  leave(pages: number): Promise<void>;
  /** Lets nothing be written any more, or lets it again. */
  setReadOnly(isReadOnly: boolean): void;
}

/** Runs it in a file system of so many pages. */
export function withFileSystem(pages: number, run: (files: SmallFileSystem) => Promise<void>): Promise<void> {
  return withTempDir(async (folder) => {
    if (!mount("mount", "-t", "tmpfs", "-o", `size=${pages * PAGE_BYTES}`, "tmpfs", folder)) {
      throw new Error(`Cannot mount a file system at ${folder}`);
    }
    const filler = `${folder}/filler`;
    try {
      await run({
        folder,
        async leave(count) {
          await Deno.writeFile(filler, new Uint8Array(0));
          using file = await Deno.open(filler, { write: true });
          const zeros = new Uint8Array(PAGE_BYTES);
          let written = 0;
          try {
            for (;;) written += file.writeSync(zeros);
          } catch {
            await file.truncate(Math.max(0, written - count * PAGE_BYTES));
          }
        },
        setReadOnly(isReadOnly) {
          mount("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, folder);
        },
      });
    } finally {
      mount("umount", "-l", folder);
    }
  });
}

const canMount = (() => {
  const folder = Deno.makeTempDirSync({ prefix: "muxwell_" });
  const can = mount("mount", "-t", "tmpfs", "-o", "size=4096", "tmpfs", folder);
  if (can) mount("umount", "-l", folder);
  Deno.removeSync(folder);
  return can;
})();

/** Skipped by name where nothing can be mounted, failing under `CI`. */
export function mountTest(name: string, fn: () => Promise<void>): void {
  const ignore = !canMount && !Deno.env.get("CI");
  Deno.test({ name: canMount ? name : `${name} (without mount)`, ignore, fn });
}
