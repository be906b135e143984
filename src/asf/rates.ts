/**
 * Bit rates: what to promise before anything is measured, and what they cost with packets around them.
 *
 * @module
 */

import type { RiffDescription } from "../media/mappings/riff/mod.ts";

/** Headroom over a rate that was measured on the first samples alone. */
const MEASURED_HEADROOM = 1.25;

/** About what a packet adds to its media: its own head and one payload's. */
const PACKET_OVERHEAD_BYTES = 29;

/** Windows aims at ten packets a second; a live stream gets no fewer. */
const LIVE_PACKET_MS = 100;

/** Smaller packets would be mostly overhead. */
const MIN_LIVE_PACKET_BYTES = 128;

/**
 * The guess for video of which nothing is known. Rather too high: send times that come out too early do no harm, late ones
 * let packets seem to overtake each other. The header is completed with what was measured.
 */
const GUESSED_BITS_PER_PIXEL = 0.25;
const LEAST_GUESS = 100_000;
const GUESSED_FRAMERATE = 25;

/** The guess for streams that are silent for long. */
const GUESSED_DATA_BITRATE = 1000;

/** The rate that a description knows; 0 if it knows none. */
export function knownBitrate(description: RiffDescription): number {
  if (description.kind === "data") return description.config.bitrate ?? 0;
  if (description.kind === "video") return description.bitrate ?? 0;
  return description.bitrate !== undefined ? description.bytesPerSecond * 8 : 0;
}

/** The rate to begin with: known, else measured with headroom, else guessed from picture size or wave format. */
export function openingBitrate(description: RiffDescription, measured: number): number {
  const known = knownBitrate(description);
  if (known > 0) return wholeRate(known);
  if (measured > 0) return wholeRate(measured * MEASURED_HEADROOM);
  if (description.kind === "data") return GUESSED_DATA_BITRATE;
  if (description.kind === "audio") return wholeRate(description.bytesPerSecond * 8);
  const framerate = description.framerate ?? GUESSED_FRAMERATE;
  const pixelsPerSecond = description.codedWidth * description.codedHeight * framerate;
  return wholeRate(Math.max(LEAST_GUESS, pixelsPerSecond * GUESSED_BITS_PER_PIXEL));
}

/** A rate as it can be stored: whole, and never 0. */
export function wholeRate(bitsPerSecond: number): number {
  return Math.min(0xffff_ffff, Math.max(1, Math.round(bitsPerSecond)));
}

/** How much larger media is inside packets, before any packet is there to measure. */
export function expectedOverhead(packetBytes: number): number {
  return packetBytes / (packetBytes - PACKET_OVERHEAD_BYTES);
}

/** The packet size for media that must not be held back longer than `latencyMs`: what comes in that time. */
export function livePacketBytes(bitsPerSecond: number, latencyMs: number, largest: number): number {
  const bytes = Math.round(bitsPerSecond / 8000 * Math.min(latencyMs, LIVE_PACKET_MS)) + PACKET_OVERHEAD_BYTES;
  return Math.min(largest, Math.max(MIN_LIVE_PACKET_BYTES, bytes));
}
