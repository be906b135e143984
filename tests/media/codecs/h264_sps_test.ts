import { assert, assertEquals } from "@std/assert";
import fc from "../../support/fast_check.ts";
import { parseSps } from "../../../src/media/codecs/h264_sps.ts";
import { BitWriter, fromHex } from "../bytes.ts";

// Written by x264 and OpenH264; what they say is as ffprobe reports it (has_b_frames is the reorder depth).
const ENCODED = [
  {
    name: "Constrained Baseline",
    nal: "6742c00dd901419f9f011000003e90000ea600f142a480",
    said: [66, 13, 320, 180, 1, 1, 30000 / 1001, 0],
  },
  {
    name: "Constrained Baseline of OpenH264, cropped",
    nal: "6742c00d8c8d40a8cb113403c2211a80",
    said: [66, 13, 322, 182, 0, 0, undefined, 0],
  },
  {
    name: "Main, anamorphic PAL with two B-frames",
    nal: "674d401eeca05a0937fe0080005a20000003002000000641e2c5b2c0",
    said: [77, 30, 720, 576, 64, 45, 25, 2],
  },
  {
    name: "High without B-frames",
    nal: "6764000dacb202833f3e022000007d20001d4c01e2854901",
    said: [100, 13, 320, 180, 1, 1, 30000 / 1001, 0],
  },
  {
    name: "High with a B-pyramid",
    nal: "6764000dacd941419f9f011000003e90000ea600f1429960",
    said: [100, 13, 320, 180, 1, 1, 30000 / 1001, 2],
  },
  {
    name: "High with the default scaling matrices",
    nal: "6764000dacc840507ec044000003000400000300c83c50a658",
    said: [100, 13, 320, 240, 1, 1, 25, 2],
  },
  {
    name: "High with a ratio of its own, HRD and an id of 3",
    nal: "6764000d22cd94141fbff00250017100000300010000030032602001e840007a12930c01e28532c0",
    said: [100, 13, 320, 240, 37, 23, 25, 2],
  },
  {
    name: "High, interlaced, 1088 lines cropped to 1080",
    nal: "67640028acd94078044fde0220000003002000000643e2c5b2c0",
    said: [100, 40, 1920, 1080, 1, 1, 25, 2],
  },
  {
    name: "High, progressive, 1088 lines cropped to 1080",
    nal: "6764002aacb200f0044fcb8088000003000800000303c078c19240",
    said: [100, 42, 1920, 1080, 1, 1, 60, 0],
  },
  {
    name: "High, monochrome",
    nal: "6764000df365054678f8bc0440000003004000000c03c50a6580",
    said: [100, 13, 322, 182, 1, 1, 24, 2],
  },
  {
    name: "High 10 Intra",
    nal: "676e101fa6cb80a00b76022000000300200000060080",
    said: [110, 31, 1280, 720, 1, 1, 24, 0],
  },
  {
    name: "High 4:2:2",
    nal: "677a000dbcd941519e222f011000000300100000030300f1429960",
    said: [122, 13, 322, 182, 1, 1, 24, 2],
  },
  {
    name: "High 4:4:4 Predictive, odd size",
    nal: "67f4000d919b282a33c2119808800000030080000018078a14cb",
    said: [244, 13, 321, 181, 1, 1, 24, 2],
  },
];

for (const { name, nal, said } of ENCODED) {
  Deno.test(`parseSps() reads ${name}`, () => {
    const sps = parseSps(fromHex(nal));
    assert(sps);
    assertEquals([
      sps.profile,
      sps.level,
      sps.width,
      sps.height,
      sps.sampleAspectWidth,
      sps.sampleAspectHeight,
      sps.framerate,
      sps.reorderDepth,
    ], said);
  });
}

interface Fields {
  profile?: number;
  constraints?: number;
  level?: number;
  pictureOrder?: (writer: BitWriter) => void;
  wide?: number;
  high?: number;
  crop?: [number, number, number, number];
  vui?: (writer: BitWriter) => void;
}

/** A parameter set by [H.264] 7.3.2.1.1, progressive, 4:2:0. */
function makeSps(fields: Fields): Uint8Array<ArrayBuffer> {
  const { profile = 77, constraints = 0, level = 30, wide = 20, high = 15, crop, vui } = fields;
  const writer = new BitWriter().u(8, profile).u(8, constraints).u(8, level).ue(0);
  if (profile === 100) writer.ue(1).ue(0).ue(0).u(1, 0).u(1, 0);
  writer.ue(0);
  if (fields.pictureOrder) fields.pictureOrder(writer);
  else writer.ue(0).ue(2);
  writer.ue(2).u(1, 0).ue(wide - 1).ue(high - 1).u(1, 1).u(1, 1);
  writer.u(1, crop ? 1 : 0);
  for (const side of crop ?? []) writer.ue(side);
  writer.u(1, vui ? 1 : 0);
  vui?.(writer);
  return new Uint8Array([0x67, ...writer.toNalPayload()]);
}

/** A VUI that says nothing but bitstream restrictions. */
function restrict(writer: BitWriter, reorderFrames: number): void {
  writer.u(8, 0).u(1, 1).u(1, 1).ue(2).ue(1).ue(10).ue(10).ue(reorderFrames).ue(4);
}

