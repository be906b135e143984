/**
 * What can go wrong, as data. Wrong type: `TypeError`. Wrong value: `RangeError`. All else: {@linkcode MuxError},
 * told apart by `code`, never by text.
 *
 * @module
 */

import type { Statistics } from "./report.ts";

/**
 * The closed set of reasons a {@linkcode MuxError} can have. Of each: what happened, and behind the dash what helps.
 */
export type MuxErrorCode =
  /** A call came when the state does not allow it — see `state` and `allowed`; await `beginWriting` before the first sample, and write nothing after the finish. */
  | "invalid-state"
  /** A stream number or index that no stream has — number streams from 1, or take what `addStream` gives. */
  | "invalid-stream"
  /** The container, codec or input is not one that can be had here — the message lists what can; `containersFor(streams)` asks beforehand. */
  | "unsupported"
  /** A stream's codec data is still unknown when the header must be written — give `description`, or write a key frame with its parameter sets first. */
  | "missing-description"
  /** A sample goes back in time within its stream — write each stream in decode order; with B-frames give `decodeTimestamp`. */
  | "time-order"
  /** Something does not fit its field or the container: a sample, a time, codec data, a header — the message names the limit; split, or take another container. */
  | "too-large"
  /** Bytes are not what their codec or container says — look at `streamNumber` and `timestamp`; for a file try `muxwell validate` and `repair`. */
  | "bad-media"
  /** A sample came after its place in the file was written — write streams side by side, or raise `interleaveWindowMs`. */
  | "late-sample"
  /** More is queued than may be — await `ready`, or what `writeSample` returns. */
  | "queue-full"
  /** No stream got a sample, so there is no file — write at least one, or `abort()`. */
  | "no-samples"
  /** A sink failed: the disk is full, a path cannot be written, a stream was cancelled — see `cause`, and `report` for what each sink holds. */
  | "sink-failed"
  /** Something else writes to the file, or has changed or replaced it meanwhile — let that end first; `force` of `./repair` and `--force` go on all the same. */
  | "in-use"
  /** A callback of yours threw; only ever a warning — see `cause`. */
  | "callback-failed"
  /** The host compiles no WebAssembly at run time — give the compiled module to `initCore`, or import `./workerd`. */
  | "core-unavailable"
  /** There is no connection to the server (any more) — `connect` first, or again. */
  | "no-connection"
  /** The server wants other credentials, or in a way or at a place that would give them away — give `credentials`, for Basic also `allowBasic`; the message says whom to connect to. */
  | "access-denied"
  /** It is connected already, or another encoder is — `disconnect` first. */
  | "already-connected"
  /** The server cannot be reached, or is silent — look at the address, the port and the network. */
  | "cannot-connect"
  /** The connection broke and did not come back in time — connect again; the other sinks have everything. */
  | "connection-failure"
  /** The server answers, and says no — the message has its words; look at the path, or whether it takes pushes at all. */
  | "refused-by-server";

/** Why something cannot be had or would be lost, as data. */
export interface Problem {
  /** The stream it is about: its number or, where it has none, its position from 1. */
  readonly stream?: number;
  /** The field or attribute it is about. */
  readonly field?: string;
  /** How many samples of the stream are missing; absent where it is about something else. */
  readonly samples?: number;
  /** What is wrong, for people. */
  readonly reason: string;
  /** What the container would hold there, in a phrase that stands by itself: `ADTS holds AAC`. */
  readonly holds?: string;
}

/** What was not done, and why: of what a message is made. */
export interface Failure {
  /** What could not be done, as it follows "Cannot": `write sample to stream 1`. */
  readonly action: string;
  /** Why, without a full stop: `must have at most 65535 bytes, got 70000`. */
  readonly reason: string;
}

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
  /** The field or attribute concerned. */
  field?: string;
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
 * const error = new MuxError("time-order", { action: "write sample to stream 1", reason: "time went back" }, { streamNumber: 1 });
 * console.log(error.code, error.streamNumber);
 * ```
 */
export class MuxError extends Error {
  /** The reason, from a closed set: branch on this, never on the text. */
  readonly code: MuxErrorCode;
  /** What could not be done, as the message says it behind "Cannot"; absent where the message names none. */
  declare readonly action?: string;
  /** Why: the message without that. */
  declare readonly reason: string;
  /** The original system's error value, where it has one. */
  declare readonly hresult?: number;
  /** The state the session was in. */
  declare readonly state?: string;
  /** The states in which the call is allowed. */
  declare readonly allowed?: readonly string[];
  /** The stream concerned, 1–127. */
  declare readonly streamNumber?: number;
  /** The field or attribute concerned. */
  declare readonly field?: string;
  /** The offending sample's time in microseconds. */
  declare readonly timestamp?: number;
  /** The finalize stage that failed. */
  declare readonly stage?: string;
  /** The whole report of a finish in which a sink failed. */
  declare readonly report?: FinalizeReport;

  /**
   * Makes an error; sessions do.
   *
   * @param code The reason.
   * @param message What could not be done, and why, which becomes "Cannot …: …"; or all of it as a text.
   * @param details The facts.
   */
  constructor(code: MuxErrorCode, message: string | Failure, details: MuxErrorDetails = {}) {
    const { cause, ...facts } = details;
    super(textOf(message), cause === undefined ? undefined : { cause });
    Object.assign(this, facts, typeof message === "string" ? { reason: message } : message);
    this.name = "MuxError";
    this.code = code;
  }
}

function textOf(message: string | Failure): string {
  return typeof message === "string" ? message : `Cannot ${message.action}: ${message.reason}`;
}

/** Why a sample is not taken. @param streamNumber Absent: its stream has no number yet. */
export function sampleError(
  code: MuxErrorCode,
  streamNumber: number | undefined,
  reason: string,
  timestamp?: number,
): MuxError {
  const stream = streamNumber === undefined ? "" : ` to stream ${streamNumber}`;
  return new MuxError(code, { action: `write sample${stream}`, reason }, { streamNumber, timestamp });
}

/** A wrong type or value that says, as a {@linkcode MuxError} does, what could not be done and why. */
export function cannot<E extends TypeError | RangeError>(
  Type: new (message: string) => E,
  action: string,
  reason: string,
  field?: string,
): E & Failure {
  return Object.assign(new Type(textOf({ action, reason })), { action, reason, field });
}

/** Why: without what could not be done, where an error says them apart. */
export function reasonOf(error: unknown): string {
  const { reason, message } = (error ?? {}) as Partial<MuxError>;
  return typeof reason === "string" ? reason : typeof message === "string" ? message : String(error);
}

/** What a finish tells. It stands here since an error may hold it, and it holds errors. */
export interface FinalizeReport extends Statistics {
  /** Length of the presentation, microseconds. */
  readonly duration: number;
  /** What went wrong without being fatal. */
  readonly warnings: readonly MuxError[];
  /**
   * What is not there as it came: samples that were refused or given up (those have `samples`), and what of the streams,
   * their samples and the metadata has no place in the container. What has a place in a media sink is not known.
   */
  readonly losses: readonly Problem[];
}

/** A problem in one line. */
export function problemText({ stream, field, reason }: Problem): string {
  return [stream === undefined ? [] : `stream ${stream}`, field ?? [], reason].flat().join(": ");
}

/** What an error says, as a problem. */
export function problemOf(error: unknown): Problem {
  return { field: (error as Partial<MuxError> | undefined)?.field, reason: reasonOf(error) };
}
