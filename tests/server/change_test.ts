/** Another header in the middle of a broadcast: who can goes on with it, the others get the end. */

import { assertEquals } from "@std/assert";
import { PublishingServer } from "../../src/server/mod.ts";
import { broadcast, get, PLAY, playing, samplesOf, unframe, until } from "./live.ts";
import { withTempDir } from "../support/temp.ts";
import { RawPush, type Stream, take } from "./raw_push.ts";

const MICROSOFT = ["User-Agent: NSPlayer/12.0.7601.17514", "Pragma: xPlayStrm=1"];
const LIBMMS = [PLAY[0]!, "Pragma: no-cache,rate=1.000000,request-context=2", "Pragma: xPlayStrm=1"];
const MPLAYER = [PLAY[0]!, "Pragma: xClientGUID={c77e7400-738a-11d2-9add-0020af0a3278}", "Pragma: xPlayStrm=1"];
const VLC = ["User-Agent: NSPlayer/7.10.0.3059", "Pragma: no-cache,rate=1.000000", "Pragma: xPlayStrm=1"];

/** What a player got, as a list of its packets with equal ones told once, and the broadcasts in it. */
function broadcastsOf(body: Uint8Array): { order: string; broadcasts: Uint8Array[] } {
  const packets = unframe(body);
  const broadcasts: number[][] = [];
  for (const { kind, payload } of packets) {
    if (kind === "H") broadcasts.push([]);
    if (kind !== "E" && kind !== "C") broadcasts.at(-1)!.push(...payload);
  }
  return {
    order: packets.map(({ kind }) => kind).join("").replace(/D+/g, "D"),
    broadcasts: broadcasts.map((bytes) => Uint8Array.from(bytes)),
  };
}

function whole({ header, packets }: Stream): Uint8Array {
  return Uint8Array.from([header, ...packets].flatMap((bytes) => [...bytes]));
}

Deno.test("a $C of the encoder with other codecs becomes another header for players that take any, else the end", async () => {
  await withTempDir(async (folder) => {
    const [first, second] = [await take("clip.mp4"), await take("tone.mp3")];
    const server = PublishingServer.listen({ recordFolder: folder });
    const push = await RawPush.open(server.url + "live");
    await push.header(first.header);
    await until(() => server.status().points[0]!.isLive, "the push");
    const players = [MICROSOFT, LIBMMS, MPLAYER, VLC, []].map((fields) => get(server.url + "live", fields));
    await playing(server, players.length);
    await push.data(first.packets);
    await push.end(1);
    await push.change(second.header);
    await push.data(second.packets);
    await push.end(0);
    const bodies = await Promise.all(players.map(async (player) => (await player).body));
    await push.closed();
    await server.close();
    for (const body of bodies.slice(0, 1)) {
      const { order, broadcasts } = broadcastsOf(body);
      assertEquals(order, "HDCHDE");
      assertEquals(await samplesOf(broadcasts[0]!), await samplesOf(whole(first)));
      assertEquals(await samplesOf(broadcasts[1]!), await samplesOf(whole(second)));
      const numbers = unframe(body).slice(-1 - second.packets.length, -1).map(({ location }) => location);
      assertEquals(numbers, second.packets.map((_, i) => i));
    }
    for (const body of bodies.slice(1, 4)) {
      const { order, broadcasts } = broadcastsOf(body);
      assertEquals(order, "HDE");
      assertEquals(await samplesOf(broadcasts[0]!), await samplesOf(whole(first)));
    }
    assertEquals(await samplesOf(bodies[4]!), await samplesOf(whole(first)));
    const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).toSorted();
    assertEquals(names.length, 2);
    for (const name of names) {
      const stream = /-1\.asf$/.test(name) ? first : second;
      assertEquals(await samplesOf(await Deno.readFile(`${folder}/${name}`)), await samplesOf(whole(stream)));
    }
  });
});

