import { assertEquals } from "@std/assert";
import { livePacketBytes, openingBitrate, wholeRate } from "../../src/asf/rates.ts";
import type { RiffAudio, RiffVideo } from "../../src/media/mappings/riff/description.ts";

const VIDEO: RiffVideo = {
  kind: "video",
  codecName: "Motion JPEG",
  id: "MJPG",
  codedWidth: 640,
  codedHeight: 480,
  pixelAspectWidth: 1,
  pixelAspectHeight: 1,
  reorderDepth: 0,
  privateData: new Uint8Array(),
};

const AUDIO: RiffAudio = {
  kind: "audio",
  codecName: "AAC",
  id: 0x00ff,
  sampleRate: 44_100,
  numberOfChannels: 2,
  bitsPerSample: 16,
  blockBytes: 1,
  bytesPerSecond: 16_000,
  privateData: new Uint8Array(),
};

Deno.test("openingBitrate() takes what is known, else measured, else guessed", () => {
  assertEquals(openingBitrate({ ...VIDEO, bitrate: 500_000 }, 400_000), 500_000);
  assertEquals(openingBitrate({ ...AUDIO, bitrate: 128_000 }, 400_000), 128_000);
  assertEquals(openingBitrate(VIDEO, 400_000), 500_000);
  assertEquals(openingBitrate(AUDIO, 80_000), 100_000);
  assertEquals(openingBitrate(VIDEO, 0), 1_920_000);
  assertEquals(openingBitrate({ ...VIDEO, framerate: 50 }, 0), 3_840_000);
  assertEquals(openingBitrate({ ...VIDEO, codedWidth: 96, codedHeight: 80 }, 0), 100_000);
  assertEquals(openingBitrate(AUDIO, 0), 128_000);
});

Deno.test("wholeRate() never answers 0, or more than a DWORD", () => {
  assertEquals([0, 0.2, 1.5, 1e12].map(wholeRate), [1, 1, 2, 4_294_967_295]);
});

Deno.test("livePacketBytes() holds what comes while it may wait, at most a tenth of a second, within limits", () => {
  assertEquals(livePacketBytes(32_000, 100, 3200), 429);
  assertEquals(livePacketBytes(32_000, 1000, 3200), 429);
  assertEquals(livePacketBytes(32_000, 50, 3200), 229);
  assertEquals(livePacketBytes(1000, 100, 3200), 128);
  assertEquals(livePacketBytes(10_000_000, 100, 3200), 3200);
  assertEquals(livePacketBytes(32_000, 100, 150), 150);
});
