/**
 * A whole new file, made of bytes and of ranges of the old one.
 *
 * @module
 */

import { GrowingBytes } from "../bytes/growing_bytes.ts";
import { MuxError } from "../errors.ts";
import { type Input, PIECE_BYTES } from "../inspect/byte_source.ts";
import type { Sink } from "../sinks/sink.ts";
import { REPAIR } from "./report.ts";
import { discard } from "./writing.ts";

/** Bytes that are overwritten. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A piece of a new file: bytes, or a range of the old one, in which single bytes are replaced. */
export type Piece =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly offset: number; readonly byteLength: number; readonly replaced?: Replaced };

/** Bytes that become another one. */
export interface Replaced {
  /** Offsets in the old file. */
  readonly at: readonly number[];
  readonly by: number;
}

/** A whole new file. */
export interface CopyPlan {
  /** What stands in front of the media. */
  readonly head: readonly Piece[];
  /** The media, and what stands behind them. */
  readonly body: () => Iterable<Piece>;
  readonly size: number;
}

/** The file as it is. */
export function unchanged(size: number): CopyPlan {
  return { head: [{ offset: 0, byteLength: size }], body: () => [], size };
}

/** Pieces that are smaller go to the sink together. */
const GATHERED_BYTES = 1 << 18;

/** Writes a new file; it needs no patching. */
export async function applyToSink(input: Input, plan: CopyPlan, sink: Sink): Promise<void> {
  const own = (bytes: Uint8Array) => (sink.keepsBytes ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
  const gathered = new GrowingBytes();
  let isOpen = false;
  let isFirst = true;
  let firstUnit = 0;
  const flush = async () => {
    if (gathered.byteLength === 0) return;
    const bytes = own(gathered.view());
    if (isFirst) await sink.header(bytes);
    else await sink.data(bytes, { unitCount: 1, firstUnit: firstUnit++, timestamp: 0, cleanPoints: [] });
    isFirst = false;
    gathered.reset();
  };
  const put = (bytes: Uint8Array): Promise<void> | undefined => {
    gathered.append(bytes);
    return gathered.byteLength < GATHERED_BYTES ? undefined : flush();
  };
  try {
    await sink.open?.();
    isOpen = true;
    for (const piece of plan.head) await putPiece(input, piece, put);
    await flush();
    for (const piece of plan.body()) {
      const putting = putPiece(input, piece, put);
      if (putting !== undefined) await putting;
    }
    await flush();
    await sink.close();
  } catch (error) {
    if (isOpen) await discard(sink, error);
    throw error;
  }
}

type Put = (bytes: Uint8Array) => Promise<void> | undefined;

function putPiece(input: Input, piece: Piece, put: Put): Promise<void> | undefined {
  return "bytes" in piece ? put(piece.bytes) : putRange(input, piece, put);
}

async function putRange(
  input: Input,
  { offset, byteLength, replaced }: Exclude<Piece, { readonly bytes: Uint8Array }>,
  put: Put,
): Promise<void> {
  for (let at = 0; at < byteLength;) {
    let bytes = await input.read(offset + at, Math.min(PIECE_BYTES, byteLength - at));
    if (bytes.byteLength === 0) {
      const reason = `the source ends at byte ${offset + at}, where there was more before`;
      throw new MuxError("in-use", { action: REPAIR, reason });
    }
    const inside = (replaced?.at ?? []).map((place) => place - offset - at)
      .filter((i) => i >= 0 && i < bytes.byteLength);
    if (inside.length > 0) {
      bytes = bytes.slice();
      for (const i of inside) bytes[i] = replaced!.by;
    }
    await put(bytes);
    at += bytes.byteLength;
  }
}
