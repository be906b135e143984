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
import { type HresultTable, withHresult } from "./hooks.ts";

/** Where a session stands. */
export type SessionState = "configuring" | "open" | "finalizing" | "finalized" | "failed" | "aborted";

/** The calls that depend on the state; `abort` and `getStatistics` are always allowed. */
export type SessionCall =
  | "add stream"
  | "begin writing"
  | "write sample"
  | "send stream tick"
  | "pause"
  | "resume"
  | "place marker"
  | "notify end of segment"
  | "discard queued samples"
  | "end stream"
  | "flush"
  | "add sink"
  | "remove sink"
  | "set metadata"
  | "finish";

/** `finish` in a later state is not an error: it answers with the promise of the first. */
export const ALLOWED_STATES: Readonly<Record<SessionCall, readonly SessionState[]>> = {
  "add stream": ["configuring"],
  "begin writing": ["configuring"],
  "write sample": ["open"],
  "send stream tick": ["open"],
  "pause": ["open"],
  "resume": ["open"],
  "place marker": ["open"],
  "notify end of segment": ["open"],
  "discard queued samples": ["open"],
  "end stream": ["open"],
  "flush": ["open"],
  "add sink": ["configuring", "open"],
  "remove sink": ["open"],
  "set metadata": ["configuring", "open"],
  "finish": ["open", "finalizing", "finalized", "failed"],
};

/** Where one session stands, and what calls get there that come too early or too late. */
export class SessionStatus {
  state: SessionState = "configuring";
  /** The first fatal error, or the reason of the abort. */
  failure: unknown;
  /** The finish waits for what feeds the session: what comes out of encoders is still taken. */
  isFeeding = false;
  readonly hresults: HresultTable | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(hresults: HresultTable | undefined, signal: AbortSignal | undefined) {
    this.hresults = hresults;
    this.#signal = signal;
  }

  /** Throws what a call gets in a state that does not allow it. */
  check(call: SessionCall): void {
    if (!ALLOWED_STATES[call].includes(this.state)) throw this.refusal(call);
  }

  /**
   * What a call in the wrong state gets: after a failure that failure, else the states that would allow it. With `hasBegun`
   * the session is still being opened.
   */
  refusal(call: SessionCall, hasBegun = false): unknown {
    const { state, failure } = this;
    if (state === "failed") return failure;
    const signal = this.#signal;
    if (state === "aborted" && signal?.aborted && failure === signal.reason) return failure;
    return withHresult(invalidState(call, state, hasBegun), this.hresults);
  }
}

function invalidState(call: SessionCall, state: SessionState, hasBegun: boolean): MuxError {
  const allowed = ALLOWED_STATES[call];
  const fact = hasBegun ? "the session has begun" : `the session is ${state}`;
  return new MuxError("invalid-state", { action: `${call}`, reason: `${fact}, must be ${allowed.join(" or ")}` }, {
    state,
    allowed,
  });
}

/** The error for a sample of a stream that was ended. */
export function hasEnded(streamNumber: number): MuxError {
  return new MuxError("invalid-state", { action: `write sample to stream ${streamNumber}`, reason: "it has ended" }, {
    streamNumber,
    state: "ended",
  });
}
