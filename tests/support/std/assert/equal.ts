/**
 * Deep equality with the verdicts of `@std/assert`: numbers as `===` has it (`0` is `-0`, and `NaN` itself), prototypes
 * and what they inherit included, so that two errors made in two places differ by their stacks.
 *
 * @module
 */

const TypedArray = Object.getPrototypeOf(Uint8Array);

/** Classes whose instances are told apart by their text. */
const TEXTUAL: { prototype: object }[] = [RegExp, URL, URLSearchParams, Intl.Locale, ...temporalClasses()];

/** All but `Temporal.Now`, where there is a `Temporal`. */
function temporalClasses(): { prototype: object }[] {
  const { Temporal = {} } = globalThis as unknown as { Temporal?: object };
  return Object.getOwnPropertyNames(Temporal)
    .map((name) => Temporal[name as keyof typeof Temporal] as unknown)
    .filter((value) => typeof value === "function");
}

/** Compares by value; `pairs` are under comparison already, and so equal as far as they alone are concerned. */
export function equal(a: unknown, b: unknown, pairs: Map<object, object> = new Map()): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (prototypeOf(a) !== prototypeOf(b)) return false;
  if (a instanceof WeakMap || a instanceof WeakSet) throw new TypeError("Cannot compare weak collections");
  if (a instanceof WeakRef) return equal(a.deref(), (b as typeof a).deref(), pairs);
  if (a instanceof TypedArray) return sameElements(a as unknown as Uint8Array, b as unknown as Uint8Array);
  if (a instanceof ArrayBuffer || a instanceof SharedArrayBuffer) {
    return sameElements(new Uint8Array(a), new Uint8Array(b as typeof a));
  }
  if (TEXTUAL.some(({ prototype }) => prototype === Object.getPrototypeOf(a))) return String(a) === String(b);
  if (pairs.get(a) === b) return true;
  pairs.set(a, b);
  if (a instanceof Set || a instanceof Map) return sameEntries(a, b as typeof a, pairs);
  return [...new Set([...keysOf(a), ...keysOf(b)])].every((key) =>
    key in a === key in b && equal(a[key as keyof typeof a], b[key as keyof typeof b], pairs)
  ) && Object.keys(a).length === Object.keys(b).length;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An object without a prototype counts as a plain one. */
function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function sameElements(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((element, i) => element === b[i] || Object.is(element, b[i]));
}

/** In any order; each entry has one of its own on the other side. */
function sameEntries(
  a: Set<unknown> | Map<unknown, unknown>,
  b: Set<unknown> | Map<unknown, unknown>,
  pairs: Map<object, object>,
): boolean {
  if (a.size !== b.size) return false;
  const left = new Map(b.entries());
  for (const [key, value] of a.entries()) {
    const matches = ([other, its]: [unknown, unknown]) => equal(key, other, pairs) && equal(value, its, pairs);
    const match = left.has(key) ? [key, left.get(key)] as [unknown, unknown] : left.entries().find(matches);
    if (!match || !matches(match)) return false;
    left.delete(match[0]);
  }
  return true;
}

/** Plain objects and arrays: what they list. Instances of classes: all they have, and what they inherit. */
function keysOf(value: object): PropertyKey[] {
  const isPlain = prototypeOf(value) === Object.prototype || prototypeOf(value) === Array.prototype;
  if (isPlain) return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  const keys: PropertyKey[] = [];
  for (let at = value; at !== Object.prototype && at !== Array.prototype && at; at = Object.getPrototypeOf(at)) {
    keys.push(...Reflect.ownKeys(at));
  }
  return keys;
}
