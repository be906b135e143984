/**
 * From a command line to an exit code.
 *
 * @module
 */

import { UsageError } from "./arguments.ts";
import { INDEX_HELP, runIndex } from "./index.ts";
import { INSPECT_HELP, runInspect } from "./inspect.ts";
import type { Io } from "./io.ts";
import { MUX_HELP, runMux } from "./mux.ts";
import { PUSH_HELP, runPush } from "./push.ts";
import { REPAIR_HELP, runRepair } from "./repair.ts";
import { runServe, SERVE_HELP } from "./serve.ts";
import { runTag, TAG_HELP } from "./tag.ts";
import { runValidate, VALIDATE_HELP } from "./validate.ts";

/** As in deno.json. */
export const VERSION = "0.1.0";

const HELP = `Media into ASF, WMV and WMA, without re-encoding.

Usage:
  muxwell mux INPUT -o OUTPUT [options]  copy a file or a stream into a new file
  muxwell inspect FILE [options]         show what is in an ASF file
  muxwell push INPUT URL [options]       send live to a server
  muxwell serve [options]                receive live streams, and serve players
  muxwell validate FILE [options]        judge an ASF file by the rules
  muxwell repair FILE [options]          mend a broken or unfinished ASF file
  muxwell index FILE [options]           give an ASF file an index
  muxwell tag FILE [options]             change title, cover and more
  muxwell help COMMAND                   say more about a command
  muxwell --version

Examples:
  muxwell mux clip.mp4 -o clip.wmv
  muxwell inspect clip.wmv | less
  muxwell push clip.mp4 http://127.0.0.1:8080/live
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[], io: Io) => Promise<number>>> = {
  mux: runMux,
  inspect: runInspect,
  push: runPush,
  serve: runServe,
  validate: runValidate,
  repair: runRepair,
  index: runIndex,
  tag: runTag,
  help: showHelp,
};

const HELP_TEXTS: Readonly<Record<string, string>> = {
  mux: MUX_HELP,
  inspect: INSPECT_HELP,
  push: PUSH_HELP,
  serve: SERVE_HELP,
  validate: VALIDATE_HELP,
  repair: REPAIR_HELP,
  index: INDEX_HELP,
  tag: TAG_HELP,
};

/**
 * Runs one command. Never throws.
 *
 * @example
 * ```ts
 * import { type Io, run } from "@muxwell/muxwell/cli";
 *
 * const io: Io = {
 *   input: new Blob([]).stream(),
 *   output: new WritableStream(),
 *   inputIsTerminal: false,
 *   outputIsTerminal: false,
 *   errorIsTerminal: false,
 *   print: (text) => (console.log(text), Promise.resolve(true)),
 *   report: (text) => console.error(text),
 *   environment: () => undefined,
 *   onInterrupt: () => () => {},
 * };
 * console.log(await run(["--version"], io)); // muxwell 0.1.0, 0
 * ```
 *
 * @param args What stands behind the program's name.
 * @param io The world outside.
 * @returns The exit code: 0 done, 1 the job failed (one line on standard error says why), 2 the command line is wrong.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined) return io.report(HELP), 2;
    if (name === "--help" || name === "-h") return await showHelp(rest, io);
    if (name === "--version") return await io.print(`muxwell ${VERSION}\n`), 0;
    if (Object.hasOwn(COMMANDS, name)) return await COMMANDS[name]!(rest, io);
    throw new UsageError(`there is no command ${JSON.stringify(name)}`);
  } catch (error) {
    if (error instanceof UsageError) {
      const command = name !== undefined && Object.hasOwn(HELP_TEXTS, name) ? `muxwell ${name}` : "muxwell";
      io.report(`${command}: ${error.message}\nTry "${command} --help".\n`);
      return 2;
    }
    io.report(`muxwell: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function showHelp([name]: readonly string[], io: Io): Promise<number> {
  if (name !== undefined && !Object.hasOwn(HELP_TEXTS, name)) {
    throw new UsageError(`there is no command ${JSON.stringify(name)}`);
  }
  await io.print(name === undefined ? HELP : HELP_TEXTS[name]!);
  return 0;
}
