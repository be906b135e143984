/**
 * The public surface, by entry: what changes here is a line under "Breaking" or "Added" in the changelog. `deno test -u`
 * writes it anew, and the difference is to be read.
 */

import { entries, publicApi } from "./api.ts";

for (const [name, path] of await entries()) {
  Deno.test(`${name} exports what it did`, async (t) => {
    await t.assertSnapshot((await publicApi(path)).join("\n"));
  });
}
