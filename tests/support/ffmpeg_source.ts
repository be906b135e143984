/**
 * Samples of any file that FFmpeg can take apart, for codecs that our own demux does not read.
 *
 * @module
 */

import type { StreamSample } from "../../src/media/sample.ts";
import { ffprobe } from "./readers/ffmpeg.ts";
import { lines, runOk } from "./run.ts";

/** One stream of a file. */
export interface FfmpegSource {
  /** Codec private data; empty when there is none. */
  description: Uint8Array<ArrayBuffer>;
  samples: StreamSample[];
}

/** The first stream of a file, as stream 1. */
export async function ffmpegSource(path: string): Promise<FfmpegSource> {
  const { packets } = await ffprobe(path);
  const output = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-nostdin", "-i", path, "-map", "0:0", "-c", "copy", "-f", "data", "-"],
    stdin: "null",
  }).output();
  let at = 0;
  const samples = packets.filter(({ stream }) => stream === 0).map(({ pts, dts, size, isKey }): StreamSample => ({
    streamNumber: 1,
    data: output.stdout.slice(at, at += size),
    timestamp: Math.round(pts! * 1000),
    decodeTimestamp: Math.round(Math.min(dts!, pts!) * 1000),
    type: isKey ? "key" : "delta",
  }));
  return { description: await privateData(path), samples };
}

/** From ffprobe's hexadecimal dump: `00000000: 0000 01b0 …  ........`. */
async function privateData(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const args = ["-v", "error", "-select_streams", "0", "-show_data", "-show_entries", "stream=extradata"];
  const { stdout } = await runOk("ffprobe", [...args, "-of", "default=nw=1", path]);
  const digits = lines(stdout).flatMap((line) => line.match(/^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} ?)+) /)?.[1] ?? []);
  return Uint8Array.fromHex(digits.join("").replaceAll(" ", ""));
}
