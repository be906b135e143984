import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../src/cli/arguments.ts";
import { NumberedNames, segmentOptions } from "../../src/cli/segments.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { acceptedByAll, judge, seekLands } from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { runIn } from "./support.ts";

/** Each sample's stream and bytes, stream by stream. */
async function contents(paths: readonly string[]): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  for (const path of paths) {
    await using media = await openMedia(path);
    for await (const { streamNumber, data } of media.samples) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", data.slice())).toHex();
      found.set(streamNumber, [...found.get(streamNumber) ?? [], digest]);
    }
  }
  return found;
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder));
  return names.map(({ name }) => `${folder}/${name}`).sort();
}

for (
  const { name, extension } of [
    { name: "clip.mp4", extension: "wmv" },
    { name: "clip.mp4", extension: "mp4" },
    { name: "tone.wav", extension: "wav" },
    { name: "tone.aac", extension: "aac" },
    { name: "tone.mp3", extension: "mp3" },
  ]
) {
  Deno.test(`mux --segment cuts ${name} into .${extension} files, in which nothing is lost or doubled`, () =>
    withTempDir(async (folder) => {
      const output = `${folder}/out_%03d.${extension}`;
      const { code, reported } = await runIn({}, "mux", fixture(name), "-o", output, "--segment", "1.5s");
      assertEquals(code, 0, reported);
      const files = await filesIn(folder);
      assertMatch(reported, new RegExp(`^${output}: ${files.length} files, `));
      assertEquals(files.length > 1, true);
      assertEquals(files[0], `${folder}/out_000.${extension}`);
      const whole = `${folder}/whole.${extension}`;
      await runIn({}, "mux", fixture(name), "-o", whole);
      assertEquals(await contents(files), await contents([whole]));
    }));
}

readerTest(
  "every file of mux --segment is what every reader accepts",
  ["ffmpeg"],
  (t) =>
    withTempDir(async (folder) => {
      await runIn({}, "mux", fixture("clip.mp4"), "-o", `${folder}/%d.wmv`, "--segment", "2s", "--preroll", "500");
      for (const path of await filesIn(folder)) {
        const bytes = await Deno.readFile(path);
        assertEquals(await flawsIn(bytes), []);
        await using media = await openMedia(path);
        const durationMs = media.duration! / 1000;
        await judge(t, [...acceptedByAll(path, { kinds: ["video", "audio"], durationMs }), ...seekLands(path, 200)]);
      }
    }),
);

Deno.test("mux --segment refuses what it cannot name, and to replace its input", () =>
  withTempDir(async (folder) => {
    const input = `${folder}/part_007.wmv`;
    await Deno.copyFile(fixture("wmv2_wma2.wmv"), input);
    const refused = async (output: string, segment: string) => {
      const { code, reported } = await runIn({}, "mux", input, "-o", output, "--segment", segment);
      assertEquals(code, 2);
      return reported;
    };
    assertStringIncludes(await refused(`${folder}/out.wmv`, "1s"), "must have one %d or %03d");
    assertStringIncludes(await refused(`${folder}/out_%d_%d.wmv`, "1s"), "must have one %d or %03d");
    assertStringIncludes(await refused(`${folder}/out_%d.wmv`, "10"), "--segment must be like 10s");
    assertStringIncludes(await refused(`${folder}/part_%03d.wmv`, "1s"), "OUTPUT would replace INPUT");
    assertStringIncludes(await refused("-", "1s"), "must have one %d or %03d");
    assertEquals((await filesIn(folder)).length, 1);
  }));

Deno.test("segmentOptions() reads times and sizes", () => {
  const cases = { "10s": 10_000, "1.5min": 90_000, "1h": 3_600_000 };
  for (const [text, everyMs] of Object.entries(cases)) assertEquals(segmentOptions(text), { everyMs });
  for (const [text, everyBytes] of Object.entries({ "500kB": 5e5, "700MB": 7e8, "1GB": 1e9 })) {
    assertEquals(segmentOptions(text), { everyBytes });
  }
  for (const text of ["", "0s", "-1s", "1", "s", "1 s", "1d", "1e3s", "constructor"]) {
    assertThrows(() => segmentOptions(text), UsageError, "--segment must be like");
  }
});

Deno.test("NumberedNames counts from 0", () => {
  const names = new NumberedNames("a/b_%03d.wmv");
  assertEquals([names.at(0), names.at(12), names.at(1234)], ["a/b_000.wmv", "a/b_012.wmv", "a/b_1234.wmv"]);
  assertEquals(new NumberedNames("%d").at(7), "7");
});
