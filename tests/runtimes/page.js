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

/**
 * A camera and a microphone of the browser's encoders, one of which gives nothing before the other has given a second: what
 * is in the file, and how many chunks there were.
 */
async function recordSlowly(slow) {
  const api = await loading;
  const sink = api.bufferSink();
  const writer = new api.Writer({
    container: api.asf(),
    sinks: [sink],
    streams: [
      { kind: "video", codec: "vp8", codedWidth: 160, codedHeight: 120 },
      { kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 1 },
    ],
  });
  await writer.beginWriting();
  const counts = [0, 0];
  const held = [];
  const output = (streamNumber) => (chunk, metadata) => {
    counts[streamNumber - 1]++;
    if (streamNumber === slow) held.push([chunk, metadata]);
    else void writer.writeSample(streamNumber, chunk, metadata);
  };
  const error = (error) => void writer.abort(error);
  const video = new VideoEncoder({ output: output(1), error });
  const audio = new AudioEncoder({ output: output(2), error });
  video.configure({ codec: "vp8", width: 160, height: 120, bitrate: 200_000, framerate: 25 });
  audio.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1, bitrate: 32_000 });
  const canvas = new OffscreenCanvas(160, 120);
  const context = canvas.getContext("2d");
  for (let i = 0; i < 50; i++) {
    const timestamp = i * 40_000;
    context.fillStyle = `hsl(${i * 12} 80% 50%)`;
    context.fillRect(i * 2, 20, 40, 60);
    const frame = new VideoFrame(canvas, { timestamp, duration: 40_000 });
    video.encode(frame, { keyFrame: i % 25 === 0 });
    frame.close();
    const wave = Float32Array.from({ length: 1920 }, (_, at) => 0.2 * Math.sin((1920 * i + at) / 17));
    const sound = {
      format: "f32",
      sampleRate: 48_000,
      numberOfFrames: 1920,
      numberOfChannels: 1,
      timestamp,
      data: wave,
    };
    const data = new AudioData(sound);
    audio.encode(data);
    data.close();
    if (i === 25) await Promise.all([video.flush(), audio.flush()]);
  }
  await Promise.all([video.flush(), audio.flush()]);
  for (const [chunk, metadata] of held) await writer.writeSample(slow, chunk, metadata);
  const { streams, losses, warnings } = await writer.endWriting();
  const written = streams.map(({ samplesProcessed }) => samplesProcessed);
  return { counts, written, losses, warnings: warnings.map(({ message }) => message) };
}

const tasks = { mux: async () => muxAll(await loading), encode: encodeFile, recordSlowly };

globalThis.run = (task, argument) => tasks[task](argument);
globalThis.addEventListener("message", async ({ data: [task, argument] }) => {
  if (typeof WorkerGlobalScope === "undefined") return;
  try {
    globalThis.postMessage({ value: await tasks[task](argument) });
  } catch (error) {
    globalThis.postMessage({ error: String(error?.stack ?? error) });
  }
});
