/** Data, indexes and markers that break one rule each, and are sound without it. */

import { assert } from "@std/assert";
import { brokenRules } from "../support/valid.ts";
import {
  audioStream,
  counting,
  data,
  extendedStream,
  type FileOptions,
  fileProperties,
  guid,
  header,
  headerExtension,
  join,
  object,
  packet,
  type Part,
  type PayloadOptions,
  simpleIndex,
  u16,
  u32,
  u64,
  u8,
  videoStream,
} from "./support/bytes.ts";

const MARKERS = "F487CD01-A951-11CF-8EE6-00C00C205365";
const TIMECODE_INDEX = "3CB73FD0-0C4A-4803-953D-EDF7B6228F0C";
const TIMECODE_SYSTEM = "399595EC-8667-4E2D-8FDB-98814CE76C1E";
const BROADCAST = 1;
const SEEKABLE = 2;

/** A file of one video stream, number 1. */
function video(packets: Uint8Array[], trailer: Uint8Array[] = [], extra: Uint8Array[] = [], options: FileOptions = {}) {
  const properties = fileProperties({ packetCount: packets.length, ...options });
  return join(header(properties, headerExtension(), videoStream(1), ...extra), data(packets), ...trailer);
}

/** A key frame every four packets of 500 ms, in stream 1. */
const EIGHT = Array.from(
  { length: 8 },
  (_, i) =>
    packet([{ stream: 1, key: i % 4 === 0, object: i, time: 1000 + 500 * i, data: counting(30) }], {
      sendTimeMs: 500 * i,
    }),
);
const RIGHT: [number, number][] = [[0, 1], [0, 1], [0, 1], [4, 1], [4, 1], [4, 1]];
const SECOND = 10_000_000;

/** A Simple Index with another value at an offset. */
function indexWith(at: number, value: Uint8Array): Uint8Array {
  const bytes = simpleIndex(SECOND, RIGHT).slice();
  bytes.set(value, at);
  return bytes;
}

interface Mark {
  offset?: number;
  time?: number;
  entryBytes?: number;
  sendTime?: number;
  flags?: number;
}

/** Markers at 1 s, which is where the media begin: one character and its terminator. */
function markers(list: Mark[], reserved = 0): Uint8Array {
  const entries = list.map(({ offset = 50, time = SECOND, entryBytes = 16, sendTime = 0, flags = 0 }) =>
    join(u64(offset), u64(time), u16(entryBytes), u32(sendTime), u32(flags), u32(2), "61000000")
  );
  const reserved4 = guid("4CFEDB20-75F6-11CF-9C0F-00A0C90349CB");
  return object(MARKERS, reserved4, u32(list.length), u16(reserved), u16(0), ...entries);
}

function marked(list: Mark[], reserved = 0): Uint8Array {
  return video(EIGHT, [simpleIndex(SECOND, RIGHT)], [markers(list, reserved)]);
}

/** Two packets of stream 1. */
function payloads(...list: Partial<PayloadOptions>[]): Uint8Array {
  const packets = list.map((payload, i) =>
    packet([{ stream: 1, key: true, object: i, data: counting(30), ...payload }], { sendTimeMs: i })
  );
  return video(packets);
}

/** An object of 60 bytes in two packets; `more` is of the second. */
function split(more: Partial<PayloadOptions>): Uint8Array {
  const common = { object: 0, size: 60, data: counting(30) };
  return payloads(common, { ...common, offset: 30, ...more });
}

/** One payload without a length of its own, padded to 128 bytes behind a BYTE. */
function single(payload: Part): Uint8Array {
  const body = join(payload);
  const padding = 128 - 12 - body.length;
  return video([join("82 00 00 08 5d", u8(padding), u32(0), u16(10), body, new Uint8Array(padding))]);
}

/** A compressed payload of objects of these sizes, at a distance of 20 ms. */
function compressed(...sizes: number[]): Uint8Array {
  return single(join("81 00", u32(1000), "01 14", ...sizes.map((size) => join(u8(size), counting(size)))));
}

/** A packet whose payload lengths have so many bytes. */
function withLengths(bytes: 1 | 2): Uint8Array {
  const length = bytes === 1 ? u8(30) : u16(30);
  const body = join(u8((bytes << 6) | 1), "81 00", u32(0), "08", u32(30), u32(1000), length, counting(30));
  const padding = 128 - 13 - body.length;
  return video([join("82 00 00 11 5d", u16(padding), u32(0), u16(10), body, new Uint8Array(padding))]);
}

