/**
 * What a reader noticed without giving up.
 *
 * @module
 */

/** Something in a file that is wrong, incomplete or contradicts itself. */
export interface FileProblem {
  /**
   * Stable name of the rule that is broken: `T…` top level, `H…` Header Object, `F…` File Properties, `S…` Stream
   * Properties, `X…` other header objects, `D…` data, `I…` indexes; of MP4 `M…`.
   */
  readonly rule: string;
  /** Byte offset in the file. */
  readonly offset: number;
  /** What was found, and what was wanted. */
  readonly message: string;
  /** GUID of the object, where one stands that should not (T02). */
  readonly guid?: string;
}

/** How bad it is: `E` invalid, or a common reader fails; `W` not conformant, or risky; `I` advice. */
export type Severity = "E" | "W" | "I";

/** A hostile file has millions of them: this many are kept, the rest is counted. */
const KEPT_PROBLEM_COUNT = 1000;

/** Collects problems in bounded memory. */
export class ProblemList {
  /** The first ones, in the order found. */
  readonly kept: FileProblem[] = [];
  /** All, those not kept included. */
  count = 0;
  readonly #reported = new Set<string>();

  /** Notes one problem. Its severity matters to those who judge, not to those who read on. */
  add(rule: string, offset: number, message: string, _severity?: Severity, guid?: string): void {
    if (this.count++ >= KEPT_PROBLEM_COUNT) return;
    this.kept.push({ rule, offset, message, ...guid !== undefined && { guid } });
  }

  /** Notes a problem that a whole stream or file is likely to repeat: the first one for each `subject` alone. */
  addOnce(rule: string, subject: number, offset: number, message: string, severity?: Severity): void {
    const key = `${rule} ${subject}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.add(rule, offset, message, severity);
  }
}
