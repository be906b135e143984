/**
 * `muxwell repair`: makes a whole file of a broken one.
 *
 * @module
 */

import { repair, type RepairReport } from "../repair/mod.ts";
import { MAX_DWORD, onlyOperand, parseCommandLine, toPath, wholeNumber } from "./arguments.ts";
import { count, formatBytes, formatTime } from "./format.ts";
import type { Io } from "./io.ts";
import { openOutput } from "./output.ts";
import { explain } from "./source.ts";

/** What `muxwell repair --help` says. */
export const REPAIR_HELP = `Repairs a recording that was never finished, or that was damaged: .asf, .wmv,
.wma, .mkv, .webm, .mp4 and .mov files.

Usage: muxwell repair FILE [options]

Finds the packets that are there, takes out what is incomplete, and makes sizes,
counts, durations and indexes anew. What a browser's MediaRecorder leaves gets a
duration, and can be sought in. FILE is changed where it lies, in an order that
is safe whenever it is cut short; with -o it stays as it is. A recording that
goes on is refused, and a Matroska or MP4 file that lacks nothing is left alone.
MP4 in fragments becomes an ordinary file.

Options:
  -o, --output OUTPUT      where the repaired file goes; - for standard output
      --index-interval MS  distance of index entries (200)
      --like GOOD.mp4      for MP4 without its Movie Box: a whole file of the
                           same recorder, which shows what its samples are
      --force              also if something else still writes to FILE, which
                           may break it
  -h, --help               this text

Examples:
  muxwell repair recording.wmv
  muxwell repair recording.webm
  muxwell repair damaged.wmv -o whole.wmv
  muxwell repair killed.mp4 --like other.mp4
`;

const OPTIONS = {
  "output": { type: "string", short: "o" },
  "index-interval": { type: "string" },
  "like": { type: "string" },
  "force": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

const SHOWN_LOSSES = 10;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runRepair(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(REPAIR_HELP), 0;
  const path = toPath(onlyOperand(positionals, "FILE"));
  const indexIntervalMs = wholeNumber("--index-interval", values["index-interval"], 1, MAX_DWORD);
  const output = await openOutput(path, values.output, io);
  const repaired = repair(path, { output: output?.sink, indexIntervalMs, force: values.force });
  const report = await explain(path, repaired, "file", "ASF and Matroska");
  io.report(summary(output?.name ?? path, report));
  return 0;
}

/** What its samples are stored in. */
const UNITS: Readonly<Record<RepairReport["format"], string>> = { asf: "packet", matroska: "block", mp4: "sample" };

function summary(name: string, report: RepairReport): string {
  const { durationMs, packetCount, size, indexCount, lostBytes, losses, lostObjectCount, nextFileOffset } = report;
  const unit = UNITS[report.format];
  const facts = [
    formatTime(durationMs * 1000),
    count(packetCount, unit),
    formatBytes(size),
    ...indexCount > 0 ? ["indexed"] : [],
  ];
  const lines = [`${name}: ${facts.join(", ")}`];
  if (report.wasSound) return lines.join("\n") + "\nNothing to repair\n";
  for (const { offset, byteLength } of losses.slice(0, SHOWN_LOSSES)) {
    lines.push(`Lost: ${formatBytes(byteLength)} at byte ${offset}, no ${unit}`);
  }
  if (losses.length > SHOWN_LOSSES) lines.push(`Lost: ${formatBytes(lostBytes)} in all, no ${unit}s`);
  if (lostObjectCount > 0) lines.push(`Lost: ${count(lostObjectCount, "sample")} of which something was missing`);
  if (nextFileOffset !== undefined) {
    lines.push(
      `Left out: another ${report.format === "asf" ? "ASF" : "Matroska"} file, which begins at byte ${nextFileOffset}`,
    );
  }
  if (lines.length === 1) lines.push("Nothing was lost");
  return lines.join("\n") + "\n";
}
