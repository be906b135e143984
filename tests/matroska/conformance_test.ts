/** Matroska and WebM with every codec, before every reader. */

import { assertEquals } from "@std/assert";
import { matroska, type MatroskaOptions, webm } from "../../mod.ts";
import type { Container } from "../../src/container/container.ts";
import { validate } from "../../src/inspect/mod.ts";
import { type Check, judge, seekMisses, smoothInVlc } from "../support/conformance.ts";
import { type Format, type Row, rowChecks } from "../support/container_matrix.ts";
import { readerTest } from "../support/readers.ts";
import { decodeComplaints } from "../support/readers/ffmpeg.ts";
import { mediaconchComplaints, mkvtoolnixComplaints } from "../support/readers/matroska.ts";
import type { StreamFacts } from "../support/readers/stream_facts.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";

const audio = (codec: string, sampleRate: number, channels = 2): StreamFacts[] => [
  { kind: "audio", codec, sampleRate, channels },
];
const video = (codec: string, width = 160, height = 120): StreamFacts[] => [{ kind: "video", codec, width, height }];

const NAMES = { ffprobe: "matroska,webm", mediainfo: "Matroska" };
const MKV: Format = {
  create: matroska,
  extension: "mkv",
  names: NAMES,
  hasTimes: true,
  demuxer: "matroskademux",
  withoutMutagen: true,
};
const WEBM: Format = { ...MKV, create: webm, extension: "webm", names: { ...NAMES, mediainfo: "WebM" } };

const WEBM_ROWS: Row[] = [
  { input: "vp8.webm", durationMs: 3000, streams: video("vp8") },
  { input: "vp9.webm", durationMs: 3000, streams: video("vp9") },
  { input: "av1.webm", durationMs: 3000, streams: video("av1") },
  { input: "opus.webm", durationMs: 2008, streams: audio("opus", 48_000) },
  { input: "vorbis.webm", durationMs: 2000, streams: audio("vorbis", 44_100) },
];

/** Of what goes by its FourCC. */
const WITHOUT_TIMES = { "samples in GStreamer": "it gives samples a decode time alone" };

/** Of sound that has a delay, other than Opus. */
const WITH_DELAY = { "samples in GStreamer": "it takes off the delay of Opus alone" };

const MKV_ROWS: Row[] = [
  ...WEBM_ROWS,
  { input: "clip.mp4", durationMs: 5023, streams: [...video("h264"), ...audio("aac", 44_100)], failing: WITH_DELAY },
  { input: "h264_nob_mp3.mkv", durationMs: 5041, streams: [...video("h264"), ...audio("mp3", 44_100)] },
  {
    input: "two_videos.mp4",
    durationMs: 5023,
    streams: [...video("h264"), ...video("h264", 96, 80), ...audio("aac", 44_100)],
    failing: WITH_DELAY,
  },
  { input: "late_audio.mp4", durationMs: 5000, streams: [...video("h264"), ...audio("aac", 44_100)] },
  { input: "hevc.mkv", durationMs: 3000, streams: video("hevc") },
  { input: "mpeg4.mkv", durationMs: 3000, streams: video("mpeg4") },
  { input: "mpeg1.mkv", durationMs: 2000, streams: video("mpeg1video") },
  { input: "mpeg2.mkv", durationMs: 3000, streams: video("mpeg2video") },
  { input: "mjpeg.mkv", durationMs: 3000, streams: video("mjpeg", 96, 80) },
  { input: "msmpeg4.wmv", durationMs: 3000, streams: video("msmpeg4v3", 96, 80) },
  { input: "wmv1.wmv", durationMs: 3000, streams: video("wmv1", 96, 80), failing: WITHOUT_TIMES },
  {
    input: "wmv2_wma2.wmv",
    durationMs: 5045,
    streams: [...video("wmv2", 128, 96), ...audio("wmav2", 44_100)],
    failing: WITHOUT_TIMES,
  },
  { input: "tone.aac", durationMs: 4040, streams: audio("aac", 44_100) },
  { input: "tone.flac", durationMs: 1000, streams: audio("flac", 44_100) },
  { input: "ac3.mp4", durationMs: 2014, streams: audio("ac3", 44_100), failing: WITH_DELAY },
  { input: "eac3.mp4", durationMs: 2014, streams: audio("eac3", 44_100), failing: WITH_DELAY },
  { input: "mp2.wma", durationMs: 2011, streams: audio("mp2", 44_100) },
  { input: "wma1.wma", durationMs: 2042, streams: audio("wmav1", 44_100) },
  { input: "adpcm.wma", durationMs: 2000, streams: audio("adpcm_ms", 8000, 1) },
  { input: "tone.wav", durationMs: 2000, streams: audio("pcm_s16le", 16_000) },
  { input: "surround24.wav", durationMs: 1000, streams: audio("pcm_s24le", 4000, 6) },
  { input: "float.wav", durationMs: 1000, streams: audio("pcm_f32le", 8000, 1) },
  { input: "alaw.wav", durationMs: 2000, streams: audio("pcm_alaw", 8000, 1) },
];

