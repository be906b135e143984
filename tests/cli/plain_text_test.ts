/** What files, names and peers say moves no cursor of a terminal. */

import { assert, assertEquals } from "@std/assert";
import { fixture, withTempDir } from "../support/temp.ts";
import { runIn } from "./support.ts";

/** Clears the screen, sets a title, goes back, turns the writing around, and is a control of eight bits. */
const HOSTILE = "a\x1b[2J\x1b]0;b\x07c\r\bd\u202ee\u009b2Jf";

Deno.test("no command lets a title, a name or an error move the cursor", async () => {
  await withTempDir(async (folder) => {
    const name = HOSTILE.replaceAll("/", "");
    const file = `${folder}/${name}.wmv`;
    const copy = `${folder}/${name}2.wmv`;
    await Deno.copyFile(fixture("wmv2_wma2.wmv"), file);
    const terminal = { outputIsTerminal: true, errorIsTerminal: true };
    const commands = [
      ["tag", file, "--title", HOSTILE, "--artist", HOSTILE],
      ["info", file],
      ["inspect", file],
      ["inspect", file, "--packets"],
      ["validate", file],
      ["index", file, "--interval", "1"],
      ["mux", file, "-o", copy],
      ["repair", copy],
      ["mux", `${folder}/${name}.mp4`, "-o", copy],
      ["info", `${folder}/${name}.mp4`],
      ["push", file, `http://127.0.0.1:1/${HOSTILE}`],
      ["serve", "--point", HOSTILE],
      [HOSTILE],
      ["mux", `--${HOSTILE}`],
    ];
    for (const args of commands) {
      const { printed, reported } = await runIn(terminal, ...args);
      const text = (printed + reported).replaceAll("\r\x1b[K", "");
      assertEquals(text.match(/[^\P{Cc}\n\t]|[\p{Bidi_Control}\u2028\u2029]/gu), null, args.join(" "));
      assert(text !== "", args.join(" "));
    }
  });
});
