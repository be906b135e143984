/** Properties of generated sessions. A failure report holds the seed, and the session shrunk. */

import fc from "../support/fast_check.ts";
import { HANG_MS, turns } from "../support/sessions.ts";
import { PROPERTIES } from "./all.ts";

for (const { name, numRuns, property } of PROPERTIES) {
  Deno.test(name, async () => {
    await fc.assert(property, { numRuns, timeout: 2 * HANG_MS, interruptAfterTimeLimit: 6 * HANG_MS });
    await turns(50); // sinks that were given up have calls of their own to finish
  });
}
