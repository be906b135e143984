import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { type AsfHeader, AsfReader, formatTree, inspectTree } from "../../src/inspect/mod.ts";
import {
  audioStream,
  data,
  extendedStream,
  fileProperties,
  guid,
  header,
  headerExtension,
  hex,
  join,
  object,
  streamProperties,
  u16,
  u32,
  u64,
  utf16,
  videoStream,
} from "./support/bytes.ts";

async function readHeader(...objects: Uint8Array[]): Promise<{ header: AsfHeader; rules: string[] }> {
  const reader = await AsfReader.open(join(header(fileProperties(), ...objects), data([])));
  return { header: reader.header, rules: reader.problems.map(({ rule }) => rule) };
}

/** Fields of the last object inside the Header Extension. */
async function readExtension(...objects: Uint8Array[]): Promise<{ fields: object; rules: string[] }> {
  const { header: found, rules } = await readHeader(headerExtension(...objects), audioStream(1));
  return { fields: found.object.children[1]!.children.at(-1)!.fields, rules };
}

const MUTEX_BITRATE = "D6E22A01-35DA-11D1-9034-00A0C90349BE";
const SHARING = "AF6060AA-5197-11D2-B6AF-00C04FD908E9";

/** A length in characters, and the text. */
const counted = (text: string) => join(u16(text.length + 1), utf16(text));
/** A length in bytes, and the text. */
const sized = (text: string) => join(u16(2 * text.length + 2), utf16(text));

