/** A session that uses every option there is: one stream of each kind of codec, every type of attribute, everything set. */

import type { AsfOptions, Metadata, StreamConfig, StreamSample } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { noise } from "../support/generate.ts";
import { fixture } from "../support/temp.ts";

export const GOLDEN_OPTIONS: AsfOptions = {
  packetBytes: 2000,
  prerollMs: 1500,
  indexIntervalMs: 250,
  headerReserveBytes: 600,
  fileId: "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0",
  creationTime: new Date("2024-02-29T12:34:56.789Z"),
};

/** A picture of one pixel. */
const PNG = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

export const GOLDEN_METADATA: Metadata = {
  title: "Alles auf einmal – 全部",
  author: "Zoë & die Ω-Gruppe 🎬",
  copyright: "© 2024 nobody",
  description: "Every option, every kind of stream",
  albumTitle: "Golden files",
  albumArtist: "Various",
  genre: "Test",
  year: "2024",
  trackNumber: 7,
  pictures: [{ data: PNG, mimeType: "image/png" }, { data: PNG, mimeType: "image/png" }],
  attributes: {
    "WM/Publisher": "Muxwell",
    "WM/IsCompilation": true,
    "Number": 4_294_967_295,
    "Large": 0xffff_ffff_ffff_fffen,
    "Bytes": noise(40, 7),
    "WM/Lyrics": "la ".repeat(25_000), // beyond what Extended Content Description holds
  },
};

/** A stream of a fixture, and how it comes into the session. */
interface Part {
  file: string;
  kind: "video" | "audio";
  /** What is said beside what the file says. */
  more: { streamNumber: number; language?: string; displayAspectWidth?: number; displayAspectHeight?: number };
  /** Where it begins, µs. */
  startUs: number;
}

/** Only so much is taken of each. */
const LENGTH_US = 1_200_000;

const PARTS: readonly Part[] = [
  { file: "clip.mp4", kind: "video", more: { streamNumber: 3, language: "en-US" }, startUs: 0 },
  { file: "clip.mp4", kind: "audio", more: { streamNumber: 1, language: "de" }, startUs: 0 },
  {
    file: "wmv2_wma2.wmv",
    kind: "video",
    more: { streamNumber: 9, displayAspectWidth: 16, displayAspectHeight: 9 },
    startUs: 300_000,
  },
  { file: "wmv2_wma2.wmv", kind: "audio", more: { streamNumber: 63 }, startUs: 300_000 },
  { file: "tone.mp3", kind: "audio", more: { streamNumber: 5, language: "fr-CA" }, startUs: 0 },
  { file: "tone.wav", kind: "audio", more: { streamNumber: 4 }, startUs: 900_000 },
];

/** Streams, and samples in the order of their decode times. */
export async function goldenSession(): Promise<{ streams: StreamConfig[]; samples: StreamSample[] }> {
  const streams: StreamConfig[] = [];
  const samples: { due: number; sample: StreamSample }[] = [];
  for (const { file, kind, more, startUs } of PARTS) {
    await using media = await openMedia(fixture(file));
    const stream = media.streams.find((one) => one.kind === kind)!;
    streams.push({ ...stream, ...more });
    for await (const sample of media.samples) {
      if (sample.streamNumber !== stream.streamNumber) continue;
      if (sample.timestamp > LENGTH_US) break; // in decode order: nothing that is needed is left out
      const moved = { ...sample, streamNumber: more.streamNumber, timestamp: sample.timestamp + startUs };
      if (sample.decodeTimestamp !== undefined) moved.decodeTimestamp = sample.decodeTimestamp + startUs;
      samples.push({ due: moved.decodeTimestamp ?? moved.timestamp, sample: moved });
    }
  }
  // Stable, and never against a stream's own order.
  const latest = new Map<number, number>();
  for (const one of samples) {
    one.due = Math.max(one.due, latest.get(one.sample.streamNumber) ?? -Infinity);
    latest.set(one.sample.streamNumber, one.due);
  }
  samples.sort((a, b) => a.due - b.due);
  return { streams, samples: samples.map(({ sample }) => sample) };
}
