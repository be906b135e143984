/**
 * Gives a sound file its Simple Indexes.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { applyInPlace } from "./apply.ts";
import { planRepair } from "./outcome.ts";
import { checkInterval } from "./repair.ts";
import { scanPackets } from "./scan.ts";
import { type FileTarget, withTarget } from "./target.ts";

/** How a file is indexed. */
export interface IndexOptions {
  /** Distance of index entries in whole milliseconds, at least 1; default 200. Larger where the index would be. */
  indexIntervalMs?: number;
}

/** What became of a file. */
export interface IndexReport {
  /** Size of the file now. */
  readonly size: number;
  /** Data packets in it. */
  readonly packetCount: number;
  /** Simple Indexes in it: one for each video stream that is to be seen. */
  readonly indexCount: number;
  /** Distance of their entries. */
  readonly indexIntervalMs: number;
}

/**
 * Adds Simple Indexes ([ASF] 6.1) to a sound file, or replaces those it has, and marks it as seekable; other indexes stay.
 * The file is changed where it lies: the old indexes are cut off, the new ones appended, and one write brings the header
 * up to date. A file on which this was cut short is repaired by `repair`.
 *
 * @param target A path, a `file:` URL, or an {@linkcode Editable}.
 * @throws {TypeError} If the target is none of these.
 * @throws {RangeError} If an option is out of its range.
 * @throws {MuxError} `bad-media` when it is not a sound ASF file; nothing is changed then.
 *
 * @example
 * ```ts
 * import { index } from "@muxwell/muxwell/repair";
 *
 * async function makeSeekable(path: string): Promise<void> {
 *   const { indexCount } = await index(path, { indexIntervalMs: 100 });
 *   console.log(`${indexCount} video streams indexed`);
 * }
 * console.log(typeof makeSeekable);
 * ```
 */
export async function index(target: FileTarget, options: IndexOptions = {}): Promise<IndexReport> {
  const intervalMs = checkInterval(options.indexIntervalMs);
  return await withTarget(target, "change", async (open) => {
    const scan = await scanPackets(open.input, open.head, open.packetBytes);
    const repaired = await planRepair(open, scan, intervalMs);
    if (scan.lostBytes > 0 || scan.lostObjectCount > 0 || repaired.edits?.length !== 0) {
      const found = `${scan.lostBytes} bytes hold no packet, ${scan.lostObjectCount} samples are incomplete`;
      throw new MuxError("bad-media", `Cannot index file: it must be repaired first, ${found}`);
    }
    await applyInPlace(open, repaired);
    const { size, packetCount, plan } = repaired;
    return { size, packetCount, indexCount: plan.streams.length, indexIntervalMs: plan.intervalMs };
  });
}
