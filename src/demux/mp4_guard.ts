/**
 * Looks at the sample tables of MP4 and MOV before Mediabunny does: there a few damaged bytes can promise billions of
 * samples, and lists of that length would be made.
 *
 * ```text
 * moov ─ trak ─ mdia ─ minf ─ stbl ─ stts ctts stsc stsz stco co64 stss
 * moof ─ traf ─ trun
 * ```
 *
 * @module
 */

import type { RandomBytes } from "./bytes.ts";
import { ascii } from "./formats.ts";

/** No table describes more samples: 15 days of video. */
const MAX_SAMPLE_COUNT = 1 << 25;
/** For each sample the sizes of all samples in its chunk are added up. */
const MAX_CHUNK_SAMPLE_COUNT = 1 << 16;
/** No movie header is larger. */
const MAX_TABLES_BYTES = 1 << 28;

const CONTAINERS: ReadonlySet<string> = new Set(
  ["moov", "trak", "mdia", "minf", "stbl", "moof", "traf", "dinf", "edts", "mvex", "sinf", "schi", "wave"],
);

/** Bytes of an entry, in tables of: version and flags, number of entries, entries. */
const ENTRY_BYTES: Readonly<Record<string, number>> = { stts: 8, ctts: 8, stsc: 12, stco: 4, co64: 8, stss: 4 };

/** Whether a source begins as MP4 or MOV. */
export function isIsobmff(head: Uint8Array): boolean {
  return ["ftyp", "styp"].includes(ascii(head, 4, 8));
}

/** Checks all tables of a source. @throws {Error} For tables that promise more than there can be. */
export async function guardSource(source: RandomBytes): Promise<void> {
  let isFragmented = false;
  for (let at = 0; at + 8 <= source.size;) {
    const head = readHead(await source.read(at, Math.min(source.size, at + 16)));
    if (head === undefined) return;
    const end = head.bytes === 0 ? source.size : at + head.bytes;
    if (end > source.size) return; // cut short: nobody will see it whole
    if (head.type === "moov" || head.type === "moof" && isFragmented) {
      checkSize(head);
      const box = await source.read(at, end);
      checkBox(box, source.size);
      if (head.type === "moov") isFragmented = holds(box, head.headBytes, "mvex");
      if (!isFragmented) return;
    }
    at = end;
  }
}

/** Passes bytes on, and checks tables on the way. */
export function guardStream(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const guard = new StreamGuard();
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      guard.pass(value);
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Follows the boxes of a stream, keeping only those with tables. */
class StreamGuard {
  /** Head, or a whole box with tables, as far as it has come. */
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(16);
  #heldBytes = 0;
  /** Size of what is to be held. */
  #wantedBytes = 16;
  #skipBytes = 0;

  pass(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, chunk.byteLength - at);
        this.#skipBytes -= skipped;
        at += skipped;
        continue;
      }
      const part = chunk.subarray(at, at + this.#wantedBytes - this.#heldBytes);
      this.#hold(part);
      at += part.byteLength;
      if (this.#heldBytes === this.#wantedBytes) this.#next();
    }
  }

  /** Grows with what came, not with what was promised. */
  #hold(part: Uint8Array): void {
    const needed = this.#heldBytes + part.byteLength;
    if (needed > this.#held.byteLength) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#held.byteLength));
      grown.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = grown;
    }
    this.#held.set(part, this.#heldBytes);
    this.#heldBytes = needed;
  }

  #next(): void {
    const box = this.#held.subarray(0, this.#heldBytes);
    const head = readHead(box);
    if (head === undefined || head.bytes === 0) {
      this.#skipBytes = Infinity; // to the end, or no boxes any more
    } else if (head.type === "moov" || head.type === "moof") {
      checkSize(head);
      if (this.#heldBytes < head.bytes) {
        this.#wantedBytes = head.bytes;
        return;
      }
      checkBox(box, Infinity);
      this.#held = new Uint8Array(16);
    } else if (head.bytes < 16) { // an empty box: the next one has begun already
      const rest = box.slice(head.bytes);
      this.#heldBytes = 0;
      this.#wantedBytes = 16;
      return this.#hold(rest);
    } else {
      this.#skipBytes = head.bytes - this.#heldBytes;
    }
    this.#heldBytes = 0;
    this.#wantedBytes = 16;
  }
}

interface BoxHead {
  readonly type: string;
  /** Size of the whole; 0: to the end. */
  readonly bytes: number;
  readonly headBytes: number;
}

/** ISO/IEC 14496-12, 4.2: size u32 · type · size u64 where the first one is 1. */
function readHead(box: Uint8Array): BoxHead | undefined {
  if (box.byteLength < 8) return undefined;
  const view = viewOf(box);
  const type = ascii(box, 4, 8);
  const bytes = view.getUint32(0);
  if (bytes !== 1) return bytes === 0 || bytes >= 8 ? { type, bytes, headBytes: 8 } : undefined;
  if (box.byteLength < 16) return undefined;
  const large = Number(view.getBigUint64(8));
  return large >= 16 ? { type, bytes: large, headBytes: 16 } : undefined;
}

