import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { index } from "../../src/repair/mod.ts";
import { skipWithout } from "../support/readers.ts";
import { seekMisses } from "../support/conformance.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { MemoryFile } from "./support/editable.ts";
import { firstDifference, PACKET_BYTES, record } from "./support/recording.ts";

const WHOLE = await record("final");

Deno.test("index() replaces an index by the same one", async () => {
  const file = new MemoryFile(WHOLE);
  const report = await index(file);
  assertEquals([report.indexCount, report.indexIntervalMs, report.size], [1, 200, WHOLE.byteLength]);
  assertEquals(
    (await (await AsfReader.open(file.bytes)).indexes()).simple,
    (await (await AsfReader.open(WHOLE)).indexes()).simple,
  );
  assertEquals(await flawsIn(file.bytes), []);
});

Deno.test("index() takes any interval, and the larger of the files is cut back to the smaller", async () => {
  const file = new MemoryFile(WHOLE);
  await index(file, { indexIntervalMs: 7 });
  assertEquals(await flawsIn(file.bytes), []);
  const large = file.size;
  await index(file);
  assertEquals(file.size < large, true);
  const again = new MemoryFile(WHOLE);
  await index(again);
  assertEquals(firstDifference(file.bytes, again.bytes), undefined);
});

Deno.test("index() refuses a file that must be repaired first, and leaves it alone", async () => {
  const cut = WHOLE.slice(0, WHOLE.byteLength - 3 * PACKET_BYTES - 500);
  const holed = WHOLE.slice();
  holed.fill(0, 20_000, 20_400);
  for (const bytes of [cut, holed]) {
    const file = new MemoryFile(bytes);
    const error = await assertRejects(() => index(file), MuxError);
    assertEquals((error as MuxError).code, "bad-media");
    assertEquals(file.operations, 0);
  }
});

Deno.test({
  name: "index() makes FFmpeg's file with two video streams seek right in both",
  ignore: skipWithout("ffmpeg"),
  fn: () =>
    withTempDir(async (folder) => {
      const path = `${folder}/two.asf`;
      const source = fixture("wmv2_wma2.wmv");
      await runOk("ffmpeg", [
        "-v",
        "error",
        "-nostdin",
        "-i",
        source,
        "-map",
        "0:v",
        "-map",
        "0:v",
        "-c",
        "copy",
        path,
      ]);
      assertEquals((await index(path)).indexCount, 2);
      const flaws = await flawsIn(await Deno.readFile(path));
      assertEquals(flaws.filter((flaw) => /[EW] I/.test(flaw) || flaw.includes("F13")), []);
      assertEquals(await seekMisses(path, 200), []);
    }),
});
