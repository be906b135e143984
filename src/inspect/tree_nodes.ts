/**
 * Makes objects and packets into plain values.
 *
 * @module
 */

import { ExtensionReader } from "./extension_reader.ts";
import type { AsfHeader } from "./header.ts";
import type { AsfObject } from "./objects/walk.ts";
import type { AsfPacket, AsfPayload } from "./packet.ts";
import { FILETIME_OF_1970, TICKS_PER_MS } from "./ticks.ts";

/** What a field of a tree can be. */
export type InspectValue =
  | string
  | number
  | boolean
  | readonly InspectValue[]
  | { readonly [name: string]: InspectValue };

/** One object or packet of a file. Everything in it can be written as JSON. */
export interface InspectNode {
  /** What it is called. */
  readonly name: string;
  /** Its GUID; packets have none. */
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

/** Bytes of a byte field that are shown. */
const SHOWN_BYTES = 256;

/** An object with the objects inside it. */
export function objectNode(object: AsfObject): InspectNode {
  const { name, guid, offset, size, fields, children } = object;
  return { name, guid, offset, size, fields: plainFields(fields), children: children.map(objectNode) };
}

/** Makes nodes of packets with their payloads, and what these carry for the streams that declare something. */
export class PacketNodes {
  readonly #extensions: ReadonlyMap<number, ExtensionReader>;

  constructor({ streams }: AsfHeader) {
    const readers = streams.map(({ streamNumber, extended }) =>
      [streamNumber, new ExtensionReader(extended?.payloadExtensions ?? [])] as const
    );
    this.#extensions = new Map(readers);
  }

  /** The packet as a node. */
  nodeOf({ offset, byteLength, payloads, ...fields }: AsfPacket): InspectNode {
    const plain = { ...plainFields(fields), payloads: payloads.map((payload) => this.#payloadFields(payload)) };
    return { name: "Packet", offset, size: byteLength, fields: plain, children: [] };
  }

  #payloadFields({ data, replicatedData, extensionData, ...rest }: AsfPayload): Record<string, InspectValue> {
    const fields = { ...plainFields(rest), dataBytes: data.byteLength, replicatedBytes: replicatedData.byteLength };
    if (extensionData.byteLength === 0) return fields;
    const values = this.#extensions.get(rest.streamNumber)?.values(extensionData) ?? {};
    return { ...fields, extensionData: plainValue(extensionData), extensions: plainFields(values) };
  }
}

function plainFields(fields: object): Record<string, InspectValue> {
  const plain: Record<string, InspectValue> = {};
  const isParsed = PARSED_FORMATS.some((name) => (fields as Record<string, unknown>)[name] !== undefined);
  for (const [name, value] of Object.entries(fields)) {
    // The stored form of what stands there field by field.
    if (value === undefined || isParsed && name === "typeData") continue;
    plain[name] = plainValue(value);
    if (name === "creationTicks") plain.creationTime = isoDate(value);
  }
  return plain;
}

/** Fields of Stream Properties that say what is in the type-specific data. */
const PARSED_FORMATS = ["audio", "video", "image", "mediaType"] as const;

function plainValue(value: unknown): InspectValue {
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

function isoDate(fileTime: bigint): string {
  const date = new Date(Number((fileTime - FILETIME_OF_1970) / BigInt(TICKS_PER_MS)));
  return Number.isNaN(date.getTime()) ? "out of range" : date.toISOString();
}
