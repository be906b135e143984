/**
 * `muxwell index`: gives a sound file its indexes.
 *
 * @module
 */

import type { IndexPoint } from "../../mod.ts";
import { index } from "../repair/mod.ts";
import { MAX_DWORD, onlyOperand, parseCommandLine, toPath, UsageError, wholeNumber } from "./arguments.ts";
import { count, formatBytes } from "./format.ts";
import type { Io } from "./io.ts";
import { explain } from "./source.ts";

/** What `muxwell index --help` says. */
export const INDEX_HELP = `Adds an index to an .asf, .wmv, .mkv or .webm file, or replaces the one it has.

Usage: muxwell index FILE [options]

With an index players seek exactly and at once. FILE is changed where it lies.
Indexes of other kinds, which Windows reads, stay as they are, unless they are
asked for: then they are made anew. A recording that goes on is refused.
Matroska and WebM files get Cues; those of the other kinds are ASF's.

Options:
      --interval MS      distance of index entries (200)
      --time-index MS    an Index Object of all streams: distance of entries
      --sample-index N   a Media Object Index: samples between entries
      --timecode-index   a Timecode Index of streams that carry time codes
      --points LIST      what these three lead to: key, sample, packet (key)
      --force            also if something else still writes to FILE, which
                         may break it
  -h, --help             this text

Examples:
  muxwell index film.wmv --interval 100
  muxwell index film.wmv --time-index 1000 --points key,sample
  muxwell index film.mkv
`;

const OPTIONS = {
  "interval": { type: "string" },
  "time-index": { type: "string" },
  "sample-index": { type: "string" },
  "timecode-index": { type: "boolean" },
  "points": { type: "string" },
  "force": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

const POINTS: readonly string[] = ["key", "sample", "packet"] satisfies IndexPoint[];

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runIndex(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(INDEX_HELP), 0;
  const path = toPath(onlyOperand(positionals, "FILE"));
  const options = {
    indexIntervalMs: wholeNumber("--interval", values.interval, 1, MAX_DWORD),
    timeIndexMs: wholeNumber("--time-index", values["time-index"], 1, MAX_DWORD),
    sampleIndexInterval: wholeNumber("--sample-index", values["sample-index"], 1, MAX_DWORD),
    timecodeIndex: values["timecode-index"],
    indexPoints: toPoints(values.points),
    force: values.force,
  };
  const report = await explain(path, index(path, options));
  const { format, size, indexCount, indexIntervalMs, otherIndexCount } = report;
  const facts = [
    format === "matroska"
      ? indexCount > 0 ? `Cues ${indexIntervalMs} ms apart or more` : "nothing that Cues could lead to"
      : indexCount > 0
      ? `${count(indexCount, "video stream")} indexed every ${indexIntervalMs} ms`
      : "no video with key frames, seekable without an index",
    ...otherIndexCount > 0 ? [`${otherIndexCount} of other kinds`] : [],
    formatBytes(size),
  ];
  io.report(`${path}: ${facts.join(", ")}\n`);
  return 0;
}

function toPoints(list: string | undefined): IndexPoint[] | undefined {
  const points = list?.split(",");
  const wrong = points?.find((point) => !POINTS.includes(point));
  if (wrong !== undefined) throw new UsageError(`--points must be of ${POINTS.join(", ")}, got "${wrong}"`);
  return points as IndexPoint[] | undefined;
}