for (const [name, format, rows] of [["Matroska", MKV, MKV_ROWS], ["WebM", WEBM, WEBM_ROWS]] as const) {
  readerTest(
    `${name}: every reader finds each codec, and every sample with its bytes and time`,
    ["ffmpeg"],
    async (t) => {
      await withTempDir(async (folder) => {
        await judge(t, (await Promise.all(rows.map((row) => rowChecks(folder, format, row)))).flat());
      });
    },
  );
}

/** Without what differs from run to run, in each form. */
const FORMS: Readonly<Record<string, { options?: MatroskaOptions; isLive?: boolean }>> = {
  final: {},
  front: { options: { cues: "front", clusterChecksums: true } },
  live: { isLive: true },
};

interface Written {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly form: string;
}

/** Every fixture that fits, as it comes, in every form. */
async function* writeAll(folder: string, create: (options?: MatroskaOptions) => Container): AsyncGenerator<Written> {
  const extension = create().extensions[0]!;
  for await (const { name } of Deno.readDir(fixture(""))) {
    if (name.endsWith(".md")) continue;
    const { streams, samples, metadata } = await readAll(fixture(name));
    const held = streams.filter((stream) => create().check([stream]).length === 0);
    if (held.length === 0) continue;
    const numbers = held.map(({ streamNumber }) => streamNumber);
    const taken = [...samples].filter(({ streamNumber }) => numbers.includes(streamNumber));
    for (const [form, { options, isLive = false }] of Object.entries(FORMS)) {
      const session = { container: create(options), streams: held, samples: taken, metadata };
      const bytes = await (isLive ? writeLive(session) : writeFinal(session));
      const path = `${folder}/${name}.${form}${extension}`;
      await Deno.writeFile(path, bytes);
      yield { path, bytes, form };
    }
  }
}

async function ownComplaints({ path, bytes }: Written): Promise<string[]> {
  const { issues } = await validate(bytes);
  return issues.filter(({ severity }) => severity !== "I").map(({ rule, message }) => `${path}: ${rule} ${message}`);
}

for (const create of [matroska, webm]) {
  const { name } = create();
  readerTest(
    `every fixture in ${name}, in every form, passes MediaConch, MKVToolNix and our own checker, and FFmpeg decodes it`,
    ["MediaConch", "MKVToolNix", "ffmpeg"],
    async () => {
      await withTempDir(async (folder) => {
        const files = await Array.fromAsync(writeAll(folder, create));
        assertEquals(await mediaconchComplaints(files.map(({ path }) => path)), []);
        for (const file of files) {
          assertEquals(await ownComplaints(file), []);
          if (file.form !== "front") assertEquals(await mkvtoolnixComplaints(file.path), [], file.path);
          if (file.form === "live") assertEquals(await decodeComplaints(file.path), [], file.path); // see above for others
        }
      });
    },
  );
}

for (const input of ["clip.mp4", "two_videos.mp4", "vfr.mp4", "vp9.webm"]) {
  readerTest(`FFmpeg seeks to every key frame of ${input} in Matroska`, ["ffmpeg"], async () => {
    await withTempDir(async (folder) => {
      for (const cues of ["back", "front"] as const) {
        const path = `${folder}/${cues}.mkv`;
        const session = { ...await readAll(fixture(input)), container: matroska({ cues }) };
        await Deno.writeFile(path, await writeFinal(session));
        assertEquals(await seekMisses(path, 0), []);
      }
    });
  });
}

readerTest("VLC plays what came out smoothly", ["VLC", "ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const checks: Check[] = [];
    for (const [input, create] of [["clip.mp4", matroska], ["vp9.webm", webm]] as const) {
      const path = `${folder}/${input}${create().extensions[0]}`;
      await Deno.writeFile(path, await writeFinal({ ...await readAll(fixture(input)), container: create() }));
      checks.push(...smoothInVlc(path));
    }
    await judge(t, checks);
  });
});
