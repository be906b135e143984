/**
 * Ogg pages ([RFC 3533] 6).
 *
 * ```text
 * "OggS" 00 · flags u8 · granule position i64 · serial number u32 · page number u32 · CRC u32 · segment count u8 · sizes
 * ```
 *
 * A packet is cut into segments of 255 bytes and a smaller one, so that the sizes say where it ends; one that fills its page
 * goes on in the next.
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import { crc32Msb } from "../bytes/crc32_msb.ts";

/** Flags. */
export const CONTINUED = 1;
export const FIRST = 2;
export const LAST = 4;

const HEAD_BYTES = 27;
const FLAGS_AT = 5;
const GRANULE_AT = 6;
const SERIAL_AT = 14;
const NUMBER_AT = 18;
const CRC_AT = 22;
const COUNT_AT = 26;
const SEGMENT_BYTES = 255;
export const MAX_SEGMENTS = 255;
/** Of the largest page. */
export const MAX_PAGE_BYTES = HEAD_BYTES + MAX_SEGMENTS + MAX_SEGMENTS * SEGMENT_BYTES;
/** Of a page in which no packet ends. */
export const NO_GRANULE = -1;

/** How many segments a packet takes. */
export function segmentCount(byteLength: number): number {
  return Math.floor(byteLength / SEGMENT_BYTES) + 1;
}

/** A page being filled: sizes and bodies are kept apart until it is closed. */
export class PageBuilder {
  readonly #sizes = new Uint8Array(MAX_SEGMENTS);
  readonly #body = new Uint8Array(MAX_SEGMENTS * SEGMENT_BYTES);
  #count = 0;
  #bytes = 0;

  get segmentCount(): number {
    return this.#count;
  }

  get byteLength(): number {
    return HEAD_BYTES + this.#count + this.#bytes;
  }

  /**
   * Appends as much of a packet as there is room for: whole segments. Answers how many of its bytes are in; one byte more
   * than there are, when its end is.
   */
  add(packet: Uint8Array, from: number): number {
    let at = from;
    while (this.#count < MAX_SEGMENTS) {
      const size = Math.min(SEGMENT_BYTES, packet.byteLength - at);
      this.#sizes[this.#count++] = size;
      this.#body.set(packet.subarray(at, at + size), this.#bytes);
      this.#bytes += size;
      at += size;
      if (size < SEGMENT_BYTES) return packet.byteLength + 1;
    }
    return at;
  }

  /** Writes the page, and begins a new one. Its number and its CRC are each sink's own. */
  closeTo(memory: Uint8Array<ArrayBuffer>, flags: number, granule: number, serial: number): Uint8Array<ArrayBuffer> {
    const page = memory.subarray(0, this.byteLength);
    writeHead(page, flags, granule, serial);
    page[COUNT_AT] = this.#count;
    page.set(this.#sizes.subarray(0, this.#count), HEAD_BYTES);
    page.set(this.#body.subarray(0, this.#bytes), HEAD_BYTES + this.#count);
    this.#count = 0;
    this.#bytes = 0;
    return page;
  }
}

function writeHead(page: Uint8Array<ArrayBuffer>, flags: number, granule: number, serial: number): void {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  page.fill(0, 0, HEAD_BYTES);
  view.setUint32(0, 0x4F67_6753); // "OggS"
  page[FLAGS_AT] = flags;
  view.setBigInt64(GRANULE_AT, BigInt(granule), true);
  view.setUint32(SERIAL_AT, serial, true);
}

/** A page without packets, the last of its stream. */
export function lastPage(granule: number, serial: number): Uint8Array<ArrayBuffer> {
  const page = new Uint8Array(HEAD_BYTES);
  writeHead(page, LAST, granule, serial);
  return page;
}

/** Header packets: the first on a page of its own, the others on as many as they take. Without numbers and CRCs. */
export function headerPages(packets: readonly Uint8Array[], serial: number): Uint8Array<ArrayBuffer> {
  const builder = new PageBuilder();
  const memory = new Uint8Array(MAX_PAGE_BYTES);
  const pages: Uint8Array[] = [];
  let flags = FIRST;
  let endsPacket = false;
  const close = (next: number) => {
    pages.push(builder.closeTo(memory, flags, endsPacket ? 0 : NO_GRANULE, serial).slice());
    flags = next;
    endsPacket = false;
  };
  packets.forEach((packet, i) => {
    for (let at = 0; at <= packet.byteLength;) {
      if (builder.segmentCount === MAX_SEGMENTS) close(at === 0 ? 0 : CONTINUED);
      at = builder.add(packet, at);
      endsPacket ||= at > packet.byteLength;
    }
    if (i === 0) close(0);
  });
  close(0);
  return concatBytes(...pages);
}

/** Numbers the pages of one sink. */
export class PageNumbering {
  /** Of the next page. */
  #number = 0;
  #serial = 0;
  #isOver = false;
  #granule = 0;
  /** What granule positions count from. */
  #base = 0;

  /** Positions of the stream at hand count from this one on. */
  rebase(base: number): void {
    this.#base = base;
  }

  /** Sets numbers, granule positions and CRCs of pages that follow those before. */
  apply(pages: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(pages.buffer, pages.byteOffset, pages.byteLength);
    for (let at = 0; at < pages.byteLength;) {
      const segments = pages[at + COUNT_AT]!;
      let size = HEAD_BYTES + segments;
      for (let i = 0; i < segments; i++) size += pages[at + HEAD_BYTES + i]!;
      const flags = pages[at + FLAGS_AT]!;
      if ((flags & FIRST) !== 0) this.#number = this.#base = this.#granule = 0;
      this.#isOver = (flags & LAST) !== 0;
      this.#serial = view.getUint32(at + SERIAL_AT, true);
      const granule = view.getBigInt64(at + GRANULE_AT, true);
      if (granule > 0n) {
        this.#granule = Number(granule) - this.#base;
        view.setBigInt64(at + GRANULE_AT, BigInt(this.#granule), true);
      }
      view.setUint32(at + NUMBER_AT, this.#number++, true);
      view.setUint32(at + CRC_AT, 0);
      view.setUint32(at + CRC_AT, crc32Msb(pages, 0, at, at + size), true);
      at += size;
    }
  }

  /** What ends the stream, where its last page did not. */
  end(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#isOver) return undefined;
    const page = lastPage(this.#granule + this.#base, this.#serial);
    this.apply(page);
    return page;
  }
}
