import { assert, assertEquals } from "@std/assert";
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

for (const frameBytes of [50_000, 600_000]) {
  Deno.test(`what of frames of ${frameBytes} bytes does not fit the queue of a push that is away is counted`, async () => {
    const server = PublishingServer.listen({ maxPlayerQueueBytes: 256 << 20 });
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
    const frame = new Uint8Array(frameBytes);
    let count = 0;
    const write = async (most: number) => {
      for (let i = 0; i < most; i++, count++) {
        await writer.writeSample(1, {
          data: frame,
          timestamp: count * 40_000,
          type: count % 10 === 0 ? "key" : "delta",
        });
      }
    };
    await write(15); // behind the opening window
    const player = get(server.url + "live");
    await playing(server, 1);
    await push.disconnect();
    await write(200); // of which 4 MiB fit
    await push.connect(server.url + "live");
    await until(() => push.state === "streaming", "the resumed push");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await write(40);
    const report = await writer.endWriting();
    const samples = await samplesOf((await player).body);
    const { samplesDropped } = report.sinks[0]!;
    assert(samplesDropped > 100, String(samplesDropped));
    assertEquals(samples.length + samplesDropped, count);
    const times = samples.map((sample) =>
      Math.round((Number(sample.split(" ").at(-1)) - Number(samples[0]!.split(" ").at(-1))) / 40)
    );
    const gap = times.findIndex((time, i) => i > 0 && time !== times[i - 1]! + 1);
    assertEquals(times[gap]! % 10, 0);
    await server.close();
  });
}
