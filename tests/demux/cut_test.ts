/** A part of a source, against what the whole of it has. */

import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { type Media, openMedia } from "../../src/demux/mod.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import { withTempDir } from "../support/temp.ts";
import { inChunks, lineOf, makeMedia, readAll } from "./support.ts";

/** A blob that counts what is read of it. */
class CountedBlob extends Blob {
  readBytes = 0;

  override slice(start = 0, end = this.size, type?: string): Blob {
    this.readBytes += Math.min(end, this.size) - Math.min(start, this.size);
    return super.slice(start, end, type);
  }
}

/** What a part must have, out of all samples: the rule in its plainest words. */
function expected(
  media: Media,
  samples: readonly StreamSample[],
  from: number,
  until: number,
): [number | undefined, string[]] {
  const hasVideo = media.streams.some(({ kind }) => kind === "video");
  const leading = media.streams.filter(({ kind }) => kind === (hasVideo ? "video" : "audio"));
  const keys = leading.map(({ streamNumber }) =>
    samples.filter((one) => one.streamNumber === streamNumber && one.type === "key" && one.timestamp <= from)
      .reduce((latest, { timestamp }) => Math.max(latest, timestamp), -Infinity)
  );
  const earliest = Math.min(...keys);
  // Where no key frame comes so early, it begins as the source does.
  const start = earliest === -Infinity ? undefined : earliest;
  const lines: string[] = [];
  for (const { streamNumber } of media.streams) {
    const all = samples.filter((one) => one.streamNumber === streamNumber);
    const first = all.findIndex(({ timestamp, type }) => type === "key" && timestamp >= (start ?? -Infinity));
    const begun = all.slice(first).filter(({ timestamp }) => timestamp >= all[first]!.timestamp);
    const last = begun.findLastIndex(({ timestamp }) => timestamp < until);
    lines.push(...begun.slice(0, last + 1).map((sample) => `${streamNumber}: ${lineOf(sample)}`));
  }
  return [start, lines];
}

async function partOf(source: Blob | ReadableStream<Uint8Array>, from: number, until: number) {
  await using media = await openMedia(source, { from, until });
  const samples: StreamSample[] = [];
  for await (const sample of media.samples) samples.push({ ...sample, data: sample.data.slice() });
  const lines = media.streams.flatMap(({ streamNumber }) =>
    samples.filter((one) => one.streamNumber === streamNumber).map((sample) => `${streamNumber}: ${lineOf(sample)}`)
  );
  return { media, lines, samples };
}

const SOURCE = [
  ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=48,noise=alls=16:allf=t"],
  ["-f", "lavfi", "-i", "anoisesrc=r=44100:d=48:a=0.1"],
].flat();
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50", "-x264-params", "open-gop=0"];
const MPEG4 = ["-c:v", "mpeg4", "-g", "50", "-b:v", "1M"];
const SOUND = ["-f", "lavfi", "-i", "anoisesrc=r=44100:d=48:a=0.1"];

/** Where a format lies, how it is made, and how much of the file a part of a twentieth may read, if that is bounded. */
const FORMATS: readonly [name: string, args: string[], share?: number][] = [
  ["tables.mp4", [...SOURCE, ...H264, "-c:a", "aac"], 0.3],
  ["fragments.mp4", [...SOURCE, ...H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"], 0.4],
  ["cues.mkv", [...SOURCE, ...H264, "-c:a", "libmp3lame"], 0.3],
  ["no_cues.mkv", [...SOURCE, ...H264, "-c:a", "libmp3lame", "-f", "matroska", "-live", "1"]],
  ["index.wmv", [...SOURCE, ...MPEG4, "-c:a", "libmp3lame", "-f", "asf"]],
  ["stream.ts", [...SOURCE, ...H264, "-c:a", "aac"]],
  ["sound.wav", SOUND, 0.15],
  ["sound.mp3", SOUND],
  ["sound.flac", SOUND],
  ["sound.ogg", [...SOUND, "-c:a", "libvorbis"]],
  ["sound.aac", SOUND],
];

for (const [name, args, share] of FORMATS) {
  Deno.test(`a part of ${name} is what the whole has there, and the rest is not read`, async () => {
    await withTempDir(async (folder) => {
      const path = await makeMedia(`${folder}/${name}`, ...args, "-shortest");
      const bytes = await Deno.readFile(path);
      const whole = await readAll(path);
      const zero = Math.max(0, whole.samples[0]!.timestamp);
      for (const [begin, end] of [[13_700_000, 15_500_000], [14_000_000, 14_100_000], [0, 1_000_000]] as const) {
        const [from, until] = [zero + begin, zero + end];
        const [start, lines] = expected(whole.media, whole.samples, from, until);
        for (const isStream of [false, true]) {
          const blob = new CountedBlob([bytes]);
          const part = await partOf(isStream ? inChunks(bytes, 60_000) : blob, from, until);
          const what = `${isStream ? "stream" : "blob"}, ${from} to ${until}`;
          const first = part.samples[0]!.timestamp;
          if (name.endsWith(".wav")) { // cut at the sample
            assertLess(Math.abs(first - from), 25, what);
            assertLess(Math.abs(part.media.duration! - (until - from)), 25, what);
            continue;
          }
          assertEquals(part.lines, lines, what);
          assertEquals(part.media.start, start, what);
          if (!isStream && share) assertLess(blob.readBytes, share * bytes.byteLength, what);
        }
      }
    });
  });
}

Deno.test("a part of an MP4 of two edits begins in the edit that its time lies in", async () => {
  await withTempDir(async (folder) => {
    const path = await makeMedia(`${folder}/a.mp4`, ...SOURCE, ...H264, "-c:a", "aac", "-shortest");
    const whole = await readAll(path);
    assertGreater(whole.samples.length, 1000);
    // What mux makes of a part, with pictures before its beginning that are not shown.
    const cut = await makeMedia(`${folder}/b.mp4`, "-ss", "5", "-i", path, "-c", "copy");
    const trimmed = await readAll(cut);
    assert(trimmed.samples.some(({ timestamp }) => timestamp < 0));
    const [start, lines] = expected(trimmed.media, trimmed.samples, 3_500_000, 6_000_000);
    const part = await partOf(new Blob([await Deno.readFile(cut)]), 3_500_000, 6_000_000);
    assertEquals(part.lines, lines);
    assertEquals(part.media.start, start);
  });
});

Deno.test("what a part cannot be is said before anything is read", async () => {
  const bytes = await Deno.readFile(new URL("../fixtures/clip.mp4", import.meta.url));
  for (
    const [options, error, text] of [
      [{ from: -1 }, RangeError, "from must be 0 or more, got -1"],
      [{ from: 5, until: 5 }, RangeError, "until must be later than from, 5, got 5"],
      [{ from: "1" as unknown as number }, TypeError, "from must be a number, got string"],
      [{ from: 3_600_000_000 }, RangeError, "from must lie before its end at"],
    ] as const
  ) await assertRejects(() => openMedia(bytes, options), error, text);
});
