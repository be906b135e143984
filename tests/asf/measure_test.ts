import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { asf, bufferSink, measureStreams, MuxError, type SinkLike, type StreamConfig, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { fixture } from "../support/temp.ts";
import { errorsIn } from "../support/valid.ts";

const AUDIO: StreamConfig = { kind: "audio", codec: 0x1234, sampleRate: 8000, numberOfChannels: 1 };

/** One sample a second. */
const seconds = (...sizes: number[]) =>
  sizes.map((size, i) => ({ streamNumber: 1, data: new Uint8Array(size), timestamp: i * 1e6, duration: 1e6 }));

Deno.test("measureStreams() finds average and peak rate, buffers and the largest sample", async () => {
  const [stream] = await measureStreams([AUDIO], seconds(500, 2000, 2000, 500));
  assertEquals(stream, {
    ...AUDIO,
    bitrate: 10_000,
    // 16 000 bits fall in, 10 000 have leaked when the next 16 000 come: 22 000, which are 2.2 s of the average.
    demand: { bufferMs: 2200, peakBitrate: 16_000, peakBufferMs: 1000, maxSampleBytes: 2000 },
  });
});

Deno.test("measureStreams() leaves a stream without samples as it is", async () => {
  const streams: StreamConfig[] = [AUDIO, { ...AUDIO, streamNumber: 9, language: "de" }];
  const measured = await measureStreams(streams, seconds(100));
  assertEquals(measured[1], streams[1]);
  assertEquals(measured[0]!.bitrate, 800);
});

Deno.test("measureStreams() refuses samples of streams that are not there, or that nobody could write", async () => {
  const unknown = [{ streamNumber: 3, data: new Uint8Array(1), timestamp: 0 }];
  const error = await assertRejects(() => measureStreams([AUDIO], unknown), MuxError);
  assertEquals([error.code, error.streamNumber], ["invalid-stream", 3]);
  assertStringIncludes(error.message, "there is no stream 3, the streams are 1");
  const empty = await assertRejects(() => measureStreams([AUDIO], seconds(0)), MuxError);
  assertEquals(empty.code, "bad-media");
});

async function write(source: string, sink: SinkLike, isMeasured: boolean) {
  await using media = await openMedia(fixture(source));
  await using first = await openMedia(fixture(source));
  const streams = isMeasured ? await measureStreams(media.streams, first.samples) : media.streams;
  const writer = new Writer({ container: asf(), sinks: [sink], streams });
  await writer.beginWriting();
  for await (const sample of media.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
}

/** Where decode times are derived, or the last frame is cut, what counts as one second is not the same in both. */
const SOURCES = { "wmv2_wma2.wmv": 0, "h264_nob_mp3.mkv": 1e-4, "clip.mp4": 0.1 };

for (const [source, tolerance] of Object.entries(SOURCES)) {
  Deno.test(`a live form of ${source} says from the beginning what a file says at the end`, async () => {
    const file = bufferSink();
    await write(source, file, false);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    await write(source, new WritableStream({ write: (chunk) => void pieces.push(chunk.slice()) }), true);
    const live = new Uint8Array(await new Blob(pieces).arrayBuffer());
    assertEquals(await errorsIn(live), []);
    const needs = async (bytes: Uint8Array<ArrayBuffer>) =>
      (await AsfReader.open(bytes)).header.streams.map(({ extended }) => {
        const { bitsPerSecond, bufferMs, alternateBitsPerSecond, alternateBufferMs, maxObjectBytes } = extended!;
        return [bitsPerSecond, bufferMs, alternateBitsPerSecond, alternateBufferMs, maxObjectBytes];
      }).flat();
    const [found, wanted] = [await needs(live), await needs(file.bytes)];
    assertEquals(found.length, wanted.length);
    for (const [i, value] of found.entries()) assertAlmostEquals(value, wanted[i]!, wanted[i]! * tolerance);
  });
}

Deno.test("a stream's demand must be of whole numbers", async () => {
  const demand = { bufferMs: 1.5, peakBitrate: 1, peakBufferMs: 1, maxSampleBytes: 0 };
  const writer = new Writer({ container: asf(), sinks: [bufferSink()], streams: [{ ...AUDIO, demand }] });
  const error = await assertRejects(() => writer.beginWriting(), MuxError);
  assertStringIncludes(error.message, "demand.bufferMs must be an integer from 1 to 4294967295, got 1.5");
  assertStringIncludes(error.message, "demand.maxSampleBytes must be an integer from 1");
});
