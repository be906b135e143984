/** ID3 tags and Xing frames byte by byte, and what other readers make of them. */

import { assertAlmostEquals, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { AudioStream } from "../../src/media/stream_config.ts";
import { encodeId3 } from "../../src/mp3/id3.ts";
import { mp3 } from "../../src/mp3/mod.ts";
import { SeekTable } from "../../src/mp3/seek_table.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { dump, hex } from "../asf/hex.ts";
import { acceptedByReaders } from "../support/container_readers.ts";
import { PYTHON, readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";
import { problemsOf } from "../support/problems.ts";

const STREAM: AudioStream = { kind: "audio", codec: "mp3", sampleRate: 44_100, numberOfChannels: 2 };
const BARE = mp3({ headerReserveBytes: 0 });

const ascii = (text: string) => dump(new TextEncoder().encode(text)).replaceAll("\n", " ");

/** MPEG-1 layer III, 44.1 kHz, joint stereo: 96 kbit/s has 313 bytes, 128 kbit/s 417. */
function frame(index: number, timestamp = 0): StreamSample {
  const kilobits = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128][index]!;
  const data = new Uint8Array(Math.floor(144_000 * kilobits / 44_100)).fill(0x55);
  data.set([0xFF, 0xFB, index << 4, 0x40]);
  return { streamNumber: 1, timestamp, data };
}

const frames = (...indexes: number[]) => indexes.map((index, i) => frame(index, Math.round(i * 1152e6 / 44_100)));

const TAGS: { name: string; metadata: Metadata; version: 3 | 4; room?: number; bytes: string }[] = [
  { name: "nothing", metadata: {}, version: 3, bytes: "" },
  {
    name: "2.3, UTF-16",
    metadata: { title: "Ö" },
    version: 3,
    bytes: `${ascii("ID3")} 03 00 00 00 00 00 0f ${ascii("TIT2")} 00 00 00 05 00 00 01 ff fe d6 00`,
  },
  {
    name: "2.4, UTF-8, with room",
    metadata: { year: "2001", trackNumber: 3 },
    version: 4,
    room: 44,
    bytes: `${ascii("ID3")} 04 00 00 00 00 00 22 ${ascii("TDRC")} 00 00 00 05 00 00 03 ${ascii("2001")} ` +
      `${ascii("TRCK")} 00 00 00 02 00 00 03 33 00 00 00 00 00 00 00`,
  },
  {
    name: "a comment, a text of one's own, private bytes",
    metadata: { description: "c", attributes: { "WM/Publisher": "p", a: 1, b: Uint8Array.of(9) } },
    version: 4,
    bytes: `${ascii("ID3")} 04 00 00 00 00 00 37 ${ascii("COMM")} 00 00 00 06 00 00 03 58 58 58 00 63 ` +
      `${ascii("TPUB")} 00 00 00 02 00 00 03 70 ${ascii("TXXX")} 00 00 00 04 00 00 03 61 00 31 ` +
      `${ascii("PRIV")} 00 00 00 03 00 00 62 00 09`,
  },
  {
    name: "a cover",
    metadata: { pictures: [{ mimeType: "image/png", data: new Uint8Array(200) }] },
    version: 4,
    bytes:
      `${ascii("ID3")} 04 00 00 00 00 01 5f ${ascii("APIC")} 00 00 01 55 00 00 00 ${ascii("image/png")} 00 03 00 ` +
      "00 ".repeat(200),
  },
];

for (const { name, metadata, version, room, bytes } of TAGS) {
  Deno.test(`encodeId3() writes ${name}`, () => {
    assertEquals(dump(encodeId3(metadata, version, room)), dump(hex(bytes)));
  });
}

/** What stands in the frame in front. */
function readXing(file: Uint8Array<ArrayBuffer>, sideBytes = 32) {
  const view = new DataView(file.buffer, file.byteOffset + 4 + sideBytes);
  const name = new TextDecoder().decode(file.subarray(4 + sideBytes, 8 + sideBytes));
  const table = Array.from({ length: 100 }, (_, i) => view.getUint8(16 + i));
  return { name, flags: view.getUint32(4), frames: view.getUint32(8), bytes: view.getUint32(12), table };
}

Deno.test("mp3() writes an Info frame where the bit rate is constant", async () => {
  const file = await writeFinal({ container: BARE, streams: [STREAM], samples: frames(7, 7, 7) });
  assertEquals(dump(file.subarray(0, 4)), "ff fb 70 40"); // 96 kbit/s, as the others
  const { name, flags, frames: count, bytes, table } = readXing(file);
  assertEquals([name, flags, count, bytes, file.byteLength], ["Info", 7, 3, 4 * 313, 4 * 313]);
  assertEquals([table[0], table[33], table[34], table[99]], [64, 64, 128, 192]);
});

Deno.test("mp3() writes a Xing frame where the bit rate varies", async () => {
  const file = await writeFinal({ container: BARE, streams: [STREAM], samples: frames(7, 9) });
  const { name, frames: count, bytes, table } = readXing(file);
  assertEquals([name, count, bytes], ["Xing", 2, 313 + 313 + 417]);
  assertEquals([table[49], table[50]], [76, 153]); // 256 · 313 / 1043, 256 · 626 / 1043
});

Deno.test("mp3() takes a larger bit rate for the frame in front where the others' is too small for it", async () => {
  const file = await writeFinal({ container: BARE, streams: [STREAM], samples: frames(1, 1) });
  assertEquals(dump(file.subarray(0, 4)), "ff fb 30 40"); // 48 kbit/s: 156 bytes, the first that hold 152
  assertEquals(file.byteLength, 156 + 2 * 104);
});

Deno.test("mp3() writes neither where the sink cannot be patched, but the tag", async () => {
  const session = { container: mp3(), streams: [STREAM], samples: frames(7, 9) };
  assertEquals((await writeLive(session)).byteLength, 313 + 417);
  const tagged = await writeLive({ ...session, metadata: { title: "A" } });
  assertEquals(dump(tagged.subarray(0, 3)), ascii("ID3"));
  assertEquals(tagged.byteLength, 10 + 15 + 313 + 417);
});

Deno.test("mp3() keeps room for metadata that come late, and refuses what does not fit it", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: mp3(), sinks: [sink], streams: [STREAM], openWindowMs: 0 });
  await writer.beginWriting();
  await writer.writeSample(1, frame(7));
  writer.setMetadata({ title: "Late" });
  assertEquals(assertThrows(() => writer.setMetadata({ title: "x".repeat(2000) }), MuxError).code, "too-large");
  await writer.endWriting();
  assertEquals(dump(sink.bytes.subarray(0, 14)), `${ascii("ID3")} 03 00 00 00 00 07 76 ${ascii("TIT2")}`);
});

