/**
 * GStreamer's parsers and demuxers, one stream at a time: every buffer with its time and its bytes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { lines, runOk } from "../run.ts";

/** One buffer. */
export interface GstSample {
  /** Microseconds of stream time. */
  time: number;
  /** MD5. */
  hash: string;
}

function microseconds(time: string): number {
  const [hours, minutes, seconds] = time.split(":").map(Number) as [number, number, number];
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1e9) / 1e3;
}

/** The buffers that come out of the last of `elements`, a pipeline's part behind the file. */
export async function gstSamples(path: string, elements: readonly string[]): Promise<GstSample[]> {
  const { stdout } = await runOk("gst-launch-1.0", [
    ...["-v", "filesrc", `location=${path}`, "!", ...elements, "!", "identity", "silent=false"],
    ...["!", "checksumsink", "hash=md5", "sync=false"],
  ]);
  const out = lines(stdout);
  // What an edit list cuts off stands in the segment: buffers keep the times of their medium. A pause is one before.
  const segment = out.findLast((line) => line.includes("GstEventSegment"));
  const [start = 0, time = 0] = ["start", "time"].map((name) =>
    Number(segment?.match(new RegExp(` ${name}=\\(guint64\\)(\\d+)`))?.[1] ?? 0) / 1e3
  );
  return out.flatMap((line) => {
    const [, pts, hash] = line.match(/^(\d+:\d\d:\d\d\.\d{9}) ([0-9a-f]{32})$/) ?? [];
    // Headers have no time.
    return hash === undefined || pts!.startsWith("99:") ? [] : [{ time: microseconds(pts!) - start + time, hash }];
  });
}

/** MD5 of everything that comes out, back to back. */
export async function gstBytes(path: string, elements: readonly string[]): Promise<string> {
  const output = `${path}.bytes`;
  await runOk("gst-launch-1.0", [
    ...["-q", "filesrc", `location=${path}`, "!", ...elements, "!", "filesink", `location=${output}`],
  ]);
  return md5(await Deno.readFile(output));
}

/** As readers print it. */
export function md5(...pieces: readonly Uint8Array[]): string {
  const hash = createHash("md5");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
