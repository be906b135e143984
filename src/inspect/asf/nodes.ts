/**
 * The objects and packets of a file as nodes of a tree.
 *
 * @module
 */

import {
  type InspectNode,
  type InspectOptions,
  type InspectValue,
  type LeveledNode,
  plainFields,
  plainValue,
} from "../tree_nodes.ts";
import { ExtensionReader } from "./extension_reader.ts";
import { GUID } from "./guid.ts";
import type { AsfHeader } from "./header.ts";
import type { AsfObject } from "./objects/walk.ts";
import type { AsfPacket, AsfPayload } from "./packet.ts";
import type { AsfReader } from "./reader.ts";
import { FILETIME_OF_1970, TICKS_PER_MS } from "./ticks.ts";

/** The nodes of a file in stored order. */
export async function* readNodes(
  reader: AsfReader,
  options: InspectOptions,
): AsyncGenerator<LeveledNode, void, undefined> {
  yield { level: 0, node: objectNode(reader.header.object) };
  const { data } = reader;
  if (data === undefined) return;
  const { fileId, packetCount, reserved, offset, size } = data;
  const fields = { fileId, packetCount, reserved };
  yield { level: 0, node: { name: "Data Object", guid: GUID.data, offset, size, fields, children: [] } };
  if (options.packets) {
    const nodes = new PacketNodes(reader.header);
    for await (const packet of reader.packets()) yield { level: 1, node: nodes.nodeOf(packet) };
  }
  for (const object of (await reader.indexes()).objects) yield { level: 0, node: objectNode(object) };
}

/** An object with the objects inside it. */
function objectNode(object: AsfObject): InspectNode {
  const { name, guid, offset, size, fields, children } = object;
  return { name, guid, offset, size, fields: plainFields(shownFields(fields)), children: children.map(objectNode) };
}

/** Makes nodes of packets with their payloads, and what these carry for the streams that declare something. */
class PacketNodes {
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

/** The fields of an object as they are shown: with a date beside its ticks, without the stored form of a format. */
function shownFields(fields: object): object {
  const isParsed = PARSED_FORMATS.some((name) => (fields as Record<string, unknown>)[name] !== undefined);
  const shown = Object.entries(fields).flatMap(([name, value]) => {
    if (isParsed && name === "typeData") return [];
    return name === "creationTicks" ? [[name, value], ["creationTime", isoDate(value)]] : [[name, value]];
  });
  return Object.fromEntries(shown);
}

/** Fields of Stream Properties that say what is in the type-specific data. */
const PARSED_FORMATS = ["audio", "video", "image", "mediaType"] as const;

function isoDate(fileTime: bigint): string {
  const date = new Date(Number((fileTime - FILETIME_OF_1970) / BigInt(TICKS_PER_MS)));
  return Number.isNaN(date.getTime()) ? "out of range" : date.toISOString();
}
