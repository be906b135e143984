/** What the tests rely on in `@std/assert` and `@std/testing`; holds for the real packages too. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  AssertionError,
  assertIsError,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { assertSpyCall, assertSpyCalls, MockError, resolvesNext, returnsNext, spy, stub } from "@std/testing/mock";
import { FakeTime, TimeError } from "@std/testing/time";

Deno.test("assertThrows() gives back the error it checked", () => {
  const boom = () => {
    throw new RangeError("too far");
  };
  const error: RangeError = assertThrows(boom, RangeError, "far");
  assertEquals(error.message, "too far");
  assertThrows(() => assertThrows(boom, TypeError), AssertionError);
  assertThrows(() => assertThrows(boom, RangeError, "near"), AssertionError);
  assertThrows(() => assertThrows(() => {}, "nothing"), AssertionError, "nothing");
  assertEquals(
    assertThrows(() => {
      throw "text";
    }),
    "text",
  );
});

Deno.test("assertRejects() tells a rejection from a throw", async () => {
  const error: TypeError = await assertRejects(() => Promise.reject(new TypeError("no")), TypeError, "no");
  assertEquals(error.message, "no");
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
  const thrower = () => {
    throw new TypeError("at once");
  };
  await assertRejects(() => assertRejects(thrower, TypeError), AssertionError);
});

Deno.test("assertEquals() compares bytes and nested values", () => {
  assertEquals(new Uint8Array([1, 2]), new Uint8Array([1, 2]));
  assertEquals({ a: [1, { b: NaN }] }, { a: [1, { b: NaN }] });
  const error = assertThrows(() => assertEquals({ a: 1 }, { a: 2 }, "which"), AssertionError);
  assertStringIncludes(error.message, "which");
  assertThrows(() => assertEquals<unknown>({ a: undefined }, {}), AssertionError);
  assertAlmostEquals(0.1 + 0.2, 0.3, 1e-15);
  assertThrows(() => assertAlmostEquals(1, 1.1, 0.01), AssertionError);
  assertThrows(() => assertIsError(new Error("a"), Error, /b/), AssertionError);
});

Deno.test("spy() records arguments, self, results and errors", () => {
  const add = spy((a: number, b: number) => a + b);
  assertEquals(add(1, 2), 3);
  assertSpyCalls(add, 1);
  assertSpyCall(add, 0, { args: [1, 2], returned: 3 });
  assertThrows(() => assertSpyCalls(add, 2), AssertionError);
  const thrower = spy(() => {
    throw new RangeError("far");
  });
  assertThrows(() => thrower(), RangeError);
  assertSpyCall(thrower, 0, { error: { Class: RangeError, msgIncludes: "far" } });
  const silent = spy();
  silent("anything");
  assertEquals(silent.calls[0]!.args, ["anything"]);
});

Deno.test("stub() answers in a method's place until it is restored", async () => {
  const door = { open: (times: number) => times };
  {
    using open = stub(door, "open", () => 7);
    assertEquals(door.open(1), 7);
    assertSpyCall(open, 0, { args: [1], self: door, returned: 7 });
  }
  assertEquals(door.open(1), 1);
  const method = spy(door, "open");
  assertEquals(door.open(2), 2);
  assertSpyCalls(method, 1);
  method.restore();
  assertThrows(() => method.restore(), MockError);
  const next = returnsNext([1, new TypeError("second")]);
  assertEquals(next(), 1);
  assertThrows(next, TypeError, "second");
  assertThrows(next, MockError);
  const later = resolvesNext([1]);
  assertEquals(await later(), 1);
  await assertRejects(() => later(), MockError);
});

Deno.test("FakeTime fires timers when it is told to", async () => {
  using time = new FakeTime(1000);
  const fired: number[] = [];
  setTimeout(() => fired.push(Date.now()), 50);
  const interval = setInterval(() => fired.push(Date.now()), 30);
  const signal = AbortSignal.timeout(70);
  time.tick(49);
  assertEquals(fired, [1030]);
  await time.tickAsync(20);
  assertEquals([time.start, time.now, Date.now()], [1000, 1069, 1069]);
  assertEquals(fired, [1030, 1050, 1060]);
  assert(!signal.aborted);
  assert(time.next());
  assertEquals([signal.aborted, signal.reason.name], [true, "TimeoutError"]);
  clearInterval(interval);
  assertEquals(await time.nextAsync(), false);
  assertThrows(() => new FakeTime(), TimeError);
  await assertRejects(() => time.delay(1000, { signal: AbortSignal.abort() }), DOMException);
});

const order: string[] = [];
describe("a suite", () => {
  beforeAll(() => void order.push("all"));
  beforeEach(() => void order.push("each"));
  afterEach(() => void order.push("after each"));
  it("runs its hooks", () => {
    assertEquals(order, ["all", "each"]);
  });
  describe("inside another", () => {
    beforeEach(() => void order.push("inner"));
    it("runs the outer hooks first", () => {
      assertEquals(order.slice(-3), ["after each", "each", "inner"]);
    });
  });
  afterAll(() => {
    assertEquals(order.at(-1), "after each");
  });
});
