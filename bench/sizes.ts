/**
 * What an application that writes one container has to load, minified and compressed.
 *
 * @module
 */

/** Bytes after gzip, by what was bundled. */
export type Sizes = Record<string, number>;

const ROOT = new URL("../", import.meta.url).pathname;

/** What an application imports that writes one container: its entry, and the writers'. */
function writerOf(name: string, room = name, writer = "Writer"): string {
  const writers = `export { bufferSink, ${writer} } from "${ROOT}src/writer.ts";`;
  return `export { ${name} } from "${ROOT}src/${room}/mod.ts"; ${writers}`;
}

/** With all that ASF can hold. */
export const ASF_COMPLETE = writerOf("asf");

/** WAVE, which needs no core. */
export const WAVE = writerOf("wave");

const CONTAINERS = ["asf", "mp4", "matroska", "wave", "adts", "mp3", "mpegts", "flac", "ogg", "ac3", "eac3", "amr"];

/** What an application imports, by the container's factory. */
export const FACTORIES: Record<string, string> = {
  ...Object.fromEntries(CONTAINERS.map((name) => [name, writerOf(name)])),
  webm: writerOf("webm", "matroska"),
  "SinkWriter with wave": writerOf("wave", "wave", "SinkWriter"),
  everything: `export * from "${ROOT}mod.ts";`,
};

const ENTRIES: Record<string, string> = {
  "Muxwell, ASF": ASF_COMPLETE,
  "its core, as embedded": `export { CORE_HEX } from "${ROOT}src/core/core_bytes.ts";`,
  "Muxwell, WAVE": WAVE,
  "Muxwell, everything": `export * from "${ROOT}mod.ts";`,
  "Mediabunny, MP4":
    `export { EncodedAudioPacketSource, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output, StreamTarget } from "mediabunny";`,
  "mp4-muxer, MP4": `export { Muxer, StreamTarget } from "npm:mp4-muxer@5.2.2";`,
};

/** How large bytes are after gzip. */
export async function gzippedSize(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** Bundles a module for browsers, minified; `folder` is where it is done. */
export async function bundle(code: string, folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const [entry, output] = [`${folder}/entry.ts`, `${folder}/bundle.js`];
  await Deno.writeTextFile(entry, code);
  const args = ["bundle", "--quiet", "--platform", "browser", "--minify", "--config", `${ROOT}deno.json`];
  const command = new Deno.Command(Deno.execPath(), { args: [...args, "--output", output, entry], stderr: "inherit" });
  if (!(await command.output()).success) throw new Error(`Cannot bundle: ${code}`);
  return await Deno.readFile(output);
}

/** Bundles each entry and measures it. */
export async function bundleSizes(folder: string): Promise<Sizes> {
  const sizes: Sizes = {};
  for (const [name, code] of Object.entries(ENTRIES)) sizes[name] = await gzippedSize(await bundle(code, folder));
  return sizes;
}
