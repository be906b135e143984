/** Whole sessions, generated: whatever is written in whatever rhythm of hand-out and release, the rules hold. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { Core } from "../../src/core/core.ts";
import type { CoreOptions, CoreRange } from "../../src/core/types.ts";
import { concat, isEqual, pattern, piecesCutAt } from "./harness.ts";
import { checkLayout, type Written } from "./layout_rules.ts";

const packetBytes = fc.oneof(
  fc.constantFrom(100, 101, 102, 127, 286, 287, 288, 289, 290, 1450, 2048, 2049, 3200, 65_535),
  fc.integer({ min: 100, max: 5000 }),
);

const options: fc.Arbitrary<CoreOptions> = fc.record({
  packetBytes,
  prerollMs: fc.constantFrom(0, 1, 1000, 5000, 70_000),
  timingExtension: fc.boolean(),
  streams: fc.uniqueArray(
    fc.record({
      streamNumber: fc.integer({ min: 1, max: 127 }),
      bitsPerSecond: fc.constantFrom(1, 900, 64_000, 333_333.3, 5_000_000),
      indexed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4, selector: ({ streamNumber }) => streamNumber },
  ),
  blockBytes: fc.constantFrom(1, 700, 20_000, 262_144),
  blockCount: fc.integer({ min: 2, max: 5 }),
});

interface Step {
  slot: number;
  /** Packets' worth of bytes, and how far off. */
  packets: number;
  off: number;
  advanceMs: number;
  reorderMs: number;
  isKey: boolean;
  cuts: number[];
  closesBefore: boolean;
  /** Ranges asked for after the step, and whether of what is not full too. */
  takes: number;
  partial: boolean;
  /** Which of the ranges held are released, as positions. */
  releases: number[];
}

const step: fc.Arbitrary<Step> = fc.record({
  slot: fc.nat(3),
  packets: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 3, 40),
  off: fc.oneof(fc.integer({ min: -70, max: 40 }), fc.integer({ min: 1, max: 1600 })),
  advanceMs: fc.oneof({ weight: 20, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.nat(140_000) }),
  reorderMs: fc.nat(200),
  isKey: fc.boolean(),
  cuts: fc.array(fc.nat(4000), { maxLength: 4 }),
  closesBefore: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  takes: fc.nat(3),
  partial: fc.boolean(),
  releases: fc.array(fc.nat(6), { maxLength: 3 }),
});

Deno.test("Core lays out any session by its rules, in any rhythm of release", () => {
  fc.assert(
    fc.property(options, fc.array(step, { minLength: 1, maxLength: 120 }), (options, steps) => {
      const core = new Core(options);
      const session = new Session(core, options);
      for (const step of steps) session.run(step);
      session.finish();
    }),
    { numRuns: 1000 },
  );
});

/** Plays steps, and remembers what came out. */
class Session {
  readonly #core: Core;
  readonly #options: CoreOptions;
  readonly #written: Written[] = [];
  readonly #parts: Uint8Array[] = [];
  readonly #cleanPoints: number[] = [];
  /** First packets of ranges, and when they are sent, ms. */
  readonly #sendTimes: [packet: number, ms: number][] = [];
  #held: { range: CoreRange; copy: Uint8Array }[] = [];
  #buffer: ArrayBuffer | undefined;
  #packets = 0;
  #objects = 0;
  #nowMs = 0;

  constructor(core: Core, options: CoreOptions) {
    this.#core = core;
    this.#options = options;
  }

  run(step: Step): void {
    const core = this.#core;
    const slot = step.slot % this.#options.streams.length;
    const bytes = pattern(Math.max(1, step.packets * this.#options.packetBytes + step.off), this.#written.length);
    const storedMs = this.#nowMs += step.advanceMs;
    const presentationTicks = (storedMs + step.reorderMs) * 10_000 + 4_999;
    if (step.closesBefore) core.closePacket();
    const { isKey, closesBefore } = step;
    this.#written.push({ slot, bytes: bytes.slice(), storedMs, presentationTicks, isKey, closesBefore });
    let isLaidOut = core.write(slot, piecesCutAt(bytes, step.cuts), storedMs, presentationTicks, isKey);
    for (; !isLaidOut; isLaidOut = core.resume()) {
      assert(!core.hasFreeBlock);
      while (this.#take(false));
      this.#release(step.releases[0] ?? 0);
    }
    for (let i = 0; i < step.takes; i++) this.#take(step.partial);
    for (const position of step.releases) this.#release(position);
  }

  finish(): void {
    this.#core.closePacket();
    while (this.#take(true));
    assertEquals(this.#core.hasFullBlock, false);
    assertEquals(this.#core.heldMs, -1);
    assertEquals(this.#core.packetCount, this.#packets);
    const { packets, objects } = checkLayout(concat(this.#parts), this.#options, this.#written);
    assertEquals(this.#objects, objects.length);
    for (const [packet, ms] of this.#sendTimes) assertEquals(ms, packets[packet]!.sendTimeMs);
    const last = packets[packets.length - 1]!;
    assertEquals(this.#core.sendEndMs, last.sendTimeMs + last.durationMs);
    const indexed = this.#options.streams.find((stream) => stream.indexed)?.streamNumber;
    const begins = objects.filter((object) => indexed === undefined || object.streamNumber === indexed && object.isKey);
    assertEquals(this.#cleanPoints, [...new Set(begins.map(({ firstPacket }) => firstPacket))]);
    while (this.#held.length > 0) this.#release(0);
    assert(this.#core.hasFreeBlock);
  }

  #take(partial: boolean): boolean {
    const hadFullBlock = this.#core.hasFullBlock;
    const range = this.#core.nextRange(partial);
    if (!partial) assertEquals(range !== undefined, hadFullBlock);
    if (!range) return false;
    assertEquals(range.firstPacket, this.#packets);
    assertEquals(range.bytes.byteLength, range.packetCount * this.#options.packetBytes);
    this.#buffer ??= range.bytes.buffer;
    assertStrictEquals(range.bytes.buffer, this.#buffer);
    this.#cleanPoints.push(...range.cleanPoints.map((packet) => packet + range.firstPacket));
    this.#sendTimes.push([range.firstPacket, range.sendTimeMs]);
    this.#packets += range.packetCount;
    this.#objects += range.objectCount;
    const copy = range.bytes.slice();
    this.#parts.push(copy);
    this.#held.push({ range, copy });
    return true;
  }

  /** Until it is released, a range's bytes stand. */
  #release(position: number): void {
    const [held] = this.#held.splice(position % Math.max(1, this.#held.length), 1);
    if (!held) return;
    const { range, copy } = held;
    assert(isEqual(range.bytes, copy), "a range changed while it was held");
    range.release();
  }
}
