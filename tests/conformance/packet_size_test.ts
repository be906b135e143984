/** 8 Mbit/s of video in the large packets that files get: what they cost, and that every reader takes and seeks them. */

import { assertEquals, assertLess } from "@std/assert";
import { asf, fileSink, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge, presentationMs, sameSamples, seekLands } from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";

const SOURCE = [
  ...["-f", "lavfi", "-i", "testsrc2=d=6:s=1280x720:r=30", "-vf", "noise=alls=40:allf=t:all_seed=1"],
  ...["-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "bframes=0", "-b:v", "8M", "-g", "30"],
];

async function write(source: string, output: string) {
  await using media = await openMedia(source);
  const writer = new Writer({ container: asf(), sinks: [fileSink(output)], streams: media.streams });
  await writer.beginWriting();
  for await (const sample of media.samples) await writer.writeSample(sample.streamNumber, sample);
  return await writer.endWriting();
}

readerTest("8 Mbit/s of video costs 0.6 % in packets, and is read and sought by all", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const [source, large] = [`${folder}/8m.mp4`, `${folder}/large.wmv`];
    await runOk("ffmpeg", ["-v", "error", "-nostdin", ...SOURCE, source]);
    const report = await write(source, large);
    const packetBytes = (await AsfReader.open(await Deno.readFile(large))).header.fileProperties!.minPacketBytes;
    assertEquals(packetBytes, 16_000);
    const media = report.total.bytesProcessed;
    assertLess(report.packetCount * packetBytes / media - 1, 0.006);
    const durationMs = await presentationMs(source);
    await judge(t, [
      ...acceptedByAll(large, { kinds: ["video"], durationMs, durationToleranceMs: 100 }),
      ...sameSamples(source, large),
      ...seekLands(large, 200),
    ]);
  });
});
