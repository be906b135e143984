/** Takes a header apart by its sizes alone, for tests that look at single fields. */

import { assertEquals } from "@std/assert";

/** One object. */
export interface Box {
  /** Canonical text, lower case. */
  readonly guid: string;
  /** First byte behind it. */
  readonly end: number;
  /** From the first byte of its GUID. */
  readonly view: DataView;
}

const HEADER_EXTENSION = "5fbf03b5-a92e-11cf-8ee3-00c00c205365";

/** The Header Object, its children, and those of the Header Extension. */
export function readHeader(bytes: Uint8Array<ArrayBuffer>): { root: Box; children: Box[]; extension: Box[] } {
  const [root] = readBoxes(bytes, 0, bytes.byteLength, 1);
  const children = readBoxes(bytes, 30, root!.end);
  const extension = children.find(({ guid }) => guid === HEADER_EXTENSION)!;
  const start = extension.end - extension.view.byteLength + 46;
  assertEquals(extension.view.getUint32(42, true), extension.end - start, "Header Extension data size");
  return { root: root!, children, extension: readBoxes(bytes, start, extension.end) };
}

/** Objects back to back, which must end where they should. */
export function readBoxes(bytes: Uint8Array<ArrayBuffer>, start: number, end: number, limit = Infinity): Box[] {
  const boxes: Box[] = [];
  let at = start;
  while (at < end && boxes.length < limit) {
    const size = Number(new DataView(bytes.buffer, bytes.byteOffset + at).getBigUint64(16, true));
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
    boxes.push({ guid: guidText(bytes.subarray(at, at + 16)), end: at + size, view });
    at += size;
  }
  if (limit === Infinity) assertEquals(at, end, "objects end where their parent does");
  return boxes;
}

function guidText(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const groups = [[3, 2, 1, 0], [5, 4], [7, 6], [8, 9], [10, 11, 12, 13, 14, 15]];
  return groups.map((group) => group.map((at) => digits[at]).join("")).join("-");
}
