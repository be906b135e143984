/**
 * Media samples in, containers out: ASF, WMV and WMA files that every reader accepts, in any JavaScript runtime.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, Writer } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [sink],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 44100, numberOfChannels: 2 }],
 *   metadata: { title: "A second of silence" },
 * });
 * await writer.beginWriting();
 * for (let i = 0; i < 10; i++) {
 *   await writer.writeSample(1, { data: new Uint8Array(17640), timestamp: i * 100_000, duration: 100_000 });
 * }
 * console.log((await writer.endWriting()).duration / 1e6, "s");
 * ```
 *
 * @module
 */

// First: in the midst of a bundle the core's digits would push what is alike out of a compressor's window.
export { initCore } from "./src/core/loader.ts";
export * from "./src/ac3/mod.ts";
export * from "./src/adts/mod.ts";
export * from "./src/amr/mod.ts";
export * from "./src/asf/mod.ts";
export * from "./src/eac3/mod.ts";
export * from "./src/flac/mod.ts";
export * from "./src/mp3/mod.ts";
export * from "./src/matroska/mod.ts";
export * from "./src/mp4/mod.ts";
export * from "./src/mpegts/mod.ts";
export * from "./src/ogg/mod.ts";
export * from "./src/wave/mod.ts";
export { allContainers, containerByName, containerForPath, containersFor } from "./src/containers.ts";
export * from "./src/writer.ts";
export { createSinkWriterFromUrl } from "./src/facades/sink_writer_from_url.ts";
