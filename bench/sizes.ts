/**
 * What an application that writes one container has to load, minified and compressed.
 *
 * @module
 */

/** Bytes after gzip, by what was bundled. */
export type Sizes = Record<string, number>;

const ROOT = new URL("../", import.meta.url).pathname;

/** What an application imports that writes ASF: with all that ASF can hold. */
export const ASF_COMPLETE = `export { asf, bufferSink, Writer } from "${ROOT}mod.ts";`;

/** The same for WAVE, which needs no core. */
export const WAVE = `export { bufferSink, wave, Writer } from "${ROOT}mod.ts";`;

/** What an application imports that writes one container, by the container's factory. */
export const FACTORIES: Record<string, string> = {
  asf: ASF_COMPLETE,
  mp4: `export { bufferSink, mp4, Writer } from "${ROOT}mod.ts";`,
  matroska: `export { bufferSink, matroska, Writer } from "${ROOT}mod.ts";`,
  webm: `export { bufferSink, webm, Writer } from "${ROOT}mod.ts";`,
  wave: WAVE,
  adts: `export { adts, bufferSink, Writer } from "${ROOT}mod.ts";`,
  mp3: `export { bufferSink, mp3, Writer } from "${ROOT}mod.ts";`,
  mpegts: `export { bufferSink, mpegts, Writer } from "${ROOT}mod.ts";`,
  flac: `export { bufferSink, flac, Writer } from "${ROOT}mod.ts";`,
  ogg: `export { bufferSink, ogg, Writer } from "${ROOT}mod.ts";`,
  ac3: `export { ac3, bufferSink, Writer } from "${ROOT}mod.ts";`,
  eac3: `export { bufferSink, eac3, Writer } from "${ROOT}mod.ts";`,
  amr: `export { amr, bufferSink, Writer } from "${ROOT}mod.ts";`,
  "SinkWriter with wave": `export { bufferSink, SinkWriter, wave } from "${ROOT}mod.ts";`,
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
