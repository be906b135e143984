/**
 * `muxwell inspect`: shows what is in an ASF, MP4 or Matroska file.
 *
 * @module
 */

import { type ByteSource, inspectLines, inspectTree } from "../inspect/mod.ts";
import { onlyOperand, parseCommandLine, toPath } from "./arguments.ts";
import type { Io } from "./io.ts";
import { withSource } from "./source.ts";

/** What `muxwell inspect --help` says. */
export const INSPECT_HELP = `Shows what is in an ASF (.asf, .wmv, .wma), MP4 (.mp4, .m4a, .mov …) or Matroska
(.mkv, .webm) file, and what is wrong with it.

Usage: muxwell inspect FILE [options]

FILE is a file, mmsh://… as a server plays it, or - for standard input.

Options:
  --packets   also every data packet with its payloads; of MP4 every sample,
              of Matroska every block
  --json      as JSON, for programs
  -h, --help  this text

Examples:
  muxwell inspect clip.wmv | less
  muxwell inspect clip.wmv --packets | grep "packet 17 "
  muxwell inspect clip.wmv --json | jq .problems
`;

const OPTIONS = {
  "json": { type: "boolean" },
  "packets": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

/** Text is handed over in pieces of about this many characters. */
const PIECE_LENGTH = 1 << 16;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runInspect(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(INSPECT_HELP), 0;
  const name = toPath(onlyOperand(positionals, "FILE"));
  const printer = new Printer(io);
  await withSource(name, io, (source) => show(source, values, printer), () => printer.flush());
  return 0;
}

async function show(
  source: ByteSource,
  options: { json?: boolean; packets?: boolean },
  printer: Printer,
): Promise<void> {
  const { json, packets = false } = options;
  const lines = json ? jsonLines(await inspectTree(source, { packets })) : inspectLines(source, { packets });
  for await (const line of lines) {
    await printer.line(line);
    if (!printer.isRead) return;
  }
  await printer.flush();
}

/** Prints lines in pieces: one by one they would take longer than all else. */
class Printer {
  readonly #io: Io;
  #piece = "";
  /** False: nobody reads it any more. */
  isRead = true;

  constructor(io: Io) {
    this.#io = io;
  }

  line(text: string): Promise<void> | undefined {
    this.#piece += text + "\n";
    return this.#piece.length < PIECE_LENGTH ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const piece = this.#piece;
    this.#piece = "";
    if (piece !== "" && this.isRead) this.isRead = await this.#io.print(piece);
  }
}

/** JSON node by node: as one text it could be longer than a string may be. */
function* jsonLines(tree: Awaited<ReturnType<typeof inspectTree>>): Generator<string, void, undefined> {
  const { children, ...rest } = tree;
  yield JSON.stringify(rest, null, 2).replace(/\n\}$/, ",");
  yield '  "children": [';
  for (const [i, { children: inner, ...node }] of children.entries()) {
    yield indented(node, 4).replace(/\n {4}\}$/, ",");
    yield '      "children": [';
    for (const [j, child] of inner.entries()) yield indented(child, 8) + (j + 1 < inner.length ? "," : "");
    yield "      ]";
    yield "    }" + (i + 1 < children.length ? "," : "");
  }
  yield "  ]";
  yield "}";
}

function indented(value: unknown, depth: number): string {
  const indent = " ".repeat(depth);
  return indent + JSON.stringify(value, null, 2).replaceAll("\n", "\n" + indent);
}
