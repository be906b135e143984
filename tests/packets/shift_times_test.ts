/** The packets are the worked examples of the specification digest, 128 bytes each. */

import { assertEquals } from "@std/assert";
import { continuesObject } from "../../src/packets/packet_reader.ts";
import { shiftTimes } from "../../src/packets/shift_times.ts";
import { ticksFirst } from "../../src/packets/timing_extension.ts";
import { dump, hex } from "../asf/hex.ts";

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

function shifted(packets: string, baseMs: number, packetBytes = 128): string {
  const bytes = hex(packets);
  const findTicks = packets.includes(" 20 4e 00 00 00") ? ticksFirst : undefined;
  shiftTimes(bytes, packetBytes, { baseMs, prerollMs: 1000, findTicks });
  return dump(bytes);
}

Deno.test("shiftTimes() shifts send and presentation times of every packet and payload", () => {
  assertEquals(
    shifted(
      single("e8 03 00 00", "d0 07 00 00") + double("10 27 00 00", "f8 2a 00 00", "70 17 00 00"),
      256,
    ),
    dump(hex(single("e8 02 00 00", "d0 06 00 00") + double("10 26 00 00", "f8 29 00 00", "70 16 00 00"))),
  );
});

Deno.test("shiftTimes() clamps send times at 0 and presentation times at the preroll", () => {
  assertEquals(
    shifted(double("05 00 00 00", "e9 03 00 00", "f2 03 00 00"), 10),
    dump(hex(double("00 00 00 00", "e8 03 00 00", "e8 03 00 00"))),
  );
});

Deno.test("shiftTimes() shifts the timing extension by the same, past 32 bits", () => {
  // 0x1_0000_0000 ticks less 256 ms of 10 000 ticks: 0xffd8_f000
  assertEquals(
    shifted(timed("00 10 00 00", "00 00 00 00 01 00 00 00"), 256),
    dump(hex(timed("00 0f 00 00", "00 f0 d8 ff 00 00 00 00").replace("00 10 00 00  02 00", "00 0f 00 00  02 00"))),
  );
});

Deno.test("shiftTimes() clamps the timing extension at the preroll", () => {
  // 1000 ms are 10 000 000 ticks: 0x0098_9680
  assertEquals(
    shifted(timed("ea 03 00 00", "81 96 98 00 00 00 00 00"), 2),
    dump(hex(timed("e8 03 00 00", "80 96 98 00 00 00 00 00").replace("00 10 00 00  02 00", "fe 0f 00 00  02 00"))),
  );
});

Deno.test("shiftTimes() shifts the first time of a compressed payload", () => {
  const packed = (send: string, first: string) =>
    `82 00 00 09 5d 2a  ${send}  2b 00  81  01 01  ${first}  01 14  3f 00  ${"14 " + filler(20)} ${"14 " + filler(20)}
     ${"14 " + filler(20)} ${"00 ".repeat(42)}`;
  assertEquals(
    shifted(packed("e8 03 00 00", "d0 07 00 00"), 256),
    dump(hex(packed("e8 02 00 00", "d0 06 00 00"))),
  );
});

Deno.test("continuesObject() looks at the first payload, whose offset is a time where payloads are compressed", () => {
  const compressed = "01 01 e8 03 00 00 01 14 02 00 01 55";
  const begun = "01 01 05 00 00 00 08 09 00 00 00 d0 07 00 00 04 00 55 55 55 55";
  assertEquals(continuesObject(hex(single("e8 03 00 00", "d0 07 00 00"))), false);
  assertEquals(continuesObject(hex(double("00 00 00 00", "00 00 00 00", "00 00 00 00"))), true);
  assertEquals(continuesObject(hex(`82 00 00 09 5d 00  00 00 00 00  01 00  81  ${compressed}`)), false);
  assertEquals(continuesObject(hex(`82 00 00 11 5d 00 00  00 00 00 00  01 00  81  ${begun}`)), true);
});
