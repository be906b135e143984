/**
 * Makes an MP4 file whole, and one in which players can seek.
 *
 * In place, the order is what makes it safe against being killed at any moment:
 *
 * 1. the last Media Data Box gets the size of what is whole in it, and the rest is cut off: no sample ever becomes whole by
 *    what is written behind it;
 * 2. the new Movie Box is appended: readers go by the first one still. Should the disk be full, all is taken back;
 * 3. all of that is made durable, and one write turns what was there, the old Movie Box and the fragments with their
 *    media, into one Media Data Box.
 *
 * @module
 */

import type { Input } from "../../inspect/byte_source.ts";
import type { Editable } from "../../sinks/editable_file.ts";
import { applyToSink, unchanged } from "../copy.ts";
import { checkInterval, type RepairOptions, type RepairReport } from "../report.ts";
import { type OpenedTarget, withFile } from "../target.ts";
import { UndoLog } from "../undo_log.ts";
import { replacementOf, toSink } from "../writing.ts";
import { scanLike } from "./like.ts";
import { type MoviePlan, planMovie } from "./movie.ts";
import { type InPlacePlan, isSound, planCopy, planInPlace } from "./plan.ts";
import { hasMovie, type Mp4Scan, scanMp4 } from "./scan.ts";

/** Repairs an MP4 file, as `repair` says. */
export async function repairMp4(opened: OpenedTarget, options: RepairOptions): Promise<RepairReport> {
  const { file, input } = opened;
  const { output, force = false } = options;
  const indexIntervalMs = checkInterval(options.indexIntervalMs);
  const { like } = options;
  const isLike = like !== undefined && !await hasMovie(input);
  const scan: Mp4Scan & { readonly remarks?: readonly string[] } = isLike
    ? await withFile(like, { mode: "read" }, (other) => scanLike(input, other.input))
    : await scanMp4(input);
  const moviePlan = planMovie(scan.movie, scan.tables);
  const facts = report(scan, moviePlan, indexIntervalMs);
  if (isSound(scan)) {
    if (output !== undefined) await applyToSink(input, unchanged(scan.size), toSink(output));
    return { ...facts, wasSound: true, size: scan.size, wasRewritten: false };
  }
  if (output === undefined) {
    if (!force) await opened.settle();
    const plan = planInPlace(scan, moviePlan);
    if (plan !== undefined) {
      await applyInPlace(file, input, plan);
      return { ...facts, size: plan.size, wasRewritten: false };
    }
  }
  const plan = planCopy(scan, moviePlan);
  await applyToSink(input, plan, output === undefined ? replacementOf(file) : toSink(output));
  return { ...facts, size: plan.size, wasRewritten: true };
}

async function applyInPlace(file: Editable, input: Input, plan: InPlacePlan): Promise<void> {
  const { seal, end, movie, cover, fileType } = plan;
  const undo = new UndoLog(file, input);
  try {
    if (seal !== undefined) await undo.write(seal);
    await undo.truncate(end);
    await file.flush();
    await file.write(end, movie);
  } catch (error) {
    await undo.restore();
    throw error;
  }
  await file.flush();
  await file.write(cover.offset, cover.bytes);
  await file.flush();
  if (fileType === undefined) return;
  await file.write(fileType.offset, fileType.bytes);
  await file.flush();
}

function report(
  scan: Mp4Scan & { readonly remarks?: readonly string[] },
  { duration }: MoviePlan,
  indexIntervalMs: number,
): Omit<RepairReport, "size" | "wasRewritten"> {
  return {
    format: "mp4",
    wasSound: false,
    packetCount: scan.sampleCount,
    durationMs: Math.round(duration * 1000 / (scan.movie.timescale || 1)),
    indexCount: 1,
    indexIntervalMs,
    lostBytes: scan.lostBytes,
    losses: scan.losses,
    lostObjectCount: scan.missingCount,
    ...scan.remarks !== undefined && { remarks: scan.remarks },
  };
}
