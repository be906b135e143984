/**
 * What openMedia() hands out, in a form to compare.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Media, type MediaSource, openMedia } from "../../src/demux/mod.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import { runOk } from "../support/run.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";

/** Opens, reads everything, closes; bytes are copied. */
export async function readAll(
  source: MediaSource,
): Promise<{ media: Media; samples: StreamSample[]; error?: unknown }> {
  await using media = await openMedia(source);
  const samples: StreamSample[] = [];
  try {
    for await (const sample of media.samples) samples.push({ ...sample, data: sample.data.slice() });
  } catch (error) {
    return { media, samples, error };
  }
  return { media, samples };
}

/** One sample as a line: time in µs, key flag, size, hash. */
export function lineOf(sample: StreamSample): string {
  const hash = createHash("md5").update(sample.data).digest("hex");
  return `${sample.timestamp} ${sample.type === "key" ? "K" : "-"} ${sample.data.byteLength} ${hash}`;
}

/** What ffprobe says of each stream's packets, as the same lines; attached pictures are left out. */
export async function ffprobeLines(path: string): Promise<string[][]> {
  const { streams, packets } = await ffprobe(path);
  return streams.map(({ index }) =>
    packets.filter(({ stream }) => stream === index).map(({ pts, isKey, size, hash }) =>
      `${Math.round(pts! * 1000)} ${isKey ? "K" : "-"} ${size} ${hash}`
    )
  );
}

/** Whether two lists of lines agree, times within 1 µs or what is said; else what differs first. */
export function difference(actual: string[], expected: string[], tolerance = 1): string {
  if (actual.length !== expected.length) return `${actual.length} samples, not ${expected.length}`;
  for (let i = 0; i < actual.length; i++) {
    const [time, ...rest] = actual[i]!.split(" ");
    const [wantedTime, ...wantedRest] = expected[i]!.split(" ");
    if (Math.abs(Number(time) - Number(wantedTime)) > tolerance || rest.join() !== wantedRest.join()) {
      return `sample ${i}: ${actual[i]}, not ${expected[i]}`;
    }
  }
  return "";
}

/** Makes a file with ffmpeg from its synthetic sources. */
export async function makeMedia(path: string, ...args: string[]): Promise<string> {
  await runOk("ffmpeg", ["-v", "error", "-nostdin", "-y", "-threads", "1", ...args, path]);
  return path;
}

/** Bytes as a stream of chunks of one size. */
export function inChunks(bytes: Uint8Array, chunkBytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.slice(at, at += chunkBytes));
    },
  });
}
