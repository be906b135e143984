/** WAVE headers byte by byte, sizes, gaps, and what other readers make of it. */

import type { Patch } from "../../src/container/container.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { AudioStream } from "../../src/media/stream_config.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { wave } from "../../src/wave/mod.ts";
import { acceptedByReaders } from "../support/container_readers.ts";
import { readerTest } from "../support/readers.ts";
import { streamHash } from "../support/readers/ffmpeg.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeLive, writeTo } from "../support/write_all.ts";
import { dump, hex } from "../asf/hex.ts";
import { problemsOf } from "../support/problems.ts";

const MONO: AudioStream = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };
const BARE = wave({ headerReserveBytes: 0 });

function tone(byteLength: number, timestamp = 0): StreamSample {
  return { streamNumber: 1, timestamp, data: Uint8Array.from({ length: byteLength }, (_, i) => i % 251 + 1) };
}

const ascii = (text: string) => dump(new TextEncoder().encode(text));

/** Name and body of every chunk up to the samples. */
function chunksOf(file: Uint8Array<ArrayBuffer>): Record<string, string> {
  const view = new DataView(file.buffer);
  const chunks: Record<string, string> = {};
  for (let at = 12; at + 8 <= file.byteLength;) {
    const name = new TextDecoder().decode(file.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    chunks[name] = name === "data" ? String(size) : dump(file.subarray(at + 8, at + 8 + size));
    if (name === "data") break;
    at += 8 + size + size % 2;
  }
  return chunks;
}

const FORMATS: { name: string; stream: Partial<AudioStream>; fmt: string; fact?: string }[] = [
  { name: "16 bits", stream: {}, fmt: "01 00 01 00 40 1f 00 00 80 3e 00 00 02 00 10 00" },
  { name: "8 bits", stream: { codec: "pcm-u8" }, fmt: "01 00 01 00 40 1f 00 00 40 1f 00 00 01 00 08 00" },
  {
    name: "24 bits",
    stream: { codec: "pcm-s24", numberOfChannels: 2 },
    fmt: "fe ff 02 00 40 1f 00 00 80 bb 00 00 06 00 18 00 16 00 18 00 03 00 00 00 " +
      "01 00 00 00 00 00 10 00 80 00 00 aa 00 38 9b 71",
    fact: "28 00 00 00",
  },
  {
    name: "floating point, 5.1",
    stream: { codec: "pcm-f32", numberOfChannels: 6 },
    fmt: "fe ff 06 00 40 1f 00 00 00 ee 02 00 18 00 20 00 16 00 20 00 3f 00 00 00 " +
      "03 00 00 00 00 00 10 00 80 00 00 aa 00 38 9b 71",
    fact: "0a 00 00 00",
  },
  {
    name: "floating point",
    stream: { codec: "pcm-f32" },
    fmt: "03 00 01 00 40 1f 00 00 00 7d 00 00 04 00 20 00 00 00",
    fact: "3c 00 00 00",
  },
  {
    name: "A-law",
    stream: { codec: "alaw" },
    fmt: "06 00 01 00 40 1f 00 00 40 1f 00 00 01 00 08 00 00 00",
    fact: "f0 00 00 00",
  },
  {
    name: "WMA 2",
    stream: { codec: 0x161, blockBytes: 24, bitrate: 8000, description: hex("00 44 00 00 17 00 00 00 00 00") },
    fmt: "61 01 01 00 40 1f 00 00 e8 03 00 00 18 00 10 00 0a 00 00 44 00 00 17 00 00 00 00 00",
    fact: "40 1f 00 00",
  },
];

for (const { name, stream, fmt, fact } of FORMATS) {
  Deno.test(`wave() describes ${name}`, async () => {
    const sample = { ...tone(240), duration: 1_000_000 };
    const file = await writeFinal({ container: BARE, streams: [{ ...MONO, ...stream }], samples: [sample] });
    const chunks = chunksOf(file);
    assertEquals(chunks["fmt "], dump(hex(fmt)));
    assertEquals(chunks["fact"], fact);
    assertEquals(chunks["data"], "240");
    assertEquals(new DataView(file.buffer).getUint32(4, true), file.byteLength - 8);
    assertEquals(file.subarray(-240), sample.data);
  });
}

Deno.test("wave() writes what is known of the whole, byte by byte", async () => {
  const file = await writeFinal({
    container: BARE,
    streams: [MONO],
    samples: [tone(2)],
    metadata: { title: "Tön", author: "Me", year: "2001", trackNumber: 7 },
  });
  assertEquals(
    dump(file),
    dump(hex([
      `${ascii("RIFF")} 88 00 00 00 ${ascii("WAVE")}`,
      `${ascii("JUNK")} 1c 00 00 00 ${"00 ".repeat(28)}`,
      `${ascii("fmt ")} 10 00 00 00 01 00 01 00 40 1f 00 00 80 3e 00 00 02 00 10 00`,
      `${ascii("LIST")} 36 00 00 00 ${ascii("INFO")}`,
      `${ascii("INAM")} 05 00 00 00 54 c3 b6 6e 00 00 ${ascii("IART")} 03 00 00 00 4d 65 00 00`,
      `${ascii("ICRD")} 05 00 00 00 32 30 30 31 00 00 ${ascii("ITRK")} 02 00 00 00 37 00`,
      `${ascii("data")} 02 00 00 00 01 02`,
    ].join(" "))),
  );
});

Deno.test("wave() pads odd data, and says so in no size but RIFF's", async () => {
  const sink = bufferSink();
  const { sinks } = await writeTo([sink], {
    container: BARE,
    streams: [{ ...MONO, codec: "pcm-u8" }],
    samples: [tone(3)],
  });
  assertEquals([sinks[0]!.trailerBytes, sinks[0]!.bytes], [1, sink.bytes.byteLength]);
  const file = sink.bytes;
  assertEquals(file.byteLength % 2, 0);
  assertEquals(new DataView(file.buffer).getUint32(4, true), file.byteLength - 8);
  assertEquals(chunksOf(file)["data"], "3");
  assertEquals(file.at(-1), 0);
});

Deno.test("wave() gives a sink that cannot be patched the largest sizes", async () => {
  const file = await writeLive({ container: wave(), streams: [MONO], samples: [tone(3200), tone(1600, 200_000)] });
  assertEquals(dump(file.subarray(0, 12)), `${ascii("RIFF")} ff ff ff ff ${ascii("WAVE")}`);
  assertEquals(Object.keys(chunksOf(file)), ["fmt ", "data"]);
  assertEquals(dump(file.subarray(36, 44)), `${ascii("data")} ff ff ff ff`);
  assertEquals(file.byteLength, 44 + 4800);
});

Deno.test("wave() becomes RF64 where 32 bits cannot say the size", () => {
  const facts = (dataBytes: number) => {
    const muxer = BARE.createMuxer([{ ...MONO, streamNumber: 1 }]);
    muxer.describe(0);
    muxer.begin({ metadata: {}, bitrates: [0], present: [true] });
    const plan = muxer.plan({ canPatch: true, takesTrailer: true });
    const output = { plan, firstUnit: 0, unitCount: 1, timeBase: 0, dataBytes, trailerBytes: 0, metadata: {} };
    const headerBytes = (muxer.header({ ...output, headerBytes: 0 }) as Uint8Array).byteLength;
    const [patch] = muxer.patches!({ ...output, headerBytes }) as Iterable<Patch>;
    assertEquals([headerBytes, patch!.offset, patch!.bytes.byteLength], [80, 0, 80]);
    return patch!.bytes;
  };
  const last = facts(0xFFFF_FFFE - 72); // RIFF counts everything behind itself
  assertEquals(dump(last.subarray(0, 8)), `${ascii("RIFF")} fe ff ff ff`);
  assertEquals(dump(last.subarray(76)), "b6 ff ff ff");
  const next = facts(0xFFFF_FFFF - 71);
  assertEquals(dump(next.subarray(0, 16)), `${ascii("RF64")} ff ff ff ff ${ascii("WAVE")} ${ascii("ds64")}`);
  const sizes = new DataView(next.buffer, 16);
  assertEquals(sizes.getUint32(0, true), 28);
  assertEquals(sizes.getBigUint64(4, true), 0x1_0000_0000n);
  assertEquals(sizes.getBigUint64(12, true), 0xFFFF_FFB8n);
  assertEquals(sizes.getBigUint64(20, true), 0x7FFF_FFDCn);
  assertEquals(dump(next.subarray(76)), "ff ff ff ff");
});

Deno.test("wave() fills a gap with silence, and cuts nothing that overlaps", async () => {
  const times = [5_000_000, 5_130_000, 5_500_000, 5_550_000, 5_800_000]; // 100 ms each: late, gap, early, gap
  const samples = times.map((time) => tone(800, time));
  const streams: AudioStream[] = [{ ...MONO, codec: "pcm-u8" }];
  const sink = bufferSink();
  const { duration } = await writeTo([sink], { container: BARE, streams, samples });
  assertEquals(duration, 900_000);
  const silence = (ms: number) => new Uint8Array(8 * ms).fill(0x80);
  const { data } = samples[0]!;
  const expected = [data, data, silence(300), data, data, silence(100), data].flatMap((piece) => [...piece]);
  assertEquals(sink.bytes.subarray(-7200), Uint8Array.from(expected));
});

Deno.test("wave() fills an hour of silence past a sink that takes its time", async () => {
  let byteCount = 0;
  const slow = {
    async data(bytes: Uint8Array) {
      await Promise.resolve();
      byteCount += bytes.byteLength;
    },
    header() {},
    close() {},
    abort() {},
  };
  await writeTo([slow], { container: wave(), streams: [MONO], samples: [tone(16), tone(16, 3_600_000_000)] });
  assertEquals(byteCount, 3600 * 16_000 + 16);
});

Deno.test("wave() stops filling a gap when the sink fails, and who waits is told", async () => {
  let byteCount = 0;
  const failing = {
    data(bytes: Uint8Array) {
      byteCount += bytes.byteLength;
      return byteCount > 1 << 20 ? Promise.reject(new Error("the disk is gone")) : Promise.resolve();
    },
    header() {},
    close() {},
    abort() {},
  };
  const writer = new Writer({ container: wave(), sinks: [failing], streams: [MONO] });
  await writer.beginWriting();
  await writer.writeSample(1, tone(16));
  const wait = writer.writeSample(1, tone(16, 3_600_000_000));
  assertEquals((await assertRejects(async () => await wait, MuxError, "the disk is gone")).code, "sink-failed");
  await assertRejects(() => writer.endWriting(), MuxError, "the disk is gone");
});

Deno.test("wave() refuses a time that a day of silence does not reach, and goes on", async () => {
  for (const maxLatencyMs of [undefined, 100]) {
    const sink = bufferSink();
    await using writer = new Writer({ container: BARE, sinks: [sink], streams: [MONO], maxLatencyMs });
    await writer.beginWriting();
    await writer.writeSample(1, tone(16, 1_000_000));
    const since1970 = 1_700_000_000_000_000;
    const error = assertThrows(() => writer.writeSample(1, tone(16, since1970)), MuxError);
    assertEquals([error.code, error.streamNumber], ["too-large", 1]);
    assertEquals(
      error.message,
      "Cannot write sample to stream 1: must begin at most 86400 s behind the end of the sound, got 1699999998 s",
    );
    await writer.writeSample(1, tone(16, 1_001_000));
    assertEquals((await writer.endWriting()).duration, 2000);
    assertEquals(sink.bytes.byteLength, 80 + 32);
  }
});

Deno.test("wave() loses no byte whatever the sizes of samples", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 60 }), async (sizes) => {
      let at = 0;
      const samples = sizes.map((size) => {
        const sample = tone(2 * size, Math.round(at * 1e6 / 8000));
        at += size;
        return sample;
      });
      const expected = new Uint8Array(
        await new Blob(samples.map(({ data }) => data as Uint8Array<ArrayBuffer>)).arrayBuffer(),
      );
      const file = await writeFinal({ container: BARE, streams: [MONO], samples });
      assertEquals(file.byteLength, 80 + expected.byteLength);
      assertEquals(file.subarray(80), expected);
    }),
    { numRuns: 30 },
  );
});