const CASES: { name: string; bytes: Uint8Array; value: object }[] = [
  {
    name: "Codec List",
    bytes: object(
      "86D15240-311D-11D0-A3A4-00A0C90348F6",
      guid("86D15241-311D-11D0-A3A4-00A0C90348F6"),
      u32(2),
      join(u16(1), counted("h264"), u16(0), u16(4), "48323634"),
      join(u16(2), counted("Windows Media Audio 9.1"), counted(" 64 kbps"), u16(2), "6101"),
    ),
    value: {
      codecs: [
        { type: 1, name: "h264", description: "", info: hex("48323634") },
        { type: 2, name: "Windows Media Audio 9.1", description: " 64 kbps", info: hex("6101") },
      ],
    },
  },
  {
    name: "Script Command",
    bytes: object(
      "1EFB1A30-0B62-11D0-A39B-00A0C90348F6",
      guid("4B1ACBE3-100B-11D0-A39B-00A0C90348F6"),
      u16(2),
      u16(2),
      counted("URL"),
      counted("TEXT"),
      join(u32(3000), u16(1), counted("Hällo 🎬")),
      join(u32(4000), u16(7), u16(0)),
    ),
    value: {
      commands: [
        { timeMs: 3000, type: "TEXT", parameter: "Hällo 🎬" },
        { timeMs: 4000, type: "", parameter: "" },
      ],
    },
  },
  {
    name: "Marker",
    bytes: object(
      "F487CD01-A951-11CF-8EE6-00C00C205365",
      guid("4CFEDB20-75F6-11CF-9C0F-00A0C90349CB"),
      u32(2),
      u16(0),
      sized("chapters"),
      // The first entry is two bytes longer than its parts.
      join(u64(50), u64(31_000_000), u16(12 + 8 + 2), u32(7), u32(0), u32(4), utf16("one"), "ffff"),
      join(u64(3250), u64(41_000_000), u16(12 + 8), u32(1007), u32(0), u32(4), utf16("two")),
    ),
    value: {
      name: "chapters",
      markers: [
        { dataOffset: 50, timeTicks: 31_000_000, sendTimeMs: 7, flags: 0, description: "one" },
        { dataOffset: 3250, timeTicks: 41_000_000, sendTimeMs: 1007, flags: 0, description: "two" },
      ],
    },
  },
  {
    name: "Bitrate Mutual Exclusion",
    bytes: object("D6E229DC-35DA-11D1-9034-00A0C90349BE", guid(MUTEX_BITRATE), "0200 0100 0300"),
    value: { exclusionType: MUTEX_BITRATE, streamNumbers: [1, 3] },
  },
  {
    name: "Content Description",
    bytes: object(
      "75B22633-668E-11CF-A6D9-00AA0062CE6C",
      "0800 0400 0000 0200 0300",
      "54006900 74000000", // "Tit" and its NUL
      "41007500", // "Au" without one
      "0000",
      "52 00 ff", // an odd byte count
    ),
    value: { title: "Tit", author: "Au", copyright: "", description: "", rating: "R" },
  },
  {
    name: "Extended Content Description",
    bytes: object(
      "D2D0A440-E307-11D2-97F0-00A0C95EA850",
      u16(6),
      join(sized("WM/Year"), u16(0), sized("1999")),
      join(sized("B"), u16(1), u16(3), "010203"),
      join(sized("IsVBR"), u16(2), u16(4), u32(1)),
      join(sized("D"), u16(3), u16(4), u32(0xffffffff)),
      join(sized("Q"), u16(4), u16(8), u64(0xffff_ffff_ffff_ffffn)),
      join(sized("W"), u16(5), u16(3), "010203"), // a WORD of three bytes
    ),
    value: {
      attributes: [
        { name: "WM/Year", streamNumber: 0, languageIndex: 0, type: "string", value: "1999" },
        { name: "B", streamNumber: 0, languageIndex: 0, type: "bytes", value: hex("010203") },
        { name: "IsVBR", streamNumber: 0, languageIndex: 0, type: "bool", value: true },
        { name: "D", streamNumber: 0, languageIndex: 0, type: "dword", value: 0xffffffff },
        { name: "Q", streamNumber: 0, languageIndex: 0, type: "qword", value: 0xffff_ffff_ffff_ffffn },
        { name: "W", streamNumber: 0, languageIndex: 0, type: "word", value: hex("010203") },
      ],
    },
  },
  {
    name: "Metadata Library",
    bytes: object(
      "44231C94-9498-49D1-A141-1D134E457054",
      u16(2),
      join(u16(1), u16(2), u16(4), u16(2), u32(2), utf16("V"), u16(0)),
      join(u16(0), u16(0), u16(4), u16(6), u32(16), utf16("G"), guid(SHARING)),
    ),
    value: {
      attributes: [
        { name: "V", streamNumber: 2, languageIndex: 1, type: "bool", value: false },
        { name: "G", streamNumber: 0, languageIndex: 0, type: "guid", value: SHARING },
      ],
    },
  },
  {
    name: "Content Branding",
    bytes: object("2211B3FA-BD23-11D2-B4B7-00A0C955FC6E", "02000000 02000000 ffd8 02000000 6100 01000000 62"),
    value: { bannerType: 2, banner: hex("ffd8"), bannerUrl: "a", copyrightUrl: "b" },
  },
  {
    name: "Content Encryption",
    bytes: object("2211B3FB-BD23-11D2-B4B7-00A0C955FC6E", "01000000 aa 04000000 44524d00 01000000 6b 01000000 75"),
    value: { secretData: hex("aa"), protectionType: "DRM", keyId: "k", licenseUrl: "u" },
  },
  {
    name: "Extended Content Encryption",
    bytes: object("298AE614-2622-4C17-B935-DAE07EE9289C", u32(8), utf16("<a>")),
    value: { data: "<a>" },
  },
  {
    name: "Digital Signature",
    bytes: object("2211B3FC-BD23-11D2-B4B7-00A0C955FC6E", "02000000 03000000 aabbcc"),
    value: { signatureType: 2, signature: hex("aabbcc") },
  },
  {
    name: "Advanced Content Encryption",
    bytes: object(
      "43058533-6981-49E6-9B74-AD12CB86D58C",
      u16(1),
      guid("7A079BB6-DAA4-4E12-A5CA-91D38DC11A8D"),
      "01000000 0100 0100 0200 0500 01000000 dd",
    ),
    value: {
      systems: [{
        system: "7A079BB6-DAA4-4E12-A5CA-91D38DC11A8D",
        version: 1,
        encryptedObjects: [{ idType: 1, id: hex("0500") }],
        data: hex("dd"),
      }],
    },
  },
  {
    name: "Error Correction",
    bytes: object("75B22635-668E-11CF-A6D9-00AA0062CE6C", guid(SHARING), "01000000 07"),
    value: { errorCorrectionType: SHARING, data: hex("07") },
  },
  {
    name: "Advanced Mutual Exclusion",
    bytes: object("A08649CF-4775-4670-8A16-6E35357566CD", guid(MUTEX_BITRATE), "0200 0100 0300"),
    value: { exclusionType: MUTEX_BITRATE, streamNumbers: [1, 3] },
  },
  {
    name: "Group Mutual Exclusion",
    bytes: object("D1465A40-5A79-4338-B71B-E36B8FD6C249", guid(MUTEX_BITRATE), "0200 0100 0100 0200 0200 0300"),
    value: { exclusionType: MUTEX_BITRATE, groups: [[1], [2, 3]] },
  },
  {
    name: "Stream Prioritization",
    bytes: object("D4FED15B-88D3-454F-81F0-ED5C45999E24", "0200 0200 0100 0100 0000"),
    value: { priorities: [{ streamNumber: 2, isMandatory: true }, { streamNumber: 1, isMandatory: false }] },
  },
  {
    name: "Bandwidth Sharing",
    bytes: object("A69609E6-517B-11D2-B6AF-00C04FD908E9", guid(SHARING), "00fa0000 b80b0000 0100 0200"),
    value: { sharingType: SHARING, bitsPerSecond: 64_000, bufferSize: 3000, streamNumbers: [2] },
  },
  {
    name: "Language List",
    bytes: object("7C4346A9-EFE0-4BFC-B229-393EDE415C85", "0200 0C 65006E002D0075007300 0000 04 6400 6500"),
    value: { languages: ["en-us", "de"] },
  },
  {
    name: "Index Parameters",
    bytes: object("D6E229DF-35DA-11D1-9034-00A0C90349BE", "e8030000 0200 0100 0300 0200 0100"),
    value: { interval: 1000, specifiers: [{ streamNumber: 1, type: 3 }, { streamNumber: 2, type: 1 }] },
  },
  {
    name: "Compatibility",
    bytes: object("26F18B5D-4584-47EC-9F5F-0E651F0452C9", "02 01"),
    value: { profile: 2, mode: 1 },
  },
  { name: "Padding", bytes: object("1806D474-CADF-4509-A4BA-9AABCB96AAE8", new Uint8Array(5)), value: {} },
  {
    name: "unknown",
    bytes: object("00112233-4455-6677-8899-AABBCCDDEEFF", "0102"),
    value: { data: hex("0102") },
  },
];

