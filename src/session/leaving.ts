/**
 * A sink that is being removed while its session finishes.
 *
 * @module
 */

import type { FinalizeOutput } from "./finalize.ts";

/** Stands in for the sink: the finish only waits for its removal, and what goes wrong is told by that. */
export function leaving(output: FinalizeOutput, removal: Promise<unknown>): FinalizeOutput {
  const removed = removal.then(() => {}, () => {});
  return {
    isHealthy: false,
    error: undefined,
    optional: false,
    idle: () => removed,
    writeIndex: () => Promise.resolve(undefined),
    seal: () => removed,
    release: () => removed,
    abort: (reason) => output.abort(reason),
    report: () => output.report(),
  };
}
