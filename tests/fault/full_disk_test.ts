/** A medium that gets full: what is on it then is a finished file. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { asf, MuxError, type Sink, type StreamSample, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge, seekLands } from "../support/conformance.ts";
import { errorsIn } from "../support/valid.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import fc from "../support/fast_check.ts";
import { readerTest } from "../support/readers.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { fixture, withTempDir } from "../support/temp.ts";

async function writeTo(sink: Sink, source: string, rounds: number): Promise<unknown> {
  await using media = await openMedia(fixture(source));
  const samples: StreamSample[] = [];
  for await (const sample of media.samples) samples.push(sample);
  const length = 100_000 + Math.max(...samples.map(({ timestamp }) => timestamp));
  const writer = new Writer({ container: asf(), sinks: [sink], streams: media.streams });
  await writer.beginWriting();
  try {
    for (let base = 0; base < rounds * length; base += length) {
      for (const sample of samples) {
        const { decodeTimestamp } = sample;
        const times = decodeTimestamp === undefined ? {} : { decodeTimestamp: decodeTimestamp + base };
        await writer.writeSample(sample.streamNumber, { ...sample, timestamp: sample.timestamp + base, ...times });
      }
    }
    await writer.endWriting();
  } catch (error) {
    await writer.closed.catch(() => {});
    return error;
  }
}

/** Where the disk gets full: in the data, or in the index alone. */
const CASES: { name: string; source: string; capacity: (whole: number) => number }[] = [
  { name: "audio, in the data", source: "tone.wav", capacity: (whole) => Math.floor(whole * 0.95) },
  { name: "video, in the data", source: "wmv2_wma2.wmv", capacity: (whole) => Math.floor(whole * 0.7) },
  { name: "video, in the index", source: "wmv2_wma2.wmv", capacity: (whole) => whole - 10 },
  { name: "video with the timing extension", source: "clip.mp4", capacity: (whole) => Math.floor(whole * 0.5) },
];

for (const { name, source, capacity } of CASES) {
  readerTest(`a disk that gets full holds a finished file: ${name}`, ["ffmpeg"], (t) =>
    withTempDir(async (folder) => {
      const roomy = new SmallDisk(Infinity);
      assertEquals(await writeTo(roomy, source, 8), undefined);
      const disk = new SmallDisk(capacity(roomy.bytes.byteLength));
      const error = await writeTo(disk, source, 8);
      assert(error instanceof MuxError);
      assertEquals(error.code, "sink-failed");
      assertEquals((error.cause as Error).message, "disk: no space left on device");
      assertEquals(disk.calls.at(-1), "close");
      const path = `${folder}/full.asf`;
      await Deno.writeFile(path, disk.bytes);

      const reader = await AsfReader.open(disk.bytes);
      const { header } = reader;
      const { fileProperties } = header;
      let endMs = 0;
      let packetCount = 0;
      let sampleCount = 0;
      for await (const sample of reader.samples()) {
        endMs = Math.max(endMs, sample.presentationMs);
        sampleCount++;
      }
      for await (const _ of reader.packets()) packetCount++;
      const { simple } = await reader.indexes();
      assertEquals(header.isUnfinished, false);
      assertEquals(fileProperties?.flags, 2);
      assertEquals(fileProperties?.fileBytes, disk.bytes.byteLength);
      assertEquals(fileProperties?.packetCount, packetCount);
      const isVideo = header.streams.some(({ kind }) => kind === "video");
      assertEquals(simple.length, isVideo ? 1 : 0);
      const statedMs = fileProperties!.playDurationTicks / 10_000 - fileProperties!.prerollMs;
      assert(statedMs >= endMs && statedMs <= endMs + 300, `${statedMs} ms stated, last sample at ${endMs} ms`);
      assertEquals(reader.problems, []);
      assertEquals(await errorsIn(disk.bytes), []);
      const { sinks: [sink], total } = error.report!;
      assertEquals(sink!.bytes, disk.bytes.byteLength);
      assertEquals(sink!.trailerBytes > 0, isVideo);
      assertEquals(sink!.samplesDropped, total.samplesProcessed - sampleCount);
      if (isVideo) await judge(t, seekLands(path, 200));
      const kinds = header.streams.map(({ kind }) => kind as StreamKind);
      await judge(t, acceptedByAll(path, { kinds, durationMs: statedMs }));
    }));
}

