/**
 * From a command line to an exit code.
 *
 * @module
 */

import { nearest, UsageError } from "./arguments.ts";
import { type Io, withPlainText } from "./io.ts";

/** As in deno.json. */
export const VERSION = "0.2.0";

const HELP = `Media from one container into another, without re-encoding.

Usage:
  muxwell mux INPUT -o OUTPUT [options]  copy a file or a stream into a new file
  muxwell info FILE [options]            say what a file is, in a few lines
  muxwell inspect FILE [options]         show what is in a file
  muxwell push INPUT URL [options]       send live to a server
  muxwell serve [options]                receive live streams, and serve players
  muxwell validate FILE [options]        judge a file by the rules
  muxwell repair FILE [options]          mend a broken or unfinished recording
  muxwell index FILE [options]           give a file an index
  muxwell tag FILE [options]             change title, cover and more
  muxwell help COMMAND                   say more about a command
  muxwell --version

Examples:
  muxwell mux clip.mp4 -o clip.wmv
  muxwell info clip.wmv
  muxwell push clip.mp4 http://127.0.0.1:8080/live

Exit codes: 0 done, 1 the job failed, 2 the command line is wrong, 3 done, but
samples or streams are missing.
`;

/** A command. */
interface Command {
  /** Runs it; answers the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
  readonly help: string;
}

/** Each is loaded when it is asked for: most of the time of a short job is loading. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  mux: () => import("./mux.ts").then(({ runMux: run, MUX_HELP: help }) => ({ run, help })),
  info: () => import("./info.ts").then(({ runInfo: run, INFO_HELP: help }) => ({ run, help })),
  inspect: () => import("./inspect.ts").then(({ runInspect: run, INSPECT_HELP: help }) => ({ run, help })),
  push: () => import("./push.ts").then(({ runPush: run, PUSH_HELP: help }) => ({ run, help })),
  serve: () => import("./serve.ts").then(({ runServe: run, SERVE_HELP: help }) => ({ run, help })),
  validate: () => import("./validate.ts").then(({ runValidate: run, VALIDATE_HELP: help }) => ({ run, help })),
  repair: () => import("./repair.ts").then(({ runRepair: run, REPAIR_HELP: help }) => ({ run, help })),
  index: () => import("./index.ts").then(({ runIndex: run, INDEX_HELP: help }) => ({ run, help })),
  tag: () => import("./tag.ts").then(({ runTag: run, TAG_HELP: help }) => ({ run, help })),
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
 * console.log(await run(["--version"], io)); // muxwell 0.2.0, 0
 * ```
 *
 * @param args What stands behind the program's name.
 * @param io The world outside.
 * @returns The exit code: 0 done, 1 the job failed (one line on standard error says why), 2 the command line is wrong,
 * 3 done, but samples or streams are missing that were not deselected.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  return await runCommand(args, withPlainText(io));
}

async function runCommand([name, ...rest]: readonly string[], io: Io): Promise<number> {
  try {
    if (name === undefined) return io.report(HELP), 2;
    if (name === "--help" || name === "-h") return await showHelp(rest, io);
    if (name === "--version") return await io.print(`muxwell ${VERSION}\n`), 0;
    if (name === "help") return await showHelp(rest, io);
    return await (await load(name)).run(rest, io);
  } catch (error) {
    if (error instanceof UsageError) {
      const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? `muxwell ${name}` : "muxwell";
      io.report(`${command}: ${error.message}\nTry "${command} --help".\n`);
      return 2;
    }
    io.report(`muxwell: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function showHelp([name]: readonly string[], io: Io): Promise<number> {
  await io.print(name === undefined ? HELP : (await load(name)).help);
  return 0;
}

async function load(name: string): Promise<Command> {
  if (!Object.hasOwn(COMMANDS, name)) {
    const known = nearest(name, Object.keys(COMMANDS));
    const advice = known === undefined ? "" : `: did you mean "${known}"?`;
    throw new UsageError(`there is no command ${JSON.stringify(name)}${advice}`);
  }
  return await COMMANDS[name]!();
}
