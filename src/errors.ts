/**
 * What can go wrong, as data. Wrong type: `TypeError`. Wrong value: `RangeError`. All else: {@linkcode MuxError},
 * told apart by `code`, never by text.
 *
 * @module
 */

import type { FinalizeReport } from "./session/report.ts";

/** The closed set of reasons a {@linkcode MuxError} can have. */
export type MuxErrorCode =
  | "invalid-state"
  | "invalid-stream"
  | "unsupported"
  | "missing-description"
  | "time-order"
  | "too-large"
  | "bad-media"
  | "late-sample"
  | "queue-full"
  | "no-samples"
  | "sink-failed"
  | "callback-failed"
  | "core-unavailable"
  | "no-connection"
  | "access-denied"
  | "already-connected"
  | "cannot-connect"
  | "connection-failure"
  | "refused-by-server"
  | "header-mismatch";

/** The facts a {@linkcode MuxError} carries beside its message. */
export interface MuxErrorDetails {
  /** The error this one answers to. */
  cause?: unknown;
  /** The original system's error value, where it has one. */
  hresult?: number;
  /** The state the session was in. */
  state?: string;
  /** The states in which the call is allowed. */
  allowed?: readonly string[];
  /** The stream concerned, 1–127. */
  streamNumber?: number;
  /** The offending sample's time in microseconds. */
  timestamp?: number;
  /** The finalize stage that failed. */
  stage?: string;
  /** The whole report of a finish in which a sink failed. */
  report?: FinalizeReport;
}

/**
 * Every failure that is neither a wrong type nor a wrong value.
 *
 * @example
 * ```ts
 * import { MuxError } from "@muxwell/muxwell";
 *
 * const error = new MuxError("time-order", "Cannot write sample to stream 1: time went back", { streamNumber: 1 });
 * console.log(error.code, error.streamNumber);
 * ```
 */
export class MuxError extends Error {
  /** The reason, from a closed set: branch on this, never on the text. */
  readonly code: MuxErrorCode;
  /** The original system's error value, where it has one. */
  readonly hresult?: number;
  /** The state the session was in. */
  readonly state?: string;
  /** The states in which the call is allowed. */
  readonly allowed?: readonly string[];
  /** The stream concerned, 1–127. */
  readonly streamNumber?: number;
  /** The offending sample's time in microseconds. */
  readonly timestamp?: number;
  /** The finalize stage that failed. */
  readonly stage?: string;
  /** The whole report of a finish in which a sink failed. */
  readonly report?: FinalizeReport;

  /**
   * Makes an error; sessions do.
   *
   * @param code The reason.
   * @param message Action, colon, what was found and what was wanted.
   * @param details The facts.
   */
  constructor(code: MuxErrorCode, message: string, details: MuxErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "MuxError";
    this.code = code;
    this.hresult = details.hresult;
    this.state = details.state;
    this.allowed = details.allowed;
    this.streamNumber = details.streamNumber;
    this.timestamp = details.timestamp;
    this.stage = details.stage;
    this.report = details.report;
  }
}
