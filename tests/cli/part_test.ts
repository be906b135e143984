/** `muxwell mux --from TIME --until TIME`. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { makeMedia } from "../demux/support.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { withTempDir } from "../support/temp.ts";
import { runIn } from "./support.ts";

/** Six seconds with a key frame each second, and chapters at 0, 2 and 4 s. */
async function makeSource(folder: string): Promise<string> {
  await Deno.writeTextFile(
    `${folder}/chapters`,
    ";FFMETADATA1\n" +
      [0, 2, 4].map((at) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${at}\nEND=${at + 2}\ntitle=from ${at}\n`).join(""),
  );
  const video = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=6"];
  const sound = ["-f", "lavfi", "-i", "sine=d=6", "-i", `${folder}/chapters`, "-map_metadata", "2"];
  const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-c:a", "libmp3lame"];
  return await makeMedia(`${folder}/source.mkv`, ...video, ...sound, ...codecs);
}

Deno.test("muxwell mux --from begins at the key frame before, and says so; exactly where an edit list can say it", async () => {
  await withTempDir(async (folder) => {
    const source = await makeSource(folder);
    const mux = (output: string, ...args: string[]) => runIn({}, "mux", source, "-o", `${folder}/${output}`, ...args);

    const wmv = await mux("part.wmv", "--from", "0:03.5", "--until", "4.5");
    assertEquals(wmv.code, 0, wmv.reported);
    assertMatch(wmv.reported, /^Begins at 3\.\d+ s of the source, the last key frame before 3\.5 s$/m);
    const { packets } = await ffprobe(`${folder}/part.wmv`);
    const shown = packets.filter(({ stream }) => stream === 0).map(({ pts }) => pts!);
    assertEquals(Math.min(...shown), 0);
    const { start } = await startOf(source, 3_500_000);
    // The last one shown before the end may need one behind it.
    const before = shown.filter((time) => start + time * 1000 < 4_500_000 - 500).length;
    assertEquals(before, Math.ceil((4_500_000 - start) / 40_000));
    assertEquals(shown.length - before <= 1, true);

    const exact = await mux("part.mp4", "--from", "00:00:03.500", "--until", "0:04.5");
    assertEquals(exact.code, 0, exact.reported);
    assertMatch(
      exact.reported,
      /^Begins at 3\.5 s of the source; what is needed from the key frame at 3\.\d+ s on is in it/m,
    );
    await using part = await openMedia(`${folder}/part.mp4`);
    let first = Infinity;
    for await (const { timestamp } of part.samples) first = Math.min(first, timestamp);
    assertEquals(Math.abs(first - (start - 3_500_000)) <= 100, true, `${first}`);

    // The chapter that it begins in, and the one behind.
    await using wmvPart = await openMedia(`${folder}/part.wmv`);
    const markers = wmvPart.metadata.markers!.map(({ name, timestamp }) => `${name}: ${Math.round(timestamp / 1e5)}`);
    assertEquals(markers, ["from 2: 0", `from 4: ${Math.round((4_000_000 - start) / 1e5)}`]);
  });
});

async function startOf(source: string, from: number): Promise<{ start: number }> {
  await using media = await openMedia(source, { from });
  return { start: media.start! };
}

Deno.test("muxwell mux refuses a part that cannot be: exit code 2, nothing written", async () => {
  await withTempDir(async (folder) => {
    const source = await makeSource(folder);
    for (
      const [args, text] of [
        [["--from", "5:70"], '--from must be like 90, 1:30, 1:30.5 or 1:01:30.250, got "5:70"'],
        [["--from", "3", "--until", "0:02"], "--until must be later than --from, 3, got 0:02"],
        [["--until", "0"], "--until must be later than 0, got 0"],
        [["--from", "1:00:00"], "from must lie before its end at"],
      ] as const
    ) {
      const { code, reported } = await runIn({}, "mux", source, "-o", `${folder}/out.wmv`, ...args);
      assertEquals(code, 2, reported);
      assertStringIncludes(reported, text);
    }
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name === "out.wmv"), false);
  });
});
