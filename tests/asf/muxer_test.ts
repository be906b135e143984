import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { parsePackets } from "../core/parse_packets.ts";
import {
  beginMuxer,
  FIXED,
  handOut,
  muxFile,
  Output,
  type Take,
  type TestSample,
  writeAll,
  writeOne,
} from "./muxer_harness.ts";
import { type Box, readBoxes, readHeader } from "./read_header.ts";

const AUDIO: StreamConfig = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };
const VIDEO: StreamConfig = { kind: "video", codec: "MJPG", codedWidth: 64, codedHeight: 48, bitrate: 100_000 };

const FILE_PROPERTIES = "8cabdca1-a947-11cf-8ee4-00c00c205365";
const STREAM_PROPERTIES = "b7dc0791-a9b7-11cf-8ee6-00c00c205365";
const STREAM_BITRATES = "7bf875ce-468d-11d1-8d82-006097c9a2b2";
const CONTENT_DESCRIPTION = "75b22633-668e-11cf-a6d9-00aa0062ce6c";
const PADDING = "1806d474-cadf-4509-a4ba-9aabcb96aae8";
const EXTENDED_STREAM = "14e6a5cb-c672-4332-8399-a96952065b5a";
const DATA = "75b22636-668e-11cf-a6d9-00aa0062ce6c";
const SIMPLE_INDEX = "33000890-e5b1-11cf-89f4-00a0c90349cb";

/** Samples at a constant distance; every `keyEvery`-th is a key frame. */
function samplesOf(stream: number, count: number, stepMs: number, bytes: number, keyEvery = 1): TestSample[] {
  return Array.from({ length: count }, (_, i) => ({
    stream,
    data: new Uint8Array(bytes).fill(i),
    timestamp: i * stepMs * 1000,
    duration: stepMs * 1000,
    isKey: i % keyEvery === 0,
  }));
}

function interleaved(...lists: TestSample[][]): TestSample[] {
  return lists.flat().sort((a, b) => (a.decodeTimestamp ?? a.timestamp) - (b.decodeTimestamp ?? b.timestamp));
}

/** Five seconds: audio as stream 1, video with a key frame each second as stream 2. */
const BOTH: Take = {
  streams: [AUDIO, VIDEO],
  samples: interleaved(samplesOf(0, 50, 100, 1600), samplesOf(1, 125, 40, 500, 25)),
};

const ALONE: Take = { streams: [AUDIO], samples: samplesOf(0, 50, 100, 1600) };

interface File {
  readonly properties: DataView;
  readonly children: Box[];
  readonly extension: Box[];
  readonly data: Box;
  readonly indexes: Box[];
  readonly packets: ReturnType<typeof parsePackets>;
}

/** Takes a file apart, and checks what every finished file must satisfy. */
function readFile(bytes: Uint8Array<ArrayBuffer>): File {
  const { root, children, extension } = readHeader(bytes);
  const [data, ...indexes] = readBoxes(bytes, root.end, bytes.byteLength);
  assertEquals(data!.guid, DATA);
  assert(indexes.every(({ guid }) => guid === SIMPLE_INDEX));
  const properties = children[0]!.view;
  assertEquals(children[0]!.guid, FILE_PROPERTIES);
  const packetBytes = properties.getUint32(92, true);
  const packets = parsePackets(bytes.subarray(root.end + 50, data!.end), packetBytes);
  assertEquals(root.view.getUint32(24, true), children.length);
  assertEquals(properties.getBigUint64(40, true), BigInt(bytes.byteLength));
  assertEquals(properties.getBigUint64(56, true), BigInt(packets.length));
  assertEquals(data!.view.getBigUint64(40, true), BigInt(packets.length));
  return { properties, children, extension, data: data!, indexes, packets };
}

/** Packet numbers of a Simple Index. */
function indexPackets({ view }: Box): number[] {
  return Array.from({ length: view.getUint32(52, true) }, (_, i) => view.getUint32(56 + 6 * i, true));
}

