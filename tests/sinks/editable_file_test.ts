import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { openEditable } from "../../src/sinks/editable_file.ts";
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
