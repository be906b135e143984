/** Peers that mean harm, or are broken: nobody else may notice. */

import { assert, assertEquals } from "@std/assert";
import { Authenticator } from "../../src/push/auth.ts";
import { PublishingServer, type ServerOptions } from "../../src/server/mod.ts";
import { get, playing, until } from "./live.ts";
import { liveHeader } from "./live_header.ts";

/** A server with a broadcast and a player, which must come through unharmed. */
async function withServer(
  fn: (server: PublishingServer, port: number) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  const server = PublishingServer.listen({ playerWaitMs: 50, ...options });
  const { bytes, packet } = await liveHeader();
  const feed = server.feed("live");
  await feed.open!();
  await feed.header(bytes);
  const player = get(server.url + "live");
  await playing(server, 1);
  await fn(server, Number(new URL(server.url).port));
  await feed.data(packet, { unitBytes: packet.length, unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [] });
  await feed.close();
  assertEquals((await player).body.length, bytes.length + packet.length);
  await server.close();
}

/** Sends bytes, and answers what comes back until the server closes. */
async function send(port: number, bytes: Uint8Array): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await conn.write(bytes).catch(() => {});
    await conn.closeWrite().catch(() => {});
    let text = "";
    const buffer = new Uint8Array(4096);
    for (let count; (count = await conn.read(buffer).catch(() => null)) !== null;) {
      text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
    return text;
  } finally {
    conn.close();
  }
}

const text = (value: string) => Uint8Array.from(value.replaceAll("\n", "\r\n"), (char) => char.charCodeAt(0));
const SETUP = "POST /x HTTP/1.1\nContent-Type: application/x-wms-pushsetup\n";
const START = "POST /x HTTP/1.1\nContent-Type: application/x-wms-pushstart\n";

const CASES: { name: string; request: string; answer: RegExp }[] = [
  { name: "nothing", request: "", answer: /^$/ },
  { name: "the older binary protocol", request: "\x01\0\0\0\xce\xfa\x0b\xb0", answer: /^$/ },
  { name: "an endless first line", request: "GET /" + "a".repeat(9000) + " HTTP/1.1\n\n", answer: /^HTTP\/1.1 400/ },
  { name: "an endless head", request: "GET / HTTP/1.1\n" + "X: y\n".repeat(3000) + "\n", answer: /^HTTP\/1.1 400/ },
  { name: "a first line that is none", request: "HELLO\n\n", answer: /^HTTP\/1.1 400/ },
  { name: "a field without a name", request: "GET / HTTP/1.1\n: x\n\n", answer: /^HTTP\/1.1 400/ },
  {
    name: "two lengths",
    request: "POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\n",
    answer: /^HTTP\/1.1 400/,
  },
  { name: "a negative length", request: "POST / HTTP/1.1\nContent-Length: -1\n\n", answer: /^HTTP\/1.1 400/ },
  {
    name: "a length that lies",
    request: "POST / HTTP/1.1\nContent-Length: 999999999999\n\nab",
    answer: /^HTTP\/1.1 400/,
  },
  { name: "a path out of the tree", request: "GET /../../etc/passwd HTTP/1.1\n\n", answer: /^HTTP\/1.0 404/ },
  { name: "a path that is no UTF-8", request: "GET /%ff HTTP/1.1\n\n", answer: /^HTTP\/1.0 404/ },
  { name: "an unknown method", request: "BREW / HTTP/1.1\n\n", answer: /^HTTP\/1.0 501/ },
  {
    name: "directives that are too long",
    request: SETUP + "Content-Length: 5000\n\n" + "a".repeat(5000),
    answer: /^HTTP\/1.1 400/,
  },
  {
    name: "a push without a setup",
    request: START + "Content-Length: 100\nCookie: push-id=7\n\n",
    answer: /^HTTP\/1.1 404/,
  },
  { name: "a push to a point in use", request: SETUP.replace("/x", "/live") + "\n", answer: /^HTTP\/1.1 409/ },
];

for (const { name, request, answer } of CASES) {
  Deno.test(`a peer that sends ${name} gets its answer, and nobody else notices`, async () => {
    await withServer(async (_, port) => {
      const got = await send(port, text(request));
      assert(answer.test(got), got);
    });
  });
}

const BODIES: { name: string; body: number[]; length?: number }[] = [
  { name: "something else than packets", body: [1, 2, 3, 4] },
  { name: "data before the header", body: [0x24, 0x44, 2, 0, 0, 0] },
  { name: "a header that is none", body: [0x24, 0x48, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8] },
  { name: "an unknown packet", body: [0x24, 0x58, 0, 0] },
  { name: "a packet that is too long", body: [0x24, 0x44, 0xff, 0xff] },
  { name: "a packet across the end", body: [0x24, 0x46, 9, 0, 0, 0], length: 6 },
];

for (const { name, body, length = 1000 } of BODIES) {
  Deno.test(`a push with ${name} is refused, and its point is free again`, async () => {
    await withServer(async (server, port) => {
      const head = text(`${SETUP}Content-Length: 0\n\n${START}Content-Length: ${length}\n\n`);
      const got = await send(port, Uint8Array.from([...head, ...body]));
      assert(/^HTTP\/1.1 204 [^]*HTTP\/1.1 400 Bad Request/.test(got), got);
      assertEquals(server.status().points.find((point) => point.name === "x")!.encoder, undefined);
    });
  });
}