Deno.test("mp3() refuses what is no frame, and another sample rate", async () => {
  await using writer = new Writer({ container: mp3(), sinks: [bufferSink()], streams: [STREAM] });
  await writer.beginWriting();
  writer.writeSample(1, frame(7));
  const junk = { data: Uint8Array.of(1, 2, 3, 4), timestamp: 30_000 };
  assertEquals(assertThrows(() => writer.writeSample(1, junk), MuxError).code, "bad-media");
  const other = frame(7, 30_000);
  other.data[2]! |= 4;
  assertThrows(() => writer.writeSample(1, other), MuxError, "its sample rate is 48000 Hz, the first frame's 44100");
  await writer.endWriting();
});

Deno.test("mp3() says what it holds", () => {
  assertEquals(problemsOf(mp3(), [{ ...STREAM, codec: 0x161 }]), [
    "stream 1: MP3 cannot hold audio codec 0x0161; it holds MP3 (mp3, 0x0055)",
  ]);
  assertThrows(() => mp3({ id3Version: 2 as 3 }), RangeError);
});

Deno.test("SeekTable knows positions to within a step, in little memory", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2881 }), { minLength: 1, maxLength: 50 }), (pattern) => {
      const table = new SeekTable();
      const positions: number[] = [];
      for (let i = 0; i < 5000; i++) {
        positions.push(table.byteCount);
        table.add(pattern[i % pattern.length]!);
      }
      for (let i = 0; i < 5000; i += 7) {
        if (i % 8 === 0) assertEquals(table.position(i), positions[i]);
        assertLessOrEqual(Math.abs(table.position(i) - positions[i]!), 8 * 2881);
      }
      assertEquals(table.position(5000), table.byteCount);
    }),
    { numRuns: 20 },
  );
});

const TAG_SCRIPT = `
import json, sys, mutagen.mp3
file = mutagen.mp3.MP3(sys.argv[1])
json.dump({"version": list(file.tags.version), "length": file.info.length, "mode": str(file.info.bitrate_mode),
  "tags": {key: str(value) if key[:4] != "APIC" else len(value.data) for key, value in file.tags.items()}}, sys.stdout)
`;

readerTest("readers accept what mp3() writes, with identical frames and tags", ["ffmpeg", "mutagen"], async (t) => {
  await withTempDir(async (folder) => {
    const session = await readAll(fixture("tone.mp3"));
    const output = `${folder}/out.mp3`;
    for (const id3Version of [3, 4] as const) {
      await Deno.writeFile(output, await writeFinal({ ...session, container: mp3({ id3Version }) }));
      const [before, after] = await Promise.all([ffprobe(fixture("tone.mp3")), ffprobe(output)]);
      assertEquals(after.packets.map(({ hash }) => hash), before.packets.map(({ hash }) => hash));
      const offset = after.packets[0]!.pts! - before.packets[0]!.pts!;
      after.packets.forEach(({ pts }, i) => assertAlmostEquals(pts! - offset, before.packets[i]!.pts!, 0.001));
      const { stdout } = await runOk(PYTHON, ["-c", TAG_SCRIPT, output]);
      const { version, length, mode, tags } = JSON.parse(stdout);
      assertEquals(version, [2, id3Version, 0]);
      assertEquals(mode, "BitrateMode.CBR");
      assertAlmostEquals(length, before.packets.length * 1152 / 44_100, 0.001);
      assertEquals(tags["TIT2"], "Kammerton");
      assertEquals(tags["TPE1"], "Ærø Ørsted");
      assertEquals(tags["TDRC"], "2001");
      assertEquals(tags["APIC:"], session.metadata!.pictures![0]!.data.byteLength);
      await acceptedByReaders(t, output, {
        kinds: ["audio"],
        durationMs: before.packets.length * 1152 / 44.1,
        title: "Kammerton",
        format: { ffprobe: "mp3", mediainfo: "MPEG Audio", exiftool: "MP3" },
      });
    }
  });
});

readerTest("readers accept what mp3() writes without a tag", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("tone.mp3"));
    for (const container of [mp3(), BARE]) {
      await Deno.writeFile(`${folder}/out.mp3`, await writeFinal({ streams, samples, container }));
      await acceptedByReaders(t, `${folder}/out.mp3`, {
        kinds: ["audio"],
        durationMs: 4050,
        format: { ffprobe: "mp3", mediainfo: "MPEG Audio", exiftool: "MP3" },
      });
    }
  });
});
