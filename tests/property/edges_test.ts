/** Sessions at the edges of what the container can hold. */

import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { asf, MuxError, type Sink, type StreamSample, Writer } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { FIXED, type GeneratedSession, type GeneratedStream, noise } from "../support/generate.ts";
import { complaintsAbout } from "../support/oracle.ts";
import { bytesOf, memorySink, writerFor } from "./play.ts";

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

function video(streamNumber: number): GeneratedStream {
  return { kind: "video", codec: "WMV1", codedWidth: 64, codedHeight: 48, streamNumber };
}

function audio(streamNumber: number): GeneratedStream {
  return { kind: "audio", codec: 0x0057, sampleRate: 8000, numberOfChannels: 1, blockBytes: 1, streamNumber };
}

function session(
  streams: GeneratedStream[],
  samples: StreamSample[],
  options: Partial<GeneratedSession["options"]> = {},
): GeneratedSession {
  return {
    options: { packetBytes: 3200, prerollMs: 3000, indexIntervalMs: 1000, ...FIXED, ...options },
    startTime: "rebase-all",
    streams,
    metadata: {},
    samples: samples.sort((a, b) => a.timestamp - b.timestamp),
  };
}

Deno.test("127 streams are carried, every third one video", async () => {
  const streams = Array.from({ length: 127 }, (_, i) => i % 3 === 0 ? video(127 - i) : audio(127 - i));
  const samples = streams.flatMap(({ streamNumber }) =>
    Array.from({ length: 8 }, (_, i): StreamSample => ({
      streamNumber,
      data: noise(20 + 37 * streamNumber, 8 * streamNumber + i),
      timestamp: 40_000 * i + 11 * streamNumber,
      duration: 40_000,
    }))
  );
  const full = session(streams, samples);
  assertEquals(await complaintsAbout(await bytesOf(full, "final"), full, "final"), []);
});

Deno.test("more than 127 streams are refused by number", async () => {
  const streams = Array.from({ length: 128 }, (_, i) => ({ ...audio(i + 1), streamNumber: undefined }));
  const writer = new Writer({ container: asf(), sinks: [memorySink("final")], streams });
  const error = await writer.beginWriting().catch((error) => error);
  assert(error instanceof MuxError);
  assertEquals(error.code, "unsupported");
});

Deno.test("a day and an hour at a low rate is indexed to its end", async () => {
  const minutes = 25 * 60;
  const samples = Array.from({ length: minutes }, (_, i): StreamSample[] => [
    { streamNumber: 1, data: noise(900, i), timestamp: 60 * SECOND_US * i, type: i % 3 === 0 ? "key" : "delta" },
    { streamNumber: 2, data: noise(100, i), timestamp: 60 * SECOND_US * i + 30 * SECOND_US },
  ]).flat();
  const day = session([video(1), audio(2)], samples);
  assertEquals(await complaintsAbout(await bytesOf(day, "final"), day, "final"), []);
});

Deno.test("a gap of 40 days does not make an index of 100 MB", async () => {
  const samples = [0, 40 * DAY_US].map((timestamp, i): StreamSample => (
    { streamNumber: 1, data: noise(900, i), timestamp, type: "key" }
  ));
  const options = { packetBytes: 3200, prerollMs: 3000, indexIntervalMs: 200, ...FIXED };
  const bytes = await bytesOf({ ...session([video(1)], samples), options }, "final");
  const reader = await AsfReader.open(bytes);
  const { simple: [index] } = await reader.indexes();
  // 200 ms doubled until 6 bytes for each interval of 40 days fit in 1 MiB.
  assertEquals(index!.intervalTicks, 25_600 * 10_000);
  assertLess(bytes.byteLength, 1 << 20);
  assertEquals(reader.problems, []);
});

