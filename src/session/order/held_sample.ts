/**
 * Samples that wait for other streams, or for sinks.
 *
 * @module
 */

import type { IncomingSample } from "../input/incoming_sample.ts";

/** A sample that had to wait, with bytes of its own. */
export interface HeldSample {
  /** Index of its stream, from 0. */
  readonly stream: number;
  /** Its bytes: in the container's framing, or as they came in while the stream is not described. */
  readonly data: Uint8Array;
  /** Presentation time as the caller gave it, microseconds. */
  readonly timestamp: number;
  /** Decode time, microseconds; NaN if it is still to be derived. */
  readonly decodeTimestamp: number;
  /** Duration in microseconds, or -1. */
  readonly duration: number;
  readonly isKey: boolean;
  /** What is not shown of its beginning and end, microseconds. */
  readonly trimStart: number;
  readonly trimEnd: number;
  /** What it carries beside that, as the container has it. */
  readonly extension?: Uint8Array;
  /** Of how many configurations that its stream has had by then. */
  readonly configuration: number;
}

/** A sample to be held, with bytes that are its own already. */
export function holdSample(
  stream: number,
  data: Uint8Array,
  { timestamp, duration, isKey, trimStart, trimEnd, extension, configuration }: IncomingSample | HeldSample,
  decodeTimestamp: number,
): HeldSample {
  return { stream, data, timestamp, decodeTimestamp, duration, isKey, trimStart, trimEnd, extension, configuration };
}

/** Where a sample stands on the clock that all streams share: its decode time, or its presentation time while that is not known. */
export function decodeTimeOf({ timestamp, decodeTimestamp }: IncomingSample | HeldSample): number {
  return decodeTimestamp === decodeTimestamp ? decodeTimestamp : timestamp;
}
