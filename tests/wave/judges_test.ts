/** WAVE before the judges of the field: libsndfile and shntool find nothing wrong, and find what is planted. */

import { assert, assertEquals } from "@std/assert";
import { wave } from "../../src/wave/mod.ts";
import { readerTest } from "../support/readers.ts";
import { lines, run } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal } from "../support/write_all.ts";

const INPUTS: [input: string, frames: number][] = [
  ["tone.wav", 32_000],
  ["stereo24.wav", 8000],
  ["surround24.wav", 4000],
  ["float.wav", 8000],
  ["alaw.wav", 16_000],
  ["ulaw.wav", 16_000],
];

async function written(input: string): Promise<Uint8Array<ArrayBuffer>> {
  const { streams, samples } = await readAll(fixture(input));
  return await writeFinal({ container: wave(), streams, samples });
}

/** Its remarks stand behind stars. */
async function sndfileSays(path: string): Promise<{ frames: number; remarks: string[] }> {
  const { code, stdout, stderr } = await run("sndfile-info", [path]);
  const all = [...lines(stdout), ...lines(stderr)];
  return {
    frames: Number(stdout.match(/^Frames\s+: (\d+)/m)?.[1]),
    remarks: [
      ...code === 0 ? [] : [`exit code ${code}`],
      ...all.filter((line) => /\*\*\*|error|should be/i.test(line)),
    ],
  };
}

readerTest("sndfile-info counts every sample, and remarks nothing", ["sndfile"], async () => {
  await withTempDir(async (folder) => {
    for (const [input, frames] of INPUTS) {
      const path = `${folder}/${input}`;
      await Deno.writeFile(path, await written(input));
      assertEquals(await sndfileSays(path), { frames, remarks: [] }, input);
    }
    // The data are said to be longer than they are.
    const damaged = await written("tone.wav");
    const dataAt = damaged.findLastIndex((_, i) =>
      new TextDecoder().decode(damaged.subarray(i, i + 4)) === "data" && i < 2000
    );
    new DataView(damaged.buffer).setUint32(dataAt + 4, 999_999, true);
    await Deno.writeFile(`${folder}/damaged.wav`, damaged);
    assert((await sndfileSays(`${folder}/damaged.wav`)).remarks.length > 0);
  });
});

readerTest("shntool finds no problem with plain PCM", ["shntool"], async () => {
  await withTempDir(async (folder) => {
    const path = `${folder}/tone.wav`;
    await Deno.writeFile(path, await written("tone.wav"));
    const { code, stdout } = await run("shntool", ["info", path]);
    const problems = stdout.slice(stdout.indexOf("Possible problems:")).match(
      /(truncated|appended|Inconsistent header).*yes/g,
    );
    assertEquals([code, problems], [0, null]);
    assert(/Data chunk block-aligned:\s+yes/.test(stdout));
    const file = await Deno.readFile(path);
    await Deno.writeFile(path, file.subarray(0, -100));
    assert(/truncated:\s+yes/.test((await run("shntool", ["info", path])).stdout));
  });
});
