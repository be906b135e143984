/** Streams of other servers, and of ours, read back. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MuxError } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { openMmsh, PublishingServer } from "../../src/server/mod.ts";
import { fixture } from "../support/temp.ts";
import { broadcast, playing, samplesOf } from "../server/live.ts";
import { take } from "../server/raw_push.ts";

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("openMmsh() reads our own server to the end of the broadcast, sample for sample", async () => {
  const server = PublishingServer.listen();
  let reading: Promise<Uint8Array> | undefined;
  await broadcast({
    sinks: [[server.feed("live")]],
    async begun() {
      reading = bytesOf(await openMmsh(server.url.replace("http", "mmsh") + "live"));
      await playing(server, 1);
    },
  });
  const { header, packets } = await take("clip.mp4");
  const expected = await samplesOf(Uint8Array.from([header, ...packets].flatMap((bytes) => [...bytes])));
  assertEquals(await samplesOf(await reading!), expected);
  await server.close();
});

Deno.test("openMmsh() gives openMedia a source that can be left", async () => {
  const server = PublishingServer.listen();
  await broadcast({
    input: "clip.mp4",
    sinks: [[server.feed("live")]],
    async begun() {
      const media = await openMedia(await openMmsh(server.url + "live"));
      assertEquals(media.streams.map(({ kind }) => kind), ["video", "audio"]);
      for await (const _ of media.batches) break;
      await media[Symbol.asyncDispose]();
    },
  });
  await using original = await openMedia(fixture("clip.mp4"));
  assertEquals(original.streams.length, 2);
  await server.close();
});

/** A server that says the same to everybody. */
async function withServer(answers: (Uint8Array | string)[], fn: (url: string) => Promise<void>): Promise<string[]> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const accepting = (async () => {
    for await (const conn of listener) {
      const buffer = new Uint8Array(4096);
      const count = await conn.read(buffer) ?? 0;
      requests.push(new TextDecoder().decode(buffer.subarray(0, count)));
      for (const answer of answers) {
        const bytes = typeof answer === "string" ? new TextEncoder().encode(answer.replaceAll("\n", "\r\n")) : answer;
        for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at)).catch(() => Infinity);
      }
      await conn.closeWrite().catch(() => {});
      conn.close();
    }
  })();
  await fn(`mmsh://127.0.0.1:${listener.addr.port}/live`);
  listener.close();
  await accepting.catch(() => {});
  return requests;
}

/** A packet as players get it. */
function framed(kind: string, payload: Uint8Array, flags = 0x0c): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  bytes.set([0x24, kind.charCodeAt(0)]);
  for (const at of [2, 10]) new DataView(bytes.buffer).setUint16(at, 8 + payload.length, true);
  bytes[9] = flags;
  bytes.set(payload, 12);
  return bytes;
}

const OK = "HTTP/1.0 200 OK\nContent-Type: application/x-mms-framed\nServer: Rex/9.0.0.2980\n\n";

Deno.test("openMmsh() asks as players do, and takes headers in pieces, stripped packets, $M, and long ends", async () => {
  const { header, packets } = await take("tone.mp3");
  const stripped = packets.map((packet) => {
    // Padding of one or two bytes' width, behind three of error correction and two of flags.
    const width = packet[3]! >> 3 & 3;
    const padding = width === 0 ? 0 : packet[5]! | (width === 2 ? packet[6]! << 8 : 0);
    const short = packet.slice(0, packet.length - padding);
    short.fill(0, 5, 5 + width);
    return short;
  });
  const answers = [
    OK,
    framed("M", new Uint8Array(20)),
    framed("H", header.subarray(0, 300), 4),
    framed("H", header.subarray(300), 8),
    ...stripped.map((packet) => framed("D", packet)),
    Uint8Array.of(0x24, 0x45, 8, 0, 9, 0, 0, 0, 0, 0, 8, 0),
  ];
  const requests = await withServer(answers, async (url) => {
    const got = await samplesOf(await bytesOf(await openMmsh(url)));
    const expected = await samplesOf(Uint8Array.from([header, ...packets].flatMap((bytes) => [...bytes])));
    assertEquals(got, expected);
  });
  assertMatch(requests[0]!, /^GET \/live HTTP\/1\.0\r\nHost: 127\.0\.0\.1:\d+\r\n[^]*User-Agent: NSPlayer\/4/);
  assertMatch(requests[1]!, /Pragma: xPlayStrm=1\r\n[^]*Pragma: stream-switch-entry=ffff:1:0 \r\n/);
});

