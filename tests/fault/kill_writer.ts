/**
 * The program that is killed: writes a file in real time, over and over from one fixture, until it is. Where the machine
 * holds it up it catches up with nothing: between two samples there is always their time.
 *
 * Arguments: fixture, path, by whose extension it is a container. Says `<ms>` on a line of its own for every sample: how far it has come.
 *
 * @module
 */

import { containerForPath, fileSink, type StreamSample, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";

const [source, path] = Deno.args as [string, string];
await using media = await openMedia(source);
const samples: StreamSample[] = [];
for await (const sample of media.samples) samples.push(sample);
const length = 100_000 + Math.max(...samples.map(({ timestamp, duration }) => timestamp + (duration ?? 0)));
const writer = new Writer({ container: containerForPath(path)!, sinks: [fileSink(path)], streams: media.streams });
await writer.beginWriting();
let writtenUs = 0;
for (let round = 0;; round++) {
  for (const sample of samples) {
    const base = round * length;
    const timestamp = sample.timestamp + base;
    const { decodeTimestamp } = sample;
    const waitMs = (timestamp - writtenUs) / 1000;
    if (waitMs >= 1) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      writtenUs = timestamp;
    }
    await writer.writeSample(sample.streamNumber, {
      ...sample,
      timestamp,
      ...(decodeTimestamp === undefined ? {} : { decodeTimestamp: decodeTimestamp + base }),
    });
    console.log(Math.floor(timestamp / 1000));
  }
}
