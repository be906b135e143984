/** Codecs × packet sizes × options: every file is accepted by every reader, and by our validator, without a warning. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import {
  asf,
  type AsfOptions,
  type DataStream,
  fileSink,
  type Metadata,
  type SampleLike,
  scriptSample,
  type SinkLike,
  type StreamConfig,
  type StreamSample,
  Writer,
} from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { acceptedByAll, type Check, presentationMs } from "../support/conformance.ts";
import { unknownTo } from "../support/codec_gaps.ts";
import { ffmpegSource } from "../support/ffmpeg_source.ts";
import { METADATA, PICTURE } from "../support/metadata_items.ts";
import { type ReaderName, readerTest, requireReaders, skipWithout } from "../support/readers.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";

/** One file. */
interface Case {
  input: string;
  options: AsfOptions;
  /** What is different about the streams. */
  streams?: Partial<StreamConfig>;
  metadata?: Metadata;
  /** Every stream is there again, as another choice. */
  isTwice?: boolean;
  /** A sample a second. */
  extra?: DataStream;
  isLive?: boolean;
  /** Readers that are not asked, beside those that do not know the codec. */
  skipped?: ReaderName[];
}

const MARKERS: Metadata = {
  markers: [0, 1, 2].map((second) => ({ timestamp: second * 1_000_000, name: `At ${second} s` })),
};
const COMMANDS: Metadata = {
  scripts: [1, 2].map((second) => ({ timestamp: second * 1_000_000, type: "TEXT", text: `${second}` })),
};
const LARGE: Metadata = {
  title: "x".repeat(30_000),
  pictures: [{ data: new Uint8Array(100_000).fill(7), mimeType: "image/png" }],
  attributes: { "Own/Text": "y".repeat(32_000), "Own/Bytes": new Uint8Array(60_000) },
};
const BRANDING = { banner: { data: PICTURE, mimeType: "image/gif" }, bannerUrl: "http://example.org/" } as const;
const SCRIPT: DataStream = { kind: "script" };
const PICTURES: DataStream = { kind: "image", codedWidth: 160, codedHeight: 120 };

// Mutagen takes every stream for sound, MPlayer and GStreamer pass over those they do not know.
const CASES: Case[] = [
  // The codecs with B-frames and without, over packet sizes from end to end.
  ...[150, 400, 1000, 1450, 3200, 8000, 16_000, 65_535].map((packetBytes): Case => ({
    input: packetBytes % 2 === 0 ? "clip.mp4" : "h264_nob_mp3.mkv",
    options: { packetBytes },
  })),
  ...[100, 200, 700, 1400, 4096, 32_000, 65_535].map((packetBytes): Case => ({
    input: "wmv2_wma2.wmv",
    options: { packetBytes },
  })),
  ...[100, 500, 3200, 65_535].map((packetBytes): Case => ({ input: "wma2.wma", options: { packetBytes } })),
  // Each further codec.
  { input: "tone.mp3", options: { packetBytes: 1000 } },
  { input: "tone.aac", options: { packetBytes: 500 } },
  { input: "tone.wav", options: { packetBytes: 12_000 } },
  { input: "hevc.mkv", options: { packetBytes: 1400 } },
  { input: "vp8.webm", options: { packetBytes: 2000 } },
  { input: "vp9.webm", options: {} },
  { input: "av1.webm", options: { packetBytes: 1400 } },
  { input: "mpeg2.mkv", options: { packetBytes: 6000 } },
  { input: "mjpeg.mkv", options: { packetBytes: 1450 } },
  { input: "ac3.mp4", options: {} },
  { input: "eac3.mp4", options: { packetBytes: 900 } },
  { input: "opus.webm", options: {} },
  { input: "vorbis.webm", options: { packetBytes: 700 } },
  { input: "surround24.wav", options: { packetBytes: 20_000 } },
  { input: "alaw.wav", options: { packetBytes: 300 } },
  // Times.
  { input: "vfr.mp4", options: { prerollMs: 500, indexIntervalMs: 40 } },
  { input: "late_audio.mp4", options: { prerollMs: 10_000, indexIntervalMs: 3000 } },
  { input: "wma2.wma", options: { prerollMs: 0 } },
  // Indexes, payloads, room in the header.
  { input: "clip.mp4", options: { timeIndexMs: 100, headerReserveBytes: 0 } },
  { input: "wma2.wma", options: { timeIndexMs: 1000, compressedPayloads: false } },
  { input: "tone.mp3", options: { compressedPayloads: false, headerReserveBytes: 100_000 } },
  { input: "two_videos.mp4", options: { timeIndexMs: 250, packetBytes: 1400 } },
  // What the header says.
  { input: "wmv2_wma2.wmv", options: { packetBytes: 1400 }, metadata: METADATA },
  { input: "clip.mp4", options: {}, metadata: { ...MARKERS, ...COMMANDS } },
  { input: "tone.mp3", options: {}, metadata: { ...MARKERS, title: "Only a title" } },
  { input: "wma2.wma", options: {}, metadata: LARGE },
  { input: "clip.mp4", options: { branding: BRANDING }, streams: { language: "pt-BR" } },
  // How streams stand to each other.
  { input: "wma2.wma", options: { mutualExclusions: [{ by: "bitrate", streams: [1, 2] }] }, isTwice: true },
  {
    input: "two_videos.mp4",
    options: {
      mutualExclusions: [{ by: "language", groups: [[1], [2]] }],
      priorities: [{ streamNumber: 3, mandatory: true }, { streamNumber: 1 }],
      bandwidthSharing: [{ kind: "exclusive", streams: [1, 2], bitrate: 300_000, bufferMs: 3000 }],
    },
  },
  { input: "wmv2_wma2.wmv", options: { mutualExclusions: [{ by: "language", streams: [1, 2] }] } },
  // Streams of other kinds.
  { input: "wmv2_wma2.wmv", options: { timeIndexMs: 500 }, extra: SCRIPT, skipped: ["mutagen"] },
  { input: "clip.mp4", options: { packetBytes: 400 }, extra: SCRIPT, skipped: ["mutagen"] },
  { input: "wma2.wma", options: {}, extra: SCRIPT, skipped: ["mutagen"] },
  { input: "clip.mp4", options: {}, extra: PICTURES, skipped: ["mutagen"] },
  // What cannot be patched.
  { input: "clip.mp4", options: { packetBytes: 1450 }, isLive: true },
  { input: "wmv2_wma2.wmv", options: {}, metadata: COMMANDS, isLive: true },
  { input: "wma2.wma", options: { packetBytes: 700 }, isLive: true },
];

