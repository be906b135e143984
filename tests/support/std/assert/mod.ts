/**
 * Stand-in for `jsr:@std/assert`, for machines that reach npm only: the functions the tests use, same names and
 * signatures, delegating to `node:assert/strict`.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any

import strict from "node:assert/strict";

/** Thrown by every assertion here. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function fail_(reason: string, msg?: string): never {
  throw new AssertionError(msg === undefined ? reason : `${reason}: ${msg}`);
}

function delegate(check: () => void, msg?: string): void {
  try {
    check();
  } catch (error) {
    fail_((error as Error).message, msg);
  }
}

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

export function assertFalse(expr: unknown, msg = ""): asserts expr is false | 0 | 0n | "" | null | undefined {
  if (expr) throw new AssertionError(msg);
}

export function fail(msg?: string): never {
  fail_("Failed assertion", msg);
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  delegate(() => strict.deepStrictEqual(actual, expected), msg);
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  delegate(() => strict.notDeepStrictEqual(actual, expected), msg);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  delegate(() => strict.strictEqual(actual, expected), msg);
}

export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  delegate(() => strict.notStrictEqual(actual, expected), msg);
}

/** The default tolerance is 1e-7 of the expected value. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  if (delta <= (tolerance ?? (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7))) return;
  fail_(`Expected ${actual} to be close to ${expected}, off by ${delta}`, msg);
}

export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) fail_(`Expected a value, got ${actual}`, msg);
}

export function assertInstanceOf<T extends abstract new (...args: any[]) => any>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) fail_(`Expected an instance of ${expectedType.name}, got ${actual}`, msg);
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail_(`Expected ${JSON.stringify(actual)} to match ${expected}`, msg);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    fail_(`Expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`, msg);
  }
}

export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) fail_(`Expected ${actual} > ${expected}`, msg);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) fail_(`Expected ${actual} >= ${expected}`, msg);
}

export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) fail_(`Expected ${actual} < ${expected}`, msg);
}

export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) fail_(`Expected ${actual} <= ${expected}`, msg);
}

/** Any constructor, abstract ones too. */
type Constructor<E> = abstract new (...args: any[]) => E;

export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Constructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) fail_(`Expected an Error, got ${error}`, msg);
  if (ErrorClass && !(error instanceof ErrorClass)) {
    fail_(`Expected a ${ErrorClass.name}, got ${error.name}: ${error.message}`, msg);
  }
  if (msgMatches === undefined) return;
  const matches = typeof msgMatches === "string" ? error.message.includes(msgMatches) : msgMatches.test(error.message);
  if (!matches) fail_(`Expected the message to hold ${msgMatches}, got ${JSON.stringify(error.message)}`, msg);
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
  fail_("Expected the function to throw", messageOf(expected));
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
    fail_(`Expected a rejection, but the call threw ${error}`, messageOf(expected));
  }
  try {
    await promise;
  } catch (error) {
    return checkThrown(error, expected);
  }
  fail_("Expected the promise to reject", messageOf(expected));
}
