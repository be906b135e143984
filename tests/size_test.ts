/** What an application has to load: it grows on purpose, or not at all. */

import { assert, assertEquals } from "@std/assert";
import { ASF_COMPLETE, bundle, FACTORIES, gzippedSize, WAVE } from "../bench/sizes.ts";
import { CORE_HEX } from "../src/core/core_bytes.ts";

/** After gzip, a little more than it is. Whoever adds something worth its bytes raises it, and says so. */
const MAX_BYTES: Record<string, number> = {
  asf: 64_860,
  mp4: 50_490,
  matroska: 48_420,
  webm: 37_690,
  wave: 30_990,
  adts: 27_060,
  mp3: 29_110,
  mpegts: 38_630,
  flac: 29_230,
  ogg: 30_550,
  ac3: 26_230,
  eac3: 26_240,
  amr: 25_690,
  "SinkWriter with wave": 33_540,
  everything: 125_030,
};
/** Of the first the core, as it is embedded. */
const MAX_CORE_BYTES = 3_200;

async function inFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "muxwell_size_" });
  try {
    return await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Deno fetches its bundler from the package registry when it is first asked to bundle. */
const hasBundler = await inFolder((folder) => bundle("", folder)).then(() => true, () => false);

/** Skipped by name where there is no bundler, failing under `CI`. */
function bundleTest(name: string, fn: (folder: string) => Promise<void>): void {
  const ignore = !hasBundler && !Deno.env.get("CI");
  Deno.test({ name: hasBundler ? name : `${name} (without esbuild)`, ignore, fn: () => inFolder(fn) });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

for (const [name, code] of Object.entries(FACTORIES)) {
  bundleTest(`an application with ${name} is no more to load than it was`, async (folder) => {
    const size = await gzippedSize(await bundle(code, folder));
    assert(size <= MAX_BYTES[name]!, `${size} bytes after gzip, at most ${MAX_BYTES[name]} are meant to be`);
  });
}

bundleTest("the core is a small part of an application with ASF", async (folder) => {
  assert(text(await bundle(ASF_COMPLETE, folder)).includes(CORE_HEX), "the core is part of it");
  const coreSize = await gzippedSize(new TextEncoder().encode(CORE_HEX));
  assert(coreSize <= MAX_CORE_BYTES, `${coreSize} bytes of core after gzip, at most ${MAX_CORE_BYTES} are meant to be`);
});

bundleTest("an application without ASF loads nothing of it", async (folder) => {
  const code = text(await bundle(WAVE, folder));
  assertEquals(code.includes(CORE_HEX), false);
  assertEquals(code.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/i), null, "a GUID is in it");
});
