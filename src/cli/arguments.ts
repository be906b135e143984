/**
 * Reading the command line.
 *
 * @module
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { fileURLToPath } from "node:url";

/** A command line that cannot be meant: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What stands for standard input or output. */
export const STANDARD_STREAM = "-";

/** Takes a command line apart. @throws {UsageError} */
export function parseCommandLine<T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node goes on with advice for other programs.
    const message = (error as Error).message.split(/\. |\n/)[0]!.replace(/\.$/, "");
    throw new UsageError(message.charAt(0).toLowerCase() + message.slice(1));
  }
}

/** The one operand of a command. @throws {UsageError} */
export function onlyOperand(operands: readonly string[], name: string): string {
  const [operand, ...more] = operands;
  if (operand === undefined || operand === "") throw new UsageError(`${name} is missing`);
  if (more.length > 0) throw new UsageError(`one ${name} is wanted, got ${operands.length}: ${operands.join(" ")}`);
  return operand;
}

/** A whole number in a range, or undefined where nothing was given. @throws {UsageError} */
export function wholeNumber(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
}

/** `NAME=VALUE` pairs; the last of a name counts. @throws {UsageError} */
export function assignments(option: string, texts: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`${option} must be NAME=VALUE, got ${JSON.stringify(text)}`);
    pairs[text.slice(0, at)] = text.slice(at + 1);
  }
  return pairs;
}

/** A path, also where it was given as a `file:` URL. @throws {UsageError} */
export function toPath(operand: string): string {
  if (!/^file:/i.test(operand)) return operand;
  try {
    return fileURLToPath(operand);
  } catch {
    throw new UsageError(`${operand} is not the URL of a file here`);
  }
}
