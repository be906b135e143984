/**
 * Where the runtimes are: `.ci/runtimes` beside the repository's own files, since a package.json in the root changes how
 * Deno resolves modules; Node and Chromium on the machine. Installed by
 *
 * ```sh
 * npm ci --prefix .ci/runtimes --ignore-scripts
 * ```
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url).pathname;
const MODULES = `${ROOT}.ci/runtimes/node_modules`;
const MACHINE = `${Deno.build.os}-${Deno.build.arch}`;
const BUN: Record<string, string> = { "linux-x86_64": "bun-linux-x64", "linux-aarch64": "bun-linux-aarch64" };
const WORKERD: Record<string, string> = { "linux-x86_64": "workerd-linux-64", "linux-aarch64": "workerd-linux-arm64" };

/** What a runtime is started with; a path that does not exist when it is not installed. */
export const RUNTIMES = {
  Deno: Deno.execPath(),
  Node: onPath("node"),
  Bun: `${MODULES}/@oven/${BUN[MACHINE]}/bin/bun`,
  workerd: `${MODULES}/@cloudflare/${WORKERD[MACHINE]}/bin/workerd`,
  "edge-runtime": `${MODULES}/edge-runtime/package.json`,
  Chromium: onPath("chromium"),
  "playwright-core": `${MODULES}/playwright-core/package.json`,
  TypeScript: `${MODULES}/typescript/lib/tsc.js`,
} as const;

export type RuntimeName = keyof typeof RUNTIMES;

function onPath(name: string): string {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (exists(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return `/usr/bin/${name}`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Registers a test that needs these runtimes: skipped by name where one is missing, failing under `CI`. */
export function runtimeTest(name: string, needs: RuntimeName[], fn: (t: Deno.TestContext) => Promise<void>): void {
  const missing = needs.filter((need) => !exists(RUNTIMES[need]));
  const title = missing.length === 0 ? name : `${name} (without ${missing.join(", ")})`;
  Deno.test({
    name: title,
    ignore: missing.length > 0 && !Deno.env.get("CI"),
    fn: (t) => {
      if (missing.length > 0) throw new Error(`Missing runtimes: ${missing.join(", ")}`);
      return fn(t);
    },
  });
}
