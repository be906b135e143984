/** AMR and AMR-WB files byte by byte, and what FFmpeg and MediaInfo make of them. */

import { assertEquals, assertThrows } from "@std/assert";
import { amr } from "../../src/amr/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { AudioStream } from "../../src/media/stream_config.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { problemsOf } from "../support/problems.ts";
import { readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { lines, run } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";
import { writeFinal, writeLive } from "../support/write_all.ts";

const NARROW: AudioStream = { kind: "audio", codec: "samr", sampleRate: 8000, numberOfChannels: 1 };
const WIDE: AudioStream = { kind: "audio", codec: "sawb", sampleRate: 16_000, numberOfChannels: 1 };

/** Sizes without the first byte, by frame type ([RFC 4867] 5.3 with [3GPP TS 26.101], [3GPP TS 26.201]). */
const SIZES = {
  samr: [12, 13, 15, 17, 19, 20, 26, 31, 5],
  sawb: [17, 23, 32, 36, 40, 46, 50, 58, 60, 5],
};

function frame(size: number, type: number): Uint8Array {
  const data = new Uint8Array(1 + size);
  data[0] = type << 3 | 4; // of good quality
  return data;
}

const FILES = [{ stream: NARROW, name: "#!AMR\n", decoder: "amr_nb" }, {
  stream: WIDE,
  name: "#!AMR-WB\n",
  decoder: "amr_wb",
}];

for (const { stream, name, decoder } of FILES) {
  const sizes = SIZES[stream.codec as keyof typeof SIZES];
  const samples = Array.from({ length: 5 }, () => sizes).flat().map((size, i): StreamSample => ({
    streamNumber: 1,
    data: frame(size, i % sizes.length),
    timestamp: i * 20_000,
    duration: 20_000,
  }));

  Deno.test(`amr() writes every kind of ${stream.codec} frame behind a name, whatever the sink`, async () => {
    const file = await writeFinal({ container: amr(), streams: [stream], samples });
    const frames = samples.map(({ data }) => data.slice());
    assertEquals(file, new Uint8Array(await new Blob([name, ...frames]).arrayBuffer()));
    assertEquals(await writeLive({ container: amr(), streams: [stream], samples }), file);
  });

  readerTest(`FFmpeg and MediaInfo read ${stream.codec} frames by their number`, ["ffmpeg", "MediaInfo"], async () => {
    await withTempDir(async (folder) => {
      const path = `${folder}/out.amr`;
      await Deno.writeFile(path, await writeFinal({ container: amr(), streams: [stream], samples }));
      const { packets, streams: [found] } = await ffprobe(path);
      assertEquals([found!.codec, found!.sampleRate, packets.length], [decoder, stream.sampleRate, samples.length]);
      assertEquals(packets.map(({ size }) => size), samples.map(({ data }) => data.byteLength));
      // Its decoders do not know the frames of silence.
      const speech = samples.filter((_, i) => i % sizes.length < 8).map((sample, i) => ({
        ...sample,
        timestamp: i * 20_000,
      }));
      const heard = `${folder}/speech.amr`;
      await Deno.writeFile(heard, await writeFinal({ container: amr(), streams: [stream], samples: speech }));
      const { code, stderr } = await run("ffmpeg", ["-v", "error", "-nostdin", "-i", heard, "-f", "null", "-"]);
      assertEquals([code, lines(stderr)], [0, []]);
      const { stdout } = await run("mediainfo", ["--Output=General;%Format%", path]);
      assertEquals(stdout.trim(), "AMR");
    });
  });
}

Deno.test("amr() takes several frames in a sample, and refuses what is none, and goes on", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: amr(), streams: [NARROW], sinks: [sink] });
  await writer.beginWriting();
  const two = Uint8Array.of(...frame(12, 0), ...frame(31, 7));
  await writer.writeSample(1, { data: two, timestamp: 0 });
  for (const data of [two.subarray(0, 20), Uint8Array.of(0x84, ...new Uint8Array(12)), Uint8Array.of(12 << 3)]) {
    const error = assertThrows(() => void writer.writeSample(1, { data, timestamp: 40_000 }), MuxError);
    assertEquals(error.code, "bad-media");
  }
  await writer.endWriting();
  assertEquals(sink.bytes.byteLength, 6 + two.byteLength);
});

Deno.test("amr() says what it holds", () => {
  assertEquals(problemsOf(amr(), [{ ...NARROW, codec: "mp3" }]), [
    'stream 1: AMR cannot hold audio codec "mp3"; it holds AMR (samr), AMR-WB (sawb)',
  ]);
  assertEquals(problemsOf(amr(), [{ ...NARROW, numberOfChannels: 2 }]), ["stream 1: AMR has one channel, got 2"]);
});
