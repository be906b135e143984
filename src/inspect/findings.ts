/**
 * Issues on their way into a report, in bounded memory.
 *
 * @module
 */

import { type FileProblem, ProblemList, type Severity } from "./problems.ts";

/** A rule that a file breaks. */
export interface ValidationIssue extends FileProblem {
  /** `E`: invalid, or a common reader fails; `W`: not conformant, or risky; `I`: advice. */
  readonly severity: Severity;
}

/** What there is to say about a file. */
export interface ValidationReport {
  /** What it is. */
  readonly format: "asf" | "mp4" | "matroska";
  /** Whether no rule of severity `E` is broken. */
  readonly isValid: boolean;
  /** Size of the file, if it was read to its end. */
  readonly size?: number;
  /** Data packets found; of MP4, samples. */
  readonly packetCount: number;
  /** The issues in the order found: at most 20 of one rule and severity. */
  readonly issues: readonly ValidationIssue[];
  /** Issues of severity `E`, those not listed included. */
  readonly errorCount: number;
  /** Issues of severity `W`, those not listed included. */
  readonly warningCount: number;
  /** Issues of severity `I`, those not listed included. */
  readonly adviceCount: number;
}

/** One defect often shows in every packet: nobody reads on beyond this. */
const KEPT_PER_RULE = 20;

/** Takes what the reader notices, and what the rules find. */
export class Findings extends ProblemList {
  readonly #issues: ValidationIssue[] = [];
  readonly #counts: Record<Severity, number> = { E: 0, W: 0, I: 0 };
  readonly #keptCounts = new Map<string, number>();

  override add(rule: string, offset: number, message: string, severity: Severity = "E", guid?: string): void {
    this.#counts[severity]++;
    const key = rule + severity;
    const kept = this.#keptCounts.get(key) ?? 0;
    if (kept === KEPT_PER_RULE) return;
    this.#keptCounts.set(key, kept + 1);
    this.#issues.push({ rule, severity, offset, message, ...guid !== undefined && { guid } });
  }

  /** The file is invalid. */
  error(rule: string, offset: number, message: string): void {
    this.add(rule, offset, message, "E");
  }

  /** The file is not conformant. */
  warn(rule: string, offset: number, message: string): void {
    this.add(rule, offset, message, "W");
  }

  /** The file could be better. */
  advise(rule: string, offset: number, message: string): void {
    this.add(rule, offset, message, "I");
  }

  /** Issues of severity `E` so far. */
  get errorCount(): number {
    return this.#counts.E;
  }

  /** All of it. */
  report(packetCount: number, size: number | undefined, format: ValidationReport["format"] = "asf"): ValidationReport {
    const { E, W, I } = this.#counts;
    return {
      format,
      isValid: E === 0,
      size,
      packetCount,
      issues: this.#issues,
      errorCount: E,
      warningCount: W,
      adviceCount: I,
    };
  }
}
