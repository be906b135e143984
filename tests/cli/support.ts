/**
 * A world of strings for commands to run in.
 *
 * @module
 */

import { type Io, run } from "../../src/cli/mod.ts";

/** What a command did. */
export interface Ran {
  code: number;
  /** Standard output as text. */
  printed: string;
  /** Standard error. */
  reported: string;
  /** Standard output as bytes, where media went there. */
  output: Uint8Array;
}

/** What can be different about the world. */
export interface World {
  input?: ReadableStream<Uint8Array>;
  output?: WritableStream<Uint8Array<ArrayBuffer>>;
  inputIsTerminal?: boolean;
  outputIsTerminal?: boolean;
  errorIsTerminal?: boolean;
  /** How many pieces of text are taken before nobody reads any more. */
  readerPatience?: number;
  /** Environment variables. */
  environment?: Record<string, string>;
  /** Hears what goes to standard output as text. */
  onPrint?(text: string): void;
  /** Hears what goes to standard error. */
  onReport?(text: string): void;
  /** Gets the function that presses Ctrl-C; it answers how many heard it: none, and a process would have ended. */
  onStart?(interrupt: () => number): void;
}

/** Runs a command line in a world of its own. */
export async function runIn(world: World, ...args: string[]): Promise<Ran> {
  const listeners = new Set<() => void>();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let printed = "";
  let reported = "";
  let patience = world.readerPatience ?? Infinity;
  const io: Io = {
    input: world.input ?? new ReadableStream({ start: (controller) => controller.close() }),
    output: world.output ?? new WritableStream({ write: (chunk) => void chunks.push(chunk.slice()) }),
    inputIsTerminal: world.inputIsTerminal ?? false,
    outputIsTerminal: world.outputIsTerminal ?? false,
    errorIsTerminal: world.errorIsTerminal ?? false,
    print(text) {
      if (patience-- <= 0) return Promise.resolve(false);
      printed += text;
      world.onPrint?.(text);
      return Promise.resolve(true);
    },
    report(text) {
      reported += text;
      world.onReport?.(text);
    },
    environment: (name) => world.environment?.[name],
    onInterrupt(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
  world.onStart?.(() => {
    const { size } = listeners;
    listeners.forEach((callback) => callback());
    return size;
  });
  const code = await run(args, io);
  if (listeners.size > 0) throw new Error("a listener for Ctrl-C was left behind");
  const output = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return { code, printed, reported, output };
}
