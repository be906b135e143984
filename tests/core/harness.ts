/** Drives the core as a host does. */

import { Core } from "../../src/core/core.ts";
import type { CoreOptions, CoreRange, Pieces } from "../../src/core/types.ts";

export const AUDIO = { streamNumber: 1, bitsPerSecond: 64_000, indexed: false };
export const VIDEO = { streamNumber: 2, bitsPerSecond: 1_000_000, indexed: true };

/** Usual options and what the case says otherwise. */
export function optionsWith(options: Partial<CoreOptions>): CoreOptions {
  return {
    packetBytes: 128,
    prerollMs: 1000,
    timingExtension: false,
    streams: [AUDIO, VIDEO],
    ...options,
  };
}

export function createCore(options: Partial<CoreOptions> = {}): Core {
  return new Core(optionsWith(options));
}

/** Bytes that differ from place to place and from seed to seed. */
export function pattern(length: number, seed = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = 1 + (i * 7 + seed * 31 + (i >> 8)) % 255;
  return bytes;
}

export function piecesOf(...sources: Uint8Array[]): Pieces {
  return {
    sources,
    starts: sources.map(() => 0),
    ends: sources.map((source) => source.byteLength),
    count: sources.length,
    byteLength: sources.reduce((sum, source) => sum + source.byteLength, 0),
  };
}

/** The same bytes in pieces that are parts of larger arrays. */
export function piecesCutAt(bytes: Uint8Array, cuts: readonly number[]): Pieces {
  const source = new Uint8Array(bytes.byteLength + 8);
  source.set(bytes, 3);
  const bounds = [0, ...cuts.filter((cut) => cut > 0 && cut < bytes.byteLength), bytes.byteLength].sort((a, b) =>
    a - b
  );
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 1; i < bounds.length; i++) {
    if (bounds[i]! === bounds[i - 1]!) continue;
    starts.push(bounds[i - 1]! + 3);
    ends.push(bounds[i]! + 3);
  }
  return { sources: starts.map(() => source), starts, ends, count: starts.length, byteLength: bytes.byteLength };
}

/** Takes every range there is, releases it, and returns the bytes. */
export function drain(core: Core, partial = true, ranges: CoreRange[] = []): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (let range = core.nextRange(partial); range; range = core.nextRange(partial)) {
    parts.push(range.bytes.slice());
    ranges.push(range);
    range.release();
  }
  return concat(parts);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** Hex in the notation of the worked examples: blanks and line ends are free. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replaceAll(/\s/g, ""));
}

/** Compares long arrays quickly. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
