/** The Media Foundation program, run. */

import { assertEquals } from "@std/assert";
import { asf, bufferSink, SinkWriter } from "../../mod.ts";
import { TestEncoder, TestFrame } from "../support/media_sinks.ts";
import { readAsf, videoSample } from "../support/sessions.ts";
import { withTempDir } from "../support/temp.ts";
import { type Frame, recordFrames } from "./media_foundation.ts";

/** A camera that misses a picture. */
async function* camera(): AsyncGenerator<Frame> {
  for (let i = 0; i < 30; i++) {
    await undefined;
    const time = Math.round(i * 1e6 / 30);
    if (i === 17) yield { gapAt: time };
    else yield { bytes: videoSample(i).data, time, key: i % 10 === 0 };
  }
}

Deno.test("A Media Foundation developer writes frames with gaps, and is told of the marker and of the end", () =>
  withTempDir(async (folder) => {
    const told: unknown[] = [];
    const path = `${folder}/output.wmv`;
    const report = await recordFrames(path, camera(), new Uint8Array([0x4f, 0xf1, 0x88, 0x01]), {
      onMarker: (streamIndex, context) => void told.push([streamIndex, context]),
      onFinalize: (error) => void told.push(error),
    });
    assertEquals(told, [[0, "the last frame is with the sink"], undefined]);
    assertEquals(report.duration, 1_000_000);
    assertEquals([report.total.samplesProcessed, report.total.streamTicksReceived], [29, 1]);
    const file = await readAsf(await Deno.readFile(path));
    assertEquals([file.samples.length, file.isSeekable, file.playMs], [29, true, 1000]);
    assertEquals(report.sinks[0]!.bytes, (await Deno.stat(path)).size);
  }));

Deno.test("An encoder of the WebCodecs kind feeds a stream of its own", async () => {
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
