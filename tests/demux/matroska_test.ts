/** Matroska and WebM as FFmpeg sees them: packets, times, key flags; and what it does not hand over. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Media, openMedia } from "../../src/demux/mod.ts";
import type { MuxError } from "../../src/errors.ts";
import { el, find, inside, type Node, write } from "../inspect/matroska/ebml.ts";
import { sampleFile } from "../inspect/matroska/sample_file.ts";
import { readerTest } from "../support/readers.ts";
import { recordInChromium } from "../support/readers/chromium.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { ffprobeLines, inChunks, lineOf, makeMedia, readAll } from "./support.ts";

const PICTURE = ["-f", "lavfi", "-t", "2", "-i", "testsrc2=size=96x80:rate=25"];
const SOUND = ["-f", "lavfi", "-t", "2", "-i", "sine=sample_rate=44100"];
const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25"];

/** Sizes and bytes alike; times within a tick and its rounding. */
async function agrees(path: string, tolerance = 1): Promise<Media> {
  const expected = await ffprobeLines(path);
  const bytes = await Deno.readFile(path);
  let opened: Media | undefined;
  for (const source of [path, bytes, inChunks(bytes, 4096), inChunks(bytes, 61)]) {
    const { media, samples, error } = await readAll(source);
    assertEquals(error, undefined, path);
    assertEquals(media.streams.length, expected.length, path);
    for (const [i, { streamNumber, kind }] of media.streams.entries()) {
      const actual = samples.filter((sample) => sample.streamNumber === streamNumber).map(lineOf);
      assertSame(actual, expected[i]!, tolerance, kind === "video", `stream ${streamNumber} of ${path}`);
    }
    opened ??= media;
  }
  return opened!;
}

function assertSame(actual: string[], expected: string[], tolerance: number, hasKeys: boolean, what: string): void {
  assertEquals(actual.length, expected.length, what);
  for (const [i, line] of actual.entries()) {
    const [time, key, ...rest] = line.split(" ");
    const [wantedTime, wantedKey, ...wantedRest] = expected[i]!.split(" ");
    const isSame = rest.join() === wantedRest.join() && (!hasKeys || key === wantedKey);
    // What FFmpeg's parser cannot time has none there.
    const isNear = wantedTime === "NaN" || Math.abs(Number(time) - Number(wantedTime)) <= tolerance;
    assert(isSame && isNear, `${what}, sample ${i}: ${line}, not ${expected[i]}`);
  }
}

for (
  const name of ["h264_nob_mp3.mkv", "hevc.mkv", "mpeg1.mkv", "mpeg2.mkv", "mpeg4.mkv", "mjpeg.mkv"]
    .concat(["av1.webm", "opus.webm", "vorbis.webm", "vp8.webm", "vp9.webm"])
) {
  readerTest(`openMedia() finds the packets of ${name} that ffprobe finds`, ["ffmpeg"], async () => {
    await agrees(fixture(name), name === "opus.webm" ? 500 : 1); // FFmpeg rounds the codec delay to a millisecond
  });
}

/** What is made of one input by each writer: arguments of ffmpeg, or of mkvmerge behind them. */
const FORMS: Readonly<Record<string, string[]>> = {
  "as FFmpeg writes it": [],
  "live": ["-live", "1"],
  "in clusters of 300 ms": ["-cluster_time_limit", "300"],
  "with Cues in front": ["-cues_to_front", "1"],
  "without CRC-32": ["-write_crc32", "0"],
};

for (const [form, args] of Object.entries(FORMS)) {
  readerTest(`openMedia() agrees with ffprobe on Matroska ${form}`, ["ffmpeg"], () =>
    withTempDir(async (folder) => {
      const codecs = [...PICTURE, ...SOUND, ...H264, "-bf", "2", "-c:a", "aac"];
      await agrees(await makeMedia(`${folder}/a.mkv`, ...codecs, ...args));
    }));
}

