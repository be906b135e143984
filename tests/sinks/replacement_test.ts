/** What a file stays when its content is replaced: whose it is, who may read it, and by which names. */

import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { tag } from "../../src/repair/mod.ts";
import { openEditable } from "../../src/sinks/editable_file.ts";
import { record } from "../repair/support/recording.ts";
import { withTempDir } from "../support/temp.ts";

const IS_POSIX = Deno.build.os !== "windows";
const WHOLE = await record("final");

/** Has no room in any header. */
const LONG = { set: { description: "z".repeat(9000) } };

function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o7777;
}

Deno.test({
  name: "a replaced file keeps its mode, and is never wider meanwhile",
  ignore: !IS_POSIX,
}, () =>
  withTempDir(async (folder) => {
    for (const mode of [0o600, 0o640, 0o644, 0o660, 0o604, 0o666, 0o700, 0o4755]) {
      const path = `${folder}/a`;
      await Deno.writeFile(path, new Uint8Array(10));
      await Deno.chmod(path, mode);
      const file = await openEditable(path);
      const copy = file.replacement!();
      const widths: number[] = [];
      const look = () => {
        for (const { name } of Deno.readDirSync(folder)) widths.push(modeOf(`${folder}/${name}`) & ~mode);
      };
      await copy.open!();
      look();
      await copy.header(new Uint8Array([1, 2]));
      look();
      await copy.close();
      look();
      await file.close();
      assertEquals(widths, [0, 0, 0, 0, 0]);
      assertEquals([modeOf(path).toString(8), await Deno.readFile(path)], [mode.toString(8), new Uint8Array([1, 2])]);
    }
  }));

Deno.test(
  { name: "a mode that is narrowed while the copy is made holds for the copy", ignore: !IS_POSIX },
  () =>
    withTempDir(async (folder) => {
      const path = `${folder}/a`;
      await Deno.writeFile(path, new Uint8Array(10));
      await Deno.chmod(path, 0o644);
      const file = await openEditable(path);
      const copy = file.replacement!();
      await copy.open!();
      await copy.header(new Uint8Array([1]));
      await Deno.chmod(path, 0o600);
      await copy.close();
      await file.close();
      assertEquals(modeOf(path), 0o600);
    }),
);

const MAY_CHOWN = IS_POSIX && Deno.permissions.querySync({ name: "sys", kind: "uid" }).state === "granted" &&
  Deno.uid() === 0;

Deno.test(
  { name: "a replaced file keeps its owner and group", ignore: !MAY_CHOWN },
  () =>
    withTempDir(async (folder) => {
      const path = `${folder}/a.wmv`;
      await Deno.writeFile(path, WHOLE);
      await Deno.chown(path, 1234, 4321);
      await Deno.chmod(path, 0o640);
      assertEquals((await tag(path, LONG)).wasRewritten, true);
      const { uid, gid } = await Deno.stat(path);
      assertEquals([uid, gid, modeOf(path)], [1234, 4321, 0o640]);
    }),
);

Deno.test(
  { name: "a symbolic link stays one: what it leads to is replaced", ignore: !IS_POSIX },
  () =>
    withTempDir(async (folder) => {
      await Deno.mkdir(`${folder}/far`);
      const real = `${folder}/far/real.wmv`;
      await Deno.writeFile(real, WHOLE);
      await Deno.symlink("far/real.wmv", `${folder}/link.wmv`);
      await Deno.symlink("link.wmv", `${folder}/second.wmv`);
      for (const [i, path] of [`${folder}/second.wmv`, new URL(`file://${folder}/second.wmv`)].entries()) {
        const changes = { set: { description: "z".repeat(9000 * (i + 1)) } };
        assertEquals((await tag(path, changes)).wasRewritten, true);
        for (const name of ["link.wmv", "second.wmv"]) {
          assertEquals((await Deno.lstat(`${folder}/${name}`)).isSymlink, true);
        }
        const names = await Array.fromAsync(Deno.readDir(`${folder}/far`), ({ name }) => name);
        assertEquals([(await Deno.lstat(real)).isFile, names], [true, ["real.wmv"]]);
        assertEquals((await Deno.stat(real)).size > WHOLE.byteLength + 9000 * (i + 1), true);
      }
    }),
);

Deno.test({
  name: "a file of several names is not replaced under one of them; in place it is changed",
  ignore: !IS_POSIX,
}, () =>
  withTempDir(async (folder) => {
    const [path, other] = [`${folder}/a.wmv`, `${folder}/b.wmv`];
    await Deno.writeFile(path, WHOLE);
    await Deno.link(path, other);
    for (const force of [false, true]) {
      const error = await assertRejects(() => tag(path, LONG, { force }), MuxError, "it has 2 names (hard links)");
      assertEquals(error.code, "unsupported");
    }
    assertEquals(await Deno.readFile(other), WHOLE);
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 2, "nothing is left beside it");
    assertEquals((await tag(path, { set: { title: "x" } })).wasRewritten, false);
    assertEquals((await Deno.stat(path)).ino, (await Deno.stat(other)).ino);
    assertEquals(await Deno.readFile(other), await Deno.readFile(path));
  }));

Deno.test(
  { name: "a file that gets a second name while its copy is made is not replaced", ignore: !IS_POSIX },
  () =>
    withTempDir(async (folder) => {
      const path = `${folder}/a`;
      await Deno.writeFile(path, new Uint8Array(10));
      const file = await openEditable(path);
      const copy = file.replacement!();
      await copy.open!();
      await copy.header(new Uint8Array([1]));
      await Deno.link(path, `${folder}/b`);
      await assertRejects(async () => await copy.close(), MuxError, "it has 2 names");
      await copy.abort(new Error());
      await file.close();
      assertEquals(await Deno.readFile(path), new Uint8Array(10));
    }),
);
