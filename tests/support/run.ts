/**
 * Runs other programs: never interactive, never for ever, not more at once than the machine can carry.
 *
 * @module
 */

/** What a program left behind. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Beside the environment of this process. */
  env?: Record<string, string>;
  /** Folder to run in. */
  cwd?: string;
}

/** Longer than any program takes that does not hang, on any machine. */
export const PROGRAM_HANG_MS = 180_000;

const MAX_RUNNING = 4;
let running = 0;
const waiting: (() => void)[] = [];

async function enter(): Promise<void> {
  if (running < MAX_RUNNING) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
}

function leave(): void {
  const next = waiting.shift();
  if (next) next();
  else running--;
}

/** Runs `command` to its end; rejects only when it cannot start or does not end in time. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const { env, cwd } = options;
  await enter();
  let timedOut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const child = new Deno.Command(command, { args, env, cwd, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
    timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, PROGRAM_HANG_MS);
    const { code, stdout, stderr } = await child.output();
    if (timedOut) throw new Error(`${command} did not end within ${PROGRAM_HANG_MS} ms: ${args.join(" ")}`);
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    clearTimeout(timer);
    leave();
  }
}

/** As {@linkcode run}, for commands that must succeed. */
export async function runOk(command: string, args: string[], options?: RunOptions): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.code !== 0) throw new Error(`${command} ${args.join(" ")}\nexit code ${result.code}\n${result.stderr}`);
  return result;
}

/** The lines of a text that hold something. */
export function lines(text: string): string[] {
  return text.split(/[\r\n]+/).map((line) => line.trimEnd()).filter((line) => line !== "");
}
