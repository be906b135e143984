import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../../support/fast_check.ts";
import { MuxError } from "../../../src/errors.ts";
import type { RiffVideo } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff, missingRiff } from "../../../src/media/mappings/riff/mod.ts";
import type { ChunkMetadata } from "../../../src/media/sample.ts";
import type { VideoStream } from "../../../src/media/stream_config.ts";
import { concat, fromHex, toHex } from "../bytes.ts";

const LONG = [0, 0, 0, 1];
// x264: Main, 720x576, 64:45, 25 Hz, two B-frames deep.
const SPS = fromHex("674d401eeca05a0937fe0080005a20000003002000000641e2c5b2c0");
const PPS = fromHex("68ebe3cb20");
const RECORD = concat([1, 0x4D, 0x40, 0x1E, 0xFF, 0xE1, 0, SPS.length], SPS, [1, 0, PPS.length], PPS);
const ANNEX_B = concat(LONG, SPS, LONG, PPS);
const SLICE = fromHex("6588840bfffedb");
/** An avcC record without sets, as "avc3" has it. */
const EMPTY_RECORD = fromHex("014d401effe000");

function describe(
  config: Partial<VideoStream>,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): RiffVideo | undefined {
  return describeRiff({ kind: "video", codec: "avc1.4d401e", ...config }, metadata, data) as
    | RiffVideo
    | undefined;
}

Deno.test("describeRiff() reads an H.264 stream from its avcC record", () => {
  const { framing, ...facts } = describe({ description: RECORD, bitrate: 800_000 })!;
  assert(framing);
  assertEquals(facts, {
    kind: "video",
    codecName: "H.264 / AVC",
    id: "H264",
    codedWidth: 720,
    codedHeight: 576,
    pixelAspectWidth: 64,
    pixelAspectHeight: 45,
    reorderDepth: 2,
    framerate: 25,
    bitrate: 800_000,
    privateData: ANNEX_B,
  });
});

const length = (nal: Uint8Array) => [0, 0, 0, nal.length];
const SOURCES: { name: string; config?: Partial<VideoStream>; metadata?: ChunkMetadata; data?: Uint8Array }[] = [
  { name: "a description in Annex B", config: { description: ANNEX_B } },
  { name: "a description in an ArrayBuffer", config: { description: RECORD.buffer } },
  {
    name: "a description behind others in a buffer",
    config: { description: new DataView(concat([9, 9], RECORD).buffer, 2) },
  },
  { name: "the first chunk's metadata", metadata: { decoderConfig: { description: RECORD } } },
  { name: "an Annex B key frame", data: concat(LONG, [9, 0x10], ANNEX_B, LONG, SLICE) },
  {
    name: "an avc3 key frame",
    config: { codec: "avc3.4d401e", description: EMPTY_RECORD },
    data: concat(length(SPS), SPS, length(PPS), PPS, length(SLICE), SLICE),
  },
  {
    name: "a key frame with lengths and no record",
    data: concat(length(SPS), SPS, length(PPS), PPS, length(SLICE), SLICE),
  },
  { name: "a FourCC", config: { codec: "avc1", description: RECORD } },
];

for (const { name, config, metadata, data } of SOURCES) {
  Deno.test(`describeRiff() describes H.264 from ${name}`, () => {
    const found = describe({ ...config }, metadata, data);
    assertEquals([found?.id, found?.codedWidth, toHex(found?.privateData ?? SLICE)], ["H264", 720, toHex(ANNEX_B)]);
  });
}

Deno.test("describeRiff() waits for the parameter sets of H.264, and says so", () => {
  const delta = concat(LONG, [0x41, 0x9A, 0x3B]);
  assertEquals(describe({}), undefined);
  assertEquals(describe({}, undefined, delta), undefined);
  assertEquals(describe({ codedWidth: 720, codedHeight: 576 }, {}, concat(LONG, SPS, LONG, SLICE)), undefined);
  assertEquals(describe({ description: EMPTY_RECORD }), undefined);
  assertEquals(
    missingRiff({ kind: "video", codec: "avc1.4d401e" }),
    "H.264 needs its parameter sets: an avcC description, or a key frame that carries them",
  );
});

Deno.test("describeRiff() keeps its own copy of the parameter sets", () => {
  const description = RECORD.slice();
  const found = describe({ description });
  description.fill(0);
  assertEquals(found?.privateData, ANNEX_B);
});

