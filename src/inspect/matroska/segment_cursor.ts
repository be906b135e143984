/**
 * Walks through a Matroska file in stored order: elements of the Segment, Clusters and their blocks.
 *
 * ```text
 * EBML header · Segment ─ SeekHead · Info · Tracks · Cluster ─ Timestamp · SimpleBlock · BlockGroup …
 *                                                  · Cluster …
 *                                                  · Cues · Tags …
 * ```
 *
 * Nothing is believed about a size but what the bytes behind it bear out. Where they do not, the walk goes on at the next
 * element of the Segment that looks like one.
 *
 * @module
 */

import type { ProblemList } from "../problems.ts";
import { MatroskaBlock } from "./block.ts";
import type { ByteWindow } from "../byte_window.ts";
import { crc32 } from "./crc32.ts";
import { crcMismatch, type MatroskaElement, TreeParser } from "./element_tree.ts";
import { ELEMENTS, ID, isTopLevel, nameOf } from "./elements.ts";
import { idAt, sizeAt, uintAt, UNKNOWN_SIZE, vintBytes } from "./vint.ts";

/** What a step came to. */
export const STEP = {
  /** `fill()` must be awaited; views of what was read before die with that. */
  fill: 0,
  /** An element of the file or of the Segment stands in `element`. */
  element: 1,
  /** A Segment begins; it stands in `element`. */
  segment: 2,
  /** A Cluster begins; it stands in `cluster`. */
  cluster: 3,
  /** A block stands in `block`. */
  block: 4,
  /** The Cluster has ended. */
  clusterEnd: 5,
  /** There is no more. */
  end: 6,
} as const;

/** One of {@linkcode STEP}. */
export type Step = typeof STEP[keyof typeof STEP];

/** Where an element stands. */
export class ElementPlace {
  id = 0;
  /** Offset in the file of its ID. */
  offset = 0;
  /** Bytes of its ID and size. */
  headerBytes = 0;
  /** Bytes behind these; -1: not known. */
  size = 0;

  /** Where it ends; Infinity: not known. */
  get end(): number {
    return this.size === UNKNOWN_SIZE ? Infinity : this.offset + this.headerBytes + this.size;
  }
}

/** A Cluster on its way. */
export class ClusterPlace extends ElementPlace {
  /** Ticks of the Segment; -1: not said yet. */
  timestamp = -1;
  /** As it says; -1: not said. */
  position = -1;
  /** As it says; -1: not said. */
  prevSize = -1;
  /** Blocks so far. */
  blockCount = 0;
}

/** No frame is larger; what says so is damaged. */
const MAX_CHILD_BYTES = 128 << 20;
/** Elements beside Clusters that are larger are passed over. */
const MAX_TREE_BYTES = 64 << 20;
/** An ID and a size. */
const HEADER_BYTES = 12;
/** What a beginning is looked at to tell it from chance. */
const PROBE_BYTES = 24;

/** How a walk is to be done. */
export interface CursorOptions {
  /** Whether checksums of Clusters are compared. */
  readonly checksums?: boolean;
}

/** The walk. `step` does not wait; it is over when it answers `end`. */
export class SegmentCursor {
  readonly element = new ElementPlace();
  readonly cluster = new ClusterPlace();
  readonly block = new MatroskaBlock();
  readonly segment = new ElementPlace();
  /** Bytes that were passed over as damaged. */
  lostBytes = 0;
  /** Where the first of them was; -1: nowhere. */
  lostAt = -1;
  /** Where an element begins whose end the input does not have; -1: nowhere. */
  cutAt = -1;
  /** Offset of the next element. */
  position = 0;

  readonly #window: ByteWindow;
  readonly #problems: ProblemList;
  readonly #checksums: boolean;
  /** What the position stands in: 0 the file, 1 the Segment, 2 a Cluster. */
  #level = 0;
  #segmentEnd = Infinity;
  #clusterEnd = Infinity;
  /** Where damage began that is being passed over; -1: none is. */
  #damageStart = -1;
  #needPosition = 0;
  #needLength = 0;
  /** What the Cluster's checksum must be; -1: it has none. */
  #storedCrc = -1;
  #crc = 0;

