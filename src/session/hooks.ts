/**
 * What a facade adds to a session.
 *
 * @module
 */

import { type FinalizeReport, MuxError, type MuxErrorCode } from "../errors.ts";
import type { OwnSink, OwnSinkOptions } from "./outputs/own_sink.ts";

/** The values that the original system has for errors. */
export type HresultTable = Readonly<Partial<Record<MuxErrorCode, number>>>;

/** Called by a session; each is optional. */
export interface SessionHooks {
  readonly hresults?: HresultTable;
  /** Makes the media sink that stands instead of a container; a facade without one does not carry its code. */
  ownSink?(options: OwnSinkOptions): OwnSink;
  /** Acquires what the facade needs, before a sink is opened. What it throws ends the session. */
  begin?(): void;
  /** Lets what feeds the session run dry: what that hands in meanwhile is still taken. */
  drain?(): Promise<void>;
  /** Nothing is taken any more: lets go of what `begin` acquired. Called on every path, maybe more than once. */
  release?(): void;
  /** A stream has gone wrong, while the session goes on. */
  onStreamError?(stream: number, error: MuxError): void;
  /** The session is at its end, every sink has been let go of; nobody who waits has been told yet. Called once. */
  onSettled?(error: unknown, report: FinalizeReport): void;
}

/** Gives an error the value that the original system has for it. The same object, since callers compare errors. */
export function withHresult<T>(error: T, table: HresultTable | undefined): T {
  if (table && error instanceof MuxError && error.hresult === undefined) {
    (error as { hresult?: number }).hresult = table[error.code];
  }
  return error;
}
