import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../src/bytes/byte_writer.ts";
import { dump, hex } from "../asf/hex.ts";

Deno.test("ByteWriter writes every kind of field in either order", () => {
  for (const order of ["little", "big"] as const) {
    const w = new ByteWriter(order);
    w.u8(0x01);
    w.u16(0x0302);
    w.u32(0x07060504);
    w.u32(-2);
    w.u64(2 ** 53);
    w.u64(0xffff_ffff_ffff_ffffn);
    w.zeros(1);
    w.text("é");
    w.bytes(hex("aa bb"));
    w.u32(0);
    w.setU32(32, 1);
    const little =
      "01 02 03 04 05 06 07 fe ff ff ff 00 00 00 00 00 00 20 00 ff ff ff ff ff ff ff ff 00 c3 a9 aa bb 01 00 00 00";
    const big =
      "01 03 02 07 06 05 04 ff ff ff fe 00 20 00 00 00 00 00 00 ff ff ff ff ff ff ff ff 00 c3 a9 aa bb 00 00 00 01";
    assertEquals(dump(w.toUint8Array()), dump(hex(order === "little" ? little : big)));
  }
});

Deno.test("ByteWriter grows, and hands out memory of its own", () => {
  const w = new ByteWriter("big", new Uint8Array(1));
  w.u32(0x01020304);
  w.u8(5);
  const bytes = w.toUint8Array();
  assertEquals(dump(bytes), "01 02 03 04 05");
  w.setU32(0, 0);
  assertEquals([bytes[3], dump(w.written)], [4, "00 00 00 00 05"]);
});
