/** Payload extensions: their bytes by [ASF] 7.3.2, what a reader finds, and what is refused. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { asf, bufferSink, MuxError, type Sample, type StreamConfig, wave, Writer } from "../../mod.ts";
import { payloadExtensionProblems, StreamExtensions } from "../../src/asf/payload_extensions.ts";
import { AsfReader, type AsfSample, validate } from "../../src/inspect/mod.ts";
import type { PayloadExtension, SampleExtensions } from "../../src/media/payload_extension.ts";

import { dump, hex } from "./hex.ts";
import { problemsOf } from "../support/problems.ts";

const OWN = "12345678-9ABC-4DEF-8123-456789ABCDEF";
const OTHER = "22345678-9ABC-4DEF-8123-456789ABCDEF";
const TIMECODE = { hours: 23, minutes: 59, seconds: 8, frames: 29 };

const VALUES: {
  name: string;
  declared: PayloadExtension[];
  values: SampleExtensions;
  duration?: number;
  bytes: string;
}[] = [
  {
    name: "a time code: range, BCD, user bits, flags",
    declared: ["timecode"],
    values: { timecode: { ...TIMECODE, range: 0x102, userBits: 0xdead_beef, flags: 8 } },
    bytes: "02 01  29 08 59 23  ef be ad de  08 00 00 00",
  },
  {
    name: "a time code alone",
    declared: ["timecode"],
    values: { timecode: TIMECODE },
    bytes: `00 00 29 08 59 23 ${"00 ".repeat(8)}`,
  },
  { name: "a duration, rounded to ms", declared: ["sampleDuration"], values: {}, duration: 33_367, bytes: "21 00" },
  { name: "the longest duration", declared: ["sampleDuration"], values: {}, duration: 65_535_000, bytes: "ff ff" },
  { name: "a file name", declared: ["fileName"], values: { fileName: "é.a" }, bytes: "08 00  e9 00 2e 00 61 00 00 00" },
  { name: "no file name", declared: ["fileName"], values: {}, bytes: "00 00" },
  {
    name: "every flag of a picture",
    declared: ["contentType"],
    values: {
      contentType: { interlaced: true, topFieldFirst: true, bottomFieldFirst: true, repeatFirstField: true },
    },
    bytes: "f0",
  },
  { name: "a picture of which nothing is said", declared: ["contentType"], values: {}, bytes: "00" },
  {
    name: "a pixel aspect ratio",
    declared: ["pixelAspectRatio"],
    values: { pixelAspectRatio: { x: 16, y: 9 } },
    bytes: "10 09",
  },
  { name: "an unknown pixel aspect ratio", declared: ["pixelAspectRatio"], values: {}, bytes: "00 00" },
  {
    name: "own values, fixed ones before variable ones, each where it was declared",
    declared: ["fileName", { guid: OWN, size: "variable" }, "contentType", { guid: OTHER, size: 3 }],
    values: { own: { [OTHER]: hex("01 02 03"), [OWN]: hex("aa") } },
    bytes: "00  01 02 03  00 00  01 00 aa",
  },
];

for (const { name, declared, values, duration = -1, bytes } of VALUES) {
  Deno.test(`StreamExtensions.encode() writes ${name}`, () => {
    assertEquals(dump(new StreamExtensions(1, declared).encode(values, duration, 223)), dump(hex(bytes)));
  });
}

const REFUSED: {
  name: string;
  declared: PayloadExtension[];
  values: unknown;
  duration?: number;
  error: typeof TypeError | typeof RangeError | typeof MuxError;
}[] = [
  { name: "no time code", declared: ["timecode"], values: {}, error: TypeError },
  { name: "25 hours", declared: ["timecode"], values: { timecode: { ...TIMECODE, hours: 25 } }, error: RangeError },
  {
    name: "half a frame",
    declared: ["timecode"],
    values: { timecode: { ...TIMECODE, frames: 0.5 } },
    error: RangeError,
  },
  {
    name: "minutes in words",
    declared: ["timecode"],
    values: { timecode: { ...TIMECODE, minutes: "1" } },
    error: TypeError,
  },
  {
    name: "a range too large",
    declared: ["timecode"],
    values: { timecode: { ...TIMECODE, range: 65_536 } },
    error: RangeError,
  },
  { name: "no duration", declared: ["sampleDuration"], values: {}, error: TypeError },
  { name: "a duration too long", declared: ["sampleDuration"], values: {}, duration: 65_536_000, error: RangeError },
  { name: "a file name that is a number", declared: ["fileName"], values: { fileName: 7 }, error: TypeError },
  { name: "a file name too long", declared: ["fileName"], values: { fileName: "x".repeat(110) }, error: MuxError },
  {
    name: "a flat pixel",
    declared: ["pixelAspectRatio"],
    values: { pixelAspectRatio: { x: 1, y: 0 } },
    error: RangeError,
  },
  { name: "an own value missing", declared: [{ guid: OWN, size: 2 }], values: {}, error: TypeError },
  {
    name: "an own value too short",
    declared: [{ guid: OWN, size: 2 }],
    values: { own: { [OWN]: hex("01") } },
    error: RangeError,
  },
  { name: "a value that is not declared", declared: ["contentType"], values: { fileName: "x" }, error: TypeError },
  {
    name: "an own value that is not declared",
    declared: ["contentType"],
    values: { own: { [OWN]: hex("01") } },
    error: TypeError,
  },
];

for (const { name, declared, values, duration = -1, error } of REFUSED) {
  Deno.test(`StreamExtensions.encode() refuses ${name}`, () => {
    const extensions = new StreamExtensions(7, declared);
    const thrown = assertThrows(
      () => extensions.encode(values as SampleExtensions, duration, 223),
      error as typeof TypeError,
    );
    assert((thrown as Error).message.startsWith("Cannot write sample to stream 7: "), String(thrown));
  });
}

const PROBLEMS: { name: string; declared: unknown; problem: string }[] = [
  { name: "no list", declared: "timecode", problem: "must be a list" },
  { name: "a name that is not known", declared: ["time"], problem: "is not known" },
  { name: "no GUID", declared: [{ guid: "x", size: 1 }], problem: "or have a GUID" },
  { name: "no size", declared: [{ guid: OWN, size: 0 }], problem: "within 1–223" },
  {
    name: "information of the wrong type",
    declared: [{ guid: OWN, size: 1, info: "x" }],
    problem: "must be a Uint8Array",
  },
  { name: "one twice", declared: ["timecode", "timecode"], problem: "must differ" },
  {
    name: "eight",
    declared: Array.from("01234567", (n) => ({ guid: n + OWN.slice(1), size: 1 })),
    problem: "at most 7",
  },
  { name: "too many bytes", declared: [{ guid: OWN, size: 223 }, "contentType"], problem: "at most 223 bytes" },
  { name: "more than packets have room for", declared: [{ guid: OWN, size: 223 }], problem: "at least 287" },
  {
    name: "what FFmpeg takes for the timing",
    declared: [{ guid: "FD3CC02A-06DB-4CFA-801C-7212D38745E4", size: 16 }],
    problem: "takes for another",
  },
  {
    name: "one that has a name",
    declared: [{ guid: "399595EC-8667-4E2D-8FDB-98814CE76C1E", size: 14 }],
    problem: "has a name",
  },
];

for (const { name, declared, problem } of PROBLEMS) {
  Deno.test(`problemsOf(asf(), ) refuses to declare ${name}`, () => {
    const problems = payloadExtensionProblems(declared as PayloadExtension[], 286);
    assertEquals(problems.length, 1);
    assert(problems[0]!.includes(problem), problems[0]);
    const stream = {
      kind: "audio",
      codec: "pcm-s16",
      sampleRate: 8000,
      numberOfChannels: 1,
      payloadExtensions: declared,
    };
    assert(problemsOf(asf({ packetBytes: 286 }), [stream as StreamConfig]).some((one) => one.includes(problem)));
  });
}

const VIDEO: StreamConfig = {
  kind: "video",
  codec: "WMV3",
  codedWidth: 16,
  codedHeight: 16,
  bitrate: 400_000,
  description: new Uint8Array(4),
  payloadExtensions: ["timecode", "sampleDuration", "fileName", "contentType", "pixelAspectRatio", {
    guid: OWN,
    size: 5,
  }],
};
const PCM: StreamConfig = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };

function sampleAt(i: number): Sample & { extensions: SampleExtensions } {
  return {
    data: new Uint8Array(1 + i * 37 % 2000).fill(i),
    timestamp: i * 40_000,
    duration: 40_000,
    type: i % 5 === 0 ? "key" : "delta",
    extensions: {
      timecode: { hours: 1, minutes: 2, seconds: Math.floor(i / 25), frames: i % 25, range: i > 50 ? 1 : 0 },
      fileName: "n".repeat(i % 40),
      contentType: { interlaced: i % 2 === 0 },
      pixelAspectRatio: { x: 1 + i, y: 3 },
      own: { [OWN]: new Uint8Array(5).fill(i) },
    },
  };
}

async function write(packetBytes: number, mayHold: boolean): Promise<Uint8Array> {
  const sink = bufferSink();
  const streams = mayHold ? [VIDEO, PCM] : [VIDEO];
  const writer = new Writer({ container: asf({ packetBytes }), sinks: [sink], streams });
  await writer.beginWriting();
  for (let i = 0; i < 80; i++) {
    const sample = sampleAt(i);
    await writer.writeSample(1, sample);
    sample.extensions.own![OWN]!.fill(0xff); // it is the caller's again
    sample.extensions.fileName = "changed";
    if (mayHold) await writer.writeSample(2, { data: new Uint8Array(640), timestamp: i * 40_000 });
  }
  await writer.endWriting();
  return sink.bytes;
}

function sayings({ extensions }: AsfSample): unknown {
  const { timecode, sampleDurationMs, fileName, contentType, pixelAspectRatio, others } = extensions!;
  const { text, range } = timecode!;
  const own = [...others![OWN]!];
  return { text, range, sampleDurationMs, fileName, interlaced: contentType!.interlaced, pixelAspectRatio, own };
}

for (const packetBytes of [200, 400, 3200, 20_000]) {
  for (const mayHold of [false, true]) {
    const held = mayHold ? ", some of which were held" : "";
    Deno.test(`every payload carries its sample's extensions, in packets of ${packetBytes}${held}`, async () => {
      const bytes = await write(packetBytes, mayHold);
      const { issues } = await validate(bytes);
      assertEquals(issues.filter(({ severity }) => severity !== "I"), []);
      const reader = await AsfReader.open(bytes);
      let i = 0;
      for await (const sample of reader.samples()) {
        if (sample.streamNumber === 2) {
          assertEquals(sample.extensions, undefined);
          continue;
        }
        const { data, extensions } = sampleAt(i);
        assertEquals(sample.data, data);
        assertEquals(sayings(sample), {
          text: `01:02:0${Math.floor(i / 25)}:${String(i % 25).padStart(2, "0")}`,
          range: extensions.timecode!.range,
          sampleDurationMs: 40,
          fileName: extensions.fileName,
          interlaced: extensions.contentType!.interlaced,
          pixelAspectRatio: extensions.pixelAspectRatio,
          own: [...extensions.own![OWN]!],
        });
        i++;
      }
      assertEquals(i, 80);
    });
  }
}

Deno.test("small audio objects of a stream with payload extensions do not share payloads", async () => {
  const sink = bufferSink();
  const streams = [{ ...PCM, payloadExtensions: ["sampleDuration" as const] }];
  const writer = new Writer({ container: asf(), sinks: [sink], streams });
  await writer.beginWriting();
  for (let i = 0; i < 50; i++) {
    await writer.writeSample(1, { data: new Uint8Array(160), timestamp: i * 10_000, duration: 10_000 });
  }
  await writer.endWriting();
  const reader = await AsfReader.open(sink.bytes);
  for await (const { payloads } of reader.packets()) {
    assert(payloads.every(({ isCompressed, extensionData }) => !isCompressed && extensionData.byteLength === 2));
  }
});

Deno.test("a sample whose extensions are wrong is refused, and the next one is taken", async () => {
  const sink = bufferSink();
  const writer = new Writer({ container: asf(), sinks: [sink], streams: [VIDEO] });
  await writer.beginWriting();
  await writer.writeSample(1, sampleAt(0));
  for (const extensions of [undefined, {}, 7, null]) {
    assertThrows(
      () => writer.writeSample(1, { ...sampleAt(1), extensions: extensions as SampleExtensions }),
      TypeError,
    );
  }
  await writer.writeSample(1, sampleAt(1));
  await writer.endWriting();
  const reader = await AsfReader.open(sink.bytes);
  assertEquals((await Array.fromAsync(reader.samples())).length, 2);
});

Deno.test("extensions are refused where none are declared, and by a container without room for them", async () => {
  for (const container of [asf(), wave()]) {
    const writer = new Writer({ container, sinks: [bufferSink()], streams: [PCM] });
    await writer.beginWriting();
    const sample = { data: new Uint8Array(2), timestamp: 0, extensions: { fileName: "x" } };
    assertThrows(() => writer.writeSample(1, sample), TypeError, "Cannot write sample to stream 1");
    await writer.abort();
  }
});

Deno.test("packets that have no room for a stream's extensions are refused when the session begins", async () => {
  const sink = { maxPacketBytes: 120, header() {}, data() {}, close() {}, abort() {} };
  const stream = { ...PCM, payloadExtensions: [{ guid: OWN, size: 100 }] };
  const writer = new Writer({ container: asf(), sinks: [sink], streams: [stream] });
  await writer.beginWriting();
  const error = await assertRejects(async () => {
    const own = { [OWN]: new Uint8Array(100) };
    await writer.writeSample(1, { data: new Uint8Array(2), timestamp: 0, extensions: { own } });
    await writer.endWriting();
  }, MuxError);
  assertEquals((error as MuxError).code, "too-large");
});
