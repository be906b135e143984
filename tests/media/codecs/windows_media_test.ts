import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffAudio } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff, missingRiff } from "../../../src/media/mappings/riff/mod.ts";
import type { AudioStream } from "../../../src/media/stream_config.ts";
import { fromHex } from "../bytes.ts";

// A real WMA 2 stream's type data: 61 01 02 00 80 BB 00 00 41 1F 00 00 AB 0A 10 00 0A 00, then ten bytes.
const WMA2: AudioStream = {
  kind: "audio",
  codec: 0x0161,
  sampleRate: 48_000,
  numberOfChannels: 2,
  bitrate: 64_008,
  blockBytes: 2731,
  bitsPerSample: 16,
  description: fromHex("008800000f00ad2a0000"),
};

Deno.test("describeRiff() carries WMA 2 as it comes from ASF", () => {
  assertEquals(checkRiff(WMA2), []);
  assertEquals(describeRiff(WMA2), {
    kind: "audio",
    codecName: "Windows Media Audio 2",
    id: 0x0161,
    sampleRate: 48_000,
    numberOfChannels: 2,
    bitsPerSample: 16,
    blockBytes: 2731,
    bytesPerSecond: 8001,
    bitrate: 64_008,
    privateData: fromHex("008800000f00ad2a0000"),
  });
});

// What FFmpeg's encoder writes for version 1.
Deno.test("describeRiff() carries WMA 1", () => {
  const config: AudioStream = { ...WMA2, codec: 0x0160, description: fromHex("00000100"), bitsPerSample: undefined };
  const found = describeRiff(config) as RiffAudio;
  assertEquals([found.codecName, found.bitsPerSample], ["Windows Media Audio 1", 16]);
});

for (
  const [codec, name] of [[0x0162, "Windows Media Audio Professional"], [
    0x0163,
    "Windows Media Audio Lossless",
  ]] as const
) {
  Deno.test(`describeRiff() carries ${name}`, () => {
    const found = describeRiff({
      ...WMA2,
      codec,
      bitsPerSample: 24,
      description: new Uint8Array(18),
    }) as RiffAudio;
    assertEquals([found.codecName, found.id, found.bitsPerSample], [name, codec, 24]);
    assertThrows(() => describeRiff({ ...WMA2, codec }), MuxError, `${name} has 18 bytes of description, got 10`);
  });
}

Deno.test("checkRiff() wants what a WMA decoder derives its tables from", () => {
  assertEquals(checkRiff({ ...WMA2, bitrate: undefined, blockBytes: undefined }), [
    "blockBytes is needed for Windows Media Audio 2",
    "bitrate is needed for Windows Media Audio 2",
  ]);
});

Deno.test("describeRiff() waits for WMA's codec data, and says so", () => {
  const config = { ...WMA2, description: undefined };
  assertEquals(describeRiff(config), undefined);
  assertEquals(missingRiff(config), "Windows Media Audio 2 needs its codec data as description");
  assertEquals(
    describeRiff(config, { decoderConfig: { description: fromHex("008800000f00ad2a0000") } }),
    describeRiff(WMA2),
  );
});
