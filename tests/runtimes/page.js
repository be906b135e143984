/** What a page and a worker of it run in a browser, and an encoder of the browser's whose output is muxed. */

import { muxAll } from "./program.js";

// Not there where types are checked.
const loading = import(new URL("./node_modules/@muxwell/muxwell/mod.js", import.meta.url).href);

/** Thirty pictures through an encoder of the browser's into a file, in base64; `undefined` when it has no such encoder. */
async function encodeFile(codec) {
  const config = { codec, width: 160, height: 120, bitrate: 200_000, framerate: 30 };
  if (typeof VideoEncoder === "undefined" || !(await VideoEncoder.isConfigSupported(config)).supported) {
    return undefined;
  }
  const api = await loading;
  const sink = api.bufferSink();
  const writer = new api.Writer({
    container: api.asf(),
    sinks: [sink],
    streams: [{ kind: "video", codec, codedWidth: 160, codedHeight: 120 }],
  });
  await writer.beginWriting();
  const encoder = new VideoEncoder({
    output: (chunk, metadata) => void writer.writeSample(1, chunk, metadata),
    error: (error) => void writer.abort(error),
  });
  encoder.configure(config);
  const canvas = new OffscreenCanvas(160, 120);
  const context = canvas.getContext("2d");
  for (let i = 0; i < 30; i++) {
    context.fillStyle = `hsl(${i * 12} 80% 50%)`;
    context.fillRect(i * 4, 20, 40, 60);
    const frame = new VideoFrame(canvas, { timestamp: Math.round(i * 1e6 / 30), duration: 33_333 });
    encoder.encode(frame, { keyFrame: i % 15 === 0 });
    frame.close();
  }
  await encoder.flush();
  await writer.endWriting();
  return btoa(Array.from(sink.bytes, (byte) => String.fromCharCode(byte)).join(""));
}

const tasks = { mux: async () => muxAll(await loading), encode: encodeFile };

globalThis.run = (task, argument) => tasks[task](argument);
globalThis.addEventListener("message", async ({ data: [task, argument] }) => {
  if (typeof WorkerGlobalScope === "undefined") return;
  try {
    globalThis.postMessage({ value: await tasks[task](argument) });
  } catch (error) {
    globalThis.postMessage({ error: String(error?.stack ?? error) });
  }
});
