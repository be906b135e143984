/**
 * Stand-in for `jsr:@std/assert`, for machines that reach npm only: the functions the tests use, with the names, the
 * signatures and the verdicts of the real ones.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any

import strict from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { equal } from "./equal.ts";

/** Thrown by every assertion here. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function refuse(reason: string, msg?: string): never {
  throw new AssertionError(msg ? `${reason}: ${msg}` : reason);
}

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

export function assertFalse(expr: unknown, msg = ""): asserts expr is false | 0 | 0n | "" | null | undefined {
  if (expr) throw new AssertionError(msg);
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) refuse(`Values are not equal\n${difference(actual, expected)}`, msg);
}

/** For eyes: by lines where lines tell, else both values whole. */
function difference(actual: unknown, expected: unknown): string {
  try {
    strict.deepStrictEqual(actual, expected);
  } catch (error) {
    return (error as Error).message;
  }
  return `actual: ${Deno.inspect(actual)}\nexpected: ${Deno.inspect(expected)}`;
}

export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (!Object.is(actual, expected)) refuse(`Values are not the same\n${difference(actual, expected)}`, msg);
}

export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) refuse(`Expected anything but ${Deno.inspect(expected)}`, msg);
}

/** The default tolerance is 1e-7 of the expected value. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  if (delta <= (tolerance ?? (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7))) return;
  refuse(`Expected ${actual} to be close to ${expected}, off by ${delta}`, msg);
}

export function assertInstanceOf<T extends abstract new (...args: any[]) => any>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    refuse(`Expected an instance of ${expectedType.name}, got ${Deno.inspect(actual)}`, msg);
  }
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) refuse(`Expected ${JSON.stringify(actual)} to match ${expected}`, msg);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    refuse(`Expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`, msg);
  }
}

export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) refuse(`Expected ${actual} > ${expected}`, msg);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) refuse(`Expected ${actual} >= ${expected}`, msg);
}

export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) refuse(`Expected ${actual} < ${expected}`, msg);
}

export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) refuse(`Expected ${actual} <= ${expected}`, msg);
}

/** Any constructor, abstract ones too. */
type Constructor<E> = abstract new (...args: any[]) => E;

export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Constructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) refuse(`Expected an Error, got ${Deno.inspect(error)}`, msg);
  if (ErrorClass && !(error instanceof ErrorClass)) {
    refuse(`Expected a ${ErrorClass.name}, got ${error.name}: ${error.message}`, msg);
  }
  if (!msgMatches) return;
  const message = stripVTControlCharacters(error.message);
  const matches = typeof msgMatches === "string"
    ? message.includes(stripVTControlCharacters(msgMatches))
    : msgMatches.test(message);
  if (!matches) refuse(`Expected the message to hold ${msgMatches}, got ${JSON.stringify(error.message)}`, msg);
}

type Expectation = [msg?: string] | [ErrorClass: Constructor<Error>, msgIncludes?: string, msg?: string];

/** Without a class anything that was thrown will do. */
function checkThrown(error: unknown, [first, second, third]: Expectation): unknown {
  if (typeof first === "function") assertIsError(error, first, second, third);
  return error;
}

function messageOf([first, , third]: Expectation): string | undefined {
  return typeof first === "function" ? third : first;
}

export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...expected: Expectation): unknown {
  try {
    fn();
  } catch (error) {
    return checkThrown(error, expected);
  }
  refuse("Expected the function to throw", messageOf(expected));
}

export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(fn: () => PromiseLike<unknown>, ...expected: Expectation): Promise<unknown> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    refuse(`Expected a rejection, but the call threw ${Deno.inspect(error)}`, messageOf(expected));
  }
  if (typeof promise !== "object" || typeof promise?.then !== "function") {
    refuse(`Expected a promise, got ${Deno.inspect(promise)}`, messageOf(expected));
  }
  try {
    await promise;
  } catch (error) {
    return checkThrown(error, expected);
  }
  refuse("Expected the promise to reject", messageOf(expected));
}
