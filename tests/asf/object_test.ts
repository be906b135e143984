import { assertEquals, assertThrows } from "@std/assert";
import { guidBytes, randomGuid } from "../../src/asf/guid.ts";
import { writeText } from "../../src/asf/object.ts";
import { ByteWriter } from "../../src/bytes/byte_writer.ts";
import { dump } from "./hex.ts";

Deno.test("writeText() keeps surrogate pairs and replaces halves", () => {
  const w = new ByteWriter("little");
  writeText(w, "\u{1F600}\uD83D!");
  assertEquals(dump(w.toUint8Array()), "3d d8 00 de fd ff 21 00 00 00");
});

Deno.test("guidBytes() swaps the first three groups alone", () => {
  assertEquals(
    dump(guidBytes("75b22630-668e-11cf-a6d9-00aa0062ce6c")),
    "30 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c",
  );
});

Deno.test("guidBytes() refuses what is not a GUID", () => {
  for (
    const text of [
      "",
      "75B22630668E11CFA6D900AA0062CE6C",
      "{75B22630-668E-11CF-A6D9-00AA0062CE6C}",
      "75B2263G-668E-11CF-A6D9-00AA0062CE6C",
    ]
  ) {
    assertThrows(() => guidBytes(text), RangeError, "Cannot read GUID");
  }
});

Deno.test("randomGuid() is a version 4 GUID", () => {
  const bytes = randomGuid();
  assertEquals(bytes.byteLength, 16);
  assertEquals(bytes[7]! >> 4, 4);
  assertEquals(bytes[8]! >> 6, 2);
});
