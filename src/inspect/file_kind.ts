/**
 * What kind of file a source is, by its first bytes; never by its name.
 *
 * @module
 */

import { type ByteSource, openInput } from "./byte_source.ts";

/** What is told apart; what is none of them is read as ASF, which says what it is not. */
export type FileKind = "asf" | "mp4" | "matroska";

/** Bytes that are looked at. */
const HEAD_BYTES = 12;

/** A source, and what it is. */
export interface KnownSource {
  readonly kind: FileKind;
  /** To be read in place of the one that was looked at. */
  readonly source: ByteSource;
}

/** Looks at a source. @throws {TypeError} If it is none of the {@linkcode ByteSource}s. */
export async function knownSource(source: ByteSource): Promise<KnownSource> {
  if (!(source instanceof ReadableStream)) {
    return { kind: kindOf(await openInput(source).read(0, HEAD_BYTES)), source };
  }
  const reader = source.getReader();
  const ahead: Uint8Array[] = [];
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  try {
    while (length < HEAD_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      ahead.push(value);
      if (!(value instanceof Uint8Array)) break; // whoever reads it says so
      head.set(value.subarray(0, HEAD_BYTES - length), length);
      length += value.byteLength;
    }
  } catch (error) {
    await reader.cancel().catch(() => {}); // the first error is the one to tell
    throw error;
  }
  const rest = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = ahead.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { kind: kindOf(head.subarray(0, length)), source: rest };
}

/** Old QuickTime files begin with any of their boxes. */
const MP4_BOXES: ReadonlySet<string> = new Set(
  ["ftyp", "styp", "moov", "moof", "mdat", "wide", "free", "skip", "pnot", "sidx"],
);

/** The ID of an EBML header. */
const EBML = [0x1A, 0x45, 0xDF, 0xA3];

function kindOf(head: Uint8Array): FileKind {
  if (EBML.every((byte, i) => head[i] === byte)) return "matroska";
  return MP4_BOXES.has(String.fromCharCode(...head.subarray(4, 8))) ? "mp4" : "asf";
}
