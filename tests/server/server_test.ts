import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { bufferSink, fileSink, MuxError, PushSink } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { PushClient } from "../../src/push/client.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { withTempDir } from "../support/temp.ts";
import { liveHeader } from "./live_header.ts";
import { broadcast, DESCRIBE, get, PLAY, playing, samplesOf, unframe, until } from "./live.ts";
import { take } from "./raw_push.ts";

Deno.test("a push, a file and a feed of one Writer get the same packets, and players every one of them", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: folder });
    const push = new PushSink();
    await push.connect(server.url + "pushed", { autoDestroy: true });
    const buffer = bufferSink();
    const players: Promise<{ head: string; body: Uint8Array }>[] = [];
    const report = await broadcast({
      sinks: [[buffer], [fileSink(`${folder}/show.wmv`)], [push], [server.feed("fed")]],
      async begun() {
        for (const name of ["pushed", "fed"]) {
          players.push(get(server.url + name, PLAY), get(server.url + name));
        }
        await playing(server, 4);
      },
    });
    assertEquals(report.sinks.map(({ outcome }) => outcome), ["finished", "finished", "finished", "finished"]);
    assertEquals(push.state, "ended");
    const answers = await Promise.all(players);
    await server.close();

    const file = await Deno.readFile(`${folder}/show.wmv`);
    assertEquals(file, buffer.bytes);
    const expected = await samplesOf(file);
    const filePackets: Uint8Array[] = [];
    for await (const { offset, byteLength } of (await AsfReader.open(file)).packets()) {
      filePackets.push(file.subarray(offset, offset + byteLength));
    }
    const sources = [answers[0]!, answers[2]!].map(({ head, body }) => {
      assert(head.includes("application/x-mms-framed"), head);
      const packets = unframe(body);
      assertEquals([packets[0]!.kind, packets.at(-1)!.kind], ["H", "E"]);
      assertEquals(packets[0]!.flags, 0x0c);
      assertEquals(packets.slice(1, -1).map(({ location }) => location), packets.slice(1, -1).map((_, i) => i));
      assertEquals(packets.slice(1, -1).map(({ payload }) => payload), filePackets);
      return packets.slice(0, -1).flatMap(({ payload }) => [...payload]);
    });
    assertEquals(sources[0], sources[1]);
    assertEquals(Uint8Array.from(sources[0]!), answers[1]!.body);
    assertEquals(answers[1]!.body, answers[3]!.body);
    assertEquals(await samplesOf(answers[1]!.body), expected);

    const recordings = (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) => /\.asf$/.test(name));
    assertEquals(recordings.length, 2);
    for (const { name } of recordings) {
      assertEquals(await samplesOf(await Deno.readFile(`${folder}/${name}`)), expected);
    }
  });
});

Deno.test("Describe answers the header alone, with its length, and closes", async () => {
  const server = PublishingServer.listen();
  let described: { head: string; body: Uint8Array } | undefined;
  await broadcast({
    input: "tone.mp3",
    sinks: [[server.feed("live")]],
    begun: async () => void (described = await get(server.url + "live", DESCRIBE)),
  });
  await server.close();
  const { head, body } = described!;
  assertEquals(unframe(body).map(({ kind }) => kind), ["H"]);
  assert(/^HTTP\/1\.0 200 OK\r\nServer: Rex\/9/.test(head));
  assert(head.includes('Pragma: features="broadcast"'));
  assert(head.includes("Content-Type: application/vnd.ms.wms-hdr.asfv1"));
  assert(head.includes(`Content-Length: ${body.length}`));
});

Deno.test("a player that comes late begins at a key frame", async () => {
  const server = PublishingServer.listen();
  let late: Promise<{ body: Uint8Array }> | undefined;
  await broadcast({
    sinks: [[server.feed("live")]],
    async eachSample(timestamp) {
      if (late || timestamp < 3_500_000) return;
      late = get(server.url + "live");
      await playing(server, 1);
    },
  });
  const samples = await samplesOf((await late!).body);
  await server.close();
  const firstVideo = samples.find((sample) => sample.startsWith("1 "))!;
  assert(firstVideo.startsWith("1 key"), firstVideo);
  assert(samples.length < 342 && samples.length > 50, String(samples.length));
});

