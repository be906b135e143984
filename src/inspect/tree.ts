/**
 * A file as a tree of plain values.
 *
 * @module
 */

import { readNodes } from "./asf/nodes.ts";
import { AsfReader } from "./asf/reader.ts";
import type { ByteSource } from "./byte_source.ts";
import type { FileProblem } from "./problems.ts";
import type { InspectNode, InspectOptions } from "./tree_nodes.ts";

/** A whole file. */
export interface InspectTree {
  /** Size of the file, if it was read to its end. */
  readonly size?: number;
  /** Header Object, Data Object and what follows. */
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
