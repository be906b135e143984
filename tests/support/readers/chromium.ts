/**
 * Chromium without a window, over its debugging protocol: does it play a file through Media Source Extensions?
 *
 * @module
 */

/** What became of a file in a `SourceBuffer`. */
export interface Playback {
  /** What went wrong; empty when nothing did. */
  errors: string[];
  /** Start and end of each buffered range, seconds. */
  buffered: [number, number][];
  /** Times of the pictures shown while playing from the start to the end, seconds. */
  shown: number[];
  /** Pictures decoded. */
  frameCount: number;
  /** Where it stood after seeking to each target, and whether there was a picture. */
  seeks: { time: number; ready: boolean }[];
}

// Runs in the page. Pieces are appended one by one, as they come from a network.
const PAGE = `async ({ type, pieces, targets }) => {
  const errors = [];
  const video = document.createElement("video");
  video.muted = true;
  video.playbackRate = video.defaultPlaybackRate = 3;
  document.body.append(video);
  const within = (promise, what) => Promise.race([
    promise,
    new Promise((_, reject) => setTimeout(() => reject(new Error(what + " takes too long")), 60000)),
  ]);
  const once = (target, name) => within(new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error?.message)), { once: true });
  }), name);
  const shown = [];
  const seeks = [];
  let buffered = [];
  try {
    const source = new MediaSource();
    video.src = URL.createObjectURL(source);
    await once(source, "sourceopen");
    const buffer = source.addSourceBuffer(type);
    for (const piece of pieces) {
      buffer.appendBuffer(Uint8Array.from(atob(piece), (letter) => letter.charCodeAt(0)));
      await once(buffer, "updateend");
    }
    source.endOfStream();
    buffered = Array.from({ length: buffer.buffered.length }, (_, i) => [buffer.buffered.start(i), buffer.buffered.end(i)]);
    const watch = () => video.requestVideoFrameCallback((_, { mediaTime }) => (shown.push(mediaTime), watch()));
    watch();
    video.currentTime = buffered[0][0];
    await video.play();
    await once(video, "ended");
    for (const target of targets) {
      const done = once(video, "seeked");
      video.currentTime = target;
      await done;
      seeks.push({ time: video.currentTime, ready: video.readyState >= 2 });
    }
  } catch (error) {
    errors.push(String(error));
  }
  return { errors, buffered, shown, frameCount: video.getVideoPlaybackQuality().totalVideoFrames, seeks };
}`;

/** Plays `pieces`, whose first begins with the header, and seeks to `targets` (seconds) then. */
export async function playInChromium(
  type: string,
  pieces: readonly Uint8Array[],
  targets: readonly number[],
): Promise<Playback> {
  const argument = JSON.stringify({ type, pieces: pieces.map((piece) => piece.toBase64()), targets });
  return await evaluate(`(${PAGE})(${argument})`) as Playback;
}

/** What Chromium makes of a whole file. */
export interface WholeFile {
  /** Of `decodeAudioData` at 48 kHz: samples of a channel, and which of them is the loudest. */
  samples: number;
  loudest: number;
  /** Of a `<video>`: seconds, and what went wrong. */
  duration: number;
  error: string;
}

// Runs in the page.
const WHOLE = `async ({ bytes }) => {
  const data = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([data]));
  const error = await new Promise((resolve) => {
    video.onerror = () => resolve(video.error.message || "cannot play");
    video.oncanplaythrough = () => resolve("");
    setTimeout(() => resolve("takes too long"), 30000);
  });
  const context = new OfflineAudioContext(1, 1, 48000);
  const sound = await context.decodeAudioData(data.buffer);
  const values = sound.getChannelData(0);
  let loudest = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[loudest])) loudest = i;
  return { samples: values.length, loudest, duration: video.duration, error };
}`;

/** Opens a whole file that has sound, as a page does that was given it. */
export async function openInChromium(bytes: Uint8Array): Promise<WholeFile> {
  return await evaluate(`(${WHOLE})(${JSON.stringify({ bytes: bytes.toBase64() })})`) as WholeFile;
}

/** Runs in the page of any browser: records a picture that changes, and a tone; answers Base64. */
export const RECORDER = `async ({ type, durationMs }) => {
  const canvas = document.createElement("canvas");
  canvas.width = 160;
  canvas.height = 120;
  const context = canvas.getContext("2d");
  let count = 0;
  setInterval(() => {
    context.fillStyle = "hsl(" + count++ * 7 % 360 + " 80% 50%)";
    context.fillRect(0, 0, 160, 120);
  }, 33);
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const output = audio.createMediaStreamDestination();
  tone.connect(output);
  tone.start();
  const stream = new MediaStream([...canvas.captureStream(30).getTracks(), ...output.stream.getTracks()]);
  const recorder = new MediaRecorder(stream, { mimeType: type });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => recorder.onstop = resolve);
  recorder.start(200);
  setTimeout(() => recorder.stop(), durationMs);
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}`;

/** What a `MediaRecorder` makes of a canvas and a tone. */
export async function recordInChromium(type: string, durationMs: number): Promise<Uint8Array<ArrayBuffer>> {
  const text = await evaluate(`(${RECORDER})(${JSON.stringify({ type, durationMs })})`) as string;
  return Uint8Array.fromBase64(text);
}