interface Codes {
  type?: number;
  system?: boolean;
  ranges?: [number, number];
}

/** A stream with time codes, and an index of two blocks with an entry each. */
function timecodes({ type = 2, system = true, ranges = [0, 1] }: Codes): Uint8Array {
  const code = (i: number) => join(u16(0), u32(i), u32(0), u32(0));
  const packets = [0, 1].map((i) =>
    packet([{ stream: 1, key: true, object: i, time: 1000 + i, extension: code(i), data: counting(30) }], {
      sendTimeMs: i,
    })
  );
  const systems = [{ system: system ? TIMECODE_SYSTEM : "399595EC-8667-4E2D-8FDB-98814CE76C1F", dataBytes: 14 }];
  const head = header(
    fileProperties({ packetCount: 2 }),
    headerExtension(extendedStream(1, systems)),
    videoStream(1),
  );
  const blocks = ranges.map((range, i) => join(u32(1), u16(range), u64(0), u32(i), u32(128 * i)));
  return join(head, data(packets), object(TIMECODE_INDEX, u32(1), u16(1), u32(2), u16(1), u16(type), ...blocks));
}

/** Two streams of video with key frames in packets of their own, and their indexes. */
function twoVideos(...indexes: [number, number][][]): Uint8Array {
  const packets = [0, 1, 2, 3].map((i) =>
    packet([{ stream: 1 + i % 2, key: true, object: i >> 1, time: 1000 + 1000 * (i >> 1), data: counting(30) }], {
      sendTimeMs: 500 * i,
    })
  );
  const head = header(fileProperties({ packetCount: 4 }), headerExtension(), videoStream(1), videoStream(2));
  return join(head, data(packets), ...indexes.map((entries) => simpleIndex(SECOND, entries)));
}
const FIRST: [number, number][] = [[0, 1], [0, 1], [2, 1]];
const OTHER: [number, number][] = [[1, 1], [1, 1], [3, 1]];

