/** Uncompressed sound lasts as long as its bytes say, in every container that takes it. */

import { assert, assertEquals } from "@std/assert";
import { allContainers, bufferSink, type StreamConfig } from "../../mod.ts";
import { pcmBytesPerSecond } from "../../src/media/pcm_rate.ts";
import { writeTo } from "../support/write_all.ts";

const STREAM: StreamConfig = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };

Deno.test("PCM without durations lasts as long as its bytes: blocks of different sizes, and one alone", async () => {
  const takers = allContainers().filter((container) => container.check([STREAM]).length === 0);
  assert(takers.some(({ name }) => name === "asf") && takers.length > 2);
  for (const container of takers) {
    const sizes = [160, 16_000, 160];
    let at = 0;
    const samples = sizes.map((size) => {
      const sample = { streamNumber: 1, data: new Uint8Array(size), timestamp: at * 1e6 / 16_000 };
      at += size;
      return sample;
    });
    const report = await writeTo([bufferSink()], { container, streams: [STREAM], samples });
    assertEquals(Math.round(report.duration / 1000), 1020, container.name);
    const one = await writeTo([bufferSink()], { container, streams: [STREAM], samples: samples.slice(0, 1) });
    assertEquals(Math.round(one.duration / 1000), 10, container.name);
  }
});

Deno.test("pcmBytesPerSecond() knows codec strings and format tags, and nothing of what is compressed", () => {
  const rateOf = (codec: string | number, more = {}) =>
    pcmBytesPerSecond({ ...STREAM, codec, ...more } as StreamConfig);
  assertEquals(["pcm-u8", "pcm-s24", "pcm-f64", "ulaw"].map((codec) => rateOf(codec)), [8000, 24_000, 64_000, 8000]);
  assertEquals(rateOf(1, { bitsPerSample: 16, numberOfChannels: 2 }), 32_000);
  assertEquals(rateOf(0xfffe, { bitsPerSample: 24, blockBytes: 6 }), 48_000);
  assertEquals([rateOf(0x161, { bitsPerSample: 16 }), rateOf("mp3"), rateOf("pcm-s16", { sampleRate: 0 })], [0, 0, 0]);
});