/** What a `<video>` makes of a whole file. */
export interface Seeking {
  /** What went wrong; absent: nothing did. */
  error?: string;
  /** Seconds; null: not finite. */
  duration: number | null;
  /** Where seeking may lead to, seconds. */
  seekable: [number, number][];
  /** Where it stood after seeking to each target, and whether there was a picture. */
  seeks: { time: number; ready: boolean }[];
}

// Runs in the page.
const SEEKER = `async ({ type, file, targets }) => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const once = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error?.message)), { once: true });
    setTimeout(() => reject(new Error(name + " takes too long")), 20000);
  });
  const facts = { duration: null, seekable: [], seeks: [] };
  try {
    const loaded = once("loadeddata");
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0))], { type }));
    await loaded;
    facts.duration = Number.isFinite(video.duration) ? video.duration : null;
    facts.seekable = Array.from({ length: video.seekable.length }, (_, i) => [video.seekable.start(i), video.seekable.end(i)]);
    for (const target of targets) {
      const done = once("seeked");
      video.currentTime = target;
      await done;
      facts.seeks.push({ time: video.currentTime, ready: video.readyState >= 2 });
    }
  } catch (error) {
    facts.error = String(error);
  }
  return facts;
}`;

/** Opens each file in a `<video>` and seeks to its targets (seconds). */
export async function seekInChromium(
  files: readonly { readonly type: string; readonly bytes: Uint8Array; readonly targets: readonly number[] }[],
): Promise<Seeking[]> {
  const argument = JSON.stringify(files.map(({ type, bytes, targets }) => ({ type, file: bytes.toBase64(), targets })));
  const all = `(async (files) => {
    const found = [];
    for (const file of files) found.push(await (${SEEKER})(file));
    return found;
  })(${argument})`;
  return await evaluate(all) as Seeking[];
}

/** What Chromium decodes of a file's sound. */
export interface DecodedSound {
  /** What went wrong; absent: nothing did. */
  error?: string;
  /** Samples of one channel. */
  length: number;
  /** Which of them is the loudest. */
  loudest: number;
}

// Runs in the page.
const DECODER = `async ({ file, sampleRate }) => {
  try {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const context = new OfflineAudioContext(1, 1, sampleRate);
    const values = (await context.decodeAudioData(bytes.buffer)).getChannelData(0);
    let loudest = 0;
    values.forEach((value, i) => { if (Math.abs(value) > Math.abs(values[loudest])) loudest = i; });
    return { length: values.length, loudest };
  } catch (error) {
    return { error: String(error), length: 0, loudest: -1 };
  }
}`;

/** Decodes the sound of each file as a whole. */
export async function decodeInChromium(
  files: readonly { readonly bytes: Uint8Array }[],
  sampleRate: number,
): Promise<DecodedSound[]> {
  const argument = JSON.stringify(files.map(({ bytes }) => ({ file: bytes.toBase64(), sampleRate })));
  return await evaluate(`Promise.all(${argument}.map(${DECODER}))`) as DecodedSound[];
}

/** What a `MediaRecorder` makes of a canvas and a tone, in each of these types; null: it makes no such. */
export async function recordAllInChromium(
  types: readonly string[],
  durationMs: number,
): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
  const all = `Promise.all(${JSON.stringify(types)}.map((type) =>
    MediaRecorder.isTypeSupported(type) ? (${RECORDER})({ type, durationMs: ${durationMs} }) : null))`;
  const texts = await evaluate(all) as (string | null)[];
  return texts.map((text) => text === null ? null : Uint8Array.fromBase64(text));
}

/** What an expression comes to in an empty page, once it has settled. */
async function evaluate(expression: string): Promise<unknown> {
  const profile = await Deno.makeTempDir();
  const child = new Deno.Command("chromium", {
    args: [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const protocol = await Protocol.open(await findEndpoint(stderr));
    try {
      const { targetId } = await protocol.send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await protocol.send("Target.attachToTarget", { targetId, flatten: true });
      const call = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await protocol.send("Runtime.evaluate", call, sessionId as string);
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: unknown }).value;
    } finally {
      await protocol.close();
    }
  } finally {
    child.kill("SIGTERM");
    await drain(stderr);
    await child.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // a helper process may still write there
  }
}

/** Where the protocol is spoken, from what the browser says of it. */
async function findEndpoint(stderr: ReadableStreamDefaultReader<string>): Promise<string> {
  for (let text = "";;) {
    const { value, done } = await stderr.read();
    if (done) throw new Error(`Chromium does not start: ${text}`);
    text += value;
    const endpoint = text.match(/DevTools listening on (ws:\S+)\s/)?.[1];
    if (endpoint !== undefined) return endpoint;
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

type Answer = Record<string, unknown>;

/** Calls and their answers. */
class Protocol {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    });
  }

  static async open(endpoint: string): Promise<Protocol> {
    const socket = new WebSocket(endpoint);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    return new Protocol(socket);
  }

  send(method: string, params: Answer, sessionId?: string): Promise<Answer> {
    const id = ++this.#id;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return waiting.promise;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.addEventListener("close", resolve, { once: true }));
    this.#socket.close();
    await closed;
  }
}
