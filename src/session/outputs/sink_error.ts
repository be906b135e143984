/**
 * What a sink's error means to a session.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";

/** What could not be done at a stage, where it is not writing. */
const VERBS: Readonly<Record<string, string>> = { open: "open", release: "close" };

/** How media say that they are full: errno, and web storage. */
const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG", "QuotaExceededError"];
const CAUSE_DEPTH = 4;

/** How a session tells that a sink failed. */
export function sinkError(cause: unknown, stage: string): MuxError {
  if (cause instanceof MuxError && stage !== "data") return cause;
  const failure = { action: `${VERBS[stage] ?? "write to"} the sink`, reason: textOf(cause) };
  return new MuxError("sink-failed", failure, { stage, cause });
}

/** What is said when a file has to do without its trailer. */
export function trailerWarning(cause: unknown): MuxError {
  const reason = `${textOf(cause)}; the file has none`;
  return new MuxError("sink-failed", { action: "write the index", reason }, { stage: "trailer", cause });
}

/** What an error says. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error, or what caused it, says that the medium is full. */
export function isMediumFull(error: unknown): boolean {
  for (let depth = 0; depth < CAUSE_DEPTH && typeof error === "object" && error !== null; depth++) {
    const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
    if (FULL.includes(code) || FULL.includes(name)) return true;
    error = cause;
  }
  return false;
}
