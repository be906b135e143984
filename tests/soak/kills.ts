/**
 * Writers and editors killed in the middle of their work. Prints what is wrong, and figures.
 *
 * @module
 */

import { EDITS, killEdit } from "../fault/edit_kills.ts";
import { killedComplaints, killedMp4Complaints, killWriter } from "../fault/kill.ts";
import { withTempDir } from "../support/temp.ts";

const SOURCES = ["wma2.wma", "wmv2_wma2.wmv", "tone.wav", "tone.mp3", "clip.mp4", "h264_nob_mp3.mkv"];
/** Those of them that fit into MP4. */
const MP4_SOURCES = ["clip.mp4", "h264_nob_mp3.mkv", "tone.mp3", "vfr.mp4"];
const WORKERS = 10;

/** Kills so many, and says whether every file was good. */
export async function soakKills(count: number, extension: "asf" | "mp4" = "asf"): Promise<boolean> {
  const sources = extension === "mp4" ? MP4_SOURCES : SOURCES;
  let next = 0;
  let badCount = 0;
  const lags: number[] = [];
  await withTempDir(async (folder) => {
    const work = async () => {
      while (next < count) {
        const kill = next++;
        const source = sources[kill % sources.length]!;
        const path = `${folder}/${kill}.${extension}`;
        const { writtenMs } = await killWriter(source, path, 1200 + Math.random() * 6000);
        const isTimed = source === "clip.mp4" || source === "h264_nob_mp3.mkv";
        const judged = extension === "mp4"
          ? killedMp4Complaints(path, writtenMs)
          : killedComplaints(path, writtenMs, isTimed);
        const complaints = await judged
          .catch((error: unknown) => [String(error)]);
        lags.push(writtenMs);
        if (complaints.length > 0) {
          badCount++;
          console.log(`${kill} ${source} at ${writtenMs} ms: ${complaints.join("; ")}`);
        }
        await Deno.remove(path);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
  });
  lags.sort((a, b) => a - b);
  console.log(`${count} kills, after ${lags[0]} to ${lags.at(-1)} ms of media: ${badCount} bad`);
  return badCount === 0;
}

/** Kills so many edits, each at every operation in turn, before it and half-way through, and says whether all was there. */
export async function soakEdits(count: number): Promise<boolean> {
  let killCount = 0;
  let badCount = 0;
  const operations = new Set<string>();
  while (killCount < count) {
    for (const name of Object.keys(EDITS)) {
      for (const how of ["whole", "half"] as const) {
        for (let nth = 1; killCount < count; nth++) {
          const { isOver, complaints } = await killEdit(name, nth, how);
          for (const complaint of complaints) console.log(complaint);
          badCount += complaints.length;
          if (isOver) break;
          operations.add(`${name} ${nth} ${how}`);
          killCount++;
        }
      }
    }
  }
  const of = `of ${Object.keys(EDITS).length} edits`;
  console.log(`${killCount} kills at ${operations.size} places ${of}: ${badCount} bad`);
  return badCount === 0;
}
