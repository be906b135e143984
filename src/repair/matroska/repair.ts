/**
 * Makes a Matroska or WebM file whole, and one in which players can seek.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import { applyToSink, unchanged } from "../copy.ts";
import {
  checkInterval,
  INDEX,
  type IndexOptions,
  type IndexReport,
  REPAIR,
  type RepairOptions,
  type RepairReport,
} from "../report.ts";
import type { OpenedTarget } from "../target.ts";
import { replacementOf, toSink } from "../writing.ts";
import { applyInPlace } from "./apply.ts";
import { isSound, planCopy, planInPlace } from "./plan.ts";
import { CLUSTER, type MatroskaScan, scanMatroska } from "./scan.ts";

/** Repairs a Matroska file, as `repair` says. */
export async function repairMatroska(opened: OpenedTarget, options: RepairOptions): Promise<RepairReport> {
  const { file, input } = opened;
  const { output, force = false } = options;
  const indexIntervalMs = checkInterval(options.indexIntervalMs);
  const scan = await scanMatroska(input, indexIntervalMs);
  const { nextFileOffset } = scan;
  if (isSound(scan)) {
    if (output !== undefined) await applyToSink(input, unchanged(scan.size), toSink(output));
    return { ...report(scan, indexIntervalMs), wasSound: true, size: scan.size, wasRewritten: false };
  }
  if (output === undefined) {
    if (nextFileOffset !== undefined) {
      const reason = `another recording begins at byte ${nextFileOffset}, and would be cut off; write to another file`;
      throw new MuxError("bad-media", { action: REPAIR, reason });
    }
    if (!force && isUnfinished(scan)) await opened.settle();
    const plan = await planInPlace(input, scan, { remakesCues: false });
    if (plan !== undefined) {
      await applyInPlace(file, input, plan);
      return { ...report(scan, indexIntervalMs), size: plan.size, wasRewritten: false };
    }
  }
  const plan = await planCopy(input, scan);
  await applyToSink(input, plan, output === undefined ? replacementOf(file) : toSink(output));
  return { ...report(scan, indexIntervalMs), size: plan.size, wasRewritten: true };
}

/** Gives a Matroska file Cues, as `index` says. */
export async function indexMatroska(opened: OpenedTarget, options: IndexOptions): Promise<IndexReport> {
  const { file, input } = opened;
  const { force = false, sampleIndexInterval, timecodeIndex, timeIndexMs } = options;
  if (timeIndexMs !== undefined || sampleIndexInterval !== undefined || timecodeIndex) {
    throw new MuxError("unsupported", { action: INDEX, reason: "Matroska has Cues, and no other kind of index" });
  }
  const indexIntervalMs = checkInterval(options.indexIntervalMs);
  const scan = await scanMatroska(input, indexIntervalMs);
  if (scan.lostBytes > 0 || scan.nextFileOffset !== undefined) {
    const found = scan.lostBytes > 0 ? `${scan.lostBytes} bytes hold no block` : "another recording stands behind it";
    throw new MuxError("bad-media", { action: INDEX, reason: `it must be repaired first, ${found}` });
  }
  if (!force && isUnfinished(scan)) await opened.settle();
  const plan = await planInPlace(input, scan, { remakesCues: true });
  if (plan !== undefined) await applyInPlace(file, input, plan);
  const copy = plan === undefined ? await planCopy(input, scan) : undefined;
  if (copy !== undefined) await applyToSink(input, copy, replacementOf(file));
  return {
    format: "matroska",
    size: (plan ?? copy!).size,
    packetCount: scan.blockCount,
    indexCount: scan.cues.count > 0 ? 1 : 0,
    indexIntervalMs,
    otherIndexCount: 0,
    wasRewritten: plan === undefined,
  };
}

/** Whether its writer never came to its end. */
function isUnfinished({ clusters, segment, end, dataStart, lostBytes }: MatroskaScan): boolean {
  return segment.size < 0 || clusters.at(clusters.count - 1, CLUSTER.size) < 0 || lostBytes > 0 ||
    end < dataStart + segment.size;
}

function report(scan: MatroskaScan, indexIntervalMs: number): Omit<RepairReport, "size" | "wasRewritten"> {
  const { nextFileOffset } = scan;
  return {
    format: "matroska",
    wasSound: false,
    packetCount: scan.blockCount,
    durationMs: Math.round(scan.duration * scan.timestampScale / 1e6),
    indexCount: scan.cues.count > 0 || scan.areCuesRight ? 1 : 0,
    indexIntervalMs,
    lostBytes: scan.lostBytes,
    losses: scan.losses,
    lostObjectCount: scan.lostObjectCount,
    ...nextFileOffset !== undefined && { nextFileOffset },
  };
}
