import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { describeIso } from "../../src/media/mappings/isobmff.ts";
import { describeRiff } from "../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../src/bytes/pieces.ts";
import { concat, fromHex, toHex } from "./bytes.ts";

// A 16x16 stream of x264: key frame and two others, each with a delimiter; as MP4 holds it, and as ffmpeg's
// h264_mp4toannexb turns it.
const RECORD = fromHex(
  "0164000affe1001767" + "64000aacb23d808800000300080000030190789132400100" + "0668ebc3cb22c0fdf8f800",
);
const MP4_SAMPLES = [
  "00000002091000000013" + "6588840bfffedb5bf32c960a2ab0c9b1c2e6b1",
  "00000002093000000007" + "419a3b10bffee0",
  "0000000209300000000b" + "419a4f0864ca610afffec1",
].map(fromHex);
const ANNEX_B = "000000010910" + "000000016764000aacb23d80880000030008000003019078913240" + "0000000168ebc3cb22c0" +
  "0000016588840bfffedb5bf32c960a2ab0c9b1c2e6b1" +
  "000000010930000001419a3b10bffee0" +
  "000000010930000001419a4f0864ca610afffec1";
const SPS = fromHex("6764000aacb23d80880000030008000003019078913240");
const PPS = fromHex("68ebc3cb22c0");
const LONG = [0, 0, 0, 1];
const SHORT = [0, 0, 1];
const SETS = concat(LONG, SPS, LONG, PPS);
const DELIMITER = [0x09, 0x10];
const SLICE = fromHex("6588840bfffedb5bf32c960a2ab0c9b1c2e6b1");

/** A stream's framing as a function from unit to unit. */
function framer(description: Uint8Array | undefined, firstSample?: Uint8Array) {
  const found = describeRiff(
    { kind: "video", codec: "avc1.64000a", streamNumber: 3, description },
    undefined,
    firstSample,
  );
  assert(found?.framing);
  const { framing } = found;
  const out = new Pieces();
  return (data: Uint8Array, isKey: boolean) => {
    out.clear();
    framing(data, isKey, out);
    return out.toUint8Array();
  };
}

/** NAL units with their lengths in front. */
function withLengths(nals: (Uint8Array | number[])[], lengthBytes = 4): Uint8Array<ArrayBuffer> {
  return concat(...nals.flatMap((nal) => [
    Array.from({ length: lengthBytes }, (_, i) => Math.floor(nal.length / 256 ** (lengthBytes - 1 - i)) % 256),
    nal,
  ]));
}

function recordWithLengths(lengthBytes: number): Uint8Array<ArrayBuffer> {
  const record = RECORD.slice();
  record[4] = 0xFC | lengthBytes - 1;
  return record;
}

Deno.test("H.264 framing turns an MP4's samples into what ffmpeg makes of them", () => {
  const frame = framer(RECORD);
  assertEquals(MP4_SAMPLES.map((sample, i) => toHex(frame(sample, i === 0))).join(""), ANNEX_B);
});

Deno.test("H.264 framing copies no NAL unit", () => {
  const { framing } = describeRiff({ kind: "video", codec: "avc1.64000a", description: RECORD })!;
  const out = new Pieces();
  framing!(MP4_SAMPLES[0]!, true, out);
  const pieces = Array.from({ length: out.count }, (_, i) => out.ends[i]! - out.starts[i]!);
  assertEquals(pieces, [4, 2, SETS.length, 3, 19]);
  assertEquals([out.sources[1] === MP4_SAMPLES[0], out.sources[4] === MP4_SAMPLES[0]], [true, true]);
});

for (const lengthBytes of [1, 2, 4]) {
  Deno.test(`H.264 framing takes lengths of ${lengthBytes} bytes`, () => {
    const frame = framer(recordWithLengths(lengthBytes));
    assertEquals(frame(withLengths([SLICE, SLICE], lengthBytes), false), concat(LONG, SLICE, SHORT, SLICE));
  });
}

