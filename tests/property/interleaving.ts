/** Streams that come out of step are put back into step, as far as the window reaches. */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { asf, type StreamSample, Writer } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { FIXED, noise } from "../support/generate.ts";
import type { NamedProperty } from "./all.ts";
import { memorySink } from "./play.ts";

interface Feed {
  streamCount: number;
  windowMs: number;
  /** How far streams run apart, ms. */
  apartMs: number;
  samples: StreamSample[];
}

const WINDOWS = [0, 20, 100, 500];
/** Beyond so many windows a stream that lags is not waited for. */
const LIMIT_WINDOWS = 20;
/** Streams that carry this many bytes at most never reach the limit on what may be held. */
const SAMPLE_BYTES = 40;

/** Streams of audio, each in its own rhythm; which one moves next is drawn. */
const feed: fc.Arbitrary<Feed> = fc.record({
  rhythmsUs: fc.array(fc.constantFrom(5000, 21_333, 40_000, 90_000), { minLength: 2, maxLength: 5 }),
  windowMs: fc.constantFrom(...WINDOWS),
  turns: fc.array(fc.record({ stream: fc.nat(4), count: fc.integer({ min: 1, max: 30 }) }), {
    minLength: 1,
    maxLength: 40,
  }),
}).map(({ rhythmsUs, windowMs, turns }) => {
  const clocks = rhythmsUs.map(() => 0);
  let apartMs = 0;
  const samples: StreamSample[] = [];
  const push = (stream: number) => {
    const timestamp = clocks[stream]!;
    clocks[stream] = timestamp + rhythmsUs[stream]!;
    samples.push({ streamNumber: stream + 1, timestamp, data: noise(SAMPLE_BYTES, samples.length) });
    apartMs = Math.max(apartMs, (Math.max(...clocks) - Math.min(...clocks)) / 1000);
  };
  rhythmsUs.forEach((_, stream) => push(stream));
  for (const { stream, count } of turns) for (let i = 0; i < count; i++) push(stream % rhythmsUs.length);
  return { streamCount: rhythmsUs.length, windowMs, apartMs, samples };
});

export const interleaving: NamedProperty[] = [{
  name: "Writer keeps each stream's order, and all of them in time order within the window",
  numRuns: 150,
  property: fc.asyncProperty(feed, async (feed) => {
    const stored = await store(feed);
    for (let number = 1; number <= feed.streamCount; number++) {
      const times = stored.filter(({ streamNumber }) => streamNumber === number).map(({ ms }) => ms);
      const wanted = feed.samples.filter(({ streamNumber }) => streamNumber === number);
      assertEquals(times, wanted.map(({ timestamp }) => Math.round(timestamp / 1000)));
    }
    if (feed.windowMs === 0) { // everything passes at once
      assertEquals(stored.map(({ streamNumber }) => streamNumber), feed.samples.map((one) => one.streamNumber));
    } else if (feed.apartMs < feed.windowMs * LIMIT_WINDOWS) {
      let latest = 0;
      for (const { ms } of stored) {
        assert(ms >= latest - feed.windowMs - 1, `${ms} ms stands behind ${latest} ms`);
        latest = Math.max(latest, ms);
      }
    }
  }),
}];

async function store({ streamCount, windowMs, samples }: Feed): Promise<{ streamNumber: number; ms: number }[]> {
  const sink = memorySink("final");
  const writer = new Writer({
    container: asf({ ...FIXED, packetBytes: 300, compressedPayloads: false }),
    sinks: [sink],
    streams: Array.from(
      { length: streamCount },
      () => ({ kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1 }),
    ),
    interleaveWindowMs: windowMs,
  });
  await writer.beginWriting();
  for (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  const stored: { streamNumber: number; ms: number }[] = [];
  for await (const { streamNumber, presentationMs } of (await AsfReader.open(sink.bytes)).samples()) {
    stored.push({ streamNumber, ms: presentationMs });
  }
  return stored;
}
