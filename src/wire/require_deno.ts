/**
 * This room alone needs a runtime of its own.
 *
 * @module
 */

import { MuxError } from "../errors.ts";

/** @throws {MuxError} `unsupported` where there is no Deno: a better word than its name's being unknown. */
export function requireDeno(action: string): void {
  if ("Deno" in globalThis) return;
  throw new MuxError("unsupported", `Cannot ${action}: the server's side of live streams needs Deno`);
}