const KEY_FRAMES: { name: string; nals: (Uint8Array | number[])[]; out: Uint8Array }[] = [
  { name: "a bare slice", nals: [SLICE], out: concat(SETS, SHORT, SLICE) },
  { name: "a delimiter in front", nals: [DELIMITER, SLICE], out: concat(LONG, DELIMITER, SETS, SHORT, SLICE) },
  { name: "a delimiter alone", nals: [DELIMITER], out: concat(LONG, DELIMITER, SETS) },
  { name: "both sets in band", nals: [SPS, PPS, SLICE], out: concat(SETS, SHORT, SLICE) },
  {
    name: "both sets behind a delimiter",
    nals: [DELIMITER, SPS, PPS, SLICE],
    out: concat(LONG, DELIMITER, SETS, SHORT, SLICE),
  },
  { name: "one set in band", nals: [SPS, SLICE], out: concat(SETS, LONG, SPS, SHORT, SLICE) },
  { name: "empty NAL units between", nals: [[], SLICE, [], SLICE, []], out: concat(SETS, SHORT, SLICE, SHORT, SLICE) },
];

for (const { name, nals, out } of KEY_FRAMES) {
  Deno.test(`H.264 framing gives a key frame its sets: ${name}`, () => {
    assertEquals(toHex(framer(RECORD)(withLengths(nals), true)), toHex(out));
  });
}

const ANNEX_B_KEY_FRAMES: { name: string; data: Uint8Array; out: Uint8Array }[] = [
  { name: "a bare slice", data: concat(SHORT, SLICE), out: concat(SETS, SHORT, SLICE) },
  {
    name: "a delimiter in front",
    data: concat(LONG, DELIMITER, LONG, SLICE),
    out: concat(LONG, DELIMITER, SETS, LONG, SLICE),
  },
  { name: "a delimiter alone", data: concat(LONG, DELIMITER), out: concat(LONG, DELIMITER, SETS) },
  {
    name: "both sets in band",
    data: concat(LONG, SPS, SHORT, PPS, SHORT, SLICE),
    out: concat(LONG, SPS, SHORT, PPS, SHORT, SLICE),
  },
  { name: "one set in band", data: concat(LONG, PPS, SHORT, SLICE), out: concat(SETS, LONG, PPS, SHORT, SLICE) },
  {
    name: "zeros in front and behind",
    data: concat([0, 0], LONG, SLICE, [0, 0, 0]),
    out: concat(SETS, [0, 0], LONG, SLICE, [0, 0, 0]),
  },
];

for (const { name, data, out } of ANNEX_B_KEY_FRAMES) {
  Deno.test(`H.264 framing gives an Annex B key frame its sets: ${name}`, () => {
    assertEquals(toHex(framer(SETS)(data, true)), toHex(out));
  });
}

Deno.test("H.264 framing passes other Annex B frames in one piece", () => {
  const { framing } = describeRiff({ kind: "video", codec: "avc3.64000a", description: SETS })!;
  const out = new Pieces();
  const data = concat(LONG, DELIMITER, SHORT, SLICE);
  framing!(data, false, out);
  assertEquals([out.count, out.sources[0] === data, out.byteLength], [1, true, data.byteLength]);
});

Deno.test("H.264 framing gives later key frames the sets last seen in band", () => {
  const newPps = [0x68, 0xEB, 0xC3, 0xCB, 0x33];
  for (
    const wrap of [withLengths, (nals: (Uint8Array | number[])[]) => concat(...nals.flatMap((nal) => [LONG, nal]))]
  ) {
    const frame = framer(wrap === withLengths ? RECORD : SETS);
    const unit = wrap([newPps, SLICE]);
    frame(unit, false);
    unit.fill(0xAA); // the caller's buffer, used again
    const next = frame(wrap([SLICE]), true);
    const sets = concat(LONG, SPS, LONG, newPps);
    assertEquals(toHex(next.subarray(0, sets.length)), toHex(sets));
  }
});

