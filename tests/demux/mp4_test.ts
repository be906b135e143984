import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { find, patch } from "../inspect/mp4/boxes.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { difference, ffprobeLines, inChunks, lineOf, makeMedia, readAll } from "./support.ts";

const PICTURE = ["-f", "lavfi", "-t", "2", "-i", "testsrc2=size=96x80:rate=25"];
const SOUND = ["-f", "lavfi", "-t", "2", "-i", "sine=sample_rate=48000"];
const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2"];
const BOTH = [...PICTURE, ...SOUND, ...H264, "-c:a", "aac"];

/** Ways to lay the same media out, and codecs of all kinds. */
const MADE: Readonly<Record<string, string[]>> = {
  "faststart.mp4": [...BOTH, "-movflags", "faststart"],
  "offsets_negative.mp4": [...BOTH, "-movflags", "negative_cts_offsets"],
  "no_edits.mp4": [...BOTH, "-use_editlist", "0"],
  "fragment_a_key.mp4": [...BOTH, "-movflags", "frag_keyframe+empty_moov"],
  "fragments_from_moof.mp4": [...BOTH, "-movflags", "frag_keyframe+empty_moov+default_base_moof"],
  "fragments_apart.mp4": [...BOTH, "-movflags", "frag_keyframe+separate_moof"],
  "fragments_behind.mp4": [...BOTH, "-movflags", "frag_keyframe"],
  "fragments_short.mp4": [...BOTH, "-movflags", "empty_moov", "-frag_duration", "100000"],
  "dash.mp4": [...BOTH, "-movflags", "dash+frag_keyframe+global_sidx"],
  "hevc.mp4": [...PICTURE, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=0"],
  "mpeg4.mp4": [...PICTURE, "-c:v", "mpeg4", "-bf", "2"],
  "mpeg2.mov": [...PICTURE, "-c:v", "mpeg2video", "-bf", "2"],
  "mjpeg.mov": [...PICTURE, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
  "vp9.mp4": [...PICTURE, "-c:v", "libvpx-vp9", "-cpu-used", "8"],
  "flac.mp4": [...SOUND, "-c:a", "flac", "-strict", "-2"],
  "opus.mp4": [...SOUND, "-c:a", "libopus"],
  "mp3.mp4": [...SOUND, "-c:a", "libmp3lame"],
  "vorbis.mp4": [...SOUND, "-ac", "2", "-c:a", "libvorbis", "-strict", "-2"],
  "aac.mov": [...SOUND, "-c:a", "aac"],
};

for (const [name, args] of Object.entries(MADE)) {
  readerTest(`openMedia() finds in ${name} what ffprobe finds, as a file, a blob and a stream`, ["ffmpeg"], () => {
    return withTempDir(async (folder) => {
      const path = await makeMedia(`${folder}/${name}`, ...args);
      const bytes = await Deno.readFile(path);
      const expected = await ffprobeLines(path);
      for (const source of [path, bytes, new Blob([bytes]), inChunks(bytes, 3001)]) {
        const { media, samples, error } = await readAll(source);
        assertEquals([error, media.warnings, media.skipped], [undefined, [], []]);
        for (const [i, { streamNumber }] of media.streams.entries()) {
          const actual = samples.filter((sample) => sample.streamNumber === streamNumber).map(lineOf);
          assertEquals(difference(actual, expected[i]!), "", `stream ${streamNumber}`);
        }
      }
    });
  });
}

/** PCM as QuickTime has it, as FFmpeg decodes it. */
for (const codec of ["s16be", "s24le", "s24be", "s32be", "f32be", "f64le", "u8", "s8"]) {
  readerTest(`openMedia() gives PCM of QuickTime (${codec}) as WAVE has it`, ["ffmpeg"], () => {
    return withTempDir(async (folder) => {
      const path = await makeMedia(`${folder}/a.mov`, ...SOUND, "-ac", "2", "-c:a", `pcm_${codec}`);
      const plain = codec === "s8" ? "u8" : codec.replace("be", "le");
      const { stdout } = await new Deno.Command("ffmpeg", {
        args: ["-v", "error", "-i", path, "-c:a", `pcm_${plain}`, "-f", plain, "-"],
      }).output();
      const { media, samples } = await readAll(path);
      const [stream] = media.streams;
      assertEquals(stream?.codec, `pcm-${plain.replace("le", "")}`);
      assertEquals(await new Blob(samples.map(({ data }) => data.slice())).bytes(), stdout);
    });
  });
}

/** Two parts of two seconds, with two seconds between them that are cut out. */
function withTwoEdits(bytes: Uint8Array): Uint8Array {
  let cut = bytes;
  for (const [index, ticks] of [12_800, 44_100].entries()) {
    const path = `moov/trak[${index}]/edts/elst`;
    const { start, body, end } = find(cut, path);
    const first = new DataView(cut.buffer).getInt32(body + 12);
    const grown = new Uint8Array(cut.byteLength + 12);
    grown.set(cut.subarray(0, end));
    grown.set(cut.subarray(end), end + 12);
    const view = new DataView(grown.buffer);
    view.setUint32(start, end - start + 12);
    for (const parent of ["moov", `moov/trak[${index}]`, `moov/trak[${index}]/edts`]) {
      const at = find(cut, parent).start;
      view.setUint32(at, view.getUint32(at) + 12);
    }
    view.setUint32(body + 4, 2);
    [2000, first, 65536, 2000, first + 4 * ticks, 65536].forEach((value, i) => view.setInt32(body + 8 + 4 * i, value));
    cut = grown;
  }
  return cut;
}

readerTest("openMedia() follows every edit: what was cut out stays out", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const six = ["-f", "lavfi", "-i", "testsrc2=size=96x80:rate=25:d=6", "-f", "lavfi", "-i", "sine=d=6"];
    const path = await makeMedia(`${folder}/a.mp4`, ...six, ...H264, "-c:a", "aac");
    const bytes = await Deno.readFile(path);
    const { samples: all } = await readAll(bytes);
    const { samples, error, media } = await readAll(withTwoEdits(bytes));
    assertEquals([error, media.warnings, media.duration! - 4_000_000 <= 1000], [undefined, [], true]);
    const pictures = samples.filter(({ streamNumber }) => streamNumber === 1);
    // All 100 pictures, each a whole picture after the one before.
    const times = pictures.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
    assertEquals(times, Array.from({ length: 100 }, (_, i) => i * 40_000));
    const kept = all.filter(({ streamNumber, timestamp }) =>
      streamNumber === 1 && (timestamp < 2_000_000 || timestamp >= 4_000_000)
    );
    assertEquals(pictures.map(({ data }) => data), kept.map(({ data }) => data));
    // Sound goes on without a gap or an overlap of more than half a frame.
    const sound = samples.filter(({ streamNumber }) => streamNumber === 2);
    assert(Math.abs(sound.at(-1)!.timestamp + 23_220 - 4_000_000) < 23_220);
    for (let i = 1; i < sound.length; i++) {
      assert(Math.abs(sound[i]!.timestamp - sound[i - 1]!.timestamp - 23_220) <= 11_611, `sample ${i}`);
    }
  });
});

