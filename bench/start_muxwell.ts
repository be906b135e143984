/** From nothing to a writer that takes samples; one line of JSON. */

const started = performance.now();
const { asf, bufferSink, Writer } = await import("../mod.ts");
const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 44_100, numberOfChannels: 2 }] as const;
const writer = new Writer({ container: asf(), sinks: [bufferSink()], streams });
await writer.beginWriting();
console.log(JSON.stringify({ ms: performance.now() - started }));
await writer.abort();
