/** A file has one writer, by whatever name it is known: the second is refused, and nothing is lost. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { repair, tag } from "../../src/repair/mod.ts";
import { fileSink } from "../../src/sinks/file_sink.ts";
import { record } from "../repair/support/recording.ts";
import { assertSamples, avOptions, avSamples, guarded, mux, readAsf, writeAll } from "../support/sessions.ts";
import { withTempDir } from "../support/temp.ts";
import { errorsIn } from "../support/valid.ts";

const ignore = Deno.build.os === "windows"; // where there are no locks
const SAMPLES = avSamples(2, 20_000);
const WHOLE = await record("final");

/** Other names of `${folder}/a.wmv`, which is there. */
const SPELLINGS: Record<string, (folder: string) => string | URL | Promise<string>> = {
  "the same name": (folder) => `${folder}/a.wmv`,
  "a URL": (folder) => new URL(`file://${folder}/a.wmv`),
  "a detour": (folder) => `${folder}/../${folder.split("/").at(-1)}/./a.wmv`,
  "a symbolic link": async (folder) => {
    await Deno.symlink(`${folder}/a.wmv`, `${folder}/link.wmv`);
    return `${folder}/link.wmv`;
  },
  "a hard link": async (folder) => {
    await Deno.link(`${folder}/a.wmv`, `${folder}/hard.wmv`);
    return `${folder}/hard.wmv`;
  },
};

for (const [how, spell] of Object.entries(SPELLINGS)) {
  Deno.test({
    name: `two sinks on one file, the second by ${how}: in two sessions, and in one`,
    ignore,
    fn: () =>
      withTempDir((folder) =>
        guarded(async () => {
          const path = `${folder}/a.wmv`;
          const first = new Writer(avOptions([fileSink(path)]));
          await first.beginWriting();
          const other = await spell(folder);
          await writeAll(first, SAMPLES);
          for (const options of [{}, { optional: true }]) {
            const error = await assertRejects(() => first.addSink(fileSink(other), options), MuxError);
            assertEquals(error.code, "in-use");
          }
          const error = await assertRejects(() => mux(avOptions([fileSink(other)]), SAMPLES), MuxError);
          assertEquals([error.code, (error.cause as MuxError).code], ["sink-failed", "in-use"]);
          await first.endWriting();
          assertSamples(await readAsf(await Deno.readFile(path)), SAMPLES);
          const both = new Writer(avOptions([fileSink(path), fileSink(other)]));
          const failure = await assertRejects(() => both.beginWriting(), MuxError);
          assertEquals((failure.cause as MuxError).code, "in-use");
        })
      ),
  });

  Deno.test({
    name: `a copy of a file onto itself, by ${how}, is refused, and the file stays`,
    ignore,
    fn: () =>
      withTempDir(async (folder) => {
        const path = `${folder}/a.wmv`;
        await Deno.writeFile(path, WHOLE);
        const output = fileSink(await spell(folder));
        for (
          const edit of [() => tag(path, { set: { title: "x" } }, { output }), () => repair(path, { output })]
        ) {
          assertEquals((await assertRejects(edit, MuxError)).code, "in-use");
          assertEquals(await Deno.readFile(path), WHOLE);
        }
      }),
  });
}

Deno.test({
  name: "many tags of one file at once: each is in it or was refused",
  ignore,
  fn: () =>
    withTempDir(async (folder) => {
      for (const length of [10, 9000]) { // in place, and by copies
        const path = `${folder}/${length}.wmv`;
        await Deno.writeFile(path, WHOLE);
        const names = Array.from({ length: 8 }, (_, i) => `Tag${i}`);
        const tags = await Promise.allSettled(
          names.map((name) => tag(path, { set: { attributes: { [name]: name.padEnd(length, "z") } } })),
        );
        const text = Deno.inspect((await readAsf(await Deno.readFile(path))).reader.header, {
          depth: 20,
          iterableLimit: Infinity,
          strAbbreviateSize: 20,
        });
        assert(tags.some(({ status }) => status === "fulfilled"));
        for (const [i, one] of tags.entries()) {
          assertEquals(text.includes(`"${names[i]}"`), one.status === "fulfilled", names[i]);
          if (one.status === "rejected") assertEquals(one.reason.code, "in-use");
        }
        assertEquals(await errorsIn(await Deno.readFile(path)), []);
      }
      assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 2);
    }),
});
