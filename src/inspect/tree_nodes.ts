/**
 * Makes objects and packets into plain values.
 *
 * @module
 */

import { type AsfExtensions, readExtensions } from "./extension_values.ts";
import type { AsfStream } from "./header.ts";
import type { AsfObject } from "./objects/walk.ts";
import type { AsfPacket } from "./packet.ts";
import type { InspectNode, InspectValue } from "./tree.ts";

/** Bytes of a byte field that are shown. */
const SHOWN_BYTES = 256;

/** 1601-01-01 to 1970-01-01, in 100 ns. */
const FILETIME_OF_1970 = 116_444_736_000_000_000n;

/** An object with the objects inside it. */
export function objectNode(object: AsfObject): InspectNode {
  const { name, guid, offset, size, fields, children } = object;
  return { name, guid, offset, size, fields: plainFields(fields), children: children.map(objectNode) };
}

/** A packet with its payloads, and what they carry for the streams that declare something. */
export function packetNode(packet: AsfPacket, streams: readonly AsfStream[]): InspectNode {
  const valuesOf = (streamNumber: number, data: Uint8Array): AsfExtensions => {
    const stream = streams.find((one) => one.streamNumber === streamNumber);
    return readExtensions(stream?.extended?.payloadExtensions ?? [], data);
  };
  const { offset, byteLength, payloads, ...fields } = packet;
  return {
    name: "Packet",
    offset,
    size: byteLength,
    fields: {
      ...plainFields(fields),
      payloads: payloads.map(({ data, replicatedData, extensionData, ...rest }) => ({
        ...plainFields(rest),
        dataBytes: data.byteLength,
        replicatedBytes: replicatedData.byteLength,
        ...extensionData.byteLength > 0
          ? {
            extensionData: plainValue(extensionData),
            extensions: plainFields(valuesOf(rest.streamNumber, extensionData)),
          }
          : {},
      })),
    },
    children: [],
  };
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
  const date = new Date(Number((fileTime - FILETIME_OF_1970) / 10_000n));
  return Number.isNaN(date.getTime()) ? "out of range" : date.toISOString();
}
