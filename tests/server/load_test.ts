import { assert, assertEquals, assertLess } from "@std/assert";
import { asf, PushSink, Writer } from "../../mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { broadcast, get, playing, samplesOf, until } from "./live.ts";

Deno.test("a hundred players get the same, to the byte", async () => {
  const server = PublishingServer.listen();
  const players: Promise<{ body: Uint8Array }>[] = [];
  await broadcast({
    sinks: [[server.feed("live")]],
    async begun() {
      for (let i = 0; i < 100; i++) players.push(get(server.url + "live"));
      await playing(server, 100);
    },
  });
  const [first, ...others] = await Promise.all(players);
  for (const { body } of others) assertEquals(body.length, first!.body.length);
  assertEquals(others.at(-1)!.body, first!.body);
  assertEquals((await samplesOf(first!.body)).length, 125 + 217);
  await server.close();
});

Deno.test("a push of 32 kbit/s adds at most 100 ms, and at most 30 % on the wire", async () => {
  const server = PublishingServer.listen();
  const push = new PushSink();
  await push.connect(server.url + "live");
  const writer = new Writer({
    container: asf(),
    sinks: [push],
    streams: [{ kind: "audio", codec: "mp3", sampleRate: 32000, numberOfChannels: 1, bitrate: 32_000 }],
  });
  await writer.beginWriting();
  // Frames of 36 ms and 144 bytes: MPEG-1 layer 3, 32 kbit/s, 32 kHz, one channel.
  const frame = new Uint8Array(144);
  frame.set([0xff, 0xfb, 0x18, 0xc0]);
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
  await conn.write(new TextEncoder().encode("GET /live HTTP/1.0\r\n\r\n"));
  const arrivals: { at: number; bytes: number }[] = [];
  const reading = (async () => {
    const buffer = new Uint8Array(65_536);
    for (let bytes = 0, count; (count = await conn.read(buffer)) !== null;) {
      arrivals.push({ at: performance.now(), bytes: bytes += count });
    }
  })();
  const startedAt = performance.now();
  const written: number[] = [];
  const frameCount = 70;
  for (let i = 0; i < frameCount; i++) {
    const waitMs = startedAt + i * 36 - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    written.push(performance.now());
    await writer.writeSample(1, { data: frame, timestamp: i * 36_000, duration: 36_000 });
  }
  await writer.endWriting();
  await reading;
  conn.close();
  await server.close();

  const mediaBytes = frameCount * frame.byteLength;
  const { bytes } = writer.getStatistics().sinks[0]!;
  const headerBytes = arrivals[0]!.bytes; // head and header come first, before any packet
  assertLess(bytes - 5000, 1.3 * mediaBytes);
  // When n packets had come, how long the newest frame in them had waited: bytes tell which frame that was.
  const dataBytes = arrivals.at(-1)!.bytes - headerBytes;
  const perFrame = dataBytes / frameCount;
  const delays = arrivals.slice(1).map(({ at, bytes }) => {
    const newest = Math.min(frameCount, Math.floor((bytes - headerBytes) / perFrame)) - 1;
    const oldestInPacket = Math.max(0, newest - 2);
    return at - written[oldestInPacket]!;
  }).sort((a, b) => a - b);
  assert(delays.length > 10, String(delays.length));
  // Half of them: the other half is the machine's, which runs tests beside.
  assertLess(delays[Math.floor(delays.length / 2)]!, 150);
});

Deno.test("what does not fit the queue of a push that is away is counted, and the rest begins at a key frame", async () => {
  const server = PublishingServer.listen();
  const push = new PushSink();
  await push.connect(server.url + "live");
  const writer = new Writer({
    container: asf(),
    sinks: [push],
    streams: [{
      kind: "video",
      codec: "WMV3",
      codedWidth: 64,
      codedHeight: 64,
      bitrate: 20_000_000,
      description: new Uint8Array([0x4f, 0xf1, 0x80, 0x01]),
    }],
  });
  await writer.beginWriting();
  const frame = new Uint8Array(50_000);
  let count = 0;
  const write = async (most: number) => {
    for (let i = 0; i < most; i++, count++) {
      await writer.writeSample(1, { data: frame, timestamp: count * 40_000, type: count % 10 === 0 ? "key" : "delta" });
    }
  };
  await write(15); // behind the opening window
  const player = get(server.url + "live");
  await playing(server, 1);
  await push.disconnect();
  await write(200); // 10 MB, of which 4 MiB fit
  await push.connect(server.url + "live");
  await until(() => push.state === "streaming", "the resumed push");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await write(40);
  const report = await writer.endWriting();
  const samples = await samplesOf((await player).body);
  const { samplesDropped } = report.sinks[0]!;
  assert(samplesDropped > 100 && samplesDropped < 200, String(samplesDropped));
  assertEquals(samples.length + samplesDropped, count);
  const times = samples.map((sample) =>
    Math.round((Number(sample.split(" ").at(-1)) - Number(samples[0]!.split(" ").at(-1))) / 40)
  );
  const gap = times.findIndex((time, i) => i > 0 && time !== times[i - 1]! + 1);
  assertEquals(times[gap]! % 10, 0);
  await server.close();
});