Deno.test("wherever a disk gets full, what is on it are the first of the samples, whole, and a valid file", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100, max: 4000 }),
      fc.array(fc.record({ stream: fc.constantFrom(1, 2), bytes: fc.integer({ min: 300, max: 20_000 }) }), {
        minLength: 150,
        maxLength: 250,
      }),
      fc.integer({ min: 1, max: 99 }),
      fc.constantFrom(undefined, 500),
      async (packetBytes, sizes, percent, timeIndexMs) => {
        const write = async (sink: Sink) => {
          const writer = new Writer({
            container: asf({ packetBytes, timeIndexMs }),
            sinks: [sink],
            streams: [
              { kind: "video", codec: "TEST", codedWidth: 320, codedHeight: 240, bitrate: 300_000 },
              { kind: "audio", codec: 0x1234, sampleRate: 44100, numberOfChannels: 2, bitrate: 128_000 },
            ],
          });
          await writer.beginWriting();
          try {
            for (
              const [i, { stream, bytes }] of [{ stream: 1, bytes: 9 }, { stream: 2, bytes: 9 }, ...sizes].entries()
            ) {
              const data = new Uint8Array(bytes).fill(i + 1);
              await writer.writeSample(stream, { data, timestamp: i * 20_000, type: i % 9 === 0 ? "key" : "delta" });
            }
            await writer.endWriting();
          } catch (error) {
            await writer.closed.catch(() => {});
            return error as MuxError;
          }
        };
        const roomy = new SmallDisk(Infinity);
        assertEquals(await write(roomy), undefined);
        const dataBytes = roomy.bytes.byteLength - 5000;
        const disk = new SmallDisk(5000 + Math.floor(dataBytes * percent / 100));
        const error = await write(disk);
        if (disk.calls.join() === "header,data,abort") return; // it took no packet at all
        assertEquals(disk.calls.at(-1), "close");
        assertEquals(error!.report!.sinks[0]!.bytes, disk.bytes.byteLength);
        if ((await AsfReader.open(disk.bytes)).header.fileProperties?.packetCount === 0) return; // no place to end at
        assertEquals(await errorsIn(disk.bytes), []);
        const reader = await AsfReader.open(disk.bytes);
        const sizesOf = async (reader: AsfReader) => {
          const sizes: number[] = [];
          for await (const { data } of reader.samples()) sizes.push(data.byteLength);
          return sizes;
        };
        const kept = await sizesOf(reader);
        assertEquals(reader.problems, []);
        const { samplesDropped } = error!.report!.sinks[0]!;
        assertEquals(kept, (await sizesOf(await AsfReader.open(roomy.bytes))).slice(0, kept.length));
        assertEquals(samplesDropped, error!.report!.total.samplesProcessed - kept.length);
      },
    ),
    { numRuns: 40 },
  );
});

/** Sound in objects that are not split: packets end where one does, or since the next one found no room. */
const UNSPLIT: { name: string; packetBytes: number; bytes: number; compressedPayloads: boolean }[] = [
  { name: "63 payloads", packetBytes: 4000, bytes: 10, compressedPayloads: false },
  { name: "objects that fill packets", packetBytes: 1000, bytes: 970, compressedPayloads: false },
  { name: "objects that share payloads", packetBytes: 500, bytes: 185, compressedPayloads: true },
];

