/** Fragments: byte by byte, and what any samples become. */

import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { Chunk } from "../../src/container/container.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig, VideoStream } from "../../src/media/stream_config.ts";
import { mp4, type Mp4Options } from "../../src/mp4/mod.ts";
import { toTicks } from "../../src/mp4/time_base.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { manySmall } from "../../bench/media.ts";
import { dump, hex } from "../asf/hex.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import { writeFinal, writeLive, writeTo } from "../support/write_all.ts";
import { bodyOf, find, readBoxes, readSamples } from "./boxes.ts";
import { problemsOf } from "../support/problems.ts";

const AV = CONTAINER_CASES.find(({ name }) => name === "mp4 fragmented: H.264, AAC")!;
const VIDEO: StreamConfig = { kind: "video", codec: "vp09.00.10.08", codedWidth: 64, codedHeight: 48, framerate: 25 };
const AUDIO: StreamConfig = { kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 1 };
const AAC = Uint8Array.of(0x12, 0x10);
const EPOCH = new Date(0);
const fragmented = (options: Mp4Options = {}) => mp4({ layout: "fragmented", ...options });

const sample = (
  streamNumber: number,
  timestamp: number,
  type: "key" | "delta" = "key",
  data: Uint8Array = Uint8Array.of(streamNumber, timestamp / 1000),
): StreamSample => ({ streamNumber, timestamp, type, data });

Deno.test("mp4() lays a fragment out, byte by byte", async () => {
  const file = await writeLive({
    container: fragmented(),
    streams: [VIDEO, AUDIO],
    samples: [sample(1, 0), sample(2, 0), sample(2, 20_000), sample(1, 40_000, "delta"), sample(2, 40_000)],
  });
  const boxes = readBoxes(file);
  assertEquals(boxes.map(({ type }) => type), ["ftyp", "moov", "styp", "moof", "mdat"]);
  assertEquals(
    dump(file.subarray(boxes[2]!.offset)),
    dump(hex(`
      00 00 00 18 73 74 79 70  6d 73 64 68 00 00 00 00  6d 73 64 68 69 73 6f 36
      00 00 00 ac 6d 6f 6f 66
      00 00 00 10 6d 66 68 64  00 00 00 00 00 00 00 01
      00 00 00 4c 74 72 61 66
      00 00 00 18 74 66 68 64  00 02 00 18 00 00 00 01  00 00 0e 10 00 00 00 02
      00 00 00 14 74 66 64 74  01 00 00 00 00 00 00 00  00 00 00 00
      00 00 00 18 74 72 75 6e  00 00 00 05 00 00 00 02  00 00 00 b4 02 00 00 00
      00 00 00 48 74 72 61 66
      00 00 00 18 74 66 68 64  00 02 00 18 00 00 00 02  00 00 03 c0 00 00 00 02
      00 00 00 14 74 66 64 74  01 00 00 00 00 00 00 00  00 00 00 00
      00 00 00 14 74 72 75 6e  00 00 00 01 00 00 00 03  00 00 00 b8
      00 00 00 12 6d 64 61 74  01 00 01 28 02 00 02 14  02 28
    `)),
  );
});

/** What tfhd and trun of the only track's first fragment say: flags of [ISO 14496-12] 8.8.7 and 8.8.8. */
async function saidOf(stream: StreamConfig, samples: StreamSample[]): Promise<string> {
  const file = await writeLive({ container: fragmented({ fragmentDurationMs: 10_000 }), streams: [stream], samples });
  checkFile(file, samples, [stream.kind === "video" ? 90_000 : 48_000]);
  const { children } = find(readBoxes(file), "moof/traf");
  const [tfhd, trun] = ["tfhd", "trun"].map((type) => find(children, type).body);
  return dump(new Uint8Array([tfhd!, trun!].flatMap((body) => [0, 1, 2, 3].map((at) => body.getUint8(at)))));
}

