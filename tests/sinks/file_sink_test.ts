import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { fileSink } from "../../src/sinks/file_sink.ts";
import {
  assertSameBytes,
  assertSamples,
  assertSomeSamples,
  avOptions,
  avSamples,
  guarded,
  mux,
  readAsf,
  writeAll,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";
import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";

const SAMPLES = avSamples(4, 20_000);

Deno.test("fileSink() writes the same file as any other sink, by path and by URL", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const other = new TestSink();
      const path = `${folder}/a file.wmv`;
      const url = new URL(`file://${folder}/by%20url.wmv`);
      const report = await mux(avOptions([fileSink(path), fileSink(url), other]), SAMPLES);
      const bytes = await Deno.readFile(path);
      assertSameBytes(bytes, other.bytes);
      assertSameBytes(await Deno.readFile(url), other.bytes);
      assertEquals(report.sinks[0]!.bytes, bytes.byteLength);
      assertSamples(await readAsf(bytes), SAMPLES);
    })
  ));

Deno.test({
  name: "fileSink() needs permission to write, and no other",
  permissions: { read: false, write: true, run: false, env: false, net: false, sys: false },
  fn: () =>
    withTempDir(async (folder) => {
      const { sinks } = await mux(avOptions([fileSink(`${folder}/a.wmv`)]), SAMPLES);
      assertEquals(sinks.map(({ outcome }) => outcome), ["finished"]);
    }),
});

Deno.test("fileSink() replaces a longer file, and refuses to with createNew", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const path = `${folder}/old.wmv`;
      await Deno.writeFile(path, new Uint8Array(5_000_000));
      const error = await assertRejects(() => mux(avOptions([fileSink(path, { createNew: true })]), SAMPLES), MuxError);
      assertEquals([error.code, error.stage], ["sink-failed", "open"]);
      assertEquals((error.cause as { code?: string }).code, "EEXIST");
      assertEquals((await Deno.stat(path)).size, 5_000_000, "the old file stays");
      await mux(avOptions([fileSink(path)]), SAMPLES);
      assertSamples(await readAsf(await Deno.readFile(path)), SAMPLES);
      await mux(avOptions([fileSink(`${folder}/new.wmv`, { createNew: true })]), SAMPLES);
      assert((await Deno.stat(`${folder}/new.wmv`)).isFile);
    })
  ));

Deno.test("fileSink() refuses a path that another one writes to, which loses nothing; then it takes it", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const path = `${folder}/one.wmv`;
      const first = new Writer(avOptions([fileSink(path)]));
      await first.beginWriting();
      await writeAll(first, SAMPLES);
      const error = await assertRejects(() => mux(avOptions([fileSink(path)]), SAMPLES), MuxError);
      assertEquals([error.code, (error.cause as MuxError).code], ["sink-failed", "in-use"]);
      await first.endWriting();
      assertSamples(await readAsf(await Deno.readFile(path)), SAMPLES);
      await mux(avOptions([fileSink(path)]), SAMPLES);
    })
  ));

Deno.test("fileSink() that cannot be opened is a typed error with the system's as its cause", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const cases = [
        { path: `${folder}/no/such/folder.wmv`, code: "ENOENT" },
        { path: folder, code: "EISDIR" },
      ];
      for (const { path, code } of cases) {
        const writer = new Writer(avOptions([fileSink(path)]));
        const error = await assertRejects(() => writer.beginWriting(), MuxError, "Cannot begin writing");
        assertEquals([error.code, error.stage, writer.state], ["sink-failed", "open", "failed"]);
        assertEquals((error.cause as { code?: string }).code, code);
      }
    })
  ));

Deno.test("fileSink() leaves a playable file, marked unfinished, after an abort", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const path = `${folder}/aborted.wmv`;
      {
        await using writer = new Writer(avOptions([fileSink(path)]));
        await writer.beginWriting();
        await writeAll(writer, SAMPLES);
        await writer.flush();
      }
      const file = await readAsf(await Deno.readFile(path));
      assert(file.isBroadcast || file.isUnfinished);
      assertSamples(file, SAMPLES);
    })
  ));

Deno.test("fileSink() is closed when an abort meets its opening, and no handle is left", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const controller = new AbortController();
      const writer = new Writer(avOptions([fileSink(`${folder}/early.wmv`)], { signal: controller.signal }));
      const begun = writer.beginWriting();
      controller.abort(new Error("stop"));
      await assertRejects(() => begun, Error, "stop");
      await assertRejects(() => writer.closed, Error, "stop");
    })
  ));

Deno.test("fileSink() in a session that fails elsewhere is closed too", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const path = `${folder}/beside.wmv`;
      const bad = new TestSink({ faults: [{ operation: "open", nth: 1, kind: "reject" }] });
      await assertRejects(() => mux(avOptions([fileSink(path), bad]), SAMPLES), MuxError);
      const controller = new AbortController();
      const writer = new Writer(avOptions([fileSink(path)]));
      await writer.beginWriting();
      await writeAll(writer, SAMPLES.slice(0, 60));
      controller.abort(new Error("stop"));
      await assertRejects(() => writer.endWriting({ signal: controller.signal }), Error, "stop");
      await writer[Symbol.asyncDispose]();
      const bytes = await Deno.readFile(path);
      if (bytes.byteLength > 0) assertSomeSamples(await readAsf(bytes, ["D01", "D14"]), SAMPLES);
    })
  ));

Deno.test(
  "fileSink() writes on a full device: a typed error that names the file",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    // In a process of its own: devices are open only to those who may do everything.
    const code = `
      import { asf, fileSink, Writer } from "${import.meta.resolve("../../mod.ts")}";
      const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }];
      const writer = new Writer({ container: asf(), sinks: [fileSink("/dev/full")], streams });
      await writer.beginWriting();
      writer.writeSample(1, { data: new Uint8Array(1600), timestamp: 0 });
      await writer.endWriting().catch((error) => console.log(error.code, error.message));`;
    const { stdout } = await runOk(Deno.execPath(), ["eval", "--ext=ts", code]);
    assertMatch(stdout, /^sink-failed .*\/dev\/full.*No space left on device/);
  },
);

Deno.test("fileSink() wants a path", () => {
  // deno-lint-ignore no-explicit-any
  for (const path of [undefined, 1, {}, null] as any[]) assertThrows(() => fileSink(path), TypeError, "path must be");
});

Deno.test("fileSink() leaves a hole that is zero until it is patched, and syncs", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/hole.asf`;
    const sink = fileSink(path);
    await sink.open!();
    await sink.header(Uint8Array.of(1));
    await sink.reserve!(3);
    await sink.header(Uint8Array.of(2));
    await sink.data(Uint8Array.of(3), { unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [0] });
    assertEquals([...await Deno.readFile(path)], [1, 0, 0, 0, 2, 3]);
    await sink.sync!();
    await sink.patch!(1, Uint8Array.of(9, 9));
    await sink.close();
    assertEquals([...await Deno.readFile(path)], [1, 9, 9, 0, 2, 3]);
  }));

Deno.test("fileSink().truncate() cuts, and what comes next follows the cut", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/cut.asf`;
    const sink = fileSink(path);
    await sink.open!();
    await sink.header(Uint8Array.of(1, 2));
    await sink.data(Uint8Array.of(3, 4, 5, 6), { unitCount: 2, firstUnit: 0, timestamp: 0, cleanPoints: [0] });
    await sink.truncate!(4);
    await sink.trailer!(Uint8Array.of(7));
    await sink.close();
    assertEquals([...await Deno.readFile(path)], [1, 2, 3, 4, 7]);
  }));