Deno.test("H.264 framing keeps several sets of a kind, by their ids", () => {
  const secondPps = [0x68, 0x5B, 0x01]; // pic_parameter_set_id 1: 010
  const record = concat(RECORD.subarray(0, 31), [2, 0, 6], PPS, [0, 3], secondPps);
  const frame = framer(record);
  assertEquals(frame(withLengths([SLICE]), true), concat(SETS, LONG, secondPps, SHORT, SLICE));
});

Deno.test("H.264 framing tells start codes from lengths by the first unit", () => {
  const slice = concat(SLICE, new Uint8Array(300 - SLICE.length).fill(0x55)); // length 00 00 01 2C
  const cases = [
    { name: "Annex B in spite of a record", description: RECORD, data: concat(LONG, SLICE), out: concat(LONG, SLICE) },
    {
      name: "lengths in spite of an Annex B description",
      description: SETS,
      data: withLengths([SLICE]),
      out: concat(LONG, SLICE),
    },
    {
      name: "a length that looks like a start code",
      description: RECORD,
      data: withLengths([slice]),
      out: concat(LONG, slice),
    },
    { name: "the same without a record", description: SETS, data: withLengths([slice]), out: concat(LONG, slice) },
  ];
  for (const { name, description, data, out } of cases) {
    assertEquals(toHex(framer(description)(data, false)), toHex(out), name);
  }
});

const BAD: { name: string; description: Uint8Array; data: Uint8Array; says: string }[] = [
  { name: "no bytes", description: RECORD, data: new Uint8Array(0), says: "it holds no H.264 NAL unit" },
  {
    name: "no bytes of Annex B",
    description: SETS,
    data: new Uint8Array(0),
    says: "it begins with no H.264 start code",
  },
  { name: "empty NAL units alone", description: RECORD, data: new Uint8Array(8), says: "it holds no H.264 NAL unit" },
  { name: "a start code alone", description: SETS, data: fromHex("00000001"), says: "it holds no H.264 NAL unit" },
  { name: "start codes alone", description: SETS, data: fromHex("000001000001"), says: "it holds no H.264 NAL unit" },
  { name: "no start code", description: SETS, data: fromHex("6588000001"), says: "it begins with no H.264 start code" },
  {
    name: "half a length",
    description: RECORD,
    data: fromHex("000000016500"),
    says: "its last 1 bytes are no H.264 NAL unit",
  },
  {
    name: "a NAL unit that is cut off",
    description: RECORD,
    data: fromHex("0000000a65"),
    says: "its H.264 NAL unit at byte 0 claims 10 bytes, 1 are there",
  },
  {
    name: "a length of 4 GiB",
    description: RECORD,
    data: fromHex("00000001 09 ffffffff 65"),
    says: "its H.264 NAL unit at byte 5 claims 4294967295 bytes, 1 are there",
  },
];

for (const { name, description, data, says } of BAD) {
  Deno.test(`H.264 framing refuses ${name}, naming the stream`, () => {
    const frame = framer(description);
    // An earlier unit has settled the framing.
    frame(description === RECORD ? withLengths([SLICE]) : concat(LONG, SLICE), false);
    const error = assertThrows(() => frame(data, true), MuxError, `Cannot write sample to stream 3: ${says}`);
    assertEquals([error.code, error.streamNumber], ["bad-media", 3]);
  });
}

Deno.test("H.264 framing is unchanged by a unit that it refused", () => {
  const frame = framer(RECORD);
  const newPps = [0x68, 0xEB, 0xC3, 0xCB, 0x33];
  assertThrows(() => frame(concat(withLengths([newPps]), [0, 0, 0, 9, 1]), true), MuxError);
  assertEquals(frame(withLengths([SLICE]), true), concat(SETS, SHORT, SLICE));
});

