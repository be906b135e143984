/**
 * Stand-in for `jsr:@std/testing/mock`: the functions the tests use, same names and signatures.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any

import { assert, assertEquals, AssertionError, assertIsError } from "@std/assert";

/** Thrown when something cannot be replaced or restored, or answers ran out. */
export class MockError extends Error {
  override name = "MockError";
}

/** One call of a spy. */
export interface SpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  args: Args;
  returned?: Return;
  error?: Error;
  self?: Self;
}

/** A function that records its calls. */
export interface Spy<Self = any, Args extends unknown[] = any[], Return = any> {
  (this: Self, ...args: Args): Return;
  original: (this: Self, ...args: Args) => Return;
  calls: SpyCall<Self, Args, Return>[];
  restored: boolean;
  restore(): void;
}

/** A spy in the place of a method. */
export interface MethodSpy<Self = any, Args extends unknown[] = any[], Return = any>
  extends Spy<Self, Args, Return>, Disposable {}

/** A spy in the place of a method that answers in its stead. */
export interface Stub<Self = any, Args extends unknown[] = any[], Return = any> extends MethodSpy<Self, Args, Return> {
  fake: (this: Self, ...args: Args) => Return;
}

/** What `assertSpyCall` compares. */
export interface ExpectedSpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  args?: [...Args, ...unknown[]];
  self?: Self;
  returned?: Return;
  error?: { Class?: new (...args: any[]) => Error; msgIncludes?: string };
}

type ArgsOf<Self, Prop extends keyof Self> = Self[Prop] extends (...args: infer Args) => unknown ? Args : unknown[];
type ReturnOf<Self, Prop extends keyof Self> = Self[Prop] extends (...args: any[]) => infer Return ? Return : unknown;
type AnyFunction = (this: any, ...args: any[]) => any;

function recorder(answer: AnyFunction, extra: object): any {
  const calls: SpyCall[] = [];
  const spy = function (this: any, ...args: any[]): any {
    const call: SpyCall = this ? { args, self: this } : { args };
    try {
      return call.returned = answer.apply(this, args);
    } catch (error) {
      call.error = error as Error;
      throw error;
    } finally {
      calls.push(call);
    }
  };
  return Object.defineProperties(spy, Object.getOwnPropertyDescriptors({ calls, ...extra }));
}

function replace(self: any, property: PropertyKey, fake: AnyFunction | undefined): any {
  const original = self[property];
  const before = Object.getOwnPropertyDescriptor(self, property);
  if (typeof original !== "function") throw new MockError("Cannot replace: property is not an instance method");
  if ("calls" in original) throw new MockError("Cannot replace: already spying on instance method");
  if (before?.configurable === false) throw new MockError("Cannot replace: non-configurable instance method");
  const spy = recorder(fake ?? original, { original, fake, restored: false });
  spy.restore = spy[Symbol.dispose] = () => {
    if (spy.restored) throw new MockError("Cannot restore: instance method already restored");
    spy.restored = true;
    if (before) Object.defineProperty(self, property, before);
    else delete self[property];
  };
  const { enumerable = false, writable = false } = before ?? {};
  Object.defineProperty(self, property, { configurable: true, enumerable, writable, value: spy });
  return spy;
}

/** Wraps a function, or a method in its place, so that its calls are recorded. */
export function spy<Self = any, Args extends unknown[] = any[], Return = undefined>(): Spy<Self, Args, Return>;
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
export function spy<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): MethodSpy<Self, ArgsOf<Self, Prop>, ReturnOf<Self, Prop>>;
export function spy(target: any = () => {}, property?: PropertyKey): any {
  if (property !== undefined) return replace(target, property, undefined);
  const restore = () => {
    throw new MockError("Cannot restore: function cannot be restored");
  };
  return recorder(target, { original: target, restored: false, restore });
}

/** Replaces a method, by default with one that does nothing. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): Stub<Self, ArgsOf<Self, Prop>, ReturnOf<Self, Prop>>;
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
  func: (this: Self, ...args: ArgsOf<Self, Prop>) => ReturnOf<Self, Prop>,
): Stub<Self, ArgsOf<Self, Prop>, ReturnOf<Self, Prop>>;
export function stub(self: any, property: PropertyKey, func: AnyFunction = () => {}): any {
  return replace(self, property, func);
}

export function assertSpyCalls<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  expectedCalls: number,
): void {
  if (spy.calls.length === expectedCalls) return;
  throw new AssertionError(`Expected ${expectedCalls} calls, got ${spy.calls.length}`);
}

export function assertSpyCall<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  callIndex: number,
  expected: ExpectedSpyCall<Self, Args, Return> = {},
): void {
  const call = spy.calls[callIndex];
  assert(call, `Expected call ${callIndex}, got ${spy.calls.length} calls`);
  if (expected.args) assertEquals<unknown>(call.args, expected.args);
  if ("self" in expected) assertEquals(call.self, expected.self);
  if ("returned" in expected) {
    if (call.error) throw new AssertionError(`Expected a return, got ${call.error}`);
    assertEquals(call.returned, expected.returned);
  }
  if (expected.error) assertIsError(call.error, expected.error.Class, expected.error.msgIncludes);
}

/** Answers each call with the next value; an Error is thrown. */
export function returnsNext<Return, Self = any, Args extends unknown[] = any[]>(
  values: Iterable<Return | Error>,
): (this: Self, ...args: Args) => Return {
  const iterator = values[Symbol.iterator]();
  let calls = 0;
  return () => {
    const { done, value } = iterator.next();
    if (done) throw new MockError(`Not expected to be called more than ${calls} time(s)`);
    calls++;
    if (value instanceof Error) throw value;
    return value;
  };
}

/** Resolves each call with the next value; an Error rejects. */
export function resolvesNext<Return, Self = any, Args extends unknown[] = any[]>(
  iterable: Iterable<Return | Error>,
): (this: Self, ...args: Args) => Promise<Return> {
  const next = returnsNext<Return>(iterable);
  // deno-lint-ignore require-await
  return async () => next();
}