const MERGED: Readonly<Record<string, string[]>> = {
  "as mkvmerge writes it": [],
  "with header removal": ["--compression", "0:mpeg4_p10", "--compression", "1:mpeg4_p10"],
  "with zlib": ["--compression", "0:zlib", "--compression", "1:zlib"],
  "with BlockGroups alone": ["--engage", "no_simpleblocks"],
  "with clusters of three blocks": ["--cluster-length", "3"],
  "without Cues": ["--no-cues", "--clusters-in-meta-seek"],
  "with fine ticks": ["--timestamp-scale", "100000"],
};

for (const [form, args] of Object.entries(MERGED)) {
  readerTest(
    `openMedia() agrees with ffprobe on Matroska ${form}`,
    ["ffmpeg", "MKVToolNix"],
    () =>
      withTempDir(async (folder) => {
        const source = await makeMedia(
          `${folder}/in.mkv`,
          ...[...PICTURE, ...SOUND, ...H264, "-bf", "2", "-c:a", form === "with header removal" ? "ac3" : "aac"],
        );
        const options = form === "with header removal" ? ["--compression", "1:none"] : args;
        await runOk("mkvmerge", ["-q", "-o", `${folder}/a.mkv`, ...options, source]);
        await agrees(`${folder}/a.mkv`, 2000); // FFmpeg adds whole ticks from frame to frame of a lace
      }),
  );
}

for (
  const [codec, args, extension] of [
    ["Opus", ["-c:a", "libopus"], "ogg"],
    ["Vorbis", ["-c:a", "libvorbis"], "ogg"],
    ["MP3", ["-c:a", "libmp3lame"], "mp3"],
    ["AC-3", ["-c:a", "ac3"], "ac3"],
    ["AAC", ["-c:a", "aac"], "aac"],
  ] as const
) {
  readerTest(
    `openMedia() gives each laced frame of ${codec} its own time`,
    ["ffmpeg", "MKVToolNix"],
    () =>
      withTempDir(async (folder) => {
        const plain = await makeMedia(`${folder}/in.${extension}`, ...SOUND, ...args);
        await runOk("mkvmerge", ["-q", "-o", `${folder}/laced.mka`, plain]);
        await runOk("mkvmerge", ["-q", "-o", `${folder}/single.mka`, "--disable-lacing", plain]);
        const laced = await readAll(`${folder}/laced.mka`);
        const single = await readAll(`${folder}/single.mka`);
        assertEquals([laced.error, single.error], [undefined, undefined]);
        assertEquals(laced.samples.length, single.samples.length);
        for (const [i, sample] of laced.samples.entries()) {
          const other = single.samples[i]!;
          assertEquals(lineOf({ ...sample, timestamp: 0 }), lineOf({ ...other, timestamp: 0 }));
          assert(
            Math.abs(sample.timestamp - other.timestamp) <= 1000,
            `sample ${i}: ${sample.timestamp}, ${other.timestamp}`,
          );
        }
        assert(new Set(laced.samples.map(({ timestamp }) => timestamp)).size === laced.samples.length);
        const { packets } = await ffprobe(`${folder}/laced.mka`);
        assertEquals(packets.length, laced.samples.length);
      }),
  );
}

/** Codecs by their CodecID, as FFmpeg writes them, and what becomes of each. */
const CODECS: readonly [name: string, args: string[], codec: string | number][] = [
  ["PCM, 16 bits", ["-c:a", "pcm_s16le"], "pcm-s16"],
  ["PCM, 24 bits", ["-c:a", "pcm_s24le"], "pcm-s24"],
  ["PCM, 8 bits", ["-c:a", "pcm_u8"], "pcm-u8"],
  ["PCM, floating point", ["-c:a", "pcm_f32le"], "pcm-f32"],
  ["PCM, the most significant byte first", ["-c:a", "pcm_s16be"], "pcm-s16"],
  ["AC-3", ["-c:a", "ac3"], "ac-3"],
  ["E-AC-3", ["-c:a", "eac3"], "ec-3"],
  ["FLAC", ["-c:a", "flac"], "flac"],
  ["MP2", ["-c:a", "mp2"], 0x0050],
  ["MP3", ["-c:a", "libmp3lame"], "mp3"],
  ["ADPCM (A_MS/ACM)", ["-c:a", "adpcm_ms"], 2],
  ["A-law (A_MS/ACM)", ["-c:a", "pcm_alaw"], 6],
  ["WMA (A_MS/ACM)", ["-c:a", "wmav2"], 0x0161],
];

