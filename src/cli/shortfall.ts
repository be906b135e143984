/**
 * What an output lacks of its source, and the exit code that says so.
 *
 * @module
 */

import type { Container, FinalizeReport, Metadata, Problem } from "../writer.ts";
import type { Media } from "../demux/mod.ts";
import { lossLines, type Selection } from "./containers.ts";
import type { CopyOutcome } from "./copy.ts";
import { count } from "./format.ts";

/** Samples or streams are missing that nobody deselected: the output is good as far as it goes. */
export const INCOMPLETE = 3;

/** Streams of the source that are missing, one line each. */
export function missingStreams(media: Media, { missing }: Selection): string[] {
  return [...missing, ...media.skipped.map(({ index, reason }) => `stream ${index + 1} of the source: ${reason}`)];
}

/** Whether samples or streams are missing of a copy that has ended. */
export function isIncomplete(
  media: Media,
  selection: Selection,
  { refusal, failure }: CopyOutcome,
  report: FinalizeReport,
): boolean {
  return failure !== undefined || refusal !== undefined || media.droppedCount > 0 ||
    missingStreams(media, selection).length > 0 || report.losses.some(isAboutSamples) ||
    report.sinks.some(({ samplesDropped }) => samplesDropped > 0);
}

/** What would be lost, as far as that is known before anything is written; one line each. */
export async function knownLosses(
  media: Media,
  selection: Selection,
  container: Container,
  metadata: Metadata,
): Promise<string[]> {
  const losses = container.losses?.(selection.streams, metadata) ?? [];
  return [...missingStreams(media, selection), ...await lossLines(losses, selection.streams), ...media.warnings];
}

/** What has been lost; one line each. */
export async function allLosses(media: Media, selection: Selection, report: FinalizeReport): Promise<string[]> {
  return [
    ...missingStreams(media, selection),
    ...await lossLines(report.losses, selection.streams),
    ...media.droppedCount > 0 ? [droppedLine(media.droppedCount)] : [],
    ...media.warnings,
    ...report.warnings.map(({ message }) => message),
  ];
}

/** Whether a loss is of samples; else it is of what is said about them. */
export function isAboutSamples({ samples = 0 }: Problem): boolean {
  return samples > 0;
}

/** Samples that the source has and does not give. */
export function droppedLine(droppedCount: number): string {
  return `${count(droppedCount, "sample")} without content or before a first key frame`;
}
