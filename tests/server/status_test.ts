import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BitRate } from "../../src/server/bit_rate.ts";
import { PublishingServer, type ServerStatus } from "../../src/server/mod.ts";
import { readerTest } from "../support/readers.ts";
import { run } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";
import { broadcast, get, PLAY, playing, until } from "./live.ts";
import { RawPush, take } from "./raw_push.ts";

const NAME = 'a <b>&"c"?';

/** A server with a live point of a name that has to be escaped, and a player. */
async function withLive(fn: (server: PublishingServer) => Promise<void>): Promise<void> {
  const server = PublishingServer.listen();
  let player: Promise<unknown> | undefined;
  await broadcast({
    sinks: [[server.feed(NAME)]],
    async begun() {
      player = get(server.url + encodeURIComponent(NAME), PLAY);
      await playing(server, 1);
      await fn(server);
    },
  });
  await player;
  await server.close();
}

Deno.test("BitRate tells the last seconds, and forgets older ones", () => {
  let now = 0;
  const rate = new BitRate(() => now);
  for (; now < 10_000; now += 100) rate.add(100);
  assertEquals(rate.current, 8000);
  assertEquals(rate.history.slice(-11), [0, ...new Array(10).fill(8000)]);
  now += 2000;
  assertEquals(rate.current, 4000);
  now += 1_000_000;
  assertEquals([rate.current, rate.history.length], [0, 120]);
});

Deno.test("the server tells what goes on as JSON and to Prometheus", async () => {
  await withLive(async (server) => {
    const json = await get(server.url + "status.json");
    assertStringIncludes(json.head, "application/json");
    const status = JSON.parse(new TextDecoder().decode(json.body)) as ServerStatus;
    const [point] = status.points;
    assertEquals([point!.name, point!.isLive, point!.encoder, point!.playerCount], [
      ...[NAME, true, { kind: "feed", isStreaming: true }, 1],
    ]);
    assertEquals([point!.players[0]!.kind, point!.players[0]!.address], ["mmsh", "127.0.0.1"]);
    assert(point!.packetCount > 5 && point!.byteCount > 5000 && point!.backlogBytes > 5000);

    const metrics = await get(server.url + "metrics");
    assertStringIncludes(metrics.head, "text/plain; version=0.0.4");
    const lines = new TextDecoder().decode(metrics.body).trimEnd().split("\n");
    assert(lines.includes('muxwell_point_players{point="a <b>&\\"c\\"?"} 1'));
    for (const line of lines) {
      assertMatch(line, /^(# (HELP|TYPE) muxwell_\w+ .+|muxwell_\w+(\{point=".*"\})? [\d.e+]+)$/);
    }
    const value = (name: string) => Number(lines.find((line) => line.startsWith(`muxwell_${name}`))?.split(" ").at(-1));
    assertEquals(
      ["live", "encoder_connected", "recording", "packets", "received_bytes_total", "backlog_bytes"]
        .map((name) => value(`point_${name}{`)),
      [1, 1, 0, point!.packetCount, point!.byteCount, point!.backlogBytes],
    );
    assert(value("point_live_seconds{") >= point!.liveMs / 1000);
    assertEquals(value("recording_failures_total "), 0);
    assertEquals(value("accept_failures_total "), 0);
  });
});

/** What a browser makes of the page. */
async function pageOf(server: PublishingServer, folder: string): Promise<string> {
  const { stdout } = await run("chromium", [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${folder}`],
    ...["--virtual-time-budget=3000", "--dump-dom", server.url],
  ], { env: { HOME: folder } });
  return stdout;
}

readerTest("the page at / shows points, players and a plot in a browser", ["Chromium"], async () => {
  await withTempDir(async (folder) => {
    await withLive(async (server) => {
      const stdout = await pageOf(server, folder);
      assertStringIncludes(stdout, '<h2>/a &lt;b&gt;&amp;"c"?</h2>');
      assertStringIncludes(stdout, '<span class="badge">● live</span>');
      assertStringIncludes(stdout, `mmsh://${new URL(server.url).host}/a%20%3Cb%3E%26%22c%22%3F`);
      assertMatch(stdout, /<dt>Live for<\/dt><dd>0:00:\d\d<\/dd>/);
      assertMatch(stdout, /<dt>Bit rate<\/dt><dd>\d+ kbit\/s<\/dd>/);
      assertMatch(stdout, /<dt>Players<\/dt><dd>1<\/dd>.*<dt>Players dropped<\/dt><dd>0<\/dd>/);
      assertMatch(stdout, /<dt>Backlog<\/dt><dd>[\d.]+ kB<\/dd>/);
      assertMatch(stdout, /<p class="quiet">fed by this process<\/p>/);
      assertMatch(stdout, /<td>127\.0\.0\.1<\/td><td>mmsh<\/td>/);
      assertMatch(stdout, /<polyline points="0,100\.0 1,/);
      assertMatch(stdout, /<p id="server" class="quiet">up for 0:00:\d\d · 1 live · 1 player · \d+ kbit\/s in</);
    });
  });
});

readerTest("the page says that an encoder has gone away in mid-broadcast", ["Chromium"], async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen();
    const { header, packets } = await take("tone.mp3");
    const push = await RawPush.open(server.url + "live");
    await push.header(header);
    await push.data(packets.slice(0, 5));
    await until(() => server.status().points[0]?.packetCount === 5, "the packets");
    push.abandon();
    await until(() => server.status().points[0]!.encoder?.isStreaming === false, "the loss");
    assertStringIncludes(await pageOf(server, folder), '<span class="badge">● live, but the encoder is away</span>');
    await server.close();
  });
});