Deno.test("times past 49.7 days are refused, and the file is right up to there", async () => {
  const prerollMs = 3000;
  const lastUs = (0xffff_ffff - prerollMs) * 1000;
  const samples: StreamSample[] = [0, DAY_US, 49 * DAY_US, lastUs - 1000, lastUs].flatMap((timestamp, i) => [
    { streamNumber: 1, data: noise(500, i), timestamp },
    { streamNumber: 2, data: noise(50, i), timestamp },
  ]);
  const long = session([video(1), audio(2)], samples, { prerollMs, indexIntervalMs: 60_000 });
  const sink = memorySink("final");
  const writer = writerFor(long, [sink]);
  await writer.beginWriting();
  for (const sample of long.samples) await writer.writeSample(sample.streamNumber, sample);
  for (const timestamp of [lastUs + 1000, 60 * DAY_US, 1e15]) {
    const error = assertThrows(() => writer.writeSample(1, { data: noise(9, 9), timestamp }), MuxError);
    assertEquals([error.code, error.streamNumber, error.timestamp], ["too-large", 1, timestamp]);
  }
  await writer.endWriting();
  assertEquals(await complaintsAbout(sink.bytes, long, "final"), []);
});

/** A file that keeps its header and its index. */
class HollowFile implements Sink {
  #header = new Uint8Array(0);
  readonly #index: Uint8Array[] = [];
  #indexOffset = 0;
  size = 0;

  header(bytes: Uint8Array): void {
    this.#header = bytes.slice();
    this.size = bytes.byteLength;
  }

  data(bytes: Uint8Array): void {
    this.size += bytes.byteLength;
    this.#indexOffset = this.size;
  }

  trailer(bytes: Uint8Array): void {
    this.#index.push(bytes.slice());
    this.size += bytes.byteLength;
  }

  patch(offset: number, bytes: Uint8Array): void {
    this.#header.set(bytes, offset); // throws beyond its end
  }

  close(): void {}

  abort(): void {}

  /** For the reader; what was not kept must not be asked for. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const isHeader = offset + length <= this.#header.byteLength;
    assert(isHeader || offset >= this.#indexOffset, `${length} bytes at ${offset} were not kept`);
    const kept = isHeader ? this.#header : await new Blob(this.#index as BlobPart[]).bytes();
    const start = offset - (isHeader ? 0 : this.#indexOffset);
    return kept.slice(start, start + length);
  }
}

Deno.test("a file beyond 4 GiB has its sizes, counts and index right", async () => {
  const packetBytes = 65_535;
  const sampleBytes = 15_000_000;
  const count = 290;
  const file = new HollowFile();
  const writer = new Writer({
    container: asf({ ...FIXED, packetBytes, indexIntervalMs: 1000 }),
    sinks: [file],
    streams: [{ ...video(1), bitrate: 400_000_000 }],
  });
  await writer.beginWriting();
  const data = new Uint8Array(sampleBytes).fill(7);
  for (let i = 0; i < count; i++) await writer.writeSample(1, { data, timestamp: 300_000 * i });
  const report = await writer.endWriting();

  assertGreater(file.size, 2 ** 32);
  assertEquals(report.sinks[0]!.bytes, file.size);
  const reader = await AsfReader.open({ size: file.size, read: (offset, length) => file.read(offset, length) });
  const { fileProperties } = reader.header;
  assertEquals(fileProperties!.fileBytes, file.size);
  assertEquals(fileProperties!.packetCount, report.packetCount);
  assertEquals(reader.data!.packetCount, report.packetCount);
  assertEquals(reader.data!.size, 50 + report.packetCount * packetBytes);
  assertEquals(reader.header.streams[0]!.extended!.maxObjectBytes, sampleBytes);

  const { simple } = await reader.indexes();
  const { packetNumbers, packetCounts } = simple[0]!;
  // Each sample fills its packets but for the last one, which the next sample begins in.
  const lastPacket = Math.floor((count - 1) * sampleBytes / (packetBytes - 26));
  assert(Math.abs(packetNumbers.at(-1)! - lastPacket) <= count / 100, `the last entry names ${packetNumbers.at(-1)}`);
  assertEquals(packetNumbers.at(-1)! + packetCounts.at(-1)!, report.packetCount);
  assertEquals(reader.problems, []);
});
