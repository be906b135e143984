/**
 * Writes the parts of the README that the sources know better: `deno task docs`. A part stands between
 * `<!-- written: NAME -->` and `<!-- end -->`.
 *
 * @module
 */

import { errorRows, errorTable } from "./error_table.ts";
import { FEATURES, featureTable } from "./features.ts";
import { Results, speedTable } from "./speed_table.ts";

const ROOT = new URL("../../", import.meta.url);
const README = new URL("README.md", ROOT);

const RECIPES = ["encode_to_file", "song_to_wma", "push_and_record", "edge_function", "media_foundation"];

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

async function readAll(folder: string): Promise<string> {
  const names = (await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)))).map(({ name }) => name).sort();
  return (await Promise.all(names.map((name) => read(`${folder}${name}`)))).join("\n");
}

async function errors(): Promise<string> {
  const [text, hresults, push, failures, facade] = await Promise.all([
    read("src/errors.ts"),
    read("src/facades/hresults.ts"),
    readAll("src/push/"),
    read("src/push/failures.ts"),
    read("src/facades/push_sink.ts"),
  ]);
  return errorTable(errorRows({ errors: text, hresults, push: `${push}\n${facade}`, failures }));
}

/** Each program under its own first words. They are checked and run where they are, so not here once more. */
async function recipes(): Promise<string> {
  const shown = await Promise.all(RECIPES.map(async (name) => {
    const path = `tests/programs/${name}.ts`;
    const [, title, code] = (await read(path)).match(/^\/\*\* (.*?)\.? \*\/\n\n([^]*)$/) ?? [];
    if (code === undefined) throw new Error(`${path} begins with no comment of one line`);
    const shown = code.trimEnd().replace(/^import .* from "\.\/.*\n/gm, "");
    return `#### [${title}](${path})\n\n\`\`\`ts ignore\n${shown}\n\`\`\``;
  }));
  return shown.join("\n\n");
}

const PARTS: Record<string, () => Promise<string>> = {
  errors,
  recipes,
  features: () => Promise.resolve(featureTable(FEATURES)),
  speed: async () => speedTable(new Results(await read("bench/RESULTS.md")), new Results(await read("bench/LIVE.md"))),
};

/** The README as it should be. */
export async function writtenReadme(): Promise<string> {
  let text = await Deno.readTextFile(README);
  for (const [name, part] of Object.entries(PARTS)) {
    const place = new RegExp(`(<!-- written: ${name} -->\n)[^]*?(\n<!-- end -->)`);
    if (!place.test(text)) throw new Error(`the README has no place for "${name}"`);
    const written = await part();
    text = text.replace(place, (_, before, after) => `${before}\n${written}\n${after}`);
  }
  return await formatted(text);
}

/** As `deno fmt` leaves it. */
async function formatted(text: string): Promise<string> {
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "--config", new URL("deno.json", ROOT).pathname, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = fmt.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await fmt.output();
  if (!success) throw new Error("deno fmt failed on the README");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(README, await writtenReadme());