Deno.test("openMmsh() ends where another broadcast begins", async () => {
  const { header, packets } = await take("tone.mp3");
  const change = Uint8Array.of(0x24, 0x43, 4, 0, 0, 0, 0, 0);
  await withServer([OK, framed("H", header), framed("D", packets[0]!), change, framed("H", header)], async (url) => {
    assertEquals((await bytesOf(await openMmsh(url))).length, header.length + packets[0]!.length);
  });
});

/** 3 MB of the same, in writes of a sensible size. */
function endless(packet: Uint8Array): Uint8Array[] {
  const many = new Uint8Array(packet.length * Math.ceil(65_536 / packet.length));
  for (let at = 0; at < many.length; at += packet.length) many.set(packet, at);
  return new Array(46).fill(many);
}

const REFUSALS: { name: string; answers: (string | Uint8Array)[]; code: string; text: RegExp }[] = [
  {
    name: "404",
    answers: ["HTTP/1.0 404 Not Found\n\n"],
    code: "refused-by-server",
    text: /it answers 404 Not Found$/,
  },
  { name: "nothing", answers: [], code: "refused-by-server", text: /without an answer/ },
  { name: "another protocol", answers: ["SSH-2.0-x\n\n"], code: "refused-by-server", text: /not answer in HTTP/ },
  {
    name: "an endless head",
    answers: ["HTTP/1.0 200 OK\n" + "X: y\n".repeat(9000)],
    code: "refused-by-server",
    text: /long/,
  },
  { name: "no framing", answers: [OK, "<html>"], code: "bad-media", text: /must begin with 24/ },
  { name: "no header", answers: [OK], code: "bad-media", text: /there is no header/ },
  {
    name: "half a header",
    answers: [OK, framed("H", new Uint8Array(90).fill(9))],
    code: "bad-media",
    text: /breaks off/,
  },
  {
    name: "an endless header",
    answers: [OK, ...Array.from({ length: 40 }, () => framed("H", new Uint8Array(60_000).fill(9), 0))],
    code: "bad-media",
    text: /exceeds/,
  },
  {
    name: "an endless header in empty pieces",
    answers: [OK, framed("H", new Uint8Array(1), 4), ...endless(framed("H", new Uint8Array(0), 0))],
    code: "bad-media",
    text: /the header exceeds 1048576 bytes/,
  },
  {
    name: "something else than a header, without an end",
    answers: [OK, ...endless(framed("M", new Uint8Array(0)))],
    code: "bad-media",
    text: /the header exceeds 1048576 bytes/,
  },
  {
    name: "packets without a head",
    answers: [OK, Uint8Array.of(0x24, 0x48, 2, 0, 1, 2)],
    code: "bad-media",
    text: /head/,
  },
];

for (const { name, answers, code, text } of REFUSALS) {
  Deno.test(`openMmsh() rejects where the server answers ${name}`, async () => {
    await withServer(answers, async (url) => {
      const error = await assertRejects(() => openMmsh(url), MuxError);
      assertEquals(error.code, code);
      assertMatch(error.message, text);
    });
  });
}

Deno.test("openMmsh() gives up a silent server in time, or when the signal says so", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `mmsh://127.0.0.1:${listener.addr.port}/live`;
  const error = await assertRejects(() => openMmsh(url, { silenceMs: 50 }), MuxError);
  assertEquals(error.code, "connection-failure");
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await assertRejects(() => openMmsh(url, { signal: controller.signal }), Error, "enough");
  listener.close();
  assertEquals((await assertRejects(() => openMmsh(url), MuxError)).code, "cannot-connect");
  await assertRejects(() => openMmsh("rtsp://127.0.0.1/live"), RangeError);
  await assertRejects(() => openMmsh("live"), TypeError);
});

