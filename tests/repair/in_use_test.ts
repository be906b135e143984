/** Files that are still being written: what else writes to them, and what must not happen to them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { asf, fileSink, MuxError, type SegmentSink, segmentSink, type SinkLike, Writer } from "../../mod.ts";
import { AsfReader, validate } from "../../src/inspect/mod.ts";
import { type Editable, index, repair, tag } from "../../src/repair/mod.ts";
import { openEditable } from "../../src/sinks/editable_file.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { errorsIn } from "../support/valid.ts";
import { MemoryFile } from "./support/editable.ts";
import { record } from "./support/recording.ts";

const WHOLE = await record("final");
const UNFINISHED = await record("unfinished");

/** Has no room in any header. */
const LONG = { set: { description: "z".repeat(9000) } };

const EDITS: Record<string, (path: string, force?: boolean) => Promise<unknown>> = {
  "tag in place": (path, force) => tag(path, { set: { title: "x" } }, { force }),
  "tag by a copy": (path, force) => tag(path, LONG, { force }),
  "repair": (path, force) => repair(path, { force }),
  "index": (path, force) => index(path, { force }),
  "index by a copy": (path, force) => index(path, { timeIndexMs: 1000, force }),
};

/** A recording of sound that goes on for as long as it is told to. */
class Recorder {
  readonly #writer: Writer;
  #count = 0;

  constructor(sink: SinkLike | SegmentSink) {
    const streams = [{
      kind: "audio",
      codec: "mp3",
      sampleRate: 44_100,
      numberOfChannels: 2,
      bitrate: 128_000,
    }] as const;
    this.#writer = new Writer({ container: asf(), sinks: [sink], streams: [...streams] });
  }

  begin(): Promise<void> {
    return this.#writer.beginWriting();
  }

  /** Writes so many frames more, all of which are in the file then. */
  async write(count: number): Promise<void> {
    for (const end = this.#count + count; this.#count < end; this.#count++) {
      const data = new Uint8Array(418);
      data.set([0xff, 0xfb, 0x90, 0x64]);
      await this.#writer.writeSample(1, { data, timestamp: this.#count * 26_122 });
    }
    await this.#writer.flush();
  }

  /** Answers how many packets it wrote. */
  async end(): Promise<number> {
    return (await this.#writer.endWriting()).packetCount;
  }
}

async function names(folder: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
}

for (const [edit, run] of Object.entries(EDITS)) {
  Deno.test(`${edit} is refused while a recording goes on, of which nothing is lost`, () =>
    withTempDir(async (folder) => {
      const path = `${folder}/a.wma`;
      const recorder = new Recorder(fileSink(path));
      await recorder.begin();
      for (let round = 0; round < 5; round++) {
        await recorder.write(30);
        const error = await assertRejects(() => run(path), MuxError);
        assertEquals([error.code, error.message], [
          "in-use",
          `Cannot change ${path}: something else writes to it; let that end first`,
        ]);
      }
      const packetCount = await recorder.end();
      const bytes = await Deno.readFile(path);
      assertEquals((await validate(bytes)).packetCount, packetCount);
      assertEquals(await errorsIn(bytes), []);
      assertEquals((await AsfReader.open(bytes)).header.contentDescription?.title ?? "", "");
      assertEquals(await names(folder), ["a.wma"]);
      await run(path);
      assertEquals((await validate(await Deno.readFile(path))).packetCount, packetCount);
    }));

  Deno.test(`${edit} is refused where others change the file between its opening and its first change`, () =>
    withTempDir(async (folder) => {
      const path = `${folder}/a.wmv`;
      await Deno.writeFile(path, WHOLE);
      await Deno.utime(path, 0, 0);
      const file = await openEditable(path);
      let isTouched = false;
      // The last read comes in front of the first change: all of them are hooked.
      const touched: Editable = {
        get size() {
          return file.size;
        },
        async read(offset, length) {
          if (!isTouched) {
            isTouched = true;
            using other = await Deno.open(path, { write: true });
            await other.seek(-1, Deno.SeekMode.End);
            await other.write(new Uint8Array([0xa5]));
          }
          return await file.read(offset, length);
        },
        write: (offset, bytes) => file.write(offset, bytes),
        truncate: (length) => file.truncate(length),
        flush: () => file.flush(),
        replacement: () => file.replacement!(),
      };
      // deno-lint-ignore no-explicit-any -- an Editable is as good a target as a path
      const error = await assertRejects(() => run(touched as any), MuxError, "it was changed meanwhile");
      assertEquals(error.code, "in-use");
      await file.close();
      const expected = WHOLE.slice();
      expected[expected.byteLength - 1] = 0xa5;
      assertEquals(await Deno.readFile(path), expected);
      assertEquals(await names(folder), ["a.wmv"]);
    }));
}

Deno.test("with force a recording that goes on is replaced, and what is written later is not in it", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a.wma`;
    const recorder = new Recorder(fileSink(path));
    await recorder.begin();
    await recorder.write(150);
    const report = await tag(path, LONG, { force: true });
    assert(report.wasRewritten);
    const before = await Deno.readFile(path);
    await recorder.write(150);
    const packetCount = await recorder.end();
    assertEquals(await Deno.readFile(path), before);
    assert((await validate(before)).packetCount < packetCount);
  }));

Deno.test("the files of a recording in many are each refused for as long as they are written", () =>
  withTempDir(async (folder) => {
    const recorder = new Recorder(segmentSink((number) => fileSink(`${folder}/${number}.wma`), { everyMs: 2000 }));
    await recorder.begin();
    const [first, second] = [`${folder}/0.wma`, `${folder}/1.wma`] as const;
    await recorder.write(40);
    assertEquals((await assertRejects(() => tag(first, LONG), MuxError)).code, "in-use");
    await recorder.write(80);
    assertEquals((await assertRejects(() => tag(second, LONG), MuxError)).code, "in-use");
    await recorder.end();
    for (const path of [first, second]) {
      assert((await tag(path, LONG)).wasRewritten);
      assertEquals(await errorsIn(await Deno.readFile(path)), []);
    }
  }));

Deno.test("repair() refuses the file of a process that writes to it, and mends it when that was killed", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a.wmv`;
    const writer = new URL("../fault/kill_writer.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-write", writer, fixture("tone.mp3"), path],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      if (said === "" || Number((said + text).trimEnd().split("\n").at(-1)) < 1500) {
        said += text;
        continue;
      }
      const error = await assertRejects(() => repair(path), MuxError);
      assertEquals(error.code, "in-use");
      child.kill("SIGKILL");
      break;
    }
    await child.status;
    assert((await AsfReader.open(await Deno.readFile(path))).header.isUnfinished);
    assert((await repair(path)).packetCount > 0);
    assertEquals(await errorsIn(await Deno.readFile(path)), []);
  }));