/** Our demux does not read these from Matroska. */
const CODECS: Readonly<Record<string, string>> = { "mpeg2.mkv": "mp4v.61", "mjpeg.mkv": "mjpeg" };

/** Complaints that a header without an end brings with it. */
const LIVE = /not seekable|always seekable|^lasts /;
/** Not asked about the live form: it supports no objects of unknown size. */
const LIVE_SKIPPED: ReaderName[] = ["ExifTool"];

/** What a fixture holds, read once. */
interface Source {
  streams: readonly StreamConfig[];
  samples: readonly StreamSample[];
  kinds: StreamKind[];
  durationMs: number;
}

async function read(input: string): Promise<Source> {
  const path = fixture(input);
  const codec = CODECS[input];
  let streams: readonly StreamConfig[];
  let samples: StreamSample[];
  if (codec !== undefined) {
    const source = await ffmpegSource(path);
    const description = source.description.byteLength > 0 ? source.description : undefined;
    [streams, samples] = [[{ kind: "video", codec, description }], source.samples];
  } else {
    await using media = await openMedia(path);
    streams = media.streams;
    samples = [];
    for await (const sample of media.samples) samples.push({ ...sample, data: sample.data.slice() });
  }
  const durationMs = await presentationMs(path);
  const rated = streams.map((stream, i) => stream.kind === "video" ? { ...stream, bitrate: rate(i + 1) } : stream);
  return { streams: rated, samples, kinds: streams.map(({ kind }) => kind as StreamKind), durationMs };

  /** Of video, at its peak: FFmpeg states what it aimed at, and the first half second is not like the rest. */
  function rate(number: number): number {
    const bytes = samples.reduce((sum, one) => one.streamNumber === number ? sum + one.data.byteLength : sum, 0);
    return 2 * 8000 * bytes / durationMs;
  }
}

function twice({ streams, samples, kinds, durationMs }: Source): Source {
  const shift = streams.length;
  const again = streams.map((stream) => ({ ...stream, streamNumber: stream.streamNumber! + shift }));
  return {
    streams: [...streams, ...again],
    samples: samples.flatMap((sample) => [sample, { ...sample, streamNumber: sample.streamNumber + shift }]),
    kinds: [...kinds, ...kinds],
    durationMs,
  };
}