Deno.test("wave() says why it cannot hold streams", async () => {
  const video = { kind: "video", codec: "avc1.42001f" } as const;
  assertEquals(problemsOf(wave(), [MONO, MONO]), ["WAVE holds exactly one stream, got 2"]);
  assertEquals(problemsOf(wave(), [video]), ['stream 1: WAVE holds audio alone, got video codec "avc1.42001f"']);
  const writer = new Writer({ container: wave(), streams: [] });
  assertEquals((await assertRejects(() => writer.beginWriting(), MuxError)).code, "unsupported");
  assertThrows(() => wave({ headerReserveBytes: -1 }), RangeError);
  assertThrows(() => wave({ headerReserveBytes: "1" as unknown as number }), TypeError);
});

Deno.test("wave() keeps room for metadata that come late, and refuses what does not fit it", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: wave(), sinks: [sink], streams: [MONO], openWindowMs: 0 });
  await writer.beginWriting();
  await writer.writeSample(1, tone(160));
  writer.setMetadata({ title: "Late" });
  assertEquals(assertThrows(() => writer.setMetadata({ title: "x".repeat(2000) }), MuxError).code, "too-large");
  await writer.endWriting();
  const text = `${ascii("INFO")} ${ascii("INAM")} 05 00 00 00 ${ascii("Late")} 00 00`;
  assertEquals(chunksOf(sink.bytes)["LIST"], dump(hex(text)));
});

const WAVE = { ffprobe: "wav", mediainfo: "Wave", exiftool: "WAV" };

readerTest("readers accept what wave() writes, with identical samples", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const source = fixture("tone.wav");
    const session = { ...await readAll(source), metadata: { title: "Kammerton" }, container: wave() };
    await Deno.writeFile(`${folder}/out.wav`, await writeFinal(session));
    await acceptedByReaders(t, `${folder}/out.wav`, {
      kinds: ["audio"],
      durationMs: 2000,
      title: "Kammerton",
      format: WAVE,
      withoutMutagenTitle: true,
    });
    assertEquals(await streamHash(`${folder}/out.wav`, 0, "bytes"), await streamHash(source, 0, "bytes"));
    await Deno.writeFile(`${folder}/live.wav`, await writeLive(session));
    assertEquals(await streamHash(`${folder}/live.wav`, 0, "bytes"), await streamHash(source, 0, "bytes"));
  });
});
