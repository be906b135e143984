/** Headers that break one rule each, and are sound without it. */

import { assert } from "@std/assert";
import { brokenRules } from "../support/valid.ts";
import {
  audioStream,
  data,
  extendedStream,
  fileProperties,
  guid,
  header,
  headerExtension,
  join,
  object,
  type Part,
  streamProperties,
  u16,
  u32,
  u64,
  u8,
  utf16,
  videoStream,
} from "./support/bytes.ts";

const AUDIO = "F8699E40-5B4D-11CF-A8FD-00805F5C442B";
const VIDEO = "BC19EFC0-5B4D-11CF-A8FD-00805F5C442B";
const AUDIO_SPREAD = "BFC3CD50-618F-11CF-8BB2-00AA00B4E220";
const METADATA = "C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA";
const METADATA_LIBRARY = "44231C94-9498-49D1-A141-1D134E457054";
const DESCRIPTORS = "D2D0A440-E307-11D2-97F0-00A0C95EA850";
const STREAM_BITRATES = "7BF875CE-468D-11D1-8D82-006097C9A2B2";
const EXCLUSION = "D6E229DC-35DA-11D1-9034-00A0C90349BE";
const ADVANCED_EXCLUSION = "A08649CF-4775-4670-8A16-6E35357566CD";
const GROUP_EXCLUSION = "D1465A40-5A79-4338-B71B-E36B8FD6C249";
const BANDWIDTH_SHARING = "A69609E6-517B-11D2-B6AF-00C04FD908E9";
const PRIORITIES = "D4FED15B-88D3-454F-81F0-ED5C45999E24";
const INDEX_PARAMETERS = "D6E229DF-35DA-11D1-9034-00A0C90349BE";
const SIGNATURE = "2211B3FC-BD23-11D2-B4B7-00A0C955FC6E";
const COMMANDS = "1EFB1A30-0B62-11D0-A39B-00A0C90348F6";
const CODECS = "86D15240-311D-11D0-A3A4-00A0C90348F6";
const CODECS_RESERVED = guid("86D15241-311D-11D0-A3A4-00A0C90348F6");
const ANY = guid("D6E22A01-35DA-11D1-9034-00A0C90349BE");

interface Streams {
  streams?: Uint8Array[];
}

/** A header of these objects in and outside of its extension, with an audio and a video stream. */
function file(inner: Part[], outer: Uint8Array[] = [], { streams = [audioStream(1), videoStream(2)] }: Streams = {}) {
  return join(header(fileProperties(), headerExtension(...inner), ...streams, ...outer), data([]));
}

function withStream(...streams: Uint8Array[]): Uint8Array {
  return file([], [], { streams });
}

/** With a value of bytes. */
function record(name: string, value: Uint8Array, { language = 0, type = 1, stream = 0 } = {}): Uint8Array {
  const text = utf16(name);
  return join(u16(language), u16(stream), u16(text.length), u16(type), u32(value.length), text, value);
}

function picture(type: number): Uint8Array {
  const text = utf16("WM/Picture");
  const value = join(u8(type), u32(1), utf16("image/png"), utf16(""), "00");
  return join(u16(text.length), text, u16(1), u16(value.length), value);
}

function commands(...times: number[]): Uint8Array {
  return object(
    COMMANDS,
    guid("4B1ACBE3-100B-11D0-A39B-00A0C90348F6"),
    u16(times.length),
    u16(1),
    u16(1),
    "6100",
    ...times.map((ms) => join(u32(ms), u16(0), u16(0))),
  );
}

function bitrates(...list: [number, number][]): Uint8Array {
  return object(STREAM_BITRATES, u16(list.length), ...list.map(([stream, rate]) => join(u16(stream), u32(rate))));
}

function priorities(...list: [number, number][]): Uint8Array {
  return object(PRIORITIES, u16(list.length), ...list.map(([stream, flags]) => join(u16(stream), u16(flags))));
}

function numbers(...list: number[]): Uint8Array {
  return join(u16(list.length), ...list.map(u16));
}

/** Extended Stream Properties of stream 1, with another value at an offset. */
function extendedWith(at: number, value: Uint8Array): Uint8Array {
  const bytes = extendedStream(1, []).slice();
  bytes.set(value, at);
  return bytes;
}

