/**
 * The head of an HTTP/1.x message, as both ends of a push and the players' server read it: strict where it matters,
 * liberal where old clients are not.
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
 * @throws {HeadError}
 */
export function parseHead(bytes: Uint8Array): Head {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const [startLine, ...lines] = text.split(/\r?\n/);
  const fields = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    if (line === "") continue;
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
