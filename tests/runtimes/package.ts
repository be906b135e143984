/**
 * The package as its users get it: packed, and unpacked into a folder of an application of theirs.
 *
 * @module
 */

import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const HERE = new URL("./", import.meta.url).pathname;
/** The package inside the application. */
export const PACKAGE = "node_modules/@muxwell/muxwell";

let packing: Promise<Uint8Array> | undefined;

/** The tarball. Packing checks all types, which takes a while: once for all who ask. */
function packed(): Promise<Uint8Array> {
  return packing ??= withTempDir(async (folder) => {
    const tarball = `${folder}/package.tgz`;
    await runOk(Deno.execPath(), ["pack", "--quiet", "--allow-dirty", "--output", tarball], { cwd: ROOT });
    return await Deno.readFile(tarball);
  });
}

/** A folder with the packed package under node_modules, and `program.js`. */
export async function withApplication(fn: (folder: string) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
    const tarball = `${folder}/package.tgz`;
    await Deno.writeFile(tarball, await packed());
    await Deno.mkdir(`${folder}/${PACKAGE}`, { recursive: true });
    await runOk("tar", ["xzf", tarball, "--strip-components=1", "-C", `${folder}/${PACKAGE}`]);
    await Deno.writeTextFile(`${folder}/package.json`, `{ "type": "module" }`);
    for (const name of ["program.js", "page.js"]) await Deno.copyFile(`${HERE}${name}`, `${folder}/${name}`);
    await fn(folder);
  });
}

/** All modules of the package, relative to the application. */
export async function packageModules(folder: string): Promise<string[]> {
  const { stdout } = await runOk("find", [PACKAGE, "-name", "*.js", "-o", "-name", "*.wasm"], { cwd: folder });
  return stdout.trim().split("\n").sort();
}