function codecs(reserved: Part, type: number, infoBytes: number): Uint8Array {
  return object(CODECS, reserved, u32(1), u16(type), u16(0), u16(0), u16(infoBytes), new Uint8Array(infoBytes));
}

function parameters(interval: number, ...specifiers: [number, number][]): Uint8Array {
  const list = specifiers.map(([stream, type]) => join(u16(stream), u16(type)));
  return object(INDEX_PARAMETERS, u32(interval), u16(specifiers.length), ...list);
}

function audioOf(format: Part, spread?: Part): Uint8Array {
  const correction = spread === undefined ? undefined : { type: AUDIO_SPREAD, data: spread };
  return streamProperties(AUDIO, 1, format, correction);
}

const WMA = "6101 0100 401f0000 e8030000 4001 1000 0000"; // blocks of 320 bytes
const PCM_WITHOUT_SIZE = "0100 0100 401f0000 401f0000 0100 0800";

interface Video {
  width?: number;
  flags?: number;
  formatBytes?: number;
  infoBytes?: number;
  planes?: number;
  bitsPerPixel?: number;
  more?: Part;
}

/** 320×240, uncompressed. */
function videoOf(format: Video): Uint8Array {
  const { width = 320, flags = 2, formatBytes = 40, infoBytes = 40, planes = 1, bitsPerPixel = 24, more = "" } = format;
  const sizes = join(u32(infoBytes), u32(320), u32(240), u16(planes), u16(bitsPerPixel));
  const info = join(sizes, u32(0), u32(0), new Uint8Array(16));
  return streamProperties(VIDEO, 2, join(u32(width), u32(240), u8(flags), u16(formatBytes), info, more));
}

/** File Properties with another value at an offset. */
function properties(at: number, value: Uint8Array): Uint8Array {
  const bytes = fileProperties().slice();
  bytes.set(value, at);
  return join(header(bytes, headerExtension(), videoStream(1)), data([]));
}

/** A header with something behind its objects. */
function headerOf(more: Part = ""): Uint8Array {
  const whole = header(fileProperties(), headerExtension(), videoStream(1));
  const bytes = join(whole, more);
  bytes.set(u64(bytes.length), 16);
  return join(bytes, data([]));
}

