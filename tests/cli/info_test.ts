/** `muxwell info`, and what other commands say of files that are not theirs. */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { info } from "../../src/demux/mod.ts";
import { makeMedia } from "../demux/support.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { runIn } from "./support.ts";

async function linesOf(path: string): Promise<string[]> {
  const { code, printed, reported } = await runIn({}, "info", path);
  assertEquals([code, reported], [0, ""]);
  return printed.trimEnd().replace(`${path}: `, "").split("\n").map((line) => line.trim());
}

Deno.test("muxwell info says what a file is, in ten lines at most", async () => {
  assertEquals(await linesOf(fixture("clip.mp4")), [
    "MP4, 5.0 s, 100 kB, 160 kbit/s",
    "1  H.264, 160×120, 25 fps, 86.8 kbit/s",
    "2  AAC, 44.1 kHz, 2 channels, 64.1 kbit/s",
    "title: Prüfbild – テスト",
    "author: Muxwell",
    "description: Colour bars and two tones",
    "1 more tag",
  ]);
  assertEquals((await linesOf(fixture("tone.mp3"))).at(-1), "1 picture, 1 more tag");
  assertEquals((await linesOf(fixture("wmv2_wma2.wmv")))[2], "2  WMA 2, 44.1 kHz, 2 channels, 64 kbit/s");
  for (const name of ["opus.webm", "tone.wav", "tone.aac", "tone.flac", "hevc.mkv", "two_videos.mp4"]) {
    assertLess((await linesOf(fixture(name))).length, 10, name);
  }
});

Deno.test("muxwell info names languages, titles, chapters, and streams that are not carried", async () => {
  await withTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.srt`, "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
    await Deno.writeTextFile(`${folder}/c`, ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One\n");
    const inputs = [
      "-f",
      "lavfi",
      "-i",
      "sine=d=2",
      "-i",
      `${folder}/a.srt`,
      "-i",
      `${folder}/c`,
      "-map",
      "0",
      "-map",
      "1",
    ];
    const codecs = ["-c:a", "libmp3lame"];
    const names = ["-metadata:s:a:0", "language=ger", "-metadata:s:a:0", "title=Der Ton"];
    const path = await makeMedia(
      `${folder}/a.mkv`,
      ...inputs,
      ...codecs,
      "-c:s",
      "ass",
      "-map_metadata",
      "2",
      ...names,
    );
    const lines = await linesOf(path);
    assertEquals(lines[1], '1  MP3, 44.1 kHz, 1 channel, de, "Der Ton"');
    assertEquals(lines.filter((line) => line.includes("1 chapter")).length, 1, lines.join("\n"));
    const told = await info(path);
    assertEquals(told.streams.length + told.skipped.length, 2);

    // A file of nothing that can be carried is told, too.
    const text = await makeMedia(`${folder}/b.mkv`, "-i", `${folder}/a.srt`, "-c:s", "ass");
    const { format, skipped, streams } = await info(text);
    assertEquals([format, streams.length + skipped.length], ["Matroska", 1]);
  });
});

Deno.test("info() measures what no header says", async () => {
  await withTempDir(async (folder) => {
    const sound = ["-f", "lavfi", "-i", "sine=d=7"];
    for (
      const [name, ...args] of [
        ["live.webm", "-c:a", "libopus", "-f", "webm", "-live", "1"],
        ["parts.mp4", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"],
        ["a.ts", "-c:a", "aac"],
      ] as const
    ) {
      const { duration } = await info(await makeMedia(`${folder}/${name}`, ...sound, ...args));
      assertLess(Math.abs(duration! - 7_000_000), 100_000, `${name}: ${duration}`);
    }
  });
});

Deno.test("muxwell info --json is what info() answers, of bytes how many there are", async () => {
  const path = fixture("tone.mp3");
  const { printed } = await runIn({}, "info", path, "--json");
  const { pictures, ...rest } = (await info(path)).metadata;
  const told = JSON.parse(printed);
  assertEquals(told.metadata, {
    ...rest,
    pictures: pictures!.map(({ data, ...facts }) => ({ ...facts, data: { byteLength: data.byteLength } })),
  });
  assertEquals(told.streams, (await info(path)).streams);
});

Deno.test("commands say what a file is that is not theirs", async () => {
  for (const command of ["inspect", "validate", "repair", "index", "tag"]) {
    const more = command === "tag" ? ["--title", "x"] : [];
    const { code, reported } = await runIn({}, command, fixture("tone.flac"), ...more);
    assertEquals(code, 1, command);
    assertStringIncludes(reported, "it is FLAC, and this is for ASF", command);
    const text = await runIn({}, command, fixture("README.md"), ...more);
    assertEquals(text.code, 1, command);
    assertStringIncludes(text.reported, "found text", command);
  }
});
