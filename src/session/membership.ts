/**
 * Which session a sink takes part in, for sinks that their owner can end: ending one is the session's finalize, with that
 * sink as its scope.
 *
 * @module
 */

import type { FinalizeReport } from "../errors.ts";
import type { SinkReport } from "../report.ts";
import type { SinkLike } from "../sinks/sink.ts";
import type { FinalizeOptions } from "./finalize.ts";
import type { SessionState } from "./state.ts";

/** What a sink's owner needs of the session. */
export interface Membership {
  readonly state: SessionState;
  readonly closed: Promise<FinalizeReport>;
  removeSink(sink: SinkLike, options?: FinalizeOptions): Promise<SinkReport>;
}

const memberships = new WeakMap<SinkLike, Membership>();

/** The sink takes part from here on. */
export function enterSession(sink: SinkLike, session: Membership): void {
  memberships.set(sink, session);
}

/** The sink takes part no more. */
export function leaveSession(sink: SinkLike): void {
  memberships.delete(sink);
}

/** The session the sink takes part in, or took part in to its end. */
export function sessionOf(sink: SinkLike): Membership | undefined {
  return memberships.get(sink);
}
