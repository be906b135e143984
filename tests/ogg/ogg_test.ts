/** Ogg page by page, read by a reader of the test's own, and what opusinfo, flac and FFmpeg say. */

import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { ogg } from "../../src/ogg/mod.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import fc from "../support/fast_check.ts";
import { problemsOf } from "../support/problems.ts";
import { readerTest } from "../support/readers.ts";
import { lines, run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";

const OPUS = CONTAINER_CASES.find(({ name }) => name === "ogg: Opus")!;
const FLAC = CONTAINER_CASES.find(({ name }) => name === "ogg: FLAC")!;
const create = () => ogg({ serialNumber: 7 });

interface Link {
  serial: number;
  packets: Uint8Array[];
  /** Of each page where a packet ends. */
  granules: number[];
  isEnded: boolean;
}

/** By division, bit by bit. */
function crc(bytes: Uint8Array): number {
  let register = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const isOne = (register >>> 31 ^ byte >> bit & 1) === 1;
      register = (register << 1 ^ (isOne ? 0x04C1_1DB7 : 0)) >>> 0;
    }
  }
  return register;
}

/** Every link of a chain; asserts that pages are numbered, whole, and flagged as they should be. */
function readOgg(file: Uint8Array<ArrayBuffer>): Link[] {
  const links: Link[] = [];
  let rest: Uint8Array[] = [];
  let number = 0;
  for (let at = 0; at < file.byteLength;) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    assertEquals(view.getUint32(0), 0x4F676753, `page at ${at}`);
    const flags = view.getUint8(5);
    const granule = Number(view.getBigInt64(6, true));
    const serial = view.getUint32(14, true);
    const sizes = file.subarray(at + 27, at + 27 + view.getUint8(26));
    const size = 27 + sizes.byteLength + sizes.reduce((sum, one) => sum + one, 0);
    const page = file.slice(at, at + size);
    const stated = view.getUint32(22, true);
    page.fill(0, 22, 26);
    assertEquals(crc(page), stated, `CRC of the page at ${at}`);
    if ((flags & 2) !== 0) {
      if (links.length > 0) assert(links.at(-1)!.isEnded, "a stream goes on behind another's beginning");
      links.push({ serial, packets: [], granules: [], isEnded: false });
      number = 0;
    }
    const link = links.at(-1)!;
    assertEquals([view.getUint32(18, true), serial, link.isEnded], [number++, link.serial, false]);
    assertEquals((flags & 1) !== 0, rest.length > 0, `continuation at ${at}`);
    let offset = 27 + sizes.byteLength;
    let ends = 0;
    for (const one of sizes) {
      rest.push(page.slice(offset, offset + one));
      offset += one;
      if (one === 255) continue;
      ends++;
      const packet = new Uint8Array(rest.reduce((sum, { byteLength }) => sum + byteLength, 0));
      rest.reduce((to, piece) => (packet.set(piece, to), to + piece.byteLength), 0);
      link.packets.push(packet);
      rest = [];
    }
    if (ends > 0) link.granules.push(granule);
    else if (sizes.byteLength > 0) assertEquals(granule, -1);
    if ((flags & 4) !== 0) {
      link.isEnded = true;
      if (ends === 0) link.granules.push(granule);
    }
    at += size;
  }
  assertEquals(rest, []);
  return links;
}

const name = (packet: Uint8Array) => new TextDecoder().decode(packet.subarray(0, 8));

Deno.test("ogg() puts the headers of Opus on pages of their own, and ends the stream with its last page", async () => {
  const samples = OPUS.samples(3);
  const file = await writeFinal({ container: create(), streams: OPUS.streams, samples, metadata: { title: "T" } });
  const [link, ...more] = readOgg(file);
  assertEquals([more.length, link!.serial, link!.isEnded], [0, 7, true]);
  assertEquals(link!.packets.slice(0, 2).map(name), ["OpusHead", "OpusTags"]);
  assert(new TextDecoder().decode(link!.packets[1]).includes("TITLE=T"));
  assertEquals(link!.packets.slice(2), samples.map(({ data }) => data));
  assertEquals(link!.granules, [0, 0, 48_000, 96_000, 144_000]);
  assertEquals(
    await writeLive({ container: create(), streams: OPUS.streams, samples, metadata: { title: "T" } }),
    file,
  );
});

