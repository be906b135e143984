/** Streams that players switch on and off. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { PublishingServer } from "../../src/server/mod.ts";
import { readSwitches, StreamSelection } from "../../src/server/stream_selection.ts";
import { broadcast, get, playing, samplesOf, unframe } from "./live.ts";

const FFMPEG = ["User-Agent: NSPlayer/4.1.0.3856", "Pragma: no-cache,rate=1.000000", "Pragma: xPlayStrm=1"];

/** What a player got, as a file; its packets must be of one size, and numbered without a gap. */
async function samplesSent(body: Uint8Array): Promise<string[]> {
  const packets = unframe(body);
  const data = packets.filter(({ kind }) => kind === "D");
  assertEquals(new Set(data.map(({ payload }) => payload.length)).size, 1);
  assertEquals(data.map(({ flags }) => flags), data.map((_, i) => (data[0]!.flags + i) % 255));
  const bytes = packets.flatMap(({ kind, payload }) => kind === "E" ? [] : [...payload]);
  return await samplesOf(Uint8Array.from(bytes));
}

const SELECTIONS: { name: string; fields: string[]; wanted: (sample: string) => boolean }[] = [
  { name: "nothing in particular", fields: [], wanted: () => true },
  {
    name: "all, as FFmpeg",
    fields: ["Pragma: stream-switch-count=2", "Pragma: stream-switch-entry=ffff:1:0 ffff:2:0 "],
    wanted: () => true,
  },
  {
    name: "sound alone, as VLC and libmms",
    fields: ["Pragma: stream-switch-count=2", "Pragma: stream-switch-entry=ffff:1:2 ffff:2:0 "],
    wanted: (sample) => sample.startsWith("2 "),
  },
  {
    name: "the picture alone, as MPlayer",
    fields: ["Pragma: stream-switch-entry=ffff:1:0 ", "Pragma: stream-switch-count=1"],
    wanted: (sample) => sample.startsWith("1 "),
  },
  {
    name: "key frames and sound",
    fields: ["Pragma: stream-switch-entry=ffff:1:1 ffff:2:0"],
    wanted: (sample) => !sample.startsWith("1 delta"),
  },
  { name: "streams that are not there", fields: ["Pragma: stream-switch-entry=ffff:7:0"], wanted: () => true },
  { name: "what nobody can read", fields: ["Pragma: stream-switch-entry=one,,two :: 1:2"], wanted: () => true },
];

Deno.test("each player gets the streams it asks for, in packets of the full size", async (t) => {
  const server = PublishingServer.listen();
  const players: Promise<{ body: Uint8Array }>[] = [];
  let late: Promise<{ body: Uint8Array }> | undefined;
  await broadcast({
    sinks: [[server.feed("live")]],
    async begun() {
      for (const { fields } of SELECTIONS) players.push(get(server.url + "live", [...FFMPEG, ...fields]));
      await playing(server, SELECTIONS.length);
    },
    async eachSample(timestamp) {
      if (late || timestamp < 3_500_000) return;
      late = get(server.url + "live", [...FFMPEG, "Pragma: stream-switch-entry=ffff:2:0"]);
      await playing(server, SELECTIONS.length + 1);
    },
  });
  const bodies = await Promise.all(players.map(async (player) => (await player).body));
  await server.close();
  const all = await samplesSent(bodies[0]!);
  assertEquals(all.length, 125 + 217);
  for (const [i, { name, wanted }] of SELECTIONS.entries()) {
    await t.step(name, async () => assertEquals(await samplesSent(bodies[i]!), all.filter(wanted)));
  }
  await t.step("packets with nothing left are not sent", () => assert(bodies[2]!.length < bodies[0]!.length));
  await t.step("a player that comes late gets what it asks for out of the backlog", async () => {
    const samples = await samplesSent((await late!).body);
    assert(samples.length > 30 && samples.every((sample) => sample.startsWith("2 ")), String(samples.length));
    assertEquals(samples, all.filter((sample) => sample.startsWith("2 ")).slice(-samples.length));
  });
});

