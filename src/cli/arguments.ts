/**
 * Reading the command line.
 *
 * @module
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { redactUrl } from "../wire/url.ts";

/** A command line that cannot be meant: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Largest number of the options that end up in a DWORD. */
export const MAX_DWORD = 0xffff_ffff;

/** What stands for standard input or output. */
export const STANDARD_STREAM = "-";

/** Takes a command line apart. @throws {UsageError} */
export function parseCommandLine<T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node goes on with advice for other programs.
    const message = (error as Error).message.split(/\. |\n/)[0]!.replace(/\.$/, "");
    const [, unknown] = message.match(/^Unknown option '--([^'=]+)/) ?? [];
    const known = unknown === undefined ? undefined : nearest(unknown, Object.keys(options));
    const advice = known === undefined ? "" : `: did you mean '--${known}'?`;
    throw new UsageError(message.charAt(0).toLowerCase() + message.slice(1) + advice);
  }
}

/** Which of the names was perhaps meant: at most two letters are other, and fewer than half of them. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const found = names.map((other) => ({ other, distance: editDistance(name, other) }))
    .filter(({ distance }) => distance <= 2 && distance < name.length / 2)
    .sort((a, b) => a.distance - b.distance);
  return found[0]?.other;
}

/** How many letters have to be put in, taken out or changed to make one of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}

/** The one operand of a command. @throws {UsageError} */
export function onlyOperand(operands: readonly string[], name: string): string {
  const [operand, ...more] = operands;
  if (operand === undefined || operand === "") throw new UsageError(`${name} is missing`);
  if (more.length > 0) throw new UsageError(`one ${name} is wanted, got ${operands.length}: ${listed(operands)}`);
  return operand;
}

/** Operands for a message: URLs among them without passwords. */
export function listed(operands: readonly string[]): string {
  return operands.map((operand) => operand.includes("://") ? redactUrl(operand) : operand).join(" ");
}

/** A whole number in a range, or undefined where nothing was given. @throws {UsageError} */
export function wholeNumber(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
}

/** `90`, `1:30`, `1:30.5` or `1:01:30`, in microseconds, or undefined where nothing was given. @throws {UsageError} */
export function mediaTime(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(text);
  const [hours, minutes, seconds] = (parts ?? []).slice(1).map((part) => Number(part ?? 0));
  const isWhole = parts !== null && (parts[2] === undefined || seconds! < 60) &&
    (parts[1] === undefined || minutes! < 60);
  const time = Math.round(1e6 * (hours! * 3600 + minutes! * 60 + seconds!));
  if (isWhole && Number.isSafeInteger(time)) return time;
  throw new UsageError(`${option} must be like 90, 1:30, 1:30.5 or 1:01:30.250, got ${JSON.stringify(text)}`);
}

/** Without the options that were not given. */
export function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** A path, also where it was given as a `file:` URL. @throws {UsageError} */
export function toPath(operand: string): string {
  if (!/^file:/i.test(operand)) return operand;
  // deno-lint-ignore no-process-global -- asked for where it is needed: it takes its time to load
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  try {
    return fileURLToPath(operand);
  } catch {
    throw new UsageError(`${operand} is not the URL of a file here`);
  }
}
