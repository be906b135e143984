/** What is known of a stream, and its decode times. */

import { assertEquals, assertThrows } from "@std/assert";
import type { StreamFacts } from "../../../src/container/container.ts";
import { MuxError } from "../../../src/errors.ts";
import { IncomingSample } from "../../../src/session/input/incoming_sample.ts";
import { StreamCounters } from "../../../src/session/input/stream_counters.ts";
import { StreamState } from "../../../src/session/order/stream_state.ts";
import { AUDIO, VIDEO } from "../../support/sessions.ts";

const FACTS: StreamFacts = { reorderDepth: 0, bitrate: 0, sparse: false };

function stateOf(kind: "video" | "audio", facts?: Partial<StreamFacts>, hasEncoder = false): StreamState {
  const config = { ...(kind === "video" ? VIDEO : AUDIO), streamNumber: 4 };
  const state = new StreamState(0, config, new StreamCounters(4, hasEncoder));
  if (facts) state.setFacts({ ...FACTS, ...facts });
  return state;
}

function sampleAt(timestamp: number, decodeTimestamp?: number, byteLength = 100): IncomingSample {
  const sample = new IncomingSample();
  sample.read({ data: new Uint8Array(byteLength), timestamp, decodeTimestamp }, 4);
  return sample;
}

Deno.test("StreamState takes given decode times, and presentation times where nothing is reordered", () => {
  const state = stateOf("audio", {});
  assertEquals([5, 9].map((time) => state.takeTime(sampleAt(time))), [5, 9]);
  assertEquals(state.takeTime(sampleAt(40, 12)), 12);
  assertEquals([state.firstTime, state.lastTime, state.latestTimestamp], [5, 12, 40]);
});

Deno.test("StreamState refuses a time that goes back, and leaves no trace of it", () => {
  const state = stateOf("video", {});
  state.takeTime(sampleAt(50));
  const error = assertThrows(() => state.takeTime(sampleAt(49)), MuxError, "reorders: true");
  assertEquals([error.code, error.streamNumber, error.timestamp], ["time-order", 4, 49]);
  assertEquals([state.lastTime, state.bytes], [50, 100]);
});

Deno.test("StreamState derives decode times within the reorder depth: they never go back, nor lie behind the picture", () => {
  const state = stateOf("video", { reorderDepth: 1 });
  const shown = [0, 80, 40, 160, 120];
  const times = shown.map((time) => state.takeTime(sampleAt(time)));
  assertEquals(times, times.toSorted((a, b) => a - b));
  assertEquals(times.filter((time, i) => time > shown[i]!), []);
});

Deno.test("StreamState measures a bit rate by what came before the last sample", () => {
  const state = stateOf("audio", {});
  state.takeTime(sampleAt(0, undefined, 1000));
  assertEquals(state.measuredBitrate, 0);
  state.takeTime(sampleAt(1_000_000, undefined, 5000));
  assertEquals(state.measuredBitrate, 8000);
});

Deno.test("StreamState is ready for the opening once nothing it may still say matters", () => {
  assertEquals(stateOf("audio").isReady(0, false), false, "not described");
  const silent = stateOf("audio", {});
  assertEquals(silent.isReady(0, false), false, "not begun");
  silent.setQuiet(10);
  assertEquals([silent.isReady(10, false), silent.isReady(11, false)], [true, false]);
  const begun = stateOf("audio", { wantsMeasuring: true });
  begun.takeTime(sampleAt(0));
  assertEquals([begun.isReady(0, false), begun.isReady(0, true)], [true, false]);
  assertEquals(stateOf("audio", { sparse: true }).isReady(0, true), true);
  const ended = stateOf("audio");
  ended.hasEnded = true;
  assertEquals(ended.isReady(0, true), true);
});

Deno.test("StreamState: a stream is coming while its encoder has frames and has given nothing", () => {
  const state = stateOf("video", {}, true);
  assertEquals(state.isComing, false);
  state.counters.received(0, 0);
  assertEquals(state.isComing, true);
  state.counters.encoded(0, 10);
  assertEquals(state.isComing, false);
});

Deno.test("StreamState moves its first sample to 0 where each stream begins there", () => {
  const state = stateOf("audio", {});
  const times = [700, 900].map((time) => {
    const sample = sampleAt(time);
    state.rebase(sample);
    return state.takeTime(sample);
  });
  assertEquals([times, state.base], [[0, 200], 700]);
});

Deno.test("StreamState tells at the end what the stream lacked", () => {
  assertEquals(stateOf("audio", {}).finalWarning()?.code, "no-samples");
  assertEquals(stateOf("audio", { sparse: true }).finalWarning(), undefined);
  const late = stateOf("audio", {});
  late.counters.received(0, 1);
  late.counters.processed(0, 1);
  assertEquals(late.finalWarning(), undefined);
  late.lateCount = 3;
  assertEquals([late.finalWarning()?.code, late.finalWarning()?.message.includes("3 samples")], ["late-sample", true]);
});
