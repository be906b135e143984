/** The packed package's declarations, as TypeScript sees them in an application: strictly, and with those of libraries. */

import { assertEquals } from "@std/assert";
import { run } from "../support/run.ts";
import { RUNTIMES, runtimeTest } from "./install.ts";
import { withApplication } from "./package.ts";

const PROGRAMS = new URL("../programs/", import.meta.url).pathname;
const RECIPES = ["encode_to_file", "song_to_wma", "push_and_record", "edge_function", "media_foundation"];
const ENTRIES = ["", "/workerd", "/inspect", "/repair", "/demux", "/server", "/cli"];

/** Each entry by name, since what nobody imports is not looked at. */
const ALL = `
${ENTRIES.map((entry, i) => `import * as entry${i} from "@muxwell/muxwell${entry}";`).join("\n")}
export const entries = [${ENTRIES.map((_, i) => `entry${i}`).join(", ")}];
export async function listen(): Promise<void> {
  await using server = entry5.PublishingServer.listen();
  await using push = new entry0.PushSink();
  entry0.initCore({});
  new Blob([entry0.bufferSink().bytes]);
}`;

/** Beside `strict`; nothing is skipped, the declarations of libraries neither. */
const APPLICATIONS = {
  "a bundled page": {
    moduleResolution: "bundler",
    module: "ESNext",
    lib: ["ES2022", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: [],
  },
  // Without the browser's names: Node has no namespace `WebAssembly`.
  "Node": { moduleResolution: "node16", module: "node16", lib: ["ES2022"], types: ["node"] },
};

runtimeTest("TypeScript accepts the recipes and every entry of the package", ["TypeScript", "Node"], (t) => {
  return withApplication(async (folder) => {
    for (const name of [...RECIPES, "browser_types"]) {
      await Deno.copyFile(`${PROGRAMS}${name}.ts`, `${folder}/${name}.ts`);
    }
    await Deno.writeTextFile(`${folder}/all.ts`, ALL);
    for (const [name, options] of Object.entries(APPLICATIONS)) {
      await t.step(name, async () => {
        const compilerOptions = {
          ...options,
          target: "ES2022",
          noEmit: true,
          allowImportingTsExtensions: true,
          strict: true,
          noUncheckedIndexedAccess: true,
          verbatimModuleSyntax: true,
          skipLibCheck: false,
          typeRoots: [`${RUNTIMES.TypeScript}/../../../@types`],
        };
        const files = [...RECIPES, "all"].map((file) => `${file}.ts`);
        await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files }));
        const { stdout, stderr } = await run(RUNTIMES.Node, [RUNTIMES.TypeScript, "-p", "."], { cwd: folder });
        assertEquals(stdout + stderr, "");
      });
    }
  });
});
