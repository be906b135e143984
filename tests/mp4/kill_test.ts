/** An MP4 whose writer is killed. */

import { assertEquals } from "@std/assert";
import { killedMp4Complaints, killWriter } from "../fault/kill.ts";
import { readerTest } from "../support/readers.ts";
import { withTempDir } from "../support/temp.ts";

readerTest(
  "an MP4 whose writer is killed plays to its last fragment, and is ordinary once it is repaired",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const wrong: string[] = [];
      await Promise.all(Array.from({ length: 6 }, async (_, nth) => {
        const name = nth % 2 === 0 ? "clip.mp4" : "tone.mp3";
        const path = `${folder}/${nth}.mp4`;
        const { writtenMs } = await killWriter(name, path, 1500 + 2500 * Math.random());
        const complaints = await killedMp4Complaints(path, writtenMs);
        wrong.push(...complaints.map((complaint) => `${name} at ${writtenMs} ms: ${complaint}`));
      }));
      assertEquals(wrong, []);
    }),
);
