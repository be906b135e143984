/**
 * The head of an HTTP/1.x message, for encoders, players and the server between them: strict where it matters, liberal
 * where old clients are not.
 *
 * Control characters have no place in a head ([RFC 9110] 5.5): whoever gets one into a value chooses the fields behind it,
 * or a whole second message.
 *
 * @module
 */

import { GrowingBytes } from "../bytes/growing_bytes.ts";

import { plainText } from "./url.ts";

/** Header fields by lower-case name, each with its values in order. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** First line and fields. */
export interface Head {
  /** Without the line end. */
  readonly startLine: string;
  readonly fields: Fields;
}

/** Says what is wrong with a message. */
export class HeadError extends Error {
  override name = "HeadError";
}

/** More is in no head of an answer. */
export const MAX_ANSWER_HEAD_BYTES = 16_384;

const LF = 0x0a;
const CR = 0x0d;
const MAX_LATIN1 = 0xff;
/** But for the tab, and for what belongs to characters in UTF-8. */
const CONTROL = /[^\P{Cc}\t\x80-\x9f]/u;

/** Where the head ends that begins at 0, just behind its empty line; -1 if that has not come. CR is optional. */
export function findHeadEnd(bytes: Uint8Array, from = 0): number {
  for (let at = Math.max(0, from - 2); at < bytes.byteLength; at++) {
    if (bytes[at] !== LF) continue;
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

/** What {@linkcode readHead} finds. */
export interface ReadHead {
  /** With its empty line; `undefined` where the bytes end before it. */
  readonly head: Uint8Array | undefined;
  /** What came behind the head, or instead of a whole one. */
  readonly rest: Uint8Array;
}

/**
 * Reads to the end of a head. What it gives are views of what was held, or of memory of its own.
 *
 * @param held What has come already: looked at where it is; only a head that comes in pieces is put together.
 * @param more What comes next, dead at the next call; `undefined` at the end.
 * @throws {HeadError} If the head is longer than `maxBytes`; what `more` throws.
 */
export async function readHead(
  held: Uint8Array,
  maxBytes: number,
  more: () => Promise<Uint8Array | undefined>,
): Promise<ReadHead> {
  const pieces = new GrowingBytes();
  for (let bytes = held, seen = 0;;) {
    const end = findHeadEnd(bytes, seen);
    seen = bytes.byteLength;
    if ((end < 0 ? seen : end) > maxBytes) {
      throw new HeadError(`the head is too long: more than ${maxBytes} bytes`);
    }
    if (end >= 0) return { head: bytes.subarray(0, end), rest: bytes.subarray(end) };
    if (pieces.byteLength === 0) pieces.append(bytes);
    const next = await more();
    if (next === undefined) return { head: undefined, rest: pieces.view() };
    pieces.append(next);
    bytes = pieces.view();
  }
}

/**
 * Takes a head apart. Its bytes are Latin-1.
 *
 * @throws {HeadError} For what is no head, and for control characters.
 */
export function parseHead(bytes: Uint8Array): Head {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const [startLine, ...lines] = text.split(/\r?\n/);
  if (CONTROL.test(startLine!)) throw new HeadError("the first line holds control characters");
  const fields = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    if (line === "") continue;
    if (CONTROL.test(line)) throw new HeadError("a header field holds control characters");
    if (/^[ \t]/.test(line) && last) {
      last.push(`${last.pop()} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) throw new HeadError("a header field has no name");
    last = fields.get(name);
    if (last === undefined) fields.set(name, last = []);
    last.push(line.slice(colon + 1).trim());
  }
  return { startLine: startLine!, fields };
}

/** A status line, taken apart. */
export interface StatusLine {
  /** Of HTTP/1.x. */
  readonly minorVersion: number;
  /** 100 to 999. */
  readonly status: number;
  /** Possibly empty; control characters and the like are replaced. */
  readonly reason: string;
}

/** Takes the first line of a response apart. @throws {HeadError} For what is none. */
export function parseStatusLine(line: string): StatusLine {
  const [, minor, code, reason = ""] = line.match(/^HTTP\/1\.(\d) ([1-9]\d{2})(?: (.*))?$/) ?? [];
  if (code === undefined) throw new HeadError("the first line is no status line");
  return { minorVersion: Number(minor), status: Number(code), reason: plainText(reason) };
}

/** One field to be written; without a value it is left out. */
export type HeadField = readonly [name: string, value: string | number | undefined];

/** Which HTTP/1.x a message says it speaks. */
export type HttpVersion = "1.0" | "1.1";

/**
 * The head of a request, its empty line included.
 *
 * @param target Path and query, or a whole URL for a proxy.
 * @throws {RangeError} For control characters: the caller has let them in.
 */
export function requestHead(
  method: string,
  target: string,
  fields: readonly HeadField[],
  version: HttpVersion = "1.1",
): string {
  return writeHead(`${method} ${target} HTTP/${version}`, fields);
}

/**
 * The head of a response, its empty line included.
 *
 * @param status Code and reason: `"204 No Content"`.
 * @throws {RangeError} For control characters: the caller has let them in.
 */
export function responseHead(status: string, fields: readonly HeadField[], version: HttpVersion = "1.1"): string {
  return writeHead(`HTTP/${version} ${status}`, fields);
}

function writeHead(startLine: string, fields: readonly HeadField[]): string {
  let text = checked("the first line", startLine);
  for (const [name, value] of fields) if (value !== undefined) text += checked(name, `${name}: ${value}`);
  return text + "\r\n";
}

function checked(name: string, line: string): string {
  if (!/\p{Cc}/u.test(line)) return line + "\r\n";
  throw new RangeError(`Cannot write an HTTP head: ${name} must hold no control characters`);
}

/** A head's bytes in Latin-1. @throws {RangeError} For other characters: cut to a byte, they could become line ends. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => {
    const code = char.codePointAt(0)!;
    if (code <= MAX_LATIN1) return code;
    throw new RangeError(`Cannot write an HTTP head: must be Latin-1, got U+${code.toString(16).toUpperCase()}`);
  });
}

/** The value of a field that should come once; the first, if it does not. */
export function field(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.[0];
}

/**
 * Content-Length, or `undefined` without one.
 *
 * @throws {HeadError} If it is no number, or two that differ.
 */
export function contentLength(fields: Fields): number | undefined {
  const values = new Set(fields.get("content-length"));
  if (values.size === 0) return undefined;
  const [value] = values;
  if (values.size > 1 || !/^\d{1,15}$/.test(value!)) throw new HeadError("Content-Length must be one number");
  return Number(value);
}

/** Whether a media type is this one, parameters aside. */
export function isType(fields: Fields, type: string): boolean {
  const [value = ""] = (field(fields, "content-type") ?? "").split(";");
  return value.trim().toLowerCase() === type;
}

/** The `push-id` in a list of cookies, first of several; `undefined` without one. */
export function pushId(values: readonly string[] = []): string | undefined {
  for (const value of values) {
    for (const cookie of value.split(";")) {
      const id = cookie.match(/^\s*push-id\s*=\s*([\x21-\x7e]{1,255})\s*$/i)?.[1];
      if (id !== undefined) return id;
    }
  }
}
