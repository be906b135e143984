/** Files made by the muxer alone, before readers we did not write. */

import { acceptedByAll, sameSamples, seekLands } from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { muxFile } from "./drive.ts";
import { probeTake } from "./probe_take.ts";

const cases: { source: string; output: string; kinds: StreamKind[] }[] = [
  { source: "wma2.wma", output: "out.wma", kinds: ["audio"] },
  { source: "wmv2_wma2.wmv", output: "out.wmv", kinds: ["video", "audio"] },
  { source: "clip.mp4", output: "out.asf", kinds: ["video", "audio"] },
  { source: "h264_nob_mp3.mkv", output: "out.asf", kinds: ["video", "audio"] },
  { source: "two_videos.mp4", output: "out.asf", kinds: ["video", "video", "audio"] },
];

for (const { source, output, kinds } of cases) {
  readerTest(`AsfMuxer makes of ${source} what every reader accepts`, ["ffmpeg"], async (t) => {
    const take = await probeTake(fixture(source));
    await withTempDir(async (folder) => {
      const path = `${folder}/${output}`;
      await Deno.writeFile(path, muxFile(take, { metadata: { title: "Größe", genre: "Test" } }));
      const durationMs = Math.max(...take.samples.map((sample) => sample.timestamp + sample.duration!)) / 1000;
      await acceptedByAll(t, path, { kinds, durationMs, title: "Größe", durationToleranceMs: 100 });
      await sameSamples(t, fixture(source), path);
      if (kinds.includes("video")) await seekLands(t, path, 200);
    });
  });
}
