/** Files to damage: the fixtures, and generated ones. */

import fc from "../support/fast_check.ts";
import { bytesOf } from "../property/play.ts";
import { sessions } from "../support/generate.ts";
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
];

/** The same ones each time, so that a case can be repeated. */
const GENERATED_COUNT = 24;
const GENERATED_SEED = 1;

export async function seedFiles(): Promise<SeedFile[]> {
  const files: SeedFile[] = [];
  for (const name of FIXTURES) files.push({ name, bytes: await Deno.readFile(fixture(name)) });
  const options = { seed: GENERATED_SEED, numRuns: GENERATED_COUNT };
  for (const [i, session] of fc.sample(sessions({ maxSamples: 15 }), options).entries()) {
    const bytes = await bytesOf(session, i % 3 === 0 ? "live" : "final");
    if (bytes.byteLength < 400_000) files.push({ name: `generated ${i}`, bytes });
  }
  return files;
}
