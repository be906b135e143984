/** WAVE, ADTS, MP3 and MP4 with every codec they take, before every reader. */

import { ac3, adts, eac3, flac, mov, mp3, mp4, type Mp4Layout, threegp, wave } from "../../mod.ts";
import { judge } from "../support/conformance.ts";
import { type Format, type Row, rowChecks } from "../support/container_matrix.ts";
import { readerTest } from "../support/readers.ts";
import type { StreamFacts } from "../support/readers/stream_facts.ts";
import { withTempDir } from "../support/temp.ts";

const audio = (codec: string, sampleRate: number, channels = 2): StreamFacts[] => [
  { kind: "audio", codec, sampleRate, channels },
];
const video = (codec: string, width = 160, height = 120): StreamFacts[] => [{ kind: "video", codec, width, height }];

// ── WAVE ──

const WAVE: Format = {
  create: wave,
  extension: "wav",
  names: { ffprobe: "wav", mediainfo: "Wave", exiftool: "WAV" },
  isAudio: true,
};
const BY_BYTE_RATE = "it divides the data by the width of a sample, which compressed sound does not have";

const ODD = "its WAVE parser gives up where compressed data have an odd size";
const SEVERAL = "it hands several blocks at once to a decoder that takes one";

const WAVES: Row[] = [
  { input: "tone.wav", durationMs: 2000, streams: audio("pcm_s16le", 16_000) },
  { input: "tone.wav", encoder: ["-c:a", "pcm_u8"], durationMs: 2000, streams: audio("pcm_u8", 16_000) },
  { input: "stereo24.wav", durationMs: 1000, streams: audio("pcm_s24le", 8000) },
  { input: "surround24.wav", durationMs: 1000, streams: audio("pcm_s24le", 4000, 6) },
  { input: "float.wav", encoder: ["-c:a", "pcm_s32le"], durationMs: 1000, streams: audio("pcm_s32le", 8000, 1) },
  { input: "float.wav", durationMs: 1000, streams: audio("pcm_f32le", 8000, 1) },
  {
    input: "float.wav",
    encoder: ["-f", "f64le"],
    raw: "pcm-f64",
    durationMs: 1000,
    streams: audio("pcm_f64le", 8000, 1),
  },
  { input: "alaw.wav", durationMs: 2000, streams: audio("pcm_alaw", 8000, 1) },
  { input: "ulaw.wav", durationMs: 2000, streams: audio("pcm_mulaw", 8000, 1) },
  {
    input: "tone.mp3",
    durationMs: 4049,
    streams: audio("mp3", 44_100),
    unitMicroseconds: 1152e6 / 44_100,
    elements: ["wavparse", "!", "mpegaudioparse"],
    failing: { "mutagen": BY_BYTE_RATE },
  },
  {
    input: "h264_nob_mp3.mkv",
    durationMs: 5041,
    streams: audio("mp3", 44_100),
    unitMicroseconds: 1152e6 / 44_100,
    elements: ["wavparse", "!", "mpegaudioparse"],
    failing: { "mutagen": BY_BYTE_RATE, "gst-discoverer": ODD, "samples in GStreamer": ODD },
  },
  {
    input: "wmv2_wma2.wmv",
    durationMs: 5016,
    streams: audio("wmav2", 44_100),
    bytesPerSecond: 8000,
    failing: { "mutagen": BY_BYTE_RATE, "ffmpeg decode": SEVERAL },
  },
  {
    input: "wma2.wma",
    durationMs: 4039,
    streams: audio("wmav2", 44_100),
    bytesPerSecond: 8000,
    failing: { "mutagen": BY_BYTE_RATE, "ffmpeg decode": SEVERAL, "gst-discoverer": ODD, "samples in GStreamer": ODD },
  },
  {
    input: "ac3.mp4",
    durationMs: 2020,
    streams: audio("ac3", 44_100),
    unitMicroseconds: 1536e6 / 44_100,
    elements: ["wavparse", "!", "ac3parse"],
    failing: { "mutagen": BY_BYTE_RATE, "samples in GStreamer": "its parser keeps the last frames" },
  },
  {
    input: "tone.flac",
    durationMs: 1000,
    streams: audio("flac", 44_100),
    unitMicroseconds: 4608e6 / 44_100,
    failing: {
      "mutagen": BY_BYTE_RATE,
      "gst-discoverer": "it does not know FLAC in WAVE",
      "samples in GStreamer": "it does not know FLAC in WAVE",
    },
  },
];

