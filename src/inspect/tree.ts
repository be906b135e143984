/**
 * A file as a tree of plain values.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import { GUID } from "./guid.ts";
import type { AsfProblem } from "./problems.ts";
import { AsfReader } from "./reader.ts";
import { type InspectNode, objectNode, PacketNodes } from "./tree_nodes.ts";

/** A whole file. */
export interface InspectTree {
  /** Size of the file, if it was read to its end. */
  readonly size?: number;
  /** Header Object, Data Object and what follows. */
  readonly children: readonly InspectNode[];
  /** What is wrong with it, the first 1000. */
  readonly problems: readonly AsfProblem[];
  /** Problems in all. */
  readonly problemCount: number;
}

/** What goes into a tree. */
export interface InspectOptions {
  /** Also each data packet with its payloads. Default false. */
  packets?: boolean;
}

/** A node on its way: level 0 stands at the top of the file, level 1 in the last one of level 0. */
export interface LeveledNode {
  /** 0 or 1. */
  readonly level: 0 | 1;
  /** The node, with its own children. */
  readonly node: InspectNode;
}

/**
 * Reads a file into a tree. With packets the tree is several times the size of their heads: for large files take
 * `inspectLines`.
 *
 * @throws {TypeError} If the source is none of the `ByteSource`s.
 * @throws {MuxError} `bad-media` when it does not begin like an ASF file; `too-large` when its header is above 64 MiB.
 *
 * @example
 * ```ts
 * import { inspectTree } from "@muxwell/muxwell/inspect";
 *
 * async function show(file: Blob): Promise<void> {
 *   const tree = await inspectTree(file, { packets: true });
 *   console.log(JSON.stringify(tree, null, 2));
 * }
 * console.log(typeof show);
 * ```
 */
export async function inspectTree(source: ByteSource, options: InspectOptions = {}): Promise<InspectTree> {
  const reader = await AsfReader.openIncomplete(source);
  try {
    const children: (InspectNode & { children: InspectNode[] })[] = [];
    for await (const { level, node } of readNodes(reader, options)) {
      if (level === 0) children.push({ ...node, children: [...node.children] });
      else children.at(-1)!.children.push(node);
    }
    const { problems, problemCount } = reader;
    return { size: reader.size, children, problems: [...problems], problemCount };
  } finally {
    await reader.close();
  }
}

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
