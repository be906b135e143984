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

function checkError<E extends Error>(
  error: unknown,
  ErrorClass: (abstract new (...args: any[]) => E) | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): E {
  if (!(error instanceof Error)) fail_(`Expected an Error, got ${error}`, msg);
  if (ErrorClass && !(error instanceof ErrorClass)) {
    fail_(`Expected a ${ErrorClass.name}, got ${error.name}: ${error.message}`, msg);
  }
  if (msgIncludes !== undefined && !error.message.includes(msgIncludes)) {
    fail_(`Expected the message to contain ${JSON.stringify(msgIncludes)}, got ${JSON.stringify(error.message)}`, msg);
  }
  return error as E;
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass?: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    return checkError(thrown, ErrorClass, msgIncludes, msg);
  }
  fail_("Expected the function to throw", msg);
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass?: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    fail_(`Expected a rejection, but the call threw ${error}`, msg);
  }
  try {
    await promise;
  } catch (error) {
    return checkError(error, ErrorClass, msgIncludes, msg);
  }
  fail_("Expected the promise to reject", msg);
}