for (const { name, bytes, ...options } of UNSPLIT) {
  for (const percent of [45, 60, 75]) {
    Deno.test(`a full disk's report and header count what is on it: ${name}, at ${percent} %`, async () => {
      const disk = new SmallDisk(3000 + 10_000 * percent);
      const streams = [
        { kind: "audio", codec: 0x1234, sampleRate: 44100, numberOfChannels: 2, bitrate: 128_000 } as const,
      ];
      const writer = new Writer({ container: asf(options), sinks: [disk], streams });
      await writer.beginWriting();
      let written = 0;
      const error = await assertRejects(async () => {
        const data = new Uint8Array(bytes).fill(1);
        for (; written < 1e6; written++) {
          await writer.writeSample(1, { data, timestamp: written * 20_000, duration: 20_000 });
        }
      }, MuxError);
      await assertRejects(() => writer.closed, MuxError);
      const reader = await AsfReader.open(disk.bytes);
      const samples = await Array.fromAsync(reader.samples());
      const { playDurationTicks, prerollMs } = reader.header.fileProperties!;
      const { sinks: [sink], total } = error.report!;
      assertEquals(total.samplesProcessed - sink!.samplesDropped, samples.length);
      assertEquals(playDurationTicks / 10_000 - prerollMs, samples.length * 20);
    });
  }
}

Deno.test("a live recording whose packets leave before they are full keeps what its disk has room for", async () => {
  const disk = new SmallDisk(300_000);
  const streams = [
    { kind: "audio", codec: 0x1234, sampleRate: 44100, numberOfChannels: 2, bitrate: 1_000_000 } as const,
  ];
  const writer = new Writer({ container: asf({ packetBytes: 3200 }), sinks: [disk], streams, maxLatencyMs: 100 });
  await writer.beginWriting();
  const error = await assertRejects(async () => {
    const data = new Uint8Array(100).fill(1);
    for (let i = 0; i < 1e5; i++) await writer.writeSample(1, { data, timestamp: i * 100_000, duration: 100_000 });
  }, MuxError);
  await assertRejects(() => writer.closed, MuxError);
  const reader = await AsfReader.open(disk.bytes);
  const samples = await Array.fromAsync(reader.samples());
  assert(disk.bytes.byteLength > 250_000, `${disk.bytes.byteLength} bytes kept`);
  const { sinks: [sink], total } = error.report!;
  assertEquals(total.samplesProcessed - sink!.samplesDropped, samples.length);
});

Deno.test("a file that began later than the session and fills its disk has its own times to the end", async () => {
  const streams = [{ kind: "audio", codec: 0x1234, sampleRate: 44100, numberOfChannels: 2, bitrate: 128_000 } as const];
  const disk = new SmallDisk(700_000);
  const sinks = [new SmallDisk(Infinity), disk];
  const writer = new Writer({ container: asf({ packetBytes: 3200 }), sinks: [sinks[0]!], streams });
  await writer.beginWriting();
  for (let i = 0; i < 2000; i++) {
    if (i === 500) await writer.addSink(disk, { optional: true });
    await writer.writeSample(1, { data: new Uint8Array(1000).fill(i), timestamp: i * 20_000, duration: 20_000 });
  }
  await writer.endWriting();
  const reader = await AsfReader.open(disk.bytes);
  const times = await Array.fromAsync(reader.samples(), ({ presentationMs }) => presentationMs);
  // Of 700 samples, what is lost is a block on its way of 256 KiB, and a place to end at is so near: a sixteenth of 1.2 MB.
  assert(times.length > 360, `${times.length} samples`);
  assertEquals(times, times.map((_, i) => times[0]! + 20 * i));
  assert(times[0]! < 100);
  assertEquals(await errorsIn(disk.bytes), []);
});

Deno.test("a disk that is not even large enough for the header gets nothing but an abort", async () => {
  const disk = new SmallDisk(100);
  const error = await writeTo(disk, "wma2.wma", 1);
  assert(error instanceof MuxError);
  assertEquals(disk.calls, ["header", "abort"]);
});

Deno.test("an error that is none of a full disk aborts the sink", async () => {
  const disk = new SmallDisk(Infinity);
  disk.data = () => Promise.reject(new Error("unplugged"));
  const error = await writeTo(disk, "wma2.wma", 1);
  assert(error instanceof MuxError);
  assertEquals(disk.calls, ["header", "abort"]);
});
