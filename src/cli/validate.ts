/**
 * `muxwell validate`: judges an ASF, MP4 or Matroska file.
 *
 * @module
 */

import { validate, type ValidationIssue, type ValidationReport } from "../inspect/mod.ts";
import { listed, onlyOperand, parseCommandLine, STANDARD_STREAM, toPath } from "./arguments.ts";
import { count, formatBytes } from "./format.ts";
import type { Io } from "./io.ts";
import { foreign, isLive, withSource } from "./source.ts";

/** What `muxwell validate --help` says. */
export const VALIDATE_HELP = `Judges an ASF (.asf, .wmv, .wma), MP4 (.mp4, .m4a, .mov …) or Matroska (.mkv,
.webm) file: by the specification, and by what readers in use make of it.

Usage: muxwell validate FILE [options]

FILE is a file, mmsh://… as a server plays it, or - for standard input.

Options:
  --json      as JSON, for programs
  -h, --help  this text

Each line is a severity, a rule, a position and what was found. E: the file is
invalid, or a common reader fails; W: not as it should be, but usually played;
I: advice. The exit code is 1 when there is an E, else 0.

Examples:
  muxwell validate clip.wmv
  muxwell validate clip.wmv --json | jq '.issues[].rule'
`;

const OPTIONS = {
  "json": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runValidate(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(VALIDATE_HELP), 0;
  const name = toPath(onlyOperand(positionals, "FILE"));
  const report = await withSource(name, io, validate);
  const isForeign = report.issues[0]?.rule === NO_MEDIA && name !== STANDARD_STREAM && !isLive(name);
  const other = isForeign ? await foreign(name, undefined, "ASF, MP4 and Matroska") : undefined;
  if (other !== undefined) throw other;
  await io.print(values.json ? JSON.stringify(report, null, 2) + "\n" : verdict(name, report));
  return report.isValid ? 0 : 1;
}

/** The rule that what is none of the formats breaks first. */
const NO_MEDIA = "T01";

/** What is counted. */
const UNITS = { asf: "packet", mp4: "sample", matroska: "block" } as const;

function verdict(name: string, report: ValidationReport): string {
  const { format, isValid, size, packetCount, issues, errorCount, warningCount, adviceCount } = report;
  const left = errorCount + warningCount + adviceCount - issues.length;
  const facts = [
    ...size === undefined ? [] : [formatBytes(size)],
    count(packetCount, UNITS[format]),
    count(errorCount, "error"),
    count(warningCount, "warning"),
    count(adviceCount, "hint"),
  ];
  return [
    ...issues.map(issueLine),
    ...left > 0 ? [`   and ${left} more of the same`] : [],
    `${listed([name])}: ${isValid ? "valid" : "invalid"}; ${facts.join(", ")}`,
  ].join("\n") + "\n";
}

function issueLine({ severity, rule, offset, message }: ValidationIssue): string {
  // Texts of the file must not move the cursor.

  return `${severity}  ${rule}  @${offset}  ${message.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd")}`;
}