Deno.test("AsfMuxer completes the header to what came out", () => {
  const { properties, children, extension, packets } = readFile(muxFile(BOTH));
  assertEquals(properties.getBigUint64(64, true), 80_000_000n); // 5 s and 3 s preroll
  const last = packets.at(-1)!;
  const sendEndMs = Number(properties.getBigUint64(72, true)) / 10_000;
  assertEquals(Math.abs(sendEndMs - (last.sendTimeMs + last.durationMs)) < 1, true);
  assertEquals([80, 88].map((at) => properties.getUint32(at, true)), [3000, 2]);

  const [audio, video] = extension.filter(({ guid }) => guid === EXTENDED_STREAM).map(({ view }) => view);
  assertEquals([audio!.getUint32(40, true), video!.getUint32(40, true)], [128_000, 100_000]); // media alone
  assertEquals([audio!.getUint32(64, true), video!.getUint32(64, true)], [1600, 500]);
  assertEquals([audio!.getBigUint64(76, true), video!.getBigUint64(76, true)], [0n, 400_000n]);

  const rates = children.find(({ guid }) => guid === STREAM_BITRATES)!.view;
  const withOverhead = [rates.getUint32(28, true), rates.getUint32(34, true)];
  const dataRate = packets.length * 3200 * 8 / 5;
  assertLess(Math.abs(withOverhead[0]! + withOverhead[1]! - dataRate), 2);
  assertEquals(properties.getUint32(100, true), withOverhead[0]! + withOverhead[1]!);
});

Deno.test("AsfMuxer stores the exact times of samples, preroll added", () => {
  const take: Take = {
    streams: [{ ...VIDEO, framerate: 30_000 / 1001 }],
    samples: Array.from({ length: 1000 }, (_, i) => ({
      stream: 0,
      data: new Uint8Array([i]),
      timestamp: Math.round(i * 1_001_000 / 30),
    })),
  };
  const { packets, extension } = readFile(muxFile(take));
  const times = packets.flatMap(({ payloads }) => payloads.map(({ presentationMs }) => presentationMs));
  assertEquals(times, take.samples.map((_, i) => Math.round(i * 1001 / 30) + 3000));
  assertEquals(extension[1]!.view.getBigUint64(76, true), 333_667n);
});

Deno.test("AsfMuxer stores decode times and gives every stream the timing extension where one reorders", () => {
  const decode = [0, 40, 80, 120, 160].map((ms) => ms * 1000);
  const shown = [80, 200, 120, 160, 240].map((ms) => ms * 1000);
  const video = decode.map((decodeTimestamp, i): TestSample => ({
    stream: 1,
    data: new Uint8Array([i + 1]),
    timestamp: shown[i]!,
    decodeTimestamp,
    isKey: i === 0,
  }));
  const take = {
    streams: [AUDIO, { ...VIDEO, codec: "RV40", reorders: true }],
    samples: interleaved(samplesOf(0, 2, 100, 1600), video),
  };
  const { packets, extension } = readFile(muxFile(take as Take));
  const payloads = packets.flatMap((packet) => packet.payloads);
  for (const { view } of extension.filter(({ guid }) => guid === EXTENDED_STREAM)) {
    assertEquals(view.getUint16(86, true), 1);
  }
  for (const { extension } of payloads) assertEquals(extension.byteLength, 24);
  const ticks = ({ extension: { buffer, byteOffset } }: { extension: Uint8Array }) =>
    Number(new DataView(buffer as ArrayBuffer, byteOffset).getBigUint64(8, true));
  const pictures = payloads.filter(({ streamNumber }) => streamNumber === 2);
  assertEquals(pictures.map(({ presentationMs }) => presentationMs), [3000, 3040, 3080, 3120, 3160]);
  assertEquals(pictures.map(ticks), shown.map((time) => time * 10 + 30_000_000));
  for (const payload of payloads.filter(({ streamNumber }) => streamNumber === 1)) {
    assertEquals(ticks(payload), payload.presentationMs * 10_000);
  }
});

Deno.test("AsfMuxer leaves the timing extension out where no reader needs it", () => {
  const { packets } = readFile(muxFile(BOTH));
  assert(packets.every(({ payloads }) => payloads.every(({ extension }) => extension.byteLength === 0)));
});

