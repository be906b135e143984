/**
 * Runs a command that edits a file, and kills itself (-9) at its n-th operation on files, half done where that can be:
 * `edit_killed.ts N half|whole COMMAND…`. A write is cut where a page of the file ends: that is how far the system goes on
 * when it is asked to kill. Prints how many operations there were if it comes to its end.
 *
 * @module
 */

import { runIn } from "../cli/support.ts";

const [nth, how, ...args] = Deno.args;
const PAGE_BYTES = 4096;
let count = 0;

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  for (;;);
}

/** Counts a call, and is killed instead of it: before it, or behind the half of what it writes. */
function watch<Name extends "write" | "writeSync" | "truncate" | "truncateSync" | "syncData" | "sync">(name: Name) {
  const original = Deno.FsFile.prototype[name] as (...args: unknown[]) => unknown;
  const replaced = function (this: Deno.FsFile, ...args: unknown[]): unknown {
    if (++count === Number(nth)) {
      const [bytes] = args;
      if (how === "half" && bytes instanceof Uint8Array) {
        const position = this.seekSync(0, Deno.SeekMode.Current);
        const middle = position + (bytes.byteLength >> 1);
        const length = middle - middle % PAGE_BYTES - position;
        if (length > 0) this.writeSync(bytes.subarray(0, length));
      }
      die();
    }
    return original.apply(this, args);
  };
  Object.assign(Deno.FsFile.prototype, { [name]: replaced });
}

for (const name of ["write", "writeSync", "truncate", "truncateSync", "syncData", "sync"] as const) watch(name);
const { rename } = Deno;
Deno.rename = (...paths) => ++count === Number(nth) ? die() : rename(...paths);

const { code, reported } = await runIn({}, ...args);
if (code !== 0) throw new Error(reported);
console.log(count);
