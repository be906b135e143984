/**
 * What an application that writes one container has to load, minified and compressed.
 *
 * @module
 */

/** Bytes after gzip, by what was bundled. */
export type Sizes = Record<string, number>;

const ROOT = new URL("../", import.meta.url).pathname;
const ENTRIES: Record<string, string> = {
  "Muxwell, ASF": `export { asf, bufferSink, MuxStream, Writer } from "${ROOT}mod.ts";`,
  "its core, as embedded": `export { CORE_HEX } from "${ROOT}src/core/core_bytes.ts";`,
  "Mediabunny, MP4":
    `export { EncodedAudioPacketSource, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output, StreamTarget } from "mediabunny";`,
  "mp4-muxer, MP4": `export { Muxer, StreamTarget } from "npm:mp4-muxer@5.2.2";`,
};

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** Bundles each entry and measures it. */
export async function bundleSizes(folder: string): Promise<Sizes> {
  const sizes: Sizes = {};
  for (const [name, code] of Object.entries(ENTRIES)) {
    const [entry, bundle] = [`${folder}/entry.ts`, `${folder}/bundle.js`];
    await Deno.writeTextFile(entry, code);
    const args = ["bundle", "--quiet", "--platform", "browser", "--minify", "--config", `${ROOT}deno.json`];
    const command = new Deno.Command(Deno.execPath(), {
      args: [...args, "--output", bundle, entry],
      stderr: "inherit",
    });
    if (!(await command.output()).success) throw new Error(`${name} cannot be bundled`);
    sizes[name] = await gzipped(await Deno.readFile(bundle));
  }
  return sizes;
}
