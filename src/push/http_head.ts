/**
 * The head of an HTTP/1.x message, as both ends of a push and the players' server read and write it: strict where it
 * matters, liberal where old clients are not.
 *
 * Control characters have no place in a head ([RFC 9110] 5.5): whoever gets one into a value chooses the fields behind it,
 * or a whole second message.
 *
 * @module
 */

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

/**
 * Puts a head together: the first line, the fields, and the empty line.
 *
 * @throws {RangeError} For control characters: the caller has let them in.
 */
export function writeHead(lines: readonly string[]): string {
  for (const line of lines) {
    if (!/\p{Cc}/u.test(line)) continue;
    const [name] = line.match(/^[\w-]+(?=:)/) ?? ["the first line"];
    throw new RangeError(`Cannot write an HTTP head: ${name} must hold no control characters`);
  }
  return lines.join("\r\n") + "\r\n\r\n";
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