for (const [name, args, codec] of CODECS) {
  readerTest(`openMedia() reads ${name} from Matroska`, ["ffmpeg"], () =>
    withTempDir(async (folder) => {
      const path = await makeMedia(`${folder}/a.mkv`, ...SOUND, ...args);
      const { media, samples, error } = await readAll(path);
      assertEquals([error, media.skipped], [undefined, []]);
      assertEquals(media.streams.map((stream) => stream.codec), [codec]);
      const { packets } = await ffprobe(path);
      const sum = (list: number[]) => list.reduce((total, bytes) => total + bytes, 0);
      assertEquals(sum(samples.map(({ data }) => data.byteLength)), sum(packets.map(({ size }) => size)));
    }));
}

for (
  const [name, args, codec] of [["WMV2", ["-c:v", "wmv2"], "WMV2"], [
    "XVID",
    ["-c:v", "mpeg4", "-vtag", "XVID"],
    "XVID",
  ]] as const
) {
  readerTest(
    `openMedia() reads ${name} by V_MS/VFW/FOURCC`,
    ["ffmpeg", "MKVToolNix"],
    () =>
      withTempDir(async (folder) => {
        const source = await makeMedia(`${folder}/in.avi`, ...PICTURE, ...args);
        await runOk("mkvmerge", [
          "-q",
          "-o",
          `${folder}/a.mkv`,
          ...name === "XVID" ? ["--engage", "force_passthrough_packetizer"] : [],
          source,
        ]);
        const { media, samples, error } = await readAll(`${folder}/a.mkv`);
        assertEquals(error, undefined);
        assertEquals(media.streams.map((stream) => stream.codec), [codec]);
        assertEquals(samples.length, 50);
      }),
  );
}

readerTest(
  "openMedia() takes what Opus says is to be skipped off its times",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const codecs = [...PICTURE, ...SOUND, "-c:v", "libvpx", "-c:a", "libopus"];
      const path = await makeMedia(`${folder}/a.webm`, ...codecs);
      const { samples } = await readAll(path);
      const first = (streamNumber: number) => samples.find((sample) => sample.streamNumber === streamNumber)!.timestamp;
      const { packets } = await ffprobe(path);
      const wanted = packets.find(({ stream }) => stream === 1)!.pts! -
        packets.find(({ stream }) => stream === 0)!.pts!;
      assert(Math.abs(first(2) - first(1) - 1000 * wanted) <= 500, `${first(1)}, ${first(2)}, ${wanted}`);
    }),
);

/** A small Matroska with pictures and sound. */
async function made(folder: string, ...args: string[]): Promise<string> {
  return await makeMedia(`${folder}/in.mkv`, ...PICTURE, ...SOUND, ...H264, "-bf", "0", "-c:a", "aac", ...args);
}

