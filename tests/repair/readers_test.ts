/** What readers make of repaired files. */

import { assert, assertEquals } from "@std/assert";
import { asf, fileSink, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { acceptedByAll, judge, seekLands } from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import { fixture, grownTo, withTempDir } from "../support/temp.ts";

const INDEX_INTERVAL_MS = 200;

readerTest("every reader accepts a recording that was cut off and repaired, and seeks in it", ["ffmpeg"], async (t) => {
  for (const input of ["wmv2_wma2.wmv", "clip.mp4"]) {
    await withTempDir(async (folder) => {
      const path = `${folder}/a.wmv`;
      {
        await using media = await openMedia(fixture(input));
        const writer = new Writer({ container: asf(), streams: media.streams, sinks: [fileSink(path)] });
        await writer.beginWriting();
        for await (const batch of media.batches) {
          for (const sample of batch) await writer.writeSample(sample.streamNumber, sample);
        }
        await writer.endWriting();
      }
      const { size } = await Deno.stat(path);
      await Deno.truncate(path, Math.floor(size * 0.7));
      const { durationMs, lostBytes } = await repair(path);
      assert(durationMs > 2000 && lostBytes < 3200);
      const checks = acceptedByAll(path, { kinds: ["video", "audio"], durationMs, durationToleranceMs: 150 });
      await judge(t, [...checks, ...seekLands(path, INDEX_INTERVAL_MS)]);
    });
  }
});

readerTest("every reader accepts a file whose overwritten packets were filled", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const path = `${folder}/a.wmv`;
    {
      await using media = await openMedia(fixture("wmv2_wma2.wmv"));
      const container = asf({ packetBytes: 800 });
      await using writer = new Writer({ container, streams: media.streams, sinks: [fileSink(path)] });
      await writer.beginWriting();
      await media.samples.pipeTo(writer.writable);
      await writer.closed;
    }
    const bytes = await Deno.readFile(path);
    const { data } = await AsfReader.open(bytes);
    const start = data!.offset + 50 + 800 * Math.floor(data!.packetCount / 2);
    bytes.fill(0, start, start + 7 * 800);
    await Deno.writeFile(path, bytes);
    const { durationMs, packetCount, wasRewritten } = await repair(path);
    assertEquals([packetCount, wasRewritten], [data!.packetCount, false]);
    const checks = acceptedByAll(path, { kinds: ["video", "audio"], durationMs, durationToleranceMs: 150 });
    await judge(t, [...checks, ...seekLands(path, INDEX_INTERVAL_MS)]);
  });
});

readerTest("FFmpeg's recording that was killed has a duration and can be sought in", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const path = `${folder}/killed.wmv`;
    const input = ["-v", "error", "-re", "-stream_loop", "-1", "-i", fixture("wmv2_wma2.wmv"), "-c", "copy"];
    const child = new Deno.Command("ffmpeg", {
      args: [...input, "-flush_packets", "1", "-y", path],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await grownTo(path, 30_000);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
    const { durationMs, indexCount } = await repair(path);
    assertEquals(indexCount, 1);
    assert(durationMs > 200);
    const checks = acceptedByAll(path, { kinds: ["video", "audio"], durationMs, durationToleranceMs: 150 })
      .filter(({ name }) => name !== "ffmpeg decode"); // its last picture may lack a part
    await judge(t, [...checks, ...seekLands(path, INDEX_INTERVAL_MS)]);
  });
});
