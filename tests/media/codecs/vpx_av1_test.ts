import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffVideo } from "../../../src/media/mappings/riff/description.ts";
import { describeRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { VideoStream } from "../../../src/media/stream_config.ts";
import { findSequence } from "../../../src/media/codecs/av1_sequence.ts";
import { BitWriter, concat, fromHex, toHex } from "../bytes.ts";

function describe(codec: string, config: Partial<VideoStream>, data?: Uint8Array): RiffVideo | undefined {
  return describeRiff({ kind: "video", codec, ...config }, undefined, data) as RiffVideo | undefined;
}

// First bytes of libvpx's and libaom's key frames, 160x120.
const VP8 = fromHex("f046009d012aa0007800000708858588");
const VP9 = fromHex("824983420009f007760238241c184200");
const AV1_SEQUENCE = fromHex("0a0a00000003b4ff736be401");
const AV1_FRAME = fromHex("3203aabbcc");

Deno.test("describeRiff() takes the size of VP8 and VP9 from the configuration, or from a key frame", () => {
  for (const [codec, fourcc, key] of [["vp8", "VP80", VP8], ["vp09.00.10.08", "VP90", VP9]] as const) {
    const found = describe(codec, {}, key)!;
    assertEquals([found.id, found.codedWidth, found.codedHeight], [fourcc, 160, 120]);
    assertEquals(describe(codec, { codedWidth: 320, codedHeight: 240 })?.codedWidth, 320);
    assertEquals(describe(codec, {}), undefined);
    assertThrows(() => describe(codec, {}, fromHex("01020304")), MuxError, "is no key frame");
    assertThrows(() => found.framing!(new Uint8Array(0), true, new Pieces()), MuxError, "frame is never empty");
  }
});

Deno.test("describeRiff() refuses a key frame that says its picture has no width", () => {
  const noWidth = fromHex("f046009d012a000078000007");
  assertThrows(() => describe("vp8", {}, noWidth), MuxError, "says that pictures are 0 × 120 pixels");
});

Deno.test("describeRiff() keeps an av1C record, and makes one of a sequence header", () => {
  // Marker and version; profile 0, level 0; 4:2:0; no delay ([AV1 in ISO BMFF] 2.3.3).
  const record = concat([0x81, 0, 0x0C, 0], AV1_SEQUENCE);
  assertEquals(toHex(describe("av01.0.00M.08", { description: record })!.privateData), toHex(record));
  const found = describe("av01.0.00M.08", {}, concat([0x12, 0], AV1_SEQUENCE, AV1_FRAME))!;
  assertEquals([found.id, found.codedWidth, found.codedHeight], ["AV01", 160, 120]);
  assertEquals(toHex(found.privateData.subarray(4)), toHex(AV1_SEQUENCE));
  assertEquals(found.privateData[0], 0x81);
  const sizeless = { description: record.subarray(0, 4) };
  assertEquals(describe("av01.0.00M.08", sizeless), undefined);
  assertEquals(describe("av01.0.00M.08", { ...sizeless, codedWidth: 64, codedHeight: 48 })?.codedWidth, 64);
  assertThrows(() => describe("av01.0.00M.08", { description: fromHex("0102") }), MuxError, "is no av1C record");
  assertThrows(() => describe("av01.0.00M.08", {}, AV1_FRAME), MuxError, "has no sequence header");
});

Deno.test("AV1 framing leaves out the temporal delimiter", () => {
  const { framing } = describe("av01.0.00M.08", {}, AV1_SEQUENCE)!;
  const framed = (data: Uint8Array) => {
    const out = new Pieces();
    framing!(data, true, out);
    return toHex(out.toUint8Array());
  };
  assertEquals(framed(concat([0x12, 0], AV1_FRAME)), toHex(AV1_FRAME));
  assertEquals(framed(AV1_FRAME), toHex(AV1_FRAME));
  assertThrows(() => framed(fromHex("1200")), MuxError, "no AV1 OBU but a temporal delimiter");
  assertThrows(() => framed(fromHex("3209aa")), MuxError, "no whole AV1 OBU");
});

/** A sequence header OBU without a size ([AV1] 5.5.1). */
function sequenceOf(bits: BitWriter): Uint8Array {
  return concat([0x08], bits.toRbsp(), [0x80]);
}

/** That of a still picture, 64x48: level 5, and whatever the color is. */
function stillOf(profile: number, color: (w: BitWriter) => BitWriter): Uint8Array {
  const w = new BitWriter().u(3, profile).u(1, 1).u(1, 1).u(5, 5);
  return sequenceOf(color(w.u(4, 5).u(4, 5).u(6, 63).u(6, 47).u(3, 0).u(3, 0)));
}

// [AV1] 5.5.2: depth, (12 bits), (monochrome), description, range, (subsampling), (position), separate delta
// [AV1-ISOBMFF] 2.3.3: tier, high, twelve, monochrome, x, y, position
const COLORS: { name: string; profile: number; color: (w: BitWriter) => BitWriter; says: number }[] = [
  {
    name: "4:2:0",
    profile: 0,
    color: (w) => w.u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(2, 2).u(1, 0),
    says: 0b0_0_0_0_1_1_10,
  },
  {
    name: "4:2:0, 10 bits",
    profile: 0,
    color: (w) => w.u(1, 1).u(1, 0).u(1, 0).u(1, 0).u(2, 1).u(1, 0),
    says: 0b0_1_0_0_1_1_01,
  },
  { name: "monochrome", profile: 0, color: (w) => w.u(1, 0).u(1, 1).u(1, 0).u(1, 0), says: 0b0_0_0_1_1_1_00 },
  { name: "4:4:4", profile: 1, color: (w) => w.u(1, 0).u(1, 0).u(1, 0).u(1, 0), says: 0 },
  {
    name: "sRGB",
    profile: 1,
    color: (w) => w.u(1, 1).u(1, 1).u(8, 1).u(8, 13).u(8, 0).u(1, 0),
    says: 0b0_1_0_0_0_0_00,
  },
  {
    name: "BT.709",
    profile: 0,
    color: (w) => w.u(1, 0).u(1, 0).u(1, 1).u(8, 1).u(8, 1).u(8, 1).u(1, 0).u(2, 1).u(1, 0),
    says: 0b0_0_0_0_1_1_01,
  },
  {
    name: "4:2:2",
    profile: 2,
    color: (w) => w.u(1, 1).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0),
    says: 0b0_1_0_0_1_0_00,
  },
  {
    name: "4:2:0, 12 bits",
    profile: 2,
    color: (w) => w.u(1, 1).u(1, 1).u(1, 0).u(1, 0).u(1, 0).u(1, 1).u(1, 1).u(2, 2).u(1, 0),
    says: 0b0_1_1_0_1_1_10,
  },
  {
    name: "4:4:4, 12 bits",
    profile: 2,
    color: (w) => w.u(1, 1).u(1, 1).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0),
    says: 0b0_1_1_0_0_0_00,
  },
];

