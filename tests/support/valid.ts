/**
 * What the validator says of an output.
 *
 * @module
 */

import { type ByteSource, validate } from "../../src/inspect/mod.ts";

async function issues(source: ByteSource, severities: string): Promise<string[]> {
  const report = await validate(source);
  return report.issues
    .filter(({ severity }) => severities.includes(severity))
    .map(({ severity, rule, offset, message }) => `${severity} ${rule} at ${offset}: ${message}`);
}

/** What makes a file invalid. */
export function errorsIn(source: ByteSource): Promise<string[]> {
  return issues(source, "E");
}

/** What is invalid or odd in a file. */
export function flawsIn(source: ByteSource): Promise<string[]> {
  return issues(source, "EW");
}

/** The rules that a file breaks, each once, with their severities: `"E D14"`. */
export async function brokenRules(source: ByteSource): Promise<string[]> {
  const report = await validate(source);
  return [...new Set(report.issues.map(({ severity, rule }) => `${severity} ${rule}`))].sort();
}
