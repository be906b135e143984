/**
 * Nodes of a tree, and how what a reader finds becomes plain values.
 *
 * @module
 */

import type { ProblemList } from "./problems.ts";

/** What a field of a tree can be. */
export type InspectValue =
  | string
  | number
  | boolean
  | readonly InspectValue[]
  | { readonly [name: string]: InspectValue };

/** One object, box, packet or sample of a file. Everything in it can be written as JSON. */
export interface InspectNode {
  /** What it is called. */
  readonly name: string;
  /** Its GUID; packets and boxes have none. */
  readonly guid?: string;
  /** Offset in the file. */
  readonly offset: number;
  /** Size as stored. */
  readonly size: number;
  /**
   * What it says. Units stand in the names (`Ms`, `Ticks` of 100 ns, `Bytes`); integers above 2^53 are strings; bytes are
   * `{ byteLength, hex }` with the first 256 of them in hexadecimal.
   */
  readonly fields: { readonly [name: string]: InspectValue };
  /** What is inside it. */
  readonly children: readonly InspectNode[];
}

/** What goes into a tree. */
export interface InspectOptions {
  /** Also each data packet with its payloads; of MP4, each sample in stored order. Default false. */
  packets?: boolean;
}

/** A node on its way: level 0 stands at the top of the file, level 1 in the last one of level 0. */
export interface LeveledNode {
  /** 0 or 1. */
  readonly level: 0 | 1;
  /** The node, with its own children. */
  readonly node: InspectNode;
}

/** A file on its way into a tree. */
export interface FileNodes {
  /** In stored order. */
  readonly nodes: AsyncGenerator<LeveledNode, void, undefined>;
  /** Problems so far. */
  readonly problems: ProblemList;
  /** Size of the source, if it is known by now. */
  readonly size: number | undefined;
  /** Gives the source up. */
  close(): Promise<void>;
}

/** Bytes of a byte field that are shown. */
const SHOWN_BYTES = 256;

/** Fields as plain values, without those that are `undefined`. */
export function plainFields(fields: object): Record<string, InspectValue> {
  const plain: Record<string, InspectValue> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) plain[name] = plainValue(value);
  return plain;
}

/** A value as a plain one. */
export function plainValue(value: unknown): InspectValue {
  switch (typeof value) {
    case "bigint":
      return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case "number":
      return Number.isSafeInteger(value) || value < Number.MAX_SAFE_INTEGER ? value : String(BigInt(value));
    case "string":
    case "boolean":
      return value;
  }
  if (value instanceof Uint8Array) return { byteLength: value.byteLength, hex: hex(value.subarray(0, SHOWN_BYTES)) };
  if (value instanceof Uint16Array || value instanceof Uint32Array) return Array.from(value);
  if (Array.isArray(value)) return value.map(plainValue);
  return plainFields(value as object);
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
