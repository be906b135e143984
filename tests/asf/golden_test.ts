/** The specification digest's smallest complete file, 486 bytes, put together from objects. */

import { assertEquals } from "@std/assert";
import { guidBytes } from "../../src/asf/guid.ts";
import { asfObject, encodeAll } from "../../src/asf/object.ts";
import { dataObject } from "../../src/asf/objects/data.ts";
import { fileProperties } from "../../src/asf/objects/file_properties.ts";
import { headerObject } from "../../src/asf/objects/header.ts";
import { headerExtension } from "../../src/asf/objects/header_extension.ts";
import { streamBitrateProperties } from "../../src/asf/objects/stream_bitrate_properties.ts";
import { streamProperties } from "../../src/asf/objects/stream_properties.ts";
import { waveFormat } from "../../src/media/mappings/riff/wave_format.ts";
import { dump, hex } from "./hex.ts";

const HEADER = `
30 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c
34 01 00 00 00 00 00 00 04 00 00 00 01 02 a1 dc
ab 8c 47 a9 cf 11 8e e4 00 c0 0c 20 53 65 68 00
00 00 00 00 00 00 78 56 34 12 bc 9a ef 4d 81 23
45 67 89 ab cd ef e6 01 00 00 00 00 00 00 00 80
20 9b cb 82 d8 01 01 00 00 00 00 00 00 00 20 1d
9a 00 00 00 00 00 a0 86 01 00 00 00 00 00 e8 03
00 00 00 00 00 00 02 00 00 00 80 00 00 00 80 00
00 00 00 90 01 00 b5 03 bf 5f 2e a9 cf 11 8e e3
00 c0 0c 20 53 65 2e 00 00 00 00 00 00 00 11 d2
d3 ab ba a9 cf 11 8e e6 00 c0 0c 20 53 65 06 00
00 00 00 00 91 07 dc b7 b7 a9 cf 11 8e e6 00 c0
0c 20 53 65 60 00 00 00 00 00 00 00 40 9e 69 f8
4d 5b cf 11 a8 fd 00 80 5f 5c 44 2b 00 57 fb 20
55 5b cf 11 a8 fd 00 80 5f 5c 44 2b 00 00 00 00
00 00 00 00 12 00 00 00 00 00 00 00 01 00 00 00
00 00 01 00 01 00 40 1f 00 00 40 1f 00 00 01 00
08 00 00 00 ce 75 f8 7b 8d 46 d1 11 8d 82 00 60
97 c9 a2 b2 20 00 00 00 00 00 00 00 01 00 01 00
00 90 01 00 36 26 b2 75 8e 66 cf 11 a6 d9 00 aa
00 62 ce 6c b2 00 00 00 00 00 00 00 78 56 34 12
bc 9a ef 4d 81 23 45 67 89 ab cd ef 01 00 00 00
00 00 00 00 01 01`;

Deno.test("the smallest file's header comes out of its objects, byte for byte", () => {
  const fileId = guidBytes("12345678-9ABC-4DEF-8123-456789ABCDEF");
  const typeData = waveFormat({
    kind: "audio",
    codecName: "PCM",
    id: 1,
    sampleRate: 8000,
    numberOfChannels: 1,
    bitsPerSample: 8,
    blockBytes: 1,
    bytesPerSecond: 8000,
    bitrate: 64_000,
    privateData: new Uint8Array(),
  });
  const header = asfObject(headerObject, [
    asfObject(fileProperties, {
      fileId,
      fileBytes: 486,
      creationTime: 133_000_000_000_000_000n,
      packetCount: 1,
      playDurationTicks: 10_100_000,
      sendDurationTicks: 100_000,
      prerollMs: 1000,
      flags: 2,
      packetBytes: 128,
      maxBitsPerSecond: 102_400,
    }),
    asfObject(headerExtension, []),
    asfObject(streamProperties, {
      streamNumber: 1,
      streamType: guidBytes("F8699E40-5B4D-11CF-A8FD-00805F5C442B"),
      typeData,
      errorCorrectionType: guidBytes("20FB5700-5B55-11CF-A8FD-00805F5C442B"),
      errorCorrectionData: new Uint8Array(),
    }),
    asfObject(streamBitrateProperties, [{ streamNumber: 1, bitsPerSecond: 102_400 }]),
  ]);
  const data = asfObject(dataObject, { fileId, packetCount: 1, packetBytes: 128 });
  assertEquals(dump(encodeAll([header, data])), dump(hex(HEADER)));
});
