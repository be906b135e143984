import { assertEquals, assertStringIncludes } from "@std/assert";
import { readerTest } from "../support/readers.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { difference, ffprobeLines, inChunks, lineOf, makeMedia, readAll } from "./support.ts";

const FRAMED = [
  "clip.mp4",
  "h264_nob_mp3.mkv",
  "late_audio.mp4",
  "tone.aac",
  "tone.mp3",
  "two_videos.mp4",
  "vfr.mp4",
  "wma2.wma",
  "wmv2_wma2.wmv",
];

async function agreesWithFfprobe(path: string, source: string | ReadableStream<Uint8Array> = path): Promise<void> {
  const { media, samples, error } = await readAll(source);
  assertEquals(error, undefined);
  const expected = await ffprobeLines(path);
  assertEquals(media.streams.length, expected.length);
  for (const [i, { streamNumber }] of media.streams.entries()) {
    const actual = samples.filter((sample) => sample.streamNumber === streamNumber).map(lineOf);
    assertEquals(difference(actual, expected[i]!), "", `stream ${streamNumber} of ${path}`);
  }
}

for (const name of FRAMED) {
  readerTest(`openMedia() finds the packets that ffprobe finds in ${name}`, ["ffmpeg"], () => {
    return agreesWithFfprobe(fixture(name));
  });
  readerTest(`openMedia() finds them in ${name} as a stream, too`, ["ffmpeg"], async () => {
    const path = fixture(name);
    const bytes = await Deno.readFile(path);
    await agreesWithFfprobe(path, inChunks(bytes, 997));
    await agreesWithFfprobe(path, inChunks(bytes, bytes.byteLength));
  });
}

const PICTURE = ["-f", "lavfi", "-t", "2", "-i", "testsrc2=size=96x80:rate=25"];
const SOUND = ["-f", "lavfi", "-t", "2", "-i", "sine=sample_rate=44100"];
const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25"];

const MADE: Record<string, string[]> = {
  "index_behind.mp4": [...PICTURE, ...SOUND, ...H264, "-c:a", "aac"],
  "fragmented.mp4": [...PICTURE, ...SOUND, ...H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
  "quicktime.mov": [...PICTURE, ...SOUND, ...H264, "-c:a", "aac"],
  "b_frames.mkv": [...PICTURE, ...SOUND, ...H264, "-bf", "2", "-c:a", "aac"],
  "live.mkv": [...PICTURE, ...SOUND, ...H264, "-c:a", "libmp3lame", "-live", "1"],
};

for (const [name, args] of Object.entries(MADE)) {
  readerTest(`openMedia() agrees with ffprobe on ${name}, as a file and as a stream`, ["ffmpeg"], () => {
    return withTempDir(async (folder) => {
      const path = await makeMedia(`${folder}/${name}`, ...args);
      await agreesWithFfprobe(path);
      await agreesWithFfprobe(path, inChunks(await Deno.readFile(path), 4096));
    });
  });
}

readerTest("openMedia() keeps the language, the pixel aspect and what a stream cannot carry", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const wide = await makeMedia(
      `${folder}/wide.mp4`,
      ...[...PICTURE, ...SOUND, ...H264, "-vf", "setsar=4/3", "-c:a", "aac", "-metadata:s:a", "language=ger"],
    );
    const turned = ["-i", wide, "-c", "copy", "-metadata:s:v", "rotate=90"];
    const path = await makeMedia(`${folder}/turned.mp4`, ...turned);
    const { media } = await readAll(path);
    const [video, audio] = media.streams;
    assertEquals(audio?.language, "de");
    if (video?.kind !== "video") throw new Error("the first stream must be video");
    assertEquals([video.displayAspectWidth, video.displayAspectHeight], [8, 5]);
    assertEquals(media.warnings.length, 1);
    assertStringIncludes(media.warnings[0]!, "Stream 1 is to be shown rotated by");
  });
});

readerTest("openMedia() leaves out what cannot be carried, and says so", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const path = await makeMedia(`${folder}/opus.mkv`, ...PICTURE, ...SOUND, ...H264, "-c:a", "libopus");
    const { media, samples } = await readAll(path);
    assertEquals(media.streams.map(({ kind, streamNumber }) => [kind, streamNumber]), [["video", 1]]);
    assertEquals(media.skipped.length, 1);
    assertEquals(media.skipped[0]?.index, 1);
    assertEquals(samples.every(({ streamNumber }) => streamNumber === 1), true);
  });
});

readerTest("openMedia() gives leading pictures of an open group a decode time, and no other sample", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const path = await makeMedia(
      `${folder}/open.mkv`,
      ...[
        ...PICTURE,
        ...H264,
        "-x264-params",
        "open-gop=1:bframes=3:b-pyramid=normal:keyint=12:min-keyint=12:scenecut=0",
      ],
    );
    const { samples, media } = await readAll(path);
    const lines = (await ffprobeLines(path))[0]!;
    assertEquals(difference(samples.map(lineOf), lines), "");
    let lastKey = -Infinity, lastDecode = -Infinity, leadingCount = 0;
    for (const { timestamp, decodeTimestamp, type } of samples) {
      assertEquals(decodeTimestamp !== undefined, type === "delta" && timestamp < lastKey);
      if (type === "key") lastKey = timestamp;
      if (decodeTimestamp === undefined) continue;
      leadingCount++;
      assertEquals(decodeTimestamp >= lastDecode && decodeTimestamp <= timestamp, true);
      lastDecode = decodeTimestamp;
    }
    assertEquals(leadingCount > 0, true, "the file must have leading pictures");
    assertEquals(media.streams.length, 1);
  });
});

readerTest("openMedia() interleaves streams by time", ["ffmpeg"], async () => {
  for (const name of ["clip.mp4", "two_videos.mp4", "h264_nob_mp3.mkv"]) {
    const { samples } = await readAll(fixture(name));
    const reached = new Map<number, number>();
    for (const { streamNumber, timestamp } of samples) {
      const latest = Math.max(reached.get(streamNumber) ?? -Infinity, timestamp);
      reached.set(streamNumber, latest);
    }
    // At any moment no stream has run ahead of another by more than its reordering.
    reached.clear();
    for (const { streamNumber, timestamp } of samples) {
      reached.set(streamNumber, Math.max(reached.get(streamNumber) ?? -Infinity, timestamp));
      if (reached.size < 2) continue;
      const ahead = Math.max(...reached.values()) - Math.min(...reached.values());
      assertEquals(ahead <= 250_000, true, `${name}: ${ahead} µs apart`);
    }
  }
});
