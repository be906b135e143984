/** What `muxwell mux` makes of each kind of output. */

import { assertEquals, assertMatch } from "@std/assert";
import { readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { run } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const CLI = new URL("../../src/cli/mod.ts", import.meta.url).pathname;

function mux(input: string, output: string) {
  return run(Deno.execPath(), ["run", "-q", "--allow-read", "--allow-write", CLI, "mux", fixture(input), "-o", output]);
}

const CASES: { input: string; output: string; codecs: string[]; says?: RegExp }[] = [
  { input: "clip.mp4", output: "out.mp4", codecs: ["h264", "aac"] },
  { input: "h264_nob_mp3.mkv", output: "out.mp4", codecs: ["h264", "mp3"] },
  { input: "clip.mp4", output: "out.aac", codecs: ["aac"], says: /Left out: stream 1 \(H\.264.*holds audio alone/ },
  { input: "h264_nob_mp3.mkv", output: "out.mp3", codecs: ["mp3"], says: /Left out: stream 1 \(H\.264/ },
  { input: "tone.wav", output: "out.wav", codecs: ["pcm_s16le"] },
  { input: "wmv2_wma2.wmv", output: "out.wav", codecs: ["wmav2"], says: /Left out: stream 1 \(WMV2/ },
];

for (const { input, output, codecs, says } of CASES) {
  readerTest(
    `mux copies what fits of ${input} into ${output.slice(3)}`,
    ["ffmpeg"],
    () =>
      withTempDir(async (folder) => {
        const { code, stderr } = await mux(input, `${folder}/${output}`);
        assertEquals(code, 0, stderr);
        if (says) assertMatch(stderr, says);
        const [source, copy] = [await ffprobe(fixture(input)), await ffprobe(`${folder}/${output}`)];
        assertEquals([copy.warnings, copy.streams.map(({ codec }) => codec)], [[], codecs]);
        // FFmpeg cuts WAVE into packets of its own size.
        if (output.endsWith(".wav")) return;
        const hashes = (probe: typeof source, codec: string) => {
          const stream = probe.streams.find((one) => one.codec === codec)!.index;
          const packets = probe.packets.filter((packet) => packet.stream === stream);
          // FFmpeg leaves an ADTS frame its 7-byte header.
          if (output.endsWith(".aac")) return packets.map(({ size }) => size - (probe === copy ? 7 : 0));
          return packets.map(({ hash }) => hash);
        };
        for (const codec of codecs) assertEquals(hashes(copy, codec), hashes(source, codec), codec);
      }),
  );
}

Deno.test("mux says which containers would take what does not fit, and leaves no file", () =>
  withTempDir(async (folder) => {
    const { code, stderr } = await mux("clip.mp4", `${folder}/out.mp3`);
    assertEquals(code, 1);
    assertMatch(stderr, /\.mp3 can hold nothing of it: .*it would go into \.asf, \.mp4, \.aac\n$/);
    assertEquals([...Deno.readDirSync(folder)], []);
  }));
