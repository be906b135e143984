/**
 * Every container, with streams it can hold and samples for them: shared property, fault and facade tests run on each.
 * Output is the same every time.
 *
 * @module
 */

import { ac3 } from "../../src/ac3/mod.ts";
import { adts } from "../../src/adts/mod.ts";
import { amr } from "../../src/amr/mod.ts";
import { asf } from "../../src/asf/mod.ts";
import type { Container } from "../../src/container/container.ts";
import { eac3 } from "../../src/eac3/mod.ts";
import { flac } from "../../src/flac/mod.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { AudioStream, StreamConfig, VideoStream } from "../../src/media/stream_config.ts";
import { matroska, webm } from "../../src/matroska/mod.ts";
import { mp3 } from "../../src/mp3/mod.ts";
import { mov, mp4, type Mp4Layout, threegp } from "../../src/mp4/mod.ts";
import { mpegts } from "../../src/mpegts/mod.ts";
import { ogg } from "../../src/ogg/mod.ts";
import { wave } from "../../src/wave/mod.ts";

/** A container and what goes into it. */
export interface ContainerCase {
  /** For test names. */
  readonly name: string;
  /** Makes the container, with everything fixed that would differ from run to run. */
  create(): Container;
  readonly streams: readonly StreamConfig[];
  /** About so many seconds of samples, streams interleaved by time. */
  samples(seconds: number): StreamSample[];
}

/** How samples of one stream look. */
interface Pattern {
  readonly microseconds: number;
  /** Size of the sample's own bytes; 0 leaves all to `head`. */
  readonly bytes: number;
  readonly keyInterval?: number;
  /** Bytes a sample begins with. */
  head?(index: number): readonly number[];
}

const EPOCH = new Date(Date.UTC(2020, 0, 1));

// Baseline, 64 × 48: parameter sets and slices are as long as they have to be to be told apart, not to be decoded.
const SPS = [0x67, 0x42, 0xC0, 0x0A, 0xDA, 0x11, 0x1E, 0x9A, 0x80, 0x80, 0x80, 0x81];
const PPS = [0x68, 0xCE, 0x3C, 0x80];
const AVCC = Uint8Array.from([1, 0x42, 0xC0, 0x0A, 0xFF, 0xE1, 0, SPS.length, ...SPS, 1, 0, PPS.length, ...PPS]);

const H264: VideoStream = { kind: "video", codec: "avc1.42c00a", description: AVCC, framerate: 25 };
const AAC: AudioStream = {
  kind: "audio",
  codec: "mp4a.40.2",
  sampleRate: 48_000,
  numberOfChannels: 2,
  description: Uint8Array.of(0x11, 0x90),
};
const MP3: AudioStream = { kind: "audio", codec: "mp3", sampleRate: 48_000, numberOfChannels: 2 };
const VP9: VideoStream = { kind: "video", codec: "vp09.00.10.08", codedWidth: 64, codedHeight: 48, framerate: 25 };
const OPUS: AudioStream = { kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 2 };
const PCM: AudioStream = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };

/** Blocks of 4096 samples, 44.1 kHz, two channels of 16 bits. */
const FLAC: AudioStream = {
  kind: "audio",
  codec: "flac",
  sampleRate: 44_100,
  numberOfChannels: 2,
  description: Uint8Array.from([0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0xC4, 0x42, 0xF0, ...new Uint8Array(20)]),
};
const AC3: AudioStream = { kind: "audio", codec: "ac-3", sampleRate: 48_000, numberOfChannels: 2 };
const EAC3: AudioStream = { ...AC3, codec: "ec-3" };
const AMR_WB: AudioStream = { kind: "audio", codec: "sawb", sampleRate: 16_000, numberOfChannels: 1 };

const H264_PATTERN: Pattern = {
  microseconds: 40_000,
  bytes: 900,
  keyInterval: 25,
  head: (index) => [0, 0, 3, 0x85, index % 25 === 0 ? 0x65 : 0x41],
};
const AAC_PATTERN: Pattern = { microseconds: 1024e6 / 48_000, bytes: 300, head: () => [0x21] };
/** MPEG-1 layer III, 48 kHz, 64 kbit/s: 192 bytes. */
const MP3_PATTERN: Pattern = { microseconds: 24_000, bytes: 188, head: () => [0xFF, 0xFB, 0x54, 0x40] };
/** A frame that is shown anew; the others have the header of a frame between key frames, profile 0. */
const VP9_PATTERN: Pattern = {
  microseconds: 40_000,
  bytes: 900,
  keyInterval: 25,
  head: (index) => index % 25 === 0 ? [0x82, 0x49, 0x83, 0x42, 0x00, 0x03, 0xF0, 0x02, 0xF0] : [0x86, 0x00],
};
/** CELT, 20 ms. */
const OPUS_PATTERN: Pattern = { microseconds: 20_000, bytes: 160, head: () => [0xFC] };
const PCM_PATTERN: Pattern = { microseconds: 50_000, bytes: 800 };

