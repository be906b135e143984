/** Packets of 128 bytes after the specification digest's worked examples. */

import { assertEquals } from "@std/assert";
import { cutPacket } from "../../src/packets/cut_packet.ts";
import { dump, hex } from "../asf/hex.ts";

const filler = (count: number) => "55 ".repeat(count);
const padding = (count: number) => "00 ".repeat(count);

/** A whole object of 48 bytes: 65 bytes of payload. */
const WHOLE = `01 01 00 00 00 00 08 30 00 00 00 d0 07 00 00 30 00 ${filler(48)}`;
/** The first 33 of 150 bytes: 50 bytes of payload. */
const BEGUN = `82 00 00 00 00 00 08 96 00 00 00 d0 07 00 00 21 00 ${filler(33)}`;
/** The last 33 of 150 bytes. */
const ENDED = `82 00 75 00 00 00 08 96 00 00 00 d0 07 00 00 21 00 ${filler(33)}`;
/** Two objects of 15 bytes that share a payload: 42 bytes. */
const SHARED = `01 03 d0 07 00 00 01 14 20 00 0f ${filler(15)} 0f ${filler(15)}`;

/** Send time 1000, duration 20. */
const multiple = (paddingBytes: string, count: string, payloads: string, left: number) =>
  `82 00 00 09 5d ${paddingBytes} e8 03 00 00 14 00 ${count} ${payloads} ${padding(left)}`;

const single = (offset: string) =>
  `82 00 00 00 5d e8 03 00 00 14 00 82 00 ${offset} 08 96 00 00 00 d0 07 00 00 ${filler(102)}`;

const CASES: { name: string; packet: string; left: string | undefined; isWhole: boolean; last: number }[] = [
  {
    name: "the beginning of an object",
    packet: multiple("00", "82", WHOLE + BEGUN, 0),
    left: multiple("32", "81", WHOLE, 50),
    isWhole: false,
    last: 0x200,
  },
  {
    name: "nothing behind the end of an object",
    packet: multiple("00", "82", WHOLE + ENDED, 0),
    left: multiple("00", "82", WHOLE + ENDED, 0),
    isWhole: true,
    last: 0x200,
  },
  {
    name: "nothing behind objects that share a payload",
    packet: multiple("1b", "82", BEGUN.replace("96", "21") + SHARED, 27 - 4),
    left: multiple("1b", "82", BEGUN.replace("96", "21") + SHARED, 27 - 4),
    isWhole: true,
    last: 0x104,
  },
  { name: "everything", packet: multiple("41", "81", BEGUN, 65), left: undefined, isWhole: false, last: 0x200 },
  {
    name: "everything, in a packet of one payload",
    packet: single("00 00 00 00"),
    left: undefined,
    isWhole: false,
    last: 0x200,
  },
  {
    name: "nothing, in a packet of one payload",
    packet: single("30 00 00 00"),
    left: single("30 00 00 00"),
    isWhole: true,
    last: 0x200,
  },
];

for (const { name, packet, left, isWhole, last } of CASES) {
  Deno.test(`cutPacket() takes out ${name}`, () => {
    const cut = cutPacket(hex(packet));
    assertEquals(cut.packet && dump(cut.packet), left && dump(hex(left)));
    assertEquals([cut.isWhole, cut.lastObject, cut.sendEndMs], [isWhole, last, 1020]);
  });
}

Deno.test("cutPacket() says in two bytes how much padding is left, where one is too few", () => {
  const begun = `82 00 00 00 00 00 08 96 10 00 00 d0 07 00 00 2c 01 ${filler(300)}`;
  const cut = cutPacket(hex(multiple("00", "82", WHOLE + begun, 0)));
  const head = `82 00 00 11 5d 3c 01 e8 03 00 00 14 00 81`;
  assertEquals(dump(cut.packet!), dump(hex(`${head} ${WHOLE} ${padding(316)}`)));
});
