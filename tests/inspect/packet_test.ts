import { assertEquals } from "@std/assert";
import { type AsfPacket, AsfReader, PacketParser } from "../../src/inspect/mod.ts";
import {
  audioStream,
  counting,
  data,
  file,
  fileProperties,
  header,
  hex,
  join,
  packet,
  videoStream,
} from "./support/bytes.ts";

const HEADER = header(fileProperties(), audioStream(1), videoStream(2));

/** What a packet says, in one line a payload: stream, key, object, offset + bytes / size, time. */
function told({ sendTimeMs, durationMs, paddingBytes, payloads }: AsfPacket): unknown[] {
  return [
    [sendTimeMs, durationMs, paddingBytes],
    ...payloads.map((one) =>
      `${one.streamNumber}${one.isKey ? "K" : ""} #${one.objectNumber} ${one.offset}+${one.data.byteLength}` +
      `/${one.objectSize} ${one.presentationMs}`
    ),
  ];
}

const single = (rest: string) => `82 00 00 00 5d 00000000 0200 ${rest}`;

const CASES: { name: string; bytes: Uint8Array; value: unknown[]; rules?: string[] }[] = [
  {
    name: "a single payload with the first fragment of a key frame",
    bytes: join("82 00 00 00 5D 00000000 0200 82 01 00000000 08 96000000 E8030000", counting(102, 1)),
    value: [[0, 2, 0], "2K #1 0+102/150 1000"],
  },
  {
    name: "multiple payloads of two streams",
    bytes: join(
      "82 00 00 09 5D 0D 02000000 1400 82",
      "82 01 66000000 08 96000000 E8030000 3000",
      counting(48, 103),
      "01 01 00000000 08 14000000 E8030000 1400",
      new Uint8Array(20).fill(0x80),
      new Uint8Array(13),
    ),
    value: [[2, 20, 13], "2K #1 102+48/150 1000", "1 #1 0+20/20 1000"],
  },
  {
    name: "a compressed payload",
    bytes: join(
      "82 00 00 08 5D 2D 16000000 1200 01 02 FC030000 01 14",
      ...[0x81, 0x82, 0x83].flatMap((fill) => ["14", new Uint8Array(20).fill(fill)]),
      new Uint8Array(45),
    ),
    value: [[22, 18, 45], "1 #2 0+20/20 1020", "1 #3 0+20/20 1040", "1 #4 0+20/20 1060"],
  },
  {
    name: "a compressed payload among others, object numbers wrapping",
    bytes: join(
      "82 00 00 11 5D 5000 16000000 1200 82 01 FF FC030000 01 0A 0500 01 AA 02 BB CC",
      "01 01 00000000 08 02000000 10040000 0200 DDEE",
      new Uint8Array(80),
    ),
    value: [[22, 18, 80], "1 #255 0+1/1 1020", "1 #0 0+2/2 1030", "1 #1 0+2/2 1040"],
  },
  {
    name: "no error correction data",
    bytes: join("00 5D 00000000 0200 01 07 00000000 08 69000000 E8030000", counting(105)),
    value: [[0, 2, 0], "1 #7 0+105/105 1000"],
  },
  {
    name: "a packet length that leaves the rest as padding",
    bytes: join(
      "82 00 00 40 5D 3000 00000000 0200 01 07 00000000 08 14000000 E8030000",
      counting(20),
      new Uint8Array(80),
    ),
    value: [[0, 2, 0], "1 #7 0+20/20 1000"],
  },
  {
    name: "a packet length beside a padding length",
    bytes: join(
      "82 00 00 48 5D 3300 02 00000000 0200 01 07 00000000 08 14000000 E8030000",
      counting(20),
      new Uint8Array(79),
    ),
    value: [[0, 2, 2], "1 #7 0+20/20 1000"],
  },
  {
    name: "a packet length that does not count the padding",
    bytes: join(
      "82 00 00 48 5D 3100 4F 00000000 0200 01 07 00000000 08 14000000 E8030000",
      counting(20),
      new Uint8Array(79),
    ),
    value: [[0, 2, 79], "1 #7 0+20/20 1000"],
  },
  {
    name: "lengths of other widths: DWORD padding, BYTE sequence, WORD offset and object number, DWORD replicated",
    bytes: join(
      "82 00 00 1A 6B AA 53000000 00000000 0200 01 0702 0000 08000000 0C000000 E8030000",
      counting(12),
      new Uint8Array(83),
    ),
    value: [[0, 2, 83], "1 #519 0+12/12 1000"],
    rules: ["D05"],
  },
  {
    name: "BYTE payload lengths",
    bytes: join("82 00 00 09 5D 60 00000000 0200 41 01 07 00000000 08 03000000 E8030000 03 AABBCC", new Uint8Array(96)),
    value: [[0, 2, 96], "1 #7 0+3/3 1000"],
  },
  {
    name: "padding without room for a payload",
    bytes: join("82 00 00 08 5D FF 00000000 0200", new Uint8Array(116)),
    value: [[0, 2, 255]],
    rules: ["D06", "D08"],
  },
  {
    name: "padding of a multi-payload packet that is wrong",
    bytes: join(
      "82 00 00 09 5D FF 00000000 0200 81 01 07 00000000 08 03000000 E8030000 0300 AABBCC",
      new Uint8Array(95),
    ),
    value: [[0, 2, 255], "1 #7 0+3/3 1000"],
    rules: ["D06", "D07"],
  },
  {
    name: "no payloads",
    bytes: join("82 00 00 09 5D 72 00000000 0200 80", new Uint8Array(115)),
    value: [[0, 2, 114]],
    rules: ["D08"],
  },
  {
    name: "a payload that runs past the packet",
    bytes: join(
      "82 00 00 09 5D 5F 00000000 0200 81 01 07 00000000 08 03000000 E8030000 FFFF AABBCC",
      new Uint8Array(95),
    ),
    value: [[0, 2, 95]],
    rules: ["D08"],
  },
  {
    name: "an empty payload before another",
    bytes: join(
      "82 00 00 09 5D 4E 00000000 0200 82 01 07 00000000 08 03000000 E8030000 0000",
      "01 08 00000000 08 03000000 E8030000 0300 AABBCC",
      new Uint8Array(78),
    ),
    value: [[0, 2, 78], "1 #8 0+3/3 1000"],
    rules: ["D08"],
  },
  {
    name: "replicated data of 2 bytes",
    bytes: join(single("01 07 00000000 02 0102"), counting(109)),
    value: [[0, 2, 0], "1 #7 0+108/undefined undefined"],
    rules: ["D10"],
  },
  {
    name: "replicated data past the packet",
    bytes: join(single("01 07 00000000 FF"), counting(110)),
    value: [[0, 2, 0]],
    rules: ["D08"],
  },
  {
    name: "compressed objects whose lengths do not add up",
    bytes: join(single("01 07 E8030000 01 0A 02 AABB FF"), new Uint8Array(105)),
    value: [[0, 2, 0], "1 #7 0+2/2 1000"],
    rules: ["D17"],
  },
];

