/**
 * The states of a session and the calls each of them allows. A session is used once: there is no way back.
 *
 * ```text
 *                    beginWriting             finish
 *   configuring ────────────────────► open ───────────► finalizing ──► finalized
 *        │                             │                     │
 *        │  a sink cannot be opened    │ no sink is left     │ a sink fails
 *        ├───────────► failed ◄────────┴─────────────────────┤
 *        └── abort ──► aborted ◄────────── abort ────────────┘   (until every sink is sealed)
 * ```
 *
 * @module
 */

import { MuxError } from "../errors.ts";

/** Where a session stands. */
export type SessionState = "configuring" | "open" | "finalizing" | "finalized" | "failed" | "aborted";

/** The calls that depend on the state; `abort` and `getStatistics` are always allowed. */
export type SessionCall =
  | "begin writing"
  | "write sample"
  | "send stream tick"
  | "end stream"
  | "flush"
  | "add sink"
  | "remove sink"
  | "set metadata"
  | "finish";

/** `finish` in a later state is not an error: it answers with the promise of the first. */
export const ALLOWED_STATES: Readonly<Record<SessionCall, readonly SessionState[]>> = {
  "begin writing": ["configuring"],
  "write sample": ["open"],
  "send stream tick": ["open"],
  "end stream": ["open"],
  "flush": ["open"],
  "add sink": ["configuring", "open"],
  "remove sink": ["open"],
  "set metadata": ["configuring", "open"],
  "finish": ["open", "finalizing", "finalized", "failed"],
};

/** The error for a call in a state that does not allow it. */
export function invalidState(call: SessionCall, state: SessionState): MuxError {
  const allowed = ALLOWED_STATES[call];
  return new MuxError(
    "invalid-state",
    `Cannot ${call}: the session is ${state}, must be ${allowed.join(" or ")}`,
    { state, allowed },
  );
}

/** The error for a sample of a stream that was ended. */
export function hasEnded(streamNumber: number): MuxError {
  return new MuxError("invalid-state", `Cannot write sample to stream ${streamNumber}: it has ended`, {
    streamNumber,
    state: "ended",
  });
}
