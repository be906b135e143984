/** What `muxwell mux` makes of each kind of output. */

import { assertEquals, assertMatch } from "@std/assert";
import { loadContainerFor, MAKERS } from "../../src/cli/containers.ts";
import { allContainers } from "../../src/containers.ts";
import { readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const CLI = new URL("../../src/cli/mod.ts", import.meta.url).pathname;

function mux(input: string, output: string) {
  return run(Deno.execPath(), ["run", "-q", "--allow-read", "--allow-write", CLI, "mux", fixture(input), "-o", output]);
}

const CASES: { input: string; output: string; codecs: string[]; says?: RegExp }[] = [
  { input: "clip.mp4", output: "out.mp4", codecs: ["h264", "aac"] },
  { input: "h264_nob_mp3.mkv", output: "out.mp4", codecs: ["h264", "mp3"] },
  { input: "hevc.mkv", output: "out.mp4", codecs: ["hevc"] },
  { input: "h264_nob_mp3.mkv", output: "out.wav", codecs: ["mp3"], says: /Left out: stream 1 \(H\.264/ },
  { input: "clip.mp4", output: "out.aac", codecs: ["aac"], says: /Left out: stream 1 \(H\.264.*holds audio alone/ },
  { input: "h264_nob_mp3.mkv", output: "out.mp3", codecs: ["mp3"], says: /Left out: stream 1 \(H\.264/ },
  { input: "hevc.mkv", output: "out.mkv", codecs: ["hevc"] },
  { input: "opus.webm", output: "out.webm", codecs: ["opus"] },
  { input: "wmv2_wma2.wmv", output: "out.mkv", codecs: ["wmv2", "wmav2"] },
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

/** What does not fit at all, and what is said of it. */
const REFUSED: { input: string; output: string; says: string }[] = [
  {
    input: "clip.mp4",
    output: "out.mp3",
    says: "stream 1 (H.264, 160×120): MP3 holds audio alone; stream 2 (AAC, 44.1 kHz, 2 channels): MP3 holds MP3; " +
      "it would go into .wmv, .mp4, .mkv; some of it would go into .aac",
  },
  {
    input: "hevc.mkv",
    output: "out.wav",
    says: "stream 1 (HEVC, 160×120): WAVE holds audio alone; it would go into .wmv, .mp4, .mkv",
  },
  {
    input: "opus.webm",
    output: "out.aac",
    says: "stream 1 (Opus, 48 kHz, 2 channels): ADTS holds AAC; it would go into .wma, .mp4, .mkv, .webm",
  },
  {
    input: "opus.webm",
    output: "out.wav",
    says: "stream 1 (Opus, 48 kHz, 2 channels): WAVE cannot hold opus: nothing in it tells one packet from the next; " +
      "it would go into .wma, .mp4, .mkv, .webm",
  },
  {
    input: "wmv2_wma2.wmv",
    output: "out.mp4",
    says: "stream 1 (WMV2, 128×96): MP4 holds H.264, HEVC, VP8, VP9, AV1, MPEG-4, MPEG-2, MPEG-1 and Motion JPEG; " +
      "stream 2 (WMA 2, 44.1 kHz, 2 channels): MP4 holds AAC, MP3, Opus, FLAC, AC-3, E-AC-3, ALAC and AMR; it would go into .wmv, .mkv; some of it would go into .wav",
  },
  {
    input: "ac3.mp4",
    output: "out.mp3",
    says: "stream 1 (AC-3, 44.1 kHz, 2 channels): MP3 holds MP3; it would go into .wma, .mp4, .mkv, .wav",
  },
];

/** Of a list of extensions those that `says` names, too. */
function onlyNamed(list: string, says: string): string {
  return list.split(", ").filter((extension) => says.includes(extension)).join(", ");
}

for (const { input, output, says } of REFUSED) {
  Deno.test(`mux says which containers would take ${input} instead of ${output.slice(3)}, and leaves no file`, () =>
    withTempDir(async (folder) => {
      const { code, stderr } = await mux(input, `${folder}/${output}`);
      // Those that others follow: more containers will take it.
      const asListed = stderr.replaceAll(
        /( go into )([.\w, ]+)/g,
        (_, into, list: string) => into + onlyNamed(list, says),
      );
      assertEquals([code, asListed], [1, `muxwell: ${output.slice(3)} can hold nothing of it: ${says}\n`]);
      assertEquals([...Deno.readDirSync(folder)], []);
    }));
}

readerTest(
  "mux tells that WMV cannot say a rotation, and says nothing where MP4 does",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const source = `${folder}/turned.mp4`;
      const tag = ["-metadata:s:v:0", "rotate=90"];
      await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", fixture("clip.mp4"), "-c", "copy", ...tag, source]);
      const said = async (output: string) =>
        (await run(Deno.execPath(), ["run", "-q", "-A", CLI, "mux", source, "-o", `${folder}/${output}`])).stderr;
      assertMatch(
        await said("out.wmv"),
        /^Left out: stream 1: ASF cannot say that it is to be shown rotated by 270°; \.mp4, \.mkv\b.* can$/m,
      );
      const plain = await said("out.mp4");
      assertEquals(plain.match(/rotated|Left out|Warning/), null);
    }),
);

Deno.test("mux makes the container of each extension, in either case", async () => {
  for (const { name, extensions } of allContainers()) {
    for (const extension of extensions) {
      for (const path of [`a.b${extension}`, `A${extension.toUpperCase()}`]) {
        assertEquals((await loadContainerFor(path))?.name, name, path);
      }
    }
  }
  const alone = MAKERS.flatMap(([extensions]) => extensions.split(" ")).sort();
  assertEquals(alone, allContainers().flatMap(({ extensions }) => extensions).sort());
  assertEquals([await loadContainerFor("a.xyz"), await loadContainerFor("a.b/c")], [undefined, undefined]);
});
