import { assert, assertEquals, assertRejects } from "@std/assert";
import { validate } from "../../src/inspect/mod.ts";
import { brokenRules } from "../support/valid.ts";
import {
  audioStream,
  counting,
  data,
  extendedStream,
  fileProperties,
  header,
  headerExtension,
  join,
  object,
  packet,
  type Part,
  simpleIndex,
  u16,
  u32,
  u64,
  utf16,
  videoStream,
} from "./support/bytes.ts";
import { GOLDEN_FILE } from "./support/golden.ts";

/** Where things are in the golden file. */
const FILE = 0x1e;
const STREAM = 0xb4;
const RATES = 0x114;
const DATA = 0x134;
const PACKET = 0x166;

/** What the golden file breaks as it stands: it lasts 10 ms, with a second of preroll. */
const OF_GOLDEN = ["I F16", "I H10"];

function patched(...patches: [offset: number, bytes: Part][]): Uint8Array<ArrayBuffer> {
  const bytes = GOLDEN_FILE.slice();
  for (const [offset, part] of patches) bytes.set(join(part), offset);
  return bytes;
}

/** One wrong field each, and the rules that it breaks beside the golden file's own. */
const CASES: { name: string; bytes: Uint8Array; rules: string[] }[] = [
  { name: "no Header Object", bytes: patched([0, "00"]), rules: ["E T01"] },
  { name: "a header too large", bytes: patched([16, u64(2 ** 40)]), rules: ["E T04"] },
  { name: "no Data Object", bytes: patched([DATA, "00"]), rules: ["E T02"] },
  { name: "a data size beyond the end", bytes: patched([DATA + 16, u64(178 + 128)]), rules: ["E F05", "E T04"] },
  { name: "a wrong file size", bytes: patched([FILE + 40, u64(487)]), rules: ["W T05"] },
  { name: "bytes left over", bytes: join(GOLDEN_FILE, "00 00 00"), rules: ["W T05", "W T06"] },
  { name: "a second header", bytes: join(GOLDEN_FILE, GOLDEN_FILE.slice(0, DATA)), rules: ["E T03", "W T05"] },
  { name: "a wrong count of objects", bytes: patched([24, u32(5)]), rules: ["W H02"] },
  { name: "a wrong first reserved byte", bytes: patched([28, "00"]), rules: ["W H03"] },
  { name: "a wrong second reserved byte", bytes: patched([29, "01"]), rules: ["E H03"] },
  { name: "no Header Extension", bytes: patched([0x86, "00"]), rules: ["E H05"] },
  { name: "sizes of packets that differ", bytes: patched([FILE + 92, u32(127)]), rules: ["E F02"] },
  { name: "a packet count that is not the data's", bytes: patched([DATA + 40, u64(2)]), rules: ["E F04"] },
  {
    name: "packet counts that are not the size's",
    bytes: patched([FILE + 56, u64(2)], [DATA + 40, u64(2)]),
    rules: ["E F05"],
  },
  { name: "another file ID in the data", bytes: patched([DATA + 24, "00"]), rules: ["W F06"] },
  { name: "a play duration below the preroll", bytes: patched([FILE + 64, u64(100_000)]), rules: ["E F07", "W F08"] },
  { name: "a preroll above the times", bytes: patched([FILE + 80, u64(1001)]), rules: ["E F10"] },
  { name: "reserved flags", bytes: patched([FILE + 88, u32(6)]), rules: ["W F11"] },
  { name: "audio that is not seekable", bytes: patched([FILE + 88, u32(0)]), rules: ["E F12"] },
  { name: "no maximum bit rate", bytes: patched([FILE + 100, u32(0)]), rules: ["W F14"] },
  { name: "another bit rate than the streams'", bytes: patched([FILE + 100, u32(200_000)]), rules: ["W F14"] },
  { name: "no creation date", bytes: patched([FILE + 48, u64(0)]), rules: ["W F15"] },
  { name: "stream number 0", bytes: patched([STREAM + 72, u16(0)]), rules: ["E D12", "E H06", "E S02", "E X11"] },
  { name: "reserved bits of a stream", bytes: patched([STREAM + 72, u16(0x81)]), rules: ["W S03"] },
  { name: "encryption that nobody describes", bytes: patched([STREAM + 72, u16(0x8001)]), rules: ["W S04"] },
  { name: "no channels", bytes: patched([STREAM + 80, u16(0)]), rules: ["E S07", "W S08"] },
  { name: "no sample rate", bytes: patched([STREAM + 82, u32(0)]), rules: ["E S07", "W S08"] },
  { name: "no byte rate", bytes: patched([STREAM + 86, u32(0)]), rules: ["W S07", "W S08"] },
  { name: "raw AAC without its configuration", bytes: patched([STREAM + 78, u16(0xff)]), rules: ["E S13"] },
  {
    name: "a rate for a stream that is not there",
    bytes: patched([RATES + 26, u16(2)]),
    rules: ["E X11", "W X12"],
  },
  { name: "a rate of 0", bytes: patched([RATES + 28, u32(0)]), rules: ["W X12"] },
  { name: "a wrong extension constant", bytes: patched([0x86 + 24, "00"]), rules: ["E X01"] },
  { name: "a wrong reserved field of the data", bytes: patched([DATA + 48, u16(0)]), rules: ["W D02"] },
  { name: "other error correction data", bytes: patched([PACKET + 1, "01"]), rules: ["W D03"] },
  { name: "bit 7 of the length types", bytes: patched([PACKET + 3, "88"]), rules: ["E D04"] },
  { name: "too much padding", bytes: patched([PACKET + 5, "7f"]), rules: ["E D06", "E D08"] },
  { name: "replicated data of 5 bytes", bytes: patched([PACKET + 18, "05"]), rules: ["E D10"] },
  { name: "a payload of another stream", bytes: patched([PACKET + 12, "02"]), rules: ["E D12"] },
  { name: "an object larger than what comes", bytes: patched([PACKET + 19, u32(81)]), rules: ["E D14"] },
  { name: "an object smaller than its payload", bytes: patched([PACKET + 19, u32(79)]), rules: ["E D13"] },
  { name: "an object without a start", bytes: patched([PACKET + 14, u32(1)]), rules: ["E D14"] },
  { name: "a packet sent after it is due", bytes: patched([PACKET + 6, u32(1001)]), rules: ["W D19", "W F09"] },
  { name: "padding that is not zero", bytes: patched([0x1e5, "01"]), rules: ["I D23"] },
];

