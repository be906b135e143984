import { assert, assertEquals } from "@std/assert";
import { AsfReader, type AsfSample } from "../../src/inspect/mod.ts";
import {
  audioStream,
  counting,
  data,
  extendedStream,
  file,
  fileProperties,
  header,
  headerExtension,
  hex,
  join,
  packet,
  type PayloadOptions,
  u16,
  u64,
  videoStream,
} from "./support/bytes.ts";

/** The samples with bytes of their own, and the rules broken. */
async function read(bytes: Uint8Array): Promise<{ samples: AsfSample[]; rules: string[] }> {
  const reader = await AsfReader.open(bytes);
  const before = reader.problemCount;
  const samples = await Array.fromAsync(reader.samples(), (one) => ({ ...one, data: one.data.slice() }));
  return { samples, rules: reader.problems.slice(before).map(({ rule }) => rule) };
}

const told = ({ streamNumber, objectNumber, data, presentationMs }: AsfSample) =>
  `${streamNumber} #${objectNumber} ${data.byteLength} @${presentationMs}`;

Deno.test("AsfReader.samples() puts interleaved fragments of two streams together", async () => {
  const { samples, rules } = await read(file([
    packet([{ stream: 2, key: true, object: 9, offset: 0, size: 100, data: counting(40) }]),
    packet([
      { stream: 2, key: true, object: 9, offset: 40, size: 100, data: counting(30, 40) },
      { stream: 1, object: 1, offset: 0, size: 20, time: 1010, data: counting(10, 200) },
    ]),
    packet([
      { stream: 1, object: 1, offset: 10, size: 20, time: 1010, data: counting(10, 210) },
      { stream: 2, key: true, object: 9, offset: 70, size: 100, data: counting(30, 70) },
    ]),
  ]));
  assertEquals(samples, [
    {
      streamNumber: 1,
      data: counting(20, 200),
      presentationMs: 10,
      decodeMs: 10,
      presentationTicks: undefined,
      isKey: true, // all audio is
      objectNumber: 1,
      packetNumber: 1,
      extensions: undefined,
    },
    {
      streamNumber: 2,
      data: counting(100),
      presentationMs: 0,
      decodeMs: 0,
      presentationTicks: undefined,
      isKey: true,
      objectNumber: 9,
      packetNumber: 0,
      extensions: undefined,
    },
  ]);
  assertEquals(rules, []);
});

Deno.test("AsfReader.samples() keeps object numbers going round", async () => {
  const packets = [254, 255, 0, 1].map((object) => packet([{ stream: 1, object, data: "aa" }]));
  assertEquals((await read(file(packets))).rules, []);
});

const FRAGMENT: PayloadOptions = { stream: 2, object: 3, size: 60, data: counting(20) };

const FAULTS: { name: string; payloads: PayloadOptions[]; samples: string[]; rules: string[] }[] = [
  {
    name: "an object whose start is missing",
    payloads: [{ ...FRAGMENT, offset: 40 }, { stream: 2, object: 4, data: "aa" }],
    samples: ["2 #4 1 @0"],
    rules: ["D14"],
  },
  {
    name: "an object whose end is missing",
    payloads: [FRAGMENT, { stream: 2, object: 4, data: "aa" }],
    samples: ["2 #4 1 @0"],
    rules: ["D14"],
  },
  { name: "an object cut off by the end", payloads: [FRAGMENT], samples: [], rules: ["D14"] },
  {
    name: "an object with a hole",
    payloads: [FRAGMENT, { ...FRAGMENT, offset: 40 }],
    samples: [],
    rules: ["D14"],
  },
  {
    name: "fragments with two sizes",
    payloads: [FRAGMENT, { ...FRAGMENT, offset: 20, size: 40 }],
    samples: [],
    rules: ["D14"],
  },
  {
    name: "fragments with two times",
    payloads: [FRAGMENT, { ...FRAGMENT, offset: 20, time: 1001 }, { ...FRAGMENT, offset: 40 }],
    samples: ["2 #3 60 @0"],
    rules: ["D15"],
  },
  {
    name: "a fragment that runs past its object",
    payloads: [FRAGMENT, { ...FRAGMENT, offset: 20, data: counting(41) }],
    samples: [],
    rules: ["D13"],
  },
  {
    name: "an object smaller than its payload",
    payloads: [{ ...FRAGMENT, size: 8 }],
    samples: ["2 #3 8 @0"],
    rules: ["D13"],
  },
  {
    name: "an object of more bytes than can be",
    payloads: [{ ...FRAGMENT, size: 0xffffffff }, { stream: 2, object: 4, data: "aa" }],
    samples: ["2 #4 1 @0"],
    rules: ["D13"],
  },
  {
    name: "a stream that is not declared, once",
    payloads: [{ stream: 5, object: 0, data: "aa" }, { stream: 5, object: 1, data: "aa" }, {
      stream: 1,
      object: 0,
      data: "bb",
    }],
    samples: ["1 #0 1 @0"],
    rules: ["D12"],
  },
  {
    name: "an object number left out",
    payloads: [{ stream: 1, object: 0, data: "aa" }, { stream: 1, object: 2, data: "bb" }],
    samples: ["1 #0 1 @0", "1 #2 1 @0"],
    rules: ["D16"],
  },
];

