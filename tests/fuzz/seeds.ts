/** Files to damage: the fixtures, and generated ones. */

import fc from "../support/fast_check.ts";
import { bytesOf } from "../property/play.ts";
import { sessions } from "../support/generate.ts";
import { write as writeEbml } from "../inspect/matroska/ebml.ts";
import { sampleFile } from "../inspect/matroska/sample_file.ts";
import { write as writeFragments } from "../inspect/mp4/write_fragments.ts";
import { fixture } from "../support/temp.ts";
import type { SeedFile } from "./cases.ts";

const FIXTURES = [
  "clip.mp4",
  "h264_nob_mp3.mkv",
  "tone.mp3",
  "tone.aac",
  "tone.wav",
  "wmv2_wma2.wmv",
  "wma2.wma",
  "vfr.mp4",
  "late_audio.mp4",
  "eac3.mp4",
  "hevc.mkv",
  "mpeg1.mkv",
  "opus.webm",
];

/** The same ones each time, so that a case can be repeated. */
const GENERATED_COUNT = 24;
const GENERATED_SEED = 1;

/** @param only Parts of names, of which one must be in a file's own; none: all files. */
export async function seedFiles(only: readonly string[] = []): Promise<SeedFile[]> {
  const files: SeedFile[] = [];
  const add = (name: string, bytes: Uint8Array) => {
    if (only.length > 0 && !only.some((part) => name.includes(part))) return;
    files.push({ name, bytes, isAsf: bytes[0] === 0x30 && bytes[1] === 0x26 });
  };
  for (const name of FIXTURES) add(name, await Deno.readFile(fixture(name)));
  add("all elements.mkv", writeEbml(sampleFile()));
  add("fragments.mp4", await writeFragments());
  const options = { seed: GENERATED_SEED, numRuns: GENERATED_COUNT };
  for (const [i, session] of fc.sample(sessions({ maxSamples: 15 }), options).entries()) {
    const bytes = await bytesOf(session, i % 3 === 0 ? "live" : "final");
    if (bytes.byteLength < 400_000) add(`generated ${i}`, bytes);
  }
  return files;
}
