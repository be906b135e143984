/** What the validator says of indexes and extensions that are wrong: a sound file, spoilt in one place. */

import { assertEquals } from "@std/assert";
import { asf, bufferSink, Writer } from "../../mod.ts";
import { AsfReader, inspectLines, validate } from "../../src/inspect/mod.ts";
import { brokenRules } from "../support/valid.ts";

async function record(): Promise<Uint8Array<ArrayBuffer>> {
  const sink = bufferSink();
  const writer = new Writer({
    container: asf({
      packetBytes: 300,
      prerollMs: 100,
      timeIndexMs: 100,
      sampleIndexInterval: 2,
      timecodeIndex: true,
      indexPoints: ["sample", "key"],
    }),
    sinks: [sink],
    streams: [{
      kind: "video",
      codec: "WMV3",
      codedWidth: 16,
      codedHeight: 16,
      bitrate: 200_000,
      description: new Uint8Array(4),
      payloadExtensions: ["timecode", "fileName"],
    }],
  });
  await writer.beginWriting();
  for (let i = 0; i < 30; i++) {
    await writer.writeSample(1, {
      data: new Uint8Array(i % 5 === 0 ? 700 : 200),
      timestamp: i * 40_000,
      duration: 40_000,
      type: i % 5 === 0 ? "key" : "delta",
      extensions: {
        timecode: { hours: 9, minutes: 59, seconds: i / 25 | 0, frames: i % 25, range: i < 20 ? 0 : 1 },
        fileName: `${i}.jpg`,
      },
    });
  }
  await writer.endWriting();
  return sink.bytes;
}

const WHOLE = await record();
const HEADER = await AsfReader.open(WHOLE);
const { objects } = await HEADER.indexes();

/** Where an object begins. */
function startOf(name: string): number {
  const all = [...HEADER.header.object.children.flatMap((one) => [one, ...one.children]), ...objects];
  return all.find((one) => one.name === name)!.offset;
}

/** Where the first payload of a packet begins: all packets have the same prefix but for their form. */
function payloadAt(packet: number): number {
  const start = HEADER.data!.offset + 50 + packet * 300;
  const types = WHOLE[start + 3]!;
  return start + 11 + (types >> 3 & 3) + (types & 1);
}

function spoilt(at: number, ...bytes: number[]): Uint8Array {
  const copy = WHOLE.slice();
  copy.set(bytes, at);
  return copy;
}

const INDEX = startOf("Index Object");
const SAMPLES = startOf("Media Object Index Object");
const TIMECODES = startOf("Timecode Index Object");
/** Head, columns, then of the block its count and positions. */
const ENTRIES_AT = 34 + 2 * 4 + 4 + 2 * 8;
const CODES_AT = ENTRIES_AT + 2;

const SOUND = await brokenRules(WHOLE);

const CASES: { name: string; bytes: Uint8Array; rules: string[] }[] = [
  { name: "an entry by time that leads elsewhere", bytes: spoilt(INDEX + ENTRIES_AT + 3 * 8, 44, 1), rules: ["W I10"] },
  {
    name: "an entry that leads into a packet",
    bytes: spoilt(INDEX + ENTRIES_AT + 3 * 8, 1),
    rules: ["E I09", "W I10"],
  },
  {
    name: "an entry behind the data",
    bytes: spoilt(INDEX + ENTRIES_AT + 3 * 8, 0, 0, 0, 9),
    rules: ["E I09", "W I10"],
  },
  { name: "an entry by number that leads elsewhere", bytes: spoilt(SAMPLES + ENTRIES_AT, 44, 1), rules: ["W I10"] },
  {
    name: "a key frame's entry that leads elsewhere",
    bytes: spoilt(SAMPLES + ENTRIES_AT + 4 * 8 + 4, 0),
    rules: ["W I10"],
  },
  {
    name: "an entry by time code that leads elsewhere",
    bytes: spoilt(TIMECODES + CODES_AT + 4, 44, 1),
    rules: ["W I10"],
  },
  { name: "a time code that stands twice", bytes: spoilt(TIMECODES + CODES_AT + 12, 0), rules: ["W I12"] },
  { name: "a wrong count of entries", bytes: spoilt(SAMPLES + 34 + 8, 3), rules: ["E I08", "W X02"] },
  {
    name: "parameters that name another type",
    bytes: spoilt(startOf("Media Object Index Parameters Object") + 32, 1),
    rules: ["E I11", "E X17"],
  },
  {
    name: "parameters of another interval",
    bytes: spoilt(startOf("Media Object Index Parameters Object") + 24, 9),
    rules: ["E I11", "E X17"],
  },
  {
    name: "an index that the header does not announce",
    bytes: spoilt(startOf("Timecode Index Parameters Object"), 0),
    rules: ["E X17"],
  },
  { name: "a time code of 99 minutes", bytes: spoilt(payloadAt(4) + 15 + 4, 0x99), rules: ["W D27"] },
  { name: "fragments that carry different things", bytes: spoilt(payloadAt(1) + 15 + 8, 7), rules: ["W D15"] },
];

Deno.test("validate() finds nothing wrong in the file that the cases below spoil", () => {
  assertEquals(SOUND.filter((rule) => !rule.startsWith("I ")), []);
});

for (const { name, bytes, rules } of CASES) {
  Deno.test(`validate() finds ${name}`, async () => {
    const found = (await brokenRules(bytes)).filter((rule) => !SOUND.includes(rule));
    assertEquals(found.filter((rule) => rules.includes(rule)), rules, (await describe(bytes)).join("\n"));
  });
}

async function describe(bytes: Uint8Array): Promise<string[]> {
  return (await validate(bytes)).issues.map(({ severity, rule, message }) => `${severity} ${rule} ${message}`);
}

Deno.test("inspect shows what payloads carry, and what indexes lead to", async () => {
  const lines = await Array.fromAsync(inspectLines(WHOLE, { packets: true }));
  const packet = lines.find((line) => line.includes("packet 0 "))!;
  assertEquals(packet.includes('[timecode 09:59:00:00, file name "0.jpg"]'), true, packet);
  assertEquals(lines.some((line) => line.includes("timecode 09:59:01:04 range 1")), true);
  assertEquals(lines.filter((line) => line.includes("- stream 1: last clean point (3)")).length, 6);
  assertEquals(lines.some((line) => line.includes("timecodes 09:59:00:00 09:59:00:01")), true);
});

Deno.test("AsfReader tells the extensions of samples, whole ones and those in fragments", async () => {
  const samples = await Array.fromAsync(
    HEADER.samples(),
    ({ extensions, data }) => ({ ...extensions, size: data.length }),
  );
  assertEquals(samples[0], {
    timecode: { text: "09:59:00:00", bcd: 0x09590000, range: 0, userBits: 0, flags: 0 },
    fileName: "0.jpg",
    size: 700,
  });
  assertEquals(samples.map(({ fileName }) => fileName), Array.from({ length: 30 }, (_, i) => `${i}.jpg`));
});
