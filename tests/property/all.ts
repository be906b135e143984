/** Every property, for the tests and for longer runs. */

import type fc from "../support/fast_check.ts";
import { entryPoints } from "./entry_points.ts";
import { facades } from "./facades.ts";
import { interleaving } from "./interleaving.ts";
import { lifecycle } from "./lifecycle.ts";
import { oracle } from "./oracle.ts";
import { ownership } from "./ownership.ts";
import { pushSinkCalls } from "./push_sink_calls.ts";
import { sinkWriterCalls } from "./sink_writer_calls.ts";
import { sinkTiming } from "./sink_timing.ts";

/** A property, and how often the tests try it. */
export interface NamedProperty {
  readonly name: string;
  readonly numRuns: number;
  // deno-lint-ignore no-explicit-any -- what it is about is its own matter
  readonly property: fc.IAsyncProperty<any>;
}

export const PROPERTIES: readonly NamedProperty[] = [
  ...oracle,
  ...sinkTiming,
  ...ownership,
  ...entryPoints,
  ...interleaving,
  ...lifecycle,
  ...facades,
  ...sinkWriterCalls,
  ...pushSinkCalls,
];