/** What is right stands beside what is wrong, so that a rule that always speaks is found too. */
const CASES: { rule: string; name: string; wrong: Uint8Array; right: Uint8Array }[] = [
  {
    rule: "E T02",
    name: "a header alone",
    wrong: header(fileProperties(), headerExtension(), videoStream(1)),
    right: video([]),
  },
  {
    rule: "E T07",
    name: "an index before the data",
    wrong: join(header(fileProperties(), headerExtension(), videoStream(1)), simpleIndex(SECOND, []), data([])),
    right: video([], [simpleIndex(SECOND, [])]),
  },
  {
    rule: "W T09",
    name: "an index in a broadcast",
    wrong: video(EIGHT, [simpleIndex(SECOND, RIGHT)], [], { flags: BROADCAST }),
    right: video(EIGHT, [simpleIndex(SECOND, RIGHT)]),
  },
  {
    rule: "W D01",
    name: "a broadcast of no size",
    wrong: join(
      header(fileProperties({ flags: BROADCAST }), headerExtension(), videoStream(1)),
      data([], { size: 0 }),
    ),
    right: join(header(fileProperties({ flags: BROADCAST }), headerExtension(), videoStream(1)), data([])),
  },
  {
    rule: "E F05",
    name: "a packet less than stated",
    wrong: video(EIGHT).slice(0, -128),
    right: video(EIGHT),
  },
  {
    rule: "W F13",
    name: "seekable video without an index",
    wrong: video(EIGHT, [], [], { flags: SEEKABLE }),
    right: video(EIGHT, [simpleIndex(SECOND, RIGHT)], [], { flags: SEEKABLE }),
  },
  {
    rule: "I F16",
    name: "no preroll, and media due when they are sent",
    wrong: video([packet([{ stream: 1, key: true, object: 0, time: 0, data: counting(30) }])], [], [], {
      prerollMs: 0,
    }),
    right: video([packet([{ stream: 1, key: true, object: 0, time: 1, data: counting(30) }])], [], [], {
      prerollMs: 0,
    }),
  },
  {
    rule: "I X05",
    name: "a reserved field of markers",
    wrong: marked([{}], 1),
    right: marked([{}]),
  },
  { rule: "E X05", name: "a marker too short", wrong: marked([{ entryBytes: 15 }]), right: marked([{}]) },
  { rule: "W X05", name: "flags of a marker", wrong: marked([{ flags: 1 }]), right: marked([{ flags: 0 }]) },
  {
    rule: "W X05",
    name: "markers that go back",
    wrong: marked([{}, { time: SECOND - 1 }]),
    right: marked([{}, { time: SECOND }]),
  },
  {
    rule: "W X05",
    name: "a marker behind the end",
    wrong: marked([{ time: 10_100_001 }]),
    right: marked([{ time: 10_100_000 }]),
  },
  {
    rule: "W X05",
    name: "a marker between packets",
    wrong: marked([{ offset: 51 }]),
    right: marked([{ offset: 50 }]),
  },
  {
    rule: "W X05",
    name: "a marker behind the data",
    wrong: marked([{ offset: 50 + 8 * 128 }]),
    right: marked([{}]),
  },
  { rule: "W X05", name: "a marker of another send time", wrong: marked([{ sendTime: 1 }]), right: marked([{}]) },
  {
    rule: "W X05",
    name: "a marker that leads behind its key frame",
    wrong: marked([{ offset: 50 + 128, sendTime: 500 }]),
    right: marked([{}]),
  },
  {
    rule: "E D01",
    name: "half a packet in the data",
    wrong: sized(50 + 8 * 128 + 64),
    right: sized(50 + 8 * 128),
  },
  {
    rule: "E D03",
    name: "error correction that ends",
    wrong: corrected("82 00 00", "81 00"),
    right: corrected("82 00 00"),
  },
  {
    rule: "E D07",
    name: "a packet length without the padding",
    wrong: lengthy(128 - 20),
    right: lengthy(128),
  },
  { rule: "W D09", name: "payload lengths of a byte", wrong: withLengths(1), right: withLengths(2) },
  { rule: "E D13", name: "an object of no bytes", wrong: payloads({ size: 0 }), right: payloads({ size: 30 }) },
  {
    rule: "E D13",
    name: "fragments that exceed their object",
    wrong: split({ data: counting(31) }),
    right: split({ data: counting(30) }),
  },
  {
    rule: "W D13",
    name: "an object of 16 MiB",
    wrong: payloads({ size: 2 ** 24 }),
    right: payloads({ size: 2 ** 24 - 1 }),
  },
  { rule: "E D14", name: "a gap in an object", wrong: split({ offset: 31 }), right: split({}) },
  { rule: "E D15", name: "fragments of two objects", wrong: split({ object: 1 }), right: split({}) },
  { rule: "E D15", name: "fragments of two sizes", wrong: split({ size: 61 }), right: split({}) },
  { rule: "E D15", name: "fragments of two times", wrong: split({ time: 1001 }), right: split({}) },
  { rule: "W D15", name: "fragments of two minds about the key", wrong: split({ key: false }), right: split({}) },
  {
    rule: "W D16",
    name: "an object number left out",
    wrong: payloads({ object: 254 }, { object: 0 }),
    right: payloads({ object: 255 }, { object: 0 }),
  },
  { rule: "W D17", name: "a last compressed object of four bytes", wrong: compressed(20, 4), right: compressed(4, 5) },
  {
    rule: "W D20",
    name: "times that go back",
    wrong: payloads({ time: 1010 }, { time: 1009 }),
    right: payloads({ time: 1010 }, { time: 1010 }),
  },
  {
    rule: "I D21",
    name: "two payloads in no time",
    wrong: video([
      packet([0, 1].map((object) => ({ stream: 1, key: true, object, data: counting(30) })), { durationMs: 0 }),
    ]),
    right: video([packet([{ stream: 1, key: true, object: 0, data: counting(30) }], { durationMs: 0 })]),
  },
  {
    rule: "W D21",
    name: "a packet that ends long after the next begins",
    wrong: video(
      [0, 1].map((object) =>
        packet([{ stream: 1, key: true, object, data: counting(30) }], { sendTimeMs: object, durationMs: 1002 })
      ),
    ),
    right: video(
      [0, 1].map((object) =>
        packet([{ stream: 1, key: true, object, data: counting(30) }], { sendTimeMs: object, durationMs: 1001 })
      ),
    ),
  },
  { rule: "W D22", name: "video without key frames", wrong: payloads({ key: false }), right: payloads({}) },
  {
    rule: "W D22",
    name: "video whose first frame is no key",
    wrong: payloads({ key: false }, {}),
    right: payloads({}, { key: false }),
  },
  { rule: "W D24", name: "half a block of PCM", wrong: pcm(3), right: pcm(4) },
  { rule: "W D25", name: "media that begin late", wrong: payloads({ time: 2001 }), right: payloads({ time: 2000 }) },
  {
    rule: "W I01",
    name: "an index of no interval",
    wrong: video(EIGHT, [simpleIndex(0, RIGHT)]),
    right: video(EIGHT, [simpleIndex(SECOND, RIGHT)]),
  },
  {
    rule: "E I01",
    name: "an index larger than its entries",
    wrong: video(EIGHT, [join(indexWith(16, u64(56 + 6 * 6 + 6)), "000000000000")]),
    right: video(EIGHT, [simpleIndex(SECOND, RIGHT)]),
  },
  {
    rule: "W I02",
    name: "an entry that spans packets behind the data",
    wrong: video(EIGHT, [simpleIndex(SECOND, [...RIGHT.slice(0, 5), [4, 5]])]),
    right: video(EIGHT, [simpleIndex(SECOND, [...RIGHT.slice(0, 5), [4, 4]])]),
  },
  {
    rule: "W I05",
    name: "a wrong maximum of packets",
    wrong: video(EIGHT, [indexWith(48, u32(2))]),
    right: video(EIGHT, [indexWith(48, u32(1))]),
  },
  {
    rule: "W I06",
    name: "indexes that have changed places",
    wrong: twoVideos(OTHER, FIRST),
    right: twoVideos(FIRST, OTHER),
  },
  { rule: "W I06", name: "one index for two streams", wrong: twoVideos(FIRST), right: twoVideos(FIRST, OTHER) },
  {
    rule: "W I12",
    name: "time codes that lead to packets",
    wrong: timecodes({ type: 1 }),
    right: timecodes({ type: 3 }),
  },
  { rule: "W I12", name: "time codes that are not there", wrong: timecodes({ system: false }), right: timecodes({}) },
  {
    rule: "W I12",
    name: "ranges of time codes that go back",
    wrong: timecodes({ ranges: [1, 0] }),
    right: timecodes({}),
  },
];

