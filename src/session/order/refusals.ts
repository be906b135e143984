/**
 * Why a sample is not taken.
 *
 * @module
 */

import { type MuxError, sampleError } from "../../errors.ts";

/** It would stand before the file's beginning. */
export function beforeZero(streamNumber: number, timestamp: number, time: number, zero: number): MuxError {
  const reason = `its time ${time} µs lies before the session's zero, ${zero} µs`;
  return sampleError("late-sample", streamNumber, reason, timestamp);
}

/** The others have stopped waiting. */
export function tooLate(streamNumber: number, timestamp: number): MuxError {
  return sampleError("late-sample", streamNumber, "it comes later than the other streams could wait for", timestamp);
}

/** Nobody knows what its stream is. @param fact What would tell. */
export function undescribed(streamNumber: number, timestamp: number, fact: string): MuxError {
  return sampleError("missing-description", streamNumber, `it is not described, ${fact}`, timestamp);
}
