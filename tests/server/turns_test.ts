/** Whoever sends much leaves room for the others. */

import { assert, assertEquals } from "@std/assert";
import { Brake } from "../../src/server/brake.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { SHARE, Turns } from "../../src/server/turns.ts";
import { until } from "./live.ts";
import { liveHeader } from "./live_header.ts";
import { RawPush } from "./raw_push.ts";
import { frame, PACKET_KIND } from "../../src/wire/framing.ts";

Deno.test("of those that send without end one goes on at a time, in turn; who sends little never waits", async () => {
  const turns = new Turns();
  const order: number[] = [];
  const senders = [1, 2, 3].map(async (name) => {
    const share = turns.share();
    for (let i = 0; i < 10 * SHARE; i++) {
      const turn = share.spend(0);
      if (turn) order.push(name);
      await turn;
    }
  });
  const little = turns.share();
  for (let i = 1; i < SHARE; i++) assertEquals(little.spend(0), undefined);
  await Promise.all(senders);
  assertEquals(order, Array.from({ length: 30 }, (_, i) => i % 3 + 1));
});

Deno.test("small packets that come at once leave the event loop a turn after each share", async () => {
  const { bytes, packet } = await liveHeader();
  const server = PublishingServer.listen();
  const push = await RawPush.open(server.url + "live");
  await push.header(bytes);
  await until(() => server.status().points[0]!.isLive, "the push");
  const count = 4000;
  const small = frame(PACKET_KIND.data, packet.subarray(0, 40));
  const all = new Uint8Array(count * small.length);
  for (let i = 0; i < count; i++) all.set(small, i * small.length);
  const facts = () => server.status().points[0]!;
  const come = () => facts().packetCount + facts().refusedPacketCount;
  let most = 0;
  const sending = push.raw(all);
  for (let before = come(); before < count;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const now = come();
    most = Math.max(most, now - before);
    before = now;
  }
  await sending;
  // A timer may miss a turn now and then.
  assert(most <= 4 * SHARE, `${most} packets between two turns of the event loop`);
  await push.end(0);
  await push.closed();
  await server.close();
});

Deno.test("an encoder that comes back while the server is behind loses nothing of what it had sent", async () => {
  const { bytes, packet } = await liveHeader();
  const server = PublishingServer.listen();
  const before = await RawPush.open(server.url + "live");
  await before.header(bytes);
  await until(() => server.status().points[0]!.isLive, "the push");
  const framed = frame(PACKET_KIND.data, packet);
  // More than one share, and less than what the system holds for a connection.
  const count = 4 * SHARE;
  const all = new Uint8Array(count * framed.length);
  for (let i = 0; i < count; i++) all.set(framed, i * framed.length);
  await before.raw(all);
  before.abandon();
  const after = await RawPush.open(server.url + "live", before.id);
  assertEquals(after.id, before.id);
  await after.header(bytes);
  await after.data([packet]);
  await until(() => server.status().points[0]!.packetCount > count, "all packets");
  await after.end(0);
  await after.closed();
  await server.close();
});

Deno.test("an encoder that comes back is not kept waiting by a connection that stands and is silent", async () => {
  const { bytes, packet } = await liveHeader();
  const server = PublishingServer.listen();
  const before = await RawPush.open(server.url + "live");
  await before.header(bytes);
  await until(() => server.status().points[0]!.isLive, "the push");
  const pushes = [before];
  for (let i = 1; i <= 3; i++) {
    const after = await RawPush.open(server.url + "live", before.id);
    pushes.push(after);
    await after.header(bytes);
    await after.data([packet]);
    await until(() => server.status().points[0]!.packetCount === i, "the packet");
  }
  await pushes.at(-1)!.end(0);
  for (const push of pushes) await push.closed();
  await server.close();
});

Deno.test("Brake lets a burst pass, then so many in a time, each network on its own", () => {
  let now = 1000;
  const brake = new Brake(3, 100, () => now);
  assertEquals([1, 2, 3, 4, 5].map(() => brake.take("a")), [0, 0, 0, 100, 200]);
  assertEquals([brake.take("b"), brake.waitMs("a")], [0, 300]);
  now += 10_000;
  assertEquals([1, 2, 3, 4].map(() => brake.take("a")), [0, 0, 0, 100]);
});
