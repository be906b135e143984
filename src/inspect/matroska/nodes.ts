/**
 * The elements and blocks of a file as nodes of a tree.
 *
 * @module
 */

import { type ByteSource, type Input, openInput } from "../byte_source.ts";
import { ProblemList } from "../problems.ts";
import {
  type FileNodes,
  type InspectNode,
  type InspectOptions,
  type InspectValue,
  type LeveledNode,
  plainValue,
} from "../tree_nodes.ts";
import { LACING, type MatroskaBlock } from "./block.ts";
import { ByteWindow } from "../byte_window.ts";
import type { MatroskaElement } from "./element_tree.ts";
import { ELEMENTS, nameOf } from "./elements.ts";
import { type ClusterPlace, type ElementPlace, SegmentCursor, STEP } from "./segment_cursor.ts";

/** Milliseconds from 1970 to 2001, from which dates count nanoseconds. */
const EPOCH_MS = Date.UTC(2001, 0, 1);

/** The nodes of a file in stored order: EBML headers and Segments at level 0, what is inside of these at level 1. */
export function matroskaNodes(source: ByteSource, options: InspectOptions): FileNodes {
  const input = openInput(source);
  const problems = new ProblemList();
  return {
    nodes: readNodes(input, problems, options),
    problems,
    get size() {
      return input.size;
    },
    close: () => input.close(),
  };
}

async function* readNodes(
  input: Input,
  problems: ProblemList,
  options: InspectOptions,
): AsyncGenerator<LeveledNode, void, undefined> {
  const cursor = new SegmentCursor(new ByteWindow(input), problems, { checksums: true });
  let isInside = false;
  let blocks: InspectNode[] = [];
  for (let step = cursor.step(); step !== STEP.end; step = cursor.step()) {
    switch (step) {
      case STEP.fill:
        await cursor.fill();
        break;
      case STEP.segment:
        isInside = true;
        yield { level: 0, node: placeNode(cursor.segment) };
        break;
      case STEP.element: {
        if (nameOf(cursor.element.id) === "EBML") isInside = false;
        const place = placeNode(cursor.element);
        const tree = place.name === "Void" ? undefined : await cursor.readElement();
        yield { level: isInside ? 1 : 0, node: tree === undefined ? place : elementNode(tree) };
        break;
      }
      case STEP.cluster:
        blocks = [];
        break;
      case STEP.block:
        if (options.packets) blocks.push(blockNode(cursor.block));
        break;
      case STEP.clusterEnd:
        yield { level: 1, node: clusterNode(cursor.cluster, cursor.position, blocks) };
    }
  }
}

function placeNode({ headerBytes, id, offset, size }: ElementPlace): InspectNode {
  const fields: Record<string, InspectValue> = size < 0 ? { hasUnknownSize: true } : {};
  return { name: nameOf(id), offset, size: headerBytes + Math.max(0, size), fields, children: [] };
}

/** An element: those in it that hold elements are its children, the others its fields. */
function elementNode(element: MatroskaElement): InspectNode {
  const fields: Record<string, InspectValue> = {};
  const children: InspectNode[] = [];
  const lists = new Map<string, InspectValue[]>();
  for (const child of element.children) {
    if (child.value === undefined) {
      children.push(elementNode(child));
      continue;
    }
    const name = fieldName(child.name);
    const value = shownValue(child);
    const several = lists.get(name);
    if (several !== undefined) several.push(value);
    else if (fields[name] === undefined) fields[name] = value;
    else {
      const list = [fields[name], value];
      lists.set(name, list);
      fields[name] = list;
    }
  }
  const { headerBytes, name, offset, size } = element;
  return { name, offset, size: headerBytes + size, fields, children };
}

/** As fields of other formats are called: `TrackUID` is `trackUid`, `CRC-32` is `crc32`. */
function fieldName(name: string): string {
  const words = name.replace("-", "").replace(
    /[A-Z]{2,}(?=[A-Z][a-z]|\d|$)/g,
    (word) => word[0] + word.slice(1).toLowerCase(),
  );
  return words[0]!.toLowerCase() + words.slice(1);
}

function shownValue({ id, value }: MatroskaElement): InspectValue {
  const type = ELEMENTS.get(id)?.type;
  if (type === "f") return Number.isFinite(value) ? value as number : String(value);
  if (type !== "d") return plainValue(value);
  const date = new Date(EPOCH_MS + Number(value as number | bigint) / 1e6);
  return Number.isNaN(date.getTime()) ? "out of range" : date.toISOString();
}

function clusterNode(cluster: ClusterPlace, end: number, children: readonly InspectNode[]): InspectNode {
  const { blockCount, offset, position, prevSize, size, timestamp } = cluster;
  const fields: Record<string, InspectValue> = {};
  if (timestamp >= 0) fields.timestamp = timestamp;
  if (position >= 0) fields.position = position;
  if (prevSize >= 0) fields.prevSize = prevSize;
  fields.blockCount = blockCount;
  if (size < 0) fields.hasUnknownSize = true;
  return { name: "Cluster", offset, size: end - offset, fields, children };
}

const LACING_NAMES: Readonly<Record<number, string>> = {
  [LACING.xiph]: "Xiph",
  [LACING.fixed]: "fixed",
  [LACING.ebml]: "EBML",
};

function blockNode(block: MatroskaBlock): InspectNode {
  const fields: Record<string, InspectValue> = {
    trackNumber: block.trackNumber,
    timestamp: block.timestamp,
    isKey: block.isKey,
  };
  if (block.isInvisible) fields.isInvisible = true;
  if (block.isDiscardable) fields.isDiscardable = true;
  if (block.duration >= 0) fields.duration = block.duration;
  if (block.discardPadding !== 0) fields.discardPadding = block.discardPadding;
  if (block.hasAdditions) fields.hasAdditions = true;
  if (block.lacing !== LACING.none) fields.lacing = LACING_NAMES[block.lacing]!;
  fields.frameSizes = Array.from(block.frameBytes.subarray(0, block.frameCount));
  const { byteLength, isSimple, offset } = block;
  return { name: isSimple ? "SimpleBlock" : "BlockGroup", offset, size: byteLength, fields, children: [] };
}
