import { assertEquals } from "@std/assert";
import { findTicks, readTicks, sizesToTicks, VARIABLE_SIZE } from "../../src/packets/timing_extension.ts";
import { hex } from "../asf/hex.ts";

const TIME = "00 00 00 00 00 00 00 00  01 02 03 04 05 00 00 00";
const NONE = "00 00 00 00 00 00 00 00  ff ff ff ff ff ff ff ff";

const CASES: { name: string; sizes: number[]; bytes: string; wanted: number }[] = [
  { name: "alone", sizes: [24], bytes: `${TIME} 00 00 00 00 00 00 00 00`, wanted: 8 },
  { name: "in its least size", sizes: [16], bytes: TIME, wanted: 8 },
  { name: "behind others of fixed sizes", sizes: [1, 0, 2, 16], bytes: `aa bb bb ${TIME}`, wanted: 11 },
  {
    name: "behind one that tells its size",
    sizes: [1, VARIABLE_SIZE, 16],
    bytes: `aa 02 00 bb bb ${TIME}`,
    wanted: 13,
  },
  { name: "that tells its own size", sizes: [VARIABLE_SIZE], bytes: `10 00 ${TIME}`, wanted: 10 },
  { name: "that says it has no time", sizes: [16], bytes: NONE, wanted: -1 },
  { name: "that is cut off", sizes: [16], bytes: TIME.slice(0, -3), wanted: -1 },
  { name: "whose size is cut off", sizes: [VARIABLE_SIZE], bytes: "10", wanted: -1 },
  { name: "behind one that is longer than there is", sizes: [VARIABLE_SIZE, 16], bytes: `ff ff ${TIME}`, wanted: -1 },
  { name: "behind more than 65 535 bytes", sizes: [40_000, 40_000, 16], bytes: TIME, wanted: -1 },
];

for (const { name, sizes, bytes, wanted } of CASES) {
  Deno.test(`findTicks() of a timing extension ${name}`, () => {
    const systems = sizes.map((dataBytes, i) => ({ dataBytes, isTiming: i === sizes.length - 1 }));
    const data = hex(bytes);
    const found = findTicks(data, 0, data.length, sizesToTicks(systems, ({ isTiming }) => isTiming));
    assertEquals(found, wanted);
    if (found >= 0) assertEquals(readTicks(data, found), 0x05_0403_0201);
  });
}

Deno.test("findTicks() finds nothing where none is declared", () => {
  assertEquals(sizesToTicks([{ dataBytes: 24 }], () => false), undefined);
  assertEquals(findTicks(hex(TIME), 0, 16, undefined), -1);
});

Deno.test("findTicks() finds the time behind so many bytes that no size can say it", () => {
  const sizes = sizesToTicks(
    [40_000, 40_000, 16].map((dataBytes) => ({ dataBytes })),
    ({ dataBytes }) => dataBytes === 16,
  );
  const bytes = new Uint8Array(80_016);
  bytes.set(hex(TIME), 80_000);
  assertEquals(findTicks(bytes, 0, bytes.length, sizes), 80_008);
});
