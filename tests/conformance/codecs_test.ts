/** Each codec before every reader that knows it, and what each reader does not know. */

import { assertEquals } from "@std/assert";
import { asf, fileSink, type StreamConfig, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import {
  acceptedByAll,
  type Check,
  decodedInVlc,
  judge,
  presentationMs,
  sameSamples,
  seekLands,
  smoothInVlc,
} from "../support/conformance.ts";
import { unknownTo } from "../support/codec_gaps.ts";
import { ffmpegSource } from "../support/ffmpeg_source.ts";
import { type ReaderName, readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

interface Case {
  input: string;
  /** Its row in the README's table. */
  row: string;
  kind: StreamKind;
  /** FourCC or format tag that must be in the file. */
  stored: string;
  /** Has B-frames: VLC must show each picture in time. */
  reorders?: boolean;
  /** Checks left out, where the reader is at fault. */
  faults?: string[];
  /** How far seeking may be off beside the index's interval, ms. */
  packetMs?: number;
  /** Not read by our demux: written through the library, with this codec string. */
  codec?: string;
}

const CASES: Case[] = [
  {
    input: "hevc.mkv",
    row: "HEVC as `H265`",
    kind: "video",
    stored: "H265",
    reorders: true,
  },
  { input: "vp8.webm", row: "VP8", kind: "video", stored: "VP80" },
  { input: "vp9.webm", row: "VP9", kind: "video", stored: "VP90" },
  { input: "av1.webm", row: "AV1", kind: "video", stored: "AV01" },
  // VLC is late with the last picture, in AVI too: it has B-frames, and VLC knows their decode times alone.
  { input: "mpeg4.mkv", row: "MPEG-4 part 2", kind: "video", stored: "M4S2", codec: "mp4v.20.245" },
  { input: "mpeg2.mkv", row: "MPEG-2", kind: "video", stored: "MPG2", codec: "mp4v.61", reorders: true },
  { input: "mpeg1.mkv", row: "MPEG-1", kind: "video", stored: "mpg1", codec: "mp4v.6A", reorders: true },
  { input: "wmv1.wmv", row: "Windows Media Video 7", kind: "video", stored: "WMV1" },
  { input: "msmpeg4.wmv", row: "Microsoft MPEG-4 version 3", kind: "video", stored: "MP43" },
  { input: "mjpeg.mkv", row: "Motion JPEG", kind: "video", stored: "MJPG", codec: "mjpeg", packetMs: 300 },
  { input: "wma1.wma", row: "Windows Media Audio 1", kind: "audio", stored: "160" },
  { input: "mp2.wma", row: "MPEG audio layer II", kind: "audio", stored: "50" },
  { input: "adpcm.wma", row: "Microsoft ADPCM", kind: "audio", stored: "2" },
  { input: "ac3.mp4", row: "AC-3", kind: "audio", stored: "2000" },
  { input: "eac3.mp4", row: "E-AC-3", kind: "audio", stored: "2000" },
  // FFmpeg's parser of FLAC holds ten frames back, and gives several of them one time.
  {
    input: "tone.flac",
    row: "FLAC",
    kind: "audio",
    stored: "F1AC",
    faults: ["ffmpeg decode"],
  },
  { input: "opus.webm", row: "Opus", kind: "audio", stored: "704F" },
  { input: "vorbis.webm", row: "Vorbis", kind: "audio", stored: "566F" },
  { input: "surround24.wav", row: "PCM of more than two channels", kind: "audio", stored: "FFFE" },
  { input: "stereo24.wav", row: "24-bit and floating point PCM", kind: "audio", stored: "1" },
  { input: "float.wav", row: "24-bit and floating point PCM", kind: "audio", stored: "3" },
  { input: "alaw.wav", row: "A-law, µ-law", kind: "audio", stored: "6" },
  { input: "ulaw.wav", row: "A-law, µ-law", kind: "audio", stored: "7" },
];

const INDEX_INTERVAL_MS = 200; // the default

/** Everything in a file of ours, through our own reader of ASF into another. */
async function copyOnce(path: string): Promise<string[]> {
  const output = `${path}.copy.asf`;
  await using media = await openMedia(path);
  await using writer = new Writer({ container: asf(), sinks: [fileSink(output)], streams: media.streams });
  await writer.beginWriting();
  for await (const sample of media.samples) await writer.writeSample(1, sample);
  await writer.endWriting();
  const [before, after] = [await ffprobe(path), await ffprobe(output)];
  assertEquals(after.streams, before.streams);
  assertEquals(after.packets.map(({ hash }) => hash), before.packets.map(({ hash }) => hash));
  return [];
}

async function mux({ input, codec }: Case, output: string): Promise<void> {
  await using media = codec === undefined ? await openMedia(fixture(input)) : undefined;
  const samples = media?.samples ?? await taken(input);
  const streams = media?.streams ?? [{ kind: "video", codec: codec!, ...await descriptionOf(input) } as StreamConfig];
  await using writer = new Writer({ container: asf(), sinks: [fileSink(output)], streams });
  await writer.beginWriting();
  for await (const sample of samples) await writer.writeSample(1, sample);
  await writer.endWriting();
}

async function taken(input: string) {
  return (await ffmpegSource(fixture(input))).samples;
}

async function descriptionOf(input: string): Promise<Pick<StreamConfig, "description">> {
  const { description } = await ffmpegSource(fixture(input));
  return description.byteLength > 0 ? { description } : {};
}

/** What every reader that knows the codec is asked. */
async function checksOf(one: Case, output: string): Promise<Check[]> {
  const { input, kind, stored, reorders, faults = [], packetMs = 0 } = one;
  const gaps = unknownTo(input);
  const source = fixture(input);
  const checks = [
    ...acceptedByAll(output, { kinds: [kind], durationMs: await presentationMs(source) }, gaps),
    ...sameSamples(source, output, gaps),
    // Key frames that share a packet cannot be told apart.
    ...(kind === "video" ? seekLands(output, INDEX_INTERVAL_MS + packetMs) : []),
    ...(gaps.includes("VLC") ? [] : decodedInVlc(output, [kind])),
    ...(reorders ? smoothInVlc(output) : []),
    { name: "copied from ASF", readers: ["ffmpeg"], complaints: () => copyOnce(output) } as Check,
    { name: "name in the file", readers: ["MediaInfo"], complaints: () => storedAs(output, kind, stored) } as Check,
  ];
  return checks.filter(({ name }) => !faults.includes(name)).map((check) => ({
    ...check,
    name: `${input}: ${check.name}`,
  }));
}

// All of them in one test, so that the readers run side by side.
readerTest("every codec is carried to every reader that knows it", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const checks = await Promise.all(CASES.map(async (one) => {
      const output = `${folder}/${one.input}.asf`;
      await mux(one, output);
      return await checksOf(one, output);
    }));
    await judge(t, checks.flat());
  });
});

async function storedAs(path: string, kind: StreamKind, stored: string): Promise<string[]> {
  const track = kind === "video" ? "Video" : "Audio";
  const { stdout } = await runOk("mediainfo", [`--Output=${track};%CodecID%`, path]);
  assertEquals(stdout.trim(), stored);
  return [];
}

Deno.test("the README says of each codec which readers know it", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const readers: ReaderName[] = ["ffmpeg", "GStreamer", "VLC", "MPlayer"];
  for (const { row, input } of CASES) {
    const cells = readme.split("\n").filter((line) => line.startsWith(`| ${row} `)).map((line) =>
      line.split("|").slice(2, -1).map((cell) => cell.trim().split(" ")[0])
    );
    const found = cells.filter((line) => line.length === readers.length + 1).map((line) => line.slice(0, -1));
    const gaps = unknownTo(input);
    assertEquals(found, [readers.map((reader) => gaps.includes(reader) ? "[–][codecs]" : "[yes][codecs]")], row);
  }
});
