import { assertEquals } from "@std/assert";
import { readerTest } from "../support/readers.ts";
import { withTempDir } from "../support/temp.ts";
import { killedComplaints, killWriter } from "./kill.ts";

/** Sources, and whether they carry the timing extension. */
const SOURCES: [string, boolean][] = [["wma2.wma", false], ["wmv2_wma2.wmv", false], ["clip.mp4", true]];
const KILLS_EACH = 8;

readerTest(
  "a file whose writer is killed plays, seeks and tells its length",
  ["ffmpeg", "GStreamer"],
  () =>
    withTempDir(async (folder) => {
      const kills = SOURCES.flatMap((source) => Array.from({ length: KILLS_EACH }, (_, nth) => ({ source, nth })));
      const wrong: string[] = [];
      await Promise.all(kills.map(async ({ source: [name, isTimed], nth }) => {
        const path = `${folder}/${name}.${nth}.asf`;
        const { writtenMs } = await killWriter(name, path, 1200 + 2500 * Math.random());
        const complaints = await killedComplaints(path, writtenMs, isTimed);
        wrong.push(...complaints.map((complaint) => `${name} at ${writtenMs} ms: ${complaint}`));
      }));
      assertEquals(wrong, []);
    }),
);