for (const { name, bytes, value, rules = [] } of CASES) {
  Deno.test(`AsfReader.packets() reads ${name}`, async () => {
    const padded = join(bytes, new Uint8Array(Math.max(0, 128 - bytes.byteLength))).subarray(0, 128);
    const reader = await AsfReader.open(join(HEADER, data([padded])));
    const before = reader.problemCount;
    const packets = await Array.fromAsync(reader.packets(), told);
    assertEquals(packets, [value]);
    assertEquals(reader.problems.slice(before).map(({ rule }) => rule), rules);
  });
}

Deno.test("AsfReader.packets() reads a packet as Windows writes it", async () => {
  const bytes = join("82 00 00 08 5D 04 00000000 5501 01 02 00000000 08 AB0A0000 AB050000", new Uint8Array(2731 + 4));
  assertEquals(bytes.byteLength, 2762);
  const reader = await AsfReader.open(
    join(header(fileProperties({ packetBytes: 2762 }), audioStream(1)), data([bytes])),
  );
  assertEquals(await Array.fromAsync(reader.packets(), told), [[[0, 341, 4], "1 #2 0+2731/2731 1451"]]);
});

Deno.test("AsfReader.packets() gives the payload extensions", async () => {
  const bytes = packet([{ stream: 2, object: 1, extension: "2100 abcd", data: "01" }]);
  const [first] = await Array.fromAsync((await AsfReader.open(file([bytes]))).packets());
  assertEquals(first!.payloads[0]!.extensionData, hex("2100 abcd"));
  assertEquals(first!.payloads[0]!.replicatedData, hex("01000000 e8030000 2100 abcd"));
});

Deno.test("PacketParser takes packets whose padding a server removed", async () => {
  const parser = await PacketParser.fromHeader(join(HEADER, data([]))); // header chunks end with the Data Object's head
  const full = packet([{ stream: 1, object: 7, time: 1020, data: "aabbcc" }]);
  full.set([0, 0], 5);
  const [sample, ...others] = parser.samples(full.subarray(0, 128 - 94));
  assertEquals([sample!.data, sample!.presentationMs, sample!.packetNumber], [hex("aabbcc"), 20, 0]);
  assertEquals(others, []);
  const single = hex("82 00 00 00 5d 00000000 0200 01 08 00000000 08 03000000 fc030000 ddeeff");
  assertEquals(parser.packet(single).payloads[0]!.data, hex("ddeeff"));
  assertEquals(parser.problems.filter(({ rule }) => rule.startsWith("D")), []);
});

Deno.test("PacketParser puts objects together over packets", async () => {
  const parser = await PacketParser.fromHeader(HEADER);
  const fragment = (offset: number) =>
    packet([{ stream: 2, key: true, object: 0, offset, size: 60, data: counting(20, offset) }]);
  assertEquals(parser.samples(fragment(0)), []);
  assertEquals(parser.samples(fragment(20)), []);
  assertEquals(parser.samples(fragment(40)).map(({ data, isKey, packetNumber }) => [data, isKey, packetNumber]), [
    [counting(60), true, 0],
  ]);
});
