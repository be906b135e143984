/** What the README says is what is there. */

import { assertEquals, assertThrows } from "@std/assert";
import { errorRows } from "./error_table.ts";
import { FEATURES } from "./features.ts";
import { writtenReadme } from "./readme.ts";
import { Results } from "./speed_table.ts";

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

Deno.test("Results finds a number by heading, row and column, and says what is missing", () => {
  const results = new Results(
    "# R\n\n## A\n\nWords.\n\n|  | MB/s |\n| --- | --: |\n| x, 1 | 1,234.5 |\n| x, 2 | 6 |\n",
  );
  assertEquals(results.all("A", "x", "MB/s"), [1234.5, 6]);
  assertEquals(results.one("A", "x, 2", "MB/s"), 6);
  for (const [heading, row, column] of [["B", "x", "MB/s"], ["A", "y", "MB/s"], ["A", "x", "ms"]] as const) {
    assertThrows(() => results.one(heading, row, column), Error, "the results have no");
  }
});

const DOCUMENTS = [
  "README.md",
  "CHANGELOG.md",
  "src/README.md",
  "src/asf/README.md",
  "wasm/README.md",
  "tests/fixtures/README.md",
  "tests/soak/README.md",
  "bench/README.md",
  "bench/RESULTS.md",
  "bench/LIVE.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
];

/** What a document links to: `[text](target "title")`, and `[name]: target` at the beginning of a line. */
function linksOf(text: string): string[] {
  const bare = withoutCode(text);
  const links = [...bare.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g), ...bare.matchAll(/^\[[^\]]+\]: (\S+)/gm)];
  return links.map(([, target]) => target!);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return Array.from(
    withoutCode(text).matchAll(/^#+ (.*)$/gm),
    ([, heading]) =>
      heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(
        " ",
        "-",
      ),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[^]*?^```/gm, "");
}

Deno.test("every file and heading that the documents link to is there", async () => {
  const missing: string[] = [];
  for (const page of DOCUMENTS) {
    const at = new URL(page, ROOT);
    for (const link of linksOf(await Deno.readTextFile(at))) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const target = path === "" ? at : new URL(path!, at);
      const { isFile } = await Deno.stat(target).catch(() => ({ isFile: undefined }));
      if (isFile === undefined) missing.push(`${page}: ${link}`);
      else if (anchor !== undefined && !anchorsOf(await Deno.readTextFile(target)).includes(anchor)) {
        missing.push(`${page}: ${link}: no such heading`);
      }
    }
  }
  assertEquals(missing, []);
});

Deno.test("every name that a document uses for a link is defined", async () => {
  for (const page of DOCUMENTS) {
    const text = withoutCode(await Deno.readTextFile(new URL(page, ROOT)));
    const defined = new Set(Array.from(text.matchAll(/^\[([^\]]+)\]: /gm), ([, name]) => name!));
    const used = Array.from(text.matchAll(/\[[^\]]+\]\[([^\]]+)\]/g), ([, name]) => name!);
    assertEquals(used.filter((name) => !defined.has(name)), [], page);
  }
});

Deno.test("every feature in the README's table is named with a test that is there", async () => {
  const missing: string[] = [];
  for (const { name, path, test } of FEATURES) {
    const text = await Deno.readTextFile(new URL(`tests/${path}`, ROOT)).catch(() => "");
    if (!['"', "`", "'"].some((quote) => text.includes(quote + test))) missing.push(`${name}: ${path}: ${test}`);
  }
  assertEquals(missing, []);
});
