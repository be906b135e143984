/**
 * Stand-in for `jsr:@std/testing/mock`: the one function the tests use, with the name, the signatures and the verdicts of
 * the real one.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any

/** Thrown when something cannot be replaced or restored. */
export class MockError extends Error {
  override name = "MockError";
}

/** A function in the place of a method. */
export interface Stub<Self = any, Args extends unknown[] = any[], Return = any> extends Disposable {
  (this: Self, ...args: Args): Return;
  original: (this: Self, ...args: Args) => Return;
  fake: (this: Self, ...args: Args) => Return;
  readonly restored: boolean;
  restore(): void;
}

type ArgsOf<Self, Prop extends keyof Self> = Self[Prop] extends (...args: infer Args) => unknown ? Args : unknown[];
type ReturnOf<Self, Prop extends keyof Self> = Self[Prop] extends (...args: any[]) => infer Return ? Return : unknown;
type AnyFunction = (this: any, ...args: any[]) => any;

const stubs = new WeakSet<object>();

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
export function stub(self: any, property: PropertyKey, fake: AnyFunction = () => {}): any {
  const original = self[property];
  const before = Object.getOwnPropertyDescriptor(self, property);
  if (original !== undefined && typeof original !== "function") {
    throw new MockError("Cannot stub: must be a method, got a property");
  }
  if (stubs.has(original)) throw new MockError("Cannot stub: must be restored first");
  if (before?.configurable === false) throw new MockError("Cannot stub: must be configurable");
  let restored = false;
  const restore = () => {
    if (restored) throw new MockError("Cannot restore: restored already");
    restored = true;
    if (before) Object.defineProperty(self, property, before);
    else delete self[property];
  };
  const value = Object.defineProperties(
    function (this: any, ...args: any[]): any {
      return fake.apply(this, args);
    },
    Object.getOwnPropertyDescriptors({
      original,
      fake,
      restore,
      [Symbol.dispose]: restore,
      get restored() {
        return restored;
      },
    }),
  );
  stubs.add(value);
  const { enumerable = false, writable = false } = before ?? {};
  Object.defineProperty(self, property, { configurable: true, enumerable, writable, value });
  return value;
}
