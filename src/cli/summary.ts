/**
 * What `muxwell mux` says at the end.
 *
 * @module
 */

import type { FinalizeReport, SinkReport } from "../../mod.ts";
import type { Media } from "../demux/mod.ts";
import { lossLines, type Selection } from "./containers.ts";
import { droppedLine } from "./shortfall.ts";
import { count, describeStream, formatBytes, formatTime } from "./format.ts";

/** What there is to tell. */
export interface Finished {
  /** Where the output went. */
  readonly name: string;
  /** Where it came from. */
  readonly media: Media;
  /** What of it was taken. */
  readonly selection: Selection;
  /** What the writer says. */
  readonly report: FinalizeReport;
  /** How long it took. */
  readonly seconds: number;
  /** Where a part of the source begins, in a line. */
  readonly begin?: string;
  /** Whether Ctrl-C ended it. */
  readonly isInterrupted: boolean;
}

/** A single byte behind the data makes an odd size even (WAVE), and is no index. */
const PADDING_BYTES = 1;

/** Size of everything that was written. */
export function totalBytes(sinks: readonly SinkReport[]): number {
  return sinks.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A few lines: the whole, each stream, what was left out and what was odd. */
export async function summary(
  { name, media, selection, report, seconds, begin, isInterrupted }: Finished,
): Promise<string> {
  const { length } = report.sinks;
  const indexed = report.sinks.every(({ trailerBytes }) => trailerBytes > PADDING_BYTES);
  const facts = [
    ...length > 1 ? [count(length, "file")] : [],
    count(report.streams.length, "stream"),
    formatTime(report.duration),
    count(report.packetCount, "packet"),
    formatBytes(totalBytes(report.sinks)),
    ...indexed ? ["indexed"] : selection.streams.some(({ kind }) => kind === "video") ? ["without index"] : [],
  ];
  const end = isInterrupted ? ", interrupted" : "";
  const lines = [`${name}: ${facts.join(", ")}; took ${seconds.toFixed(2)} s${end}`];
  for (const stream of selection.streams) {
    const statistics = report.streams.find(({ streamNumber }) => streamNumber === stream.streamNumber);
    const samples = count(statistics?.samplesProcessed ?? 0, "sample");
    lines.push(`  ${stream.streamNumber}  ${describeStream(stream)}: ${samples}`);
  }
  if (begin !== undefined) lines.push(begin);
  for (const line of [...selection.leftOut, ...await lossLines(report.losses, selection.streams)]) {
    lines.push(`Left out: ${line}`);
  }
  for (const { index, reason } of media.skipped) lines.push(`Left out: stream ${index + 1} of the source: ${reason}`);
  if (media.droppedCount > 0) {
    lines.push(`Left out: ${droppedLine(media.droppedCount)}`);
  }
  for (const warning of media.warnings) lines.push(`Warning: ${warning}`);
  for (const { message } of report.warnings) lines.push(`Warning: ${message}`);
  return lines.join("\n") + "\n";
}
