/**
 * What the fields of a request say about the player that sends it ([MS-WMSP] 2.2.1).
 *
 * @module
 */

import { field, type Fields } from "../wire/http_head.ts";

/** Whether it wants the packets of the protocol, and not plain ASF. */
export function takesFrames(fields: Fields): boolean {
  return /^(NSPlayer|NSServer|WMCacheProxy)\//.test(field(fields, "user-agent") ?? "");
}

/** Whether it wants the stream, and not its description alone. */
export function wantsToPlay(fields: Fields): boolean {
  return directives(fields).some((one) => /^xPlayStrm\s*=\s*1/i.test(one));
}

/** The number that the server has given it; NaN without one. */
export function clientId(fields: Fields): number {
  for (const one of directives(fields)) {
    const [, id] = one.match(/^client-id\s*=\s*(\d{1,10})/i) ?? [];
    if (id !== undefined) return Number(id);
  }
  return NaN;
}

/** With what another header a player can go on: any, one of the same streams and codec data, or none. */
export type TakenChange = "any" | "same streams" | "none";

/**
 * Who can go on behind a `$C`: Microsoft's players; FFmpeg, libmms and xine, as long as their decoders and demuxers can stay. VLC is silent from there on, MPlayer gives up,
 * and it alone of those that say they are NSPlayer 4 begins with its client's name.
 */
export function takesChange(fields: Fields): TakenChange {
  const version = Number(field(fields, "user-agent")?.match(/\/(\d+)/)?.[1]);
  if (version >= 9) return "any";
  return version === 4 && /^no-cache/i.test(field(fields, "pragma") ?? "") ? "same streams" : "none";
}

/** What the Pragma fields list. */
function directives(fields: Fields): string[] {
  return (fields.get("pragma") ?? []).flatMap((value) => value.split(",").map((one) => one.trim()));
}
