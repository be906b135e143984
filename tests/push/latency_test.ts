import { setImmediate } from "node:timers";
import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { asf, PushSink, Writer } from "../../mod.ts";
import { PacketParser } from "../../src/inspect/mod.ts";
import { withPeer } from "./peer.ts";

// Frames of 36 ms and 144 bytes: MPEG-1 layer 3, 32 kbit/s, 32 kHz, one channel.
const FRAME = new Uint8Array(144);
FRAME.set([0xff, 0xfb, 0x18, 0xc0]);
const FRAME_MS = 36;
const FRAME_COUNT = 80;

/** Notes when it is given what. */
class WatchedPush extends PushSink {
  readonly given: { bytes: Uint8Array<ArrayBuffer>; atMs: number }[] = [];
  /** Of what it was given last. */
  taken: Promise<void> = Promise.resolve();

  override data(...[bytes, info]: Parameters<PushSink["data"]>): Promise<void> {
    this.given.push({ bytes: bytes.slice(), atMs: performance.now() });
    return this.taken = super.data(bytes, info);
  }
}

Deno.test("a push of 32 kbit/s holds media back for 100 ms at most, and needs at most 30 % more on the wire", async () => {
  let header!: Uint8Array;
  const received: Uint8Array[] = [];
  const push = new WatchedPush();
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await peer.request();
    for (let packet; (packet = (await peer.packets(Infinity, 1))[0]!).kind !== "E";) {
      if (packet.kind === "H") header = packet.payload;
      else received.push(packet.payload);
    }
  }], async (url) => {
    await push.connect(url);
    // The clock goes by the frames, and waits for the wire: what is measured is no machine's doing.
    using time = new FakeTime(0);
    using _now = stub(performance, "now", () => time.now);
    const writer = new Writer({
      container: asf(),
      sinks: [push],
      streams: [{ kind: "audio", codec: "mp3", sampleRate: 32000, numberOfChannels: 1, bitrate: 32_000 }],
    });
    await writer.beginWriting();
    for (let i = 0; i < FRAME_COUNT; i++) {
      await writer.writeSample(1, { data: FRAME, timestamp: i * FRAME_MS * 1000, duration: FRAME_MS * 1000 });
      for (let ms = 0; ms < FRAME_MS; ms++) {
        let taken: Promise<void> | undefined;
        while (taken !== push.taken) {
          taken = push.taken;
          await taken;
          await new Promise((resolve) => setImmediate(resolve));
        }
        time.tick(1);
      }
    }
    await writer.endWriting();
  });
  const parser = await PacketParser.fromHeader(header);
  const delays: number[] = [];
  const { minPacketBytes } = parser.header.fileProperties!;
  for (const { bytes, atMs } of push.given) {
    for (let at = 0; at < bytes.byteLength; at += minPacketBytes) {
      for (const { presentationMs, offset } of parser.packet(bytes.subarray(at, at + minPacketBytes)).payloads) {
        const writtenMs = presentationMs! - parser.header.fileProperties!.prerollMs;
        if (offset === 0) delays.push(atMs - writtenMs);
      }
    }
  }
  assertEquals(delays.length, FRAME_COUNT);
  assertLessOrEqual(Math.max(...delays), 100);
  const wireBytes = received.reduce((sum, { byteLength }) => sum + byteLength + 4, 0);
  assertLess(wireBytes, 1.3 * FRAME_COUNT * FRAME.byteLength);
});