for (const { name, bytes, value } of CASES) {
  Deno.test(`AsfReader reads the ${name} object`, async () => {
    assertEquals(await readExtension(bytes), { fields: value, rules: [] });
  });

  Deno.test(`AsfReader reads the ${name} object cut off at every byte`, async () => {
    for (let length = 24; length < bytes.byteLength; length++) {
      const cut = bytes.slice(0, length);
      cut.set(u64(length), 16);
      await readExtension(cut); // whatever it says, it comes back
    }
  });
}

Deno.test("AsfReader describes a video stream", async () => {
  const { header: found } = await readHeader(headerExtension(), videoStream(2, "WVC1", "2701 0203"));
  const { video, kind } = found.streams[0]!;
  assertEquals(kind, "video");
  assertEquals(video, {
    width: 320,
    height: 240,
    reservedFlags: 2,
    formatBytes: 44,
    infoBytes: 44,
    infoWidth: 320,
    infoHeight: 240,
    planeCount: 1,
    bitsPerPixel: 24,
    fourCC: "WVC1",
    imageBytes: 230_400,
    xPixelsPerMeter: 0,
    yPixelsPerMeter: 0,
    usedColorCount: 0,
    importantColorCount: 0,
    codecData: hex("2701 0203"),
  });
});

Deno.test("AsfReader finds codec data that only one of two sizes counts", async () => {
  const stream = videoStream(2, "WMV3", "01020304");
  stream.set(u32(40), 78 + 11); // biSize without it
  const { header: found } = await readHeader(headerExtension(), stream);
  assertEquals(found.streams[0]!.video!.codecData, hex("01020304"));
});

