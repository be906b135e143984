/**
 * Values out of JSON that somebody else has written: each is looked at before it is believed, and what is wrong is named by
 * its path.
 *
 * @module
 */

import { toUint8Array } from "../media/sample.ts";

/** Takes a value for what it should be. @throws {TypeError} @throws {RangeError} Naming the path. */
export type Shape<T> = (value: unknown, path: string) => T;

/** A number within bounds. */
export function number(least: number, most: number, isWhole = true): Shape<number> {
  return (value, path) => {
    if (typeof value !== "number") throw wrongType(path, "a number", value);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw new RangeError(`${path} must be ${isWhole ? "whole and " : ""}within ${least}–${most}, got ${value}`);
  };
}

/** A text of so many characters at most. */
export function text(maxLength: number): Shape<string> {
  return (value, path) => {
    if (typeof value !== "string") throw wrongType(path, "a string", value);
    if (value.length <= maxLength) return value;
    throw new RangeError(`${path} must have at most ${maxLength} characters, got ${value.length}`);
  };
}

/** True or false. */
export function flag(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") throw wrongType(path, "a boolean", value);
  return value;
}

/** One of these values. */
export function oneOf<T extends string | number>(...values: T[]): Shape<T> {
  return (value, path) => {
    const found = values.find((one) => one === value);
    if (found !== undefined) return found;
    throw new RangeError(`${path} must be ${values.join(" or ")}, got ${show(value)}`);
  };
}

/** Bytes as base64 text. */
export function bytes(maxBytes: number): Shape<Uint8Array<ArrayBuffer>> {
  const asText = text(Math.ceil(maxBytes / 3) * 4);
  return (value, path) => {
    const characters = asText(value, path);
    let binary: string;
    try {
      binary = atob(characters);
    } catch {
      throw new RangeError(`${path} must be base64`);
    }
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  };
}

/** What JSON has for a value: bytes become base64 text, which {@linkcode bytes} reads; what is undefined is left out. */
export function toJson(value: unknown): unknown {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return toBase64(toUint8Array(value));
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, toJson(field)]));
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** A list of such values. */
export function list<T>(shape: Shape<T>, maxLength: number): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrongType(path, "a list", value);
    if (value.length > maxLength) {
      throw new RangeError(`${path} must have at most ${maxLength} entries, got ${value.length}`);
    }
    return value.map((entry, i) => shape(entry, `${path}[${i}]`));
  };
}

/** Either of two. */
export function either<A, B>(isFirst: (value: unknown) => boolean, first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return (value, path) => isFirst(value) ? first(value, path) : second(value, path);
}

/** An object with these fields and no others; those in `optional` may be absent. */
export function object<R extends object, O extends object>(
  required: { readonly [K in keyof R]: Shape<R[K]> },
  optional: { readonly [K in keyof O]: Shape<O[K]> },
): Shape<R & Partial<O>> {
  const shapes: Record<string, Shape<unknown>> = { ...required, ...optional };
  return (value, path) => {
    const fields = asObject(value, path);
    const under = (name: string) => path === "" ? name : `${path}.${name}`;
    const taken: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      if (!Object.hasOwn(shapes, name)) throw new RangeError(`${under(name)} is not known`);
      if (field !== undefined) taken[name] = shapes[name]!(field, under(name));
    }
    for (const name of Object.keys(required)) {
      if (!Object.hasOwn(taken, name)) throw new TypeError(`${under(name)} is missing`);
    }
    return taken as R & Partial<O>;
  };
}

/** Anything with fields. */
export function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrongType(path === "" ? "it" : path, "an object", value);
}

function wrongType(path: string, wanted: string, value: unknown): TypeError {
  return new TypeError(
    `${path} must be ${wanted}, got ${value === null ? "null" : Array.isArray(value) ? "a list" : typeof value}`,
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);
}