readerTest(
  "openMedia() names encrypted tracks, subtitles and what else it leaves out",
  ["ffmpeg", "MKVToolNix"],
  () =>
    withTempDir(async (folder) => {
      await Deno.writeTextFile(`${folder}/s.srt`, "1\n00:00:00,500 --> 00:00:01,000\nhello\n");
      await Deno.writeTextFile(`${folder}/font.ttf`, "no font");
      const source = await made(folder);
      await runOk("mkvmerge", [
        ...["-q", "-o", `${folder}/a.mkv`, "--forced-display-flag", "1:yes", "--commentary-flag", "1:yes", source],
        ...["--attachment-mime-type", "image/x-xpixmap", "--attach-file", `${folder}/s.srt`],
        ...["--attachment-mime-type", "font/ttf", "--attach-file", `${folder}/font.ttf`, `${folder}/s.srt`],
      ]);
      const { media } = await readAll(`${folder}/a.mkv`);
      assertEquals(media.skipped, [{ index: 2, reason: "it is subtitles (SubRip)" }]);
      assertEquals(media.metadata.pictures, undefined);
      assertEquals(
        media.warnings,
        [
          'The attachment "s.srt" (image/x-xpixmap, 38 bytes) is not carried over',
          'The attachment "font.ttf" (font/ttf, 7 bytes) is not carried over',
          "Stream 2 is marked as forced, a commentary: that is not carried over",
        ].sort((a, b) => a.startsWith("Stream") ? -1 : b.startsWith("Stream") ? 1 : 0),
      );
    }),
);

readerTest(
  "openMedia() reads chapters, names, dates, tags by target and covers",
  ["ffmpeg", "MKVToolNix"],
  () =>
    withTempDir(async (folder) => {
      const source = await made(folder);
      await Deno.writeTextFile(
        `${folder}/c.txt`,
        "CHAPTER01=00:00:00.000\nCHAPTER01NAME=One\nCHAPTER02=00:00:01.000\nCHAPTER02NAME=Two\n",
      );
      await Deno.writeTextFile(
        `${folder}/t.xml`,
        `<Tags><Tag><Targets><TargetTypeValue>50</TargetTypeValue></Targets>
        <Simple><Name>TITLE</Name><String>The Album</String></Simple><Simple><Name>ARTIST</Name><String>Band</String></Simple>
        </Tag><Tag><Targets><TargetTypeValue>30</TargetTypeValue></Targets>
        <Simple><Name>TITLE</Name><String>The Song</String></Simple><Simple><Name>PART_NUMBER</Name><String>2</String></Simple>
        <Simple><Name>MY_OWN</Name><String>kept</String></Simple></Tag></Tags>`,
      );
      await Deno.copyFile(fixture("tone.mp3"), `${folder}/cover.jpg`);
      await runOk("mkvmerge", [
        ...["-q", "-o", `${folder}/a.mkv`, "--title", "Segment", "--chapters", `${folder}/c.txt`],
        ...["--global-tags", `${folder}/t.xml`, "--track-name", "1:Comments", "--language", "1:ger"],
        ...["--attachment-mime-type", "image/jpeg", "--attach-file", `${folder}/cover.jpg`, source],
      ]);
      const { media } = await readAll(`${folder}/a.mkv`);
      const { metadata, streams } = media;
      assertEquals([metadata.title, metadata.albumTitle, metadata.albumArtist], ["The Song", "The Album", "Band"]);
      assertEquals([metadata.author, metadata.trackNumber, metadata.attributes], ["Band", 2, { MY_OWN: "kept" }]);
      assertEquals(metadata.markers, [{ timestamp: 0, name: "One" }, { timestamp: 1_000_000, name: "Two" }]);
      assertEquals([streams[1]!.language, streams[1]!.names], ["de", [{ name: "Comments" }]]);
      assertEquals(metadata.pictures?.map(({ mimeType, type }) => [mimeType, type]), [["image/jpeg", 3]]);
      assert(Math.abs(metadata.encodingTime!.getTime() - Date.now()) < 600_000);
      const title = await readAll(
        (await runOk("mkvmerge", ["-q", "-o", `${folder}/b.mkv`, "--title", "Segment", source]), `${folder}/b.mkv`),
      );
      assertEquals(title.media.metadata.title, "Segment");
    }),
);

