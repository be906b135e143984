/** Where no more files can be opened, a command says so, and the file is as it was, or valid. */

import { assert, assertEquals } from "@std/assert";
import { withTempDir } from "../support/temp.ts";
import { CASES, complaints } from "./commands.ts";
import type { Outcome } from "./few_descriptors.ts";

const LIMIT = 256;

Deno.test({
  name: "with no more files to open each command says so, and the file is as it was, or valid",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withTempDir(async (folder) => {
      const program = new URL("./few_descriptors.ts", import.meta.url).pathname;
      const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", program, folder];
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", `ulimit -n ${LIMIT}; exec "$@"`, "sh", ...deno],
      }).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      const outcomes: Outcome[] = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
      const wrong: string[] = [];
      for (const { name, free, code, reported, copy } of outcomes) {
        const complaint = (what: string) => wrong.push(`${name} with ${free}: ${what}`);
        if (code !== 0 && !/[Tt]oo many (open )?files/.test(reported)) complaint(reported);
        if (code !== 0 && reported.trim().split("\n").length > 3) complaint(`more than a line: ${reported}`);
        if (copy !== undefined) (await complaints(copy)).forEach(complaint);
      }
      assertEquals(wrong, []);
      for (const name of Object.keys(CASES)) {
        const of = outcomes.filter((outcome) => outcome.name === name);
        assert(of.some(({ code }) => code !== 0) && of.some(({ code }) => code === 0), name);
      }
    }),
});
