/**
 * Undoes what was done to a track's frames ([RFC 9559] 5.1.4.1.31).
 *
 * @module
 */

import type { ContentEncoding, MatroskaTrack } from "../inspect/matroska/description.ts";
import { GrowingBytes } from "../bytes/growing_bytes.ts";

/** Frames of a file are no larger; what expands to more is meant to do harm. */
const MAX_FRAME_BYTES = 128 << 20;

/** Bits of the scope. */
const SCOPE = { frames: 1, codecPrivate: 2 } as const;
const ZLIB = 0;
const HEADER_REMOVAL = 3;
const NAMES: Readonly<Record<number, string>> = { 1: "bzip2", 2: "LZO" };

/** What is done with one frame. */
export type FrameDecoder = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Why a track cannot be read; empty where it can. */
export function encodingProblem({ encodings }: MatroskaTrack): string {
  if (encodings.some(({ isEncryption }) => isEncryption)) return "it is encrypted";
  const odd = encodings.find(({ algorithm }) => algorithm !== ZLIB && algorithm !== HEADER_REMOVAL);
  return odd === undefined
    ? ""
    : `it is compressed in a way that is not read here (${NAMES[odd.algorithm] ?? odd.algorithm})`;
}

/** What makes a track's frames of what is stored; `undefined` where they are stored as they are. */
export function frameDecoder({ encodings }: MatroskaTrack): FrameDecoder | undefined {
  return decoderOf(encodings.filter(({ scope }) => (scope & SCOPE.frames) !== 0));
}

/** The track with its private data as they were. @throws {Error} If they are damaged. */
export async function withCodecPrivate(track: MatroskaTrack): Promise<MatroskaTrack> {
  const decode = decoderOf(track.encodings.filter(({ scope }) => (scope & SCOPE.codecPrivate) !== 0));
  if (decode === undefined || track.codecPrivate === undefined) return track;
  return { ...track, codecPrivate: await decode(track.codecPrivate) };
}

function decoderOf(encodings: readonly ContentEncoding[]): FrameDecoder | undefined {
  if (encodings.length === 0) return undefined;
  if (encodings.length === 1 && encodings[0]!.algorithm === HEADER_REMOVAL) {
    const { settings } = encodings[0]!;
    return (data) => withFront(settings, data);
  }
  return async (data) => {
    for (const { algorithm, settings } of encodings) {
      data = algorithm === HEADER_REMOVAL ? withFront(settings, data) : await inflate(data);
    }
    return data;
  };
}

function withFront(front: Uint8Array, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(front.byteLength + data.byteLength);
  whole.set(front);
  whole.set(data, front.byteLength);
  return whole;
}

async function inflate(data: Uint8Array): Promise<Uint8Array> {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  const written = writer.write(data.slice()).then(() => writer.close());
  written.catch(() => {}); // told by what is read
  const bytes = new GrowingBytes();
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.view();
    bytes.append(value);
    if (bytes.byteLength > MAX_FRAME_BYTES) {
      await reader.cancel();
      throw new Error(`a compressed frame has more than ${MAX_FRAME_BYTES} bytes`);
    }
  }
}
