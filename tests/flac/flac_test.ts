/** FLAC's header field by field, what it knows of parts of a session, and what the reference decoder says. */

import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { flac } from "../../src/flac/mod.ts";
import { flacBlockSize } from "../../src/media/codecs/flac_frame.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import { problemsOf } from "../support/problems.ts";
import { PYTHON, readerTest } from "../support/readers.ts";
import { run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";

const CASE = CONTAINER_CASES.find(({ name }) => name === "flac: FLAC")!;

interface Read {
  minBlock: number;
  maxBlock: number;
  minFrame: number;
  maxFrame: number;
  total: number;
  hasChecksum: boolean;
  types: number[];
  points: { sample: number; offset: number; blockSize: number }[];
  frames: Uint8Array;
}

/** Block by block. */
function read(file: Uint8Array<ArrayBuffer>): Read {
  assertEquals(new TextDecoder().decode(file.subarray(0, 4)), "fLaC");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Partial<Read> = { types: [], points: [] };
  let at = 4;
  for (let isLast = false; !isLast;) {
    const type = view.getUint8(at) & 0x7F;
    isLast = view.getUint8(at) >= 0x80;
    const size = view.getUint32(at) & 0xFF_FFFF;
    const begin = at + 4;
    found.types!.push(type);
    if (type === 0) {
      Object.assign(found, {
        minBlock: view.getUint16(begin),
        maxBlock: view.getUint16(begin + 2),
        minFrame: view.getUint32(begin + 3) & 0xFF_FFFF,
        maxFrame: view.getUint32(begin + 6) & 0xFF_FFFF,
        total: (view.getUint8(begin + 13) & 0xF) * 2 ** 32 + view.getUint32(begin + 14),
        hasChecksum: file.subarray(begin + 18, begin + 34).some((byte) => byte !== 0),
      });
    }
    for (let i = begin; type === 3 && i < begin + size; i += 18) {
      if (view.getBigUint64(i) === 0xFFFF_FFFF_FFFF_FFFFn) continue;
      const [sample, offset] = [Number(view.getBigUint64(i)), Number(view.getBigUint64(i + 8))];
      found.points!.push({ sample, offset, blockSize: view.getUint16(i + 16) });
    }
    at = begin + size;
  }
  return { ...found, frames: file.subarray(at) } as Read;
}

/** Every seek point leads to a frame. */
function assertPointsLead({ points, frames }: Read): void {
  for (const { offset, blockSize } of points) {
    assertEquals([frames[offset], frames[offset + 1]! & 0xFE], [0xFF, 0xF8]);
    assertEquals(flacBlockSize(frames, offset), blockSize);
  }
}

Deno.test("flac() completes its header from the frames, and keeps the checksum of a whole file", async () => {
  const { streams, samples } = await readAll(fixture("tone.flac"));
  const all = [...samples];
  const found = read(await writeFinal({ container: flac(), streams, samples: all }));
  const sizes = all.map(({ data }) => data.byteLength);
  assertEquals(found.types, [0, 3, 4, 1]);
  assertEquals([found.minBlock, found.maxBlock, found.total, found.hasChecksum], [4608, 4608, 44_100, true]);
  assertEquals([found.minFrame, found.maxFrame], [Math.min(...sizes), Math.max(...sizes)]);
  assertEquals(found.points.length, all.length);
  assertPointsLead(found);
  const part = read(await writeFinal({ container: flac(), streams, samples: all.slice(0, -1) }));
  assertEquals([part.minBlock, part.total, part.hasChecksum], [4608, 9 * 4608, false]);
});

Deno.test("flac() promises nothing where the sink cannot be patched", async () => {
  const { streams, samples } = await readAll(fixture("tone.flac"));
  const found = read(await writeLive({ container: flac(), streams, samples }));
  assertEquals(found.types, [0, 4]);
  assertEquals([found.minFrame, found.maxFrame, found.total, found.hasChecksum], [0, 0, 0, false]);
  assertEquals([found.minBlock, found.maxBlock], [4608, 4608]);
});

Deno.test("a long file has places to seek to all over it, and late sinks their own numbers", async () => {
  const [first, late, early] = [bufferSink(), bufferSink(), bufferSink()];
  await using writer = new Writer({ container: flac(), streams: CASE.streams, sinks: [first, early] });
  await writer.beginWriting();
  const all = CASE.samples(100);
  for (const [i, sample] of all.entries()) {
    if (i === 400) await writer.addSink(late);
    if (i === 800) await writer.removeSink(early);
    await writer.writeSample(1, sample);
  }
  await writer.endWriting();
  for (const [sink, from, to] of [[first, 0, all.length], [late, 400, all.length], [early, 0, 800]] as const) {
    const found = read(sink.bytes);
    const frames = all.slice(from, to);
    assertEquals(found.total, frames.length * 4096);
    assertEquals(found.frames.byteLength, frames.reduce((sum, { data }) => sum + data.byteLength, 0));
    assertPointsLead(found);
    assertEquals(found.points.length > 20, true);
    const last = found.points.at(-1)!;
    assertEquals(last.sample > 0.9 * found.total, true);
    assertEquals(last.offset, frames.slice(0, last.sample / 4096).reduce((sum, { data }) => sum + data.byteLength, 0));
  }
});

Deno.test("flacBlockSize() reads every code", () => {
  const sizes: [code: number, tail: number[], size: number][] = [
    [0, [], 0],
    [1, [], 192],
    [2, [], 576],
    [5, [], 4608],
    [6, [99], 100],
    [7, [0x0F, 0xFF], 4096],
    [8, [], 256],
    [15, [], 32_768],
  ];
  const numbers = [[5], [0xC2, 0x80], [0xE1, 0x80, 0x80], [0xFE, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]];
  for (const [code, tail, size] of sizes) {
    for (const number of numbers) {
      assertEquals(flacBlockSize(Uint8Array.of(0xFF, 0xF8, code << 4 | 9, 0x18, ...number, ...tail)), size);
    }
  }
  assertEquals(flacBlockSize(Uint8Array.of(0xFF, 0xF8, 0x70, 0x18, 0)), 0);
});

Deno.test("flac() counts blocks of several sizes, the last one not among the smallest", async () => {
  const block = (size: number, i: number): StreamSample => ({
    streamNumber: 1,
    data: Uint8Array.of(0xFF, 0xF9, 0x70, 0x18, i, size - 1 >> 8, size - 1 & 0xFF, 0),
    timestamp: i * 10_000,
  });
  const samples = [1000, 500, 2000, 100].map(block);
  const found = read(await writeFinal({ container: flac(), streams: CASE.streams, samples }));
  assertEquals([found.minBlock, found.maxBlock, found.total], [500, 2000, 3600]);
});

Deno.test("flac() keeps room for metadata that come late, and refuses what does not fit it", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: flac(), streams: CASE.streams, sinks: [sink], openWindowMs: 0 });
  await writer.beginWriting();
  for (const sample of CASE.samples(1)) await writer.writeSample(1, sample);
  writer.setMetadata({ title: "Late" });
  assertEquals(assertThrows(() => writer.setMetadata({ title: "x".repeat(2000) }), MuxError).code, "too-large");
  await writer.endWriting();
  assertEquals(new TextDecoder().decode(sink.bytes).includes("TITLE=Late"), true);
});

