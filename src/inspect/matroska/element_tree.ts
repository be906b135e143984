/**
 * Elements that are held in memory whole, with all that is inside of them.
 *
 * @module
 */

import type { ProblemList } from "../problems.ts";
import { crc32 } from "./crc32.ts";
import { ELEMENTS, type ElementSpec, ID, mandatoryIn, nameOf } from "./elements.ts";
import { idAt, sizeAt, uintAt, UNKNOWN_SIZE, vintBytes } from "./vint.ts";

/** What an element holds; integers above 2^53 are exact. */
export type ElementValue = number | bigint | string | Uint8Array;

/** An element with what is inside of it. */
export interface MatroskaElement {
  readonly id: number;
  readonly name: string;
  /** Offset in the file of its ID. */
  readonly offset: number;
  /** Bytes of its ID and size. */
  readonly headerBytes: number;
  /** Bytes behind these. */
  readonly size: number;
  /** Absent where it holds elements. */
  readonly value?: ElementValue;
  /** In stored order. */
  readonly children: readonly MatroskaElement[];
}

/** No element of the specification lies deeper, save those that hold their like. */
const MAX_DEPTH = 16;
/** A hostile file may hold nothing but empty elements. */
const MAX_ELEMENT_COUNT = 1 << 20;

const ascii = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { fatal: true });
const anyUtf8 = new TextDecoder("utf-8");

/** Takes elements apart. */
export class TreeParser {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #problems: ProblemList;
  #count = 0;

  /** @param base Offset in the file of the first of `bytes`, which the values go on to refer to. */
  constructor(bytes: Uint8Array, base: number, problems: ProblemList) {
    this.#bytes = bytes;
    this.#base = base;
    this.#problems = problems;
  }

  /**
   * The element at index `at`, whose header must be there and sound; what is missing of the rest is noted.
   *
   * @param end Where it must end.
   */
  parse(at: number, end: number, depth = 0): MatroskaElement {
    const bytes = this.#bytes;
    const idBytes = vintBytes(bytes[at]!);
    const sizeBytes = vintBytes(bytes[at + idBytes]!);
    const id = idAt(bytes, at, idBytes);
    const start = at + idBytes + sizeBytes;
    const claimed = sizeAt(bytes, at + idBytes, sizeBytes);
    const spec = ELEMENTS.get(id);
    const stop = claimed === UNKNOWN_SIZE ? end : Math.min(end, start + claimed);
    const common = {
      id,
      name: nameOf(id),
      offset: this.#base + at,
      headerBytes: start - at,
      size: stop - start,
    };
    if (spec?.type === "m" && depth < MAX_DEPTH) {
      const children = this.#children(spec, start, stop, depth);
      this.#checkChildren(spec, common.offset, children);
      return { ...common, children };
    }
    const value = spec === undefined || spec.type === "m"
      ? bytes.subarray(start, stop)
      : this.#value(spec, start, stop);
    if (spec?.isNonZero && (value === 0 || value === 0n)) {
      this.#add("K13", common.offset, `${common.name}: must not be 0`);
    }
    return { ...common, value, children: [] };
  }