readerTest("openMedia() ends where a single edit ends, and begins at its key frame", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const four = ["-f", "lavfi", "-i", "testsrc2=size=96x80:rate=25:d=4", "-f", "lavfi", "-i", "sine=d=4:r=48000"];
    const path = await makeMedia(`${folder}/a.mp4`, ...four, ...H264, "-c:a", "aac");
    let bytes: Uint8Array = await Deno.readFile(path);
    for (const [index, second] of [12_800, 48_000].entries()) {
      bytes = patch(bytes, `moov/trak[${index}]/edts/elst`, 8, 2000);
      bytes = patch(bytes, `moov/trak[${index}]/edts/elst`, 12, (start) => start + second);
    }
    const { samples, media } = await readAll(bytes);
    assertEquals(Math.round(media.duration! / 1000), 2000);
    const times = samples.filter(({ streamNumber }) => streamNumber === 1).map(({ timestamp }) => timestamp);
    assertEquals([Math.min(...times), Math.max(...times), times.length], [0, 1_960_000, 50]);
    const heard = samples.filter(({ streamNumber }) => streamNumber === 2).map(({ timestamp }) => timestamp);
    assert(heard[0]! > -22_000 && heard[0]! <= 0 && heard.at(-1)! < 2_000_000, `${heard[0]} to ${heard.at(-1)}`);
  });
});

