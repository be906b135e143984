import { assertEquals } from "@std/assert";
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  Conversion,
  Input,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
} from "mediabunny";
import { validate } from "../../../src/inspect/mod.ts";
import { makeMedia } from "../../demux/support.ts";
import { readerTest } from "../../support/readers.ts";
import { runOk } from "../../support/run.ts";
import { fixture, withTempDir } from "../../support/temp.ts";
import { write } from "./write_fragments.ts";

/** Hints are all that may be said of what other writers make. */
async function assertClean(bytes: Uint8Array, what: string): Promise<void> {
  const { issues, packetCount } = await validate(bytes);
  assertEquals(issues.filter(({ severity }) => severity !== "I"), [], what);
  assertEquals(packetCount > 0, true, what);
}

const BOTH = [
  ...["-f", "lavfi", "-i", "testsrc2=s=96x80:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2"],
  ...["-c:v", "libx264", "-g", "25", "-bf", "3", "-c:a", "aac"],
];
const OPEN = ["-x264-params", "open-gop=1:bframes=3:keyint=12:min-keyint=12:scenecut=0"];

const FFMPEG: Readonly<Record<string, string[]>> = {
  "plain.mp4": [],
  "front.mp4": ["-movflags", "faststart"],
  "fragments.mp4": ["-movflags", "frag_keyframe+empty_moov"],
  "dash.mp4": ["-movflags", "dash+frag_keyframe+global_sidx"],
  "cmaf.mp4": ["-movflags", "cmaf+frag_keyframe"],
  "quicktime.mov": [],
  "open.mp4": OPEN,
  "negative.mp4": ["-movflags", "negative_cts_offsets"],
};

for (const [name, args] of Object.entries(FFMPEG)) {
  readerTest(`validate() has hints at most for FFmpeg's ${name}`, ["ffmpeg"], () => {
    return withTempDir(async (folder) => {
      await assertClean(await Deno.readFile(await makeMedia(`${folder}/${name}`, ...BOTH, ...args)), name);
    });
  });
}

const GSTREAMER = [["mp4mux"], ["qtmux"], ["mp4mux", "faststart=true"], ["mp4mux", "fragment-duration=500"]];

for (const muxer of GSTREAMER) {
  readerTest(`validate() has hints at most for GStreamer's ${muxer.join(" ")}`, ["ffmpeg", "GStreamer"], () => {
    return withTempDir(async (folder) => {
      const source = await makeMedia(`${folder}/source.mkv`, ...BOTH);
      const path = `${folder}/a.mp4`;
      await runOk("gst-launch-1.0", [
        ...["-q", ...muxer, "name=m", "!", "filesink", `location=${path}`, "filesrc", `location=${source}`, "!"],
        ...["matroskademux", "name=d", "d.video_0", "!", "h264parse", "!", "queue", "!", "m.video_0"],
        ...["d.audio_0", "!", "aacparse", "!", "queue", "!", "m.audio_0"],
      ]);
      await assertClean(await Deno.readFile(path), muxer.join(" "));
    });
  });
}

Deno.test("validate() has hints at most for Mediabunny's files, and for ours", async () => {
  const bytes = await Deno.readFile(fixture("clip.mp4"));
  for (
    const format of [
      new Mp4OutputFormat({ fastStart: "in-memory" }),
      new Mp4OutputFormat({ fastStart: false }),
      new Mp4OutputFormat({ fastStart: "fragmented" }),
      new MovOutputFormat(),
    ]
  ) {
    const target = new BufferTarget();
    const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
    await (await Conversion.init({ input, output: new Output({ format, target }) })).execute();
    await assertClean(new Uint8Array(target.buffer!), format.fileExtension);
  }
  await assertClean(await write(), "ours");
});
