/** Whatever is written, the file holds it, and keeps the container's rules. */

import { assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { sessions } from "../support/generate.ts";
import { complaintsAbout, type Form } from "../support/oracle.ts";
import type { NamedProperty } from "./all.ts";
import { bytesOf } from "./play.ts";

export const oracle: NamedProperty[] = (["final", "live"] satisfies Form[]).map((form) => ({
  name: `Writer puts every sample of any session into a file of the ${form} form that keeps the rules`,
  numRuns: form === "final" ? 100 : 50,
  property: fc.asyncProperty(sessions(), async (session) => {
    assertEquals(await complaintsAbout(await bytesOf(session, form), session, form), []);
  }),
}));
