/** Files with every payload extension and every index, before readers we did not write. */

import { asf, fileSink, type PayloadExtension, type SampleExtensions, type StreamConfig, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import {
  acceptedByAll,
  decodedInVlc,
  judge,
  presentationMs,
  sameSamples,
  seekLands,
  smoothInVlc,
} from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const OWN = "12345678-9ABC-4DEF-8123-456789ABCDEF";
const VIDEO: PayloadExtension[] = ["fileName", "timecode", "sampleDuration", "contentType", "pixelAspectRatio"];
const AUDIO: PayloadExtension[] = [{ guid: OWN, size: "variable", info: new Uint8Array([1, 2, 3]) }, "sampleDuration"];

const CASES: { source: string; extension: string; kinds: StreamKind[]; packetBytes: number; reorders?: boolean }[] = [
  { source: "clip.mp4", extension: ".wmv", kinds: ["video", "audio"], packetBytes: 600, reorders: true },
  { source: "two_videos.mp4", extension: ".asf", kinds: ["video", "video", "audio"], packetBytes: 1400 },
  { source: "wmv2_wma2.wmv", extension: ".wmv", kinds: ["video", "audio"], packetBytes: 3200 },
  { source: "wma2.wma", extension: ".wma", kinds: ["audio"], packetBytes: 3200 },
];

function declare(stream: StreamConfig): StreamConfig {
  return { ...stream, payloadExtensions: stream.kind === "video" ? VIDEO : AUDIO };
}

function valuesAt(isVideo: boolean, timestamp: number, count: number): SampleExtensions {
  if (!isVideo) return { own: { [OWN]: new Uint8Array(count % 9).fill(count) } };
  const frame = Math.round(timestamp / 10_000);
  return {
    fileName: `picture ${count}.jpg`,
    timecode: { hours: 10, minutes: 0, seconds: Math.floor(frame / 100), frames: frame % 100 },
    contentType: { interlaced: false, topFieldFirst: true },
    pixelAspectRatio: { x: 1, y: 1 },
  };
}

for (const { source, extension, kinds, packetBytes, reorders } of CASES) {
  const name = `every extension and index around ${source} is passed over, in packets of ${packetBytes}`;
  readerTest(name, ["ffmpeg"], async (t) => {
    await withTempDir(async (folder) => {
      const path = `${folder}/out${extension}`;
      await using media = await openMedia(fixture(source));
      const isVideo = new Map(media.streams.map(({ streamNumber, kind }) => [streamNumber, kind === "video"]));
      const hasVideo = kinds.includes("video");
      const writer = new Writer({
        container: asf({
          packetBytes,
          timeIndexMs: 500,
          sampleIndexInterval: 10,
          timecodeIndex: hasVideo,
          indexPoints: ["packet", "sample", "key"],
        }),
        sinks: [fileSink(path)],
        streams: media.streams.map(declare),
      });
      await writer.beginWriting();
      let count = 0;
      for await (const { streamNumber, ...sample } of media.samples) {
        const extensions = valuesAt(isVideo.get(streamNumber)!, sample.timestamp, count++);
        await writer.writeSample(streamNumber, { ...sample, duration: sample.duration ?? 20_000, extensions });
      }
      await writer.endWriting();
      await judge(t, [
        ...acceptedByAll(path, { kinds, durationMs: await presentationMs(fixture(source)) }),
        ...sameSamples(fixture(source), path),
        ...(hasVideo ? seekLands(path, 200) : []),
        ...decodedInVlc(path, kinds),
        ...(reorders ? smoothInVlc(path) : []),
      ]);
    });
  });
}
