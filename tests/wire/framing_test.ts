import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import {
  dataFrames,
  endFrame,
  fillerFrames,
  fitsBody,
  frame,
  FrameReader,
  FramingError,
  PACKET_KIND,
  type PushPacket,
} from "../../src/wire/framing.ts";

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

// Byte pictures from [MS-WMHTTP] and captures of real encoders.
const PICTURES = [
  { name: "a header of 809 bytes", value: frame(PACKET_KIND.header, new Uint8Array(809)), bytes: "24 48 29 03 00" },
  { name: "a packet of 3200 bytes", value: dataFrames(new Uint8Array(3200), 3200).bytes, bytes: "24 44 80 0c 00" },
  { name: "the end of everything", value: endFrame(0), bytes: "24 45 04 00 00 00 00 00" },
  { name: "the end of an entry", value: endFrame(1), bytes: "24 45 04 00 01 00 00 00" },
  { name: "the smallest filler", value: fillerFrames(4), bytes: "24 46 00 00" },
  { name: "a filler of 643 bytes", value: fillerFrames(643), bytes: "24 46 7f 02 00" },
];

for (const { name, value, bytes } of PICTURES) {
  Deno.test(`framing lays out ${name}`, () => assertEquals(hex(value).slice(0, bytes.length), bytes));
}

function read(pieces: Uint8Array[]): PushPacket[] {
  const reader = new FrameReader();
  const packets = pieces.flatMap((piece) =>
    Array.from(reader.read(piece), (packet) => ({ ...packet, payload: packet.payload.slice() }))
  );
  assertEquals(reader.pendingBytes, 0);
  return packets;
}

// A packet of several payloads with 210 bytes of padding, and the same on the wire: from a capture.
Deno.test("dataFrames() leaves out the padding of packets with several payloads, and of no others", () => {
  const packet = new Uint8Array(3200);
  packet.set([0x82, 0, 0, 0x09, 0x5d, 0xd2, 0, 0x2e, 0, 0, 0, 0x85, 0, 0x86, 0x81]);
  const two = new Uint8Array(6400);
  two.set(packet);
  two.set(packet, 3200);
  two[3200 + 3] = 0x08; // one payload
  const { bytes, ends } = dataFrames(two, 3200);
  assertEquals(ends, [2994, 2994 + 3204]);
  assertEquals(hex(bytes.subarray(0, 19)), "24 44 ae 0b 82 00 00 09 5d 00 00 2e 00 00 00 85 00 86 81");
  assertEquals(hex(bytes.subarray(2994, 2994 + 10)), "24 44 80 0c 82 00 00 08 5d d2");
});

Deno.test("FrameReader.read() gives the same packets however the bytes are cut", () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(payloads, fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (payloads, cuts) => {
    const whole = payloads.map((payload) => frame(PACKET_KIND.data, payload));
    const stream = Uint8Array.from(whole.flatMap((bytes) => [...bytes]));
    const pieces: Uint8Array[] = [];
    for (let at = 0, i = 0; at < stream.length; at += cuts[i % cuts.length]!, i++) {
      pieces.push(stream.subarray(at, at + cuts[i % cuts.length]!));
    }
    assertEquals(read(pieces).map(({ payload }) => payload), payloads);
  }));
});

Deno.test("FrameReader.read() refuses what cannot be a packet", () => {
  for (const bytes of [[0x42], [0x24, 0x44, 0xff, 0xff], [0x24, 0x45, 0x02, 0x00, 0, 0]]) {
    assertThrows(() => read([Uint8Array.from(bytes)]), FramingError);
  }
});

Deno.test("FrameReader.read() takes packets whose top bit says that more follows at once", () => {
  assertEquals(read([Uint8Array.of(0xa4, 0x46, 0, 0)]).map(({ kind }) => kind), [PACKET_KIND.filler]);
});

Deno.test("fillerFrames() fills any rest a body can come to", () => {
  for (const byteCount of [4, 5, 7, 8, 65_534, 65_535, 65_536, 65_537, 65_538, 65_539, 131_070, 131_071, 200_000]) {
    const packets = read([fillerFrames(byteCount)]);
    assertEquals(packets.reduce((sum, { payload }) => sum + payload.length + 4, 0), byteCount);
    assert(packets.every(({ kind }) => kind === PACKET_KIND.filler));
  }
});

Deno.test("fitsBody() never leaves a rest that no packet could fill", () => {
  const rests = Array.from({ length: 12 }, (_, rest) => fitsBody(100, 100 + rest));
  assertEquals(rests, [true, false, false, false, true, true, true, true, true, true, true, true]);
  assert(!fitsBody(100, 99));
});
