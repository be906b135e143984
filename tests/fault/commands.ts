/**
 * Commands that write, to be run where something of the system is short; afterwards a file is as it was, or valid.
 *
 * @module
 */

import { asRecorded } from "../repair/support/matroska.ts";
import { streamed } from "../repair/support/mp4.ts";
import { record } from "../repair/support/recording.ts";
import { run } from "../support/run.ts";
import { fixture } from "../support/temp.ts";
import { errorsIn } from "../support/valid.ts";

export const WHOLE = await record("final");
const UNFINISHED = await record("unfinished");
/** A packet is gone in the middle of its bytes: what is behind has to move. */
const CUT = new Uint8Array([...WHOLE.subarray(0, 20_100), ...WHOLE.subarray(20_300)]);

/** Cut where a page of the file system ends, so that what is appended needs another. */
const CUT_MATROSKA = (await Deno.readFile(fixture("hevc.mkv"))).slice(0, 5 * 4096);
const CUT_FRAGMENTS = (await streamed("vfr.mp4")).slice(0, 9 * 4096);
const RECORDED = await asRecorded(await Deno.readFile(fixture("vp9.webm")));

/** One command. */
export interface Case {
  /** What FILE holds before; absent: there is none. */
  before?: Uint8Array;
  /** Of FILE; default `wmv`. */
  extension?: string;
  /** It writes where there is something already. */
  needsNoRoom?: boolean;
  args(file: string): string[];
}

export const CASES: Record<string, Case> = {
  "tag in place": { before: WHOLE, needsNoRoom: true, args: (file) => ["tag", file, "--title", "x"] },
  "tag by a copy": { before: WHOLE, args: (file) => ["tag", file, "--description", "z".repeat(9000)] },
  "tag -o": { args: (file) => ["tag", fixture("wmv2_wma2.wmv"), "--title", "x", "-o", file] },
  "repair of an unfinished file": { before: UNFINISHED, args: (file) => ["repair", file, "--index-interval", "1"] },
  "repair by a copy": { before: CUT, args: (file) => ["repair", file] },
  "repair of Matroska": { before: CUT_MATROSKA, extension: "mkv", args: (file) => ["repair", file] },
  "repair of MP4": { before: CUT_FRAGMENTS, extension: "mp4", args: (file) => ["repair", file] },
  "repair of WebM by a copy": { before: RECORDED, extension: "webm", args: (file) => ["repair", file] },
  "repair -o": { args: (file) => ["repair", fixture("wmv2_wma2.wmv"), "-o", file] },
  "mux": { args: (file) => ["mux", fixture("clip.mp4"), "-o", file] },
  "mux to MP4": { extension: "mp4", args: (file) => ["mux", fixture("clip.mp4"), "-o", file] },
  "index": { before: WHOLE, args: (file) => ["index", file, "--interval", "1"] },
  "index by a copy": { before: WHOLE, args: (file) => ["index", file, "--time-index", "1", "--sample-index", "1"] },
};

/** What the validator and FFmpeg say of a file. */
export async function complaints(path: string): Promise<string[]> {
  const { code, stderr } = await run("ffprobe", ["-v", "error", "-show_entries", "stream=index", path]);
  return [...await errorsIn(await Deno.readFile(path)), ...code === 0 ? [] : [stderr]];
}
