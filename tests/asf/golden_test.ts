/** The specification digest's smallest complete file, 486 bytes, put together from objects. */

import { assertEquals } from "@std/assert";
import { guidBytes } from "../../src/asf/guid.ts";
import { encodeObject } from "../../src/asf/object.ts";
import { concatBytes } from "../../src/bytes/bytes.ts";
import { dataObject } from "../../src/asf/objects/data.ts";
import { fileProperties } from "../../src/asf/objects/file_properties.ts";
import { headerObject } from "../../src/asf/objects/header.ts";
import { headerExtension } from "../../src/asf/objects/header_extension.ts";
import { streamBitrateProperties } from "../../src/asf/objects/stream_bitrate_properties.ts";
import { streamProperties } from "../../src/asf/objects/stream_properties.ts";
import { waveFormat } from "../../src/media/mappings/riff/wave_format.ts";
import { GOLDEN_FILE } from "../inspect/support/golden.ts";
import { dump } from "./hex.ts";

/** The Header Object, and what the Data Object says before its packets. */
const HEADER_BYTES = 308 + 50;

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
  const header = encodeObject(headerObject, [
    encodeObject(fileProperties, {
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
    encodeObject(headerExtension, []),
    encodeObject(streamProperties, {
      streamNumber: 1,
      streamType: guidBytes("F8699E40-5B4D-11CF-A8FD-00805F5C442B"),
      typeData,
      errorCorrectionType: guidBytes("20FB5700-5B55-11CF-A8FD-00805F5C442B"),
      errorCorrectionData: new Uint8Array(),
    }),
    encodeObject(streamBitrateProperties, [{ streamNumber: 1, bitsPerSecond: 102_400 }]),
  ]);
  const data = encodeObject(dataObject, { fileId, packetCount: 1, packetBytes: 128 });
  assertEquals(dump(concatBytes(header, data)), dump(GOLDEN_FILE.subarray(0, HEADER_BYTES)));
});
