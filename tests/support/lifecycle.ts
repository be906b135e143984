/**
 * State × call: every public call of a facade in each of its states, as a table of outcomes.
 *
 * ```text
 * -    returns            ok   resolves          …    waits for the other side, then resolves
 * !    throws             x    rejects           both with the error of a call at the wrong time
 * ```
 *
 * Behind `!` and `x` a letter says which error it is instead.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { guarded, stateOf } from "./sessions.ts";

/** A facade's table. */
export interface Lifecycle<Stage> {
  /** For the names of tests. */
  facade: string;
  /** Where its members are; each is a row, or the beginning of some, but those that only tell something. */
  prototype: object;
  telling: readonly string[];
  /** Ways into each state, in the table's order. */
  states: Readonly<Record<string, () => Promise<Stage>>>;
  calls: Readonly<Record<string, (stage: Stage) => unknown>>;
  /** By call: one outcome a state. */
  outcomes: Readonly<Record<string, string>>;
  /** What the facade calls its state. */
  stateOf(stage: Stage): string;
  /** The other side answers in its own time: `…` is told as `ok`. */
  isRemote?: boolean;
  /** That as which a state of the table is told, where it is not its name. */
  aliases?: Readonly<Record<string, string>>;
  /** Checks an error; answers the letter for the table, nothing for that of a call at the wrong time. */
  judge(error: Error, call: string, state: string): string;
  /** Lets the other side go on, if it was held up. */
  proceed(stage: Stage, call: string): void;
  /** Ends what is left, and checks what became of it. */
  leave(stage: Stage): Promise<void>;
}

/** Turns of microtasks in which a sink that was held up is given a push. */
const PUSHES = 20;

/** Registers one test a call. */
export function testLifecycle<Stage>(lifecycle: Lifecycle<Stage>): void {
  const { facade, states, calls, outcomes, aliases = {}, leave } = lifecycle;
  Deno.test(`${facade}: every member is in the table`, () => {
    assertEquals(Object.keys(outcomes), Object.keys(calls), "one row a call");
    const members = Object.getOwnPropertyNames(lifecycle.prototype).filter((name) => name !== "constructor");
    const rows = Object.keys(outcomes).map((call) => call.match(/^\w+/)![0]);
    assertEquals([...new Set([...rows, ...lifecycle.telling])].sort(), [...members, "dispose"].sort());
  });
  for (const [call, row] of Object.entries(outcomes)) {
    const cells = row.trim().split(/\s+/);
    Deno.test(`${facade}: ${call} in every state`, () =>
      guarded(async () => {
        assertEquals(cells.length, Object.keys(states).length, "one cell a state");
        for (const [i, [state, enter]] of Object.entries(states).entries()) {
          const stage = await enter();
          assertEquals(lifecycle.stateOf(stage), aliases[state] ?? state);
          assertEquals(`${state} ${await outcomeOf(lifecycle, call, state, stage)}`, `${state} ${cells[i]}`);
          await leave(stage);
        }
      }));
  }
}

async function outcomeOf<Stage>(
  { calls, judge, proceed, isRemote }: Lifecycle<Stage>,
  call: string,
  state: string,
  stage: Stage,
): Promise<string> {
  const mark = (sign: string, error: unknown): string => {
    assert(error instanceof Error, `${call} while ${state}: ${error}`);
    return sign + judge(error, call, state);
  };
  let answer: unknown;
  try {
    answer = calls[call]!(stage);
  } catch (error) {
    return mark("!", error);
  }
  if (!(answer instanceof Promise)) return "-";
  answer.catch(() => {});
  const wasPending = await stateOf(answer) === "pending";
  for (let i = 0; i < PUSHES; i++) {
    proceed(stage, call);
    await undefined;
  }
  try {
    await answer;
    return wasPending && !isRemote ? "…" : "ok";
  } catch (error) {
    return mark("x", error);
  }
}