Deno.test("mp4() says once what the samples of a fragment have in common, and what they have not in one trun", async () => {
  const of = (size: number) => new Uint8Array(size).fill(size);
  const pictures = (types: string) =>
    [...types].map((type, i) => sample(1, i * 40_000, type === "k" ? "key" : "delta", of(5)));
  // Base is moof 0x20000, and of defaults: duration 8, size 0x10, flags 0x20.
  // Data offset 1, and of columns: durations 0x100, sizes 0x200, flags 0x400, offsets 0x800; first flags 4.
  assertEquals(await saidOf(AUDIO, [0, 20, 40].map((ms) => sample(1, ms * 1000))), "00 02 00 18 00 00 00 01");
  assertEquals(
    await saidOf(AUDIO, [5, 5, 6].map((size, i) => sample(1, i * 20_000, "key", of(size)))),
    "00 02 00 08 00 00 02 01",
  );
  assertEquals(await saidOf(AUDIO, [0, 20, 50].map((ms) => sample(1, ms * 1000))), "00 02 00 10 00 00 01 01");
  assertEquals(await saidOf(VIDEO, pictures("k")), "00 02 00 38 00 00 00 01");
  assertEquals(await saidOf(VIDEO, pictures("kkkk")), "00 02 00 38 00 00 00 01");
  assertEquals(await saidOf(VIDEO, pictures("kddd")), "00 02 00 18 00 00 00 05");
  assertEquals(await saidOf(VIDEO, pictures("kddkd")), "00 02 00 18 00 00 04 01");
  assertEquals(await saidOf(VIDEO, pictures("kkkd")), "00 02 00 18 00 00 04 01");
  // Shown 40, 120, 80 ms after decoding begins; and two pictures at one time, of which one is decoded after it is shown.
  const reordered = [[40, 0], [120, 40], [80, 80]].map(([present, decode], i): StreamSample => ({
    ...sample(1, present! * 1000, i === 0 ? "key" : "delta", of(5)),
    decodeTimestamp: decode! * 1000,
  }));
  assertEquals(await saidOf({ ...VIDEO, reorders: true }, reordered), "00 02 00 18 00 00 08 05");
  const doubled = [0, 0, 80].map((ms, i): StreamSample => ({
    ...sample(1, ms * 1000, i === 0 ? "key" : "delta", of(5)),
    duration: 40_000,
  }));
  assertEquals(await saidOf(VIDEO, doubled), "00 02 00 18 01 00 08 05");
});

Deno.test("mp4() lays the samples of each track together, in the order of the tracks", async () => {
  const file = await writeFinal({ container: AV.create(), streams: AV.streams, samples: AV.samples(3) });
  const boxes = readBoxes(file);
  let fragments = 0;
  boxes.forEach((moof, i) => {
    if (moof.type !== "moof") return;
    fragments++;
    const mdat = boxes[i + 1]!;
    const ends = moof.children.filter(({ type }) => type === "traf").map(({ children }) =>
      children.filter(({ type }) => type === "trun").map(({ body }) => body.getUint32(8))
    );
    assertEquals(ends.map(({ length }) => length), [1, 1]);
    assertEquals(moof.offset + ends[0]![0]!, mdat.offset + 8);
  });
  assertEquals(fragments, 3);
});

Deno.test("mp4() spends at most 6 bytes a small sample beside its own", async () => {
  const { samples, byteLength } = manySmall();
  const streams: StreamConfig[] = [VIDEO, { ...AUDIO, codec: "mp4a.40.2", description: AAC }];
  let written = 0;
  const count = (bytes: Uint8Array) => void (written += bytes.byteLength);
  await writeTo([{ header: count, data: count, close() {}, abort() {} }], {
    container: fragmented(),
    streams,
    samples,
  });
  const overhead = (written - byteLength) / samples.length;
  assert(overhead > 4 && overhead <= 6, `${overhead} bytes a sample`);
});

Deno.test("mp4() begins a fragment with each key frame, and has one a second without", async () => {
  const cuts = async (fragmentDurationMs: number, keyInterval: number) => {
    const samples = Array.from(
      { length: 100 },
      (_, i) => sample(1, i * 40_000, i % keyInterval === 0 ? "key" : "delta"),
    );
    const file = await writeFinal({ container: fragmented({ fragmentDurationMs }), streams: [VIDEO], samples });
    const read = readSamples(file).get(1)!;
    const firsts = read.filter(({ fragment }, i) => fragment !== read[i - 1]?.fragment);
    return firsts.map(({ decodeTime }) => decodeTime / 3600);
  };
  assertEquals(await cuts(1000, 25), [0, 25, 50, 75]);
  assertEquals(await cuts(1000, 20), [0, 20, 40, 60, 80]);
  assertEquals(await cuts(1000, 1), [0, 13, 26, 39, 52, 65, 78, 91]); // denser than half a second
  assertEquals(await cuts(1000, 40), [0, 25, 40, 65, 80]);
  assertEquals(await cuts(500, 100), [0, 13, 26, 39, 52, 65, 78, 91]);
});

