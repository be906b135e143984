/**
 * Writes EBML from plain trees, so that a test can break anything.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { ELEMENTS } from "../../../src/inspect/matroska/elements.ts";

/** What an element holds: elements, or a value; a function is asked once the offsets are known. */
export type Content = Node[] | number | bigint | string | Uint8Array | ((offsets: Offsets) => number);

/** Offsets of elements in the file, and of what is in them. */
export interface Offsets {
  of(node: Node): number;
  inside(node: Node): number;
}

/** An element to be written; whoever wants a defect changes it. */
export interface Node {
  name: string;
  content: Content;
  /** Bytes of the size; default 4 for what holds elements, else 1. */
  sizeBytes?: number;
  /** What the size is off by, or `"unknown"`. */
  claim?: number | "unknown";
  /** A checksum in front: right, or off by one. */
  crc?: "right" | "wrong";
  /** Instead of the ID that belongs to the name. */
  id?: number;
  /** Width of a floating point value; default: an integer. */
  float?: 4 | 8;
  /** Bytes behind it. */
  after?: Uint8Array;
}

const IDS = new Map([...ELEMENTS.values()].map(({ id, name }) => [name, id]));

/** An element. */
export function el(name: string, content: Content, more: Partial<Node> = {}): Node {
  return { name, content, ...more };
}

/** The first element of this name in a tree, by names from the top. */
export function find(nodes: Node[], ...names: string[]): Node {
  let list = nodes;
  let found: Node | undefined;
  for (const name of names) {
    found = list.find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    list = Array.isArray(found.content) ? found.content : [];
  }
  return found!;
}

/** The elements in one. */
export function inside(node: Node): Node[] {
  if (!Array.isArray(node.content)) throw new Error(`${node.name} holds no elements`);
  return node.content;
}

/** Takes an element out of one. */
export function remove(parent: Node, name: string): void {
  const list = inside(parent);
  const index = list.findIndex((node) => node.name === name);
  if (index < 0) throw new Error(`there is no ${name} in ${parent.name}`);
  list.splice(index, 1);
}

/** The bytes of a whole file. */
export function write(nodes: Node[]): Uint8Array<ArrayBuffer> {
  const places = new Map<Node, [number, number]>();
  const offsets: Offsets = {
    of: (node) => places.get(node)?.[0] ?? 0,
    inside: (node) => places.get(node)?.[1] ?? 0,
  };
  for (let pass = 0; pass < 2; pass++) {
    const bytes: number[] = [];
    for (const node of nodes) append(node, bytes, 0, offsets, places);
    if (pass === 1) return new Uint8Array(bytes);
  }
  throw new Error("never");
}

function append(node: Node, out: number[], base: number, offsets: Offsets, places: Map<Node, [number, number]>): void {
  const id = node.id ?? IDS.get(node.name);
  if (id === undefined) throw new Error(`no element is called ${node.name}`);
  const idBytes = id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1;
  const isMaster = Array.isArray(node.content);
  const sizeBytes = node.sizeBytes ?? (isMaster ? 4 : undefined);
  const head = idBytes + (sizeBytes ?? 1);
  const start = base + out.length;
  let body = bodyOf(node, start + head, offsets, places);
  const width = sizeBytes ?? (body.length < 127 ? 1 : body.length < 16_383 ? 2 : 4);
  if (width !== (sizeBytes ?? 1)) body = bodyOf(node, start + idBytes + width, offsets, places);
  places.set(node, [start, start + idBytes + width]);
  for (let i = idBytes - 1; i >= 0; i--) out.push(Math.floor(id / 2 ** (8 * i)) % 256);
  const size = node.claim === "unknown" ? 2 ** (7 * width) - 1 : body.length + (node.claim ?? 0);
  for (let i = width - 1; i >= 0; i--) {
    out.push(Math.floor(size / 2 ** (8 * i)) % 256 | (i === width - 1 ? 0x80 >> width - 1 : 0));
  }
  for (const byte of body) out.push(byte);
  for (const byte of node.after ?? []) out.push(byte);
}

function bodyOf(node: Node, start: number, offsets: Offsets, places: Map<Node, [number, number]>): number[] {
  const { content } = node;
  if (content instanceof Uint8Array) return [...content];
  if (typeof content === "string") return [...new TextEncoder().encode(content)];
  if (typeof content === "function") return integer(BigInt(content(offsets)), 8);
  if (typeof content === "bigint") return integer(content, 8);
  if (typeof content === "number" && node.float !== undefined) {
    const view = new DataView(new ArrayBuffer(node.float));
    if (node.float === 4) view.setFloat32(0, content);
    else view.setFloat64(0, content);
    return [...new Uint8Array(view.buffer)];
  }
  if (typeof content === "number") {
    const width = content < 256 ? 1 : content < 65_536 ? 2 : content < 2 ** 32 ? 4 : 8;
    return integer(BigInt(content), width);
  }
  const body: number[] = [];
  const prefix = node.crc === undefined ? 0 : 6;
  for (const child of content) append(child, body, start + prefix, offsets, places);
  if (node.crc === undefined) return body;
  const sum = crc32(new Uint8Array(body)) + (node.crc === "wrong" ? 1 : 0);
  return [0xBF, 0x84, ...[0, 8, 16, 24].map((shift) => sum >>> shift & 0xFF), ...body];
}

function integer(value: bigint, width: number): number[] {
  return Array.from(
    { length: width },
    (_, i) => Number(BigInt.asUintN(64, value) >> BigInt(8 * (width - 1 - i)) & 0xFFn),
  );
}

/** Content of a SimpleBlock or Block: frames without lacing, or as they are given with it. */
export function blockBytes(track: number, relative: number, flags: number, payload: ArrayLike<number>): Uint8Array {
  return new Uint8Array([0x80 | track, relative >> 8 & 0xFF, relative & 0xFF, flags, ...Array.from(payload)]);
}
