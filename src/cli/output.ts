/**
 * Where changed files go.
 *
 * @module
 */

import { fileSink, type SinkLike } from "../writer.ts";
import { STANDARD_STREAM, toPath, UsageError } from "./arguments.ts";
import type { Io } from "./io.ts";
import { refuseSameFile } from "./same_file.ts";
import { explain } from "./source.ts";

/** An output and what messages call it. */
export interface Output {
  readonly name: string;
  readonly sink: SinkLike;
}

/** Where `-o` says that a changed FILE goes; nothing where it is not given. @throws {UsageError} */
export async function openOutput(file: string, operand: string | undefined, io: Io): Promise<Output | undefined> {
  if (operand === undefined) return undefined;
  if (operand === STANDARD_STREAM) {
    if (io.outputIsTerminal) throw new UsageError("standard output is a terminal: redirect it, or name a file");
    return { name: "standard output", sink: io.output };
  }
  const name = toPath(operand);
  await refuseSameFile(file, name, "FILE");
  const sink = fileSink(name);
  const open = sink.open!.bind(sink);
  sink.open = () => explain(name, Promise.resolve(open()), "folder");
  return { name, sink };
}
