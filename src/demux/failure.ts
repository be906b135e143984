/**
 * What reading throws, as the one error callers see.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { SkippedStream } from "./media.ts";

/** What a reader's own assertions say: nothing a person could use. */
const BARE_ASSERTION = /^Assertion failed\.?$|^Internal error/;

/** A failure to open or read `name`. A {@linkcode MuxError} passes unchanged. */
export function badMedia(action: string, name: string, cause: unknown, streamNumber?: number): MuxError {
  if (cause instanceof MuxError) return cause;
  return new MuxError("bad-media", { action: `${action} ${name}`, reason: reasonOf(cause) }, {
    cause,
    streamNumber,
  });
}

/** What went wrong, in words that mean something outside the reader. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (BARE_ASSERTION.test(message)) return "a structure in it is damaged";
  if (/already-evicted part of the cache/.test(message)) {
    return "it must be read out of order, farther than a pipe allows; give it as a file";
  }
  if (/TS packet sync byte/.test(message)) return "bytes of it are lost: no packet begins where one should";
  if (cause instanceof RangeError || cause instanceof TypeError) return `a structure in it is damaged (${message})`;
  return message.trim().replace(/\.$/, "");
}

/** A source without a stream that can be carried. */
export function nothingToCarry(name: string, skipped: readonly SkippedStream[], format: string): MuxError {
  if (skipped.length === 0) {
    const reason = `no audio or video stream in it (${format}, perhaps cut short)`;
    return new MuxError("bad-media", { action: `open ${name}`, reason });
  }
  const reasons = skipped.map(({ index, reason }) => `stream ${index + 1}: ${reason}`).join("; ");
  return new MuxError("unsupported", { action: `open ${name}`, reason: `no stream that can be carried (${reasons})` });
}