for (const { name, profile, color, says } of COLORS) {
  Deno.test(`findSequence() says of AV1 in the record: ${name}`, () => {
    const found = findSequence(stillOf(profile, color))!;
    assertEquals([found.width, found.height, ...found.record], [64, 48, profile << 5 | 5, says, 0]);
  });
}

Deno.test("findSequence() takes level and tier of AV1's first operating point, whatever else is said of them", () => {
  const w = new BitWriter().u(3, 0).u(1, 0).u(1, 0);
  w.u(1, 1).u(32, 1).u(32, 25).u(1, 1).ue(3); // timing
  w.u(1, 1).u(5, 9).u(32, 1).u(5, 0).u(5, 0); // decoder model: delays of 10 bits
  w.u(1, 1).u(5, 1); // display delays, two points
  w.u(12, 3).u(5, 13).u(1, 1).u(1, 1).u(10, 5).u(10, 6).u(1, 0).u(1, 1).u(4, 7);
  w.u(12, 1).u(5, 4).u(1, 0).u(1, 0);
  w.u(4, 5).u(4, 5).u(6, 63).u(6, 47);
  w.u(1, 1).u(4, 1).u(3, 1).u(3, 0).u(4, 0).u(1, 1).u(2, 0).u(1, 0).u(1, 1).u(1, 0).u(1, 1).u(3, 6).u(3, 0); // tools
  w.u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(2, 1).u(1, 0).u(1, 0);
  const found = findSequence(sequenceOf(w))!;
  assertEquals([found.width, found.height, ...found.record], [64, 48, 13, 0b1_0_0_0_1_1_01, 0]);
});