/** What is right stands beside what is wrong, so that a rule that always speaks is found too. */
const CASES: { rule: string; name: string; wrong: Uint8Array; right: Uint8Array }[] = [
  {
    rule: "W H07",
    name: "a stream before File Properties",
    wrong: join(header(videoStream(1), fileProperties(), headerExtension()), data([])),
    right: join(header(fileProperties(), videoStream(1), headerExtension()), data([])),
  },
  {
    rule: "E H01",
    name: "a header with bytes behind its objects",
    wrong: headerOf("0000"),
    right: headerOf(),
  },
  {
    rule: "E F01",
    name: "File Properties too short",
    wrong: properties(16, u64(100)),
    right: properties(16, u64(104)),
  },
  { rule: "I F06", name: "no file ID", wrong: properties(24, new Uint8Array(16)), right: file([]) },
  {
    rule: "W F03",
    name: "packets of 99 bytes",
    wrong: properties(92, join(u32(99), u32(99))),
    right: properties(92, join(u32(100), u32(100))),
  },
  {
    rule: "E F03",
    name: "packets of no size",
    wrong: properties(92, join(u32(0), u32(0))),
    right: properties(92, join(u32(100), u32(100))),
  },
  {
    rule: "E F02",
    name: "packets of two sizes",
    wrong: properties(92, join(u32(100), u32(101))),
    right: properties(92, join(u32(100), u32(100))),
  },
  {
    rule: "I F15",
    name: "a date of 1970",
    wrong: properties(48, u64(116_444_736_000_000_000n)),
    right: properties(48, u64(116_444_736_000_000_001n)),
  },
  { rule: "W F14", name: "a bit rate of 99", wrong: properties(100, u32(99)), right: properties(100, u32(100)) },
  {
    rule: "I H10",
    name: "no Codec List",
    wrong: file([], [bitrates()]),
    right: file([], [bitrates(), codecs(CODECS_RESERVED, 2, 2)]),
  },
  {
    rule: "I H10",
    name: "no bit rates",
    wrong: file([], [codecs(CODECS_RESERVED, 2, 2)]),
    right: file([], [bitrates(), codecs(CODECS_RESERVED, 2, 2)]),
  },
  {
    rule: "I S03",
    name: "reserved bytes of a stream",
    wrong: withStream(videoStream(1)),
    right: withStream(join(videoStream(1).slice(0, 74), u32(0), videoStream(1).slice(78))),
  },
  {
    rule: "W S05",
    name: "time offsets that differ",
    wrong: withStream(
      audioStream(1),
      (() => {
        const bytes = videoStream(2).slice();
        bytes[56] = 1;
        return bytes;
      })(),
    ),
    right: withStream(audioStream(1), videoStream(2)),
  },
  {
    rule: "E S06",
    name: "an audio format of 14 bytes",
    wrong: withStream(audioOf("0100 0100 401f0000 401f0000 0100")),
    right: withStream(audioOf(PCM_WITHOUT_SIZE)),
  },
  {
    rule: "E S06",
    name: "an audio format with two bytes more than it says",
    wrong: withStream(audioOf(`${PCM_WITHOUT_SIZE} 0000 0000`)),
    right: withStream(audioOf(`${PCM_WITHOUT_SIZE} 0200 0000`)),
  },
  {
    rule: "W S06",
    name: "an audio format without codec data size",
    wrong: withStream(audioOf(PCM_WITHOUT_SIZE)),
    right: withStream(audioOf(`${PCM_WITHOUT_SIZE} 0000`)),
  },
  {
    rule: "W S09",
    name: "audio spread longer than its silence",
    wrong: withStream(audioOf(WMA, "01 4001 4001 0100 00 00")),
    right: withStream(audioOf(WMA, "01 4001 4001 0200 00 00")),
  },
  {
    rule: "W S09",
    name: "audio spread of no span",
    wrong: withStream(audioOf(WMA, "00 4001 4001 0100 00")),
    right: withStream(audioOf(WMA, "01 4001 4001 0100 00")),
  },
  {
    rule: "W S09",
    name: "audio spread in chunks of nothing",
    wrong: withStream(audioOf(WMA, "02 4001 0000 0100 00")),
    right: withStream(audioOf(WMA, "02 4001 5000 0100 00")),
  },
  {
    rule: "W S09",
    name: "audio spread in chunks that do not fill a packet",
    wrong: withStream(audioOf(WMA, "02 4001 5100 0100 00")),
    right: withStream(audioOf(WMA, "02 4001 a000 0100 00")),
  },
  {
    rule: "W S10",
    name: "audio spread of PCM",
    wrong: withStream(audioOf(`${PCM_WITHOUT_SIZE} 0000`, "01 0100 0100 0100 00")),
    right: withStream(audioOf(WMA, "01 4001 4001 0100 00")),
  },
  {
    rule: "E S11",
    name: "a bitmap info too short",
    wrong: withStream(videoOf({ formatBytes: 39, infoBytes: 39 })),
    right: withStream(videoOf({ more: "" })),
  },
  {
    rule: "E S11",
    name: "video data behind its format",
    wrong: withStream(videoOf({ more: "00" })),
    right: withStream(videoOf({ more: "00", formatBytes: 41, infoBytes: 41 })),
  },
  {
    rule: "E S11",
    name: "a format that is not its bitmap info's size",
    wrong: withStream(videoOf({ infoBytes: 41 })),
    right: withStream(videoOf({})),
  },
  {
    rule: "W S12",
    name: "reserved flags of video that are not 2",
    wrong: withStream(videoOf({ flags: 1 })),
    right: withStream(videoOf({})),
  },
  {
    rule: "W S12",
    name: "two planes",
    wrong: withStream(videoOf({ planes: 2 })),
    right: withStream(videoOf({})),
  },
  {
    rule: "W S12",
    name: "two widths",
    wrong: withStream(videoOf({ width: 322 })),
    right: withStream(videoOf({})),
  },
  {
    rule: "W S14",
    name: "a stream of a type that FFmpeg does not open",
    wrong: withStream(streamProperties("35907DE0-E415-11CF-A917-00805F5C442B", 1, "")),
    right: withStream(streamProperties("59DACFC0-59E6-11D0-A3AC-00A0C90348F6", 1, "")),
  },
  {
    rule: "W S15",
    name: "error correction of commands",
    wrong: withStream(
      streamProperties("59DACFC0-59E6-11D0-A3AC-00A0C90348F6", 1, "", { type: AUDIO_SPREAD, data: "0100000000000000" }),
    ),
    right: withStream(streamProperties("59DACFC0-59E6-11D0-A3AC-00A0C90348F6", 1, "")),
  },
  {
    rule: "E S02",
    name: "a stream number twice",
    wrong: withStream(videoStream(1), videoStream(1)),
    right: withStream(videoStream(1), videoStream(2)),
  },
  {
    rule: "E S01",
    name: "a stream larger than its data",
    wrong: withStream(videoStream(1).with(68, 1)),
    right: withStream(videoStream(1)),
  },
  {
    rule: "E S13",
    name: "12 bits a pixel",
    wrong: withStream(videoOf({ bitsPerPixel: 12 })),
    right: withStream(videoOf({})),
  },
  {
    rule: "E S13",
    name: "WMV3 without codec data",
    wrong: withStream(videoStream(1, "WMV3")),
    right: withStream(videoStream(1, "WMV3", "4ef91a01")),
  },
  {
    rule: "E S13",
    name: "WVC1 without codec data",
    wrong: withStream(videoStream(1, "WVC1")),
    right: withStream(videoStream(1, "WVC1", "25000001")),
  },
  {
    rule: "W X01",
    name: "another second reserved field of the Header Extension",
    wrong: file([]).with(30 + 104 + 40, 5),
    right: file([]),
  },
  {
    rule: "E X01",
    name: "a Header Extension that says it holds more",
    wrong: file([]).with(30 + 104 + 42, 1),
    right: file([]),
  },
  {
    rule: "W X03",
    name: "a wrong reserved field of the Codec List",
    wrong: file([], [codecs(ANY, 2, 2)]),
    right: file([], [codecs(CODECS_RESERVED, 2, 2)]),
  },
  {
    rule: "W X03",
    name: "four bytes about an audio codec",
    wrong: file([], [codecs(CODECS_RESERVED, 2, 4)]),
    right: file([], [codecs(CODECS_RESERVED, 1, 4)]),
  },
  {
    rule: "W X03",
    name: "a codec of type 3",
    wrong: file([], [codecs(CODECS_RESERVED, 3, 2)]),
    right: file([], [codecs(CODECS_RESERVED, 0xffff, 2)]),
  },
  {
    rule: "W X04",
    name: "commands that go back in time",
    wrong: file([], [commands(2000, 1999)]),
    right: file([], [commands(1000, 1000)]),
  },
  {
    rule: "W X04",
    name: "a command before the preroll",
    wrong: file([], [commands(999)]),
    right: file([], [commands(1000)]),
  },
  {
    rule: "W X06",
    name: "an odd stream name",
    wrong: file([join(...namedStream("610000"))]),
    right: file([join(...namedStream("61000000"))]),
  },
  {
    rule: "W X09",
    name: "65 536 bytes in the Metadata Object",
    wrong: file([object(METADATA, u16(1), record("a", new Uint8Array(65_536)))]),
    right: file([object(METADATA, u16(1), record("a", new Uint8Array(65_535)))]),
  },
  {
    rule: "W X10",
    name: "a language in the Metadata Object",
    wrong: file([object(METADATA, u16(1), record("a", u8(0), { language: 1 }))]),
    right: file([object(METADATA, u16(1), record("a", u8(0)))]),
  },
  {
    rule: "W X10",
    name: "a record in a language that is not there",
    wrong: file([object(METADATA_LIBRARY, u16(1), record("a", u8(0), { language: 1 }))]),
    right: file([object(METADATA_LIBRARY, u16(1), record("a", u8(0)))]),
  },
  {
    rule: "W X10",
    name: "a stream in a language that is not there",
    wrong: file([extendedWith(74, u16(1))]),
    right: file([extendedStream(1, [])]),
  },
  {
    rule: "W X12",
    name: "two rates of one stream",
    wrong: file([], [bitrates([1, 9], [1, 9], [2, 9])]),
    right: file([], [bitrates([1, 9], [2, 9])]),
  },
  {
    rule: "W X12",
    name: "a stream without a rate",
    wrong: file([], [bitrates([1, 9])]),
    right: file([], [bitrates([1, 9], [2, 9])]),
  },
  {
    rule: "W X13",
    name: "sound or pictures",
    wrong: file([], [object(EXCLUSION, ANY, numbers(1, 2))]),
    right: file([], [object(EXCLUSION, ANY, numbers(2))]),
  },
  {
    rule: "W X14",
    name: "a mandatory stream behind an optional one",
    wrong: file([priorities([1, 0], [2, 1])]),
    right: file([priorities([2, 1], [1, 0])]),
  },
  {
    rule: "W X14",
    name: "a stream twice by priority",
    wrong: file([priorities([1, 1], [1, 1])]),
    right: file([priorities([1, 1], [2, 1])]),
  },
  {
    rule: "W X15",
    name: "a data rate of 0",
    wrong: file([extendedWith(40, u32(0))]),
    right: file([extendedStream(1, [])]),
  },
  {
    rule: "W X15",
    name: "a buffer fuller than it is large",
    wrong: file([extendedWith(48, u32(1452))]),
    right: file([extendedWith(48, u32(1451))]),
  },
  {
    rule: "W X15",
    name: "an alternate buffer fuller than it is large",
    wrong: file([extendedWith(60, u32(1601))]),
    right: file([extendedWith(60, u32(1600))]),
  },
  {
    rule: "W X15",
    name: "reserved flags of a stream",
    wrong: file([extendedWith(68, u32(16))]),
    right: file([extendedWith(68, u32(15))]),
  },
  {
    rule: "E X16",
    name: "properties of stream 1 that describe stream 3",
    wrong: file([extendedStream(1, [], videoStream(3))]),
    right: file([extendedStream(3, [], videoStream(3))]),
  },
  {
    rule: "E X18",
    name: "index parameters of no stream",
    wrong: file([parameters(1000)]),
    right: file([parameters(1000, [1, 1])]),
  },
  {
    rule: "E X18",
    name: "index parameters of type 4",
    wrong: file([parameters(1000, [1, 4])]),
    right: file([parameters(1000, [1, 3])]),
  },
  {
    rule: "W X19",
    name: "a signature",
    wrong: file([], [object(SIGNATURE, u32(2), u32(1), "00")]),
    right: file([]),
  },
  {
    rule: "W X21",
    name: "a picture of type 21",
    wrong: file([], [object(DESCRIPTORS, u16(1), picture(21))]),
    right: file([], [object(DESCRIPTORS, u16(1), picture(20))]),
  },
  {
    rule: "W X21",
    name: "two icons",
    wrong: file([], [object(DESCRIPTORS, u16(2), picture(1), picture(1))]),
    right: file([], [object(DESCRIPTORS, u16(2), picture(1), picture(2))]),
  },
  ...references("a record", (number) => object(METADATA, u16(1), record("a", u8(0), { stream: number }))),
  ...references(
    "a record of the library",
    (number) => object(METADATA_LIBRARY, u16(1), record("a", u8(0), { stream: number })),
  ),
  ...references("an exclusion", (number) => object(EXCLUSION, ANY, numbers(1, number))),
  ...references("an advanced exclusion", (number) => object(ADVANCED_EXCLUSION, ANY, numbers(1, number))),
  ...references("a group", (number) => object(GROUP_EXCLUSION, ANY, u16(2), numbers(1), numbers(number))),
  ...references("shared bandwidth", (number) => object(BANDWIDTH_SHARING, ANY, u32(9), u32(9), numbers(1, number))),
  ...references("a priority", (number) => priorities([1, 1], [number, 1])),
  ...references("index parameters", (number) => parameters(1000, [number, 1])),
];

/** Extended Stream Properties with one name. */
function namedStream(text: string): Part[] {
  const bytes = extendedStream(1, []);
  const name = join(u16(0), u16(text.length / 2), text);
  const size = bytes.slice(16, 24);
  size[0]! += name.length;
  return [bytes.slice(0, 16), size, bytes.slice(24, 84), u16(1), bytes.slice(86), name];
}

function references(name: string, make: (streamNumber: number) => Uint8Array) {
  return [{
    rule: "E X11",
    name: `${name} of a stream that is not there`,
    wrong: file([make(9)]),
    right: file([make(2)]),
  }];
}

for (const { rule, name, wrong, right } of CASES) {
  Deno.test(`validate() tells ${name} (${rule})`, async () => {
    const [broken, sound] = [await brokenRules(wrong), await brokenRules(right)];
    assert(broken.includes(rule), broken.join(", "));
    assert(!sound.includes(rule), sound.join(", "));
  });
}