Deno.test("where the sound begins and ends is said: pre-skip, and the last position", async () => {
  const samples = OPUS.samples(1).map((sample, i, { length }): StreamSample => ({
    ...sample,
    trimStart: i === 0 ? 6500 : 0,
    trimEnd: i === length - 1 ? 10_000 : 0,
  }));
  const [link] = readOgg(await writeFinal({ container: create(), streams: OPUS.streams, samples }));
  assertEquals(link!.packets[0]![10]! | link!.packets[0]![11]! << 8, 312);
  assertEquals(link!.granules.at(-1), 48_000 - 480);
});

Deno.test("a stream that was flushed is ended by an empty page, and so is that of a sink that leaves", async () => {
  const [all, leaving, late] = [bufferSink(), bufferSink(), bufferSink()];
  await using writer = new Writer({ container: create(), streams: OPUS.streams, sinks: [all, leaving] });
  await writer.beginWriting();
  for (const [i, sample] of OPUS.samples(6).entries()) {
    if (i === 100) await writer.addSink(late);
    if (i === 200) await writer.removeSink(leaving);
    await writer.writeSample(1, sample);
  }
  await writer.flush();
  await writer.endWriting();
  for (const [sink, count] of [[all, 300], [leaving, 200], [late, 200]] as const) {
    const [link, ...more] = readOgg(sink.bytes);
    assertEquals([more.length, link!.isEnded, link!.packets.length], [0, true, 2 + count]);
    assertEquals(link!.granules.slice(-2), [count * 960, count * 960]);
    assertEquals(link!.granules[2]! <= 48_000, true, "positions count from the sink's own beginning");
  }
});

Deno.test("another description is another logical stream", async () => {
  const head = (preSkip: number) => {
    const bytes = new Uint8Array(19);
    bytes.set(new TextEncoder().encode("OpusHead"));
    bytes.set([1, 2, preSkip & 0xFF, preSkip >> 8, 0x80, 0xBB], 8);
    return bytes;
  };
  const [first, late] = [bufferSink(), bufferSink()];
  const streams = [{ ...OPUS.streams[0]!, description: head(312) }] as StreamConfig[];
  await using writer = new Writer({ container: create(), streams, sinks: [first] });
  await writer.beginWriting();
  for (const [i, sample] of OPUS.samples(4).entries()) {
    const metadata = i === 80 ? { decoderConfig: { codec: "opus", description: head(3840) } } : undefined;
    if (i === 150) await writer.addSink(late);
    await writer.writeSample(1, sample, metadata);
  }
  await writer.endWriting();
  const links = readOgg(first.bytes);
  assertEquals(links.map(({ serial, packets }) => [serial, packets.length]), [[7, 82], [8, 122]]);
  assertEquals(links.map(({ granules }) => granules.at(-1)), [80 * 960, 120 * 960]);
  const joined = readOgg(late.bytes);
  assertEquals(joined.map(({ serial, packets }) => [serial, packets.length]), [[8, 52]]);
  assertEquals(joined[0]!.packets[0]![11], 3840 >> 8);
});

Deno.test("packets of any size come out as they went in, over as many pages as they take", async () => {
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 8, max: 600 }), fc.constantFrom(255, 510, 65_025, 65_026, 200_000)),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  await fc.assert(
    fc.asyncProperty(sizes, async (sizes) => {
      const samples = sizes.map((size, i): StreamSample => {
        const data = new Uint8Array(size).fill(i + 1);
        data.set([0xFF, 0xF8, 0xC9, 0x18, i]);
        return { streamNumber: 1, data, timestamp: Math.round(i * 4096e6 / 44_100) };
      });
      const [link] = readOgg(await writeFinal({ container: create(), streams: FLAC.streams, samples }));
      assertEquals(link!.packets.slice(2), samples.map(({ data }) => data));
      assertEquals(link!.granules.at(-1), sizes.length * 4096);
      assert(link!.isEnded);
    }),
    { numRuns: 25 },
  );
});

Deno.test("large comments and pictures go over several pages", async () => {
  const pictures = [{ data: new Uint8Array(150_000).fill(9), mimeType: "image/png" }];
  for (const { streams, samples } of [OPUS, FLAC]) {
    const metadata = { pictures };
    const [link] = readOgg(await writeFinal({ container: create(), streams, samples: samples(1), metadata }));
    assertGreater(link!.packets[streams === FLAC.streams ? 2 : 1]!.byteLength, 150_000);
  }
});

Deno.test("ogg() says what it holds", () => {
  assertEquals(problemsOf(ogg(), [{ ...OPUS.streams[0]!, codec: "mp3" } as StreamConfig]), [
    'stream 1: Ogg cannot hold audio codec "mp3"; it holds Opus (opus), Vorbis (vorbis), FLAC (flac)',
  ]);
  assertThrows(() => ogg({ serialNumber: -1 }), RangeError);
  const bare: StreamConfig = { kind: "audio", codec: "vorbis", sampleRate: 44_100, numberOfChannels: 2 };
  assertEquals(problemsOf(ogg(), [bare]), []);
});