Deno.test({
  name: "openMmsh() gives up a server that takes no connection, in time or when the signal says so",
  // Others make room for one more, or refuse it.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const { port } = listener.addr;
    const waiting = await Promise.all([1, 2].map(() => Deno.connect({ hostname: "127.0.0.1", port })));
    const url = `mmsh://127.0.0.1:${port}/live`;
    const error = await assertRejects(() => openMmsh(url, { silenceMs: 50 }), MuxError);
    assertEquals([error.code, error.message], [
      "cannot-connect",
      `Cannot open ${url}: the server was silent for 0.05 s`,
    ]);
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    assertEquals(await assertRejects(() => openMmsh(url, { signal: controller.signal }), Error), reason);
    for (const conn of waiting) conn.close();
    listener.close();
  },
});

Deno.test("openMmsh() gives up a stream of anything but media", async () => {
  const { header, packets } = await take("tone.mp3");
  const answers = [
    OK,
    framed("H", header),
    framed("D", packets[0]!),
    ...endless(framed("M", new Uint8Array(20))).slice(0, 8), // half a limit, twice: each packet counts anew
    framed("D", packets[1]!),
    ...endless(framed("M", new Uint8Array(20))),
  ];
  await withServer(answers, async (url) => {
    const reader = (await openMmsh(url)).getReader();
    for (let i = 0; i < 3; i++) assertEquals((await reader.read()).done, false);
    const error = await assertRejects(() => reader.read(), MuxError);
    assertEquals(error.code, "bad-media");
    assertMatch(error.message, /more than 1048576 bytes without media/);
  });
});

Deno.test("openMmsh() gives up a head, and a header, that drip", async () => {
  const { header } = await take("tone.mp3");
  for (const first of ["", OK.replaceAll("\n", "\r\n")]) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const dripping = (async () => {
      const conn = await listener.accept();
      try {
        await conn.write(new TextEncoder().encode(first));
        const drops = first === "" ? new Uint8Array(2_000).fill(0x41) : framed("H", header);
        for (let i = 0; i < drops.length; i++) {
          await conn.write(drops.subarray(i, i + 1));
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      } catch {
        // given up
      } finally {
        conn.close();
      }
    })();
    const error = await assertRejects(
      () => openMmsh(`mmsh://127.0.0.1:${listener.addr.port}/live`, { silenceMs: 200 }),
      MuxError,
    );
    assertEquals(error.code, "connection-failure");
    await dripping;
  }
});

Deno.test("openMmsh() refuses control characters, and shows no password", async () => {
  for (const text of ["\r\nX: y", "%0d%0aX:%20y", "?x=%00", "\x7f"]) {
    const error = await assertRejects(() => openMmsh(`mmsh://me:s3cret@127.0.0.1:1/live${text}`), RangeError);
    assertMatch(error.message, /^Cannot open mmsh:\/\/127[^@]*: it must hold no control characters$/);
  }
  const wrong = await assertRejects(() => openMmsh("rtsp://me:s3cret@127.0.0.1/live"), RangeError);
  const none = await assertRejects(() => openMmsh("mmsh://me:s3cret@[/live"), TypeError);
  assertEquals([wrong, none].filter(({ message }) => message.includes("s3cret")), []);
});

Deno.test("what openMmsh() gives is a live file to ./inspect", async () => {
  const { header, packets } = await take("tone.mp3");
  await withServer([OK, framed("H", header), ...packets.map((packet) => framed("D", packet))], async (url) => {
    const reader = await AsfReader.open(await openMmsh(url));
    assertEquals(reader.header.fileProperties!.isBroadcast, true);
    let count = 0;
    for await (const _ of reader.packets()) count++;
    assertEquals([count, reader.problems], [packets.length, []]);
  });
});