/** What a stream of another kind has each second. */
function extraSample({ kind }: DataStream, second: number, picture: Uint8Array): SampleLike {
  const timestamp = second * 1_000_000;
  if (kind === "script") return scriptSample({ timestamp, type: "CAPTION", text: `Second ${second}` });
  return { data: picture, timestamp };
}

async function write(one: Case, { streams, samples }: Source, path: string, picture: Uint8Array): Promise<void> {
  const all = streams.map((stream) => ({ ...stream, ...one.streams }) as StreamConfig);
  if (one.extra) all.push({ ...one.extra, streamNumber: 100 });
  const sink: SinkLike = one.isLive ? liveFile(path) : fileSink(path);
  await using writer = new Writer({ container: asf(one.options), sinks: [sink], streams: all, metadata: one.metadata });
  await writer.beginWriting();
  let second = 0;
  for (const sample of samples) {
    await writer.writeSample(sample.streamNumber, sample);
    if (!one.extra || sample.timestamp < second * 1_000_000) continue;
    await writer.writeSample(100, extraSample(one.extra, second++, picture));
  }
  assertEquals((await writer.endWriting()).warnings, []);
}

/** A file that only takes what comes next. */
function liveFile(path: string): WritableStream<Uint8Array> {
  const file = Deno.openSync(path, { write: true, create: true });
  return new WritableStream({
    async write(bytes) {
      for (let at = 0; at < bytes.byteLength;) at += await file.write(bytes.subarray(at));
    },
    close: () => file.close(),
  });
}

function nameOf({ input, options, metadata, extra, isLive, isTwice, streams }: Case): string {
  const facts = [
    input,
    ...Object.entries(options).map(([name, value]) => typeof value === "object" ? name : `${name} ${value}`),
    ...Object.keys(metadata ?? {}).slice(0, 3),
    ...Object.keys(streams ?? {}),
    ...isTwice ? ["twice"] : [],
    ...extra ? [`a stream of kind ${extra.kind}`] : [],
    ...isLive ? ["live"] : [],
  ];
  return facts.join(", ");
}

function checksOf(one: Case, { kinds, durationMs }: Source, path: string): Check[] {
  const skipped = [...unknownTo(one.input), ...one.skipped ?? [], ...one.isLive ? LIVE_SKIPPED : []];
  const checks = acceptedByAll(path, { kinds, durationMs, title: one.metadata?.title }, skipped)
    .filter(({ name }) => name !== "our validator");
  const validator: Check = {
    name: "our validator",
    readers: [],
    complaints: async () => await flawsIn(await Deno.readFile(path)),
  };
  return [...checks, validator].map((check) => ({
    ...check,
    complaints: async () => (await check.complaints()).filter((line) => !one.isLive || !LIVE.test(line)),
  }));
}

readerTest("forty files and more: every reader accepts each without a warning", ["ffmpeg"], async (t) => {
  assertGreaterOrEqual(CASES.length, 40);
  assertEquals(new Set(CASES.map(nameOf)).size, CASES.length, "no two are the same");
  await withTempDir(async (folder) => {
    const picture = (await ffmpegSource(fixture("mjpeg.mkv"))).samples[0]!.data;
    const sources = new Map<string, Source>();
    const results: string[][] = CASES.map(() => []);
    let next = 0;
    // A few at a time: their readers run side by side.
    const work = async () => {
      while (next < CASES.length) {
        const index = next++;
        const one = CASES[index]!;
        const path = `${folder}/${index}.wmv`;
        let source = sources.get(one.input);
        if (source === undefined) sources.set(one.input, source = await read(one.input));
        if (one.isTwice) source = twice(source);
        await write(one, source, path, picture);
        const asked = checksOf(one, source, path).filter(({ readers }) => !skipWithout(...readers));
        const complaints = await Promise.all(asked.map(async ({ name, readers, complaints }) => {
          requireReaders(...readers);
          return (await complaints()).map((line) => `${name}: ${line}`);
        }));
        assert(asked.length >= 3, "there is somebody to ask");
        results[index] = complaints.flat();
      }
    };
    await Promise.all([work(), work(), work()]);
    for (const [index, one] of CASES.entries()) {
      await t.step(nameOf(one), () => assertEquals(results[index], []));
    }
  });
});
