/** Who may see and try what. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Authenticator } from "../../src/push/auth.ts";
import { PublishingServer, type ServerOptions, type ServerStatus } from "../../src/server/mod.ts";
import { PointRegistry } from "../../src/server/point_registry.ts";
import { parseStatusLine } from "../../src/wire/http_head.ts";
import { plainText } from "../../src/wire/url.ts";
import { broadcast, get, PLAY, playing } from "./live.ts";

/** Status line and body of a request with these fields, and no others. */
async function ask(port: number, path: string, fields: readonly string[]): Promise<{ status: number; body: string }> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode([`GET ${path} HTTP/1.1`, ...fields, "", ""].join("\r\n")));
  const text = await new Response(conn.readable).text();
  return { status: Number(text.split(" ")[1]), body: text.slice(text.indexOf("\r\n\r\n") + 4) };
}

const REQUESTS: { name: string; fields: string[]; status: number }[] = [
  { name: "an address", fields: ["Host: 127.0.0.1:80"], status: 200 },
  { name: "an address of IPv6", fields: ["Host: [::1]:80"], status: 200 },
  { name: "localhost", fields: ["Host: localhost"], status: 200 },
  { name: "the name it was given", fields: ["Host: Live.example.com:8080"], status: 200 },
  { name: "its own page", fields: ["Host: localhost:8", "Origin: http://localhost:8"], status: 200 },
  {
    name: "its own page behind a proxy",
    fields: ["Host: live.example.com", "Origin: https://live.example.com"],
    status: 200,
  },
  { name: "another name that leads here", fields: ["Host: evil.example.com"], status: 403 },
  { name: "a name with its own in front", fields: ["Host: live.example.com.evil.example"], status: 403 },
  { name: "another site", fields: ["Host: localhost:8", "Origin: http://evil.example.com"], status: 403 },
  { name: "another port's site", fields: ["Host: localhost:8", "Origin: http://localhost:9"], status: 403 },
  { name: "a page without a site", fields: ["Host: localhost:8", "Origin: null"], status: 403 },
];

for (const { name, fields, status } of REQUESTS) {
  Deno.test(`status pages answer ${status} to ${name}`, async () => {
    const server = PublishingServer.listen({ statusHosts: ["live.example.com"] });
    for (const path of ["/", "/status.json", "/metrics"]) {
      assertEquals((await ask(Number(new URL(server.url).port), path, fields)).status, status, path);
    }
    await server.close();
  });
}

const READERS: { name: string; options: ServerOptions; fields: string[]; seesAll: boolean }[] = [
  { name: "this machine", options: {}, fields: [], seesAll: true },
  { name: "a proxy on this machine", options: {}, fields: ["X-Forwarded-For: 192.0.2.1"], seesAll: false },
  { name: "another proxy on this machine", options: {}, fields: ["Forwarded: for=192.0.2.1"], seesAll: false },
  { name: "who is not named", options: { statusReaders: ["192.0.2.1"] }, fields: [], seesAll: false },
  { name: "who is named", options: { statusReaders: ["127.0.0.1"] }, fields: ["Forwarded: for=x"], seesAll: true },
];

for (const { name, options, fields, seesAll } of READERS) {
  Deno.test(`${name} is shown ${seesAll ? "" : "no "}addresses and paths`, async () => {
    const folder = await Deno.makeTempDir();
    const server = PublishingServer.listen({ ...options, recordFolder: folder });
    let player: Promise<unknown> | undefined;
    let body = "";
    await broadcast({
      input: "tone.mp3",
      sinks: [[server.feed("live")]],
      async begun() {
        player = get(server.url + "live", PLAY);
        await playing(server, 1);
        body = (await ask(Number(new URL(server.url).port), "/status.json", fields)).body;
      },
    });
    await player;
    await server.close();
    await Deno.remove(folder, { recursive: true });
    const [point] = (JSON.parse(body) as ServerStatus).points;
    assertEquals(point!.playerCount, 1);
    assert(point!.recording!.endsWith(".asf"));
    assertEquals([body.includes("127.0.0.1"), body.includes(folder)], [seesAll, seesAll]);
  });
}

Deno.test("after some wrong passwords an address must wait, and is told so; the right one comes in first of all", async () => {
  const server = PublishingServer.listen({ pushCredentials: { user: "me", password: "secret" } });
  const port = Number(new URL(server.url).port);
  const counts: Record<string, number> = {};
  const began = performance.now();
  const guess = async (password: string) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const buffer = new Uint8Array(4096);
    const send = async (field: string[]) => {
      const lines = ["POST /x HTTP/1.1", "Content-Type: application/x-wms-pushsetup", ...field, "Content-Length: 0"];
      await conn.write(new TextEncoder().encode([...lines, "", ""].join("\r\n")));
      return new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    };
    const client = new Authenticator({ user: "me", password }, { isAllowed: false, isDowngrade: false });
    client.challenge([(await send([])).match(/^WWW-Authenticate: (.*)\r$/m)![1]!]);
    const answer = await send([`Authorization: ${client.header("POST", "/x")}`]);
    conn.close();
    return answer.slice(9, 12);
  };
  assertEquals(await guess("secret"), "204");
  for (let i = 0; i < 100; i++) {
    const status = await guess(`no ${i}`);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  assert(counts[401]! <= 10 + Math.ceil((performance.now() - began) / 1000), JSON.stringify(counts));
  assert(counts[429]! > 0);
  await server.close();
});

Deno.test("no publishing point has a page's name, or one that a terminal must not get", () => {
  const registry = new PointRegistry(() => undefined, undefined, 9);
  const names = ["", "status.json", "metrics", "a\x1b[2J", "a\u009b2J", "a\u202eb", "a\u2066b", "a\u200fb", "a\u2028b"];
  for (const name of names) {
    assertEquals(registry.nameOf(`/${encodeURIComponent(name)}`), undefined, JSON.stringify(name));
    assertMatch(registry.open(name) as string, /^404 /);
    assertThrows(() => PublishingServer.listen({ points: [name] }), RangeError, "no publishing point can be called");
  }
  for (const name of ["live", "a/status.json", "日本語", "עברית"]) {
    assertEquals(registry.nameOf(`/${encodeURIComponent(name)}`), name);
  }
});

Deno.test("what a server says is plain before anybody sees it", () => {
  const { reason } = parseStatusLine("HTTP/1.1 500 a\x9b2Jb\u202ec");
  assertEquals(reason, "a\ufffd2Jb\ufffdc");
  assertEquals(plainText("a\x1b]0;x\x07\n\tb"), "a\ufffd]0;x\ufffd\n\tb");
});
