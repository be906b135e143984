import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { PacketParser } from "../../src/inspect/mod.ts";
import { padPacket } from "../../src/packets/pad_packet.ts";
import { fixture } from "../support/temp.ts";

const SINGLE = [0x82, 0, 0]; // error correction
const PROPERTY = 0x5d;

/** A packet with one payload of `dataBytes`, a padding field of the given width, and `padding` bytes behind. */
function packet(paddingType: number, padding: number, dataBytes: number): Uint8Array {
  const width = [0, 1, 2, 4][paddingType]!;
  const field = Array.from({ length: width }, (_, i) => padding >> 8 * i & 0xff);
  const head = [...SINGLE, paddingType << 3, PROPERTY, ...field, 1, 0, 0, 0, 2, 0];
  const payload = [0x81, 7, 0, 0, 0, 0, 8, dataBytes & 0xff, dataBytes >> 8, 0, 0, 9, 0, 0, 0];
  return Uint8Array.from([...head, ...payload, ...new Array(dataBytes).fill(0xab), ...new Array(padding).fill(0)]);
}

const CASES = [
  { name: "without a padding field", stripped: packet(0, 0, 100) },
  { name: "with one of 1 byte, zeroed", stripped: packet(1, 0, 100) },
  { name: "with one of 2 bytes, zeroed", stripped: packet(2, 0, 100) },
  { name: "with padding left in it", stripped: packet(1, 20, 100) },
];

for (const { name, stripped } of CASES) {
  for (const missing of [1, 2, 3, 200, 255, 256, 257, 258, 1000, 3000]) {
    Deno.test(`padPacket() gives back ${missing} bytes to a packet ${name}`, () => {
      const size = stripped.length + missing;
      const target = new Uint8Array(size + 4).fill(0xee);
      const isPadded = padPacket(stripped, size, target, 2);
      // A single missing byte cannot be told without a field to tell it in.
      if (!isPadded) return assertEquals([name, missing], ["without a padding field", 0]);
      const data = target.subarray(2, 2 + size);
      assertEquals([target[1], target[size + 2]], [0xee, 0xee]);
      const at = data.indexOf(0xab);
      assertEquals(data.subarray(at, at + 100).every((byte) => byte === 0xab), true);
      const width = [0, 1, 2, 4][data[3]! >> 3 & 3]!;
      let padding = 0;
      for (let i = width - 1; i >= 0; i--) padding = padding * 256 + data[5 + i]!;
      assertEquals(padding, size - at - 100);
      assert(data.subarray(at + 100).every((byte) => byte === 0));
    });
  }
}

Deno.test("padPacket() refuses packets that are too long or no packets, and never writes beside its place", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 16, max: 300 }), (bytes, size) => {
    const target = new Uint8Array(size + 2).fill(0xee);
    padPacket(bytes, size, target, 1);
    assertEquals([target[0], target[size + 1]], [0xee, 0xee]);
  }));
  assertEquals(padPacket(new Uint8Array(101), 100, new Uint8Array(100), 0), false);
  assertEquals(padPacket(new Uint8Array(0), 100, new Uint8Array(100), 0), false);
});

Deno.test("a stripped packet of a real file has the same payloads when it is padded", async () => {
  const file = await Deno.readFile(fixture("wmv2_wma2.wmv"));
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(16, true)) + 50;
  const header = file.subarray(0, headerBytes);
  const whole = await PacketParser.fromHeader(header);
  const padded = await PacketParser.fromHeader(header);
  const size = whole.header.fileProperties!.maxPacketBytes;
  const count = whole.header.fileProperties!.packetCount;
  for (let i = 0; i < count; i++) {
    const bytes = file.subarray(headerBytes + i * size, headerBytes + (i + 1) * size);
    const { payloads, paddingBytes } = whole.packet(bytes);
    const stripped = bytes.slice(0, size - paddingBytes);
    const flagsAt = 3;
    const width = [0, 1, 2, 4][stripped[flagsAt]! >> 3 & 3]!;
    stripped.fill(0, 5, 5 + width);
    const target = new Uint8Array(size);
    assert(padPacket(stripped, size, target, 0));
    assertEquals(padded.packet(target).payloads.map(({ data }) => [...data]), payloads.map(({ data }) => [...data]));
  }
});
