/** The queue in front of a packetizer: what waits keeps its order, whatever the packetizer and the sinks do. */

import { assertEquals } from "@std/assert";
import type { Muxer, MuxSample, Packetizer } from "../../../src/container/container.ts";
import { StreamCounters } from "../../../src/session/input/stream_counters.ts";
import type { HeldSample } from "../../../src/session/order/held_sample.ts";
import { PacketizerQueue } from "../../../src/session/order/packetizer_queue.ts";
import { StreamState } from "../../../src/session/order/stream_state.ts";
import { AUDIO, guarded, reasonOf, stateOf } from "../../support/sessions.ts";

/** A packetizer that notes what is asked of it, and keeps a rest of samples at these times until it is freed. */
class FakePacketizer implements Packetizer {
  readonly log: string[] = [];
  readonly hasRoom = true;
  readonly hasChunk = false;
  readonly heldTimestamp = -1;
  readonly unitCount = 0;
  readonly duration = 0;
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

function queueOf() {
  const fatal: unknown[] = [];
  const queue = new PacketizerQueue({
    muxer: {} as Muxer,
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
  return {
    stream: 0,
    data: new Uint8Array(10),
    timestamp,
    decodeTimestamp: timestamp,
    duration: -1,
    isKey: true,
    trimStart: 0,
    trimEnd: 0,
    configuration: 0,
  };
}

Deno.test("PacketizerQueue keeps everything until the muxer has begun, and counts times from the session's zero", () =>
  guarded(async () => {
    const packetizer = new FakePacketizer();
    const { queue } = queueOf();
    queue.enqueue(sampleAt(100));
    const flushed = queue.flush();
    queue.enqueue(sampleAt(120));
    assertEquals([packetizer.log, queue.isClear], [[], false]);
    queue.begin(packetizer, 100);
    await flushed;
    assertEquals([packetizer.log, queue.isClear], [["0", "closed", "20"], true]);
  }));

Deno.test("PacketizerQueue: nothing overtakes a sample whose rest the muxer keeps", () =>
  guarded(async () => {
    const packetizer = new FakePacketizer(1);
    const { queue } = queueOf();
    queue.begin(packetizer, 0);
    queue.enqueue(sampleAt(1));
    const flushed = queue.flush();
    queue.enqueue(sampleAt(2));
    const wait = queue.backpressure.wait()!;
    assertEquals([packetizer.log, await stateOf(flushed), await stateOf(wait)], [["1"], "pending", "pending"]);
    packetizer.isFree = true;
    queue.enqueue(sampleAt(3));
    await Promise.all([flushed, wait]);
    assertEquals(packetizer.log, ["1", "resumed", "closed", "2", "3"]);
  }));

Deno.test("PacketizerQueue: what comes in while the muxer is called waits its turn", () => {
  const packetizer = new FakePacketizer();
  const { queue } = queueOf();
  queue.begin(packetizer, 0);
  packetizer.onWrite = () => {
    packetizer.onWrite = () => {};
    assertEquals(queue.isClear, false);
    queue.enqueue(sampleAt(5));
    packetizer.log.push("back");
  };
  queue.enqueue(sampleAt(4));
  assertEquals(packetizer.log, ["4", "back", "5"]);
});

Deno.test("PacketizerQueue gives up what a stream has waiting, and only that", () => {
  const packetizer = new FakePacketizer();
  const { queue } = queueOf();
  for (const time of [1, 2]) queue.enqueue(sampleAt(time));
  void queue.step(() => packetizer.log.push("step"));
  assertEquals(queue.discard(7), []);
  assertEquals(queue.discard(0).map(({ timestamp }) => timestamp), [1, 2]);
  queue.begin(packetizer, 0);
  assertEquals(packetizer.log, ["step"]);
});

Deno.test("PacketizerQueue: a muxer that fails is fatal, and an abandoned queue has no room", () =>
  guarded(async () => {
    const packetizer = new FakePacketizer();
    const { queue, fatal } = queueOf();
    queue.begin(packetizer, 0);
    const error = new Error("broken");
    packetizer.onWrite = () => {
      throw error;
    };
    queue.enqueue(sampleAt(1));
    assertEquals(fatal, [error]);
    queue.abandon();
    const flushed = queue.flush();
    queue.backpressure.fail(error);
    assertEquals([await reasonOf(flushed), await reasonOf(queue.backpressure.wait())], [error, error]);
    queue.finish(); // also then: what is closed is handed out
    assertEquals(packetizer.log, ["1", "finished"]);
  }));
