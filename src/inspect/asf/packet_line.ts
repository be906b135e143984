/**
 * A packet on one line.
 *
 * ```text
 * packet 3  @1318  send 20 ms  duration 10 ms  padding 4  | 1 #7 0+80/80 1020 ms | 2K #1 0+102/150 1000 ms
 * ```
 *
 * A payload is: stream (`K`: key frame), object number, offset + bytes / object size, stored time, and what it carries.
 *
 * @module
 */

import type { InspectNode } from "../tree_nodes.ts";
import { type Fields, inlineText, isFields, labelOf, valueText } from "../value_text.ts";

/** The line of a node that is a packet. */
export function packetLine({ offset, fields }: InspectNode): string {
  const { number, sendTimeMs, durationMs, paddingBytes } = fields;
  const payloads = (fields.payloads as readonly Fields[]).map((payload) => {
    const key = payload.isKey ? "K" : "";
    const kind = payload.isCompressed ? " compressed" : "";
    const where = `${payload.offset}+${payload.dataBytes}/${payload.objectSize ?? "?"}`;
    const extensions = isFields(payload.extensions) ? extensionText(payload.extensions) : "";
    return ` | ${payload.streamNumber}${key} #${payload.objectNumber} ${where} ${
      payload.presentationMs ?? "?"
    } ms${kind}${extensions}`;
  });
  const head =
    `packet ${number}  @${offset}  send ${sendTimeMs} ms  duration ${durationMs} ms  padding ${paddingBytes} `;
  return head + payloads.join("");
}

/** Such as ` [timecode 01:00:00:00, sample duration 40 ms]`. */
function extensionText(fields: Fields): string {
  const texts = Object.entries(fields).map(([name, value]) => {
    if (name === "timecode") return timecodeText(value as Fields);
    if (name === "contentType") return `content type ${flagsText(value as Fields)}`;
    if (name === "others") {
      return Object.entries(value as Fields).map(([system, bytes]) => `${system} ${valueText(name, bytes)}`).join(", ");
    }
    return `${labelOf(name)} ${isFields(value) ? inlineText(name, value) : valueText(name, value)}`;
  });
  return texts.length === 0 ? "" : ` [${texts.join(", ")}]`;
}

/** The names of those that are set. */
function flagsText(flags: Fields): string {
  const set = Object.keys(flags).filter((name) => flags[name] === true).map(labelOf);
  return set.join(" + ") || "progressive";
}

/** The parts that are not 0. */
function timecodeText({ text, range, userBits, flags }: Fields): string {
  const parts = Object.entries({ range, "user bits": userBits, flags }).filter(([, value]) => value !== 0);
  return [`timecode ${text}`, ...parts.map(([name, value]) => `${name} ${value}`)].join(" ");
}
