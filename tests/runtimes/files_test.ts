/** Files that are replaced, or written by two, in runtimes without locks. */

import { assertEquals } from "@std/assert";
import { record } from "../repair/support/recording.ts";
import { runOk } from "../support/run.ts";
import { RUNTIMES, runtimeTest } from "./install.ts";
import { withApplication } from "./package.ts";

const REPLACED = `
  import { tag } from "@muxwell/muxwell/repair";
  import { chmod, chown, link, lstat, readdir, stat, symlink, writeFile } from "node:fs/promises";
  const long = (count) => ({ set: { description: "z".repeat(count) } });
  process.umask(0o022);
  await chmod("a.wmv", 0o600);
  await symlink("a.wmv", "link.wmv");
  console.log((await tag("link.wmv", long(9000))).wasRewritten);
  console.log(((await stat("a.wmv")).mode & 0o7777).toString(8), (await lstat("link.wmv")).isSymbolicLink());
  await link("a.wmv", "b.wmv");
  await tag("a.wmv", long(20000)).catch(({ code, message }) => console.log(code, message));
  if (process.getuid() === 0) {
    await chown("c.wmv", 1234, 4321);
    await chmod("c.wmv", 0o666);
    await chmod(".", 0o777);
    await tag("c.wmv", long(9000));
    const { uid, gid, mode } = await stat("c.wmv");
    console.log(uid, gid, (mode & 0o7777).toString(8));
    const names = (await readdir(".")).join();
    process.setgroups([]);
    process.setegid(65534);
    process.seteuid(65534);
    await tag("c.wmv", long(20000)).catch(({ code, message }) => console.log(code, message));
    process.seteuid(0);
    console.log((await readdir(".")).join() === names);
  }
`;

const HARD_LINKED = "unsupported Cannot replace a.wmv: it has 2 names (hard links), of which a copy would be one; " +
  "write to another file, or remove the others";
const FOREIGN = "unsupported Cannot replace c.wmv: its owner 1234:4321 cannot be kept; write to another file";

for (const name of ["Node", "Bun"] as const) {
  runtimeTest(
    `a replaced file keeps its mode, owner and names in ${name}`,
    [name],
    () =>
      withApplication(async (folder) => {
        const bytes = await record("final");
        for (const file of ["a.wmv", "c.wmv"]) await Deno.writeFile(`${folder}/${file}`, bytes);
        await Deno.writeTextFile(`${folder}/program.mjs`, REPLACED);
        const { stdout } = await runOk(RUNTIMES[name], ["program.mjs"], { cwd: folder });
        const lines = ["true", "600 true", HARD_LINKED];
        const asRoot = ["1234 4321 666", FOREIGN, "true"];
        assertEquals(stdout.trim().split("\n"), Deno.uid() === 0 ? [...lines, ...asRoot] : lines);
      }),
  );
}

const ONE_WRITER = `
  import { asf, fileSink, Writer } from "@muxwell/muxwell";
  import { repair, tag } from "@muxwell/muxwell/repair";
  import { link, readFile, symlink } from "node:fs/promises";
  const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }];
  const create = (...paths) => new Writer({ container: asf(), sinks: paths.map((path) => fileSink(path)), streams });
  const code = (promise) => promise.then(() => "done", (error) => error.cause?.code ?? error.code);
  await symlink("a.wma", "symbolic.wma");
  const first = create("a.wma");
  await first.beginWriting();
  await link("a.wma", "hard.wma");
  const names = ["a.wma", "./a.wma", "symbolic.wma", "hard.wma"];
  await first.writeSample(1, { data: new Uint8Array(1600), timestamp: 0 });
  await first.flush();
  for (const name of names) console.log(await code(create(name).beginWriting()), await code(repair(name)));
  const { sinks } = await first.endWriting();
  const bytes = await readFile("a.wma");
  console.log(sinks[0].outcome, bytes.byteLength === sinks[0].bytes);
  for (const name of names) {
    console.log(await code(tag("a.wma", { set: { title: "x" } }, { output: fileSink(name) })));
  }
  console.log(Buffer.compare(bytes, await readFile("a.wma")));
  const tags = ["One", "Two", "Three"];
  const ended = await Promise.all(tags.map((name) => code(tag("a.wma", { set: { attributes: { [name]: name } } }))));
  const text = (await readFile("a.wma")).toString("utf16le") + (await readFile("a.wma")).subarray(1).toString("utf16le");
  console.log(tags.every((name, i) => text.includes(name) === (ended[i] === "done") && /done|in-use/.test(ended[i])));
  console.log(await code(tag("a.wma", { set: { title: "x" } })), await code(create("a.wma", "hard.wma").beginWriting()));
  console.log(await code(create("a.wma").beginWriting()));
`;

const EXPECTED = [
  ...Array(4).fill("in-use in-use"),
  "finished true",
  ...Array(4).fill("in-use"),
  "0",
  "true",
  "done in-use",
  "done",
];

for (const name of ["Node", "Bun"] as const) {
  runtimeTest(`a file has one writer within a process in ${name}`, [name], () =>
    withApplication(async (folder) => {
      await Deno.writeTextFile(`${folder}/program.mjs`, ONE_WRITER);
      const { stdout } = await runOk(RUNTIMES[name], ["program.mjs"], { cwd: folder });
      assertEquals(stdout.trim().split("\n"), EXPECTED);
    }));
}