Deno.test("parseSps() derives the depth from level and size when the VUI says nothing", () => {
  // [H.264] Table A-1, A.3.1: 8100 macroblocks at level 3, 300 a frame; 32768 at level 4, 8160 a frame.
  const cases: [Fields, number][] = [
    [{ level: 30, wide: 20, high: 15 }, 16],
    [{ level: 30, wide: 45, high: 36 }, 5],
    [{ level: 40, wide: 120, high: 68 }, 4],
    [{ level: 10, wide: 11, high: 9 }, 4],
    [{ level: 11, wide: 22, high: 18 }, 2],
    [{ level: 11, constraints: 0x10, wide: 22, high: 18 }, 1],
    [{ level: 11, constraints: 0x10, wide: 22, high: 18, profile: 100 }, 0],
    [{ level: 99, wide: 120, high: 68 }, 16],
  ];
  for (const [fields, depth] of cases) assertEquals(parseSps(makeSps(fields))?.reorderDepth, depth);
});

Deno.test("parseSps() trusts max_num_reorder_frames over the level", () => {
  for (const depth of [0, 1, 4, 16]) {
    assertEquals(parseSps(makeSps({ vui: (writer) => restrict(writer, depth) }))?.reorderDepth, depth);
  }
});

Deno.test("parseSps() finds no reordering in Baseline and with picture order type 2", () => {
  assertEquals(parseSps(makeSps({ profile: 66 }))?.reorderDepth, 0);
  assertEquals(parseSps(makeSps({ pictureOrder: (writer) => writer.ue(2) }))?.reorderDepth, 0);
});

Deno.test("parseSps() reads picture order type 1 with its cycle", () => {
  const pictureOrder = (writer: BitWriter) => {
    writer.ue(1).u(1, 0).se(-3).se(2).ue(255);
    for (let i = 0; i < 255; i++) writer.se(i - 100);
  };
  assertEquals(parseSps(makeSps({ pictureOrder, wide: 40 }))?.width, 640);
});

Deno.test("parseSps() keeps what a truncated VUI says whole", () => {
  const vui = (writer: BitWriter) => void writer.u(1, 1).u(8, 255).u(16, 4).u(16, 3).u(3, 0).u(1, 1).u(32, 1);
  const sps = parseSps(makeSps({ vui }));
  assertEquals([sps?.sampleAspectWidth, sps?.sampleAspectHeight, sps?.framerate], [4, 3, undefined]);
});

Deno.test("parseSps() takes neither a clock rate nor a stopped clock for a frame rate", () => {
  for (const [units, scale] of [[1, 90_000], [0, 50], [1, 0]] as const) {
    const vui = (writer: BitWriter) => void writer.u(4, 0).u(1, 1).u(32, units).u(32, scale).u(1, 1).u(5, 0);
    const sps = parseSps(makeSps({ vui }));
    assert(sps);
    assertEquals(sps.framerate, undefined);
  }
});

const BROKEN: [string, Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["a header alone", fromHex("67")],
  ["zeros", new Uint8Array(100_000)],
  ["a picture order type of 3", makeSps({ pictureOrder: (writer) => writer.ue(3) })],
  ["an endless picture order cycle", makeSps({ pictureOrder: (writer) => writer.ue(1).u(1, 0).se(0).se(0).ue(4e9) })],
  ["a picture of 2^36 pixels a side", makeSps({ wide: 0xFFFF_FFFF, high: 0xFFFF_FFFF })],
  ["a picture cropped to nothing", makeSps({ crop: [80, 80, 0, 0] })],
  ["a picture cropped beyond nothing", makeSps({ crop: [0, 0, 4e9, 4e9] })],
];

for (const [name, nal] of BROKEN) {
  Deno.test(`parseSps() refuses ${name}`, () => assertEquals(parseSps(nal), undefined));
}

Deno.test("parseSps() refuses every truncation in front of the VUI", () => {
  const nal = makeSps({ profile: 100 });
  for (let size = 0; size < nal.byteLength - 1; size++) assertEquals(parseSps(nal.subarray(0, size)), undefined);
});

Deno.test("parseSps() reads back any size, cropping and aspect ratio", () => {
  const side = fc.integer({ min: 1, max: 500 });
  const crop = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }));
  const part = fc.integer({ min: 1, max: 0xFFFF });
  fc.assert(
    fc.property(side, side, crop, part, part, fc.constantFrom(77, 100), (wide, high, crop, sarW, sarH, profile) => {
      const vui = (writer: BitWriter) => void writer.u(1, 1).u(8, 255).u(16, sarW).u(16, sarH).u(8, 0);
      const sps = parseSps(makeSps({ profile, wide, high, crop, vui }));
      assertEquals([sps?.width, sps?.height], [
        16 * wide - 2 * (crop[0] + crop[1]),
        16 * high - 2 * (crop[2] + crop[3]),
      ]);
      assertEquals([sps?.sampleAspectWidth, sps?.sampleAspectHeight], [sarW, sarH]);
    }),
  );
});

Deno.test("parseSps() answers within bounds, or not at all, for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const sps = parseSps(bytes);
      if (sps === undefined) return;
      assert(sps.width >= 1 && sps.width <= 65_535 && sps.height >= 1 && sps.height <= 65_535);
      assert(Number.isInteger(sps.reorderDepth) && sps.reorderDepth >= 0 && sps.reorderDepth <= 16);
    }),
    { numRuns: 2000 },
  );
});
