/** The same samples give the same bytes, however slow the sinks are and however the caller waits. */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import type { Sink } from "../../mod.ts";
import { type GeneratedSession, sessions } from "../support/generate.ts";
import { equalBytes } from "../support/oracle.ts";
import type { NamedProperty } from "./all.ts";
import { bytesOf, memorySink, writerFor } from "./play.ts";

/** How a sink answers: at once, after so many microtasks, or after a turn of the event loop, call by call. */
type Pace = readonly number[];
const TURN = -1;

/** How the caller waits: for each promise, for `ready`, or for `ready` only now and then. */
type Patience = "each" | "ready" | "sometimes";

const pace: fc.Arbitrary<Pace> = fc.oneof(
  fc.constant([0]),
  fc.array(fc.constantFrom(1, 2, 7), { minLength: 1, maxLength: 5 }),
  fc.array(fc.constantFrom(0, 1, 3, TURN), { minLength: 1, maxLength: 8 }),
);

const paces = fc.array(pace, { minLength: 1, maxLength: 3 });
const patience = fc.constantFrom<Patience>("each", "ready", "sometimes");

/** Large enough for all blocks of the core to be full. */
const large = sessions({ maxSamples: 60, packets: [0, 0, 1, 6, 30, 90] });

export const sinkTiming: NamedProperty[] = ([["small", sessions(), 60], ["large", large, 40]] as const).map((
  [size, session, numRuns],
) => ({
  name: `Writer gives the same bytes for a ${size} session whatever the sinks' timing`,
  numRuns,
  property: fc.asyncProperty(session, paces, patience, async (session, paces, patience) => {
    const expected = await bytesOf(session, "final");
    const sinks = paces.map((pace) => new PacedSink(pace));
    await playPatiently(session, sinks, patience);
    for (const [i, sink] of sinks.entries()) {
      assert(equalBytes(sink.bytes, expected), `sink ${i} has other bytes`);
      assertEquals(sink.overlaps, 0, `calls of sink ${i} overlap`);
    }
  }),
}));

async function playPatiently(session: GeneratedSession, sinks: readonly Sink[], how: Patience): Promise<void> {
  const writer = writerFor(session, sinks);
  await writer.beginWriting();
  for (const [i, sample] of session.samples.entries()) {
    const wait = writer.writeSample(sample.streamNumber, sample);
    if (how === "each") await wait;
    else if (how === "ready" || i % 7 === 0) await writer.ready;
  }
  await writer.endWriting();
}

/** A sink in memory that takes its time, and keeps nothing of what it is given. */
class PacedSink implements Sink {
  readonly #inner = memorySink("final");
  readonly #pace: Pace;
  #calls = 0;
  #isBusy = false;
  /** Calls that came before the last one had settled. */
  overlaps = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  get bytes(): Uint8Array {
    return this.#inner.bytes;
  }

  header(bytes: Uint8Array<ArrayBuffer>): void | Promise<void> {
    return this.#do(() => this.#inner.header(bytes));
  }

  data(bytes: Uint8Array<ArrayBuffer>, info: Parameters<Sink["data"]>[1]): void | Promise<void> {
    return this.#do(() => this.#inner.data(bytes, info));
  }

  trailer(bytes: Uint8Array<ArrayBuffer>): void | Promise<void> {
    return this.#do(() => this.#inner.trailer!(bytes));
  }

  patch(offset: number, bytes: Uint8Array<ArrayBuffer>): void | Promise<void> {
    return this.#do(() => this.#inner.patch!(offset, bytes));
  }

  close(): void | Promise<void> {
    return this.#do(() => {});
  }

  abort(): void {}

  /** The bytes are looked at when the wait is over: until then they must stay. */
  #do(action: () => void): void | Promise<void> {
    if (this.#isBusy) this.overlaps++;
    const wait = this.#pace[this.#calls++ % this.#pace.length]!;
    if (wait === 0) return action();
    this.#isBusy = true;
    return (async () => {
      if (wait === TURN) await new Promise((resolve) => setTimeout(resolve, 0));
      else for (let i = 0; i < wait; i++) await undefined;
      action();
      this.#isBusy = false;
    })();
  }
}
