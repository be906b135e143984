/** Packet layout, byte by byte and rule by rule. */

import { assertEquals } from "@std/assert";

import { AUDIO, concat, createCore, drain, hex, piecesOf, VIDEO } from "./harness.ts";

function count(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i).toString(16).padStart(2, "0")).join("");
}

Deno.test("Core.write() lays out the worked packets of one key frame and one audio object", () => {
  // 102 bytes take 2 ms at 408 kbit/s, 20 bytes 21.3 ms at 7.5 kbit/s.
  const streams = [{ ...AUDIO, bitsPerSecond: 7_500 }, { ...VIDEO, bitsPerSecond: 408_000 }];
  const core = createCore({ packetBytes: 128, prerollMs: 1000, streams });
  core.write(1, piecesOf(hex(count(1, 150))), 0, 0, true);
  core.write(0, piecesOf(new Uint8Array(20).fill(0x80)), 0, 0, true);
  core.closePacket();
  const [a, b] = [
    hex(`82 00 00 00 5D  00 00 00 00  02 00
      82 01 00 00 00 00 08 96 00 00 00 E8 03 00 00 ${count(1, 102)}`),
    hex(`82 00 00 09 5D 0D  02 00 00 00  14 00  82
      82 01 66 00 00 00 08 96 00 00 00 E8 03 00 00  30 00 ${count(103, 150)}
      01 01 00 00 00 00 08 14 00 00 00 E8 03 00 00  14 00 ${"80".repeat(20)} ${"00".repeat(13)}`),
  ];
  assertEquals(drain(core), concat([a!, b!]));
});
