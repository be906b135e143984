/**
 * Figures for people.
 *
 * @module
 */

import type { StreamConfig } from "../../mod.ts";

/** Microseconds as `1:02:03.4`, `2:03.4` or `3.4 s`. */
export function formatTime(microseconds: number): string {
  const tenths = Math.round(Math.max(0, microseconds) / 100_000);
  const seconds = (tenths % 600) / 10;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  if (hours === 0 && minutes === 0) return `${seconds.toFixed(1)} s`;
  const rest = `${hours > 0 ? String(minutes).padStart(2, "0") : minutes}:${seconds.toFixed(1).padStart(4, "0")}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A size with three digits, in decimal units. */
export function formatBytes(byteCount: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = byteCount;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** `1 packet`, `2 packets`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const CODEC_NAMES: readonly [RegExp, string][] = [
  [/^avc[13]\b|^h264$/i, "H.264"],
  [/^(hvc1|hev1|hevc|h265)\b/i, "HEVC"],
  [/^vp0?8\b/i, "VP8"],
  [/^vp0?9\b/i, "VP9"],
  [/^av0?1\b/i, "AV1"],
  [/^mp4v\.20\b/i, "MPEG-4"],
  [/^mp4v\.6[0-5]\b/i, "MPEG-2"],
  [/^mp4v\.6a\b/i, "MPEG-1"],
  [/^mjpeg$/i, "Motion JPEG"],
  [/^mp4a\.(40|6[6-8])/, "AAC"],
  [/^mp3$|^mp4a\.(69|6b)/i, "MP3"],
  [/^ac-?3$/i, "AC-3"],
  [/^(ec-3|eac-?3)$/i, "E-AC-3"],
  [/^flac$/i, "FLAC"],
  [/^opus$/i, "Opus"],
  [/^vorbis$/i, "Vorbis"],
  [/^alaw$/i, "A-law"],
  [/^ulaw$/i, "µ-law"],
  [/^pcm-/, "PCM"],
];

const FORMAT_TAGS: Readonly<Record<number, string>> = {
  0x0001: "PCM",
  0x0003: "PCM",
  0x0006: "A-law",
  0x0007: "µ-law",
  0x0055: "MP3",
  0x00FF: "AAC",
  0x0160: "WMA 1",
  0x0161: "WMA 2",
  0x0162: "WMA Pro",
  0x0163: "WMA Lossless",
  0x2000: "AC-3",
  0x566F: "Vorbis",
  0x704F: "Opus",
  0xF1AC: "FLAC",
};

const DATA_NAMES = { script: "script commands", file: "files", binary: "binary data", text: "text" } as const;

/** What is said of a stream: a configuration, or what is known of one. */
export interface StreamFacts {
  readonly kind: StreamConfig["kind"];
  readonly codec?: string | number;
  readonly codedWidth?: number;
  readonly codedHeight?: number;
  readonly sampleRate?: number;
  readonly numberOfChannels?: number;
}

/** What a stream is, such as `H.264, 1280×720` or `AAC, 48 kHz, 2 channels`. */
export function describeStream(stream: StreamFacts): string {
  const { codec, codedHeight, codedWidth, kind, numberOfChannels = 0, sampleRate = 0 } = stream;
  const size = codedWidth === undefined ? "" : `, ${codedWidth}×${codedHeight}`;
  if (kind === "image") return `still pictures${size}`;
  if (kind !== "audio" && kind !== "video") return DATA_NAMES[kind];
  const name = typeof codec === "number"
    ? FORMAT_TAGS[codec] ?? `format 0x${codec.toString(16).padStart(4, "0")}`
    : CODEC_NAMES.find(([pattern]) => pattern.test(codec!))?.[1] ?? codec!;
  if (kind === "video") return name + size;
  return `${name}, ${sampleRate / 1000} kHz, ${count(numberOfChannels, "channel")}`;
}
