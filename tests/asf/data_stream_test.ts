import { assertEquals } from "@std/assert";
import { asf } from "../../src/asf/mod.ts";
import { checkGuids, dataStreamType, dataTypeData } from "../../src/asf/data_stream.ts";
import { describeDataStream } from "../../src/media/data_stream.ts";
import type { BinaryStream, DataStream, FileStream, StreamConfig } from "../../src/media/stream_config.ts";
import type { MutualExclusion } from "../../src/asf/relations.ts";
import { dump, hex } from "./hex.ts";
import { readHeader } from "./read_header.ts";
import { problemsOf } from "../support/problems.ts";

/** A web stream as Windows' profiles have it ([ASF] 9.5): subtype, format, and 8 bytes of that. */
const WEB: FileStream = {
  kind: "file",
  subtype: "776257D4-C627-41CB-8F81-7AC7FF1C40CC",
  formatType: "DA1E6B13-8359-4050-B398-388E965BF00C",
  temporalCompression: true,
  description: hex("08 00 0a 00 01 00 00 00"),
};

const COMMAND = "c0 cf da 59 e6 59 d0 11 a3 ac 00 a0 c9 03 48 f6";
const JFIF = "00 e1 1b b6 4e 5b cf 11 a8 fd 00 80 5f 5c 44 2b";
const DEGRADABLE = "e0 7d 90 35 15 e4 cf 11 a9 17 00 80 5f 5c 44 2b";
const FILE = "2c 22 bd 91 1c f2 7a 49 8b 6d 5a a8 6b fc 01 85";
const BINARY = "e2 65 fb 3a ef 47 f2 40 ac 2c 70 a9 0d 71 d3 43";
const NONE = "00 ".repeat(16);

const CASES: { name: string; config: DataStream; type: string; data: string }[] = [
  { name: "script", config: { kind: "script" }, type: COMMAND, data: "" },
  {
    name: "JFIF",
    config: { kind: "image", codedWidth: 640, codedHeight: 480 },
    type: JFIF,
    data: "80 02 00 00 e0 01 00 00 00 00 00 00",
  },
  {
    name: "degradable JPEG without interchange data",
    config: { kind: "image", codec: "degradable-jpeg", codedWidth: 640, codedHeight: 480 },
    type: DEGRADABLE,
    data: "80 02 00 00 e0 01 00 00 00 00 02 00 04 00 00 00 00",
  },
  {
    name: "degradable JPEG with interchange data",
    config: {
      kind: "image",
      codec: "degradable-jpeg",
      codedWidth: 640,
      codedHeight: 480,
      description: hex("aa bb cc"),
    },
    type: DEGRADABLE,
    data: "80 02 00 00 e0 01 00 00 00 00 02 00 04 00 03 00 aa bb cc",
  },
  {
    name: "files",
    config: { kind: "file" },
    type: FILE,
    data: `${FILE} ${NONE} 00 00 00 00 00 00 00 00 00 00 00 00 ${NONE} 00 00 00 00`,
  },
  {
    name: "a web stream",
    config: WEB,
    type: FILE,
    data: `${FILE} d4 57 62 77 27 c6 cb 41 8f 81 7a c7 ff 1c 40 cc 00 00 00 00 01 00 00 00 00 00 00 00
      13 6b 1e da 59 83 50 40 b3 98 38 8e 96 5b f0 0c 08 00 00 00 08 00 0a 00 01 00 00 00`,
  },
  {
    name: "binary data of one size and another major type",
    config: { kind: "binary", majorType: "73636D64-0000-0010-8000-00AA00389B71", sampleBytes: 4660 },
    type: BINARY,
    data: `64 6d 63 73 00 00 10 00 80 00 00 aa 00 38 9b 71 ${NONE} 01 00 00 00 00 00 00 00 34 12 00 00 ${NONE}
      00 00 00 00`,
  },
];

for (const { name, config, type, data } of CASES) {
  Deno.test(`dataTypeData() lays out ${name}`, () => {
    assertEquals(dump(dataStreamType(config)), type);
    assertEquals(dump(dataTypeData(describeDataStream(config))), dump(hex(data)));
  });
}

Deno.test("checkGuids() refuses what is no GUID, in the container's check too", () => {
  const wrong: BinaryStream = { kind: "binary", subtype: "web", formatType: "x", majorType: "y" };
  assertEquals(checkGuids(wrong), [
    "subtype must be a GUID, got web",
    "formatType must be a GUID, got x",
    "majorType must be a GUID, got y",
  ]);
  assertEquals(checkGuids(WEB), []);
  assertEquals(problemsOf(asf(), [{ ...WEB, subtype: "web" }]), ["stream 1: subtype must be a GUID, got web"]);
});

Deno.test("asf() calls a file by what is decoded in it", () => {
  const video: StreamConfig = { kind: "video", codec: "WMV2" };
  const audio: StreamConfig = { kind: "audio", codec: 0x161, sampleRate: 44_100, numberOfChannels: 2 };
  assertEquals(asf().mimeType([video, { kind: "script" }]), "video/x-ms-wmv");
  assertEquals(asf().mimeType([audio, { kind: "script" }]), "audio/x-ms-wma");
  assertEquals(asf().mimeType([{ kind: "script" }]), "video/x-ms-asf");
});

Deno.test("asf() says by what streams exclude each other, each in its object", () => {
  const streams: StreamConfig[] = [1, 2].map((streamNumber) => ({ kind: "binary", streamNumber }));
  const header = (by: MutualExclusion["by"]) => {
    const container = asf({ mutualExclusions: [{ by, streams: [1, 2] }] });
    const muxer = container.createMuxer(streams.map((one) => ({ ...one, streamNumber: one.streamNumber! })));
    streams.forEach((_, stream) => muxer.describe(stream));
    muxer.begin({ metadata: {}, bitrates: [0, 0], present: [true, true] });
    const plan = muxer.plan({ canPatch: false, takesTrailer: false });
    const facts = { plan, firstUnit: 0, unitCount: 0, timeBase: 0, headerBytes: 0, dataBytes: 0, trailerBytes: 0 };
    return readHeader(muxer.header({ ...facts, metadata: {} }) as Uint8Array<ArrayBuffer>);
  };
  const advanced = "a08649cf-4775-4670-8a16-6e35357566cd";
  const byBitrate = "d6e229dc-35da-11d1-9034-00a0c90349be";
  for (const [by, type] of [["language", "00"], ["other", "02"]] as const) {
    const { view } = header(by).extension.find(({ guid }) => guid === advanced)!;
    assertEquals(
      dump(bytesOf(view).subarray(24)),
      dump(hex(`${type} 2a e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be 02 00 01 00 02 00`)),
    );
  }
  const { view } = header("bitrate").children.find(({ guid }) => guid === byBitrate)!;
  assertEquals(
    dump(bytesOf(view).subarray(24)),
    dump(hex("01 2a e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be 02 00 01 00 02 00")),
  );
});

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