Deno.test("mp4() cuts fragments of audio alone by time, and large ones by size", async () => {
  const audio = Array.from({ length: 150 }, (_, i) => sample(1, i * 20_000));
  const file = await writeFinal({ container: fragmented(), streams: [AUDIO], samples: audio });
  assertEquals(readSamples(file).get(1)!.map(({ fragment }) => fragment), audio.map((_, i) => Math.floor(i / 50)));
  const large = Array.from({ length: 9 }, (_, i) => sample(1, i * 40_000, "delta", new Uint8Array(700_000).fill(i)));
  large[0]!.type = "key";
  const video = await writeFinal({ container: fragmented(), streams: [VIDEO], samples: large });
  assertEquals(readSamples(video).get(1)!.map(({ fragment }) => fragment), [0, 0, 1, 1, 2, 2, 3, 3, 4]);
  const huge = [sample(1, 0, "key", new Uint8Array(20 << 20).fill(7)), sample(1, 40_000, "delta")];
  const read = readSamples(await writeFinal({ container: fragmented(), streams: [VIDEO], samples: huge })).get(1)!;
  assertEquals(read.map(({ data }) => data), huge.map(({ data }) => data));
});

Deno.test("mp4() says how long it is, where it can be sought, and that is where the fragments are", async () => {
  const file = await writeFinal({ container: AV.create(), streams: AV.streams, samples: AV.samples(3.5) });
  const boxes = readBoxes(file);
  assertEquals(find(boxes, "moov/mvex/mehd").body.getBigUint64(4), 3_520_000n);
  assertEquals(find(boxes, "moov/mvhd").body.getBigUint64(24), 3_520_000n);
  const tfra = find(boxes, "mfra/tfra").body;
  assertEquals([tfra.getUint32(4), tfra.getUint32(12)], [1, 4]);
  const entries = [0, 1, 2, 3].map((i) => ({
    time: Number(tfra.getBigUint64(16 + 19 * i)),
    offset: Number(tfra.getBigUint64(24 + 19 * i)),
    numbers: [...new Uint8Array(tfra.buffer, tfra.byteOffset + 32 + 19 * i, 3)],
  }));
  assertEquals(entries.map(({ time }) => time), [0, 90_000, 180_000, 270_000]);
  const moofs = boxes.filter(({ type }) => type === "moof").map(({ offset }) => offset);
  assertEquals(entries.map(({ offset }) => offset), moofs);
  for (const { numbers } of entries) assertEquals(numbers, [1, 1, 1]);
  assertEquals(find(boxes, "mfra/mfro").body.getUint32(4), find(boxes, "mfra").size);
});

Deno.test("mp4() says positions beyond 4 GiB in the index, and times beyond 2^32 ticks", () => {
  const muxer = fragmented().createMuxer([{ ...AUDIO, streamNumber: 1 }]);
  muxer.describe(0);
  const packetizer = muxer.begin({ metadata: {}, bitrates: [0], present: [true] });
  const plan = muxer.plan({ canPatch: true, takesTrailer: true });
  const output = {
    plan,
    firstUnit: 0,
    unitCount: 0,
    timeBase: 0,
    headerBytes: 0,
    dataBytes: 0,
    trailerBytes: 0,
    metadata: {},
  };
  muxer.header(output);
  const headerBytes = 5 * 2 ** 30; // as if it were that large
  const pieces = muxer.frame(0, new Uint8Array(64), true);
  let [dataBytes, unitCount] = [0, 0];
  const take = () => {
    for (let chunk; (chunk = packetizer.nextChunk(true)); unitCount++) {
      dataBytes += chunk.bytes.byteLength;
      chunk.release();
    }
  };
  for (let i = 0; i < 70; i++) {
    const timestamp = i * 3_600_000_000;
    assert(packetizer.write({ stream: 0, pieces, timestamp, decodeTimestamp: timestamp, duration: -1, isKey: true }));
    take();
  }
  packetizer.finish();
  take();
  const [index] = [...muxer.trailer!({ ...output, headerBytes, dataBytes, unitCount })];
  const tfra = find(readBoxes(index!), "mfra/tfra").body;
  assertEquals(tfra.getUint32(12), 70);
  assertEquals(Number(tfra.getBigUint64(16 + 19 * 69)), 69 * 3600 * 48_000);
  const last = Number(tfra.getBigUint64(24 + 19 * 69));
  assertEquals(headerBytes + dataBytes - last, dataBytes / 70 - 24); // styp
});