/** A Data Object that says this size. */
function sized(size: number): Uint8Array {
  const properties = fileProperties({ packetCount: 8 });
  return join(header(properties, headerExtension(), videoStream(1)), data(EIGHT, { size }), new Uint8Array(64));
}

/** Packets that begin with these error correction data. */
function corrected(...starts: string[]): Uint8Array {
  const packets = starts.map((start, i) => {
    const whole = packet([{ stream: 1, key: true, object: i, data: counting(30) }]);
    const begun = join(start, whole.subarray(3));
    return join(begun, new Uint8Array(Math.max(0, 128 - begun.length))).subarray(0, 128);
  });
  return video(packets);
}

/** A packet that says its own length, with 20 bytes of padding. */
function lengthy(packetBytes: number): Uint8Array {
  const head = join("82 00 00 48 5d", u16(packetBytes), u8(20), u32(0), u16(10), "81 00", u32(0), "08");
  const bytes = 128 - 20 - head.length - 8;
  return video([join(head, u32(bytes), u32(1000), counting(bytes), new Uint8Array(20))]);
}

/** Sound of four bytes a block, in an object of so many. */
function pcm(bytes: number): Uint8Array {
  const stereo = audioStream(1).slice();
  stereo.set(join("0100 0200 401f0000 007d0000 0400 1000"), 78);
  const packets = [packet([{ stream: 1, key: true, object: 0, data: counting(bytes) }])];
  return join(header(fileProperties({ packetCount: 1 }), headerExtension(), stereo), data(packets));
}

for (const { rule, name, wrong, right } of CASES) {
  Deno.test(`validate() tells ${name} (${rule})`, async () => {
    const [broken, sound] = [await brokenRules(wrong), await brokenRules(right)];
    assert(broken.includes(rule), broken.join(", "));
    assert(!sound.includes(rule), sound.join(", "));
  });
}

Deno.test("validate() tells a compressed payload where extensions are declared (E D17)", async () => {
  const systems = [{ system: TIMECODE_SYSTEM, dataBytes: 14 }];
  const plain = compressed(20, 20);
  const head = header(fileProperties({ packetCount: 1 }), headerExtension(extendedStream(1, systems)), videoStream(1));
  const broken = await brokenRules(join(head, plain.slice(-178)));
  assert(broken.includes("E D17"), broken.join(", "));
  assert(!(await brokenRules(plain)).includes("E D17"));
});
