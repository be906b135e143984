/**
 * What needs a runtime's own way to listen and to connect says so.
 *
 * @module
 */

import { MuxError } from "../errors.ts";

/** @throws {MuxError} `unsupported` where there is no Deno: clearer than that its name is unknown. */
export function requireDeno(action: string): void {
  if ("Deno" in globalThis) return;
  throw new MuxError("unsupported", `Cannot ${action}: this needs Deno`);
}
