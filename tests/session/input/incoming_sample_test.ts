/** What a sample may look like on its way in. */

import { assertEquals, assertThrows } from "@std/assert";
import { IncomingSample } from "../../../src/session/input/incoming_sample.ts";

const read = (sample: unknown) => {
  const incoming = new IncomingSample();
  // deno-lint-ignore no-explicit-any
  incoming.read(sample as any, 5);
  return incoming;
};
const DATA = new Uint8Array([1, 2, 3]);

Deno.test("IncomingSample refuses what is no sample: TypeError for types, RangeError for values, naming the stream", () => {
  const types: unknown[] = [
    undefined,
    null,
    7,
    "sample",
    {},
    { timestamp: 0 },
    { data: DATA },
    { data: DATA, timestamp: "0" },
    { data: DATA, timestamp: 0n },
    { data: [1, 2], timestamp: 0 },
    { data: DATA.buffer, timestamp: 0 },
    { data: DATA, timestamp: 0, type: "keyframe" },
    { data: DATA, timestamp: 0, duration: "1" },
    { data: DATA, timestamp: 0, decodeTimestamp: "1" },
    { data: DATA, timestamp: 0, trimStart: "1" },
    { data: DATA, timestamp: 0, duration: 1, trimStart: {} },
    { byteLength: 3, timestamp: 0 },
    { byteLength: -1, timestamp: 0, copyTo() {} },
    { data: DATA, timestamp: 0.5, duration: 0.04, type: "key", microsecondTimestamp: 500_000 }, // counts seconds
  ];
  for (const sample of types) {
    assertThrows(() => read(sample), TypeError, "stream 5");
  }
  const values: unknown[] = [
    { data: DATA, timestamp: NaN },
    { data: DATA, timestamp: Infinity },
    { data: DATA, timestamp: -Infinity },
    { data: DATA, timestamp: Number.MAX_SAFE_INTEGER },
    { data: DATA, timestamp: 0, duration: NaN },
    { data: DATA, timestamp: 0, duration: -1 },
    { data: DATA, timestamp: 0, duration: Infinity },
    { data: DATA, timestamp: 0, decodeTimestamp: NaN },
    { data: DATA, timestamp: 0, decodeTimestamp: -Infinity },
    { data: DATA, timestamp: 0, trimStart: -1 },
    { data: DATA, timestamp: 0, trimStart: NaN },
    { data: DATA, timestamp: 0, trimEnd: 5 }, // of how much is not known
    { data: DATA, timestamp: 0, duration: 4, trimEnd: 5 },
  ];
  for (const sample of values) assertThrows(() => read(sample), RangeError, "stream 5");
});

Deno.test("IncomingSample refuses an object whose seconds are behind a getter, as Mediabunny's packets have it", () => {
  class EncodedPacket {
    data = DATA;
    type = "key";
    timestamp = 1.5;
    duration = 0.02;
    get microsecondTimestamp(): number {
      return Math.trunc(this.timestamp * 1e6);
    }
  }
  assertThrows(() => read(new EncodedPacket()), TypeError, "timestamp: packet.microsecondTimestamp");
});

Deno.test("IncomingSample reads samples and encoded chunks into one shape", () => {
  const plain = read({ data: DATA, timestamp: -5, decodeTimestamp: -7, duration: null, type: "delta" });
  assertEquals(
    [plain.timestamp, plain.decodeTimestamp, plain.duration, plain.isKey, plain.data === DATA],
    [-5, -7, -1, false, true],
  );
  const bare = read({ data: DATA, timestamp: 1, duration: 0 });
  assertEquals([bare.decodeTimestamp, bare.duration, bare.isKey], [NaN, 0, true]);
  const chunk = read({
    type: "delta",
    timestamp: 9,
    duration: 3,
    byteLength: 3,
    copyTo: (destination: Uint8Array) => destination.set(DATA),
  });
  assertEquals([chunk.data, chunk.timestamp, chunk.duration, chunk.isKey], [DATA, 9, 3, false]);
});

Deno.test("IncomingSample copies chunks of growing and shrinking sizes exactly", () => {
  const incoming = new IncomingSample();
  for (const byteLength of [10, 1000, 1, 0, 1500, 1501]) {
    incoming.read(
      { type: "key", timestamp: 0, duration: null, byteLength, copyTo: (to) => void to.fill(byteLength & 255) },
      1,
    );
    assertEquals(incoming.data, new Uint8Array(byteLength).fill(byteLength & 255));
  }
});