  constructor(window: ByteWindow, problems: ProblemList, { checksums = false }: CursorOptions = {}) {
    this.#window = window;
    this.#problems = problems;
    this.#checksums = checksums;
  }

  /** The bytes that indices of the block refer to. */
  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  /** Where the Segment says that it ends; Infinity: it does not. */
  get segmentEnd(): number {
    return this.#segmentEnd;
  }

  /** Reads what the last step lacked. */
  fill(): Promise<void> {
    return this.#window.load(this.#needPosition, this.#needLength);
  }

  /** Goes on at an element of the Segment that begins elsewhere. */
  goTo(offset: number): void {
    this.position = offset;
    this.#level = 1;
    this.#damageStart = this.#storedCrc = -1;
    if (this.#segmentEnd <= offset) this.#segmentEnd = Infinity;
  }

  /** Goes one step on. */
  step(): Step {
    for (;;) {
      if (this.#damageStart >= 0) {
        const step = this.#resync();
        if (step !== undefined) return step;
      }
      const step = this.#level === 2 ? this.#stepInCluster() : this.#stepOutside();
      if (step !== undefined) return step;
    }
  }

  /**
   * The element of the last step whole; undefined where it is too large, or cut. All views die.
   *
   * @param place Where it stands, if it is not that of the last step; the walk goes on where it was.
   */
  async readElement(place: ElementPlace = this.element): Promise<MatroskaElement | undefined> {
    const { id, offset, headerBytes, size } = place;
    if (size > MAX_TREE_BYTES) {
      this.#problems.add("K45", offset, `${nameOf(id)}: ${size} bytes are too many to look into`, "I");
      return undefined;
    }
    const total = headerBytes + size;
    await this.#window.load(offset, total);
    const there = this.#window.limit(offset, total);
    if (!this.#window.has(offset, there) || there < headerBytes) return undefined;
    if (there < total) {
      this.cutAt = this.cutAt < 0 ? offset : this.cutAt;
      this.#problems.add("K06", offset, `${nameOf(id)}: ${total} bytes are promised, ${there} are there`);
      return undefined;
    }
    const at = offset - this.#window.base;
    return new TreeParser(this.#window.bytes, this.#window.base, this.#problems).parse(at, at + total);
  }

  /** The header of an element anywhere; undefined where none is. All views die. */
  async placeAt(offset: number): Promise<ElementPlace | undefined> {
    await this.#window.load(offset, HEADER_BYTES);
    const there = this.#window.limit(offset, HEADER_BYTES);
    if (there < 2 || !this.#window.has(offset, there)) return undefined;
    const place = new ElementPlace();
    return this.#readHeader(place, offset, there) ? place : undefined;
  }

  #stepOutside(): Step | undefined {
    const { position } = this;
    if (this.#level === 1 && position >= this.#segmentEnd && !this.#goesOn()) return this.#lack ? STEP.fill : undefined;
    const there = this.#there(position, HEADER_BYTES);
    if (there < 0) return STEP.fill;
    if (there === 0) return this.#finish();
    const { element } = this;
    if (!this.#readHeader(element, position, there)) return this.#damage(position);
    const { id } = element;
    const { end } = element;
    if (id === ID.Segment) return this.#beginSegment(end);
    if (id === ID.EBML) {
      if (this.#level === 1 && this.#segmentEnd < Infinity) {
        this.#problems.add("K05", position, "Segment: another recording begins before its end");
      }
      this.#level = 0;
    } else if (this.#level === 0) {
      if (id !== ID.Void) return this.#damage(position);
    } else if (id === ID.Cluster) {
      return this.#beginCluster(end);
    } else if (!isTopLevel(id) && id !== ID.Void && id !== ID.CRC32) {
      // Chance looks like an unknown element all too often: all that are known have four bytes here.
      const isLikely = position + 4 <= this.#window.end && (id >>> 24) !== 0 && end <= this.#segmentEnd;
      if (!isLikely || end === Infinity || end > this.#window.end) return this.#damage(position);
      this.#problems.addOnce("K08", id, position, `Segment: ${nameOf(id)} in it is not known`, "W");
    }
    if (end === Infinity) {
      this.#problems.add("K26", position, `${nameOf(id)}: its size must be known`);
      return this.#damage(position);
    }
    if (this.#level === 1 && end > this.#segmentEnd) {
      this.#problems.add("K05", position, `${nameOf(id)}: it must end inside the Segment`);
      if (this.#segmentEnd <= this.#window.end) return this.#damage(position);
    }
    this.position = end;
    return STEP.element;
  }

  #lack = false;

  /** Whether the Segment is longer than it says. */
  #goesOn(): boolean {
    const there = this.#there(this.position, HEADER_BYTES);
    this.#lack = there < 0;
    if (this.#lack) return false;
    const place = new ElementPlace();
    if (there > 4 && this.#readHeader(place, this.position, there) && isTopLevel(place.id)) {
      this.#problems.add("K05", this.position, `Segment: ${nameOf(place.id)} follows where it should end`);
      this.#segmentEnd = Infinity;
      return true;
    }
    this.#level = 0;
    return false;
  }

  #beginSegment(end: number): Step {
    const { element, segment } = this;
    Object.assign(segment, {
      id: element.id,
      offset: element.offset,
      headerBytes: element.headerBytes,
      size: element.size,
    });
    this.#level = 1;
    this.#segmentEnd = end;
    this.position = element.offset + element.headerBytes;
    return STEP.segment;
  }

  #beginCluster(end: number): Step {
    const { cluster, element } = this;
    cluster.id = element.id;
    cluster.offset = element.offset;
    cluster.headerBytes = element.headerBytes;
    cluster.size = element.size;
    cluster.timestamp = cluster.position = cluster.prevSize = -1;
    cluster.blockCount = 0;
    this.#clusterEnd = Math.min(end, this.#segmentEnd);
    if (end < Infinity && end > this.#segmentEnd) {
      this.#problems.add("K05", element.offset, "Cluster: it must end inside the Segment");
    }
    this.#level = 2;
    this.#storedCrc = -1;
    this.position = element.offset + element.headerBytes;
    return STEP.cluster;
  }

  #endCluster(): Step {
    this.#level = 1;
    if (this.#storedCrc >= 0 && this.#crc !== this.#storedCrc) {
      this.#problems.add("K25", this.cluster.offset, crcMismatch("Cluster", this.#crc, this.#storedCrc));
    }
    this.#storedCrc = -1;
    return STEP.clusterEnd;
  }

  #stepInCluster(): Step | undefined {
    const { position, block } = this;
    if (position >= this.#clusterEnd) return this.#endCluster();
    let there = this.#there(position, HEADER_BYTES);
    if (there < 0) return STEP.fill;
    if (there === 0) {
      if (this.#clusterEnd < Infinity) this.#cut(this.cluster.offset);
      return this.#endCluster();
    }
    let { bytes } = this.#window;
    let at = position - this.#window.base;
    const idBytes = vintBytes(bytes[at]!);
    const sizeBytes = idBytes < there ? vintBytes(bytes[at + idBytes]!) : 9;
    const headerBytes = idBytes + sizeBytes;
    if (idBytes > 4 || sizeBytes > 8 || headerBytes > there) {
      if (there < HEADER_BYTES && idBytes <= 4) {
        this.#cut(position);
        return this.#leave(position + there);
      }
      return this.#damage(position);
    }
    const id = idAt(bytes, at, idBytes);
    const size = sizeAt(bytes, at + idBytes, sizeBytes);
    if (idBytes === 4 && (isTopLevel(id) || id === ID.EBML || id === ID.Segment)) {
      if (this.#clusterEnd < Infinity) {
        this.#problems.add("K05", position, `Cluster: ${nameOf(id)} follows before its end`);
        this.#storedCrc = -1;
      }
      return this.#endCluster();
    }
    const total = headerBytes + size;
    if (size === UNKNOWN_SIZE || size > MAX_CHILD_BYTES || position + total > this.#clusterEnd) {
      // A Cluster that says too little: what is said inside of it is right if something follows there.
      this.#problems.add("K05", position, `${nameOf(id)}: its ${size} bytes must end inside the Cluster`);
      return this.#damage(position);
    }
    if (id === ID.Void && this.#storedCrc < 0) {
      this.position = position + total;
      return undefined;
    }
    there = this.#there(position, total);
    if (there < 0) return STEP.fill;
    if (there < total) {
      if (!ELEMENTS.has(id)) return this.#damage(position);
      this.#cut(position);
      return this.#damage(position); // it may as well be a size that is wrong
    }
    ({ bytes } = this.#window);
    at = position - this.#window.base;
    const start = at + headerBytes;
    const end = at + total;
    this.position = position + total;
    if (this.#storedCrc >= 0) this.#crc = crc32(this.#crc, bytes, at, end);
    switch (id) {
      case ID.SimpleBlock:
      case ID.BlockGroup: {
        block.offset = position;
        block.byteLength = total;
        const isSimple = id === ID.SimpleBlock;
        const isRead = isSimple
          ? block.readSimple(bytes, start, end, position, this.#problems)
          : block.readGroup(bytes, start, end, position, this.#problems);
        const { cluster } = this;
        cluster.blockCount++;
        if (!isRead) {
          this.#lose(position, total);
          return undefined;
        }
        if (cluster.timestamp < 0 && cluster.blockCount === 1) {
          this.#problems.add("K19", position, "Cluster: its Timestamp must come before its blocks");
        }
        block.timestamp = Math.max(0, cluster.timestamp) + block.relativeTimestamp;
        return STEP.block;
      }
      case ID.Timestamp:
        if (size > 8) this.#problems.add("K12", position, `Timestamp: ${size} bytes are no size of such a value`);
        else this.cluster.timestamp = uintAt(bytes, start, size);
        return undefined;
      case ID.Position:
        this.cluster.position = uintAt(bytes, start, Math.min(8, size));
        return undefined;
      case ID.PrevSize:
        this.cluster.prevSize = uintAt(bytes, start, Math.min(8, size));
        return undefined;
      case ID.CRC32:
        if (!this.#checksums) return undefined;
        if (size !== 4) this.#problems.add("K12", position, `CRC-32: must be 4 bytes, got ${size}`);
        else if (position !== this.cluster.offset + this.cluster.headerBytes) {
          this.#problems.add("K25", position, "CRC-32: must come first in Cluster", "W");
        } else {
          this.#crc = 0;
          this.#storedCrc =
            (bytes[start]! | bytes[start + 1]! << 8 | bytes[start + 2]! << 16 | bytes[start + 3]! << 24) >>> 0;
        }
        return undefined;
      case ID.EncryptedBlock:
        this.#lose(position, total);
        this.#problems.addOnce("K08", id, position, "EncryptedBlock: such blocks are not read", "W");
        return undefined;
      case ID.SilentTracks:
      case ID.Void:
        return undefined;
      default: {
        const spec = ELEMENTS.get(id);
        if (spec === undefined) {
          this.#problems.addOnce("K08", id, position, `Cluster: ${nameOf(id)} in it is not known`, "W");
        } else {this.#problems.add(
            "K09",
            position,
            `${spec.name}: must stand in ${nameOf(spec.parent)}, not in Cluster`,
          );}
        return undefined;
      }
    }
  }

  /** The input ends in a Cluster. */
  #leave(position: number): Step {
    this.position = position;
    return this.#endCluster();
  }

  #finish(): Step {
    const { end } = this.segment;
    if (end < Infinity && this.#window.end < end) this.#cut(this.#window.end);
    return STEP.end;
  }

  /** How many of these bytes are there: all, or what the input has; -1: they must be read first. */
  #there(position: number, length: number): number {
    const window = this.#window;
    if (window.has(position, length)) return length;
    if (window.end < Infinity) {
      const limit = window.limit(position, length);
      if (limit === 0 || window.has(position, limit)) return limit;
    }
    this.#needPosition = position;
    this.#needLength = length;
    return -1;
  }

  #readHeader(place: ElementPlace, position: number, there: number): boolean {
    const { bytes, base } = this.#window;
    const at = position - base;
    const idBytes = vintBytes(bytes[at]!);
    const sizeBytes = idBytes < there ? vintBytes(bytes[at + idBytes]!) : 9;
    if (idBytes > 4 || sizeBytes > 8 || idBytes + sizeBytes > there) return false;
    place.id = idAt(bytes, at, idBytes);
    place.offset = position;
    place.headerBytes = idBytes + sizeBytes;
    place.size = sizeAt(bytes, at + idBytes, sizeBytes);
    return true;
  }

  #cut(offset: number): void {
    if (this.cutAt < 0) this.cutAt = offset;
  }

  #lose(offset: number, byteCount: number): void {
    if (this.lostAt < 0) this.lostAt = offset;
    this.lostBytes += byteCount;
  }

  #damage(position: number): undefined {
    this.#damageStart = position;
    this.position = position + 1;
    return undefined;
  }

  /** Looks for the next element of a Segment, or the next recording. */
  #resync(): Step | undefined {
    for (;;) {
      const there = this.#there(this.position, PROBE_BYTES);
      if (there < 0) return STEP.fill;
      if (there < 6) return this.#endResync(this.position + there, false);
      const { base, bytes } = this.#window;
      const end = bytes.byteLength - (there < PROBE_BYTES ? 6 : PROBE_BYTES);
      let at = this.position - base;
      for (; at <= end; at++) {
        if ((bytes[at]! & 0xF0) !== 0x10 || !this.#looksRight(bytes, at)) continue;
        return this.#endResync(base + at, true);
      }
      this.position = base + at;
      if (there < PROBE_BYTES) return this.#endResync(base + bytes.byteLength, false);
    }
  }

  #endResync(position: number, isFound: boolean): Step | undefined {
    const start = this.#damageStart;
    this.#damageStart = -1;
    this.position = position;
    const byteCount = position - start;
    const isInside = this.#level > 0;
    if (isInside && (isFound || this.cutAt < 0)) this.#lose(start, byteCount);
    if (isFound) this.cutAt = -1;
    if (!isInside) {
      const what = isFound ? `${byteCount} bytes that are no element stand` : `${byteCount} bytes stand`;
      this.#problems.add("K39", start, `File: ${what} ${isFound ? "before" : "behind"} a Segment`, "W");
    } else if (isFound || this.cutAt < 0) {
      this.#problems.add(
        "K07",
        start,
        `${this.#level === 2 ? "Cluster" : "Segment"}: ${byteCount} bytes are no elements`,
      );
    }
    if (this.#level === 2) {
      this.#storedCrc = -1;
      return this.#endCluster();
    }
    return undefined;
  }

  /** Whether an element begins here, by its ID and what it begins with. */
  #looksRight(bytes: Uint8Array, at: number): boolean {
    const id = idAt(bytes, at, 4);
    const isKnown = this.#level === 0 ? id === ID.EBML : isTopLevel(id) || id === ID.EBML;
    if (!isKnown) return false;
    const sizeBytes = vintBytes(bytes[at + 4]!);
    const start = at + 4 + sizeBytes;
    if (sizeBytes > 8 || start >= bytes.byteLength) return false;
    const size = sizeAt(bytes, at + 4, sizeBytes);
    if (size === UNKNOWN_SIZE ? id !== ID.Cluster : size < 2) return false;
    const childBytes = vintBytes(bytes[start]!);
    if (childBytes > 4 || start + childBytes > bytes.byteLength) return false;
    const child = ELEMENTS.get(idAt(bytes, start, childBytes));
    return child !== undefined && (child.parent === id || child.parent === 0 && childBytes === 1);
  }
}