function checkSize({ type, bytes }: BoxHead): void {
  if (bytes > MAX_TABLES_BYTES) throw new Error(`its ${type} box of ${bytes} bytes is too large`);
}

function checkBox(box: Uint8Array, sourceBytes: number): void {
  const head = readHead(box)!;
  const maxSamples = Math.min(MAX_SAMPLE_COUNT, sourceBytes);
  const found: Record<string, Uint8Array> = {};
  for (const child of children(box, head.headBytes)) {
    const { type, headBytes } = readHead(child)!;
    if (CONTAINERS.has(type)) checkBox(child, sourceBytes);
    else if (type === "trun") checkRun(child.subarray(headBytes), maxSamples);
    else if (type === "stsz") checkSizes(found.stsz = child.subarray(headBytes));
    else if (type in ENTRY_BYTES) checkEntries(type, found[type] = child.subarray(headBytes));
  }
  if (head.type === "stbl") {
    checkTimes(found, maxSamples);
    checkChunks(found);
  }
}

function checkTimes({ stts, ctts }: Record<string, Uint8Array>, maxSamples: number): void {
  // Without composition times nothing is made of the counts: a run of PCM frames may be as long as it likes.
  if (ctts !== undefined) {
    checkCount("ctts", sumOfCounts(ctts), maxSamples);
    if (stts !== undefined) checkCount("stts", sumOfCounts(stts), maxSamples);
  }
}

/** Version and flags · number of entries · entries of: first chunk, samples in each chunk, description. */
function checkChunks({ stsc, stsz, stco, co64 }: Record<string, Uint8Array>): void {
  const offsets = stco ?? co64;
  if (stsc === undefined || offsets === undefined) return;
  const chunkCount = viewOf(offsets).getUint32(4);
  const hasSizes = stsz !== undefined && viewOf(stsz).getUint32(4) === 0;
  const view = viewOf(stsc);
  for (let at = 8; at + 12 <= stsc.byteLength; at += 12) {
    const first = view.getUint32(at);
    const sampleCount = view.getUint32(at + 4);
    if (first > chunkCount) throw new Error(`its stsc table names chunk ${first} of ${chunkCount}`);
    if (hasSizes && sampleCount > MAX_CHUNK_SAMPLE_COUNT) {
      throw new Error(`its stsc table puts ${sampleCount} samples into a chunk, more than ${MAX_CHUNK_SAMPLE_COUNT}`);
    }
  }
}

function checkEntries(type: string, body: Uint8Array): void {
  if (body.byteLength < 8) throw new Error(`its ${type} table is cut short`);
  const count = viewOf(body).getUint32(4);
  const bytes = count * ENTRY_BYTES[type]!;
  if (8 + bytes > body.byteLength) throw new Error(`its ${type} table has no room for ${count} entries`);
}

/** Version and flags · one size, or 0 · number of samples · a size for each. */
function checkSizes(body: Uint8Array): void {
  if (body.byteLength < 12) throw new Error("its stsz table is cut short");
  const view = viewOf(body);
  const count = view.getUint32(8);
  if (view.getUint32(4) === 0 && 12 + 4 * count > body.byteLength) {
    throw new Error(`its stsz table has no room for ${count} sizes`);
  }
}

/** ISO/IEC 14496-12, 8.8.8: version · flags u24 · number of samples · optional fields of the run, then of each sample. */
function checkRun(body: Uint8Array, maxSamples: number): void {
  if (body.byteLength < 8) throw new Error("a trun table is cut short");
  const view = viewOf(body);
  const flags = view.getUint32(0);
  const count = view.getUint32(4);
  const fieldCount = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length;
  if (8 + 4 * fieldCount * count > body.byteLength) throw new Error(`a trun table has no room for ${count} samples`);
  checkCount("trun", count, maxSamples);
}

function checkCount(type: string, count: number, most: number): void {
  if (count > most) throw new Error(`its ${type} table promises ${count} samples, more than there can be`);
}

/** The sum of the first words of entries of two. */
function sumOfCounts(body: Uint8Array): number {
  const view = viewOf(body);
  const end = Math.min(body.byteLength - 8, 8 + 8 * view.getUint32(4));
  let sum = 0;
  for (let at = 8; at <= end; at += 8) sum += view.getUint32(at);
  return sum;
}

function holds(box: Uint8Array, start: number, type: string): boolean {
  for (const child of children(box, start)) if (ascii(child, 4, 8) === type) return true;
  return false;
}

/** The boxes inside a box; one that runs past its end, as far as it is there. */
function* children(box: Uint8Array, start: number): Generator<Uint8Array, void, undefined> {
  for (let at = start; at + 8 <= box.byteLength;) {
    const head = readHead(box.subarray(at));
    if (head === undefined) return;
    const end = head.bytes === 0 ? box.byteLength : Math.min(box.byteLength, at + head.bytes);
    yield box.subarray(at, end);
    at = end;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
