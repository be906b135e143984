/** From nothing to an output of Mediabunny's that takes packets; one line of JSON. */

const started = performance.now();
const { EncodedVideoPacketSource, Mp4OutputFormat, Output, StreamTarget } = await import("mediabunny");
const target = new StreamTarget(new WritableStream({ write() {} }));
const output = new Output({ format: new Mp4OutputFormat({ fastStart: "fragmented" }), target });
output.addVideoTrack(new EncodedVideoPacketSource("avc"));
await output.start();
console.log(JSON.stringify({ ms: performance.now() - started }));
await output.cancel();
