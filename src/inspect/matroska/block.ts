/**
 * Blocks and their frames ([RFC 9559] 10).
 *
 * ```text
 * track number · timestamp (16 bits, signed) · flags · [number of frames − 1 · sizes of all but the last] · frames
 * ```
 *
 * @module
 */

import type { ProblemList } from "../problems.ts";
import { ID, nameOf } from "./elements.ts";
import { idAt, intAt, sizeAt, uintAt, UNKNOWN_SIZE, vintBytes } from "./vint.ts";

/** Bits of the flags. */
const KEY_FLAG = 0x80;
const INVISIBLE_FLAG = 0x08;
const DISCARDABLE_FLAG = 0x01;
const LACING_FLAGS = 0x06;

/** How frames share a block: as its flags say. */
export const LACING = { none: 0, xiph: 0x02, fixed: 0x04, ebml: 0x06 } as const;

/** A block has a byte for their number. */
const MAX_FRAME_COUNT = 256;

/** One SimpleBlock, or the Block of a BlockGroup with what stands beside it. The next one overwrites it. */
export class MatroskaBlock {
  /** Offset in the file of the SimpleBlock or BlockGroup. */
  offset = 0;
  /** Bytes of that, its ID and size included. */
  byteLength = 0;
  isSimple = false;
  trackNumber = 0;
  /** As stored: ticks from the cluster's. */
  relativeTimestamp = 0;
  /** Ticks of the Segment. */
  timestamp = 0;
  isKey = false;
  isInvisible = false;
  isDiscardable = false;
  /** One of {@linkcode LACING}. */
  lacing = 0;
  /** Ticks of the track; -1: not said. */
  duration = -1;
  /** How many blocks it says it refers to. */
  referenceCount = 0;
  /** Nanoseconds to be left out behind what is decoded; negative: in front. */
  discardPadding = 0;
  /** It has data beside its own, such as an alpha channel. */
  hasAdditions = false;
  frameCount = 0;
  /** Where the frames begin in the bytes walked. */
  readonly frameStarts = new Int32Array(MAX_FRAME_COUNT);
  /** Their sizes. */
  readonly frameBytes = new Int32Array(MAX_FRAME_COUNT);

