/**
 * Makes a whole file of a broken one.
 *
 * @module
 */

import { DEFAULT_INDEX_INTERVAL_MS } from "../asf/indexes/simple_index.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import { MuxError } from "../errors.ts";
import { announcedIndexes } from "../inspect/asf/scan/announced_indexes.ts";
import type { SinkLike } from "../sinks/sink.ts";
import { streamSink } from "../sinks/stream_sink.ts";
import { applyInPlace, applyToSink } from "./apply.ts";
import { findNextFile, refuseNextFile } from "./next_file.ts";
import { planRepair, type RepairPlan } from "./plan.ts";
import { type Loss, type Scan, scanPackets } from "./scan.ts";
import { type FileTarget, type ForceOption, type OpenTarget, withTarget } from "./target.ts";

/** How a file is repaired. */
export interface RepairOptions extends ForceOption {
  /** Where the repaired file goes; the input stays as it is then. Default: in its place. */
  output?: SinkLike;
  /** Distance of index entries in whole milliseconds, at least 1; default 200. */
  indexIntervalMs?: number;
}

/** What became of a file. */
export interface RepairReport {
  /** Size of the file now. */
  readonly size: number;
  /** Data packets in it. */
  readonly packetCount: number;
  /** From the first to the last presentation time, the preroll not included, ms. */
  readonly durationMs: number;
  /** Simple Indexes in it. */
  readonly indexCount: number;
  /** Distance of their entries. */
  readonly indexIntervalMs: number;
  /** Whether all of it was written anew, since packets had to move. */
  readonly wasRewritten: boolean;
  /** Bytes in which no packet could be found, such as a last one that is cut off. */
  readonly lostBytes: number;
  /** Where they were: the first 1000 places. */
  readonly losses: readonly Loss[];
  /** Media objects of which something was missing, and which are gone. */
  readonly lostObjectCount: number;
  /** Where another ASF file begins behind this one, which the output is without; absent: nowhere. */
  readonly nextFileOffset?: number;
}

/**
 * Repairs a recording that was never finished, or that was damaged: finds its packets, takes out what is incomplete, and
 * makes header facts (sizes, counts, durations, flags) and indexes anew from what is there: Simple Indexes, and those that
 * the header announces. Memory stays flat.
 *
 * In place, the file is never worse than before, whenever this is cut short: packets stay where they are, indexes are
 * appended, and one write brings the header up to date. Where packets were overwritten, one beside them is spread over
 * their places. Where bytes are missing, or more than 16 MiB are overwritten, the file is copied beside itself and the
 * copy takes its place, as `tag` does it. A file that something still writes to is refused: a sink holds its lock, or it
 * changes while it is worked on; the last change to an unfinished file must be two seconds old, which is waited for.
 *
 * @param target A path, a `file:` URL, or an {@linkcode Editable}.
 * @throws {TypeError} If the target is none of these.
 * @throws {RangeError} If an option is out of its range.
 * @throws {MuxError} `bad-media` when the header does not survive, or no packet, or when another ASF file stands behind
 * this one, which would be cut off in place; `too-large` when there are more than
 * some 250 000 damaged places; `unsupported` when a copy is needed which the target cannot make; `in-use` when something
 * writes to it.
 *
 * @example
 * ```ts
 * import { repair } from "@muxwell/muxwell/repair";
 *
 * async function rescue(path: string): Promise<void> {
 *   const { lostBytes, lostObjectCount, durationMs } = await repair(path);
 *   console.log(`${durationMs} ms saved, ${lostBytes} bytes and ${lostObjectCount} samples lost`);
 * }
 * console.log(typeof rescue);
 * ```
 */
export async function repair(target: FileTarget, options: RepairOptions = {}): Promise<RepairReport> {
  const { output } = options;
  const intervalMs = checkInterval(options.indexIntervalMs);
  const mode = output === undefined ? "repair" : "read";
  return await withTarget(target, { mode, force: options.force }, async (open) => {
    const indexes = announcedIndexes(open.head.header);
    const scan = await scanPackets(open.input, open.head, open.packetBytes, indexes);
    if (output === undefined) await refuseNextFile(open, scan, "repair file in place");
    const plan = await planRepair(open, scan, { intervalMs, indexes, mayFill: output === undefined });
    const wasRewritten = await writeRepaired(open, scan, plan, output);
    const nextFileOffset = output === undefined ? undefined : await findNextFile(open, scan);
    return { ...report(open, scan, plan, wasRewritten), ...nextFileOffset !== undefined && { nextFileOffset } };
  });
}

/** Writes the new file: in place if it can be. Answers whether all of it was written. */
export async function writeRepaired(
  open: OpenTarget,
  scan: Scan,
  plan: RepairPlan,
  output?: SinkLike,
): Promise<boolean> {
  if (output !== undefined) {
    await applyToSink(open, scan, plan, output instanceof WritableStream ? streamSink(output) : output);
  } else if (plan.inPlace !== undefined) {
    await applyInPlace(open, plan.inPlace, plan);
    return false;
  } else if (open.file.replacement !== undefined) {
    await applyToSink(open, scan, plan, open.file.replacement());
  } else {
    throw new MuxError(
      "unsupported",
      { action: "change file in place", reason: "its packets move, which takes a copy" },
    );
  }
  return true;
}

function report({ head }: OpenTarget, scan: Scan, plan: RepairPlan, wasRewritten: boolean): RepairReport {
  const { statistics, simpleIndexes } = plan;
  const prerollMs = head.header.fileProperties?.prerollMs ?? 0;
  return {
    size: plan.size,
    packetCount: plan.packetCount,
    durationMs: Math.max(0, Math.round(statistics.lastMs + statistics.lastStepMs - prerollMs)),
    indexCount: simpleIndexes.indexes.length,
    indexIntervalMs: simpleIndexes.intervalMs,
    wasRewritten,
    lostBytes: scan.lostBytes,
    losses: scan.losses,
    lostObjectCount: scan.lostObjectCount,
  };
}

/** The interval that was asked for, or the usual one. @throws {RangeError} */
export function checkInterval(intervalMs: number = DEFAULT_INDEX_INTERVAL_MS): number {
  if (Number.isInteger(intervalMs) && intervalMs >= 1 && intervalMs <= MAX_DWORD) return intervalMs;
  throw new RangeError(
    `Cannot write index: indexIntervalMs must be whole and within 1–${MAX_DWORD}, got ${intervalMs}`,
  );
}
