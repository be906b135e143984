/**
 * The verdicts that the tests rely on, for each function that they use of `@std/assert` and `@std/testing`: the real
 * packages give them too, so that what passes with the stand-ins in `std/` passes with those.
 */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { MockError, stub } from "@std/testing/mock";
import { FakeTime, TimeError } from "@std/testing/time";

/** What an assertion does with a case: nothing, or an error of that name. */
type Verdict = "accepts" | "refuses" | "TypeError";

async function verdictOf(check: () => unknown): Promise<Verdict | string> {
  try {
    await check();
    return "accepts";
  } catch (error) {
    return error instanceof AssertionError ? "refuses" : (error as Error).name;
  }
}

type Case = [verdict: Verdict, name: string, check: () => unknown];

function table(subject: string, cases: readonly Case[]): void {
  Deno.test(`${subject} gives its verdicts`, async () => {
    const wrong: string[] = [];
    for (const [verdict, name, check] of cases) {
      const given = await verdictOf(check);
      if (given !== verdict) wrong.push(`${name}: ${given}, not ${verdict}`);
    }
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
  });
}

const throwing = (value: unknown) => () => {
  throw value;
};
const rejecting = (value: unknown) => () => Promise.reject(value);
const failed = (message: string, options?: ErrorOptions) => new Error(message, options);

table("assert()", [
  ...[true, 1, "a", [], {}, NaN.toString].map((value): Case => ["accepts", String(value), () => assert(value)]),
  ...[false, 0, -0, 0n, "", null, undefined, NaN].map((value): Case => ["refuses", `${value}`, () => assert(value)]),
]);

table("assertFalse()", [
  ...[false, 0, 0n, "", null, undefined, NaN].map((value): Case => ["accepts", `${value}`, () => assertFalse(value)]),
  ...[true, 1, "a", []].map((value): Case => ["refuses", String(value), () => assertFalse(value)]),
]);

/** Two values, and whether they are equal. */
type Pair = [verdict: Verdict, name: string, a: unknown, b: unknown];

class Point {
  readonly #secret: number;
  constructor(readonly x: number, secret = 0) {
    this.#secret = secret;
  }
  get doubled(): number {
    return 2 * this.x + this.#secret;
  }
}
class OtherPoint {
  constructor(readonly x: number) {}
}
const ring = (value: number) => {
  const object: Record<string, unknown> = { value };
  return Object.assign(object, { self: object });
};
const bare = (entries: object) => Object.assign(Object.create(null), entries);
const oneError = failed("one");
const hidden = (value: number) => Object.defineProperty({}, "a", { value });
const buffer = (...bytes: number[]) => new Uint8Array(bytes).buffer;

/** Reachable from a test, so that no reference to them goes stale: two such are equal. */
const held = [{ a: 1 }, { a: 1 }, { a: 2 }];
const referTo = (index: number) => new WeakRef(held[index]!);

