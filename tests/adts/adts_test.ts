/** ADTS headers byte by byte, what cannot be said in them, and FFmpeg's own output as the measure. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { adts } from "../../src/adts/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { AudioStream } from "../../src/media/stream_config.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { dump, hex } from "../asf/hex.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";
import { problemsOf } from "../support/problems.ts";

const STREAM: AudioStream = { kind: "audio", codec: "mp4a.40.2", sampleRate: 44_100, numberOfChannels: 2 };

// [ISO 14496-3] 1.6.2.1 and 1.A.2.2, worked out by hand.
const HEADERS: { name: string; config: string; size: number; bytes: string }[] = [
  { name: "LC, 44.1 kHz, stereo", config: "12 10", size: 3, bytes: "ff f1 50 80 01 5f fc" },
  { name: "LC, 48 kHz, mono", config: "11 88", size: 1000, bytes: "ff f1 4c 40 7d ff fc" },
  { name: "Main, 96 kHz, 5.1", config: "08 30", size: 8184, bytes: "ff f1 01 83 ff ff fc" },
  { name: "HE-AAC, 24 kHz core, stereo", config: "2b 11 88 00", size: 1, bytes: "ff f1 58 80 01 1f fc" },
  { name: "HE-AAC v2, 24 kHz core, mono", config: "eb 09 88 00", size: 1, bytes: "ff f1 58 40 01 1f fc" },
];

for (const { name, config, size, bytes } of HEADERS) {
  Deno.test(`adts() puts a header in front of a frame: ${name}`, async () => {
    const streams = [{ ...STREAM, description: hex(config) }];
    const data = new Uint8Array(size).fill(0x21);
    const file = await writeFinal({ container: adts(), streams, samples: [{ streamNumber: 1, timestamp: 0, data }] });
    assertEquals(dump(file.subarray(0, 7)), bytes);
    assertEquals(file.subarray(7), data);
  });
}

const REFUSED: [config: string, reason: string][] = [
  ["17 90 00 00 10", "ADTS has no index for its sample rate"],
  ["12 00", "ADTS cannot say channel configuration 0"],
  ["12 60", "ADTS cannot say channel configuration 12"],
  ["ba 10", "ADTS cannot say audio object type 23"],
  ["12 14", "ADTS cannot say that its frames have 960 samples"],
];

for (const [config, reason] of REFUSED) {
  Deno.test(`adts() refuses a description: ${reason}`, async () => {
    const writer = new Writer({ container: adts(), streams: [{ ...STREAM, description: hex(config) }] });
    const error = await assertRejects(() => writer.beginWriting(), MuxError, reason);
    assertEquals(error.code, "unsupported");
  });
}

Deno.test("adts() passes frames that bring their header, and refuses what is none", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: adts(), sinks: [sink], streams: [STREAM] });
  await writer.beginWriting();
  const frame = hex("ff f9 50 80 01 3f fc 21 10");
  writer.writeSample(1, { data: frame, timestamp: 0 });
  const cut = assertThrows(() => writer.writeSample(1, { data: frame.subarray(0, 8), timestamp: 23_220 }), MuxError);
  assertEquals(cut.code, "bad-media");
  await writer.endWriting();
  assertEquals(sink.bytes, frame);
});

Deno.test("adts() refuses a frame that its length field cannot say, and goes on", async () => {
  const sink = bufferSink();
  await using writer = new Writer({
    container: adts(),
    sinks: [sink],
    streams: [{ ...STREAM, description: hex("12 10") }],
  });
  await writer.beginWriting();
  const write = (size: number) => writer.writeSample(1, { data: new Uint8Array(size), timestamp: 0 });
  assertEquals(assertThrows(() => write(8185), MuxError).code, "too-large");
  await write(8184);
  await writer.endWriting();
  assertEquals(dump(sink.bytes.subarray(0, 7)), "ff f1 50 83 ff ff fc");
});

Deno.test("adts() says what it holds", () => {
  const stream = { ...STREAM, codec: "opus" };
  assertEquals(problemsOf(adts(), [stream]), [
    'stream 1: ADTS cannot hold audio codec "opus"; it holds AAC (mp4a.40.2, mp4a.40.5, mp4a.40.29)',
  ]);
  assertEquals(problemsOf(adts(), [STREAM]), []);
});

Deno.test("adts() writes the same whether the sink can be patched, whatever the sizes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 8184 }), { minLength: 1, maxLength: 80 }), async (sizes) => {
      const session = {
        container: adts(),
        streams: [{ ...STREAM, description: hex("12 10") }],
        samples: sizes.map((size, i) => ({
          streamNumber: 1,
          timestamp: i * 23_220,
          data: new Uint8Array(size).fill(i),
        })),
      };
      const file = await writeFinal(session);
      assertEquals(await writeLive(session), file);
      let at = 0;
      for (const [i, size] of sizes.entries()) {
        const length = (file[at + 3]! & 3) << 11 | file[at + 4]! << 3 | file[at + 5]! >> 5;
        assertEquals([length, file[at + 7]], [size + 7, i]);
        at += length;
      }
      assertEquals(at, file.byteLength);
    }),
    { numRuns: 30 },
  );
});

readerTest("adts() writes what FFmpeg writes", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    for (const name of ["clip.mp4", "tone.aac"]) {
      const { streams, samples } = await readAll(fixture(name));
      const stream = streams.find(({ kind }) => kind === "audio")!;
      const own = [...samples].filter(({ streamNumber }) => streamNumber === stream.streamNumber);
      const output = `${folder}/out.aac`;
      await Deno.writeFile(output, await writeFinal({ container: adts(), streams: [stream], samples: own }));
      await runOk("ffmpeg", [
        "-v",
        "error",
        "-y",
        "-i",
        fixture(name),
        "-map",
        "0:a",
        "-c",
        "copy",
        `${folder}/peer.aac`,
      ]);
      assertEquals(await Deno.readFile(output), await Deno.readFile(`${folder}/peer.aac`));
    }
  });
});
