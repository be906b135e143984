/** Recordings by the Writer itself. */

import { asf, bufferSink, type StreamConfig, type StreamSample, Writer } from "../../../mod.ts";
import { AsfReader } from "../../../src/inspect/mod.ts";
import { FIXED } from "../../support/generate.ts";

export const PACKET_BYTES = 400;

const STREAMS: (StreamConfig & { streamNumber: number })[] = [
  { kind: "video", codec: "WMV2", codedWidth: 320, codedHeight: 240, streamNumber: 1, description: new Uint8Array(4) },
  { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1, streamNumber: 2 },
];

/** Three seconds: video whose frames fill up to four packets, a key frame every half second, and audio. */
export const SAMPLES: StreamSample[] = Array.from({ length: 75 }, (_, frame) => [
  {
    streamNumber: 1,
    type: frame % 12 === 0 ? "key" as const : "delta" as const,
    timestamp: frame * 40_000,
    duration: 40_000,
    data: bytesOf(frame % 12 === 0 ? 1500 : 90 + frame * 7 % 300, frame),
  },
  { streamNumber: 2, timestamp: frame * 40_000, duration: 40_000, data: bytesOf(640, 128 + frame) },
]).flat();

function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => at * 31 + seed * 17 & 0xff);
}

/** The file: finished, or as a kill leaves it. */
export async function record(form: "final" | "unfinished"): Promise<Uint8Array<ArrayBuffer>> {
  const sink = bufferSink();
  const container = asf({ packetBytes: PACKET_BYTES, prerollMs: 1000, ...FIXED });
  const writer = new Writer({ container, streams: STREAMS, sinks: [form === "final" ? sink : liveOnly(sink)] });
  await writer.beginWriting();
  for (const sample of SAMPLES) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return sink.bytes;
}

/** The same sink, never patched: what was written before the end is what a kill leaves. */
function liveOnly(sink: ReturnType<typeof bufferSink>) {
  return {
    keepsBytes: sink.keepsBytes,
    header: (bytes: Uint8Array<ArrayBuffer>) => sink.header(bytes),
    data: (...args: Parameters<typeof sink.data>) => sink.data(...args),
    close: () => sink.close(),
    abort: (reason: unknown) => sink.abort(reason),
  };
}

/** What each sample of a file is, to be compared. */
export async function samplesOf(bytes: Uint8Array): Promise<string[]> {
  const reader = await AsfReader.open(bytes);
  const told = await Array.fromAsync(
    reader.samples(),
    ({ streamNumber, presentationMs, isKey, data }) =>
      `${streamNumber} ${presentationMs} ${isKey} ${data.byteLength} ${
        data.reduce((sum, byte) => sum * 33 + byte | 0, 0)
      }`,
  );
  return told;
}

/** Where two files differ; `undefined`: nowhere. */
export function firstDifference(a: Uint8Array, b: Uint8Array): string | undefined {
  for (let at = 0; at < Math.max(a.byteLength, b.byteLength); at++) {
    if (a[at] !== b[at]) return `byte ${at} is ${a[at]}, expected ${b[at]}; ${a.byteLength} and ${b.byteLength} bytes`;
  }
  return undefined;
}