/** The conversion once more, by [H.264] Annex B alone, on lists of NAL units. */
function convert(nals: Uint8Array[], isKey: boolean, known: { sps: Uint8Array; pps: Uint8Array }): Uint8Array {
  const filled = nals.filter((nal) => nal.length > 0);
  const types = filled.map((nal) => nal[0]! % 32);
  const sets = [known.sps, known.pps];
  const units = filled.slice();
  if (isKey && !(types.includes(7) && types.includes(8))) {
    const front = types.findIndex((type) => type !== 9);
    units.splice(front < 0 ? units.length : front, 0, ...sets);
  }
  return concat(...units.flatMap((nal, i) => [i === 0 || [7, 8].includes(nal[0]! % 32) ? LONG : SHORT, nal]));
}

Deno.test("H.264 framing equals a conversion written apart from it", () => {
  const other = fc.tuple(fc.constantFrom(1, 5, 6, 9, 12, 0x41, 0x65), fc.uint8Array({ maxLength: 40 }))
    .map(([type, rest]) => concat([type], rest));
  const nal = fc.oneof(
    { weight: 6, arbitrary: other },
    fc.constant(new Uint8Array(0)),
    fc.constant(SPS),
    fc.constant(PPS),
  );
  const units = fc.array(fc.tuple(fc.array(nal, { minLength: 1, maxLength: 6 }), fc.boolean()), { maxLength: 5 });
  fc.assert(
    fc.property(units, fc.constantFrom(1, 2, 4), (list, lengthBytes) => {
      const frame = framer(recordWithLengths(lengthBytes));
      frame(withLengths([SLICE], lengthBytes), false);
      for (const [nals, isKey] of list) {
        if (nals.every((nal) => nal.length === 0)) continue;
        assertEquals(
          toHex(frame(withLengths(nals, lengthBytes), isKey)),
          toHex(convert(nals, isKey, { sps: SPS, pps: PPS })),
        );
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("H.264 framing answers bytes or refuses the unit, whatever it is", () => {
  const start = fc.constantFrom([], [0, 0, 0, 1], [0, 0, 1], [0, 0, 0, 2, 9, 16]);
  fc.assert(
    fc.property(
      fc.constantFrom(RECORD, SETS),
      start,
      fc.uint8Array({ maxLength: 60 }),
      fc.boolean(),
      (description, head, rest, isKey) => {
        const frame = framer(description);
        const data = concat(head, rest);
        try {
          assert(frame(data, isKey).byteLength > 0);
        } catch (error) {
          assert(error instanceof MuxError && error.code === "bad-media", String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("lengths of four bytes: known sets are left out until others come, and key frames go on with those in force", () => {
  const found = describeIso({ kind: "video", codec: "avc1.64000a", streamNumber: 3, description: concat(SETS) });
  assert(found?.framing);
  const { framing } = found;
  const frame = (nals: (Uint8Array | number[])[], isKey: boolean) => {
    const out = new Pieces();
    framing(concat(...nals.flatMap((nal) => [LONG, nal])), isKey, out);
    return toHex(out.toUint8Array());
  };
  const otherPps = [0x68, 0xEB, 0xC3, 0xCB, 0x33];
  const delta = [0x41, 0x9A];
  const units = (...nals: (Uint8Array | number[])[]) => toHex(withLengths(nals));
  assertEquals(frame([SPS, PPS, SLICE], true), units(SLICE));
  assertEquals(frame([SPS, otherPps, SLICE], true), units(otherPps, SLICE));
  assertEquals(frame([DELIMITER, delta], false), units(DELIMITER, delta));
  assertEquals(frame([DELIMITER, SLICE], true), units(DELIMITER, SPS, otherPps, SLICE));
  assertEquals(frame([SPS, PPS, SLICE], true), units(SPS, PPS, SLICE));
  assertEquals(frame([SLICE], true), units(SPS, PPS, SLICE));
});