readerTest("openMedia() reads chapters of both kinds, the track's name and the date", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const chapters = `${folder}/c.txt`;
    const part = (start: number, title: string) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${start + 1000}\ntitle=${title}\n`;
    await Deno.writeTextFile(chapters, `;FFMETADATA1\n${part(0, "One")}${part(1000, "Zwei – ü")}`);
    const path = await makeMedia(
      `${folder}/a.mp4`,
      ...[...PICTURE, ...SOUND, "-i", chapters, "-map", "0", "-map", "1", "-map_metadata", "2", ...H264, "-c:a", "aac"],
      ...["-metadata", "creation_time=2009-08-07T06:05:04Z", "-metadata:s:a", "handler_name=Commentary"],
    );
    const bytes = await Deno.readFile(path);
    const markers = [{ timestamp: 0, name: "One" }, { timestamp: 1_000_000, name: "Zwei – ü" }];
    const { media } = await readAll(bytes);
    assertEquals(media.metadata.markers, markers);
    assertEquals(media.metadata.encodingTime, new Date("2009-08-07T06:05:04Z"));
    assertEquals(media.streams[1]?.names, [{ name: "Commentary" }]);
    assertEquals([media.skipped, media.warnings], [[], []]);
    // Without the track of text, Nero's list is what there is.
    const { start } = find(bytes, "moov/trak/tref");
    const nero = bytes.slice();
    nero.set(new TextEncoder().encode("free"), start + 4);
    const { metadata } = (await readAll(nero)).media;
    assertEquals(metadata.markers, markers);
  });
});

readerTest("openMedia() names subtitles and time code as what is left out", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/s.srt`, "1\n00:00:00,200 --> 00:00:00,900\nHello\n");
    const maps = ["-i", `${folder}/s.srt`, "-map", "0", "-map", "1", "-map", "2"];
    const text = await makeMedia(
      `${folder}/a.mp4`,
      ...[...PICTURE, ...SOUND, ...maps, ...H264, "-c:a", "aac", "-c:s", "mov_text"],
    );
    assertEquals((await readAll(text)).media.skipped, [{ index: 2, reason: "it is subtitles (tx3g)" }]);
    const code = await makeMedia(`${folder}/b.mov`, ...BOTH, "-timecode", "01:00:00:00");
    assertEquals((await readAll(code)).media.skipped, [{ index: 2, reason: "it is time code (tmcd)" }]);
  });
});

readerTest("openMedia() says what is encrypted, and how", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const key = [
      "-encryption_scheme",
      "cenc-aes-ctr",
      "-encryption_key",
      "0".repeat(32),
      "-encryption_kid",
      "1".repeat(32),
    ];
    const path = await makeMedia(`${folder}/a.mp4`, ...BOTH, ...key);
    const error = await openMedia(path).then(() => undefined, (error) => error);
    assertEquals(error.code, "unsupported");
    assertStringIncludes(error.message, "stream 1: it is encrypted (cenc); stream 2: it is encrypted (cenc)");
  });
});

readerTest("openMedia() carries the parameter sets of a second sample entry in its samples", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const one = await makeMedia(`${folder}/1.mp4`, ...PICTURE, ...H264);
    const two = await makeMedia(
      `${folder}/2.mp4`,
      ...PICTURE,
      ...H264,
      "-refs",
      "1",
      "-coder",
      "0",
      "-profile:v",
      "main",
    );
    const joined = joinedMovie(await Deno.readFile(one), await Deno.readFile(two));
    await Deno.writeFile(`${folder}/j.mp4`, joined);
    const { media, samples, error } = await readAll(joined);
    assertEquals([error, media.warnings, samples.length], [undefined, [], 100]);
    const { body, end } = find(joined, "moov/trak/mdia/minf/stbl/stsd/avc1[1]/avcC");
    const record = joined.subarray(body, end);
    const setBytes = record[6]! << 8 | record[7]!;
    const set = record.subarray(8, 8 + setBytes);
    const later = samples.filter(({ type }) => type === "key").slice(2);
    assertEquals(later.map(({ data }) => data.subarray(4, 4 + setBytes)), later.map(() => set));
    // FFmpeg decodes every picture of the copy.
    await runOk("deno", [
      ...[
        "run",
        "-q",
        "-A",
        "--config",
        "deno.json",
        "src/cli/mod.ts",
        "mux",
        `${folder}/j.mp4`,
        "-o",
        `${folder}/o.wmv`,
      ],
    ]);
    const { stdout, stderr } = await runOk("ffmpeg", [
      ...["-v", "error", "-i", `${folder}/o.wmv`, "-vsync", "passthrough", "-f", "framemd5", "-"],
    ]);
    assertEquals([stdout.split("\n").filter((line) => /^0,/.test(line)).length, stderr], [100, ""]);
  });
});