// ── ADTS and MP3 ──

const ADTS: Format = {
  create: adts,
  extension: "aac",
  names: { ffprobe: "aac", mediainfo: "ADTS", exiftool: "AAC" },
  isAudio: true,
};
const AAC = { unitMicroseconds: 1024e6 / 44_100, elements: ["aacparse", "!", "audio/mpeg,stream-format=raw"] };

const ADTS_ROWS: Row[] = ["tone.aac", "clip.mp4"].map((input) => ({
  input,
  durationMs: input === "tone.aac" ? 4040 : 5023,
  streams: audio("aac", 44_100),
  ...AAC,
  failing: { "ExifTool": "it does not know ADTS" },
}));

const MP3: Format = {
  create: mp3,
  extension: "mp3",
  names: { ffprobe: "mp3", mediainfo: "MPEG Audio", exiftool: "MP3" },
  isAudio: true,
};
const MP3_ROWS: Row[] = ["tone.mp3", "h264_nob_mp3.mkv"].map((input) => ({
  input,
  durationMs: input === "tone.mp3" ? 4049 : 5041,
  streams: audio("mp3", 44_100),
  unitMicroseconds: 1152e6 / 44_100,
  elements: ["id3demux", "!", "mpegaudioparse"],
}));

// ── FLAC, AC-3, E-AC-3 ──

const FLAC: Format = {
  create: flac,
  extension: "flac",
  names: { ffprobe: "flac", mediainfo: "FLAC", exiftool: "FLAC" },
  isAudio: true,
};
const FLAC_ROWS: Row[] = [
  { input: "tone.flac", durationMs: 1000, streams: audio("flac", 44_100), unitMicroseconds: 4608e6 / 44_100 },
];
const AC3: Format = { create: ac3, extension: "ac3", names: { ffprobe: "ac3", mediainfo: "AC-3" }, isAudio: true };
const EAC3: Format = {
  create: eac3,
  extension: "eac3",
  names: { ffprobe: "eac3", mediainfo: "E-AC-3" },
  isAudio: true,
};
const ac3Row = (input: string, codec: string): Row => ({
  input,
  durationMs: 2020,
  streams: audio(codec, 44_100),
  unitMicroseconds: 1536e6 / 44_100,
  elements: ["ac3parse"],
});

// ── MP4 ──

const MP4_NAMES = { ffprobe: "mov,mp4,m4a,3gp,3g2,mj2", mediainfo: "MPEG-4" };
/** Plain ones have their tables in front. */
const mp4In = (layout: Mp4Layout): Format => ({
  create: () => mp4({ layout, moov: layout === "plain" ? { durationMs: 6000 } : "end" }),
  extension: "mp4",
  names: { ...MP4_NAMES, exiftool: "MP4" },
  hasTimes: true,
});
const m4aIn = (layout: Mp4Layout): Format => ({
  ...mp4In(layout),
  extension: "m4a",
  names: { ...MP4_NAMES, exiftool: "M4A" },
});
const PICTURES_ALONE = { "mutagen": "it looks for sound alone" };

/** What readers that cannot be expected to answer are excused for where the samples are in fragments. */
interface Mp4Row extends Row {
  inFragments?: Row["failing"];
}