  #children(parent: ElementSpec, start: number, end: number, depth: number): MatroskaElement[] {
    const bytes = this.#bytes;
    const children: MatroskaElement[] = [];
    let at = start;
    while (at < end) {
      const idBytes = vintBytes(bytes[at]!);
      const sizeBytes = at + idBytes < end ? vintBytes(bytes[at + idBytes]!) : 9;
      const offset = this.#base + at;
      if (idBytes > 4 || sizeBytes > 8 || at + idBytes + sizeBytes > end) {
        this.#add("K07", offset, `${parent.name}: ${end - at} bytes in it are no element`);
        break;
      }
      const id = idAt(bytes, at, idBytes);
      const size = sizeAt(bytes, at + idBytes, sizeBytes);
      const left = end - at - idBytes - sizeBytes;
      if (size === UNKNOWN_SIZE) {
        this.#add("K26", offset, `${nameOf(id)}: its size must be known`);
      } else if (size > left) {
        this.#add("K05", offset, `${nameOf(id)}: its ${size} bytes must end inside ${parent.name}, ${left} are left`);
      }
      if (++this.#count > MAX_ELEMENT_COUNT) {
        if (this.#count === MAX_ELEMENT_COUNT + 1) {
          this.#add("K07", offset, `${parent.name}: more than ${MAX_ELEMENT_COUNT} elements; the rest is not read`);
        }
        break;
      }
      this.#checkPlace(parent, id, offset);
      const child = this.parse(at, end, depth + 1);
      children.push(child);
      at += child.headerBytes + child.size;
      if (id === ID.CRC32) this.#checkCrc(parent, child, children.length === 1, at, end);
    }
    return children;
  }

  #checkPlace(parent: ElementSpec, id: number, offset: number): void {
    const spec = ELEMENTS.get(id);
    if (spec === undefined) {
      this.#problems.addOnce("K08", id, offset, `${parent.name}: ${nameOf(id)} in it is not known`, "W");
    } else if (spec.parent !== 0 && spec.parent !== parent.id && !(spec.isRecursive && spec.id === parent.id)) {
      this.#add("K09", offset, `${spec.name}: must stand in ${nameOf(spec.parent)}, not in ${parent.name}`);
    }
  }

  #checkChildren(parent: ElementSpec, offset: number, children: readonly MatroskaElement[]): void {
    const seen = new Set<number>();
    for (const { id, name, offset: at } of children) {
      if (seen.has(id) && ELEMENTS.get(id)?.repeats === false) {
        this.#add("K11", at, `${name}: must stand in ${parent.name} once, this is another one`);
      }
      seen.add(id);
    }
    for (const { id, name } of mandatoryIn(parent.id)) {
      // Which kinds must not be missing in the whole file is judged where the whole file is known.
      if (parent.id !== ID.Segment && !seen.has(id)) this.#add("K10", offset, `${parent.name}: it must have a ${name}`);
    }
  }

  #checkCrc(parent: ElementSpec, crc: MatroskaElement, isFirst: boolean, start: number, end: number): void {
    if (!isFirst) this.#add("K25", crc.offset, `CRC-32: must come first in ${parent.name}`, "W");
    const { value } = crc;
    if (!(value instanceof Uint8Array) || value.byteLength !== 4) {
      return this.#add("K12", crc.offset, `CRC-32: must be 4 bytes, got ${crc.size}`);
    }
    if (!isFirst) return;
    const stored = (value[0]! | value[1]! << 8 | value[2]! << 16 | value[3]! << 24) >>> 0;
    const actual = crc32(0, this.#bytes, start, end);
    if (stored !== actual) this.#add("K25", crc.offset, crcMismatch(parent.name, actual, stored));
  }

  #value(spec: ElementSpec, start: number, end: number): ElementValue {
    const bytes = this.#bytes.subarray(start, end);
    const size = end - start;
    switch (spec.type) {
      case "u":
        if (size > 8) break;
        return size < 7 ? uintAt(bytes, 0, size) : exact(BigInt.asUintN(64, bigAt(bytes)));
      case "i":
        if (size > 8) break;
        return exact(size === 0 ? 0n : BigInt.asIntN(8 * size, bigAt(bytes)));
      case "f": {
        const view = new DataView(bytes.buffer, bytes.byteOffset, size);
        if (size === 0) return 0;
        if (size === 4) return view.getFloat32(0);
        if (size === 8) return view.getFloat64(0);
        break;
      }
      case "d":
        if (size === 8 || size === 0) return exact(size === 0 ? 0n : BigInt.asIntN(64, bigAt(bytes)));
        break;
      case "s":
        return untilNul(ascii.decode(bytes));
      case "t":
        return untilNul(this.#utf8(spec, bytes, start));
      default:
        return bytes;
    }
    this.#add("K12", this.#base + start, `${spec.name}: ${size} bytes are no size of such a value`);
    return spec.type === "f" ? NaN : 0;
  }

  #utf8(spec: ElementSpec, bytes: Uint8Array, start: number): string {
    try {
      return utf8.decode(bytes);
    } catch {
      this.#add("K33", this.#base + start, `${spec.name}: must be UTF-8`, "W");
      return anyUtf8.decode(bytes);
    }
  }

  #add(rule: string, offset: number, message: string, severity?: "E" | "W"): void {
    this.#problems.add(rule, offset, message, severity);
  }
}

/** What is said of a checksum that does not fit. */
export function crcMismatch(name: string, actual: number, stored: number): string {
  const [wanted, got] = [actual, stored].map((value) => value.toString(16).padStart(8, "0"));
  return `CRC-32: must be ${wanted} for what is in ${name}, got ${got}`;
}

/** The first child with this ID. */
export function childOf(element: MatroskaElement | undefined, name: string): MatroskaElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** All children of this name. */
export function childrenOf(element: MatroskaElement | undefined, name: string): MatroskaElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The number in a child; exact numbers beyond 2^53 are rounded. */
export function numberIn(element: MatroskaElement | undefined, name: string): number | undefined {
  const value = childOf(element, name)?.value;
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : undefined;
}

/** The integer in a child, exact. */
export function integerIn(element: MatroskaElement | undefined, name: string): number | bigint | undefined {
  const value = childOf(element, name)?.value;
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}

/** The text in a child; an empty one counts as none. */
export function textIn(element: MatroskaElement | undefined, name: string): string | undefined {
  const value = childOf(element, name)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The bytes in a child: a copy. */
export function bytesIn(element: MatroskaElement | undefined, name: string): Uint8Array | undefined {
  const value = childOf(element, name)?.value;
  return value instanceof Uint8Array ? value.slice() : undefined;
}

/** Whether a flag is set. */
export function flagIn(element: MatroskaElement | undefined, name: string, byDefault = false): boolean {
  const value = numberIn(element, name);
  return value === undefined ? byDefault : value !== 0;
}

function bigAt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value << 8n | BigInt(byte);
  return value;
}

function exact(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function untilNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}
