/** A medium that gets full: what is on it then is a finished file. */

import { assert, assertEquals } from "@std/assert";
import { asf, MuxError, type Sink, type StreamSample, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge, seekLands } from "../support/conformance.ts";
import { errorsIn } from "../support/valid.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { readerTest } from "../support/readers.ts";
import { fixture, withTempDir } from "../support/temp.ts";

/** A file on a disk of so many bytes. */
class SmallDisk implements Sink {
  readonly calls: string[] = [];
  #bytes = new Uint8Array();
  readonly #capacity: number;
  readonly durable: boolean;

  constructor(capacity: number, durable = true) {
    this.#capacity = capacity;
    this.durable = durable;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  header(bytes: Uint8Array): void {
    this.#append("header", bytes);
  }

  async data(bytes: Uint8Array): Promise<void> {
    await undefined;
    this.#append("data", bytes);
  }

  index(bytes: Uint8Array): void {
    this.#append("index", bytes);
  }

  patch(offset: number, bytes: Uint8Array): void {
    this.calls.push("patch");
    this.#bytes.set(bytes, offset);
  }

  truncate(length: number): void {
    this.calls.push("truncate");
    this.#bytes = this.#bytes.slice(0, length);
  }

  close(): void {
    this.calls.push("close");
  }

  abort(): void {
    this.calls.push("abort");
  }

  /** Takes what there is room for, as a disk does. */
  #append(call: string, bytes: Uint8Array): void {
    this.calls.push(call);
    const taken = bytes.subarray(0, Math.max(0, this.#capacity - this.#bytes.byteLength));
    const longer = new Uint8Array(this.#bytes.byteLength + taken.byteLength);
    longer.set(this.#bytes);
    longer.set(taken, this.#bytes.byteLength);
    this.#bytes = longer;
    if (taken.byteLength < bytes.byteLength) {
      const cause = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      throw new Error(`disk: ${cause.message}`, { cause });
    }
  }
}

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
      for await (const sample of reader.samples()) endMs = Math.max(endMs, sample.presentationMs);
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
      // The last object lost its end.
      assertEquals(reader.problems.filter(({ rule }) => rule !== "D14"), []);
      if (isVideo) await judge(t, seekLands(path, 200));
      const kinds = header.streams.map(({ kind }) => kind as StreamKind);
      assertEquals((await errorsIn(disk.bytes)).filter((text) => !text.startsWith("E D14")), []);
      // What is cut off in the middle does not decode, and is not valid.
      const checks = acceptedByAll(path, { kinds, durationMs: statedMs }).filter(({ name }) =>
        name !== "ffmpeg decode" && name !== "our validator"
      );
      await judge(t, checks);
    }));
}

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
