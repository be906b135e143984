/**
 * A tree as text for people.
 *
 * ```text
 * File Properties Object  @30  104 bytes
 *   file id: 12345678-9ABC-4DEF-8123-456789ABCDEF
 *   play duration: 1.01 s (10100000)
 * ```
 *
 * @module
 */

import { readNodes } from "./asf/nodes.ts";
import { packetLine } from "./asf/packet_line.ts";
import { AsfReader } from "./asf/reader.ts";
import type { ByteSource } from "./byte_source.ts";
import { knownSource } from "./file_kind.ts";
import { matroskaNodes } from "./matroska/nodes.ts";
import { mp4Nodes } from "./mp4/nodes.ts";
import type { FileProblem } from "./problems.ts";
import type { InspectTree } from "./tree.ts";
import type { InspectNode, InspectOptions, LeveledNode } from "./tree_nodes.ts";
import { type Fields, inlineText, isFields, labelOf, valueText } from "./value_text.ts";

/**
 * The text of a tree: one line an object, a field, a packet, a problem. The same tree always gives the same text.
 *
 * @example
 * ```ts
 * import { formatTree, inspectTree } from "@muxwell/muxwell/inspect";
 *
 * async function show(file: Blob): Promise<void> {
 *   console.log(formatTree(await inspectTree(file)));
 * }
 * console.log(typeof show);
 * ```
 */
export function formatTree(tree: InspectTree): string {
  const lines = [TITLES[tree.format]];
  for (const node of tree.children) pushNode(lines, node, 1);
  pushSummary(lines, tree.size, tree.problems, tree.problemCount);
  return lines.join("\n") + "\n";
}

/**
 * The same text line by line while the file is read: memory stays flat whatever the file's size.
 *
 * @throws {TypeError} If the source is none of the `ByteSource`s.
 * @throws {MuxError} `bad-media` when it begins like neither an ASF, an MP4 nor a Matroska file; `too-large` when its header is above
 * 64 MiB.
 *
 * @example
 * ```ts
 * import { inspectLines } from "@muxwell/muxwell/inspect";
 *
 * async function show(file: Blob): Promise<void> {
 *   for await (const line of inspectLines(file, { packets: true })) console.log(line);
 * }
 * console.log(typeof show);
 * ```
 */
export async function* inspectLines(
  source: ByteSource,
  options: InspectOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { kind, source: known } = await knownSource(source);
  if (kind !== "asf") {
    const file = kind === "mp4" ? mp4Nodes(known, options) : matroskaNodes(known, options);
    try {
      yield TITLES[kind];
      yield* nodeLines(file.nodes);
      yield* summaryLines(file.size, file.problems.kept, file.problems.count);
    } finally {
      await file.close();
    }
    return;
  }
  const reader = await AsfReader.openIncomplete(known);
  try {
    yield TITLES[kind];
    yield* nodeLines(readNodes(reader, options));
    yield* summaryLines(reader.size, reader.problems, reader.problemCount);
  } finally {
    await reader.close();
  }
}

async function* nodeLines(nodes: AsyncIterable<LeveledNode>): AsyncGenerator<string, void, undefined> {
  for await (const { level, node } of nodes) {
    const lines: string[] = [];
    pushNode(lines, node, level + 1);
    yield* lines;
  }
}

function summaryLines(size: number | undefined, problems: readonly FileProblem[], problemCount: number): string[] {
  const lines: string[] = [];
  pushSummary(lines, size, problems, problemCount);
  return lines;
}

const TITLES = { asf: "ASF file", mp4: "MP4 file", matroska: "Matroska file" } as const;

function pushNode(lines: string[], node: InspectNode, depth: number): void {
  const indent = "  ".repeat(depth);
  if (node.name === "Packet") {
    lines.push(indent + packetLine(node));
    return;
  }
  if (node.name === "Sample") {
    lines.push(`${indent}@${node.offset}  ${node.size} bytes  ${inlineText("sample", node.fields)}`);
    return;
  }
  if (node.name === "SimpleBlock" || node.name === "BlockGroup") {
    const head = `${indent}${node.name}  @${node.offset}  ${node.size} bytes`;
    lines.push(`${head}  ${inlineText("block", node.fields)}`);
    return;
  }
  const unknown = node.name === "Unknown Object" ? ` ${node.guid}` : "";
  lines.push(`${indent}${node.name}${unknown}  @${node.offset}  ${node.size} bytes`);
  pushFields(lines, node.fields, depth + 1);
  for (const child of node.children) pushNode(lines, child, depth + 1);
}

function pushFields(lines: string[], fields: Fields, depth: number): void {
  const indent = "  ".repeat(depth);
  for (const [name, value] of Object.entries(fields)) {
    if (name === "creationTicks") continue; // said by the time beside it
    const label = labelOf(name);
    if (Array.isArray(value) && value.some((one) => typeof one === "object")) {
      if (value.length > 0) lines.push(`${indent}${label}:`);
      for (const one of value) lines.push(`${indent}  - ${inlineText(name, one)}`);
    } else if (isFields(value)) {
      lines.push(`${indent}${label}:`);
      pushFields(lines, value, depth + 1);
    } else if (!Array.isArray(value) || value.length > 0) {
      lines.push(`${indent}${label}: ${valueText(name, value)}`);
    }
  }
}

function pushSummary(
  lines: string[],
  size: number | undefined,
  problems: readonly FileProblem[],
  problemCount: number,
): void {
  const sizeText = size === undefined ? "size unknown" : `${size} bytes`;
  const countText = problemCount === 0 ? "no problems" : problemCount === 1 ? "1 problem" : `${problemCount} problems`;
  lines.push(`  ${sizeText}, ${countText}`);
  for (const { rule, offset, message } of problems) lines.push(`    ${rule}  @${offset}  ${message}`);
}