/** Both movies' media behind each other, one track of two entries, its tables made anew. */
function joinedMovie(one: Uint8Array, two: Uint8Array): Uint8Array {
  const stbl = "moov/trak/mdia/minf/stbl";
  const at = (bytes: Uint8Array, type: string) => find(bytes, `${stbl}/${type}`);
  const entry = (bytes: Uint8Array) =>
    bytes.slice(find(bytes, `${stbl}/stsd`).body + 8, find(bytes, `${stbl}/stsd`).end);
  const media = (bytes: Uint8Array) => bytes.slice(find(bytes, "mdat").body, find(bytes, "mdat").end);
  const numbers = (bytes: Uint8Array, type: string, from: number) => {
    const { body, end } = at(bytes, type);
    const view = new DataView(bytes.buffer, body, end - body);
    return Array.from({ length: (end - body - from) >> 2 }, (_, i) => view.getUint32(from + 4 * i));
  };
  const box = (type: string, ...parts: (Uint8Array | number[])[]) => {
    const bodies = parts.map((part) => part instanceof Uint8Array ? part : words(part));
    const size = 8 + bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const bytes = new Uint8Array(size);
    bytes.set([...words([size]), ...new TextEncoder().encode(type)]);
    let position = 8;
    for (const body of bodies) bytes.set(body, position), position += body.byteLength;
    return bytes;
  };
  const words = (values: number[]) => {
    const bytes = new Uint8Array(4 * values.length);
    values.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value));
    return bytes;
  };
  const [mediaOne, mediaTwo] = [media(one), media(two)];
  const front = one.slice(0, find(one, "mdat").body);
  const start = front.byteLength;
  const sizes = [...numbers(one, "stsz", 12), ...numbers(two, "stsz", 12)];
  const perSource = sizes.length / 2;
  const ctts = [...numbers(one, "ctts", 8), ...numbers(two, "ctts", 8)];
  const keys = [...numbers(one, "stss", 8), ...numbers(two, "stss", 8).map((number) => number + perSource)];
  const tables = box(
    "stbl",
    box("stsd", [0, 2], entry(one), entry(two)),
    box("stts", [0, 1, sizes.length, numbers(one, "stts", 8)[1]!]),
    box("ctts", [0, ctts.length / 2, ...ctts]),
    box("stss", [0, keys.length, ...keys]),
    box("stsc", [0, 2, 1, perSource, 1, 2, perSource, 2]),
    box("stsz", [0, 0, sizes.length, ...sizes]),
    box("stco", [0, 2, start, start + mediaOne.byteLength]),
  );
  const rebuild = (path: string): Uint8Array => {
    if (path === stbl) return tables;
    const type = path.slice(-4);
    const { body, end } = find(one, path);
    if (!stbl.startsWith(path)) return one.slice(body - 8, end);
    const inner: Uint8Array[] = [];
    const counts: Record<string, number> = {};
    for (let position = body; position < end;) {
      const view = new DataView(one.buffer, position);
      const child = String.fromCharCode(...one.subarray(position + 4, position + 8));
      const index = counts[child] = (counts[child] ?? -1) + 1;
      const isEdit = child === "edts";
      if (!isEdit) {
        inner.push(index === 0 ? rebuild(`${path}/${child}`) : one.slice(position, position + view.getUint32(0)));
      }
      position += view.getUint32(0);
    }
    return box(type, ...inner);
  };
  const whole = [front, mediaOne, mediaTwo, rebuild("moov")];
  const bytes = new Uint8Array(whole.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let position = 0;
  for (const part of whole) bytes.set(part, position), position += part.byteLength;
  new DataView(bytes.buffer).setUint32(find(one, "mdat").start, 8 + mediaOne.byteLength + mediaTwo.byteLength);
  return bytes;
}

Deno.test("openMedia() hands out samples of a pipe while it still comes", async () => {
  const whole = await Deno.readFile(fixture("clip.mp4"));
  let sent = 0;
  const pipe = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= whole.byteLength) return controller.close();
      controller.enqueue(whole.slice(sent, sent += 1000));
    },
  }, { highWaterMark: 0 });
  await using media = await openMedia(pipe);
  const ends: number[] = [];
  for await (const sample of media.samples) if (sample.data.byteLength > 0) ends.push(sent);
  assertEquals(ends.length, 342);
  assert(ends[100]! < whole.byteLength / 2, `${ends[100]} bytes were read for 100 samples`);
});