Deno.test("AsfReader writes a FourCC that is no text in hexadecimal", async () => {
  const { header: found } = await readHeader(headerExtension(), videoStream(2, "\u0000\u001bA\u00ff"));
  assertEquals(found.streams[0]!.video!.fourCC, "\\x00\\x1BA\\xFF");
});

Deno.test("AsfReader describes a WMA stream with Audio Spread", async () => {
  const format = hex("6101 0200 80BB0000 411F0000 AB0A 1000 0A00 00 88 00 00 0F 00 AD 2A 00 00");
  const stream = streamProperties("F8699E40-5B4D-11CF-A8FD-00805F5C442B", 0x8003, format, {
    type: "BFC3CD50-618F-11CF-8BB2-00AA00B4E220",
    data: "01 AB0A AB0A 0100 00",
  });
  const [found] = (await readHeader(headerExtension(), stream)).header.streams;
  assertEquals([found!.streamNumber, found!.isEncrypted], [3, true]);
  assertEquals(found!.spread, { span: 1, packetBytes: 2731, chunkBytes: 2731 });
  assertEquals(found!.audio, {
    formatTag: 0x0161,
    channelCount: 2,
    sampleRate: 48_000,
    bytesPerSecond: 8001,
    blockBytes: 2731,
    bitsPerSample: 16,
    codecData: hex("00 88 00 00 0F 00 AD 2A 00 00"),
  });
});

Deno.test("AsfReader describes PCM that ends before cbSize", async () => {
  const format = "0100 0100 401f0000 401f0000 0100 0800";
  const stream = streamProperties("F8699E40-5B4D-11CF-A8FD-00805F5C442B", 1, format);
  const { header: found, rules } = await readHeader(headerExtension(), stream);
  assertEquals(found.streams[0]!.audio!.codecData, new Uint8Array(0));
  assertEquals(rules, []);
});

Deno.test("AsfReader takes the audio of a recording out of its Binary stream", async () => {
  const format = hex("5000 0200 80BB0000 007D0000 0006 0000 0000");
  const typeData = join(
    guid("31178C9D-03E1-4528-B582-3DF9DB22F503"),
    guid("00000050-0000-0010-8000-00AA00389B71"),
    "01000000 00000000 00060000",
    guid("05589F81-C356-11CE-BF01-00AA0055595A"),
    u32(format.byteLength),
    format,
  );
  const stream = streamProperties("3AFB65E2-47EF-40F2-AC2C-70A90D71D343", 1, typeData);
  const [found] = (await readHeader(headerExtension(), stream)).header.streams;
  assertEquals([found!.kind, found!.audio!.formatTag, found!.audio!.sampleRate], ["audio", 0x50, 48_000]);
  assertEquals([found!.mediaType!.fixedSizeSamples, found!.mediaType!.sampleBytes], [true, 0x600]);
});

Deno.test("AsfReader joins what several objects say of a stream", async () => {
  const languages = object("7C4346A9-EFE0-4BFC-B229-393EDE415C85", "0100 06 6400 6500 0000");
  const bitrates = object("7BF875CE-468D-11D1-8D82-006097C9A2B2", "0100 0200 10270000");
  const hidden = extendedStream(5, [], audioStream(5));
  const systems = [{ system: "C6BD9450-867F-4907-83A3-C77921B733AD", dataBytes: 2 }];
  const { header: found, rules } = await readHeader(
    headerExtension(languages, extendedStream(2, systems), hidden),
    bitrates,
    videoStream(2),
  );
  assertEquals(
    found.streams.map((one) => [one.streamNumber, one.kind, one.isHidden, one.language, one.bitsPerSecond]),
    [
      [2, "video", false, "de", 10_000],
      [5, "audio", true, "de", 0],
    ],
  );
  assertEquals(found.streams[0]!.extended, {
    startTimeMs: 1000,
    endTimeMs: 2000,
    bitsPerSecond: 64_008,
    bufferMs: 1451,
    initialBufferMs: 0,
    alternateBitsPerSecond: 96_000,
    alternateBufferMs: 1600,
    alternateInitialBufferMs: 10,
    maxObjectBytes: 2731,
    flags: 2,
    streamNumber: 2,
    languageIndex: 0,
    frameTicks: 400_000,
    names: [],
    payloadExtensions: [{ system: systems[0]!.system, dataBytes: 2, info: new Uint8Array(0) }],
  });
  assertEquals(rules, []);
});

