/** What a script learns from `mux`: whether all of it is there. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { AUDIO, audioSample, testAsf } from "../support/sessions.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { writeFinal } from "../support/write_all.ts";
import { runIn } from "./support.ts";

/** Names in a folder. */
async function filesOf(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

async function cutShort(folder: string): Promise<string> {
  const path = `${folder}/cut.mp3`;
  await Deno.writeFile(path, (await Deno.readFile(fixture("tone.mp3"))).subarray(0, 30_000));
  return path;
}

Deno.test("mux: 0 where an extension for sound alone deselects the pictures, and where metadata have no place", async () => {
  await withTempDir(async (folder) => {
    const { code, reported } = await runIn({}, "mux", fixture("clip.mp4"), "-o", `${folder}/a.aac`);
    assertEquals(code, 0, reported);
    assertMatch(reported, /Left out: stream 1 /);
    const tagged = await runIn({}, "mux", fixture("clip.mp4"), "-o", `${folder}/b.aac`, "--set", "WM/Mood=x");
    assertEquals(tagged.code, 0, tagged.reported);
    assertMatch(tagged.reported, /Left out: .*Mood|attributes/);
  });
});

Deno.test("mux: 3 where a stream is missing that nobody deselected, and the file is good", async () => {
  await withTempDir(async (folder) => {
    const source = `${folder}/two.wma`;
    const streams = [1, 2].map(() => ({ ...AUDIO, description: new Uint8Array(0) }));
    const samples = [1, 2].map((streamNumber) => ({ ...audioSample(0), streamNumber }));
    await Deno.writeFile(source, await writeFinal({ container: testAsf(), streams, samples }));
    const { code, reported } = await runIn({}, "mux", source, "-o", `${folder}/one.wav`);
    assertEquals(code, 3);
    assertMatch(reported, /^Left out: stream 2 .*: WAVE/m);
    const again = await runIn({}, "mux", `${folder}/one.wav`, "-o", `${folder}/one.wma`);
    assertEquals(again.code, 0, again.reported);
    const strict = await runIn({}, "mux", source, "-o", `${folder}/strict.wav`, "--strict");
    assertEquals([strict.code, await filesOf(folder)], [1, ["one.wav", "one.wma", "two.wma"]]);
    assertMatch(strict.reported, /^muxwell: Cannot copy all of it: left out: stream 2 .*\n$/);
  });
});

Deno.test("mux: 3 where the input ends early, which says how much there is", async () => {
  await withTempDir(async (folder) => {
    const { code, reported } = await runIn({}, "mux", await cutShort(folder), "-o", `${folder}/a.wma`);
    assertEquals(code, 3);
    assertMatch(reported, /^muxwell: .* has 2\.3 s of it$/m);
    const again = await runIn({}, "mux", `${folder}/a.wma`, "-o", `${folder}/b.wma`);
    assertEquals(again.code, 0, "the file is good as far as it goes");
  });
});

Deno.test("mux --strict: what is lost fails before the output is replaced, and nothing else is left", async () => {
  await withTempDir(async (folder) => {
    const [cut, output] = [await cutShort(folder), `${folder}/a.aac`];
    await Deno.writeTextFile(output, "precious");
    await Deno.writeTextFile(`${folder}/a.wma`, "precious");
    const cases = [
      [fixture("clip.mp4"), output, "--set", "WM/Mood=x"],
      [cut, `${folder}/a.wma`],
      [cut, `${folder}/part_%d.wma`, "--segment", "1s"],
    ] as const;
    for (const [input, path, ...more] of cases) {
      const { code, reported } = await runIn({}, "mux", input, "-o", path, "--strict", ...more);
      assertEquals(code, 1, reported);
      assertMatch(reported, /muxwell: Cannot .*\n$/);
    }
    assertEquals(await Deno.readTextFile(output), "precious");
    assertEquals(await Deno.readTextFile(`${folder}/a.wma`), "precious");
    assertEquals(await filesOf(folder), ["a.aac", "a.wma", "cut.mp3"]);
  });
});

Deno.test("mux --strict: where nothing is lost the output is replaced, also behind a link, and in many files", async () => {
  await withTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/real.wma`, "old");
    await Deno.symlink(`${folder}/real.wma`, `${folder}/link.wma`);
    const one = await runIn({}, "mux", fixture("tone.mp3"), "-o", `${folder}/link.wma`, "--strict");
    assertEquals(one.code, 0, one.reported);
    assert((await Deno.stat(`${folder}/real.wma`)).size > 10_000);
    assert((await Deno.lstat(`${folder}/link.wma`)).isSymlink);
    const args = ["mux", fixture("tone.mp3"), "-o", `${folder}/p_%d.wma`, "--segment", "1s", "--strict"];
    const many = await runIn({}, ...args);
    assertEquals(many.code, 0, many.reported);
    const parts = (await filesOf(folder)).filter((name) => name.startsWith("p_"));
    assert(parts.length > 1 && parts.every((name) => /^p_\d\.wma$/.test(name)), `${parts}`);
  });
});
