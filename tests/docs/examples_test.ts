/** Every exported function and class has an example; `deno test --doc` runs them. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

interface Declaration {
  kind: string;
  declarationKind?: string;
  jsDoc?: { tags?: { kind: string }[] };
}

/** The functions and classes that an entry exports, and whether they have an example. */
async function documented(entry: string): Promise<{ name: string; hasExample: boolean }[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", entry],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  assert(success);
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
  };
  return Object.values(nodes).flatMap(({ symbols }) =>
    symbols.flatMap(({ name, declarations }) => {
      const called = declarations.filter(({ kind }) => kind === "function" || kind === "class");
      if (called.length === 0) return [];
      const hasExample = called.some(({ jsDoc }) => jsDoc?.tags?.some(({ kind }) => kind === "example"));
      return [{ name, hasExample }];
    })
  );
}

Deno.test("every exported function and class has an example", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))) as {
    exports: Record<string, string>;
  };
  const entries = Object.values(exports).filter((path) => path.endsWith(".ts"));
  const found = (await Promise.all(entries.map(documented))).flat();
  assert(found.some(({ name }) => name === "Writer"));
  assertEquals(found.filter(({ hasExample }) => !hasExample).map(({ name }) => name), []);
});
