/** What each codec's entry reads from real streams, against what FFmpeg reads from them. */

import { assert, assertEquals } from "@std/assert";
import fc from "../../support/fast_check.ts";
import { MuxError } from "../../../src/errors.ts";
import { describeRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { StreamConfig } from "../../../src/media/stream_config.ts";
import { ffmpegSource } from "../../support/ffmpeg_source.ts";
import { readerTest } from "../../support/readers.ts";
import { runOk } from "../../support/run.ts";
import { fixture } from "../../support/temp.ts";

const VIDEO = { kind: "video" } as const;
const AUDIO = { kind: "audio", sampleRate: 8000, numberOfChannels: 1 } as const;

const STREAMS: { input: string; config: StreamConfig }[] = [
  { input: "hevc.mkv", config: { ...VIDEO, codec: "hev1.1.6.L30.90" } },
  { input: "vp8.webm", config: { ...VIDEO, codec: "vp8" } },
  { input: "vp9.webm", config: { ...VIDEO, codec: "vp09.00.10.08" } },
  { input: "av1.webm", config: { ...VIDEO, codec: "av01.0.00M.08" } },
  { input: "mpeg4.mkv", config: { ...VIDEO, codec: "mp4v.20.9" } },
  { input: "mpeg2.mkv", config: { ...VIDEO, codec: "mp4v.61" } },
  { input: "mjpeg.mkv", config: { ...VIDEO, codec: "mjpeg" } },
  { input: "ac3.mp4", config: { ...AUDIO, codec: "ac-3" } },
  { input: "eac3.mp4", config: { ...AUDIO, codec: "ec-3" } },
  { input: "tone.flac", config: { ...AUDIO, codec: "flac" } },
  { input: "opus.webm", config: { ...AUDIO, codec: "opus" } },
  { input: "vorbis.webm", config: { ...AUDIO, codec: "vorbis" } },
];

/** Size and reorder depth, or rate and channels, as FFmpeg finds them. */
async function probed(path: string): Promise<number[]> {
  const entries = "stream=width,height,has_b_frames,sample_rate,channels";
  const { stdout } = await runOk("ffprobe", ["-v", "error", "-show_entries", entries, "-of", "json", path]);
  const { width, height, has_b_frames, sample_rate, channels } = JSON.parse(stdout).streams[0];
  return width === undefined ? [Number(sample_rate), channels] : [width, height, has_b_frames];
}

function described(config: StreamConfig, data?: Uint8Array): number[] | undefined {
  const found = describeRiff(config, undefined, data);
  if (found === undefined || found.kind === "data") return undefined;
  return found.kind === "video"
    ? [found.codedWidth, found.codedHeight, found.reorderDepth]
    : [found.sampleRate, found.numberOfChannels];
}

for (const { input, config } of STREAMS) {
  readerTest(`describeRiff() finds in ${input} what FFmpeg finds`, ["ffmpeg"], async () => {
    const { description, samples } = await ffmpegSource(fixture(input));
    const first = samples[0]!.data;
    const expected = await probed(fixture(input));
    const known: StreamConfig = description.byteLength > 0 ? { ...config, description } : config;
    assertEquals(described(known, first), expected);
    // Of the first sample alone, where that is enough.
    const alone = ["tone.flac", "vorbis.webm", "opus.webm", "hevc.mkv", "mpeg4.mkv"].includes(input);
    if (!alone) assertEquals(described(config, first), expected);
  });

  readerTest(`describeRiff() describes damaged ${input} or throws MuxError`, ["ffmpeg"], async () => {
    const { description, samples } = await ffmpegSource(fixture(input));
    const damaged = (bytes: Uint8Array) =>
      fc.tuple(fc.nat(Math.min(200, bytes.byteLength)), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }))
        .map(([length, changes]) => {
          const copy = length % 3 === 0 ? bytes.slice(0, length) : bytes.slice(0, 4096);
          for (const [at, value] of changes) if (at < copy.byteLength) copy[at] = value;
          return copy;
        });
    fc.assert(
      fc.property(damaged(description), damaged(samples[0]!.data), (description, data) => {
        try {
          const found = describeRiff({ ...config, description }, undefined, data);
          if (found?.kind === "video") {
            assert(found.codedWidth >= 1 && found.codedHeight >= 1 && found.reorderDepth <= 16);
          }
          if (found?.kind === "audio") assert(found.sampleRate >= 1 && found.numberOfChannels >= 1);
          const out = new Pieces();
          found?.framing?.(data, true, out);
        } catch (error) {
          assert(error instanceof MuxError && error.code === "bad-media", String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
}