readerTest(
  "openMedia() gives the part of a Matroska file that was cut short, and says how much",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const bytes = await Deno.readFile(await made(folder, "-cluster_time_limit", "250"));
      const half = bytes.subarray(0, bytes.byteLength >> 1);
      for (const source of [half, inChunks(half, 1000)]) {
        const { samples, error } = await readAll(source);
        assert(samples.length > 40, String(samples.length));
        assertMatch((error as MuxError).message, /to its end: \d+ of \d+ bytes are there, \d\.\d{3} s of 2\.0\d\d s$/);
      }
    }),
);

readerTest(
  "openMedia() goes on with a second recording put behind the first",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      for (const args of [["-live", "1"], []]) {
        const bytes = await Deno.readFile(await made(folder, ...args));
        const alone = await readAll(bytes);
        const joined = new Uint8Array([...bytes, ...bytes]);
        for (const source of [joined, inChunks(joined, 997)]) {
          const { media, samples, error } = await readAll(source);
          assertEquals(error, undefined);
          assertEquals(samples.length, 2 * alone.samples.length);
          assertMatch(
            media.warnings.join(),
            new RegExp(`Another recording begins at byte ${bytes.byteLength}: its times go on from 2\\.`),
          );
          const shift = samples[alone.samples.length]!.timestamp - samples[0]!.timestamp;
          assert(shift >= 2_000_000 && shift < 2_100_000, String(shift));
        }
        const other = await Deno.readFile(fixture("vp8.webm"));
        const { samples, error } = await readAll(new Uint8Array([...bytes, ...other]));
        assertEquals(samples.length, alone.samples.length);
        assertMatch(
          (error as MuxError).message,
          new RegExp(`another recording, of other streams, begins at byte ${bytes.byteLength}`),
        );
      }
    }),
);

readerTest(
  "openMedia() loses a damaged part of a Matroska file and no more",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const bytes = await Deno.readFile(await made(folder, "-cluster_time_limit", "250"));
      const whole = await readAll(bytes);
      const middle = bytes.byteLength >> 1;
      for (const filler of [0x00, 0xFF, 0x11]) {
        const damaged = bytes.slice().fill(filler, middle, middle + 40);
        for (const source of [damaged, inChunks(damaged, 1000)]) {
          const { samples, error } = await readAll(source);
          // A frame of its own takes no damage that anybody could see; framing does, and a cluster with it.
          assert(samples.length > 0.8 * whole.samples.length, `${samples.length} of ${whole.samples.length}`);
          if (samples.length < whole.samples.length) {
            assertMatch((error as MuxError).message, /is damaged at byte \d+: \d+ bytes are lost/);
          }
        }
      }
    }),
);

Deno.test("openMedia() reads on in a Matroska file whose header it has", async () => {
  await using media = await openMedia(fixture("h264_nob_mp3.mkv"));
  assertEquals(media.streams.length, 2);
});

readerTest(
  "openMedia() names an alpha channel where there is one, not where it is only possible",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const picture = ["-f", "lavfi", "-t", "1", "-i", "testsrc2=size=96x80:rate=25,format=yuva420p"];
      const path = await makeMedia(`${folder}/a.webm`, ...picture, "-c:v", "libvpx", "-auto-alt-ref", "0");
      const says = "Stream 1 has an alpha channel: that is not carried over";
      assertEquals((await readAll(path)).media.warnings, [says]);
      const opaque = await makeMedia(`${folder}/b.webm`, ...PICTURE, "-c:v", "libvpx", "-metadata:s:v", "alpha_mode=1");
      assertEquals((await readAll(opaque)).media.warnings, []);
    }),
);

readerTest(
  "openMedia() reads H.264 that a browser recorded without a description",
  ["ffmpeg", "Chromium"],
  () =>
    withTempDir(async (folder) => {
      const path = `${folder}/a.mkv`;
      await Deno.writeFile(path, await recordInChromium("video/x-matroska;codecs=avc1,opus", 1500));
      const media = await agrees(path);
      assertMatch(String(media.streams[0]!.codec), /^avc1\.[0-9a-f]{6}$/);
    }),
);