Deno.test("repair() refuses an unfinished file that somebody without a lock goes on writing", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a.wmv`;
    await Deno.writeFile(path, UNFINISHED);
    let isOver = false;
    const repairing = repair(path).finally(() => isOver = true);
    repairing.catch(() => {});
    // One byte after the other, as any program may write that knows nothing of locks.
    for (; !isOver; await new Promise((resolve) => setTimeout(resolve, 20))) {
      await Deno.writeFile(path, new Uint8Array(1), { append: true });
    }
    assertEquals((await assertRejects(() => repairing, MuxError)).code, "in-use");
    const bytes = await Deno.readFile(path);
    assertEquals(bytes.subarray(0, UNFINISHED.byteLength), UNFINISHED);
    assert(bytes.subarray(UNFINISHED.byteLength).every((byte) => byte === 0));
    await repair(path);
    assertEquals(await errorsIn(await Deno.readFile(path)), []);
  }));

Deno.test("a file system without locks: marks and changes are looked at, and files are written and mended", () =>
  withTempDir(async (folder) => {
    const real = Deno.FsFile.prototype.tryLockSync;
    Deno.FsFile.prototype.tryLockSync = () => {
      throw new Error("No locks available (os error 37)");
    };
    try {
      const path = `${folder}/a.wma`;
      const recorder = new Recorder(fileSink(path));
      await recorder.begin();
      await recorder.write(100);
      for (const edit of ["tag in place", "tag by a copy"]) {
        await assertRejects(() => EDITS[edit]!(path), MuxError, "it is marked unfinished; if nothing writes to it");
      }
      for (const edit of ["repair", "index", "index by a copy"]) {
        let isOver = false;
        const editing = EDITS[edit]!(path).finally(() => isOver = true);
        editing.catch(() => {});
        for (; !isOver; await new Promise((resolve) => setTimeout(resolve, 20))) await recorder.write(10);
        assertEquals((await assertRejects(() => editing, MuxError)).code, "in-use");
      }
      const packetCount = await recorder.end();
      for (const run of Object.values(EDITS)) await run(path);
      const report = await validate(await Deno.readFile(path));
      assertEquals([report.isValid, report.packetCount], [true, packetCount]);
    } finally {
      Deno.FsFile.prototype.tryLockSync = real;
    }
  }));

Deno.test("tag() changes nothing that is marked unfinished, by whatever mark, save with force", async () => {
  // The mark of other writers: a size of 0, filled in at their end.
  const sizeless = WHOLE.slice();
  const { header } = await AsfReader.open(WHOLE);
  const { offset } = header.object.children.find(({ fields }) => fields === header.fileProperties)!;
  new DataView(sizeless.buffer).setBigUint64(offset + 40, 0n, true);
  for (const bytes of [UNFINISHED, sizeless]) {
    const file = new MemoryFile(bytes);
    const error = await assertRejects(() => tag(file, LONG), MuxError, "it is marked unfinished");
    assertEquals([error.code, file.operations], ["bad-media", 0]);
    await tag(new MemoryFile(bytes), LONG, { force: true });
    for (const mend of [repair, index]) {
      const mended = new MemoryFile(bytes);
      await mend(mended);
      await tag(mended, LONG);
      assertEquals(await errorsIn(mended.bytes), []);
    }
  }
});