Deno.test("an encoder that comes back with other codecs ends the stream; who asks again gets its header at once", async () => {
  const [first, second] = [await take("tone.mp3"), await take("clip.mp4")];
  const server = PublishingServer.listen();
  const push = await RawPush.open(server.url + "live");
  await push.header(first.header);
  await until(() => server.status().points[0]!.isLive, "the push");
  const player = get(server.url + "live", LIBMMS);
  await playing(server, 1);
  await push.data(first.packets);
  await until(() => server.status().points[0]!.packetCount === first.packets.length, "the first stream");
  push.abandon();
  const again = await RawPush.open(server.url + "live"); // the server takes it for the same encoder
  await again.header(second.header);
  const ended = broadcastsOf((await player).body);
  await until(() => server.status().points[0]!.playerCount === 0, "the first player to be gone");
  const asking = get(server.url + "live", LIBMMS); // nothing of the new stream has come but its header
  await playing(server, 1);
  await again.data(second.packets);
  await again.end(0);
  const { order, broadcasts } = broadcastsOf((await asking).body);
  await again.closed();
  await server.close();
  assertEquals([ended.order, order], ["HDE", "HDE"]);
  assertEquals(await samplesOf(ended.broadcasts[0]!), await samplesOf(whole(first)));
  assertEquals(await samplesOf(broadcasts[0]!), await samplesOf(whole(second)));
});

/** The same stream of another session: another file ID. */
function ofAnotherSession({ header, packets }: Stream): Stream {
  const bytes = header.slice();
  const fileProperties = [0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9];
  const at = bytes.findIndex((_, i) => fileProperties.every((byte, k) => bytes[i + k] === byte));
  bytes[at + 24]! ^= 0xff;
  bytes[bytes.length - 26]! ^= 0xff; // the Data Object's
  return { header: bytes, packets };
}

const CHANGES: { name: string; order: string; change(stream: Stream): Stream }[] = [
  { name: "the same streams goes on", order: "HDCHDE", change: (stream) => stream },
  {
    name: "other codec data ends",
    order: "HDE",
    change({ header, packets }) {
      const bytes = header.slice();
      const streamProperties = [0x91, 0x07, 0xdc, 0xb7, 0xb7, 0xa9];
      const at = bytes.findIndex((_, i) => streamProperties.every((byte, k) => bytes[i + k] === byte));
      bytes[at + 78 + 6]! ^= 1; // of the sampling rate
      return { header: bytes, packets };
    },
  },
];

for (const { name, order, change } of CHANGES) {
  Deno.test(`an encoder that comes back in another session with ${name} before FFmpeg and libmms`, async () => {
    const first = await take("tone.mp3");
    const second = change(ofAnotherSession(first));
    const server = PublishingServer.listen();
    const push = await RawPush.open(server.url + "live");
    await push.header(first.header);
    await until(() => server.status().points[0]!.isLive, "the push");
    const player = get(server.url + "live", LIBMMS);
    await playing(server, 1);
    await push.data(first.packets);
    await until(() => server.status().points[0]!.packetCount === first.packets.length, "the first stream");
    push.abandon();
    const again = await RawPush.open(server.url + "live");
    await again.header(second.header);
    await again.data(second.packets);
    await again.end(0);
    assertEquals(broadcastsOf((await player).body).order, order);
    await again.closed();
    await server.close();
  });
}

Deno.test("the same header again changes nothing: players and recordings go on", async () => {
  const stream = await take("tone.mp3");
  const server = PublishingServer.listen();
  const push = await RawPush.open(server.url + "live");
  await push.header(stream.header);
  await until(() => server.status().points[0]!.isLive, "the push");
  const player = get(server.url + "live", VLC);
  await playing(server, 1);
  const half = stream.packets.length >> 1;
  await push.data(stream.packets.slice(0, half));
  await push.end(1);
  await push.change(stream.header);
  await push.data(stream.packets.slice(half));
  await push.end(0);
  const { order, broadcasts } = broadcastsOf((await player).body);
  await push.closed();
  await server.close();
  assertEquals(order, "HDE");
  assertEquals(await samplesOf(broadcasts[0]!), await samplesOf(whole(stream)));
});

Deno.test("a broadcast that replaces another in the same process ends for its players where it ends", async () => {
  const server = PublishingServer.listen();
  let first: Promise<{ body: Uint8Array }> | undefined;
  await broadcast({
    input: "tone.mp3",
    sinks: [[server.feed("live")]],
    async begun() {
      first = get(server.url + "live", MICROSOFT);
      await playing(server, 1);
    },
  });
  assertEquals(broadcastsOf((await first!).body).order, "HDE");
  await server.close();
});