const PAIRS: readonly Pair[] = [
  ["accepts", "0 and −0", 0, -0],
  ["accepts", "0 and −0 inside", { a: [0] }, { a: [-0] }],
  ["accepts", "0 and −0 in a typed array", new Float64Array([0]), new Float64Array([-0])],
  ["accepts", "NaN", { a: NaN }, { a: NaN }],
  ["refuses", "1 and '1'", 1, "1"],
  ["refuses", "1 and 1n", 1, 1n],
  ["refuses", "null and undefined", null, undefined],
  ["refuses", "null and {}", null, {}],
  ["accepts", "nested values", { a: [1, { b: "c" }] }, { a: [1, { b: "c" }] }],
  ["refuses", "nested values that differ", { a: [1, { b: "c" }] }, { a: [1, { b: "d" }] }],
  ["accepts", "keys in another order", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["refuses", "a property that is undefined and none", { a: undefined }, {}],
  ["refuses", "a hole and undefined", [, 1], [undefined, 1]], // deno-lint-ignore-line no-sparse-arrays
  ["refuses", "a longer array", [1, 2], [1, 2, 3]],
  ["refuses", "an array with a property", Object.assign([1], { a: 1 }), [1]],
  ["refuses", "an array and what looks like one", [1], { 0: 1, length: 1 }],
  ["accepts", "symbols for keys", { [Symbol.for("a")]: 1 }, { [Symbol.for("a")]: 1 }],
  ["refuses", "symbols for keys whose values differ", { [Symbol.for("a")]: 1 }, { [Symbol.for("a")]: 2 }],
  ["refuses", "a symbol for a key and none", { [Symbol.for("a")]: undefined }, {}],
  ["accepts", "what a plain object does not list", hidden(1), hidden(2)],
  ["accepts", "no prototype and the plain one", bare({ a: 1 }), { a: 1 }],
  ["refuses", "no prototype and another value", bare({ a: 1 }), { a: 2 }],
  ["refuses", "a class and a plain object", new OtherPoint(1), { x: 1 }],
  ["refuses", "two classes", new Point(1), new OtherPoint(1)],
  ["accepts", "two of a class", new Point(1), new Point(1)],
  ["refuses", "what getters give", new Point(1, 1), new Point(1, 2)],
  ["accepts", "boxed numbers, whatever they hold", new Number(1), new Number(2)],
  ["accepts", "boxed booleans, whatever they hold", new Boolean(true), new Boolean(false)],
  ["refuses", "boxed strings that differ", new String("a"), new String("b")],
  ["refuses", "a boxed number and a number", new Number(1), 1],
  ["accepts", "one error", oneError, oneError],
  ["refuses", "errors made in two places", new Error("a"), failed("a")],
  ["accepts", "errors made in one place", ...[1, 2].map(() => failed("a")) as [Error, Error]],
  ["refuses", "errors inside", { error: new Error("a") }, { error: failed("a") }],
  ["refuses", "messages", ...["a", "b"].map((text) => failed(text)) as [Error, Error]],
  ["refuses", "causes", ...[1, 2].map((cause) => failed("a", { cause })) as [Error, Error]],
  ["refuses", "a cause and none", ...[{ cause: 1 }, {}].map((options) => failed("a", options)) as [Error, Error]],
  ["refuses", "names", ...["a", "b"].map((name) => Object.assign(failed("a"), { name })) as [Error, Error]],
  ["refuses", "classes of errors", new TypeError("a"), new RangeError("a")],
  ["accepts", "dates", new Date(1), new Date(1)],
  ["accepts", "dates that are none", new Date(NaN), new Date(NaN)],
  ["refuses", "dates that differ", new Date(1), new Date(2)],
  ["accepts", "patterns", /a/g, /a/g],
  ["accepts", "patterns on their way", Object.assign(/a/g, { lastIndex: 1 }), /a/g],
  ["refuses", "flags", /a/g, /a/i],
  ["accepts", "addresses", new URL("http://a/"), new URL("http://a")],
  ["refuses", "addresses that differ", new URL("http://a/1"), new URL("http://a/2")],
  ["refuses", "queries", new URLSearchParams("a=1"), new URLSearchParams("a=2")],
  ["accepts", "bytes", new Uint8Array([1, 2]), new Uint8Array([0, 1, 2]).subarray(1)],
  ["refuses", "bytes that differ", new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  ["refuses", "fewer bytes", new Uint8Array([1, 2]), new Uint8Array([1])],
  ["refuses", "two kinds of bytes", new Uint8Array([1]), new Int8Array([1])],
  ["accepts", "buffers", buffer(1), buffer(1)],
  ["refuses", "buffers that differ", buffer(1), buffer(2)],
  ["accepts", "views", new DataView(buffer(1)), new DataView(buffer(1))],
  ["refuses", "views that differ", new DataView(buffer(1)), new DataView(buffer(2))],
  ["accepts", "sets in another order", new Set([1, 2]), new Set([2, 1])],
  ["accepts", "sets of objects", new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  ["refuses", "sets that differ", new Set([1]), new Set([2])],
  ["refuses", "sets of objects that differ", new Set([{ a: 1 }]), new Set([{ a: 2 }])],
  ["accepts", "maps in another order", new Map([[1, {}], [2, {}]]), new Map([[2, {}], [1, {}]])],
  ["accepts", "maps by objects", new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1]])],
  ["refuses", "maps whose values differ", new Map([[1, { a: 1 }]]), new Map([[1, { a: 2 }]])],
  ["refuses", "maps whose keys differ", new Map([[1, 1]]), new Map([[2, 1]])],
  ["refuses", "a key of undefined and none", new Map([[1, undefined]]), new Map([[2, undefined]])],
  ["refuses", "a set and a map", new Set([1]), new Map([[1, 1]])],
  ["accepts", "rings", ring(1), ring(1)],
  ["refuses", "rings that differ", ring(1), ring(2)],
  ["refuses", "two functions", () => 1, () => 1],
  ["accepts", "one function", assert, assert],
  ["refuses", "two symbols", Symbol("a"), Symbol("a")],
  ["accepts", "promises, whatever they hold", Promise.resolve(1), Promise.resolve(2)],
  ["TypeError", "weak maps", new WeakMap(), new WeakMap()],
  ["TypeError", "weak sets", new WeakSet(), new WeakSet()],
];

