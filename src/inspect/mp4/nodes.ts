/**
 * The boxes and samples of a file as nodes of a tree.
 *
 * @module
 */

import { type ByteSource, openInput } from "../byte_source.ts";
import { ProblemList } from "../problems.ts";
import { type FileNodes, type InspectNode, type InspectOptions, type LeveledNode, plainFields } from "../tree_nodes.ts";
import type { BoxHead, Mp4Box } from "./box.ts";
import { heldPositions, readBox } from "./box_reader.ts";
import { MAX_MOVIE_BYTES, Mp4Reader } from "./reader.ts";
import type { SampleCursor } from "./sample_cursor.ts";
import { samplesInOrder } from "./stored_order.ts";
import { TopWalker } from "./top_walker.ts";

/** Boxes whose insides are never looked into. */
const OPAQUE: ReadonlySet<string> = new Set(["mdat", "free", "skip", "wide"]);

/** The nodes of a file in stored order; samples, if they are wanted, behind all boxes in theirs. */
export function mp4Nodes(source: ByteSource, options: InspectOptions): FileNodes {
  const input = openInput(source);
  const problems = new ProblemList();
  async function* read(): AsyncGenerator<LeveledNode, void, undefined> {
    const walker = new TopWalker(input, problems);
    for (let head = await walker.next(); head !== undefined; head = await walker.next()) {
      yield { level: 0, node: await topNode(head) };
    }
    if (options.packets) yield* sampleNodes();
  }
  async function topNode(head: BoxHead): Promise<InspectNode> {
    if (OPAQUE.has(head.type)) return boxNode({ ...head, name: `${names[head.type]}`, fields: {}, children: [] });
    const { offset, size } = head;
    const positions = input.canSeek
      ? input
      : heldPositions((await input.read(offset, Math.min(size, MAX_MOVIE_BYTES))).slice(), offset);
    return boxNode(await readBox(positions, head, problems));
  }
  async function* sampleNodes(): AsyncGenerator<LeveledNode, void, undefined> {
    if (!input.canSeek) {
      problems.add("M27", 0, "Samples of a stream are not listed: it cannot be read a second time");
      return;
    }
    const reader = await Mp4Reader.open(input, new ProblemList()).catch(() => undefined);
    if (reader === undefined) return;
    const root = { name: "Samples", offset: 0, size: input.size ?? 0, fields: {}, children: [] };
    yield { level: 0, node: root };
    const order = samplesInOrder(reader);
    const size = input.size ?? 0;
    for (let listed = 0; listed <= size;) {
      const cursor = order.next() ?? await order.wait();
      if (cursor === undefined) return;
      if (cursor.offset + cursor.byteLength > size) continue; // of a table there may be more than of a file
      listed += Math.max(1, cursor.byteLength);
      yield { level: 1, node: sampleNode(cursor) };
    }
  }
  return {
    nodes: read(),
    problems,
    get size() {
      return input.size;
    },
    close: () => input.close(),
  };
}

const names: Readonly<Record<string, string>> = {
  mdat: "Media Data Box",
  free: "Free Space Box",
  skip: "Free Space Box",
  wide: "Wide Box",
};

function boxNode({ type, name, offset, size, fields, children, userType }: Mp4Box): InspectNode {
  const shown = type.replace(/[^\x20-\x7E\xA9]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return {
    name: `${name} (${shown})`,
    offset,
    size,
    fields: plainFields({ ...userType !== undefined && { userType }, ...fields }),
    children: children.map(boxNode),
  };
}

function sampleNode(cursor: SampleCursor): InspectNode {
  const { track, number, sampleCount, offset, byteLength, decodeTime, compositionOffset, duration, isKey } = cursor;
  const fields = {
    track: track.trackId,
    number: number + 1,
    ...sampleCount > 1 && { sampleCount },
    decodeTime,
    presentationTime: decodeTime + compositionOffset,
    duration,
    isKey,
  };
  return { name: "Sample", offset, size: byteLength, fields, children: [] };
}