for (const { name, bytes, rules } of CASES) {
  Deno.test(`validate() tells ${name}`, async () => {
    const found = (await brokenRules(bytes)).filter((rule) => !OF_GOLDEN.includes(rule));
    for (const rule of rules) assert(found.includes(rule), `${rule} is missing in ${found.join(", ")}`);
  });
}

Deno.test("validate() finds the golden file valid", async () => {
  const { isValid, packetCount, size, issues } = await validate(GOLDEN_FILE);
  assertEquals([isValid, packetCount, size], [true, 1, GOLDEN_FILE.byteLength]);
  assertEquals(issues.map(({ severity, rule }) => `${severity} ${rule}`), ["I H10", "I F16"]);
});

Deno.test("validate() says the same of a stream as of memory", async () => {
  for (const bytes of [GOLDEN_FILE, ...CASES.map(({ bytes }) => bytes)]) {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.byteLength; at += 50) controller.enqueue(bytes.slice(at, at + 50));
        controller.close();
      },
    });
    const [one, other] = await Promise.all([validate(stream), validate(bytes)]);
    assertEquals(one.issues.map(({ rule }) => rule), other.issues.map(({ rule }) => rule));
  }
});

Deno.test("validate() lists 20 of a kind and counts the rest", async () => {
  const packets = Array.from(
    { length: 50 },
    (_, i) => packet([{ stream: 9, object: i, data: counting(10) }], { packetBytes: 128, sendTimeMs: i }),
  );
  const report = await validate(join(header(fileProperties(), headerExtension(), audioStream(1)), data(packets)));
  assertEquals(report.issues.filter(({ rule }) => rule === "D12").length, 20);
  assert(report.errorCount >= 50);
});

