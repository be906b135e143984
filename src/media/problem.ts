import { type MuxError, reasonOf } from "../errors.ts";

/** Why something cannot be had: what {@linkcode Container.check} answers, as data. */
export interface Problem {
  /** The stream it is about: its number or, where it has none, its position from 1. */
  readonly stream?: number;
  /** The field or attribute it is about. */
  readonly field?: string;
  /** What is wrong, for people. */
  readonly reason: string;
  /** What the container would hold there, in a phrase that stands by itself: `ADTS holds AAC`. */
  readonly holds?: string;
}

/** A problem in one line. */
export function problemText({ stream, field, reason }: Problem): string {
  const parts = [stream === undefined ? [] : `stream ${stream}`, field ?? [], reason];
  return parts.flat().join(": ");
}

/** What an error says, as a problem. */
export function problemOf(error: unknown): Problem {
  const { field } = (error ?? {}) as Partial<MuxError>;
  return { field, reason: reasonOf(error) };
}
