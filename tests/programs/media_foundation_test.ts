/** A Media Foundation developer's program: what it writes on day one, as it stands in the README. */

import { assertEquals } from "@std/assert";
import { SinkWriter } from "../../mod.ts";
import { readAsf, VIDEO, videoSample } from "../support/sessions.ts";
import { withTempDir } from "../support/temp.ts";

type Frame = { gapAt: number } | { bytes: Uint8Array; time: number; key: boolean };

/** A camera that misses a picture. */
async function* camera(): AsyncGenerator<Frame> {
  for (let i = 0; i < 30; i++) {
    await undefined;
    if (i === 17) yield { gapAt: i * 40_000 };
    else yield { bytes: videoSample(i).data, time: i * 40_000, key: i % 10 === 0 };
  }
}

Deno.test("a file by name, with gaps, a marker, the end of its segments, and callbacks", () =>
  withTempDir(async (folder) => {
    const { description } = VIDEO;
    const frames = camera();
    const told: unknown[] = [];
    const onMarker = (streamIndex: number, context: unknown) => void told.push([streamIndex, context]);
    const onFinalize = (error: unknown) => void told.push(error);
    const path = `${folder}/output.wmv`;

    await using writer = SinkWriter.fromUrl(path, { onMarker, onFinalize }); // MFCreateSinkWriterFromURL
    const video = writer.addStream({ kind: "video", codec: "WMV2", codedWidth: 64, codedHeight: 48, description });
    await writer.beginWriting();
    for await (const frame of frames) {
      if ("gapAt" in frame) writer.sendStreamTick(video, frame.gapAt);
      else {
        const type = frame.key ? "key" : "delta";
        await writer.writeSample(video, { data: frame.bytes, timestamp: frame.time, duration: 40_000, type });
      }
    }
    await writer.placeMarker(video, "the last frame is with the sink");
    writer.notifyEndOfSegment();
    const report = await writer.finalize();

    assertEquals(told, [[0, "the last frame is with the sink"], undefined]);
    assertEquals(report.duration, 1_200_000);
    assertEquals([report.total.samplesProcessed, report.total.streamTicksReceived], [29, 1]);
    const file = await readAsf(await Deno.readFile(path));
    assertEquals([file.samples.length, file.isSeekable, file.playMs], [29, true, 1200]);
    assertEquals(report.sinks[0]!.bytes, (await Deno.stat(path)).size);
  }));

Deno.test("an encoder of the WebCodecs kind, in a stream of its own", async () => {
  const { asf, bufferSink } = await import("../../mod.ts");
  const { TestEncoder, TestFrame } = await import("../support/media_sinks.ts");
  const sink = bufferSink();
  await using writer = new SinkWriter({ container: asf(), sinks: [sink] });
  const video = writer.addStream({ kind: "video", codec: "WMV2", codedWidth: 64, codedHeight: 48 }, {
    // In a browser: (output, error) => { const encoder = new VideoEncoder({ output, error }); encoder.configure(…); … }
    encoder: (output, error) => new TestEncoder(output, error, { output: "macrotask" }),
  });
  await writer.beginWriting();
  for (let i = 0; i < 30; i++) await writer.writeSample(video, new TestFrame(i), { keyFrame: i % 10 === 0 });
  const report = await writer.finalize();
  assertEquals(report.total.samplesEncoded, 30);
  assertEquals((await readAsf(sink.bytes)).samples.length, 30);
});
