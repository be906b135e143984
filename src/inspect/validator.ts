/**
 * Judges a file by the rules of the specification, and by what readers in use make of it.
 *
 * @module
 */

import { judge } from "./asf/judge.ts";
import { type ByteSource, openInput } from "./byte_source.ts";
import { knownSource } from "./file_kind.ts";
import { judgeMatroska } from "./matroska/judge.ts";
import { judgeMp4 } from "./mp4/judge.ts";
import { Findings, type ValidationReport } from "./findings.ts";

/**
 * Checks a file of any length in flat memory. Rules have stable names: of ASF `T…` top level, `H…` Header Object, `F…` File
 * Properties, `S…` Stream Properties, `X…` other objects of the header, `D…` data packets, `I…` indexes; `M…` of MP4; `K…`
 * of Matroska and WebM. The samples of an MP4 are looked into where the source can be read at any position. What is wrong
 * with the file is never thrown.
 *
 * @throws {TypeError} If the source is none of the {@linkcode ByteSource}s.
 *
 * @example
 * ```ts
 * import { validate } from "@muxwell/muxwell/inspect";
 *
 * async function check(file: Blob): Promise<boolean> {
 *   const { isValid, issues } = await validate(file);
 *   for (const { severity, rule, offset, message } of issues) console.log(severity, rule, offset, message);
 *   return isValid;
 * }
 * console.log(typeof check);
 * ```
 */
export async function validate(source: ByteSource): Promise<ValidationReport> {
  const { kind, source: known } = await knownSource(source);
  const input = openInput(known);
  const findings = new Findings();
  try {
    const packetCount = await JUDGES[kind](input, findings);
    return findings.report(packetCount, input.size, kind);
  } finally {
    await input.close();
  }
}

const JUDGES = { asf: judge, mp4: judgeMp4, matroska: judgeMatroska } as const;