Deno.test("AsfMuxer writes one Simple Index for each video stream, in order of stream numbers", () => {
  const numbered = (number: number, config: StreamConfig): StreamConfig => ({ ...config, streamNumber: number });
  const take: Take = {
    streams: [numbered(9, VIDEO), numbered(3, AUDIO), numbered(5, VIDEO)],
    samples: interleaved(samplesOf(0, 50, 100, 900, 10), samplesOf(1, 50, 100, 1600), samplesOf(2, 50, 100, 900, 25)),
  };
  const { children, indexes, packets } = readFile(muxFile(take));
  const numbers = children.filter(({ guid }) => guid === STREAM_PROPERTIES).map(({ view }) => view.getUint16(72, true));
  assertEquals(numbers, [3, 5, 9]);
  assertEquals(indexes.length, 2);
  for (const [index, streamNumber] of [[indexes[0]!, 5], [indexes[1]!, 9]] as const) {
    const keys = packets.flatMap(({ payloads }, packet) =>
      payloads.filter((payload) => payload.streamNumber === streamNumber && payload.isKey && payload.offset === 0)
        .map(({ presentationMs }) => ({ presentationMs, packet }))
    );
    assertEquals(keys.length, streamNumber === 5 ? 2 : 5);
    // 4.9 s and 3 s preroll, 200 ms apart, and one at or behind the end
    const expected = Array.from(
      { length: Math.ceil(7900 / 200) + 1 },
      (_, i) => (keys.findLast(({ presentationMs }) => presentationMs <= i * 200) ?? keys[0]!).packet,
    );
    assertEquals(indexPackets(index), expected);
    assertEquals(index.view.getBigUint64(40, true), 2_000_000n);
  }
});

Deno.test("AsfMuxer calls a file seekable only with every index in place", () => {
  const flags = (bytes: Uint8Array<ArrayBuffer>) => readFile(bytes).properties.getUint32(88, true);
  const canPatch = { canPatch: true, takesTrailer: false };
  assertEquals(flags(muxFile(ALONE, { capabilities: canPatch })), 2);
  assertEquals(flags(muxFile(BOTH, { capabilities: canPatch })), 0);

  const driven = beginMuxer(BOTH);
  const output = new Output(driven);
  writeAll(driven, BOTH.samples, [output]);
  driven.packetizer.finish();
  handOut(driven, [output], true);
  assertEquals(flags(output.complete({ index: false })), 0); // the sink refused it
});

Deno.test("AsfMuxer does not call video without any key frame seekable", () => {
  const samples = samplesOf(0, 10, 40, 500).map((sample) => ({ ...sample, isKey: false }));
  const { properties, indexes } = readFile(muxFile({ streams: [VIDEO], samples }));
  assertEquals(properties.getUint32(88, true), 0);
  assertEquals(indexes.map(indexPackets), [[]]);
});

Deno.test("AsfMuxer writes a live header that never changes, without padding or index", () => {
  const driven = beginMuxer(BOTH);
  const output = new Output(driven, {}, { canPatch: false, takesTrailer: true });
  const header = output.bytes;
  const { children } = readHeader(header);
  assertEquals(children[0]!.view.getUint32(88, true), 1);
  assert(children.every(({ guid }) => guid !== PADDING));
  writeAll(driven, BOTH.samples, [output]);
  driven.packetizer.finish();
  handOut(driven, [output], true);
  const before = output.bytes;
  assertEquals(output.complete(), before);
  assertEquals(before.subarray(0, header.byteLength), header);
  assertEquals((before.byteLength - header.byteLength) % 3200, 0);
});

Deno.test("AsfMuxer makes a header small enough for its sink, or says that it cannot", () => {
  const driven = beginMuxer(BOTH);
  const headerBytes = (canPatch: boolean, maxHeaderBytes?: number) =>
    new Output(driven, { title: "T" }, { canPatch, takesTrailer: false, maxHeaderBytes }).bytes.byteLength;
  const least = headerBytes(false);
  assertEquals(headerBytes(true), least + 2048);
  assertEquals(headerBytes(true, least + 100), least + 100);
  assertEquals(headerBytes(true, least + 23), least);
  assertEquals(headerBytes(true, least), least);
  for (const canPatch of [true, false]) {
    const error = assertThrows(() => headerBytes(canPatch, least - 1), MuxError, `at most ${least - 1} bytes`);
    assertEquals(error.code, "too-large");
  }
});

Deno.test("AsfMuxer fits metadata known at the end into the room it left", () => {
  const driven = beginMuxer(BOTH);
  const output = new Output(driven, { title: "Before" });
  writeAll(driven, BOTH.samples, [output]);
  const metadata = { title: "After", author: "Somebody" };
  assertEquals(driven.muxer.checkMetadata!(metadata), undefined);
  output.metadata = metadata;
  driven.packetizer.finish();
  handOut(driven, [output], true);
  const { children } = readFile(output.complete());
  const text = new TextDecoder("utf-16le").decode(children.find(({ guid }) => guid === CONTENT_DESCRIPTION)!.view);
  assert(text.includes("After") && text.includes("Somebody") && !text.includes("Before"));
});