table("assertEquals()", [
  ...PAIRS.map(([verdict, name, a, b]): Case => [verdict, name, () => assertEquals(a, b)]),
  ...PAIRS.map(([verdict, name, a, b]): Case => [verdict, `${name}, the other way round`, () => assertEquals(b, a)]),
  ["accepts", "weak references to equals", () => assertEquals(referTo(0), referTo(1))],
  ["refuses", "weak references to others", () => assertEquals(referTo(0), referTo(2))],
]);

Deno.test("an assertion that refuses tells the message it was given", () => {
  const refused = [
    () => assert(false, "which"),
    () => assertEquals({ a: 1 }, { a: 2 }, "which"),
    () => assertStrictEquals(1, 2, "which"),
    () => assertThrows(() => {}, "which"),
    () => assertThrows(throwing(new Error("a")), TypeError, "", "which"),
  ];
  for (const check of refused) assertStringIncludes(assertThrows(check, AssertionError).message, "which");
});

const object = {};
table("assertStrictEquals()", [
  ["accepts", "an object and itself", () => assertStrictEquals(object, object)],
  ["accepts", "NaN", () => assertStrictEquals(NaN, NaN)],
  ["refuses", "0 and −0", () => assertStrictEquals(0, -0)],
  ["refuses", "two objects", () => assertStrictEquals<unknown>({}, {})],
  ["refuses", "1 and '1'", () => assertStrictEquals<unknown>(1, "1")],
]);

table("assertNotStrictEquals()", [
  ["accepts", "two objects", () => assertNotStrictEquals({}, {})],
  ["accepts", "0 and −0", () => assertNotStrictEquals(0, -0)],
  ["refuses", "an object and itself", () => assertNotStrictEquals(object, object)],
  ["refuses", "NaN", () => assertNotStrictEquals(NaN, NaN)],
]);

table("assertAlmostEquals()", [
  ["accepts", "within the tolerance", () => assertAlmostEquals(0.1 + 0.2, 0.3, 1e-15)],
  ["accepts", "a ten millionth of what is expected", () => assertAlmostEquals(1e7 + 1, 1e7)],
  ["refuses", "more than that", () => assertAlmostEquals(1e7 + 2, 1e7)],
  ["refuses", "beyond the tolerance", () => assertAlmostEquals(1, 1.1, 0.01)],
  ["refuses", "anything near 0", () => assertAlmostEquals(1e-9, 0)],
  ["accepts", "infinities", () => assertAlmostEquals(Infinity, Infinity)],
  ["refuses", "infinities of other signs", () => assertAlmostEquals(Infinity, -Infinity)],
  ["accepts", "NaN", () => assertAlmostEquals(NaN, NaN)],
  ["refuses", "NaN and a number", () => assertAlmostEquals(NaN, 1, 10)],
]);

table("assertGreater() and its like", [
  ["accepts", "2 > 1", () => assertGreater(2, 1)],
  ["refuses", "1 > 1", () => assertGreater(1, 1)],
  ["refuses", "NaN > 1", () => assertGreater(NaN, 1)],
  ["accepts", "1 ≥ 1", () => assertGreaterOrEqual(1, 1)],
  ["refuses", "0 ≥ 1", () => assertGreaterOrEqual(0, 1)],
  ["refuses", "1 ≥ NaN", () => assertGreaterOrEqual(1, NaN)],
  ["accepts", "1 < 2", () => assertLess(1, 2)],
  ["refuses", "1 < 1", () => assertLess(1, 1)],
  ["refuses", "1 < NaN", () => assertLess(1, NaN)],
  ["accepts", "1 ≤ 1", () => assertLessOrEqual(1, 1)],
  ["refuses", "2 ≤ 1", () => assertLessOrEqual(2, 1)],
  ["refuses", "NaN ≤ 1", () => assertLessOrEqual(NaN, 1)],
]);

table("assertInstanceOf()", [
  ["accepts", "a subclass", () => assertInstanceOf(new TypeError(), Error)],
  ["refuses", "a class above", () => assertInstanceOf(new Error(), TypeError)],
  ["refuses", "a primitive", () => assertInstanceOf("a", String)],
  ["refuses", "null", () => assertInstanceOf(null, Object)],
  ["refuses", "an object without a prototype", () => assertInstanceOf(bare({}), Object)],
]);

table("assertMatch()", [
  ["accepts", "a part", () => assertMatch("abc", /b/)],
  ["refuses", "the other case", () => assertMatch("abc", /B/)],
]);