/** Sends a byte every few milliseconds until the server has had enough; answers what it says then. */
async function drip(port: number, first: Uint8Array, byte: number): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  let isOver = false;
  const dripping = (async () => {
    await conn.write(first);
    while (!isOver) {
      await conn.write(Uint8Array.of(byte)).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  let answer = "";
  const buffer = new Uint8Array(4096);
  for (let count; (count = await conn.read(buffer).catch(() => null)) !== null;) {
    answer += new TextDecoder("latin1").decode(buffer.subarray(0, count));
  }
  isOver = true;
  await dripping;
  conn.close();
  return answer;
}

const DRIPS: { name: string; first: string; byte: number; answer: RegExp }[] = [
  { name: "a request", first: "", byte: 0x47, answer: /^HTTP\/1.1 408/ },
  { name: "a field", first: "GET /live HTTP/1.1\nX: ", byte: 0x61, answer: /^HTTP\/1.1 408/ },
  { name: "directives", first: `${SETUP}Content-Length: 4000\n\n`, byte: 0x61, answer: /^HTTP\/1.1 408/ },
  { name: "statistics", first: "POST /live HTTP/1.1\nContent-Length: 40000\n\n", byte: 0x61, answer: /^HTTP\/1.1 408/ },
  {
    name: "a push",
    first: `${SETUP}\n${START}Content-Length: 100000\n\n$H\xff\x70`,
    byte: 0x30,
    answer: /^HTTP\/1.1 204 [^]*HTTP\/1.1 408/,
  },
  {
    name: "a push of fillers",
    first: `${SETUP}\n${START}Content-Length: 100000\n\n$F\xff\x70`,
    byte: 0,
    answer: /^HTTP\/1.1 204 [^]*HTTP\/1.1 408/,
  },
];

for (const { name, first, byte, answer } of DRIPS) {
  Deno.test(`who lets ${name} drip is hung up on, however steady the drops`, async () => {
    await withServer(async (server, port) => {
      const got = await drip(port, text(first), byte);
      assert(answer.test(got), got);
      assertEquals(server.status().points.find((point) => point.name === "x")?.encoder, undefined);
    }, { requestMs: 200, pushIdleMs: 200 });
  });
}

Deno.test("who has not got the password is hung up on as fast as who says nothing", async () => {
  const pushCredentials = { user: "me", password: "secret" };
  await withServer(async (_, port) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(text(`${SETUP}\n`));
    const got = new TextDecoder().decode(new Uint8Array(await new Response(conn.readable).arrayBuffer()));
    assert(/^HTTP\/1.1 401 [^]*HTTP\/1.1 408/.test(got), got);
  }, { pushCredentials, requestMs: 200 });
});

/** What comes within one read. */
async function read(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  return new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
}

Deno.test("who has not got the password is told so before its directives are there, and nobody looks at them", async () => {
  const pushCredentials = { user: "me", password: "secret" };
  await withServer(async (_, port) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const body = "Template-URL:" + " ".repeat(4000) + 'a"b';
    await conn.write(text(`${SETUP}Content-Length: ${body.length}\n\n`));
    const challenge = await read(conn);
    assert(challenge.startsWith("HTTP/1.1 401 "), challenge);
    await conn.write(text(body));
    // The next request stands behind them.
    const client = new Authenticator(pushCredentials, { isAllowed: false, isDowngrade: false });
    client.challenge([challenge.match(/^WWW-Authenticate: (.*)\r$/m)![1]!]);
    const authorization = `Authorization: ${client.header("POST", "/x")}\n`;
    await conn.write(text(`${SETUP}${authorization}Content-Length: 0\n\n`));
    const granted = await read(conn);
    assert(granted.startsWith("HTTP/1.1 204 "), granted);
    conn.close();
  }, { pushCredentials });
});

Deno.test("directives of a stranger that are too long are not waited for", async () => {
  await withServer(async (_, port) => {
    const got = await send(port, text(`${SETUP}Content-Length: 5000\n\n`));
    assert(/^HTTP\/1.1 401 /.test(got), got);
  }, { pushCredentials: { user: "me", password: "secret" } });
});

Deno.test("a player that never reads is let go of behind the end too", async () => {
  await withServer(async (server, port) => {
    const { bytes, packet } = await liveHeader();
    const feed = server.feed("other");
    await feed.open!();
    await feed.header(bytes);
    const stuck = await Deno.connect({ hostname: "127.0.0.1", port });
    await stuck.write(text("GET /other HTTP/1.0\n\n"));
    await playing(server, 2);
    const other = () => server.status().points.find(({ name }) => name === "other")!;
    const info = { unitBytes: packet.length, unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [] };
    for (let i = 0; i < 100_000 && !other().players.some(({ queuedBytes }) => queuedBytes > 500_000); i++) {
      await feed.data(packet, info);
      if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await feed.close();
    await until(() => other().playerCount === 0, "the end of the player");
    assertEquals(other().droppedPlayerCount, 1);
    stuck.close();
  }, { stallMs: 200 });
});

Deno.test("connections that say nothing are bounded in number, and keep nobody out", async () => {
  const server = PublishingServer.listen({ maxPlayers: 2 });
  const port = Number(new URL(server.url).port);
  const idle = await Promise.all(Array.from({ length: 140 }, () => Deno.connect({ hostname: "127.0.0.1", port })));
  const { head } = await get(server.url + "status.json");
  assert(/^HTTP\/1\.1 200/.test(head), head);
  let closedCount = 0;
  for (const conn of idle) void conn.read(new Uint8Array(1)).then(() => closedCount++, () => {});
  await until(() => closedCount >= 10, "those that came first to be let go of");
  await server.close();
  await until(() => closedCount === 140, "the others");
  for (const conn of idle) conn.close();
});