Deno.test("describeRiff() lets `reorders` decide over the parameter sets", () => {
  const baseline = fromHex("6742c00dd901419f9f011000003e90000ea600f142a480");
  const flat = concat(LONG, baseline, LONG, PPS);
  const depth = (description: Uint8Array, reorders?: boolean) => describe({ description, reorders })?.reorderDepth;
  assertEquals([depth(ANNEX_B), depth(ANNEX_B, true), depth(ANNEX_B, false)], [2, 2, 0]);
  assertEquals([depth(flat), depth(flat, true), depth(flat, false)], [0, 1, 0]);
});

Deno.test("describeRiff() takes the configured display aspect over the VUI's", () => {
  const aspect = (displayAspectWidth?: number, displayAspectHeight?: number) => {
    const found = describe({ description: RECORD, displayAspectWidth, displayAspectHeight });
    return [found?.pixelAspectWidth, found?.pixelAspectHeight];
  };
  assertEquals(aspect(), [64, 45]);
  assertEquals(aspect(4, 3), [16, 15]); // 720x576 shown as 4:3: pixels of 4*576 : 3*720
  assertEquals(aspect(720, 576), [1, 1]);
});

Deno.test("describeRiff() takes the configured frame rate over the VUI's", () => {
  assertEquals(describe({ description: RECORD, framerate: 24 })?.framerate, 24);
});

const BROKEN: [string, Partial<VideoStream>, Uint8Array | undefined, string][] = [
  ["a description of something else", { description: fromHex("67000102030405") }, undefined, "neither an avcC record"],
  ["a record cut off", { description: RECORD.subarray(0, 12) }, undefined, "neither an avcC record"],
  [
    "a record that ends behind its SPS",
    { description: RECORD.subarray(0, 8 + SPS.length) },
    undefined,
    "neither an avcC",
  ],
  [
    "lengths of three bytes",
    { description: concat(RECORD.subarray(0, 4), [0xFE], RECORD.subarray(5)) },
    undefined,
    "neither",
  ],
  ["an unreadable SPS", { description: concat(LONG, fromHex("674d401e80"), LONG, PPS) }, undefined, "cannot be read"],
  ["a first sample of nothing", {}, new Uint8Array(0), "its first H.264 sample holds neither"],
  ["a first sample of something else", {}, fromHex("fff15080"), "its first H.264 sample holds neither"],
];

for (const [name, config, data, says] of BROKEN) {
  Deno.test(`describeRiff() refuses H.264 with ${name}`, () => {
    const error = assertThrows(() => describe({ streamNumber: 2, ...config }, undefined, data), MuxError, says);
    assertEquals([error.code, error.streamNumber], ["bad-media", 2]);
    assert(error.message.startsWith("Cannot describe stream 2: "));
  });
}

Deno.test("describeRiff() refuses parameter sets that no header can hold", () => {
  const nals = Array.from({ length: 5 }, (_, id) => {
    // Five PPS with ids 0 to 4, padded to 16 000 bytes.
    const id8 = (id + 1).toString(2);
    const first = parseInt(("0".repeat(id8.length - 1) + id8 + "1".repeat(8)).slice(0, 8), 2);
    return concat([0x68, first], new Uint8Array(15_998).fill(0x55));
  });
  const data = concat(LONG, SPS, ...nals.flatMap((nal) => [LONG, nal]), LONG, SLICE);
  const error = assertThrows(() => describe({}, undefined, data), MuxError, "must not exceed 65495 bytes");
  assertEquals(error.code, "too-large");
});

Deno.test("checkRiff() knows H.264 by its strings and FourCCs", () => {
  for (const codec of ["avc1.42001f", "avc3.64001F", "H264", "h264", "AVC1", "x264"]) {
    assertEquals(checkRiff({ kind: "video", codec }), []);
  }
});

Deno.test("describeRiff() describes H.264 or throws MuxError, whatever the bytes", () => {
  const head = fc.constantFrom([], LONG, [1, 77, 64, 30, 255, 225], [...RECORD.subarray(0, 20)], [...ANNEX_B], [
    0,
    0,
    1,
    0x67,
  ]);
  const bytes = fc.tuple(head, fc.uint8Array({ maxLength: 80 })).map(([a, b]) => concat(a, b));
  fc.assert(
    fc.property(bytes, fc.option(bytes, { nil: undefined }), (description, data) => {
      try {
        const found = describe({ description }, undefined, data);
        if (found !== undefined) assert(found.codedWidth >= 1 && found.reorderDepth <= 16);
      } catch (error) {
        assert(error instanceof MuxError && error.code === "bad-media", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
