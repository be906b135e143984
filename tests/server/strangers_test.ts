/** Connections to which nothing is granted: half-sent, idle, waiting. Nobody is kept out by them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Newcomers } from "../../src/server/newcomers.ts";
import { PublishingServer, type ServerOptions } from "../../src/server/mod.ts";
import { get, until } from "./live.ts";
import { RawPush, take } from "./raw_push.ts";

const text = (lines: readonly string[]) => new TextEncoder().encode([...lines, "", ""].join("\r\n"));
const SETUP = ["POST /x HTTP/1.1", "Content-Type: application/x-wms-pushsetup"];
/** More than a server for two players takes connections. */
const HOSTILE_COUNT = 140;

const HOSTILE: { name: string; request: readonly string[]; options?: ServerOptions }[] = [
  { name: "half-sent statistics", request: ["POST /x HTTP/1.1", "Content-Length: 60000"] },
  { name: "half-sent directives", request: [...SETUP, "Content-Length: 4000"] },
  {
    name: "half-sent directives before a password",
    request: [...SETUP, "Content-Length: 4000"],
    options: { pushCredentials: { user: "me", password: "secret" } },
  },
  { name: "silence behind a setup", request: [...SETUP, "Content-Length: 0"] },
  { name: "plain requests of nothing", request: ["GET /nothing HTTP/1.1"] },
  { name: "players of nothing", request: ["GET /nothing HTTP/1.1", "User-Agent: NSPlayer/4", "Pragma: xPlayStrm=1"] },
];

for (const { name, request, options } of HOSTILE) {
  Deno.test(`${name}, over more connections than there may be, keep nobody out`, async () => {
    const server = PublishingServer.listen({ maxPlayers: 2, ...options });
    const port = Number(new URL(server.url).port);
    const conns: Deno.Conn[] = [];
    for (let i = 0; i < HOSTILE_COUNT; i++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conns.push(conn);
      await conn.write(text(request)).catch(() => {});
      if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    for (const path of ["status.json", "metrics"]) {
      const { head } = await get(server.url + path);
      assertMatch(head, /^HTTP\/1\.1 200/);
    }
    for (const conn of conns) conn.close();
    await server.close();
  });
}

Deno.test("who waits for a broadcast takes no player's place", async () => {
  const server = PublishingServer.listen({ maxPlayers: 2 });
  const port = Number(new URL(server.url).port);
  const waiting = await Promise.all(Array.from({ length: 20 }, () => Deno.connect({ hostname: "127.0.0.1", port })));
  for (const conn of waiting) await conn.write(text(["GET /nothing HTTP/1.1"]));
  const stream = await take("tone.mp3");
  const push = await RawPush.open(server.url + "live");
  await push.header(stream.header);
  await until(() => server.status().points.some(({ isLive }) => isLive), "the push");
  const player = get(server.url + "live");
  await until(() => server.status().points.some(({ playerCount }) => playerCount === 1), "the player");
  await push.data(stream.packets);
  await push.end(0);
  assertMatch((await player).head, /^HTTP\/1\.0 200/);
  await push.closed();
  for (const conn of waiting) conn.close();
  await server.close();
});

Deno.test("an encoder and a player stay while strangers come and go", async () => {
  const server = PublishingServer.listen({ maxPlayers: 2 });
  const port = Number(new URL(server.url).port);
  const stream = await take("tone.mp3");
  const push = await RawPush.open(server.url + "live");
  await push.header(stream.header);
  await until(() => server.status().points.some(({ isLive }) => isLive), "the push");
  const player = get(server.url + "live");
  await until(() => server.status().points.some(({ playerCount }) => playerCount === 1), "the player");
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < 2 * HOSTILE_COUNT; i++) conns.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  await push.data(stream.packets);
  await push.end(0);
  const bytes = stream.packets.reduce((sum, packet) => sum + packet.length, stream.header.length);
  assertEquals((await player).body.length, bytes);
  await push.closed();
  for (const conn of conns) conn.close();
  await server.close();
});

Deno.test("one push has few connections: those set up first make room", async () => {
  const server = PublishingServer.listen();
  const port = Number(new URL(server.url).port);
  const buffer = new Uint8Array(4096);
  let id = "0";
  let closedCount = 0;
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < 20; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conns.push(conn);
    await conn.write(text([...SETUP, `Cookie: push-id=${id}`, "Content-Length: 0"]));
    const answer = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    id = answer.match(/push-id=(\d+)/)![1]!;
    void conn.read(new Uint8Array(1)).then((count) => closedCount += Number(count === null), () => {});
  }
  await until(() => closedCount === 16, "16 of 20 to be let go of");
  for (const conn of conns) conn.close();
  await server.close();
});

Deno.test("an address has no more connections than it may", async () => {
  const server = PublishingServer.listen({ maxPerAddress: 3 });
  const port = Number(new URL(server.url).port);
  const conns = await Promise.all(Array.from({ length: 10 }, () => Deno.connect({ hostname: "127.0.0.1", port })));
  let closedCount = 0;
  for (const conn of conns) void conn.read(new Uint8Array(1)).then(() => closedCount++, () => {});
  await until(() => closedCount === 7, "7 of 10 to be let go of");
  for (const conn of conns) conn.close();
  await server.close();
});

Deno.test("Newcomers makes room at the network that holds the most, with the oldest, however often it asks", () => {
  let now = 0;
  const newcomers = new Newcomers<{ network: string; name: number }>(() => now++);
  const honest = { network: "192.0.2.1", name: 0 };
  newcomers.add(honest);
  const hostile = Array.from({ length: 100 }, (_, name) => ({ network: "192.0.2.2", name }));
  for (const one of hostile) newcomers.add(one);
  for (const one of hostile.slice(0, 50)) newcomers.add(one);
  const evicted = Array.from({ length: 99 }, () => newcomers.evict());
  assertEquals(evicted, hostile.slice(0, 99));
  assertEquals(newcomers.evict(1e9), undefined);
  assert(newcomers.evict() && newcomers.evict());
  assertEquals(newcomers.evict(), undefined);
});
