/**
 * From nothing to a writer that takes samples, by the entries that it needs and unbundled: `start_entries.ts CONTAINER`;
 * one line of JSON.
 *
 * @module
 */

const ENTRIES = { wave: () => import("../src/wave/mod.ts"), asf: () => import("../src/asf/mod.ts") };

const started = performance.now();
const name = Deno.args[0] as keyof typeof ENTRIES;
const { bufferSink, Writer } = await import("../src/writer.ts");
const create = (await ENTRIES[name]() as Record<string, typeof import("../src/asf/mod.ts").asf>)[name]!;
const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 44_100, numberOfChannels: 2 }] as const;
const writer = new Writer({ container: create(), sinks: [bufferSink()], streams });
await writer.beginWriting();
console.log(JSON.stringify({ ms: performance.now() - started }));
await writer.abort();