/** Headers around one wrong object. */
function withObjects(inner: Part[], outer: Uint8Array[] = []): Uint8Array {
  return join(header(fileProperties(), headerExtension(...inner), videoStream(1), ...outer), data([]));
}

const METADATA = "C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA";
const DESCRIPTORS = "D2D0A440-E307-11D2-97F0-00A0C95EA850";
const descriptor = (name: string, type: number, value: Part) => {
  const [text, bytes] = [utf16(name), join(value)];
  return join(u16(text.byteLength), text, u16(type), u16(bytes.byteLength), bytes);
};

const OBJECT_CASES: { name: string; bytes: Uint8Array; rule: string }[] = [
  {
    name: "a BOOL of two bytes where it has four",
    bytes: withObjects([], [object(DESCRIPTORS, u16(1), descriptor("a", 2, u16(1)))]),
    rule: "E X07",
  },
  {
    name: "an unknown type",
    bytes: withObjects([], [object(DESCRIPTORS, u16(1), descriptor("a", 6, "00"))]),
    rule: "E X08",
  },
  {
    name: "a name twice",
    bytes: withObjects([], [object(DESCRIPTORS, u16(2), descriptor("a", 3, u32(1)), descriptor("a", 3, u32(1)))]),
    rule: "W X09",
  },
  {
    name: "a computed attribute",
    bytes: withObjects([], [object(DESCRIPTORS, u16(1), descriptor("Duration", 4, u64(1)))]),
    rule: "W X22",
  },
  {
    name: "a picture whose size is wrong",
    bytes: withObjects([], [
      object(DESCRIPTORS, u16(1), descriptor("WM/Picture", 1, join("03", u32(9), utf16("image/png"), utf16(""), "00"))),
    ]),
    rule: "W X21",
  },
  {
    name: "UTF-8 widened byte by byte",
    bytes: withObjects([], [object(DESCRIPTORS, u16(1), descriptor("a", 0, utf16("\u00c3\u00bc")))]),
    rule: "W X06",
  },
  {
    name: "an odd text",
    bytes: withObjects([], [object(DESCRIPTORS, u16(1), descriptor("a", 0, "6100 00"))]),
    rule: "W X06",
  },
  {
    name: "a record of a stream that is not there",
    bytes: withObjects([object(METADATA, u16(1), u16(0), u16(5), u16(4), u16(3), u32(4), utf16("a"), u32(1))]),
    rule: "E X11",
  },
  {
    name: "a header-extension object outside",
    bytes: withObjects([], [object(METADATA, u16(0))]),
    rule: "W H09",
  },
  {
    name: "an object twice",
    bytes: withObjects([], [object(DESCRIPTORS, u16(0)), object(DESCRIPTORS, u16(0))]),
    rule: "W H08",
  },
  {
    name: "two Extended Stream Properties of one stream",
    bytes: withObjects([extendedStream(1, []), extendedStream(1, [])]),
    rule: "W X15",
  },
  { name: "a stream described twice", bytes: withObjects([extendedStream(1, [], videoStream(1))]), rule: "E X16" },
  {
    name: "a command of no type",
    bytes: withObjects([], [
      object(
        "1EFB1A30-0B62-11D0-A39B-00A0C90348F6",
        "E3CB1A4B0B10D011A39B00A0C90348F6",
        u16(1),
        u16(0),
        u32(1000),
        u16(0),
        u16(0),
      ),
    ]),
    rule: "E X04",
  },
  {
    name: "an announced index that is missing",
    bytes: withObjects([object("D6E229DF-35DA-11D1-9034-00A0C90349BE", u32(1000), u16(1), u16(1), u16(3))]),
    rule: "E X17",
  },
  {
    name: "index parameters without an interval",
    bytes: withObjects([object("D6E229DF-35DA-11D1-9034-00A0C90349BE", u32(0), u16(1), u16(1), u16(3))]),
    rule: "E X18",
  },
  {
    name: "a compatibility of another version",
    bytes: withObjects([object("26F18B5D-4584-47EC-9F5F-0E651F0452C9", "0102")]),
    rule: "W X20",
  },
];