Deno.test("AsfReader gathers attributes, padding and unknown objects wherever they stand", async () => {
  const attribute = (name: string) =>
    object("D2D0A440-E307-11D2-97F0-00A0C95EA850", u16(1), sized(name), "0300 0400 07000000");
  const padding = object("1806D474-CADF-4509-A4BA-9AABCB96AAE8", new Uint8Array(6));
  const { header: found } = await readHeader(
    headerExtension(attribute("a"), padding, object("00112233-4455-6677-8899-AABBCCDDEEFF", "01")),
    padding,
    attribute("b"),
    audioStream(1),
  );
  assertEquals(found.attributes.map(({ name }) => name), ["a", "b"]);
  assertEquals(found.paddingBytes, 60);
  assertEquals(found.unknownObjects.map(({ guid, bytes }) => [guid, bytes]), [
    ["00112233-4455-6677-8899-AABBCCDDEEFF", hex("01")],
  ]);
});

const FAULTS: { name: string; bytes: () => Uint8Array; rules: string[] }[] = [
  {
    name: "a wrong object count",
    bytes: () => {
      const bytes = header(fileProperties(), headerExtension(), audioStream(1));
      bytes[24] = 9;
      return bytes;
    },
    rules: ["H02"],
  },
  {
    name: "a wrong reserved byte",
    bytes: () => {
      const bytes = header(fileProperties(), headerExtension(), audioStream(1));
      bytes[29] = 3;
      return bytes;
    },
    rules: ["H03"],
  },
  {
    name: "two streams of one number",
    bytes: () => header(fileProperties(), audioStream(1), videoStream(1)),
    rules: ["S02"],
  },
  { name: "stream number 0", bytes: () => header(fileProperties(), audioStream(0), videoStream(1)), rules: ["S02"] },
  { name: "no stream", bytes: () => header(fileProperties(), headerExtension()), rules: ["H06"] },
  {
    name: "two File Properties",
    bytes: () => header(fileProperties(), fileProperties(), audioStream(1)),
    rules: ["H04"],
  },
  {
    name: "two packet sizes",
    bytes: () => header(fileProperties({ minPacketBytes: 100 }), audioStream(1)),
    rules: ["F02"],
  },
  {
    name: "an object that is larger than its parent",
    bytes: () => {
      const last = object("00112233-4455-6677-8899-AABBCCDDEEFF", "01");
      last.set(u64(2n ** 63n), 16);
      return header(fileProperties(), audioStream(1), last);
    },
    rules: ["T04"],
  },
  {
    name: "an object of size 0",
    bytes: () => {
      const last = object("00112233-4455-6677-8899-AABBCCDDEEFF");
      last.set(u64(0), 16);
      return header(fileProperties(), audioStream(1), last);
    },
    rules: ["T04"],
  },
  {
    name: "a list that is cut off",
    bytes: () =>
      header(fileProperties(), audioStream(1), object("7BF875CE-468D-11D1-8D82-006097C9A2B2", "0500 0100 01000000")),
    rules: ["X02"],
  },
  {
    name: "bytes behind what an object says",
    bytes: () => header(fileProperties(), audioStream(1), object("26F18B5D-4584-47EC-9F5F-0E651F0452C9", "02 01 00")),
    rules: ["X02"],
  },
  {
    name: "bytes between the last object and the end",
    bytes: () => header(fileProperties(), headerExtension(hex("010203")), audioStream(1)),
    rules: ["H01"],
  },
];

for (const { name, bytes, rules } of FAULTS) {
  Deno.test(`AsfReader reports ${name}`, async () => {
    const reader = await AsfReader.open(join(bytes(), data([])));
    assertEquals(reader.problems.map(({ rule }) => rule), rules);
  });
}

const whole = join(header(fileProperties(), audioStream(1)), data([]));