for (const { name, payloads, samples, rules } of FAULTS) {
  Deno.test(`AsfReader.samples() reports ${name}`, async () => {
    const found = await read(file(payloads.map((one) => packet([one]))));
    assertEquals(found.samples.map(told), samples);
    assertEquals(found.rules, rules);
  });
}

Deno.test("AsfReader.samples() takes a payload without replicated data as a whole object with the time before", async () => {
  const bare = join("82 00 00 00 5d 00000000 0200 01 01 00000000 00", counting(110));
  const { samples, rules } = await read(file([packet([{ stream: 1, object: 0, time: 1050, data: "aa" }]), bare]));
  assertEquals(samples.map(told), ["1 #0 1 @50", "1 #1 110 @50"]);
  assertEquals(rules, ["D10"]);
});

Deno.test("AsfReader.samples() reads the timing extension behind other extensions", async () => {
  const systems = [
    { system: "E165EC0E-19ED-45D7-B4A7-25CBD1E28E9B", dataBytes: 0xffff }, // file name: a WORD tells its length
    { system: "C6BD9450-867F-4907-83A3-C77921B733AD", dataBytes: 2 },
    { system: "FD3CC02A-06DB-4CFA-801C-7212D38745E4", dataBytes: 16 },
  ];
  const extension = (ticks: bigint) => join(u16(4), "61006200", u16(40), u64(0), u64(ticks));
  const frame = (object: number, time: number, ticks: bigint): PayloadOptions => (
    { stream: 2, object, time, extension: extension(ticks), data: "aa" }
  );
  const head = header(fileProperties(), headerExtension(extendedStream(2, systems)), videoStream(2));
  const { samples, rules } = await read(join(
    head,
    data([
      packet([frame(0, 1000, 10_400_000n)]),
      packet([frame(1, 1040, 11_200_005n)]),
      packet([frame(2, 1080, 0xffff_ffff_ffff_ffffn)]), // none
    ]),
  ));
  assertEquals(
    samples.map(({ presentationTicks, presentationMs, decodeMs }) => [presentationTicks, presentationMs, decodeMs]),
    [
      [400_000, 40, 0],
      [1_200_005, 120.0005, 40],
      [undefined, 80, 80],
    ],
  );
  assertEquals(rules, []);
});

Deno.test("AsfReader.samples() goes without a timing that is declared and missing", async () => {
  const systems = [{ system: "FD3CC02A-06DB-4CFA-801C-7212D38745E4", dataBytes: 48 }];
  const head = header(fileProperties(), headerExtension(extendedStream(2, systems)), videoStream(2));
  const { samples, rules } = await read(join(head, data([packet([{ stream: 2, object: 0, time: 1040, data: "aa" }])])));
  assertEquals(samples.map(({ presentationTicks, presentationMs }) => [presentationTicks, presentationMs]), [[
    undefined,
    40,
  ]]);
  assertEquals(rules, ["D11"]);
});

Deno.test("AsfReader.samples() undoes the interleaving of spread audio", async () => {
  // Span 3, packets of 4 bytes, chunks of 2: playing order is chunks 0 2 4 1 3 5.
  const spread = { type: "BFC3CD50-618F-11CF-8BB2-00AA00B4E220", data: "03 0400 0200 0100 00" };
  const head = header(fileProperties(), headerExtension(), audioStream(1, spread));
  const { samples } = await read(join(
    head,
    data([packet([
      { stream: 1, object: 0, data: "0001 1011 2021 3031 4041 5051" },
      { stream: 1, object: 1, data: "0001 1011" }, // no whole matrix: as it is
    ])]),
  ));
  assertEquals(samples.map(({ data }) => data), [hex("0001 2021 4041 1011 3031 5051"), hex("0001 1011")]);
});

Deno.test("AsfReader.samples() puts an object together that is larger than what is read in one go", async () => {
  const packetBytes = 50_000;
  const size = 3_000_000;
  const bytes = Uint8Array.from({ length: size }, (_, at) => at * 31 >> 3);
  const packets: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += 49_000) {
    const payload = { stream: 2, key: true, object: 0, offset, size, data: bytes.subarray(offset, offset + 49_000) };
    const audio = { stream: 1, object: packets.length & 0xff, data: counting(100, packets.length) };
    packets.push(packet([audio, payload], { packetBytes }));
  }
  const { samples, rules } = await read(file(packets, { packetBytes }));
  assertEquals(rules, []);
  const video = samples.filter(({ streamNumber }) => streamNumber === 2);
  assertEquals(video.length, 1);
  assert(video[0]!.data.every((byte, at) => byte === bytes[at]), "the object's bytes differ");
  const audio = samples.filter(({ streamNumber }) => streamNumber === 1);
  assertEquals(audio.map(({ data }) => data[0]), packets.map((_, at) => at));
});