Deno.test("AsfMuxer.checkMetadata() refuses what does not fit every header given out", () => {
  const driven = beginMuxer(BOTH);
  assertEquals(driven.muxer.checkMetadata!({ title: "x".repeat(3000) }), undefined); // no header yet
  new Output(driven);
  // Content Description adds 34 bytes and 2 bytes a character, its terminator included, to 2048 of room.
  const fits = (2048 - 34) / 2 - 1;
  assertEquals(driven.muxer.checkMetadata!({ title: "x".repeat(fits) }), undefined);
  assertEquals(driven.muxer.checkMetadata!({ title: "x".repeat(fits - 12) }), undefined); // a Padding Object of 24 bytes
  for (const length of [fits - 11, fits - 1, fits + 1, 40_000]) {
    assertEquals(typeof driven.muxer.checkMetadata!({ title: "x".repeat(length) })?.reason, "string", `${length}`);
  }
  assertThrows(() => driven.muxer.checkMetadata!({ attributes: { n: -1 } }), RangeError);
});

Deno.test("AsfMuxer shifts what a late output gets to its own zero", () => {
  const driven = beginMuxer(BOTH);
  const early = new Output(driven);
  const [before, after] = [0, 1].map((part) =>
    BOTH.samples.filter(({ timestamp }) => (timestamp >= 2_000_000) === (part === 1))
  );
  writeAll(driven, before!, [early]);
  driven.packetizer.closeUnit();
  handOut(driven, [early], true);
  const late = new Output(driven, {}, undefined, driven.packetizer.unitCount, 2_000_000);
  writeAll(driven, after!, [early, late]);
  driven.packetizer.finish();
  handOut(driven, [early, late], true);

  const whole = readFile(early.complete());
  const part = readFile(late.complete());
  assertEquals(whole.properties.getBigUint64(64, true), 80_000_000n);
  assertEquals(part.properties.getBigUint64(64, true), 60_000_000n);
  const times = part.packets.flatMap(({ payloads }) => payloads.map(({ presentationMs }) => presentationMs));
  assertEquals([Math.min(...times), Math.max(...times)], [3000, 5960]);
  const skipped = whole.packets.length - part.packets.length;
  assertEquals(
    part.packets.map(({ sendTimeMs }) => sendTimeMs),
    whole.packets.slice(skipped).map(({ sendTimeMs }) => Math.max(0, sendTimeMs - 2000)),
  );
  const keys = part.packets.map(({ payloads }) => payloads.some(({ isKey }) => isKey));
  const entries = indexPackets(part.indexes[0]!);
  assertEquals(entries.length, Math.ceil(5960 / 200) + 1);
  assertEquals(entries[0], 0);
  assert(entries.every((packet) => keys[packet]));
});

Deno.test("AsfMuxer ends an output where it ended, while the session goes on", () => {
  const driven = beginMuxer(BOTH);
  const [first, other] = [new Output(driven), new Output(driven)];
  const half = BOTH.samples.findIndex(({ timestamp }) => timestamp >= 2_000_000);
  writeAll(driven, BOTH.samples.slice(0, half), [first, other]);
  driven.packetizer.closeUnit();
  handOut(driven, [first, other], true);
  writeAll(driven, BOTH.samples.slice(half), [other]);
  const { properties, indexes } = readFile(first.complete());
  assertEquals(properties.getBigUint64(64, true), 50_000_000n); // 2 s and 3 s preroll
  assertEquals(properties.getUint32(88, true), 2);
  assertEquals(indexPackets(indexes[0]!).length, Math.ceil(4960 / 200) + 1);
  driven.packetizer.finish();
  handOut(driven, [other], true);
  assertEquals(readFile(other.complete()).properties.getBigUint64(64, true), 80_000_000n);
});

Deno.test("AsfMuxer leaves absent streams out of the header", () => {
  const take = { streams: [AUDIO, VIDEO], samples: ALONE.samples };
  const { children, properties } = readFile(muxFile(take, { opening: { present: [true, false] } }));
  assertEquals(children.filter(({ guid }) => guid === STREAM_PROPERTIES).length, 1);
  assertEquals(properties.getUint32(88, true), 2);
});

