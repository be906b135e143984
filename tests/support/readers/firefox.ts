/**
 * Firefox without a window, over WebDriver BiDi: what does its MediaRecorder write?
 *
 * @module
 */

import { RECORDER } from "./chromium.ts";

interface Answer {
  readonly id: number;
  // deno-lint-ignore no-explicit-any -- what the protocol answers
  readonly result?: any;
  readonly error?: string;
  readonly message?: string;
}

/** What a `MediaRecorder` makes of a canvas and a tone, in each of these types; null: it makes no such. */
export async function recordAllInFirefox(
  types: readonly string[],
  durationMs: number,
): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
  const profile = await Deno.makeTempDir();
  const child = new Deno.Command("firefox-esr", {
    args: ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "about:blank"],
    env: { HOME: profile },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const socket = new WebSocket(`${await findEndpoint(stderr)}/session`);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    try {
      return await record(socket, types, durationMs);
    } finally {
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve, { once: true }));
      socket.close();
      await closed;
    }
  } finally {
    child.kill("SIGTERM");
    while (!(await stderr.read()).done);
    await child.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // a helper process may still write there
  }
}

async function record(
  socket: WebSocket,
  types: readonly string[],
  durationMs: number,
): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
  await send(socket, 1, "session.new", { capabilities: {} });
  const { contexts } = await send(socket, 2, "browsingContext.getTree", {});
  const recorded: (Uint8Array<ArrayBuffer> | null)[] = [];
  for (const [i, type] of types.entries()) {
    const argument = JSON.stringify({ type, durationMs });
    const expression = `MediaRecorder.isTypeSupported(${JSON.stringify(type)}) ? (${RECORDER})(${argument}) : null`;
    const target = { context: contexts[0].context };
    const { exceptionDetails, result } = await send(socket, 3 + i, "script.evaluate", {
      expression,
      awaitPromise: true,
      target,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    recorded.push(result.type === "string" ? Uint8Array.fromBase64(result.value) : null);
  }
  return recorded;
}

/** Calls, and waits for the answer. */
async function send(socket: WebSocket, id: number, method: string, params: unknown): Promise<Answer["result"]> {
  const answered = new Promise<Answer>((resolve) => {
    const take = ({ data }: MessageEvent) => {
      const answer = JSON.parse(data) as Answer;
      if (answer.id !== id) return;
      socket.removeEventListener("message", take);
      resolve(answer);
    };
    socket.addEventListener("message", take);
  });
  socket.send(JSON.stringify({ id, method, params }));
  const { error, message, result } = await answered;
  if (error !== undefined) throw new Error(`${error}: ${message}`);
  return result;
}

/** Where the protocol is spoken, from what the browser says of it. */
async function findEndpoint(stderr: ReadableStreamDefaultReader<string>): Promise<string> {
  for (let text = "";;) {
    const { value, done } = await stderr.read();
    if (done) throw new Error(`Firefox does not start: ${text}`);
    text += value;
    const endpoint = text.match(/WebDriver BiDi listening on (ws:\S+)\s/)?.[1];
    if (endpoint !== undefined) return endpoint;
  }
}
