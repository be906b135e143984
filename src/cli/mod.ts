/**
 * The command line tool.
 *
 * ```sh
 * deno install -gA -n muxwell jsr:@muxwell/muxwell/cli
 * muxwell mux clip.mp4 -o clip.wmv
 * muxwell inspect clip.wmv
 * ```
 *
 * @module
 */

import { processIo } from "./io.ts";
import { run } from "./run.ts";

export type { Io } from "./io.ts";
export { run };

if (import.meta.main) Deno.exit(await run(Deno.args, processIo()));