Deno.test("a description that is none is refused, and names its stream", async () => {
  const stream = { ...OPUS.streams[0]!, description: new Uint8Array(30) } as StreamConfig;
  const writer = new Writer({ container: create(), streams: [stream], sinks: [bufferSink()] });
  const error = await writer.beginWriting().then(() => undefined, (error) => error);
  assert(error instanceof MuxError);
  assert(error.message.includes("stream 1"), error.message);
  assert(error.message.includes("no identification header"), error.message);
});

const FILES = ["opus.webm", "vorbis.webm", "tone.flac"];

readerTest("readers take Opus, Vorbis and FLAC in Ogg without a word, with every packet", [
  "ffmpeg",
  "GStreamer",
  "MediaInfo",
], async () => {
  await withTempDir(async (folder) => {
    for (const input of FILES) {
      const { streams, samples } = await readAll(fixture(input));
      const all = [...samples];
      const path = `${folder}/${input}.ogg`;
      await Deno.writeFile(path, await writeFinal({ container: create(), streams, samples: all }));
      const read = ["-v", "warning", "-nostdin", "-i", path];
      for (const how of [["-c", "copy"], []]) {
        const { code, stderr } = await run("ffmpeg", [...read, ...how, "-f", "null", "-"]);
        assertEquals([code, lines(stderr)], [0, []], input);
      }
      const hash = async (file: string) =>
        (await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", file, "-c", "copy", "-f", "framehash", "-"])).stdout
          .split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(",")[5]);
      assertEquals(await hash(path), await hash(fixture(input)), input);
      const { stdout, code } = await run("gst-discoverer-1.0", [path]);
      assertEquals([code, /Seekable: yes/.test(stdout)], [0, true]);
      const report = await runOk("mediainfo", ["--Output=General;%Format%", path]);
      assertEquals(report.stdout.trim(), "Ogg");
    }
  });
});

readerTest("opusinfo finds nothing wrong, late sinks, chains and trims included", ["opusinfo"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("opus.webm"));
    const all = [...samples];
    const last = all.length - 1;
    const trimmed = all.map((sample, i) => i === last ? { ...sample, duration: 20_000, trimEnd: 10_000 } : sample);
    const late = bufferSink();
    const first = bufferSink();
    await using writer = new Writer({ container: create(), streams, sinks: [first] });
    await writer.beginWriting();
    for (const [i, sample] of trimmed.entries()) {
      if (i === 40) await writer.addSink(late);
      await writer.writeSample(1, sample);
    }
    await writer.endWriting();
    for (const [i, bytes] of [first.bytes, late.bytes].entries()) {
      const path = `${folder}/${i}.opus`;
      await Deno.writeFile(path, bytes);
      const { code, stdout, stderr } = await run("opusinfo", [path]);
      assertEquals([code, /warning|error|hole|missing/i.test(stdout + stderr)], [0, false], stdout + stderr);
      if (i === 0) assert(stdout.includes("Playback length: 0m:02.003s"), stdout);
    }
  });
});

readerTest("flac -t accepts FLAC in Ogg", ["flac"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("tone.flac"));
    const path = `${folder}/tone.oga`;
    await Deno.writeFile(path, await writeFinal({ container: create(), streams, samples }));
    const { code, stderr } = await run("flac", ["-t", "--ogg", path]);
    assertEquals([code, /ERROR/.test(stderr)], [0, false], stderr);
  });
});

Deno.test("what lies before zero is skipped, and a last duration that is too short for its packet is the end", async () => {
  const samples = OPUS.samples(1).map((sample, i, { length }): StreamSample => ({
    ...sample,
    timestamp: sample.timestamp - 6500,
    duration: i === length - 1 ? 7500 : 20_000,
  }));
  const [link] = readOgg(await writeFinal({ container: create(), streams: OPUS.streams, samples }));
  assertEquals(link!.packets[0]![10]! | link!.packets[0]![11]! << 8, 312);
  assertEquals(link!.granules.at(-1), 48_000 - 600);
});

readerTest("FFmpeg hears exactly the two seconds that were encoded", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("opus.webm"));
    const path = `${folder}/exact.opus`;
    await Deno.writeFile(path, await writeFinal({ container: create(), streams, samples }));
    const raw = `${folder}/heard.s16`;
    await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", path, "-ac", "1", "-f", "s16le", raw]);
    assertEquals((await Deno.stat(raw)).size / 2, 96_000);
  });
});
