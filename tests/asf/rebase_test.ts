/** The packets are the worked examples of the specification digest, 128 bytes each. */

import { assertEquals } from "@std/assert";
import { continuesObject, rebasePackets } from "../../src/asf/rebase.ts";
import { dump, hex } from "./hex.ts";

const filler = (count: number) => "55 ".repeat(count);

/** One payload, no padding. Times: send, presentation. */
const single = (send: string, presentation: string) =>
  `82 00 00 00 5d  ${send}  02 00  82 01 00 00 00 00 08 96 00 00 00  ${presentation}  ${filler(102)}`;

/** Two payloads, 13 bytes of padding. */
const double = (send: string, first: string, second: string) =>
  `82 00 00 09 5d 0d  ${send}  14 00  82
   82 01 66 00 00 00 08 96 00 00 00  ${first}  30 00  ${filler(48)}
   01 01 00 00 00 00 08 14 00 00 00  ${second}  14 00  ${filler(20)}  ${"00 ".repeat(13)}`;

/** One payload with the timing extension, a WORD of padding length. */
const timed = (presentation: string, ticks: string) =>
  `82 00 00 10 5d 00 00  00 10 00 00  02 00  82 01 00 00 00 00 20 4e 00 00 00  ${presentation}
   00 00 00 00 00 00 00 00  ${ticks}  00 00 00 00 00 00 00 00  ${filler(76)}`;

function rebased(packets: string, baseMs: number, packetBytes = 128): string {
  const bytes = hex(packets);
  rebasePackets(bytes, packetBytes, { baseMs, prerollMs: 1000, isTimed: packets.includes(" 20 4e 00 00 00") });
  return dump(bytes);
}

Deno.test("rebasePackets() shifts send and presentation times of every packet and payload", () => {
  assertEquals(
    rebased(
      single("e8 03 00 00", "d0 07 00 00") + double("10 27 00 00", "f8 2a 00 00", "70 17 00 00"),
      256,
    ),
    dump(hex(single("e8 02 00 00", "d0 06 00 00") + double("10 26 00 00", "f8 29 00 00", "70 16 00 00"))),
  );
});

Deno.test("rebasePackets() clamps send times at 0 and presentation times at the preroll", () => {
  assertEquals(
    rebased(double("05 00 00 00", "e9 03 00 00", "f2 03 00 00"), 10),
    dump(hex(double("00 00 00 00", "e8 03 00 00", "e8 03 00 00"))),
  );
});

Deno.test("rebasePackets() shifts the timing extension by the same, past 32 bits", () => {
  // 0x1_0000_0000 ticks less 256 ms of 10 000 ticks: 0xffd8_f000
  assertEquals(
    rebased(timed("00 10 00 00", "00 00 00 00 01 00 00 00"), 256),
    dump(hex(timed("00 0f 00 00", "00 f0 d8 ff 00 00 00 00").replace("00 10 00 00  02 00", "00 0f 00 00  02 00"))),
  );
});

Deno.test("rebasePackets() clamps the timing extension at the preroll", () => {
  // 1000 ms are 10 000 000 ticks: 0x0098_9680
  assertEquals(
    rebased(timed("ea 03 00 00", "81 96 98 00 00 00 00 00"), 2),
    dump(hex(timed("e8 03 00 00", "80 96 98 00 00 00 00 00").replace("00 10 00 00  02 00", "fe 0f 00 00  02 00"))),
  );
});

Deno.test("rebasePackets() shifts the first time of a compressed payload", () => {
  const packed = (send: string, first: string) =>
    `82 00 00 09 5d 2a  ${send}  2b 00  81  01 01  ${first}  01 14  3f 00  ${"14 " + filler(20)} ${"14 " + filler(20)}
     ${"14 " + filler(20)} ${"00 ".repeat(42)}`;
  assertEquals(
    rebased(packed("e8 03 00 00", "d0 07 00 00"), 256),
    dump(hex(packed("e8 02 00 00", "d0 06 00 00"))),
  );
});

Deno.test("continuesObject() looks at the first payload, whose offset is a time where payloads are compressed", () => {
  assertEquals(continuesObject(hex(single("e8 03 00 00", "d0 07 00 00")), 0), false);
  assertEquals(continuesObject(hex(single("00 00 00 00", "00 00 00 00") + double("00 00 00 00", "", "")), 128), true);
  assertEquals(continuesObject(hex("82 00 00 09 5d 00  00 00 00 00  01 00  81  01 01 e8 03 00 00 01 14"), 0), false);
  assertEquals(continuesObject(hex("82 00 00 11 5d 00 00  00 00 00 00  01 00  81  01 01 05 00 00 00 08"), 0), true);
});