const MP4_ROWS: Mp4Row[] = [
  { input: "clip.mp4", durationMs: 5023, streams: [...video("h264"), ...audio("aac", 44_100)] },
  { input: "h264_nob_mp3.mkv", durationMs: 5041, streams: [...video("h264"), ...audio("mp3", 44_100)] },
  {
    input: "two_videos.mp4",
    durationMs: 5023,
    streams: [...video("h264"), ...video("h264", 96, 80), ...audio("aac", 44_100)],
  },
  {
    input: "late_audio.mp4",
    durationMs: 5000,
    soundMs: 3023,
    streams: [...video("h264"), ...audio("aac", 44_100)],
    peer: "Mediabunny",
    inFragments: { "ffprobe": "it adds the beginning of a fragmented track to its end" },
  },
  // Its decode times reach beyond: they are as late as the most that can be reordered.
  { input: "vfr.mp4", durationMs: 4508, streams: video("h264"), failing: PICTURES_ALONE },
  { input: "hevc.mkv", durationMs: 3000, streams: video("hevc"), failing: PICTURES_ALONE },
  { input: "vp9.webm", durationMs: 3000, streams: video("vp9"), failing: PICTURES_ALONE },
  { input: "av1.webm", durationMs: 3000, streams: video("av1"), failing: PICTURES_ALONE },
];
/** What is not usual in MP4. */
const RARE_ROWS: Row[] = [
  { input: "vp8.webm", durationMs: 3000, streams: video("vp8") },
  { input: "mpeg4.mkv", durationMs: 3000, streams: video("mpeg4") },
  { input: "mpeg2.mkv", durationMs: 3000, streams: video("mpeg2video") },
  { input: "mpeg1.mkv", durationMs: 2000, streams: video("mpeg1video") },
  { input: "mjpeg.mkv", durationMs: 3000, streams: video("mjpeg", 96, 80) },
];

const QUICKTIME: Format = {
  create: mov,
  extension: "mov",
  names: { ffprobe: MP4_NAMES.ffprobe, mediainfo: "MPEG-4", exiftool: "MOV" },
  hasTimes: true,
  withoutMutagen: true,
};
const THREEGP: Format = { ...QUICKTIME, create: threegp, extension: "3gp", names: { ...MP4_NAMES, exiftool: "3GP" } };

const M4A_ROWS: Row[] = [
  { input: "tone.aac", durationMs: 4040, streams: audio("aac", 44_100) },
  { input: "tone.mp3", durationMs: 4049, streams: audio("mp3", 44_100) },
  { input: "opus.webm", durationMs: 2021, streams: audio("opus", 48_000) },
  { input: "tone.flac", durationMs: 1000, streams: audio("flac", 44_100) },
  { input: "ac3.mp4", durationMs: 2020, streams: audio("ac3", 44_100) },
  { input: "eac3.mp4", durationMs: 2014, streams: audio("eac3", 44_100) },
];

const CASES: [name: string, format: Format, rows: Row[]][] = [
  ["WAVE", WAVE, WAVES.map((row) => ({ elements: ["wavparse"], ...row }))],
  ["ADTS", ADTS, ADTS_ROWS],
  ["MP3", MP3, MP3_ROWS],
  ["FLAC", FLAC, FLAC_ROWS.map((row) => ({ elements: ["flacparse"], ...row }))],
  ["AC-3", AC3, [ac3Row("ac3.mp4", "ac3")]],
  ["E-AC-3", EAC3, [ac3Row("eac3.mp4", "eac3")]],
  ["MP4", mp4In("crash-safe"), MP4_ROWS],
  ["MP4, sound alone", m4aIn("crash-safe"), M4A_ROWS],
  ["MP4 with what is rare", { ...mp4In("crash-safe"), withoutMutagen: true }, RARE_ROWS],
  ["QuickTime", QUICKTIME, [...MP4_ROWS, ...RARE_ROWS].map((row) => ({ ...row, failing: {} }))],
  ["3GP", THREEGP, [{ ...MP4_ROWS[0]!, failing: {} }, RARE_ROWS[1]!]],
  ["plain MP4", mp4In("plain"), MP4_ROWS],
  ["plain MP4, sound alone", m4aIn("plain"), M4A_ROWS],
  [
    "fragmented MP4",
    mp4In("fragmented"),
    MP4_ROWS.map((row) => ({ ...row, failing: { ...row.failing, ...row.inFragments } })),
  ],
  ["fragmented MP4, sound alone", m4aIn("fragmented"), M4A_ROWS],
];

for (const [name, format, rows] of CASES) {
  // All of a format in one test, so that the readers run side by side.
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
