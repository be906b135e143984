import { assertEquals, assertRejects } from "@std/assert";
import { openMedia, type StreamSample } from "../../src/demux/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
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

/** FFmpeg derives times inside a PES packet of MPEG-TS by adding durations in whole 1/90 000 s. */
const toleranceOf = (path: string) => path.endsWith(".ts") ? 100 : 1;

async function agreesWithFfprobe(path: string, source: string | ReadableStream<Uint8Array> = path): Promise<void> {
  const { media, samples, error } = await readAll(source);
  assertEquals(error, undefined);
  const expected = await ffprobeLines(path);
  assertEquals(media.streams.length, expected.length);
  for (const [i, { streamNumber }] of media.streams.entries()) {
    const actual = samples.filter((sample) => sample.streamNumber === streamNumber).map(lineOf);
    assertEquals(difference(actual, expected[i]!, toleranceOf(path)), "", `stream ${streamNumber} of ${path}`);
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
  "transport.ts": [...PICTURE, ...SOUND, ...H264, "-c:a", "aac"],
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

readerTest("openMedia() keeps the language, the pixel aspect and the rotation", ["ffmpeg"], () => {
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
    const { stdout } = await runOk("ffprobe", [
      ...["-v", "error", "-select_streams", "v", "-show_entries", "stream_side_data=rotation", "-of", "csv=p=0", path],
    ]);
    assertEquals(video.rotation, (360 - Number(stdout)) % 360); // FFmpeg turns the other way round
    assertEquals(media.warnings, []);
  });
});

readerTest("openMedia() leaves out what cannot be carried, and says so", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const path = await makeMedia(`${folder}/alac.mkv`, ...PICTURE, ...SOUND, ...H264, "-c:a", "alac");
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

/** All bytes of a PCM stream, and whether its samples follow each other without gap or overlap. */
function joined(samples: StreamSample[]): { bytes: Uint8Array; isGapless: boolean } {
  const bytes = new Uint8Array(samples.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const { data } of samples) {
    bytes.set(data, at);
    at += data.byteLength;
  }
  const isGapless = samples.every(({ timestamp, duration }, i) => {
    const next = samples[i + 1];
    return next === undefined || next.timestamp === timestamp + duration!;
  });
  return { bytes, isGapless };
}

readerTest(
  "openMedia() gives PCM in samples of 50 to 100 ms, from WAVE, Matroska and QuickTime alike",
  ["ffmpeg"],
  () => {
    return withTempDir(async (folder) => {
      const { stdout } = await new Deno.Command("ffmpeg", {
        args: ["-v", "error", ...SOUND, "-f", "s16le", "-"],
      }).output();
      const forms: [string, string[]][] = [
        ["tone.wav", ["-c:a", "pcm_s16le"]],
        ["tone.mkv", ["-c:a", "pcm_s16le"]],
        ["little.mov", ["-c:a", "pcm_s16le"]],
        ["big.mov", ["-c:a", "pcm_s16be"]],
      ];
      for (const [name, args] of forms) {
        const path = await makeMedia(`${folder}/${name}`, ...SOUND, ...args);
        const file = await Deno.readFile(path);
        for (const source of [path, file, new Blob([file]), inChunks(file, 1001)]) {
          const { media, samples, error } = await readAll(source);
          assertEquals(error, undefined, name);
          const [stream] = media.streams;
          assertEquals(stream?.codec, "pcm-s16", name);
          assertEquals(samples.slice(0, -1).every(({ duration }) => duration! >= 50_000 && duration! <= 100_000), true);
          const { bytes, isGapless } = joined(samples);
          assertEquals([bytes.byteLength, isGapless], [stdout.byteLength, true], name);
          assertEquals(bytes.every((byte, i) => byte === stdout[i]), true, name);
        }
      }
    });
  },
);

readerTest("openMedia() reads WAVE from a pipe that never learnt its size, to the last frame", ["ffmpeg"], async () => {
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", ...SOUND, "-metadata", "title=Grüße", "-f", "wav", "-"],
  }).output();
  const { media, samples, error } = await readAll(inChunks(stdout, 777));
  assertEquals(error, undefined);
  assertEquals(media.metadata.title, "Grüße");
  assertEquals(joined(samples).bytes.byteLength, 2 * 44_100 * 2);
});

readerTest("openMedia() carries tags over as they are written", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const tags = { title: "Ψ – テスト", artist: "Ærø", album: "Alb", genre: "Folk", date: "2011", composer: "Żółć" };
    const args = Object.entries(tags).flatMap(([name, value]) => ["-metadata", `${name}=${value}`]);
    for (const [name, codec] of [["a.mp3", "libmp3lame"], ["a.m4a", "aac"], ["a.mkv", "aac"], ["a.wma", "wmav2"]]) {
      const path = await makeMedia(`${folder}/${name}`, ...SOUND, "-c:a", codec!, ...args);
      const { metadata } = (await readAll(path)).media;
      const { title, author, albumTitle, genre, year } = metadata;
      assertEquals([title, author, albumTitle, genre, year], ["Ψ – テスト", "Ærø", "Alb", "Folk", "2011"], name);
      assertEquals(metadata.attributes?.["WM/Composer"], "Żółć", name);
    }
  });
});

Deno.test("openMedia() finds the cover of an MP3", async () => {
  const { metadata } = (await readAll(fixture("tone.mp3"))).media;
  assertEquals(metadata.pictures?.map(({ mimeType }) => mimeType), ["image/png"]);
  assertEquals([...metadata.pictures![0]!.data.subarray(1, 4)], [0x50, 0x4E, 0x47]);
});

Deno.test("openMedia() lets go of a file in the middle, and says so to whoever still reads", async () => {
  const media = await openMedia(fixture("clip.mp4"));
  const reader = media.samples.getReader();
  await reader.read();
  await media[Symbol.asyncDispose]();
  await media[Symbol.asyncDispose]();
  const drain = async () => {
    while (!(await reader.read()).done) { /* what was handed out already */ }
  };
  const error = await assertRejects(drain, MuxError);
  assertEquals(error.code, "invalid-state");
});

Deno.test("Media.batches gives the samples of Media.samples", async () => {
  for (const name of ["clip.mp4", "wmv2_wma2.wmv", "tone.wav"]) {
    const { samples } = await readAll(fixture(name));
    const lines: string[] = [];
    await using media = await openMedia(fixture(name));
    for await (const batch of media.batches) for (const sample of batch) lines.push(lineOf(sample));
    assertEquals(lines, samples.map(lineOf));
  }
});

Deno.test("Media.samples keeps its bytes, however late they are looked at", async () => {
  await using media = await openMedia(fixture("wmv2_wma2.wmv"));
  const samples: StreamSample[] = [];
  const early: string[] = [];
  for await (const sample of media.samples) {
    early.push(lineOf(sample));
    samples.push(sample);
  }
  assertEquals(samples.map(lineOf), early);
});

readerTest("openMedia() carries 127 streams, and says of the others that there is no room", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const maps = Array.from({ length: 129 }, () => ["-map", "0"]).flat();
    const sound = ["-f", "lavfi", "-i", "sine=d=0.1:r=8000", ...maps, "-c:a", "pcm_s16le"];
    const path = await makeMedia(`${folder}/many.mkv`, ...sound);
    await using media = await openMedia(path);
    assertEquals(media.streams.map(({ streamNumber }) => streamNumber), Array.from({ length: 127 }, (_, i) => i + 1));
    const reason = "there are 127 before it, and no room for more";
    assertEquals(media.skipped, [{ index: 127, reason }, { index: 128, reason }]);
  });
});
