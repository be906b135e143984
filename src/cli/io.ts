/**
 * What a command may touch of the world outside, so that tests can stand in for it.
 *
 * @module
 */

import { plainText } from "../wire/url.ts";

/** Standard streams and signals. */
export interface Io {
  /** Standard input; looked at only when a command reads it. */
  readonly input: ReadableStream<Uint8Array>;
  /** Standard output, for media. */
  readonly output: WritableStream<Uint8Array<ArrayBuffer>>;
  /** Whether somebody types into standard input. */
  readonly inputIsTerminal: boolean;
  /** Whether standard output goes to a screen. */
  readonly outputIsTerminal: boolean;
  /** Whether standard error goes to a screen: then, and only then, progress is shown. */
  readonly errorIsTerminal: boolean;
  /** Writes text to standard output. False: nobody reads it any more, and nothing more is to be written. */
  print(text: string): Promise<boolean>;
  /** Writes text to standard error. */
  report(text: string): void;
  /** An environment variable; nothing secret stands on a command line. */
  environment(name: string): string | undefined;
  /** Calls back at each Ctrl-C, or where a service manager asks the process to end, until the function it answers is called. */
  onInterrupt(callback: () => void): () => void;
}

/** Back to the first column, and away with what stands there: how a line begins that replaces the last one. */
export const CLEAR = "\r\x1b[K";

/** The same world, in which no text of a file, a peer or a name moves a terminal's cursor. */
export function withPlainText(io: Io): Io {
  return {
    get input() {
      return io.input;
    },
    get output() {
      return io.output;
    },
    inputIsTerminal: io.inputIsTerminal,
    outputIsTerminal: io.outputIsTerminal,
    errorIsTerminal: io.errorIsTerminal,
    print: (text) => io.print(io.outputIsTerminal ? plainText(text) : text),
    report(text) {
      io.report(text.startsWith(CLEAR) ? CLEAR + plainText(text.slice(CLEAR.length)) : plainText(text));
    },
    environment: (name) => io.environment(name),
    onInterrupt: (callback) => io.onInterrupt(callback),
  };
}

/** The process's own. */
export function processIo(): Io {
  const encoder = new TextEncoder();
  // Windows has no SIGTERM.
  const stopSignals: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  return {
    get input() {
      return Deno.stdin.readable;
    },
    get output() {
      return Deno.stdout.writable;
    },
    inputIsTerminal: Deno.stdin.isTerminal(),
    outputIsTerminal: Deno.stdout.isTerminal(),
    errorIsTerminal: Deno.stderr.isTerminal(),
    async print(text) {
      const bytes = encoder.encode(text);
      try {
        for (let at = 0; at < bytes.byteLength;) at += await Deno.stdout.write(bytes.subarray(at));
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) return false;
        throw error;
      }
    },
    report(text) {
      const bytes = encoder.encode(text);
      try {
        for (let at = 0; at < bytes.byteLength;) at += Deno.stderr.writeSync(bytes.subarray(at));
      } catch {
        // Nobody listens: not a reason to fail.
      }
    },
    environment: (name) => Deno.env.get(name),
    onInterrupt(callback) {
      for (const signal of stopSignals) Deno.addSignalListener(signal, callback);
      return () => {
        for (const signal of stopSignals) Deno.removeSignalListener(signal, callback);
      };
    },
  };
}
