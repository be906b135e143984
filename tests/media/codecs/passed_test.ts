import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffAudio, RiffVideo } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff, missingRiff } from "../../../src/media/mappings/riff/mod.ts";
import type { AudioStream, VideoStream } from "../../../src/media/stream_config.ts";
import { fromHex } from "../bytes.ts";

// Codec data as FFmpeg's encoder writes it for WMV 8.
const WMV2: VideoStream = {
  kind: "video",
  codec: "WMV2",
  codedWidth: 320,
  codedHeight: 240,
  description: fromHex("c9e8b480"),
};
const DTS: AudioStream = { kind: "audio", codec: 0x2001, sampleRate: 48_000, numberOfChannels: 6 };

Deno.test("describeRiff() carries WMV 8 as it comes from ASF", () => {
  assertEquals(checkRiff(WMV2), []);
  assertEquals(describeRiff({ ...WMV2, framerate: 25, bitrate: 500_000 }), {
    kind: "video",
    codecName: "Windows Media Video 8",
    id: "WMV2",
    codedWidth: 320,
    codedHeight: 240,
    pixelAspectWidth: 1,
    pixelAspectHeight: 1,
    reorderDepth: 0,
    framerate: 25,
    bitrate: 500_000,
    privateData: fromHex("c9e8b480"),
  });
});

Deno.test("describeRiff() keeps the case of a FourCC, and names what it does not know by it", () => {
  for (const fourcc of ["wmv1", "MP43", "dvsd", "YV12", "RLE "]) {
    const found = describeRiff({ kind: "video", codec: fourcc, codedWidth: 16, codedHeight: 16 }) as RiffVideo;
    assertEquals(found.id, fourcc);
  }
  const found = describeRiff({ kind: "video", codec: "dvsd", codedWidth: 16, codedHeight: 16 }) as RiffVideo;
  assertEquals([found.codecName, found.privateData.byteLength], ["dvsd", 0]);
});

Deno.test("describeRiff() assumes a depth of 2 for an unknown codec that reorders", () => {
  const depth = (reorders?: boolean) => (describeRiff({ ...WMV2, codec: "RV40", reorders }) as RiffVideo).reorderDepth;
  assertEquals([depth(), depth(false), depth(true)], [0, 0, 2]);
});

Deno.test("describeRiff() turns a display aspect into a pixel's", () => {
  const found = describeRiff({ ...WMV2, displayAspectWidth: 16, displayAspectHeight: 9 }) as RiffVideo;
  assertEquals([found.pixelAspectWidth, found.pixelAspectHeight], [4, 3]);
});

Deno.test("describeRiff() waits for the size and codec data of WMV 9, and says so", () => {
  const config: VideoStream = { kind: "video", codec: "WMV3", codedWidth: 320, codedHeight: 240 };
  assertEquals(describeRiff(config), undefined);
  assertEquals(missingRiff(config), "WMV3 needs codedWidth, codedHeight and its codec data as description");
  const decoderConfig = { description: fromHex("4ef91a01"), codedWidth: 320, codedHeight: 240 };
  assertEquals(describeRiff({ kind: "video", codec: "WMV3" }, { decoderConfig })?.privateData, fromHex("4ef91a01"));
});

Deno.test("describeRiff() waits for the size of a stream without codec data, and says so", () => {
  assertEquals(describeRiff({ kind: "video", codec: "MP43" }), undefined);
  assertEquals(missingRiff({ kind: "video", codec: "MP43" }), "MP43 needs codedWidth and codedHeight");
});

Deno.test("describeRiff() takes no size from a decoder that none can have", () => {
  for (const codedWidth of [0, -1, 65_536, 1.5, NaN]) {
    assertEquals(
      describeRiff({ kind: "video", codec: "MP43", codedHeight: 240 }, { decoderConfig: { codedWidth } }),
      undefined,
    );
  }
});

Deno.test("describeRiff() carries any format tag", () => {
  assertEquals(checkRiff(DTS), []);
  assertEquals(describeRiff({ ...DTS, bitrate: 448_000, blockBytes: 3840, description: fromHex("0102") }), {
    kind: "audio",
    codecName: "Format 0x2001",
    id: 0x2001,
    sampleRate: 48_000,
    numberOfChannels: 6,
    bitsPerSample: 0,
    blockBytes: 3840,
    bytesPerSecond: 56_000,
    bitrate: 448_000,
    privateData: fromHex("0102"),
  });
});

Deno.test("describeRiff() leaves no rate and no block at 0", () => {
  const found = describeRiff({ ...DTS, bitrate: 0.5 }) as RiffAudio;
  assertEquals([found.bytesPerSecond, found.blockBytes], [1, 1]);
  assertEquals((describeRiff(DTS) as RiffAudio).bitrate, undefined);
});

Deno.test("describeRiff() keeps its own copy of codec data", () => {
  const description = fromHex("c9e8b480");
  const found = describeRiff({ ...WMV2, description });
  description.fill(0);
  assertEquals(found?.privateData, fromHex("c9e8b480"));
});

Deno.test("describeRiff() refuses an unknown codec", () => {
  for (
    const config of [{ ...WMV2, codec: "vp7", streamNumber: 2 }, { ...DTS, codec: "speex", streamNumber: 2 }]
  ) {
    const error = assertThrows(
      () => describeRiff(config),
      MuxError,
      `Cannot describe stream 2: ${config.kind} codec`,
    );
    assertEquals([error.code, error.streamNumber], ["unsupported", 2]);
    assertThrows(() => missingRiff(config), MuxError, "is not known");
  }
});
