import { assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { BitReader, signedGolomb, unsignedGolomb } from "../../src/bytes/bit_reader.ts";
import { BitWriter } from "../media/bytes.ts";

// [H.264] Tables 9-2 and 9-3.
const GOLOMB = [
  { code: "10000000", unsigned: 0, signed: 0 },
  { code: "01000000", unsigned: 1, signed: 1 },
  { code: "01100000", unsigned: 2, signed: -1 },
  { code: "00100000", unsigned: 3, signed: 2 },
  { code: "00101000", unsigned: 4, signed: -2 },
  { code: "00111000", unsigned: 6, signed: -3 },
  { code: "00010100", unsigned: 9, signed: 5 },
];

for (const { code, unsigned, signed } of GOLOMB) {
  Deno.test(`BitReader reads ${code} as ${unsigned}, signed as ${signed}`, () => {
    const bytes = new Uint8Array([parseInt(code, 2)]);
    assertEquals(unsignedGolomb(new BitReader(bytes)), unsigned);
    assertEquals(signedGolomb(new BitReader(bytes)), signed);
  });
}

Deno.test("BitReader reads back what was written", () => {
  const items = fc.array(fc.oneof(
    fc.record({ kind: fc.constant("u"), value: fc.integer({ min: 0, max: 0xFFFF }) }),
    fc.record({ kind: fc.constant("ue"), value: fc.integer({ min: 0, max: 0xFFFF_FFFE }) }),
    fc.record({ kind: fc.constant("se"), value: fc.integer({ min: -0x7FFF_FFFF, max: 0x7FFF_FFFF }) }),
  ));
  fc.assert(fc.property(items, (list) => {
    const writer = new BitWriter();
    for (const { kind, value } of list) {
      if (kind === "u") writer.u(17, value);
      else if (kind === "ue") writer.ue(value);
      else writer.se(value);
    }
    const reader = new BitReader(new Uint8Array(writer.toRbsp()));
    for (const { kind, value } of list) {
      const read = kind === "u" ? reader.bits(17) : kind === "ue" ? unsignedGolomb(reader) : signedGolomb(reader);
      assertEquals(read, value);
    }
    assertEquals(reader.exhausted, false);
  }));
});

Deno.test("BitReader says when it ran out, and yields zeros", () => {
  const reader = new BitReader(new Uint8Array([0xFF]));
  assertEquals([reader.bits(8), reader.exhausted], [255, false]);
  assertEquals([reader.bits(4), reader.exhausted], [0, true]);
});

Deno.test("BitReader refuses an Exp-Golomb code of more than 31 zeros", () => {
  const reader = new BitReader(new Uint8Array(1 << 20));
  assertEquals([unsignedGolomb(reader), reader.exhausted], [0, true]);
});
