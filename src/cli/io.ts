/**
 * What a command may touch of the world outside, so that tests can stand in for it.
 *
 * @module
 */

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
  /** Calls back at each Ctrl-C, or when asked to end (SIGTERM), until the function it answers is called. */
  onInterrupt(callback: () => void): () => void;
}

/** How a process is asked to end: by Ctrl-C, and by service managers, `kill` and `timeout`, which Windows has not. */
const END_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** The process's own. */
export function processIo(): Io {
  const encoder = new TextEncoder();
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
      for (const signal of END_SIGNALS) Deno.addSignalListener(signal, callback);
      return () => END_SIGNALS.forEach((signal) => Deno.removeSignalListener(signal, callback));
    },
  };
}