const FLAC_PATTERN: Pattern = {
  microseconds: 4096e6 / 44_100,
  bytes: 900,
  head: (i) => [0xFF, 0xF8, 0xC9, 0x18, ...i < 0x80 ? [i] : [0xC0 | i >> 6, 0x80 | i & 0x3F]],
};
const AC3_PATTERN: Pattern = { microseconds: 32_000, bytes: 761, head: () => [0x0B, 0x77, 0, 0, 0x14, 0x40, 0x40] };
const EAC3_PATTERN: Pattern = { microseconds: 32_000, bytes: 762, head: () => [0x0B, 0x77, 1, 0x7F, 0x34, 0x80] };
/** 23.85 kbit/s. */
const AMR_WB_PATTERN: Pattern = { microseconds: 20_000, bytes: 60, head: () => [0x44] };

function makeSamples(patterns: readonly Pattern[], seconds: number): StreamSample[] {
  const samples = patterns.flatMap((pattern, stream) => {
    const { microseconds, bytes, keyInterval = 1, head } = pattern;
    return Array.from({ length: Math.ceil(seconds * 1e6 / microseconds) }, (_, i): StreamSample => {
      const begin = head?.(i) ?? [];
      const data = new Uint8Array(begin.length + bytes);
      data.set(begin);
      for (let at = begin.length; at < data.byteLength; at++) data[at] = (at * 7 + i * 13 + stream) % 199 + 1;
      const timestamp = Math.round(i * microseconds);
      const duration = Math.round((i + 1) * microseconds) - timestamp;
      return { streamNumber: stream + 1, data, timestamp, duration, type: i % keyInterval === 0 ? "key" : "delta" };
    });
  });
  return samples.sort((a, b) => a.timestamp - b.timestamp);
}

function makeCase(
  name: string,
  create: () => Container,
  parts: readonly (readonly [StreamConfig, Pattern])[],
): ContainerCase {
  return {
    name,
    create,
    streams: parts.map(([stream]) => stream),
    samples: (seconds) => makeSamples(parts.map(([, pattern]) => pattern), seconds),
  };
}

const reproducibleAsf = () => asf({ fileId: "00112233-4455-6677-8899-aabbccddeeff", creationTime: EPOCH });
const reproducibleMatroska = () => matroska({ creationTime: EPOCH });
const reproducibleWebm = () => webm({ creationTime: EPOCH });
const reproducibleMp4 = (layout: Mp4Layout) => () => mp4({ layout, creationTime: EPOCH });

/** See the module's text. */
export const CONTAINER_CASES: readonly ContainerCase[] = [
  makeCase("asf: H.264, AAC", reproducibleAsf, [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("asf: PCM", reproducibleAsf, [[PCM, PCM_PATTERN]]),
  makeCase("mp4 crash-safe: H.264, AAC", reproducibleMp4("crash-safe"), [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("mp4 plain: H.264, AAC", reproducibleMp4("plain"), [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("mp4 fragmented: H.264, AAC", reproducibleMp4("fragmented"), [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("mov: H.264, AAC", () => mov({ creationTime: EPOCH }), [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("3gp: H.264, AAC", () => threegp({ creationTime: EPOCH }), [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("mp4 crash-safe: MP3", reproducibleMp4("crash-safe"), [[MP3, MP3_PATTERN]]),
  makeCase("matroska: H.264, AAC", reproducibleMatroska, [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("matroska: MP3", reproducibleMatroska, [[MP3, MP3_PATTERN]]),
  makeCase("webm: VP9, Opus", reproducibleWebm, [[VP9, VP9_PATTERN], [OPUS, OPUS_PATTERN]]),
  makeCase("wave: PCM", wave, [[PCM, PCM_PATTERN]]),
  makeCase("adts: AAC", adts, [[AAC, AAC_PATTERN]]),
  makeCase("mp3: MP3", mp3, [[MP3, MP3_PATTERN]]),
  makeCase("flac: FLAC", flac, [[FLAC, FLAC_PATTERN]]),
  makeCase("ogg: Opus", () => ogg({ serialNumber: 7 }), [[OPUS, OPUS_PATTERN]]),
  makeCase("ogg: FLAC", () => ogg({ serialNumber: 7 }), [[FLAC, FLAC_PATTERN]]),
  makeCase("ac3: AC-3", ac3, [[AC3, AC3_PATTERN]]),
  makeCase("eac3: E-AC-3", eac3, [[EAC3, EAC3_PATTERN]]),
  makeCase("amr: AMR-WB", amr, [[AMR_WB, AMR_WB_PATTERN]]),
  makeCase("mpegts: H.264, AAC", mpegts, [[H264, H264_PATTERN], [AAC, AAC_PATTERN]]),
  makeCase("mpegts: MP3", mpegts, [[MP3, MP3_PATTERN]]),
];
