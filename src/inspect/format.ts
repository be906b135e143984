/**
 * A tree as text for people.
 *
 * ```text
 * File Properties Object  @30  104 bytes
 *   file id: 12345678-9ABC-4DEF-8123-456789ABCDEF
 *   play duration: 1.01 s (10100000)
 * packet 3  @1318  send 20 ms  duration 10 ms  padding 4  | 1 #7 0+80/80 1020 ms | 2K #1 0+102/150 1000 ms
 * ```
 *
 * A payload is: stream (`K`: key frame), object number, offset + bytes / object size, stored time, and what it carries.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import { guidValueName } from "./guid.ts";
import { CLEAN_POINT, DATA_PACKET, FRAME_NUMBER, MEDIA_OBJECT } from "./objects/indexes.ts";
import type { AsfProblem } from "./problems.ts";
import { AsfReader } from "./reader.ts";
import { type InspectOptions, type InspectTree, readNodes } from "./tree.ts";
import type { InspectNode, InspectValue } from "./tree_nodes.ts";

type Fields = { readonly [name: string]: InspectValue };

/** Elements of a list of numbers that are shown. */
const SHOWN_NUMBERS = 24;
/** Bytes that are shown. */
const SHOWN_BYTES = 24;

/**
 * The text of a tree: one line an object, a field, a packet, a problem. The same tree always gives the same text.
 *
 * @example
 * ```ts
 * import { formatTree, inspectTree } from "@muxwell/muxwell/inspect";
 *
 * async function show(file: Blob): Promise<void> {
 *   console.log(formatTree(await inspectTree(file)));
 * }
 * console.log(typeof show);
 * ```
 */
export function formatTree(tree: InspectTree): string {
  const lines = [TITLE];
  for (const node of tree.children) pushNode(lines, node, 1);
  pushSummary(lines, tree.size, tree.problems, tree.problemCount);
  return lines.join("\n") + "\n";
}

/**
 * The same text line by line while the file is read: memory stays flat whatever the file's size.
 *
 * @throws {TypeError} If the source is none of the `ByteSource`s.
 * @throws {MuxError} `bad-media` when it does not begin like an ASF file; `too-large` when its header is above 64 MiB.
 *
 * @example
 * ```ts
 * import { inspectLines } from "@muxwell/muxwell/inspect";
 *
 * async function show(file: Blob): Promise<void> {
 *   for await (const line of inspectLines(file, { packets: true })) console.log(line);
 * }
 * console.log(typeof show);
 * ```
 */
export async function* inspectLines(
  source: ByteSource,
  options: InspectOptions = {},
): AsyncGenerator<string, void, undefined> {
  const reader = await AsfReader.openIncomplete(source);
  try {
    yield TITLE;
    for await (const { level, node } of readNodes(reader, options)) {
      const lines: string[] = [];
      pushNode(lines, node, level + 1);
      yield* lines;
    }
    const lines: string[] = [];
    pushSummary(lines, reader.size, reader.problems, reader.problemCount);
    yield* lines;
  } finally {
    await reader.close();
  }
}

const TITLE = "ASF file";

function pushNode(lines: string[], node: InspectNode, depth: number): void {
  const indent = "  ".repeat(depth);
  if (node.name === "Packet") {
    lines.push(indent + packetLine(node));
    return;
  }
  const unknown = node.name === "Unknown Object" ? ` ${node.guid}` : "";
  lines.push(`${indent}${node.name}${unknown}  @${node.offset}  ${node.size} bytes`);
  pushFields(lines, node.fields, depth + 1);
  for (const child of node.children) pushNode(lines, child, depth + 1);
}

function packetLine({ offset, fields }: InspectNode): string {
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

function pushFields(lines: string[], fields: Fields, depth: number): void {
  const indent = "  ".repeat(depth);
  for (const [name, value] of Object.entries(fields)) {
    if (name === "creationTicks") continue; // said by the time beside it
    const label = labelOf(name);
    if (Array.isArray(value) && value.some((one) => typeof one === "object")) {
      if (value.length > 0) lines.push(`${indent}${label}:`);
      for (const one of value) lines.push(`${indent}  - ${inlineText(name, one)}`);
    } else if (isFields(value)) {
      lines.push(`${indent}${label}:`);
      pushFields(lines, value, depth + 1);
    } else if (!Array.isArray(value) || value.length > 0) {
      lines.push(`${indent}${label}: ${valueText(name, value)}`);
    }
  }
}

function inlineText(name: string, value: InspectValue): string {
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
function isFields(value: InspectValue | undefined): value is Fields {
  return typeof value === "object" && !Array.isArray(value) && !("hex" in value);
}

/** The name of a field in words, without the unit that its value gets. */
function labelOf(name: string): string {
  if (name === "fourCC") return "FourCC";
  return name
    .replace(/(Ticks|Ms)$/, "")
    .replace(/Bytes$/, "Size")
    .replace(/[bB]itsPerSecond$/, "BitRate")
    .replace(/[bB]ytesPerSecond$/, "ByteRate")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}

function valueText(name: string, value: InspectValue): string {
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

function pushSummary(
  lines: string[],
  size: number | undefined,
  problems: readonly AsfProblem[],
  problemCount: number,
): void {
  const sizeText = size === undefined ? "size unknown" : `${size} bytes`;
  const countText = problemCount === 0 ? "no problems" : problemCount === 1 ? "1 problem" : `${problemCount} problems`;
  lines.push(`  ${sizeText}, ${countText}`);
  for (const { rule, offset, message } of problems) lines.push(`    ${rule}  @${offset}  ${message}`);
}
