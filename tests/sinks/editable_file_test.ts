import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { openEditable } from "../../src/sinks/editable_file.ts";
import { fileSink } from "../../src/sinks/file_sink.ts";
import { withTempDir } from "../support/temp.ts";

Deno.test("a file that somebody else goes on writing is not changed, nor replaced", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a`;
    await Deno.writeFile(path, new Uint8Array(10));
    const file = await openEditable(path);
    try {
      await Deno.writeFile(path, new Uint8Array(5), { append: true });
      const message = "it has 15 bytes, no longer 10: something else writes to it";
      await assertRejects(async () => await file.write(0, new Uint8Array(1)), MuxError, message);
      await assertRejects(async () => await file.truncate(3), MuxError, message);
      const copy = file.replacement!();
      await copy.open!();
      await copy.header(new Uint8Array([1]));
      await assertRejects(async () => await copy.close(), MuxError, message);
      await copy.abort(new Error());
    } finally {
      await file.close();
    }
    assertEquals(await Deno.readFile(path), new Uint8Array(15));
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["a"]);
  }));

/** What others do to a file in the meantime, and what is found then. */
const MEANWHILE: Record<string, { act(path: string): Promise<void>; found: string }> = {
  "written over": {
    async act(path) {
      using other = await Deno.open(path, { write: true });
      await other.write(new Uint8Array([7]));
    },
    found: "it was changed meanwhile",
  },
  "replaced": {
    async act(path) {
      await Deno.writeFile(`${path}.new`, new Uint8Array([7, 7]));
      await Deno.rename(`${path}.new`, path);
    },
    found: "another file came in its place",
  },
  "removed": { act: (path) => Deno.remove(path), found: "it was removed meanwhile" },
};

for (const [how, { act, found }] of Object.entries(MEANWHILE)) {
  Deno.test(`a file that is ${how} between being read and being changed stays as the other left it`, () =>
    withTempDir(async (folder) => {
      for (const change of ["in place", "by a copy"]) {
        const path = `${folder}/${change}`;
        await Deno.writeFile(path, new Uint8Array(10));
        await Deno.utime(path, 0, 0);
        const file = await openEditable(path);
        await file.read(0, 10);
        const copy = file.replacement!();
        if (change === "by a copy") {
          await copy.open!();
          await copy.header(new Uint8Array([1]));
        }
        await act(path);
        const left = await Deno.readFile(path).catch(() => undefined);
        const error = await assertRejects(
          async () => change === "in place" ? await file.write(0, new Uint8Array(1)) : await copy.close(),
          MuxError,
          found,
        );
        assertEquals(error.code, "in-use");
        await copy.abort(error);
        await file.close();
        assertEquals(await Deno.readFile(path).catch(() => undefined), left);
        if (left !== undefined) await Deno.remove(path);
        assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
      }
    }));
}

Deno.test("a file that somebody else makes longer while it is changed: the flush says so", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a`;
    await Deno.writeFile(path, new Uint8Array(10));
    for (const force of [false, true]) {
      const file = await openEditable(path, "change", force);
      await file.write(0, new Uint8Array([1]));
      await Deno.writeFile(path, new Uint8Array(5), { append: true });
      if (force) await file.flush();
      else await assertRejects(async () => await file.flush(), MuxError, "it has 15 bytes, not 10");
      await file.close();
    }
  }));

Deno.test("a file is edited by one at a time, and by no sink meanwhile; with force by anyone", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a`;
    await Deno.writeFile(path, new Uint8Array(10));
    const file = await openEditable(path);
    const found = `Cannot change ${path}: something else writes to it`;
    assertEquals((await assertRejects(() => openEditable(path), MuxError, found)).code, "in-use");
    const sink = fileSink(path);
    assertEquals((await assertRejects(async () => await sink.open!(), MuxError, "Cannot write")).code, "in-use");
    assertEquals(file.size, (await Deno.stat(path)).size, "it was not emptied");
    for (const [mode, force] of [["read", false], ["change", true]] as const) {
      await (await openEditable(path, mode, force)).close();
    }
    await file.close();
    await (await openEditable(path)).close();
  }));

Deno.test("a file is changed where it lies, also beyond its end", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/a`;
    await Deno.writeFile(path, new Uint8Array(4));
    const file = await openEditable(path);
    await file.write(2, new Uint8Array([1, 2, 3]));
    await file.write(5, new Uint8Array([4]));
    assertEquals(file.size, 6);
    await file.truncate(5);
    await file.close();
    assertEquals(await Deno.readFile(path), new Uint8Array([0, 0, 1, 2, 3]));
  }));
