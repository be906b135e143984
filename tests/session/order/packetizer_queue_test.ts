/** The queue in front of a muxer: what waits keeps its order, whatever the muxer and the sinks do. */

import { assertEquals } from "@std/assert";
import type { Muxer, MuxSample } from "../../../src/container/container.ts";
import { StreamCounters } from "../../../src/session/input/stream_counters.ts";
import type { HeldSample } from "../../../src/session/order/held_sample.ts";
import { PacketizerQueue } from "../../../src/session/order/packetizer_queue.ts";
import { StreamState } from "../../../src/session/order/stream_state.ts";
import { AUDIO, guarded, reasonOf, stateOf } from "../../support/sessions.ts";

/** A muxer that notes what is asked of it, and keeps a rest of samples at these times until it is freed. */
class FakeMuxer {
  readonly log: string[] = [];
  readonly hasRoom = true;
  readonly hasChunk = false;
  readonly heldTimestamp = -1;
  readonly unitCount = 0;
  isFree = false;
  onWrite = () => {};
  readonly #blockedAt: readonly number[];

  constructor(...blockedAt: number[]) {
    this.#blockedAt = blockedAt;
  }

  write({ timestamp }: MuxSample): boolean {
    this.log.push(`${timestamp}`);
    this.onWrite();
    return !this.#blockedAt.includes(timestamp);
  }

  resume(): boolean {
    if (this.isFree) this.log.push("resumed");
    return this.isFree;
  }

  closeUnit(): void {
    this.log.push("closed");
  }

  finish(): void {
    this.log.push("finished");
  }

  nextChunk(): undefined {}
}

function queueOf(muxer: FakeMuxer) {
  const fatal: unknown[] = [];
  const queue = new PacketizerQueue({
    muxer: muxer as unknown as Muxer,
    states: [new StreamState(0, { ...AUDIO, streamNumber: 1 }, new StreamCounters(1))],
    outputs: [],
    interleaveWindowMs: 500,
    endOutput: () => undefined,
    onDequeue: () => {},
    onFatal: (error) => fatal.push(error),
  });
  return { queue, fatal };
}

function sampleAt(timestamp: number): HeldSample {
  return { stream: 0, data: new Uint8Array(10), timestamp, decodeTimestamp: timestamp, duration: -1, isKey: true };
}

Deno.test("PacketizerQueue keeps everything until the muxer has begun, and counts times from the session's zero", () =>
  guarded(async () => {
    const muxer = new FakeMuxer();
    const { queue } = queueOf(muxer);
    queue.enqueue(sampleAt(100));
    const flushed = queue.flush();
    queue.enqueue(sampleAt(120));
    assertEquals([muxer.log, queue.isClear], [[], false]);
    queue.begin(100);
    await flushed;
    assertEquals([muxer.log, queue.isClear], [["0", "closed", "20"], true]);
  }));

Deno.test("PacketizerQueue: nothing overtakes a sample whose rest the muxer keeps", () =>
  guarded(async () => {
    const muxer = new FakeMuxer(1);
    const { queue } = queueOf(muxer);
    queue.begin(0);
    queue.enqueue(sampleAt(1));
    const flushed = queue.flush();
    queue.enqueue(sampleAt(2));
    const wait = queue.backpressure.wait()!;
    assertEquals([muxer.log, await stateOf(flushed), await stateOf(wait)], [["1"], "pending", "pending"]);
    muxer.isFree = true;
    queue.enqueue(sampleAt(3));
    await Promise.all([flushed, wait]);
    assertEquals(muxer.log, ["1", "resumed", "closed", "2", "3"]);
  }));

Deno.test("PacketizerQueue: what comes in while the muxer is called waits its turn", () => {
  const muxer = new FakeMuxer();
  const { queue } = queueOf(muxer);
  queue.begin(0);
  muxer.onWrite = () => {
    muxer.onWrite = () => {};
    assertEquals(queue.isClear, false);
    queue.enqueue(sampleAt(5));
    muxer.log.push("back");
  };
  queue.enqueue(sampleAt(4));
  assertEquals(muxer.log, ["4", "back", "5"]);
});

Deno.test("PacketizerQueue gives up what a stream has waiting, and only that", () => {
  const muxer = new FakeMuxer();
  const { queue } = queueOf(muxer);
  for (const time of [1, 2]) queue.enqueue(sampleAt(time));
  void queue.step(() => muxer.log.push("step"));
  assertEquals(queue.discard(7), []);
  assertEquals(queue.discard(0).map(({ timestamp }) => timestamp), [1, 2]);
  queue.begin(0);
  assertEquals(muxer.log, ["step"]);
});

Deno.test("PacketizerQueue: a muxer that fails is fatal, and an abandoned queue has no room", () =>
  guarded(async () => {
    const muxer = new FakeMuxer();
    const { queue, fatal } = queueOf(muxer);
    queue.begin(0);
    const error = new Error("broken");
    muxer.onWrite = () => {
      throw error;
    };
    queue.enqueue(sampleAt(1));
    assertEquals(fatal, [error]);
    queue.abandon();
    const flushed = queue.flush();
    queue.backpressure.fail(error);
    assertEquals([await reasonOf(flushed), await reasonOf(queue.backpressure.wait())], [error, error]);
    queue.finish(); // also then: what is closed is handed out
    assertEquals(muxer.log, ["1", "finished"]);
  }));
