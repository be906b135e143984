import { assert, assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffVideo } from "../../../src/media/mappings/riff/description.ts";
import { parseHevcSps } from "../../../src/media/codecs/hevc_sps.ts";
import { checkRiff, describeRiff, missingRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { VideoStream } from "../../../src/media/stream_config.ts";
import { BitWriter, concat, fromHex, toHex } from "../bytes.ts";

const LONG = [0, 0, 0, 1];
// x265: Main, 160x120, three B-frames with a pyramid.
const VPS = fromHex("40010c01ffff01600000030090000003000003001e959409");
const SPS = fromHex("42010101600000030090000003000003001ea01420796595964932bc05a02000000300200000030321");
const PPS = fromHex("4401c172b42240");
const SETS = concat(LONG, VPS, LONG, SPS, LONG, PPS);
const IDR = fromHex("2801af0d60d3f88f04716b81");
const TRAILING = fromHex("0201d00a11");
const DELIMITER = fromHex("460110");

function recordOf(nals: Uint8Array[], lengthBytes = 4): Uint8Array<ArrayBuffer> {
  const arrays = nals.map((nal) => concat([0xA0 | nal[0]! >> 1, 0, 1, nal.length >> 8, nal.length & 255], nal));
  return concat([1], new Uint8Array(20), [0xFC | lengthBytes - 1, nals.length], ...arrays);
}

const RECORD = recordOf([VPS, SPS, PPS]);
const withLengths = (...nals: Uint8Array[]) => concat(...nals.flatMap((nal) => [[0, 0, 0, nal.length], nal]));

function describe(config: Partial<VideoStream>, data?: Uint8Array): RiffVideo | undefined {
  return describeRiff({ kind: "video", codec: "hvc1.1.6.L30.90", ...config }, undefined, data) as
    | RiffVideo
    | undefined;
}

function framer(config: Partial<VideoStream>, first?: Uint8Array) {
  const { framing } = describe(config, first)!;
  return (data: Uint8Array, isKey: boolean) => {
    const out = new Pieces();
    framing!(data, isKey, out);
    return toHex(out.toUint8Array());
  };
}

Deno.test("describeRiff() reads an HEVC stream from its hvcC record", () => {
  const { framing, ...facts } = describe({ description: RECORD, framerate: 25 })!;
  assert(framing);
  assertEquals(facts, {
    kind: "video",
    codecName: "H.265 / HEVC",
    id: "H265",
    codedWidth: 160,
    codedHeight: 120,
    pixelAspectWidth: 1,
    pixelAspectHeight: 1,
    reorderDepth: 2,
    framerate: 25,
    bitrate: undefined,
    privateData: new Uint8Array(0),
  });
});

Deno.test("describeRiff() keeps the FourCCs of HEVC that mean Annex B", () => {
  const stored = ["HEVC", "hevs", "H265", "HVC1", "hev1"].map((codec) => describe({ codec, description: RECORD })!.id);
  assertEquals(stored, ["HEVC", "hevs", "H265", "H265", "H265"]);
});

Deno.test("describeRiff() describes HEVC from Annex B, and from a key frame", () => {
  assertEquals(describe({ description: SETS })?.codedWidth, 160);
  assertEquals(describe({}, concat(LONG, DELIMITER, SETS, LONG, IDR))?.codedWidth, 160);
  assertEquals(describe({}, withLengths(VPS, SPS, PPS, IDR))?.codedWidth, 160);
  assertEquals(describe({ description: recordOf([]) }), undefined);
  assertEquals(describe({}, concat(LONG, SPS, LONG, PPS, LONG, IDR)), undefined); // no VPS
  assert(missingRiff({ kind: "video", codec: "hev1.1.6.L30.90" }).startsWith("HEVC needs its parameter sets"));
  assertEquals(checkRiff({ kind: "video", codec: "hev1.1.6.L30.90" }), []);
});

Deno.test("HEVC framing puts parameter sets in front of key frames, behind a delimiter", () => {
  const frame = framer({ description: RECORD });
  assertEquals(frame(withLengths(IDR), true), toHex(concat(SETS, [0, 0, 1], IDR)));
  assertEquals(frame(withLengths(TRAILING), false), toHex(concat(LONG, TRAILING)));
  assertEquals(frame(withLengths(DELIMITER, IDR), true), toHex(concat(LONG, DELIMITER, SETS, [0, 0, 1], IDR)));
  const inBand = withLengths(VPS, SPS, PPS, IDR);
  assertEquals(frame(inBand, true), toHex(concat(SETS, [0, 0, 1], IDR)));
  const annexB = framer({ description: SETS });
  assertEquals(annexB(concat(LONG, IDR), true), toHex(concat(SETS, LONG, IDR)));
  assertEquals(annexB(concat(SETS, LONG, IDR), true), toHex(concat(SETS, LONG, IDR)));
});

Deno.test("HEVC framing passes pictures whose first byte is 0, in either framing", () => {
  const unused = fromHex("0001d0800a11"); // TRAIL_N: type 0 of layer 0
  assertEquals(framer({ description: RECORD })(withLengths(unused), false), toHex(concat(LONG, unused)));
  assertEquals(framer({ description: SETS })(concat(LONG, unused), false), toHex(concat(LONG, unused)));
  assertEquals(
    framer({ description: SETS })(concat(LONG, LONG, unused), true),
    toHex(concat(SETS, LONG, LONG, unused)),
  );
});

Deno.test("HEVC framing refuses what is not there", () => {
  const frame = framer({ streamNumber: 3, description: RECORD });
  const error = assertThrows(
    () => frame(fromHex("000000ff2801"), true),
    MuxError,
    "its HEVC NAL unit at byte 0 claims 255",
  );
  assertEquals([error.code, error.streamNumber], ["bad-media", 3]);
});

for (
  const [name, description] of [
    ["something else", fromHex("67000102030405")],
    ["a record cut off", RECORD.subarray(0, 40)],
    ["lengths of three bytes", recordOf([VPS, SPS, PPS], 3)],
  ] as const
) {
  Deno.test(`describeRiff() refuses HEVC with ${name}`, () => {
    assertThrows(() => describe({ description }), MuxError, "neither an hvcC record nor Annex B");
  });
}

// [H.265] 7.3.2.2: layers less one, nesting, profile to level, sub-layer flags, id, chroma, size, window, depths …
function spsOf(maxSubLayer: number, depths: number[], window?: number[], chromaFormat = 1): Uint8Array {
  const w = new BitWriter().u(16, 0x4201).u(4, 0).u(3, maxSubLayer).u(1, 1);
  for (let i = 0; i < 12; i++) w.u(8, 0x11);
  if (maxSubLayer > 0) { for (let i = 0; i < 8; i++) w.u(2, i < maxSubLayer ? 3 : 0); }
  for (let i = 0; i < maxSubLayer; i++) w.u(32, 0x12345678).u(32, 0x12345678).u(32, 0x12345678);
  w.ue(0).ue(chromaFormat);
  if (chromaFormat === 3) w.u(1, 0);
  w.ue(1920).ue(1088);
  w.u(1, window ? 1 : 0);
  for (const offset of window ?? []) w.ue(offset);
  w.ue(2).ue(2).ue(4).u(1, depths.length > 1 ? 1 : 0);
  for (const depth of depths) w.ue(5).ue(depth).ue(0);
  return Uint8Array.from(w.toNalPayload());
}

Deno.test("parseHevcSps() crops, and takes the depth of the highest layer", () => {
  const flat = parseHevcSps(spsOf(0, [3], [0, 0, 0, 4]))!;
  assertEquals([flat.width, flat.height, flat.reorderDepth, flat.lumaBits], [1920, 1080, 3, 10]);
  const layered = parseHevcSps(spsOf(2, [0, 1, 2]))!;
  assertEquals([layered.height, layered.reorderDepth, layered.temporalLayerCount], [1088, 2, 3]);
  assertEquals(parseHevcSps(spsOf(0, [3]).subarray(0, 16)), undefined);
});

Deno.test("parseHevcSps() counts what is cropped in chroma samples of each format", () => {
  // [H.265] Table 6-1: monochrome, 4:2:0, 4:2:2, 4:4:4
  for (const [format, [unitX, unitY]] of ([[1, 1], [2, 2], [2, 1], [1, 1]] as const).entries()) {
    const sps = parseHevcSps(spsOf(0, [3], [3, 4, 5, 6], format))!;
    assertEquals([sps.chromaFormat, sps.width, sps.height], [format, 1920 - 7 * unitX, 1088 - 11 * unitY]);
  }
});