table("assertStringIncludes()", [
  ["accepts", "a part", () => assertStringIncludes("abc", "b")],
  ["accepts", "nothing", () => assertStringIncludes("abc", "")],
  ["refuses", "the other case", () => assertStringIncludes("abc", "B")],
]);

table("assertIsError()", [
  ["accepts", "any error", () => assertIsError(new TypeError("a"))],
  ["accepts", "a subclass", () => assertIsError(new TypeError("a"), Error, "a")],
  ["accepts", "any message", () => assertIsError(new Error("a"), Error, "")],
  ["accepts", "a pattern", () => assertIsError(new Error("abc"), Error, /^a.c$/)],
  ["accepts", "a message in colours", () => assertIsError(new Error("a \x1b[31mred\x1b[0m one"), Error, "a red one")],
  ["refuses", "another message", () => assertIsError(new Error("a"), Error, "b")],
  ["refuses", "a pattern that fails", () => assertIsError(new Error("a"), Error, /b/)],
  ["refuses", "a pattern of colours", () => assertIsError(new Error("\x1b[31ma"), Error, /\[31m/)],
  ["refuses", "another class", () => assertIsError(new TypeError("a"), RangeError)],
  ["refuses", "what looks like an error", () => assertIsError({ name: "Error", message: "a" })],
  ["refuses", "a string", () => assertIsError("a")],
]);

table("assertThrows()", [
  ["accepts", "anything", () => assertThrows(throwing("text"))],
  ["accepts", "the class and a part of the message", () => assertThrows(throwing(new RangeError("far")), Error, "a")],
  ["accepts", "a class that cannot be constructed", () => assertThrows(throwing(new DOMException("a")), DOMException)],
  ["refuses", "no throw", () => assertThrows(() => {})],
  ["refuses", "a promise", () => assertThrows(() => Promise.resolve())],
  ["refuses", "another class", () => assertThrows(throwing(new RangeError("far")), TypeError)],
  ["refuses", "another message", () => assertThrows(throwing(new RangeError("far")), RangeError, "near")],
  ["refuses", "no error where a class is wanted", () => assertThrows(throwing("text"), Error)],
  ["refuses", "what looks like an error", () => assertThrows(throwing({ message: "a" }), Error, "a")],
]);

const thenable = (then: unknown) => then as PromiseLike<unknown>;
table("assertRejects()", [
  ["accepts", "anything", () => assertRejects(rejecting("text"))],
  ["accepts", "the class and a part of the message", () => assertRejects(rejecting(new RangeError("far")), Error, "a")],
  [
    "accepts",
    "a thenable",
    () => assertRejects(() => thenable({ then: (_: unknown, no: (e: unknown) => void) => no(1) })),
  ],
  [
    "refuses",
    "a function with a then",
    () =>
      assertRejects(() => thenable(Object.assign(() => {}, { then: (_: unknown, no: (e: unknown) => void) => no(1) }))),
  ],
  ["refuses", "no rejection", () => assertRejects(() => Promise.resolve())],
  ["refuses", "no promise", () => assertRejects(() => thenable(undefined))],
  ["refuses", "a value", () => assertRejects(() => thenable({ then: 1 }))],
  ["refuses", "a throw", () => assertRejects(throwing(new TypeError("at once")) as never, TypeError)],
  ["refuses", "another class", () => assertRejects(rejecting(new RangeError("far")), TypeError)],
  ["refuses", "another message", () => assertRejects(rejecting(new RangeError("far")), RangeError, "near")],
  ["refuses", "no error where a class is wanted", () => assertRejects(rejecting("text"), Error)],
]);

Deno.test("assertThrows() and assertRejects() give back what they checked", async () => {
  const error = new RangeError("far");
  assertStrictEquals(assertThrows(throwing(error), RangeError), error);
  assertStrictEquals(assertThrows(throwing("text")), "text");
  assertStrictEquals(await assertRejects(rejecting(error), RangeError), error);
  assertStrictEquals(await assertRejects(rejecting("text")), "text");
});

Deno.test("stub() answers in a method's place until it is restored", () => {
  const gate = { open: (times: number) => times };
  {
    using open = stub(gate, "open", () => 7);
    assertEquals([gate.open(1), open.restored], [7, false]);
    assertThrows(() => stub(gate, "open"), MockError);
  }
  assertEquals(gate.open(1), 1);
  const silent = stub(gate, "open");
  assertEquals(gate.open(1), undefined);
  silent.restore();
  assertEquals([gate.open(1), silent.restored], [1, true]);
  assertThrows(() => silent.restore(), MockError);
});

Deno.test("stub() takes methods, and what is not there", () => {
  const thing: { number: unknown; later?: () => number } = { number: 1 };
  assertThrows(() => stub(thing, "number"), MockError);
  assertThrows(() => stub(Object.freeze({ still: () => 1 }), "still"), MockError);
  const later = stub(thing, "later", () => 2);
  assertEquals(thing.later?.(), 2);
  later.restore();
  assertFalse("later" in thing);
  const inherited = Object.create({ open: () => 1 });
  stub(inherited, "open", () => 2).restore();
  assertEquals([Object.keys(inherited), inherited.open()], [[], 1]);
});

Deno.test("FakeTime fires timers when it is told to", () => {
  using time = new FakeTime(1000);
  const fired: number[] = [];
  setTimeout(() => fired.push(Date.now()), 50);
  const interval = setInterval(() => fired.push(Date.now()), 30);
  const signal = AbortSignal.timeout(70);
  time.tick(49);
  assertEquals(fired, [1030]);
  time.tick(20);
  assertEquals([time.start, time.now, Date.now(), new Date().getTime()], [1000, 1069, 1069, 1069]);
  assertEquals(fired, [1030, 1050, 1060]);
  assertFalse(signal.aborted);
  time.now = 1070;
  assertEquals([signal.aborted, signal.reason.name], [true, "TimeoutError"]);
  clearInterval(interval);
  time.tick(1000);
  assertEquals(fired.length, 3);
  assertThrows(() => time.now = 0, RangeError);
  assertThrows(() => time.tick(-1), RangeError);
});

Deno.test("FakeTime fires timers in the order of their times, then of their making", () => {
  using time = new FakeTime(0);
  const fired: string[] = [];
  setTimeout((name: string) => fired.push(name), 2, "late");
  setTimeout(() => {
    fired.push("first");
    setTimeout(() => fired.push("made at once"));
    setTimeout(() => fired.push("made for later"), 1);
    clearTimeout(cleared);
  }, 1);
  setTimeout(() => fired.push("second"), 1.9);
  const cleared = setTimeout(() => fired.push("cleared"), 1);
  setTimeout(() => fired.push("in the past"), -5);
  time.tick();
  assertEquals(fired, ["in the past"]);
  time.tick(2);
  assertEquals(fired, ["in the past", "first", "second", "made at once", "late", "made for later"]);
});

Deno.test("FakeTime waits for what is on its way before it ticks, and fires nothing meanwhile", async () => {
  using time = new FakeTime(0);
  const fired: string[] = [];
  setTimeout(() => fired.push("timer"), 1);
  void Promise.resolve().then(() => setTimeout(() => fired.push("made on the way"), 1));
  await time.runMicrotasks();
  assertEquals([fired, time.now], [[], 0]);
  void Promise.resolve().then(() => setTimeout(() => fired.push("made before the tick"), 1));
  await time.tickAsync(1);
  assertEquals([fired, time.now], [["timer", "made on the way", "made before the tick"], 1]);
});

Deno.test("FakeTime fires an interval of 0 ms once a millisecond", () => {
  using time = new FakeTime(0);
  const fired: number[] = [];
  const interval = setInterval(() => fired.push(Date.now()), 0);
  time.tick(3);
  assertEquals(fired, [1, 2, 3]);
  clearInterval(interval);
  setInterval(() => {
    throw new RangeError("at each");
  }, 2);
  assertThrows(() => time.tick(10), RangeError, "at each");
  assertEquals(time.now, 5, "where it was thrown");
  assertThrows(() => time.tick(10), RangeError);
  assertEquals(time.now, 7);
});

Deno.test("FakeTime takes functions for timers, is one at a time, and leaves no trace", () => {
  const real = [Date, setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal.timeout];
  const time = new FakeTime("2020-02-02T02:02:02Z");
  const fake = setTimeout;
  assertEquals(new Date().toISOString(), "2020-02-02T02:02:02.000Z");
  assertEquals([new Date(5).getTime(), new Date() instanceof Date, typeof Date()], [5, true, "string"]);
  assertThrows(() => setTimeout("text" as never, 1), TimeError);
  assertThrows(() => setInterval("text" as never, 1), TimeError);
  assertThrows(() => new FakeTime(), TimeError);
  time.restore();
  assertEquals([Date, setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal.timeout], real);
  assertThrows(() => fake(() => {}, 1), TimeError);
  assertThrows(() => time.restore(), TimeError);
  assertThrows(() => new FakeTime("no time"), TypeError);
});
