/**
 * Makes a whole file of a broken one.
 *
 * @module
 */

import { playMsOf } from "./play_duration.ts";
import { MuxError } from "../../errors.ts";
import { announcedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import type { SinkLike } from "../../sinks/sink.ts";
import { applyInPlace, applyToSink } from "./apply.ts";
import { findNextFile, refuseNextFile } from "./next_file.ts";
import { planRepair, type RepairPlan } from "./plan.ts";
import { type Scan, scanPackets } from "./scan.ts";
import { type OpenTarget, withHeader } from "./target.ts";
import { checkInterval, type RepairOptions, type RepairReport } from "../report.ts";
import type { OpenedTarget } from "../target.ts";
import { toSink } from "../writing.ts";

/** Repairs an ASF file, as `repair` says. */
export async function repairAsf(opened: OpenedTarget, options: RepairOptions): Promise<RepairReport> {
  const { output } = options;
  const intervalMs = checkInterval(options.indexIntervalMs);
  const mode = output === undefined ? "repair" : "read";
  return await withHeader(opened, { mode, force: options.force }, async (open) => {
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
    await applyToSink(open, scan, plan, toSink(output));
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
    format: "asf",
    wasSound: false,
    size: plan.size,
    packetCount: plan.packetCount,
    durationMs: Math.max(0, Math.round(playMsOf(head.header, statistics, plan.packetCount) - prerollMs)),
    indexCount: simpleIndexes.indexes.length,
    indexIntervalMs: simpleIndexes.intervalMs,
    wasRewritten,
    lostBytes: scan.lostBytes,
    losses: scan.losses,
    lostObjectCount: scan.lostObjectCount,
  };
}