Deno.test("AsfMuxer chooses a packet size that every sink takes and that suits the latency", () => {
  const packetBytes = (opening: object, options = {}) =>
    readHeader(new Output(beginMuxer(ALONE, { ...FIXED, ...options }, opening)).bytes).children[0]!.view.getUint32(
      92,
      true,
    );
  assertEquals(packetBytes({}), 3200);
  assertEquals(packetBytes({}, { packetBytes: 65_535 }), 65_535);
  assertEquals(packetBytes({ maxUnitBytes: 1400 }), 1400);
  assertEquals(packetBytes({ maxLatencyMs: 100 }), 1629); // 128 kbit/s, ten packets a second
  assertEquals(packetBytes({ maxLatencyMs: 100, maxUnitBytes: 500 }), 500);
  assertEquals(assertThrows(() => packetBytes({ maxUnitBytes: 99 }), MuxError, "at least 100").code, "too-large");
});

Deno.test("AsfMuxer.frame() refuses samples without bytes, and those FFmpeg would refuse", () => {
  const driven = beginMuxer({ streams: [VIDEO], samples: [] });
  assertEquals(driven.muxer.frame(0, new Uint8Array(2 ** 24 - 1), true).byteLength, 2 ** 24 - 1);
  const large = assertThrows(
    () => driven.muxer.frame(0, new Uint8Array(2 ** 24), true),
    MuxError,
    "smaller than 16777216",
  );
  assertEquals([large.code, large.streamNumber], ["too-large", 1]);
  const empty = assertThrows(() => driven.muxer.frame(0, new Uint8Array(0), true), MuxError, "stream 1");
  assertEquals([empty.code, empty.streamNumber], ["bad-media", 1]);
});

Deno.test("AsfMuxer.checkTimes() refuses times past 49.7 days", () => {
  const driven = beginMuxer(ALONE);
  const limit = (2 ** 32 - 1 - 3000) * 1000;
  driven.muxer.checkTimes!(0, limit, limit);
  for (const [shown, decoded] of [[limit + 1000, 0], [0, limit + 1000]]) {
    assertEquals(
      assertThrows(() => driven.muxer.checkTimes!(0, shown!, decoded!), MuxError, "49.7 days").code,
      "too-large",
    );
  }
});

Deno.test("AsfMuxer writes the last time that fits", () => {
  const samples = [0, (2 ** 32 - 1 - 3000) * 1000].map((timestamp) => ({
    stream: 0,
    data: new Uint8Array(2),
    timestamp,
  }));
  const { packets, properties } = readFile(muxFile({ streams: [AUDIO], samples }));
  assertEquals(packets.flatMap(({ payloads }) => payloads.map(({ presentationMs }) => presentationMs)), [
    3000,
    2 ** 32 - 1,
  ]);
  assert(properties.getBigUint64(64, true) >= BigInt(2 ** 32 - 1) * 10_000n);
});

Deno.test("AsfMuxer says what it holds, and hands out chunks that say what they are", () => {
  const driven = beginMuxer(BOTH);
  assertEquals([
    driven.packetizer.heldTimestamp,
    driven.packetizer.duration,
    driven.packetizer.unitCount,
    driven.packetizer.hasChunk,
  ], [-1, 0, 0, false]);
  for (const sample of BOTH.samples.slice(0, 12)) assert(writeOne(driven, sample));
  assertEquals(driven.packetizer.heldTimestamp, 0);
  assertEquals(driven.packetizer.nextChunk(false), undefined);
  driven.packetizer.closeUnit();
  const { unitCount } = driven.packetizer;
  const chunk = driven.packetizer.nextChunk(true)!;
  assertEquals(chunk.info, { unitBytes: 3200, unitCount, firstUnit: 0, timestamp: 0, cleanPoints: [0] });
  assertEquals([chunk.sampleCount, chunk.bytes.byteLength], [12, unitCount * 3200]);
  chunk.release();
  assertEquals(driven.packetizer.heldTimestamp, -1);
  assertEquals(driven.packetizer.nextChunk(true), undefined);
});

Deno.test("AsfMuxer keeps header and index small", () => {
  const take: Take = { streams: [VIDEO], samples: samplesOf(0, 1500, 40, 5000, 25) };
  const bytes = muxFile(take);
  const { packets } = readFile(bytes);
  assertLess(bytes.byteLength - packets.length * 3200, 4096 + bytes.byteLength / 1000);
});

Deno.test("AsfMuxer makes the same file of the same samples", () => {
  assertEquals(muxFile(BOTH), muxFile(BOTH));
  const random = muxFile(BOTH, { options: {} });
  assert(random.subarray(54, 70).some((byte) => byte !== 0)); // File ID
});
