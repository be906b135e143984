/** What a publishing point keeps for players: work and memory in proportion to what came, whatever that was. */

import { assert, assertEquals } from "@std/assert";
import { GopCache, type Published } from "../../src/server/gop_cache.ts";
import { Player } from "../../src/server/player.ts";
import { readSwitches } from "../../src/server/stream_selection.ts";
import type { HttpConnection } from "../../src/wire/http_connection.ts";
import { PLAYER_HEAD_BYTES, playerPacket } from "../../src/wire/player_frames.ts";
import { take } from "./raw_push.ts";

let lookCount = 0;

/** A packet that counts how often somebody looks at its time. */
function packet(sendTimeMs: number, isClean: boolean, packetBytes = 32): Published {
  const framed = playerPacket(packetBytes, 0);
  return {
    framed,
    plain: framed.subarray(PLAYER_HEAD_BYTES),
    isClean,
    isIndependent: true,
    get sendTimeMs() {
      return lookCount++, sendTimeMs;
    },
  };
}

const SOUND: { name: string; packet(i: number): Published }[] = [
  { name: "of which none is clean, each behind the window", packet: (i) => packet(2000 * i, false) },
  { name: "of which none is clean, all at one time", packet: () => packet(0, false) },
  { name: "of which all are clean", packet: (i) => packet(i, true) },
  { name: "of which one in a hundred is clean", packet: (i) => packet(10 * i, i % 100 === 0) },
  { name: "whose times jump", packet: (i) => packet(i % 2 ? 0 : 1e6, i % 7 === 0) },
];

for (const { name, packet } of SOUND) {
  Deno.test(`sound ${name}: a packet costs the same however many came before it`, () => {
    const cache = new GopCache(false);
    lookCount = 0;
    const count = 10_000;
    for (let i = 0; i < count; i++) cache.add(packet(i));
    assert(lookCount <= 4 * count, `${lookCount} looks at ${count} packets`);
  });
}

Deno.test("the smallest packets are kept in no more memory than large ones", () => {
  const cache = new GopCache(true);
  let most = 0;
  for (let i = 0; i < 100_000; i++) {
    cache.add(packet(0, i === 0));
    most = Math.max(most, cache.byteCount);
  }
  // Beside its bytes a packet is two views, a buffer and an object.
  assert(most / 44 < 50_000, `${most / 44} packets`);
});

Deno.test("sound is kept from a clean point a second back", () => {
  const cache = new GopCache(false);
  for (let i = 0; i < 500; i++) cache.add(packet(10 * i, i % 20 === 0));
  const times = cache.packets.map(({ sendTimeMs }) => sendTimeMs);
  assertEquals([times[0], times.at(-1), times.length], [3800, 4990, 120]);
  assertEquals(cache.byteCount, 120 * 44);
});

/** A connection that takes nothing. */
const STUCK = {
  address: "127.0.0.1",
  close() {},
  read: () => new Promise(() => {}),
  write: () => new Promise(() => {}),
} as unknown as HttpConnection;

Deno.test("players that choose streams share what waits for them", async () => {
  const { packets } = await take("clip.mp4");
  const published = packets.map((bytes, i): Published => {
    const framed = playerPacket(bytes.length, i);
    framed.set(bytes, PLAYER_HEAD_BYTES);
    return { framed, plain: framed.subarray(PLAYER_HEAD_BYTES), sendTimeMs: 0, isClean: true, isIndependent: false };
  });
  const bytesOf = (count: number) => {
    const Real = Uint8Array;
    let made = 0;
    // Counts what is allocated, and nothing else.
    globalThis.Uint8Array = new Proxy(Real, {
      construct(target, args, newTarget) {
        if (typeof args[0] === "number") made += args[0];
        return Reflect.construct(target, args, newTarget === globalThis.Uint8Array ? target : newTarget);
      },
    });
    try {
      for (let i = 0; i < count; i++) {
        const switches = readSwitches(new Map([["pragma", ["stream-switch-entry=ffff:1:0 ffff:2:2"]]]));
        const player = new Player({ kind: "mmsh", switches, takesChange: "none" }, STUCK, 1 << 30);
        player.beginBroadcast(new Real(100), [1, 2]);
        for (const one of published) player.offer(one);
      }
    } finally {
      globalThis.Uint8Array = Real;
    }
    return made;
  };
  const backlog = published.reduce((sum, { framed }) => sum + framed.length, 0);
  assert(bytesOf(20) < backlog, `${bytesOf(20)} bytes of their own for a backlog of ${backlog}`);
});

Deno.test("what waits for a player is limited with what memory takes beside it", () => {
  const player = new Player({ kind: "mmsh", takesChange: "none" }, STUCK, 1 << 20);
  player.beginBroadcast(new Uint8Array(100), [1]);
  let count = 0;
  for (; count < 100_000 && !player.isDropped; count++) player.offer(packet(0, true));
  assert(count < 2000, `${count} packets of 44 bytes in 1 MiB`);
});
