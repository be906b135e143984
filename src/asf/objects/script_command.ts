import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** One command. */
export interface CommandEntry {
  /** Preroll included. */
  readonly timeMs: number;
  /** `"URL"`, `"TEXT"`, … */
  readonly type: string;
  /** What the command is about. */
  readonly text: string;
}

/**
 * Script Command Object ([ASF] 3.6): commands in ascending order of time. Its text lengths count characters.
 *
 * ```text
 * Reserved_3 · commands u16 · types u16
 * type: characters u16 · name                each name once
 * command: time u32 · type u16 · characters u16 · text
 * ```
 */
export const scriptCommand: ObjectSpec<readonly CommandEntry[]> = {
  guid: GUID.scriptCommand,
  encode(w, commands) {
    const types = typesOf(commands);
    w.bytes(GUID.reserved3);
    w.u16(commands.length);
    w.u16(types.length);
    for (const type of types) {
      w.u16(textBytes(type) / 2);
      writeText(w, type);
    }
    for (const { timeMs, type, text } of commands) {
      w.u32(timeMs);
      w.u16(types.indexOf(type));
      w.u16(textBytes(text) / 2);
      writeText(w, text);
    }
  },
};

function typesOf(commands: readonly CommandEntry[]): string[] {
  return [...new Set(commands.map(({ type }) => type))];
}
