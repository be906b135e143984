import { assert, assertEquals, assertThrows } from "@std/assert";
import { asf, bufferSink, loadProfile, type Profile, saveProfile, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import fc from "../support/fast_check.ts";
import { fixture } from "../support/temp.ts";

const FULL: Profile = {
  name: "Two rates",
  description: "for the intranet – 社内",
  streams: [
    { kind: "video", codec: "WMV3", codedWidth: 640, codedHeight: 480, description: new Uint8Array([78, 33, 188, 0]) },
    {
      kind: "video",
      codec: "WMV3",
      codedWidth: 640,
      codedHeight: 480,
      streamNumber: 5,
      framerate: 29.97,
      bitrate: 1e5,
      codecName: "WMV 9",
      codecDescription: "100 kbps",
    },
    {
      kind: "audio",
      codec: 0x161,
      sampleRate: 44100,
      numberOfChannels: 2,
      language: "en-GB",
      streamNumber: 9,
      blockBytes: 2230,
      description: new Uint8Array([0, 0xff, 1, 0x80]).slice(1),
      payloadExtensions: ["sampleDuration", {
        guid: "6698B84E-0AFA-4330-AEB2-1C0A98D7A44D",
        size: "variable",
        info: new Uint8Array([9]),
      }],
    },
    { kind: "script", language: "de", names: [{ name: "Texte", language: "de" }, { name: "?" }] },
    { kind: "image", codedWidth: 320, codedHeight: 240, codec: "jfif" },
    { kind: "file", subtype: "776257D4-C627-41CB-8F81-7AC7FF1C40CC", temporalCompression: true },
    {
      kind: "binary",
      majorType: "776257D4-C627-41CB-8F81-7AC7FF1C40CC",
      sampleBytes: 16,
      description: new Uint8Array(2),
    },
  ],
  asf: {
    packetBytes: 1400,
    prerollMs: 500,
    indexIntervalMs: 1000,
    timeIndexMs: 500,
    sampleIndexInterval: 10,
    timecodeIndex: false,
    indexPoints: ["key", "packet"],
    headerReserveBytes: 0,
    compressedPayloads: false,
    mutualExclusions: [{ by: "bitrate", streams: [1, 5] }, { by: "language", groups: [[1, 9], [5]] }, {
      by: "other",
      streams: [1, 9],
    }],
    priorities: [{ streamNumber: 9, mandatory: true }, { streamNumber: 1 }],
    bandwidthSharing: [{ kind: "partial", streams: [1, 9], bitrate: 300_000, bufferMs: 3000 }],
  },
};

Deno.test("saveProfile() and loadProfile() keep everything, by way of text", () => {
  assertEquals(loadProfile(JSON.parse(JSON.stringify(saveProfile(FULL)))), FULL);
  const least: Profile = { streams: [] };
  assertEquals(JSON.stringify(saveProfile(least)), '{"version":1,"streams":[]}');
  assertEquals(loadProfile(saveProfile(least)), least);
});

Deno.test("saveProfile() writes descriptions of any kind as base64 text", () => {
  const [first, second] = saveProfile({
    streams: [
      { kind: "video", codec: "WMV3", description: new Uint8Array([78, 33, 188, 0]).buffer },
      {
        kind: "audio",
        codec: 0x161,
        sampleRate: 8000,
        numberOfChannels: 1,
        description: new DataView(new ArrayBuffer(3)),
      },
    ],
  }).streams;
  assertEquals([first!.description, second!.description], ["TiG8AA==", "AAAA"]);
});

Deno.test("a file's streams make a profile that a writer takes", async () => {
  await using media = await openMedia(fixture("wmv2_wma2.wmv"));
  const text = JSON.stringify(saveProfile({ streams: [...media.streams], asf: { packetBytes: 1000 } }));
  const profile = loadProfile(JSON.parse(text));
  const sink = bufferSink();
  const writer = new Writer({ container: asf(profile.asf), sinks: [sink], streams: profile.streams });
  await writer.beginWriting();
  for await (const sample of media.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  const { header } = await AsfReader.open(sink.bytes);
  assertEquals(header.streams.length, 2);
  assertEquals(header.fileProperties?.minPacketBytes, 1000);
});

const audio = { kind: "audio", codec: "mp3", sampleRate: 8000, numberOfChannels: 1 };

const WRONG: { name: string; json: unknown; text: string; type?: "TypeError" }[] = [
  { name: "null", json: null, text: "it must be an object, got null", type: "TypeError" },
  { name: "a list", json: [], text: "it must be an object, got a list", type: "TypeError" },
  { name: "no streams", json: { version: 1 }, text: "streams is missing", type: "TypeError" },
  { name: "no version", json: { streams: [] }, text: "version is missing", type: "TypeError" },
  { name: "another version", json: { version: 2, streams: [] }, text: "version must be 1, got 2" },
  { name: "an unknown field", json: { version: 1, streams: [], titel: "" }, text: "titel is not known" },
  {
    name: "a field that every object inherits",
    json: JSON.parse('{"version":1,"streams":[],"__proto__":{"name":"x"}}'),
    text: "__proto__ is not known",
  },
  {
    name: "a stream that is a number",
    json: { version: 1, streams: [audio, 7] },
    text: "streams[1] must be an object, got number",
    type: "TypeError",
  },
  {
    name: "an unknown kind",
    json: { version: 1, streams: [{ ...audio, kind: "smell" }] },
    text: 'streams[0].kind must be video or audio or script or image or file or binary, got "smell"',
  },
  {
    name: "text for a number",
    json: { version: 1, streams: [{ ...audio, sampleRate: "8000" }] },
    text: "streams[0].sampleRate must be a number, got string",
    type: "TypeError",
  },
  {
    name: "a field of the other kind",
    json: { version: 1, streams: [{ ...audio, codedWidth: 1 }] },
    text: "streams[0].codedWidth is not known",
  },
  {
    name: "a stream number beyond all",
    json: { version: 1, streams: [{ ...audio, streamNumber: 128 }] },
    text: "streams[0].streamNumber must be whole and within 1–127, got 128",
  },
  {
    name: "a description that is no base64",
    json: { version: 1, streams: [{ ...audio, description: "ü" }] },
    text: "streams[0].description must be base64",
  },
  {
    name: "a description without end",
    json: { version: 1, streams: [{ ...audio, description: "A".repeat(1_400_000) }] },
    text: "streams[0].description must have at most 1398104 characters, got 1400000",
  },
  {
    name: "streams without end",
    json: { version: 1, streams: Array(128).fill(audio) },
    text: "streams must have at most 127 entries, got 128",
  },
  {
    name: "an exclusion by taste",
    json: { version: 1, streams: [], asf: { mutualExclusions: [{ by: "taste", streams: [1, 2] }] } },
    text: 'asf.mutualExclusions[0].by must be language or bitrate or other, got "taste"',
  },
  {
    name: "a group that is no list",
    json: { version: 1, streams: [], asf: { mutualExclusions: [{ by: "language", groups: [[1], 2] }] } },
    text: "asf.mutualExclusions[0].groups[1] must be a list, got number",
    type: "TypeError",
  },
  {
    name: "packets of no size",
    json: { version: 1, streams: [], asf: { packetBytes: 99.5 } },
    text: "asf.packetBytes must be whole and within 100–65535, got 99.5",
  },
];

for (const { name, json, text, type } of WRONG) {
  Deno.test(`loadProfile() refuses ${name}, and says where`, () => {
    const error = assertThrows(() => loadProfile(json)) as Error;
    assertEquals([error.name, error.message], [type ?? "RangeError", `Cannot load profile: ${text}`]);
  });
}

Deno.test("saveProfile() refuses what loadProfile() would", () => {
  const wrong = { streams: [{ ...audio, sampleRate: -1 }] } as Profile;
  assertThrows(() => saveProfile(wrong), RangeError, "Cannot save profile: streams[0].sampleRate must be");
});

Deno.test("loadProfile() takes any JSON for a profile, or says what is wrong with it", () => {
  fc.assert(fc.property(
    fc.oneof(
      fc.jsonValue(),
      fc.record({ version: fc.constant(1), streams: fc.array(fc.jsonValue()), asf: fc.jsonValue() }, {
        requiredKeys: ["version", "streams"],
      }),
    ),
    (json) => {
      try {
        const profile = loadProfile(json);
        assertEquals(loadProfile(JSON.parse(JSON.stringify(saveProfile(profile)))), profile);
      } catch (error) {
        assert(error instanceof TypeError || error instanceof RangeError);
        assert(error.message.startsWith("Cannot load profile: "), error.message);
      }
    },
  ));
});