Deno.test("a player that reads nothing is let go of, and nobody else notices", async () => {
  const server = PublishingServer.listen({ maxPlayerQueueBytes: 50_000 });
  const stuck = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
  const header = await liveHeader();
  const feed = server.feed("live");
  await feed.open!();
  await feed.header(header.bytes);
  await stuck.write(new TextEncoder().encode("GET /live HTTP/1.0\r\n\r\n"));
  const good = get(server.url + "live");
  await playing(server, 2);
  const packet = header.packet;
  let count = 0;
  while (server.status().points[0]!.playerCount === 2) {
    await feed.data(packet, { unitBytes: packet.length, unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [] });
    if (++count % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    assert(count < 20_000);
  }
  await feed.close();
  assertEquals((await good).body.length, header.bytes.length + count * packet.length);
  assertEquals(server.status().points[0]!.droppedPlayerCount, 1);
  stuck.close();
  await server.close();
});

Deno.test("killing the server never harms the file, and the report says which sink failed", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen();
    const push = new PushSink();
    await push.connect(server.url + "live");
    const path = `${folder}/show.wmv`;
    const failing = broadcast({
      sinks: [[fileSink(path)], [push]],
      async begun() {
        await server.close();
      },
    });
    const error = await assertRejects(() => failing, MuxError);
    assertEquals(error.code, "sink-failed");
    const [file, pushed] = error.report!.sinks;
    assertEquals([file!.outcome, file!.error], ["finished", undefined]);
    assertEquals([pushed!.sink, pushed!.outcome], [push, "failed"]);
    const buffer = bufferSink();
    await broadcast({ sinks: [[buffer]] });
    assertEquals(await samplesOf(await Deno.readFile(path)), await samplesOf(buffer.bytes));
  });
});

Deno.test("PushSink.endSession() delivers what the session has accepted, and its other sinks go on", async () => {
  const server = PublishingServer.listen();
  const push = new PushSink();
  await push.connect(server.url + "live", { autoDestroy: true });
  const buffer = bufferSink();
  let player: Promise<{ body: Uint8Array }> | undefined;
  let framed: Promise<{ body: Uint8Array }> | undefined;
  let accepted = 0;
  let ended = false;
  const report = await broadcast({
    sinks: [[buffer], [push]],
    async begun() {
      player = get(server.url + "live");
      framed = get(server.url + "live", PLAY);
      await playing(server, 2);
    },
    async eachSample(timestamp, writer) {
      if (timestamp < 2_000_000 || ended) return;
      ended = true;
      accepted = writer.getStatistics().streams.reduce((sum, { samplesReceived }) => sum + samplesReceived, 0);
      const report = await push.endSession();
      assertEquals([report.outcome, push.state], ["finished", "ended"]);
      assertEquals(server.status().points, []);
    },
  });
  assertEquals(report.sinks.map(({ outcome }) => outcome), ["finished", "finished"]);
  const got = await samplesOf((await player!).body);
  const all = await samplesOf(buffer.bytes);
  const packets = unframe((await framed!).body);
  assertEquals(packets.map(({ kind }) => kind).join("").replace(/D+/, "D"), "HDE");
  assertEquals(Uint8Array.from(packets.slice(0, -1).flatMap(({ payload }) => [...payload])), (await player!).body);
  assertEquals(got.length, accepted);
  assertEquals(got, all.slice(0, accepted));
  assertEquals((await assertRejects(() => new PushSink().endSession(), MuxError)).code, "no-connection");
  await server.close();
});

/** A wire that carries so many bytes a second towards a server, and no more. */
function slowLink(port: number, bytesPerSecond: number): { port: number; close(): Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = (async () => {
    const near = await listener.accept();
    const far = await Deno.connect({ hostname: "127.0.0.1", port });
    const carry = async (from: Deno.Conn, to: Deno.Conn, most: number, pauseMs: number) => {
      const buffer = new Uint8Array(most);
      for (let count; (count = await from.read(buffer).catch(() => null)) !== null;) {
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
        await new Promise((resolve) => setTimeout(resolve, pauseMs * count / most));
      }
      await to.closeWrite().catch(() => {});
    };
    await Promise.all([carry(near, far, bytesPerSecond / 50, 20), carry(far, near, 1000, 0)]);
    near.close();
    far.close();
  })();
  return {
    port: listener.addr.port,
    async close() {
      await running;
      listener.close();
    },
  };
}

Deno.test("PushSink.endSession() waits until a slow link has carried everything", async () => {
  const server = PublishingServer.listen();
  const link = slowLink(Number(new URL(server.url).port), 80_000);
  const push = new PushSink();
  await push.connect(`http://127.0.0.1:${link.port}/live`);
  const buffer = bufferSink();
  let player: Promise<{ body: Uint8Array }> | undefined;
  const startedAt = performance.now();
  await broadcast({
    sinks: [[buffer], [push]],
    async begun() {
      player = get(server.url + "live");
      await playing(server, 1);
    },
  });
  assertGreaterOrEqual(performance.now() - startedAt, 1200); // writing alone takes half of it
  assertEquals(push.state, "ended");
  assertEquals(server.status().points[0]!.encoder, undefined);
  assertEquals(await samplesOf((await player!).body), await samplesOf(buffer.bytes));
  await link.close();
  await server.close();
});

