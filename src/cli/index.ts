/**
 * `muxwell index`: gives a sound file its indexes.
 *
 * @module
 */

import { index } from "../repair/mod.ts";
import { onlyOperand, parseCommandLine, toPath, wholeNumber } from "./arguments.ts";
import { count, formatBytes } from "./format.ts";
import type { Io } from "./io.ts";
import { explain } from "./source.ts";

/** What `muxwell index --help` says. */
export const INDEX_HELP = `Adds an index to an .asf or .wmv file, or replaces the one it has.

Usage: muxwell index FILE [options]

With an index players seek exactly and at once. FILE is changed where it lies.

Options:
      --interval MS  distance of index entries (200)
  -h, --help         this text

Examples:
  muxwell index film.wmv --interval 100
`;

const OPTIONS = {
  "interval": { type: "string" },
  "help": { type: "boolean", short: "h" },
} as const;

const MAX_DWORD = 0xFFFF_FFFF;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runIndex(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(INDEX_HELP), 0;
  const path = toPath(onlyOperand(positionals, "FILE"));
  const wantedMs = wholeNumber("--interval", values.interval, 1, MAX_DWORD);
  const { size, indexCount, indexIntervalMs } = await explain(path, index(path, { indexIntervalMs: wantedMs }));
  const facts = indexCount > 0
    ? `${count(indexCount, "video stream")} indexed every ${indexIntervalMs} ms`
    : "no video with key frames, seekable without an index";
  io.report(`${path}: ${facts}, ${formatBytes(size)}\n`);
  return 0;
}
