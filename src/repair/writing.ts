/**
 * How changes reach a file or a sink.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { Editable } from "../sinks/editable_file.ts";
import type { Sink, SinkLike } from "../sinks/sink.ts";
import { streamSink } from "../sinks/stream_sink.ts";

/** The sink that was given, or one around a stream. */
export function toSink(output: SinkLike): Sink {
  return output instanceof WritableStream ? streamSink(output) : output;
}

/** A sink for a copy that takes the file's place. @throws {MuxError} `unsupported` */
export function replacementOf(file: Editable): Sink {
  if (file.replacement !== undefined) return file.replacement();
  const reason = "what it needs has no room there, which takes a copy";
  throw new MuxError("unsupported", { action: "change file in place", reason });
}

/** One write from the first byte that differs to the last one. @param offset Where both stand in the file. */
export async function writeDifference(
  file: Editable,
  before: Uint8Array,
  after: Uint8Array,
  offset = 0,
): Promise<void> {
  let start = 0;
  let end = after.byteLength;
  while (start < end && before[start] === after[start]) start++;
  while (end > start && before[end - 1] === after[end - 1]) end--;
  if (end > start) await file.write(offset + start, after.subarray(start, end));
}

/** What was written of a copy says that it is whole: nothing of it stays, where that can be. */
export async function discard(sink: Sink, error: unknown): Promise<void> {
  try {
    await sink.truncate?.(0);
  } catch {
    // The first error is the one to tell.
  }
  try {
    await sink.abort(error);
  } catch {
    // As above.
  }
}
