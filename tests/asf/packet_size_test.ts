/** Sizes of packets: those that Windows' writers chose for files, and none of them where somebody listens live. */

import { assertEquals } from "@std/assert";
import { choosePacketBytes, type PacketNeeds } from "../../src/asf/packet_size.ts";
import { describeRiff } from "../../src/media/mappings/riff/mod.ts";
import type { CodedStream } from "../../src/media/stream_config.ts";

function descriptionOf(stream: CodedStream) {
  return describeRiff({ ...stream, streamNumber: 1 })!;
}

const VIDEO = descriptionOf({
  kind: "video",
  codec: "WMV3",
  codedWidth: 1280,
  codedHeight: 720,
  description: new Uint8Array([1, 2, 3, 4]),
});

function wma(blockBytes: number) {
  return descriptionOf({
    kind: "audio",
    codec: 0x0161,
    sampleRate: 44_100,
    numberOfChannels: 2,
    blockBytes,
    bitrate: 128_000,
    description: new Uint8Array(10),
  });
}

function sizeOf(needs: Partial<PacketNeeds>): number {
  return choosePacketBytes({ isFile: true, descriptions: [VIDEO], bitsPerSecond: 0, extensionBytes: 0, ...needs });
}

Deno.test("packets of files with pictures are as large as the bit rate asks for", () => {
  const rates = [300_000, 849_999, 850_000, 2_000_000, 5_999_999, 6_000_000, 40_000_000];
  const sizes = rates.map((bitsPerSecond) => sizeOf({ bitsPerSecond }));
  assertEquals(sizes, [3200, 3200, 8000, 8000, 8000, 16_000, 16_000]);
});

Deno.test("a packet of Windows Media Audio alone holds one superframe, and what stands around it", () => {
  // What Windows' writers chose at 64, 96, 128, 192 and 768 kbit/s.
  const sizes = [2731, 4459, 5945, 8917, 32_768].map((blockBytes) => sizeOf({ descriptions: [wma(blockBytes)] }));
  assertEquals(sizes, [2762, 4490, 5976, 8948, 32_799]);
  assertEquals(sizeOf({ descriptions: [wma(185)] }), 3200, "small ones share a packet");
  assertEquals(sizeOf({ descriptions: [wma(65_535)] }), 3200, "no packet is as large");
  assertEquals(sizeOf({ descriptions: [VIDEO, wma(5945)], bitsPerSecond: 2_000_000 }), 8000);
});

Deno.test("what is asked for, what is live and what a sink takes goes before the bit rate", () => {
  const bitsPerSecond = 8_000_000;
  assertEquals(sizeOf({ bitsPerSecond, packetBytes: 1444 }), 1444);
  assertEquals(sizeOf({ bitsPerSecond, isFile: false }), 3200);
  assertEquals(sizeOf({ bitsPerSecond, maxLatencyMs: 100 }), 3200);
  assertEquals(sizeOf({ bitsPerSecond, maxUnitBytes: 1400 }), 1400);
});
