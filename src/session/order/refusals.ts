/**
 * Why a sample is not taken.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";

/** It would stand before the file's beginning. */
export function beforeZero(streamNumber: number, timestamp: number, time: number, zero: number): MuxError {
  return lateSample(streamNumber, timestamp, `its time ${time} µs lies before the session's zero, ${zero} µs`);
}

/** The others have stopped waiting. */
export function tooLate(streamNumber: number, timestamp: number): MuxError {
  return lateSample(streamNumber, timestamp, "it comes later than the other streams could wait for");
}

function lateSample(streamNumber: number, timestamp: number, fact: string): MuxError {
  const message = { action: `write sample to stream ${streamNumber}`, reason: fact };
  return new MuxError("late-sample", message, { streamNumber, timestamp });
}

/** Nobody knows what its stream is. @param fact What would tell. */
export function undescribed(streamNumber: number, timestamp: number, fact: string): MuxError {
  const message = { action: `write sample to stream ${streamNumber}`, reason: `it is not described, ${fact}` };
  return new MuxError("missing-description", message, { streamNumber, timestamp });
}
