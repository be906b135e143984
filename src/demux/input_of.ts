/**
 * A source as readers of `inspect/` take it.
 *
 * @module
 */

import { type Input, openInput } from "../inspect/byte_source.ts";
import type { SourceBytes } from "./bytes.ts";
import { ReadAhead } from "./read_ahead.ts";

/** Bytes from front to back, the next ones read while the last are worked on. */
export function inputOf(source: SourceBytes): Input {
  return openInput(source.kind === "streamed" ? source.stream : source.memory ?? new ReadAhead(source));
}
