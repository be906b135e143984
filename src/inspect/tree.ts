/**
 * A file as a tree of plain values.
 *
 * @module
 */

import { readNodes } from "./asf/nodes.ts";
import { AsfReader } from "./asf/reader.ts";
import type { ByteSource } from "./byte_source.ts";
import { knownSource } from "./file_kind.ts";
import { matroskaNodes } from "./matroska/nodes.ts";
import { mp4Nodes } from "./mp4/nodes.ts";
import type { FileProblem } from "./problems.ts";
import type { InspectNode, InspectOptions, LeveledNode } from "./tree_nodes.ts";

/** A whole file. */
export interface InspectTree {
  /** What it is. */
  readonly format: "asf" | "mp4" | "matroska";
  /** Size of the file, if it was read to its end. */
  readonly size?: number;
  /** Its objects, boxes or elements in stored order. */
  readonly children: readonly InspectNode[];
  /** What is wrong with it, the first 1000. */
  readonly problems: readonly FileProblem[];
  /** Problems in all. */
  readonly problemCount: number;
}

/**
 * Reads a file into a tree. With packets the tree is several times the size of their heads: for large files take
 * `inspectLines`.
 *
 * @throws {TypeError} If the source is none of the `ByteSource`s.
 * @throws {MuxError} `bad-media` when it begins like neither an ASF, an MP4 nor a Matroska file; `too-large` when its header
 * is above 64 MiB.
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
  const { kind, source: known } = await knownSource(source);
  if (kind !== "asf") {
    const file = kind === "mp4" ? mp4Nodes(known, options) : matroskaNodes(known, options);
    try {
      const children = await collect(file.nodes);
      const { kept, count } = file.problems;
      return { format: kind, size: file.size, children, problems: [...kept], problemCount: count };
    } finally {
      await file.close();
    }
  }
  const reader = await AsfReader.openIncomplete(known);
  try {
    const children = await collect(readNodes(reader, options));
    const { problems, problemCount } = reader;
    return { format: kind, size: reader.size, children, problems: [...problems], problemCount };
  } finally {
    await reader.close();
  }
}

async function collect(nodes: AsyncIterable<LeveledNode>): Promise<InspectNode[]> {
  const children: (InspectNode & { children: InspectNode[] })[] = [];
  for await (const { level, node } of nodes) {
    if (level === 0) children.push({ ...node, children: [...node.children] });
    else children.at(-1)!.children.push(node);
  }
  return children;
}
