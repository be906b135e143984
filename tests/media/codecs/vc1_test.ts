import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffVideo } from "../../../src/media/mappings/riff/description.ts";
import { describeRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { VideoStream } from "../../../src/media/stream_config.ts";
import { BitWriter, concat, toHex } from "../bytes.ts";

const CODE = (suffix: number) => [0, 0, 1, suffix];
// [SMPTE 421M] 6.1: profile 3, level, colour format, rates, postprocessing, then half the size less one, twice.
const SEQUENCE = concat(
  CODE(0x0F),
  new BitWriter().u(2, 3).u(3, 1).u(2, 1).u(3, 0).u(5, 0).u(1, 0).u(12, 639).u(12, 359).u(6, 0).toRbsp(),
);
const ENTRY_POINT = concat(CODE(0x0E), [0x4A, 0x10]);
const HEADERS = concat(SEQUENCE, ENTRY_POINT);
const FRAME = [0xC0, 0x12, 0x34];

function describe(config: Partial<VideoStream>, data?: Uint8Array): RiffVideo | undefined {
  return describeRiff({ kind: "video", codec: "WVC1", ...config }, undefined, data) as RiffVideo | undefined;
}

Deno.test("describeRiff() gives VC-1 a binding byte, and keeps the one it has", () => {
  assertEquals(toHex(describe({ description: HEADERS })!.privateData), "01" + toHex(HEADERS));
  assertEquals(toHex(describe({ description: concat([0x27], HEADERS) })!.privateData), "27" + toHex(HEADERS));
});

Deno.test("describeRiff() reads size and headers of VC-1 from a key frame", () => {
  const found = describe({ codec: "vc1" }, concat(HEADERS, CODE(0x0D), FRAME))!;
  assertEquals([found.id, found.codedWidth, found.codedHeight, found.reorderDepth], ["WVC1", 1280, 720, 0]);
  assertEquals(toHex(found.privateData), "01" + toHex(HEADERS));
  assertEquals(describe({ description: HEADERS, reorders: true })!.reorderDepth, 1);
  assertEquals(describe({}), undefined);
});

Deno.test("VC-1 framing takes a frame's start code off, and leaves all of them where headers come first", () => {
  const { framing } = describe({ description: HEADERS })!;
  const framed = (data: Uint8Array) => {
    const out = new Pieces();
    framing!(data, true, out);
    return toHex(out.toUint8Array());
  };
  assertEquals(framed(concat(CODE(0x0D), FRAME)), toHex(concat(FRAME)));
  assertEquals(framed(concat(FRAME)), toHex(concat(FRAME)));
  const fields = concat(FRAME, CODE(0x0C), FRAME); // the second field keeps its own
  assertEquals(framed(concat(CODE(0x0D), fields)), toHex(fields));
  const withHeaders = concat(HEADERS, CODE(0x0D), FRAME);
  assertEquals(framed(withHeaders), toHex(withHeaders));
  assertThrows(() => framed(concat(CODE(0x0D))), MuxError, "a VC-1 frame is never empty");
});

Deno.test("describeRiff() refuses VC-1 without a sequence header", () => {
  assertThrows(() => describe({ description: ENTRY_POINT }), MuxError, "has a sequence header");
  assertThrows(() => describe({}, concat(FRAME)), MuxError, "has a sequence header");
});
