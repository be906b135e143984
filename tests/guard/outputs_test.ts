/**
 * Bytes of what is written, held by their hashes: whoever moves code leaves them alone, and whoever means to change them
 * says so. `deno test -u` writes them anew, and the difference is to be read.
 */

import { assert } from "@std/assert";
import type { MuxError } from "../../mod.ts";
import { fixture } from "../support/temp.ts";
import { guardedOutputs } from "./outputs.ts";

const FIXTURES = Array.from(Deno.readDirSync(fixture(".")), ({ name }) => name)
  .filter((name) => !name.endsWith(".md")).sort();

Deno.test("every fixture has the bytes it had, in every container and form", async (t) => {
  const lines: string[] = [];
  for (const name of FIXTURES) {
    const outputs = await guardedOutputs(name, fixture(name)).catch((error: MuxError) => error.code);
    if (typeof outputs === "string") lines.push(`${name} is not read: ${outputs}`);
    else for (const output of outputs) lines.push(`${output.name} | ${await output.hash()}`);
  }
  assert(lines.length > 500, `${lines.length} outputs`);
  await t.assertSnapshot(lines.join("\n"));
});
