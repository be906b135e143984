/**
 * Fields of a tree as text: the name of a field says what its value is.
 *
 * @module
 */

import { guidValueName } from "./asf/guid.ts";
import { CLEAN_POINT, DATA_PACKET, FRAME_NUMBER, MEDIA_OBJECT } from "./asf/objects/indexes.ts";
import type { InspectValue } from "./tree_nodes.ts";

/** A structure. */
export type Fields = { readonly [name: string]: InspectValue };

/** Elements of a list of numbers that are shown. */
const SHOWN_NUMBERS = 24;
/** Bytes that are shown. */
const SHOWN_BYTES = 24;

/** A value on one line. */
export function inlineText(name: string, value: InspectValue): string {
  if (!isFields(value)) return valueText(name, value);
  if (name === "specifiers") return `stream ${value.streamNumber}: ${pointText(value.type as number)}`;
  return Object.entries(value)
    .filter(([, one]) => !Array.isArray(one) || one.length > 0)
    .map(([key, one]) => `${labelOf(key)} ${isFields(one) ? `{ ${inlineText(key, one)} }` : valueText(key, one)}`)
    .join(", ");
}

/** What the entries of an index lead to. */
function pointText(type: number): string {
  const points: Record<number, string> = {
    [DATA_PACKET]: "last data packet",
    [MEDIA_OBJECT]: "last media object",
    [CLEAN_POINT]: "last clean point",
    [FRAME_NUMBER]: "frame number offset",
  };
  return `${points[type] ?? "unknown"} (${type})`;
}

/** Whether a value is a structure, and not bytes. */
export function isFields(value: InspectValue | undefined): value is Fields {
  return typeof value === "object" && !Array.isArray(value) && !("hex" in value);
}

/** The name of a field in words, without the unit that its value gets. */
export function labelOf(name: string): string {
  if (name === "fourCC") return "FourCC";
  return name
    .replace(/(Ticks|Ms)$/, "")
    .replace(/Bytes$/, "Size")
    .replace(/[bB]itsPerSecond$/, "BitRate")
    .replace(/[bB]ytesPerSecond$/, "ByteRate")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}

/** A value that is no structure. */
export function valueText(name: string, value: InspectValue): string {
  if (Array.isArray(value)) {
    if (name === "timecodes") return listText(value.map((code) => timecodeOf(code as number)));
    return listText(value.map((one) => Array.isArray(one) ? `[${one.join(" ")}]` : valueText(name, one)));
  }
  if (typeof value === "object") return bytesText(value as { byteLength: number; hex: string });
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return stringText(name, value);
  if (name.endsWith("Ticks")) return `${value / 1e7} s (${value})`;
  if (name.endsWith("Ms")) return `${value} ms`;
  if (/[bB]itsPerSecond$/.test(name)) return `${value} bit/s`;
  if (/[bB]ytesPerSecond$/.test(name)) return `${value} bytes/s`;
  if (name.endsWith("Bytes")) return `${value} bytes`;
  if (name === "sampleRate") return `${value} Hz`;
  if (name === "formatTag") return `0x${value.toString(16).toUpperCase().padStart(4, "0")}`;
  if (name === "flags" || name === "reserved") return `0x${value.toString(16).toUpperCase()}`;
  return String(value);
}

/** BCD 0xHHMMSSFF. */
function timecodeOf(bcd: number): string {
  return bcd.toString(16).padStart(8, "0").replace(/(..)(?!$)/g, "$1:");
}

function listText(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN_NUMBERS).join(" ");
  return shown + (texts.length > SHOWN_NUMBERS ? ` … ${texts.length} in all` : "");
}

function bytesText({ byteLength, hex }: { byteLength: number; hex: string }): string {
  const shown = hex.slice(0, 2 * SHOWN_BYTES).replace(/(..)(?!$)/g, "$1 ");
  return `${byteLength} bytes${byteLength > 0 ? `: ${shown}` : ""}${byteLength > SHOWN_BYTES ? " …" : ""}`;
}

const GUID_TEXT = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/;

/** Texts of a file are quoted, with whatever could move a terminal's cursor or turn its writing around escaped. */
function stringText(name: string, value: string): string {
  if (GUID_TEXT.test(value)) {
    const known = guidValueName(value);
    return known === undefined ? value : `${known} (${value})`;
  }
  if (PLAIN_NAMES.has(name) || /^\d+$/.test(value)) return value;
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Strings the reader itself makes. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(["creationTime", "kind", "fourCC"]);