const REFUSED: { name: string; bytes: Uint8Array; code: string; message: string }[] = [
  { name: "nothing", bytes: new Uint8Array(0), code: "bad-media", message: "at byte 0, got nothing" },
  {
    name: "another format",
    bytes: join(new TextEncoder().encode("RIFF\x10\0\0\0WAVEfmt "), new Uint8Array(40)),
    code: "bad-media",
    message: "at byte 0, got 52 49 46 46 10 00 00 00 57 41 56 45 66 6d 74 20",
  },
  { name: "a header cut off", bytes: whole.slice(0, 100), code: "bad-media", message: "is cut off" },
  {
    name: "a header without data",
    bytes: header(fileProperties(), audioStream(1)),
    code: "bad-media",
    message: "a Data Object must begin at byte",
  },
  {
    name: "no File Properties",
    bytes: join(header(audioStream(1)), data([])),
    code: "bad-media",
    message: "no File Properties",
  },
  {
    name: "packets of no size",
    bytes: join(header(fileProperties({ packetBytes: 0 }), audioStream(1)), data([])),
    code: "bad-media",
    message: "packets of 0 bytes",
  },
  {
    name: "packets of 15 bytes",
    bytes: join(header(fileProperties({ packetBytes: 15 }), audioStream(1)), data([])),
    code: "bad-media",
    message: "packets of 15 bytes",
  },
  {
    name: "packets of 4 GB",
    bytes: join(header(fileProperties({ packetBytes: 0xffffffff }), audioStream(1)), data([])),
    code: "bad-media",
    message: "packets of 4294967295 bytes",
  },
  {
    name: "a header of many GB",
    bytes: join(guid("75B22630-668E-11CF-A6D9-00AA0062CE6C"), u64(2n ** 40n), new Uint8Array(6)),
    code: "too-large",
    message: "must not exceed 67108864 bytes, got 1099511627776",
  },
];

for (const { name, bytes, code, message } of REFUSED) {
  Deno.test(`AsfReader.open() refuses ${name}`, async () => {
    const error = await assertRejects(() => AsfReader.open(bytes), MuxError, message);
    assertEquals(error.code, code);
  });
}

Deno.test("AsfReader.open() skips objects between header and data", async () => {
  const stray = object("00112233-4455-6677-8899-AABBCCDDEEFF", new Uint8Array(100));
  const head = header(fileProperties(), audioStream(1));
  const reader = await AsfReader.open(join(head, stray, data([])));
  assertEquals(reader.data!.offset, head.byteLength + stray.byteLength);
  assertEquals(reader.problems.map(({ rule }) => rule), ["T02"]);
});

Deno.test("inspectTree() shows what is there of a header that is cut off", async () => {
  const tree = await inspectTree(whole.slice(0, 30 + 104 + 30));
  assertEquals(tree.children.map(({ name }) => name), ["Header Object"]);
  assertEquals(tree.children[0]!.children[0]!.fields.maxPacketBytes, 128);
  assertEquals(tree.problems.map(({ rule }) => rule).slice(0, 1), ["T04"]);
});

Deno.test("formatTree() lets no text of the file at the terminal", async () => {
  const title = '\u001b[2J\u009b31m\u202e"x"';
  const description = object(
    "75B22633-668E-11CF-A6D9-00AA0062CE6C",
    u16(2 * title.length),
    new Uint8Array(8),
    utf16(title).slice(0, -2),
  );
  const text = formatTree(await inspectTree(join(header(fileProperties(), description, audioStream(1)), data([]))));
  const line = text.split("\n").find((one) => one.includes("title"));
  assertEquals(line?.trim(), String.raw`title: "\u001b[2J\u009b31m\u202e\"x\""`);
});

Deno.test("a header of nothing but empty objects is read in bounded memory", async () => {
  const empty = object("00112233-4455-6677-8899-AABBCCDDEEFF");
  const many = new Uint8Array(24 * 100_000);
  for (let at = 0; at < many.byteLength; at += 24) many.set(empty, at);
  const { header: found, rules } = await readHeader(audioStream(1), many);
  assertEquals(found.object.children.length, 4096);
  assertEquals(rules, ["H01", "H02"]);
});
