/** Properties of generated sessions. A failure report holds the seed, and the session shrunk. */

import fc from "fast-check";
import { PROPERTIES } from "./all.ts";

/** Nothing takes so long but a hang. */
const HANG_MS = 10_000;

for (const { name, numRuns, property } of PROPERTIES) {
  Deno.test(name, () => fc.assert(property, { numRuns, timeout: HANG_MS, interruptAfterTimeLimit: 6 * HANG_MS }));
}