  /**
   * Reads a SimpleBlock's content in `bytes[start..end)`. What is wrong is noted; answers whether there are frames.
   *
   * @param fileOffset Offset in the file of the element.
   */
  readSimple(bytes: Uint8Array, start: number, end: number, fileOffset: number, problems: ProblemList): boolean {
    this.isSimple = true;
    this.duration = -1;
    this.referenceCount = 0;
    this.discardPadding = 0;
    this.hasAdditions = false;
    if (!this.#readFrames(bytes, start, end, fileOffset, problems)) return false;
    return true;
  }

  /** Reads a BlockGroup's content, as {@linkcode MatroskaBlock.readSimple}. */
  readGroup(bytes: Uint8Array, start: number, end: number, fileOffset: number, problems: ProblemList): boolean {
    this.isSimple = false;
    this.duration = -1;
    this.referenceCount = 0;
    this.discardPadding = 0;
    this.hasAdditions = false;
    let blockStart = -1;
    let blockEnd = -1;
    for (let at = start; at < end;) {
      const idBytes = vintBytes(bytes[at]!);
      const sizeBytes = at + idBytes < end ? vintBytes(bytes[at + idBytes]!) : 9;
      const valueStart = at + idBytes + sizeBytes;
      if (idBytes > 4 || sizeBytes > 8 || valueStart > end) {
        problems.add("K07", fileOffset, `BlockGroup: ${end - at} bytes in it are no element`);
        break;
      }
      const id = idAt(bytes, at, idBytes);
      const size = sizeAt(bytes, at + idBytes, sizeBytes);
      if (size === UNKNOWN_SIZE || size > end - valueStart) {
        problems.add("K05", fileOffset, `${nameOf(id)}: it must end inside its BlockGroup`);
        break;
      }
      const valueEnd = valueStart + size;
      switch (id) {
        case ID.Block:
          if (blockStart >= 0) problems.add("K11", fileOffset, "Block: must stand in BlockGroup once");
          blockStart = valueStart;
          blockEnd = valueEnd;
          break;
        case ID.BlockDuration:
          this.duration = size > 8
            ? wrongSize(problems, fileOffset, "BlockDuration", size)
            : uintAt(bytes, valueStart, size);
          break;
        case ID.ReferenceBlock:
          this.referenceCount++;
          break;
        case ID.DiscardPadding:
          this.discardPadding = size > 8
            ? 1 + wrongSize(problems, fileOffset, "DiscardPadding", size)
            : intAt(bytes, valueStart, size);
          break;
        case ID.BlockAdditions:
          this.hasAdditions = true;
          break;
      }
      at = valueEnd;
    }
    if (blockStart < 0) {
      problems.add("K10", fileOffset, "BlockGroup: it must have a Block");
      return false;
    }
    if (!this.#readFrames(bytes, blockStart, blockEnd, fileOffset, problems)) return false;
    this.isKey = this.referenceCount === 0;
    this.isDiscardable = false;
    return true;
  }

  #readFrames(bytes: Uint8Array, start: number, end: number, fileOffset: number, problems: ProblemList): boolean {
    this.frameCount = 0;
    const numberBytes = start < end ? vintBytes(bytes[start]!) : 9;
    let at = start + numberBytes;
    if (numberBytes > 8 || at + 3 > end) {
      problems.add("K24", fileOffset, `Block: ${end - start} bytes have no room for its header`);
      return false;
    }
    const number = sizeAt(bytes, start, numberBytes);
    this.trackNumber = number === UNKNOWN_SIZE ? 2 ** (7 * numberBytes) - 1 : number; // FFmpeg writes 127 so
    this.relativeTimestamp = (bytes[at]! << 8 | bytes[at + 1]!) << 16 >> 16;
    const flags = bytes[at + 2]!;
    this.isKey = (flags & KEY_FLAG) !== 0;
    this.isInvisible = (flags & INVISIBLE_FLAG) !== 0;
    this.isDiscardable = (flags & DISCARDABLE_FLAG) !== 0;
    this.lacing = flags & LACING_FLAGS;
    at += 3;
    if (this.lacing === LACING.none) {
      this.frameCount = 1;
      this.frameStarts[0] = at;
      this.frameBytes[0] = end - at;
      return true;
    }
    const isRead = at < end && this.#readLacing(bytes, at, end);
    if (!isRead) {
      this.frameCount = 0;
      problems.add("K23", fileOffset, "Block: the sizes of its laced frames do not fit into it");
    }
    return isRead;
  }

  #readLacing(bytes: Uint8Array, start: number, end: number): boolean {
    const count = this.frameCount = bytes[start]! + 1;
    const sizes = this.frameBytes;
    let at = start + 1;
    let sum = 0;
    switch (this.lacing) {
      case LACING.xiph:
        for (let i = 0; i < count - 1; i++) {
          let size = 0;
          let byte = 0xFF;
          while (byte === 0xFF) {
            if (at >= end) return false;
            size += byte = bytes[at++]!;
          }
          sum += sizes[i] = size;
        }
        break;
      case LACING.ebml: {
        let size = 0;
        for (let i = 0; i < count - 1; i++) {
          const width = at < end ? vintBytes(bytes[at]!) : 9;
          if (width > 8 || at + width > end) return false;
          const value = sizeAt(bytes, at, width);
          if (value === UNKNOWN_SIZE) return false;
          // Differences are stored on top of half their range.
          size = i === 0 ? value : size + value - (2 ** (7 * width - 1) - 1);
          if (size < 0 || size > end - at) return false;
          sum += sizes[i] = size;
          at += width;
        }
        break;
      }
      default: {
        const size = (end - at) / count;
        if (!Number.isInteger(size)) return false;
        for (let i = 0; i < count - 1; i++) sum += sizes[i] = size;
      }
    }
    if (sum > end - at) return false;
    sizes[count - 1] = end - at - sum;
    for (let i = 0; i < count; i++) {
      this.frameStarts[i] = at;
      at += sizes[i]!;
    }
    return true;
  }
}

function wrongSize(problems: ProblemList, offset: number, name: string, size: number): -1 {
  problems.add("K12", offset, `${name}: ${size} bytes are no size of such a value`);
  return -1;
}