/** Streams of any shape, interleaved as they come. */
const sessions = fc.record({
  video: fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 90_000 }),
      size: fc.integer({ min: 1, max: 3000 }),
      isKey: fc.boolean(),
      hasDuration: fc.boolean(),
    }),
    { minLength: 1, maxLength: 120 },
  ),
  audio: fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 90_000 }),
      size: fc.integer({ min: 1, max: 500 }),
      hasDuration: fc.boolean(),
    }),
    { minLength: 1, maxLength: 120 },
  ),
  fragmentDurationMs: fc.integer({ min: 1, max: 3000 }),
}).map(({ video, audio, fragmentDurationMs }) => {
  let [at, audioAt] = [0, 0];
  const samples: StreamSample[] = [
    ...video.map(({ step, size, isKey, hasDuration }, i): StreamSample => ({
      streamNumber: 1,
      timestamp: (at += step) - step,
      duration: hasDuration ? step : null,
      type: isKey || i === 0 ? "key" : "delta",
      data: new Uint8Array(size).fill(i),
    })),
    ...audio.map(({ step, size, hasDuration }, i): StreamSample => ({
      streamNumber: 2,
      timestamp: (audioAt += step) - step,
      duration: hasDuration ? step : null,
      data: new Uint8Array(size).fill(255 - i),
    })),
  ];
  return { samples: samples.sort((a, b) => a.timestamp - b.timestamp), fragmentDurationMs };
});

/** What every file has to keep, whatever its samples. */
function checkFile(file: Uint8Array, samples: StreamSample[], scales: number[]): void {
  const read = readSamples(file);
  for (const { type, children } of readBoxes(file)) {
    if (type !== "moof") continue;
    const ids = children.filter(({ type }) => type === "traf").map(({ children }) => {
      assertEquals(children.map(({ type }) => type), ["tfhd", "tfdt", "trun"]);
      return find(children, "tfhd").body.getUint32(4);
    });
    assertEquals(ids, [...new Set(ids)]);
  }
  for (const [id, found] of read) {
    const expected = samples.filter(({ streamNumber }) => streamNumber === id);
    const scale = scales[id - 1]!;
    assertEquals(found.map(({ data }) => data), expected.map(({ data }) => data));
    assertEquals(found.map((s) => s.presentationTime), expected.map(({ timestamp }) => toTicks(timestamp, scale)));
    assertEquals(found.map(({ isKey }) => isKey), expected.map(({ type }) => type !== "delta"));
    for (let i = 1; i < found.length; i++) {
      const before = found[i - 1]!;
      assertLessOrEqual(before.decodeTime + before.duration, found[i]!.decodeTime);
    }
  }
}

