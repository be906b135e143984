/**
 * Why a sample is not taken.
 *
 * @module
 */

import { MuxError } from "../errors.ts";

/** Its time has passed. */
export function lateSample(streamNumber: number, timestamp: number, fact: string): MuxError {
  const message = `Cannot write sample to stream ${streamNumber}: ${fact}`;
  return new MuxError("late-sample", message, { streamNumber, timestamp });
}

/** Nobody knows what its stream is. @param fact What would tell. */
export function undescribed(streamNumber: number, timestamp: number, fact: string): MuxError {
  const message = `Cannot write sample to stream ${streamNumber}: it is not described, ${fact}`;
  return new MuxError("missing-description", message, { streamNumber, timestamp });
}