Deno.test("a player changes its streams while it plays; what it switches on begins at a key frame", async () => {
  const server = PublishingServer.listen();
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
  const pieces: number[] = [];
  const ask = async (id: string, entry: string) => {
    const fields = [...FFMPEG.slice(0, 1), `Pragma: no-cache,client-id=${id}`, `Pragma: stream-switch-entry=${entry}`];
    return (await get(server.url + "live", [...fields, "Content-Length: 0"], "POST")).head;
  };
  let step = 0;
  let reading: Promise<void> | undefined;
  const head = () => new TextDecoder("latin1").decode(Uint8Array.from(pieces.slice(0, 500)));
  await broadcast({
    sinks: [[server.feed("live")]],
    async begun() {
      await conn.write(new TextEncoder().encode(["GET /live HTTP/1.0", ...FFMPEG, "", ""].join("\r\n")));
      reading = (async () => {
        for await (const piece of conn.readable) pieces.push(...piece);
      })();
      await playing(server, 1);
    },
    async eachSample(timestamp) {
      const id = head().match(/client-id=(\d+)/)?.[1];
      if (step === 0 && id && timestamp > 1_300_000) {
        step = 1;
        assertMatch(await ask(id, "1:ffff:2"), /^HTTP\/1\.0 200/);
      } else if (step === 1 && timestamp > 3_300_000) {
        step = 2;
        assertMatch(await ask(id!, "ffff:1:0"), /^HTTP\/1\.0 200/);
        assertMatch(await ask(id!, "ffff:9:0"), /^HTTP\/1\.0 404/);
        assertMatch(await ask("1", "ffff:1:0"), /^HTTP\/1\.0 404/);
      }
    },
  });
  await reading;
  await server.close();
  assertEquals(step, 2);
  const bytes = Uint8Array.from(pieces);
  const samples = await samplesSent(bytes.subarray(head().indexOf("\r\n\r\n") + 4));
  assertEquals(samples.filter((sample) => sample.startsWith("2 ")).length, 217);
  const video = samples.filter((sample) => sample.startsWith("1 "));
  const times = video.map((sample) => Number(sample.split(" ").at(-1)));
  const gap = times.findIndex((time, i) => i > 0 && time - times[i - 1]! > 500);
  assert(gap > 10, `${gap}`);
  assert(video[gap]!.startsWith("1 key"), video[gap]);
});

Deno.test("StreamSelection reads stream numbers as the player must have meant them", () => {
  const cases: { streams: number[]; entry: string; wanted: number[] }[] = [
    { streams: [1, 2], entry: "ffff:2:0", wanted: [2] },
    { streams: [1, 10], entry: "ffff:a:0", wanted: [10] },
    { streams: [1, 10], entry: "ffff:10:0", wanted: [10] },
    { streams: [1, 10, 16], entry: "ffff:10:0", wanted: [16] },
    { streams: [1, 10], entry: "ffff:0a:0 FFFF:1:0", wanted: [1, 10] },
    { streams: [1, 2], entry: "ffff:1:2 ffff:2:2", wanted: [] },
    { streams: [1, 2], entry: "", wanted: [1, 2] },
    { streams: [1, 2], entry: "ffff:3:0", wanted: [1, 2] },
  ];
  for (const { streams, entry, wanted } of cases) {
    const selection = new StreamSelection(
      streams,
      readSwitches(new Map([["pragma", ["no-cache", `stream-switch-entry=${entry}`]]])),
    );
    assertEquals(streams.filter((stream) => selection.wants(stream, true, 0)), wanted, entry);
    assertEquals(selection.isEverything, wanted.length === streams.length);
  }
});

Deno.test("StreamSelection waits for a key frame of what it did not send, and of nothing else", () => {
  const selection = new StreamSelection([1, 2], undefined);
  const select = (entry: string) => assert(selection.change(readSwitches(new Map([["pragma", [entry]]]))!));
  select("stream-switch-entry=1:1:0 2:2:0"); // as they are
  assert(selection.isEverything);
  assert(selection.wants(1, false, 0));
  select("stream-switch-entry=1:1:1"); // key frames alone
  assertEquals([selection.wants(1, false, 0), selection.wants(1, true, 0), selection.wants(2, false, 0)], [
    false,
    true,
    true,
  ]);
  select("stream-switch-entry=1:1:0");
  assertEquals(selection.isEverything, false);
  assertEquals([selection.wants(1, false, 0), selection.wants(1, true, 100), selection.wants(2, false, 0)], [
    false,
    false,
    true,
  ]);
  assertEquals([selection.wants(1, true, 0), selection.wants(1, false, 0)], [true, true]);
  assert(selection.isEverything);
});
