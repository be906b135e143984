/** What the README says is what is there. */

import { assertEquals, assertThrows } from "@std/assert";
import { errorRows } from "./error_table.ts";
import { FEATURES } from "./features.ts";
import { writtenReadme } from "./readme.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("the README's written parts are what `deno task docs` writes", async () => {
  assertEquals(await Deno.readTextFile(new URL("README.md", ROOT)), await writtenReadme());
});

Deno.test("errorRows() reads cause, remedy and the originals' values", () => {
  const rows = errorRows({
    errors:
      'export type MuxErrorCode =\n  /** It broke —\n   * mend it. */\n  | "a-b"\n  /** Late — wait. */\n  | "c";\n\n',
    hresults: '  "a-b": 0xC00D0001, // NS_E_BROKEN\n',
    push: 'pushError("a-b", "NS_E_GONE", message)',
    failures: "NS_E_GONE: 0xC00D0002,",
  });
  assertEquals(rows, [
    {
      code: "a-b",
      cause: "It broke",
      remedy: "mend it",
      originals: ["`NS_E_BROKEN` 0xC00D0001", "`NS_E_GONE` 0xC00D0002"],
    },
    { code: "c", cause: "Late", remedy: "wait", originals: [] },
  ]);
});

Deno.test("errorRows() refuses a code without a remedy", () => {
  const errors = 'export type MuxErrorCode =\n  /** It broke. */\n  | "a-b";\n\n';
  assertThrows(() => errorRows({ errors, hresults: "", push: "", failures: "" }), Error, "needs a cause");
});

Deno.test("every file that the documents link to is there", async () => {
  const missing: string[] = [];
  for (
    const page of [
      "README.md",
      "src/README.md",
      "wasm/README.md",
      "tests/fixtures/README.md",
      ".github/CONTRIBUTING.md",
    ]
  ) {
    const at = new URL(page, ROOT);
    for (const [, target] of (await Deno.readTextFile(at)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      await Deno.stat(new URL(target!, at)).catch(() => missing.push(`${page}: ${target}`));
    }
  }
  assertEquals(missing, []);
});

Deno.test("every feature in the README's table is named with a test that is there", async () => {
  const missing: string[] = [];
  for (const { name, path, test } of FEATURES) {
    const text = await Deno.readTextFile(new URL(`tests/${path}`, ROOT)).catch(() => "");
    if (!['"', "`", "'"].some((quote) => text.includes(quote + test))) missing.push(`${name}: ${path}: ${test}`);
  }
  assertEquals(missing, []);
});