Deno.test("PushSink.disconnect() and connect() lose nothing while the queue holds", async () => {
  const server = PublishingServer.listen();
  const push = new PushSink();
  await push.connect(server.url + "live");
  const buffer = bufferSink();
  let player: Promise<{ body: Uint8Array }> | undefined;
  let step = 0;
  const report = await broadcast({
    sinks: [[buffer], [push]],
    async begun() {
      player = get(server.url + "live");
      await playing(server, 1);
    },
    async eachSample(timestamp) {
      if (step === 0 && timestamp > 1_500_000) {
        step = 1;
        await push.disconnect();
        assertEquals(push.state, "detached");
      } else if (step === 1 && timestamp > 3_000_000) {
        step = 2;
        await push.connect(server.url + "live");
      }
    },
  });
  assertEquals([step, report.sinks[1]!.samplesDropped], [2, 0]);
  assertEquals(await samplesOf((await player!).body), await samplesOf(buffer.bytes));
  await server.close();
});

Deno.test("one encoder at a time: another is told so, and the first goes on", async () => {
  const server = PublishingServer.listen();
  const header = await liveHeader();
  const first = new PushSink();
  await first.connect(server.url + "live");
  await first.header(header.bytes);
  await until(() => server.status().points[0]!.isLive, "the first push");
  const error = await assertRejects(() => new PushSink().connect(server.url + "live"), MuxError);
  assert(/409/.test(error.message), error.message);
  await first.data(header.packet, { unitCount: 1 });
  await first.endSession();
  await server.close();
});

Deno.test("an encoder that is silent for too long is told so, and its players get the end", async () => {
  const server = PublishingServer.listen({ pushIdleMs: 150 });
  const header = await liveHeader();
  const push = new PushSink();
  await push.connect(server.url + "live", { autoDestroy: true });
  await push.header(header.bytes);
  await until(() => server.status().points[0]?.isLive === true, "the push");
  const player = get(server.url + "live", PLAY);
  assertEquals(unframe((await player).body).map(({ kind }) => kind), ["H", "E"]);
  await until(() => server.status().points.length === 0, "the point to be gone");
  push.abort();
  await server.close();
});

Deno.test("only known points are pushed to and waited for where points are given", async () => {
  const server = PublishingServer.listen({ points: ["live"], playerWaitMs: 100 });
  const error = await assertRejects(() => new PushSink().connect(server.url + "other"), MuxError);
  assert(/404/.test(error.message), error.message);
  const push = new PushSink();
  await push.connect(server.url + "copy", { templateUrl: "/live", autoDestroy: true });
  await push.disconnect();
  assert(/^HTTP\/1.0 404/.test((await get(server.url + "nothing")).head));
  assert(/^HTTP\/1.0 404/.test((await get(server.url + "live", DESCRIBE)).head));
  await server.close();
});

Deno.test("players above the limit are refused", async () => {
  const server = PublishingServer.listen({ maxPlayers: 1 });
  const feed = server.feed("live");
  await feed.open!();
  await feed.header((await liveHeader()).bytes);
  const player = get(server.url + "live");
  await playing(server, 1);
  assert(/^HTTP\/1.0 503/.test((await get(server.url + "live")).head));
  await feed.close();
  await player;
  await server.close();
});

Deno.test("close() ends every player with end-of-stream and completes recordings", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: folder });
    const feed = server.feed("live");
    const { bytes, packet } = await liveHeader();
    await feed.open!();
    await feed.header(bytes);
    const player = get(server.url + "live", PLAY);
    await playing(server, 1);
    await feed.data(packet, { unitBytes: packet.length, unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [] });
    await server.close();
    assertEquals(unframe((await player).body).map(({ kind }) => kind), ["H", "D", "E"]);
    assertEquals((await assertRejects(async () => await feed.close(), MuxError)).code, "no-connection");
    const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
    assertGreaterOrEqual((await samplesOf(await Deno.readFile(`${folder}/${name}`))).length, 1);
  });
});

Deno.test("bodies that run out are answered, and the stream goes on without a gap", async () => {
  const { header, packets } = await take("clip.mp4");
  const server = PublishingServer.listen();
  const client = new PushClient({ bodyBytes: 20_000 });
  await client.connect({ url: new URL(server.url + "live"), autoDestroy: true, userAgent: "WMEncoder/12.0" });
  await client.header(header);
  await until(() => server.status().points[0]!.isLive, "the push");
  const player = get(server.url + "live");
  await playing(server, 1);
  for (const packet of packets) await client.data(packet, packet.length);
  await client.end();
  const expected = Uint8Array.from([header, ...packets].flatMap((bytes) => [...bytes]));
  assertEquals(await samplesOf((await player).body), await samplesOf(expected));
  await server.close();
});

Deno.test("a server with as many points as it may have forgets one that nobody uses, or makes no more", async () => {
  const server = PublishingServer.listen({ maxPoints: 2 });
  const feeds = ["one", "two", "three"].map((name) => server.feed(name));
  const names = () => server.status().points.map(({ name }) => name);
  await feeds[0]!.open!();
  await feeds[1]!.open!();
  const error = await assertRejects(async () => await feeds[2]!.open!(), MuxError);
  assertEquals([error.code, names()], ["no-connection", ["one", "two"]]);
  await feeds[0]!.abort(new Error("enough"));
  await feeds[2]!.open!();
  assertEquals(names(), ["two", "three"]);
  await server.close();
});