for (const { name, bytes, rule } of OBJECT_CASES) {
  Deno.test(`validate() tells ${name} (${rule})`, async () => {
    const found = await brokenRules(bytes);
    assert(found.includes(rule), found.join(", "));
  });
}

/** Video of one key frame every four packets, and an index. */
function indexed(entries: [number, number][], options: { before?: Part; sendTimes?: number[] } = {}): Uint8Array {
  const packets = Array.from(
    { length: 8 },
    (_, i) =>
      packet([{ stream: 1, key: i % 4 === 0, object: i, time: 1000 + 500 * i, data: counting(30) }], {
        packetBytes: 128,
        sendTimeMs: options.sendTimes?.[i] ?? 500 * i,
      }),
  );
  return join(
    header(fileProperties({ packetCount: 8 }), headerExtension(), videoStream(1)),
    data(packets),
    options.before ?? "",
    simpleIndex(10_000_000, entries),
  );
}

const RIGHT: [number, number][] = [[0, 1], [0, 1], [0, 1], [4, 1], [4, 1], [4, 1]];
const INDEX_CASES: { name: string; bytes: Uint8Array; rule: string }[] = [
  { name: "an entry beyond the data", bytes: indexed([...RIGHT, [8, 1]]), rule: "E I02" },
  { name: "an entry that goes back", bytes: indexed([...RIGHT, [0, 1]]), rule: "W I03" },
  { name: "an entry that leads elsewhere", bytes: indexed([[0, 1], [0, 1], [1, 1], ...RIGHT.slice(3)]), rule: "W I04" },
  { name: "an entry that spans nothing", bytes: indexed([[0, 0], ...RIGHT.slice(1)]), rule: "W I05" },
  { name: "an index that ends early", bytes: indexed(RIGHT.slice(0, 2)), rule: "W I07" },
  { name: "an index too many", bytes: join(indexed(RIGHT), simpleIndex(10_000_000, RIGHT)), rule: "W I06" },
  {
    name: "an Index Object behind the Simple Index",
    bytes: join(
      indexed(RIGHT),
      object("D6E229D3-35DA-11D1-9034-00A0C90349BE", u32(1000), u16(1), u32(1), u16(1), u16(3), u32(1), u64(0), u32(0)),
    ),
    rule: "W T08",
  },
  {
    name: "an Index Object that leads between packets",
    bytes: indexed(RIGHT, {
      before: object(
        "D6E229D3-35DA-11D1-9034-00A0C90349BE",
        u32(1000),
        u16(1),
        u32(1),
        u16(1),
        u16(3),
        u32(1),
        u64(0),
        u32(5),
      ),
    }),
    rule: "E I09",
  },
  { name: "send times that go back", bytes: indexed(RIGHT, { sendTimes: [0, 500, 100] }), rule: "E D18" },
];

for (const { name, bytes, rule } of INDEX_CASES) {
  Deno.test(`validate() tells ${name} (${rule})`, async () => {
    assert(!(await brokenRules(indexed(RIGHT))).some((one) => /[EW] [DI]/.test(one)));
    const found = await brokenRules(bytes);
    assert(found.includes(rule), found.join(", "));
  });
}

Deno.test("validate() refuses what is no source, and passes on what the source throws", async () => {
  // deno-lint-ignore no-explicit-any -- a wrong type is what is tested
  await assertRejects(() => validate(5 as any), TypeError);
  const broken = { size: 100, read: () => Promise.reject(new Error("the disk is gone")) };
  await assertRejects(() => validate(broken), Error, "the disk is gone");
});
