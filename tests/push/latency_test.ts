import { assertEquals, assertLess } from "@std/assert";
import { asf, PushSink, Writer } from "../../mod.ts";
import { PacketParser } from "../../src/inspect/mod.ts";
import { withPeer } from "./peer.ts";

// Frames of 36 ms and 144 bytes: MPEG-1 layer 3, 32 kbit/s, 32 kHz, one channel.
const FRAME = new Uint8Array(144);
FRAME.set([0xff, 0xfb, 0x18, 0xc0]);
const FRAME_MS = 36;
const FRAME_COUNT = 80;

Deno.test("a push of 32 kbit/s holds media back for about 100 ms, and needs at most 30 % more on the wire", async () => {
  const written: number[] = [];
  const delays: number[] = [];
  let wireBytes = 0;
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await peer.request();
    let parser: PacketParser | undefined;
    for (let packet; (packet = (await peer.packets(Infinity, 1))[0]!).kind !== "E";) {
      if (packet.kind === "H") {
        parser = await PacketParser.fromHeader(packet.payload);
        continue;
      }
      wireBytes += packet.payload.length + 4;
      for (const { presentationMs, offset } of parser!.packet(packet.payload).payloads) {
        const number = (presentationMs! - parser!.header.fileProperties!.prerollMs) / FRAME_MS;
        if (offset === 0) delays.push(performance.now() - written[number]!);
      }
    }
  }], async (url) => {
    const push = new PushSink();
    await push.connect(url);
    const writer = new Writer({
      container: asf(),
      sinks: [push],
      streams: [{ kind: "audio", codec: "mp3", sampleRate: 32000, numberOfChannels: 1, bitrate: 32_000 }],
    });
    await writer.beginWriting();
    const startedAt = performance.now();
    for (let i = 0; i < FRAME_COUNT; i++) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + i * FRAME_MS - performance.now())));
      written.push(performance.now());
      await writer.writeSample(1, { data: FRAME, timestamp: i * FRAME_MS * 1000, duration: FRAME_MS * 1000 });
    }
    await writer.endWriting();
  });
  assertEquals(delays.length, FRAME_COUNT);
  assertLess(wireBytes, 1.3 * FRAME_COUNT * FRAME.byteLength);
  // A packet leaves before the frame that would make it late. Some of the rest may be the machine's doing.
  delays.sort((a, b) => a - b);
  assertLess(delays[Math.floor(0.9 * FRAME_COUNT)]!, 100 + FRAME_MS);
});
