/**
 * Runs each command where so many files can be opened and no more, and prints what became of it.
 *
 * @module
 */

import { runIn } from "../cli/support.ts";
import { withTempDir } from "../support/temp.ts";
import { CASES } from "./commands.ts";

/** What became of a command. */
export interface Outcome {
  name: string;
  /** How many files could be opened. */
  free: number;
  code: number;
  reported: string;
  /** The file is as it was. */
  isSame: boolean;
  /** Where a copy of it is, if it is not. */
  copy?: string;
}

const MOST_FREE = 6;
const folder = Deno.args[0]!;

/** Opens files until no more can be. */
function exhaust(): Deno.FsFile[] {
  const files: Deno.FsFile[] = [];
  for (;;) {
    try {
      files.push(Deno.openSync("/dev/null"));
    } catch {
      return files;
    }
  }
}

// Deno sets signals up when one is first listened to, and must find descriptors then.
const ignore = () => {};
Deno.addSignalListener("SIGUSR2", ignore);
Deno.removeSignalListener("SIGUSR2", ignore);

await withTempDir(async (temp) => {
  for (const [name, { before, args, extension = "wmv" }] of Object.entries(CASES)) {
    const file = `${temp}/file.${extension}`;
    const prepare = async () => {
      await Deno.remove(file).catch(() => {});
      if (before === undefined) return;
      await Deno.writeFile(file, before);
      await Deno.utime(file, 0, 0);
    };
    await prepare();
    await runIn({}, ...args(file)); // what is loaded when it is first needed is there then
    for (let free = 0; free <= MOST_FREE; free++) {
      await prepare();
      const files = exhaust();
      for (const one of files.splice(0, free)) one.close();
      const { code, reported } = await runIn({}, ...args(file));
      for (const one of files) one.close();
      const after = await Deno.readFile(file).catch(() => new Uint8Array());
      const isSame = after.byteLength === (before?.byteLength ?? 0) && after.every((byte, i) => byte === before![i]);
      const outcome: Outcome = { name, free, code, reported, isSame };
      if (!isSame) {
        outcome.copy = `${folder}/${name.replaceAll(" ", "_")}_${free}.${extension}`;
        await Deno.writeFile(outcome.copy, after);
      }
      console.log(JSON.stringify(outcome));
      for await (const { name: left } of Deno.readDir(temp)) {
        if (left !== `file.${extension}`) throw new Error(`${name} with ${free}: ${left} is left`);
      }
    }
    await Deno.remove(file).catch(() => {});
  }
});