Deno.test("openMedia() flattens nested chapters, and names other editions, an order of their own and what is hidden", async () => {
  const file = sampleFile();
  const chapters = find(file, "Segment", "Chapters");
  const atom = (uid: number, start: number, ...more: Node[]) =>
    el("ChapterAtom", [
      el("ChapterUID", uid),
      el("ChapterTimeStart", start),
      el("ChapterDisplay", [el("ChapString", `chapter ${uid}`)]),
      ...more,
    ]);
  chapters.content = [
    el("EditionEntry", [el("EditionUID", 1), atom(1, 0)]),
    el("EditionEntry", [
      ...[el("EditionUID", 2), el("EditionFlagDefault", 1), el("EditionFlagOrdered", 1)],
      atom(2, 0, atom(3, 200_000_000), atom(4, 300_000_000, el("ChapterFlagHidden", 1))),
      atom(5, 500_000_000),
    ]),
  ];
  const { media } = await readAll(write(file));
  // The first sample is Opus, 6.5 ms before 0.
  assertEquals(media.metadata.markers, [
    { timestamp: 6_500, name: "chapter 2" },
    { timestamp: 206_500, name: "chapter 3" },
    { timestamp: 506_500, name: "chapter 5" },
  ]);
  assertEquals(media.warnings.slice(1), [
    "Its chapters say an order of their own: what is there comes as it is stored",
    "Chapters of 1 more edition are not carried over",
    "1 hidden chapters are not carried over",
  ]);
});

Deno.test("openMedia() gives tags of tracks to their streams, and names those of collections and chapters", async () => {
  const file = sampleFile();
  const tag = (targets: Node[], name: string, text: string) =>
    el("Tag", [el("Targets", targets), el("SimpleTag", [el("TagName", name), el("TagString", text)])]);
  find(file, "Segment", "Tags").content = [
    tag([el("TagTrackUID", 22)], "COMPOSER", "Bach"),
    tag([el("TagTrackUID", 22)], "BPS", "64000"),
    tag([el("TargetTypeValue", 70)], "TITLE", "All of it"),
    tag([el("TagChapterUID", 71)], "TITLE", "A chapter"),
  ];
  const { media } = await readAll(write(file));
  assertEquals(media.metadata.records, [{ name: "WM/Composer", value: "Bach", streamNumber: 2 }]);
  assertEquals(media.warnings.slice(0, 2), [
    "Tags of a collection are not carried over: TITLE",
    "Tags of a chapter are not carried over: TITLE",
  ]);
});

Deno.test("openMedia() names encrypted and oddly compressed tracks", async () => {
  const cases: [Node[], string][] = [
    [[el("ContentEncodingType", 1), el("ContentEncryption", [el("ContentEncAlgo", 5)])], "it is encrypted"],
    [[el("ContentCompression", [el("ContentCompAlgo", 2)])], "it is compressed in a way that is not read here (LZO)"],
  ];
  for (const [encoding, reason] of cases) {
    const file = sampleFile();
    const audio = inside(find(file, "Segment", "Tracks"))[1]!;
    inside(audio).push(el("ContentEncodings", [el("ContentEncoding", encoding)]));
    const { media, samples } = await readAll(write(file));
    assertEquals(media.skipped, [{ index: 1, reason }]);
    assertEquals(samples.length, 9);
  }
});

Deno.test("openMedia() says what of a compressed track is damaged", async () => {
  const file = sampleFile();
  const video = inside(find(file, "Segment", "Tracks"))[0]!;
  inside(video).push(
    el("ContentEncodings", [el("ContentEncoding", [el("ContentCompression", [el("ContentCompAlgo", 0)])])]),
  );
  const { samples, error } = await readAll(write(file));
  assertEquals(samples.every(({ streamNumber }) => streamNumber === 1), true);
  assertEquals(samples.length > 0, true);
  assertMatch((error as MuxError).message, /: 9 of its compressed frames are damaged$/);
});