Deno.test("mp4() keeps every byte, time and key frame of any samples, and each sample lasts to the next", async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async ({ samples, fragmentDurationMs }) => {
      const session = {
        container: fragmented({ fragmentDurationMs, creationTime: EPOCH }),
        streams: [VIDEO, AUDIO],
        samples,
      };
      const file = await writeFinal(session);
      checkFile(file, samples, [90_000, 48_000]);
      for (const found of readSamples(file).values()) {
        found.slice(1).forEach(({ decodeTime }, i) =>
          assertEquals(found[i]!.decodeTime + found[i]!.duration, decodeTime)
        );
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("mp4() cut by the clock of a live session keeps them too", async () => {
  await fc.assert(
    fc.asyncProperty(sessions, fc.integer({ min: 1, max: 500 }), async ({ samples }, maxLatencyMs) => {
      const session = { container: fragmented(), streams: [VIDEO, AUDIO], samples, maxLatencyMs };
      const file = await writeLive(session);
      checkFile(file, samples, [90_000, 48_000]);
      const read = readSamples(file);
      const spans = new Map<number, number[]>();
      for (const [id, found] of read) {
        for (const { fragment, decodeTime } of found) {
          spans.set(fragment, [...spans.get(fragment) ?? [], decodeTime / [90, 48][id - 1]!]);
        }
      }
      for (const times of spans.values()) {
        assertLessOrEqual(Math.max(...times) - Math.min(...times), maxLatencyMs + 90 + 1);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("mp4() writes the same bytes to sinks of any speed", async () => {
  const samples = Array.from(
    { length: 60 },
    (_, i) => sample(1, i * 40_000, i % 10 ? "delta" : "key", new Uint8Array(300_000).fill(i)),
  );
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let busy = 0;
  const slow = {
    header: (bytes: Uint8Array<ArrayBuffer>) => void pieces.push(bytes.slice()),
    async data(bytes: Uint8Array<ArrayBuffer>) {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      if (busy++ % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      pieces.push(bytes.slice());
    },
    close() {},
    abort() {},
  };
  const session = { container: fragmented({ creationTime: EPOCH }), streams: [VIDEO], samples };
  const live = await writeLive(session);
  await writeTo([slow], session);
  const file = new Uint8Array(await new Blob(pieces).arrayBuffer());
  assertEquals(file.byteLength, live.byteLength);
  assert(file.every((byte, i) => byte === live[i]));
});

Deno.test("mp4() keeps a sample that finds no memory until chunks are released, and goes on as if nothing were", () => {
  const play = (holds: boolean) => {
    const muxer = fragmented({ creationTime: EPOCH }).createMuxer([{ ...VIDEO, streamNumber: 1 }]);
    muxer.describe(0, undefined, new Uint8Array(1));
    const packetizer = muxer.begin({ metadata: {}, bitrates: [0], present: [true] });
    const held: Chunk[] = [];
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const letGo = () => {
      for (const { bytes, release } of held.splice(0)) {
        parts.push(bytes.slice());
        release();
      }
    };
    const take = () => {
      for (let chunk; (chunk = packetizer.nextChunk(false));) held.push(chunk);
    };
    let waits = 0;
    for (let i = 0; i < 60; i++) {
      const timestamp = i * 40_000;
      const isKey = i % 10 === 0;
      const pieces = muxer.frame(0, new Uint8Array(300_000).fill(i), isKey);
      const isTaken = packetizer.write({
        stream: 0,
        pieces,
        timestamp,
        decodeTimestamp: timestamp,
        duration: 40_000,
        isKey,
      });
      take();
      if (!isTaken) {
        assertEquals([packetizer.hasRoom, packetizer.resume()], [false, false]);
        waits++;
        letGo();
        assert(packetizer.resume());
        take();
      }
      if (!holds) letGo();
    }
    packetizer.finish();
    take();
    letGo();
    return { waits, bytes: parts };
  };
  const [quick, slow] = [play(false), play(true)];
  assert(slow.waits > 0 && quick.waits === 0, `${quick.waits}, ${slow.waits}`);
  assertEquals(slow.bytes.length, quick.bytes.length);
  assert(
    slow.bytes.every((bytes, i) =>
      bytes.length === quick.bytes[i]!.length && bytes.every((byte, at) => byte === quick.bytes[i]![at])
    ),
  );
});

Deno.test("a sink that joins an mp4() session late gets a file that begins at zero", async () => {
  const [first, late] = [bufferSink(), bufferSink()];
  const samples = AV.samples(4);
  await using writer = new Writer({ container: AV.create(), sinks: [first], streams: AV.streams });
  await writer.beginWriting();
  for (const sample of samples) {
    if (sample.streamNumber === 1 && sample.timestamp === 1_880_000) await writer.addSink(late);
    await writer.writeSample(sample.streamNumber, sample);
  }
  await writer.endWriting();
  const [all, part] = [readSamples(first.bytes), readSamples(late.bytes)];
  const video = part.get(1)!;
  assertEquals(video.length, 50);
  assert(video[0]!.isKey);
  assertEquals(video.map(({ data }) => data), all.get(1)!.slice(-50).map(({ data }) => data));
  const shift = all.get(1)!.at(-50)!.decodeTime - video[0]!.decodeTime;
  assertLessOrEqual(Math.abs(shift - 180_000), 3600);
  const audio = part.get(2)!;
  assertEquals(audio.map(({ data }) => data), all.get(2)!.slice(-audio.length).map(({ data }) => data));
  assertLessOrEqual(Math.abs(audio[0]!.decodeTime / 48_000 - video[0]!.decodeTime / 90_000), 0.045);
  const moofs = readBoxes(late.bytes).filter(({ type }) => type === "moof").map(({ offset }) => offset);
  const tfra = find(readBoxes(late.bytes), "mfra/tfra").body;
  assertEquals(Number(tfra.getBigUint64(24)), moofs[0]);
});

Deno.test("mp4() undoes the delay of reordering with an edit list", async () => {
  // Depth 1 by declaration, 25 frames a second: times are 40 ms later, and decoding goes in step.
  const h264 = { ...AV.streams[0]!, reorders: true };
  const data = AV.samples(1)[0]!.data;
  const times = [0, 80_000, 40_000, 160_000, 120_000];
  const samples = times.map((timestamp, i) => sample(1, timestamp, i === 0 ? "key" : "delta", data));
  for (const write of [writeFinal, writeLive]) {
    const file = await write({ container: fragmented(), streams: [h264], samples });
    const elst = find(readBoxes(file), "moov/trak/edts/elst").body;
    assertEquals([elst.getUint32(4), elst.getBigUint64(8), elst.getBigUint64(16)], [1, 0n, 3600n]);
    const read = readSamples(file).get(1)!;
    assertEquals(read.map(({ decodeTime }) => decodeTime / 3600), [0, 1, 2, 3, 4]);
    assertEquals(read.map(({ presentationTime }) => presentationTime / 3600 - 1), [0, 2, 1, 4, 3]);
  }
});

Deno.test("mp4() begins the presentation where it begins, if decoding begins before", async () => {
  const times = [[80, 0], [160, 40], [120, 80], [240, 120]];
  const streams = [{ ...VIDEO, reorders: true }, AUDIO];
  const samples = [
    ...times.map(([present, decode], i): StreamSample => ({
      ...sample(1, present! * 1000, i === 0 ? "key" : "delta"),
      decodeTimestamp: decode! * 1000,
    })),
    sample(2, 90_000),
    sample(2, 110_000),
  ];
  const boxes = readBoxes(await writeFinal({ container: fragmented(), streams, samples }));
  const starts = find(boxes, "moov").children.filter(({ type }) => type === "trak")
    .map(({ children }) => find(children, "edts/elst").body.getBigUint64(16));
  assertEquals(starts, [7200n, 3840n]); // 80 ms
});

/** Where each edit begins in its track's media. */
function editStarts(file: Uint8Array): bigint[] {
  return find(readBoxes(file), "moov").children.filter(({ type }) => type === "trak")
    .flatMap(({ children }) => children.some(({ type }) => type === "edts") ? [find(children, "edts/elst")] : [])
    .map(({ body }) => body.getBigUint64(16));
}

Deno.test("mp4() begins the presentation at the caller's zero: what lies before is there to be decoded", async () => {
  // Priming of 1024 samples in front of the sound, a picture before a cut.
  const streams = [{ ...VIDEO, framerate: 25 }, { ...AUDIO, codec: "mp4a.40.2", sampleRate: 44_100, description: AAC }];
  const samples = [
    ...[-40, 0, 40].map((time, i) => sample(1, time * 1000, i === 0 ? "key" : "delta")),
    ...[-23_220, 0, 23_220].map((time) => ({ ...sample(2, time), duration: 23_220 })),
  ].sort((a, b) => a.timestamp - b.timestamp);
  const file = await writeFinal({ container: fragmented(), streams, samples });
  const boxes = readBoxes(file);
  const traks = find(boxes, "moov").children.filter(({ type }) => type === "trak");
  assertEquals(editStarts(file), [3600n, 1764n]); // 40 ms
  const read = readSamples(file);
  assertEquals(read.get(1)!.map(({ presentationTime }) => presentationTime - 3600), [-3600, 0, 3600]);
  assertEquals(read.get(2)!.map(({ presentationTime }) => presentationTime - 1764), [-1024, 0, 1024]);
  // The edits last from zero on; what is in the media lasts longer.
  assertEquals(find(boxes, "moov/mvex/mehd").body.getBigUint64(4), 80_000n);
  assertEquals(traks.map(({ children }) => find(children, "tkhd").body.getBigUint64(28)), [80_000n, 46_440n]);
  assertEquals(traks.map(({ children }) => find(children, "mdia/mdhd").body.getBigUint64(24)), [10_800n, 3072n]);
  // Media Source Extensions would drop the first picture, and with it all up to the next key frame.
  assertEquals(editStarts(await writeLive({ container: fragmented(), streams, samples })), []);
  const uncut = samples.filter(({ timestamp }) => timestamp > -40_000).map((sample) => ({
    ...sample,
    type: "key" as const,
  }));
  assertEquals(editStarts(await writeLive({ container: fragmented(), streams, samples: uncut })), [2090n, 1024n]); // 23 ms
  for (const startTime of ["rebase-each", "keep"] as const) {
    const positive = samples.map((sample) => ({ ...sample, timestamp: sample.timestamp + 40_000 }));
    const file = await writeFinal({ container: fragmented(), streams, samples: positive, startTime });
    assert(!readBoxes(file).some(({ type }) => type === "edts"));
  }
});

Deno.test("mp4() shows what there is where all of it lies before the caller's zero", async () => {
  const samples = [-80, -40].map((time) => sample(1, time * 1000));
  const boxes = readBoxes(await writeFinal({ container: fragmented(), streams: [VIDEO], samples }));
  assert(!find(boxes, "moov/trak").children.some(({ type }) => type === "edts"));
  assertEquals(find(boxes, "moov/mvex/mehd").body.getBigUint64(4), 80_000n);
});

Deno.test("a sink that joins an mp4() session late shows everything, though the session began before zero", async () => {
  const [first, late] = [bufferSink(), bufferSink()];
  await using writer = new Writer({ container: fragmented(), sinks: [first], streams: [VIDEO] });
  await writer.beginWriting();
  for (let i = 0; i < 100; i++) {
    if (i === 60) await writer.addSink(late);
    await writer.writeSample(1, sample(1, (i - 10) * 40_000, i % 25 === 0 ? "key" : "delta"));
  }
  await writer.endWriting();
  assertEquals(find(readBoxes(first.bytes), "moov/trak/edts/elst").body.getBigUint64(16), 36_000n);
  const trak = find(readBoxes(late.bytes), "moov/trak");
  assert(!trak.children.some(({ type }) => type === "edts"));
  assertEquals(readSamples(late.bytes).get(1)![0]!.presentationTime, 0);
});

Deno.test("mp4() says no longer duration than has room, and the next time exactly", async () => {
  const fourteenHours = 14 * 3_600_000_000;
  const samples = [0, fourteenHours, fourteenHours + 40_000].map((time) => sample(1, time));
  const read = readSamples(await writeFinal({ container: fragmented(), streams: [VIDEO], samples })).get(1)!;
  assertEquals(read.map(({ duration }) => duration), [0xFFFF_FFFF, 3600, 3600]);
  assertEquals(read.map(({ decodeTime }) => decodeTime), [0, 14 * 3600 * 90_000, 14 * 3600 * 90_000 + 3600]);
});

/** Where in the file's first sample entry a box begins; its bytes behind size and type. */
function inSampleEntry(file: Uint8Array, type: string): string {
  const stsd = find(readBoxes(file), "moov/trak/mdia/minf/stbl/stsd").body;
  const bytes = new Uint8Array(stsd.buffer, stsd.byteOffset, stsd.byteLength);
  const at = [...bytes.keys()].find((at) => String.fromCharCode(...bytes.subarray(at, at + 4)) === type);
  return at === undefined ? "" : dump(bytes.subarray(at + 4, at - 4 + stsd.getUint32(at - 4)));
}

Deno.test("mp4() says what colours mean as far as it is told", async () => {
  const samples = [sample(1, 0)];
  const write = (more: Partial<VideoStream>) =>
    writeFinal({ container: fragmented(), streams: [{ ...VIDEO, ...more } as VideoStream], samples });
  assertEquals(inSampleEntry(await write({}), "colr"), "");
  assertEquals(inSampleEntry(await write({ colorSpace: { fullRange: false } }), "colr"), "");
  const pq = { primaries: "bt2020", transfer: "pq", matrix: "bt2020-ncl", fullRange: false };
  const hdr = await write({ codec: "vp09.02.10.10.01.09.14.09.00", colorSpace: pq });
  assertEquals(inSampleEntry(hdr, "colr"), "6e 63 6c 78 00 09 00 10 00 09 00");
  assertEquals(inSampleEntry(hdr, "vpcC"), "01 00 00 00 02 0a a2 09 10 09 00 00");
  const partly = await write({
    colorSpace: { primaries: "bt709", transfer: null, matrix: "a-new-one", fullRange: true },
  });
  assertEquals(inSampleEntry(partly, "colr"), "6e 63 6c 78 00 01 00 02 00 02 80");
  const wrong = { ...VIDEO, colorSpace: "bt709" } as unknown as StreamConfig;
  assertEquals(problemsOf(fragmented(), [wrong]), ["stream 1: colorSpace must be an object, got string"]);
});

Deno.test("mp4() says how many bits the samples of FLAC have", async () => {
  // STREAMINFO: 96 kHz, two channels, 24 bits.
  const description = hex(`10 00 10 00 00 00 00 00 00 00 17 70 03 70 ${"00 ".repeat(20)}`);
  const streams: StreamConfig[] = [{ ...AUDIO, codec: "flac", sampleRate: 96_000, numberOfChannels: 2, description }];
  const file = await writeFinal({
    container: fragmented(),
    streams,
    samples: [sample(1, 0, "key", hex("ff f8 00 00"))],
  });
  // Channels, bits, and the largest regular division of the rate that there is room for.
  assertEquals(inSampleEntry(file, "fLaC").split(/\s+/).slice(16, 28).join(" "), "00 02 00 18 00 00 00 00 bb 80 00 00");
});

Deno.test("mp4() keeps to a sink's limit, and refuses what cannot", async () => {
  const chunks: number[] = [];
  const small = {
    maxPacketBytes: 4000,
    header() {},
    data: (bytes: Uint8Array) => void chunks.push(bytes.byteLength),
    close() {},
    abort() {},
  };
  const samples = Array.from({ length: 20 }, (_, i) => sample(1, i * 40_000, "key", new Uint8Array(900)));
  await writeTo([small], { container: fragmented(), streams: [VIDEO], samples });
  assertLessOrEqual(Math.max(...chunks), 4000);
  const large = [sample(1, 0), sample(1, 40_000, "key", new Uint8Array(3900)), sample(1, 600_000)];
  await using writer = new Writer({ container: fragmented(), sinks: [small], streams: [VIDEO], openWindowMs: 0 });
  await writer.beginWriting();
  await writer.writeSample(1, large[0]!);
  assertEquals(assertThrows(() => writer.writeSample(1, large[1]!), MuxError).code, "too-large");
  await writer.endWriting();
});

Deno.test("mp4() refuses what it cannot hold, by name", async () => {
  const wmv: StreamConfig = { kind: "video", codec: "WMV3", codedWidth: 16, codedHeight: 16 };
  const [problem] = problemsOf(fragmented(), [wmv]);
  assertEquals(problem!.startsWith('stream 1: MP4 cannot hold video codec "WMV3"; it holds H.264 (avc1'), true);
  assertEquals(problemsOf(fragmented(), []), ["there must be at least one stream"]);
  assertEquals(problemsOf(fragmented(), [{ ...VIDEO, streamNumber: 2 }, AUDIO]), [
    "stream 2: streamNumber must be unique",
  ]);
  const writer = new Writer({ container: fragmented(), streams: [{ ...AUDIO, description: hex("01 02") }] });
  await assertRejects(() => writer.beginWriting(), MuxError, "its Opus description is no identification header");
  assertThrows(() => fragmented({ fragmentDurationMs: 0 }), RangeError);
  assertThrows(() => fragmented({ creationTime: new Date(NaN) }), RangeError);
  assertThrows(() => fragmented({ creationTime: 1 as unknown as Date }), TypeError);
});

Deno.test("mp4() keeps room for metadata that come late, and refuses what does not fit it", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: fragmented(), sinks: [sink], streams: [VIDEO], openWindowMs: 0 });
  await writer.beginWriting();
  await writer.writeSample(1, sample(1, 0));
  writer.setMetadata({ title: "Late" });
  assertEquals(assertThrows(() => writer.setMetadata({ title: "x".repeat(4000) }), MuxError).code, "too-large");
  await writer.endWriting();
  const meta = bodyOf(find(readBoxes(sink.bytes), "moov/udta/meta"));
  assert(new TextDecoder("latin1").decode(meta).includes("\u00A9nam\0\0\0\x14data\0\0\0\x01\0\0\0\0Late"));
});
