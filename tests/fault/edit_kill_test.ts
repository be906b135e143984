/** Commands that are killed in the middle of an edit lose nothing; `deno task soak edits` kills at every operation. */

import { assert, assertEquals } from "@std/assert";
import { EDITS, killEdit } from "./edit_kills.ts";

for (const name of Object.keys(EDITS)) {
  Deno.test(`muxwell ${name}, killed in the middle and given again, loses nothing`, async () => {
    const complaints: string[] = [];
    let killCount = 0;
    // Ever farther apart: the first operations, one in the middle, and one behind the last.
    for (let nth = 1;; nth += Math.ceil(nth / 2)) {
      const { isOver, complaints: found } = await killEdit(name, nth, nth % 2 === 0 ? "half" : "whole");
      complaints.push(...found);
      if (isOver) break;
      killCount++;
    }
    assertEquals(complaints, []);
    assert(killCount > 0);
  });
}