Deno.test("flac() says what it holds", () => {
  assertEquals(problemsOf(flac(), [{ ...CASE.streams[0]!, codec: "opus" } as never]), [
    'stream 1: FLAC cannot hold audio codec "opus"; it holds FLAC (flac, 0xF1AC)',
  ]);
  assertThrows(() => flac({ headerReserveBytes: -1 }), RangeError);
});

readerTest("flac -t accepts files, parts of them, and late sinks' files", ["flac"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("tone.flac"));
    const all = [...samples];
    const late = bufferSink();
    await using writer = new Writer({ container: flac(), streams, sinks: [bufferSink()] });
    await writer.beginWriting();
    for (const [i, sample] of all.entries()) {
      if (i === 4) await writer.addSink(late);
      await writer.writeSample(1, sample);
    }
    await writer.endWriting();
    const files = [
      await writeFinal({ container: flac(), streams, samples: all }),
      await writeFinal({ container: flac(), streams, samples: all.slice(0, 5) }),
      await writeLive({ container: flac(), streams, samples: all }),
      late.bytes,
    ];
    for (const [i, bytes] of files.entries()) {
      const path = `${folder}/${i}.flac`;
      await Deno.writeFile(path, bytes);
      const { code, stderr } = await run("flac", ["-t", path]);
      assertEquals([code, /ERROR/.test(stderr)], [0, false], stderr);
    }
    const whole = await run("flac", ["-t", "-w", `${folder}/0.flac`]); // warnings are errors
    assertEquals(whole.code, 0, whole.stderr);
  });
});

const SCRIPT = `
import sys, json, mutagen
file = mutagen.File(sys.argv[1])
print(json.dumps({"tags": {key: value for key, value in file.tags}, "pictures": [[p.type, p.mime, p.desc, len(p.data)] for p in file.pictures]}))
`;

readerTest("readers find comments, chapters and pictures in FLAC", ["mutagen", "ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("tone.flac"));
    const metadata: Metadata = {
      title: "Tönung",
      author: "A",
      trackNumber: 3,
      attributes: { "WM/Composer": "C", OWN: "mine" },
      pictures: [{ data: new Uint8Array(100), mimeType: "image/png", description: "Front" }],
      markers: [{ timestamp: 500_000, name: "Half" }],
    };
    const path = `${folder}/tags.flac`;
    await Deno.writeFile(path, await writeFinal({ container: flac(), streams, samples, metadata }));
    const { tags, pictures } = JSON.parse((await runOk(PYTHON, ["-c", SCRIPT, path])).stdout);
    assertEquals([tags.TITLE, tags.ARTIST, tags.TRACKNUMBER, tags.COMPOSER, tags.OWN], [
      "Tönung",
      "A",
      "3",
      "C",
      "mine",
    ]);
    assertEquals(pictures, [[3, "image/png", "Front", 100]]);
    const { stdout } = await runOk("ffprobe", ["-v", "error", "-show_chapters", "-of", "json", path]);
    const [chapter] = JSON.parse(stdout).chapters;
    assertEquals([chapter.start_time, chapter.tags.title], ["0.500000", "Half"]);
  });
});
