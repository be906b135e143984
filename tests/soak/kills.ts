/**
 * Writers killed in the middle of their work. Prints what is wrong, and figures.
 *
 * @module
 */

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
