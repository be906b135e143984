/** Another header in the middle of a broadcast, before real players. mpv, FFmpeg inside, is told apart by nobody. */

import { assertEquals } from "@std/assert";
import { PublishingServer } from "../../src/server/mod.ts";
import { playing, until } from "../server/live.ts";
import { RawPush, take } from "../server/raw_push.ts";
import { hasReader, requireReaders, skipWithout } from "../support/readers.ts";
import { frameHashes } from "../support/readers/ffmpeg.ts";
import { LIVE_PLAYERS } from "../support/readers/players.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const INPUT = "wmv2_wma2.wmv";
/** Who can go on; MPlayer would give up with an error, and gets the end instead. */
const PLAYERS = [{ name: "FFmpeg", goesOn: true }, { name: "libmms", goesOn: true }, {
  name: "MPlayer",
  goesOn: false,
}];

Deno.test("players go on behind another header, or end where the first broadcast ends", async (t) => {
  const players = PLAYERS.map((one) => ({ ...one, ...LIVE_PLAYERS.find(({ name }) => name === one.name)! }))
    .filter(({ reader }) => hasReader(reader));
  await withTempDir(async (folder) => {
    const { header, packets } = await take(INPUT);
    const other = header.slice();
    const properties = [0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11];
    other[other.findIndex((_, at) => properties.every((byte, i) => other[at + i] === byte)) + 48]! ^= 1; // its date
    const server = PublishingServer.listen();
    const push = await RawPush.open(server.url + "live");
    await push.header(header);
    await until(() => server.status().points[0]!.isLive, "the push");
    const plays = players.map(async ({ scheme, play, name }) => {
      await Deno.mkdir(`${folder}/${name}`);
      return await play(`${server.url.replace("http", scheme)}live`, `${folder}/${name}`);
    });
    await playing(server, plays.length);
    await push.data(packets);
    await push.end(1);
    await push.change(other);
    await push.data(packets);
    await push.end(0);
    const results = await Promise.allSettled(plays);
    await push.closed();
    await server.close();
    const file = `${folder}/first.wmv`;
    await Deno.writeFile(file, Uint8Array.from([header, ...packets].flatMap((bytes) => [...bytes])));
    const once = await frameHashes(fixture(INPUT), 0);
    for (const { name, goesOn } of PLAYERS) {
      const { reader, play } = LIVE_PLAYERS.find((one) => one.name === name)!;
      await t.step({
        name: `${name} ${goesOn ? "goes on" : "ends"}`,
        ignore: skipWithout(reader),
        async fn() {
          requireReaders(reader);
          const result = results[players.findIndex((one) => one.name === name)]!;
          if (result.status === "rejected") throw result.reason;
          if (!goesOn) {
            await Deno.mkdir(`${folder}/${name}-file`);
            return assertEquals(result.value, await play(file, `${folder}/${name}-file`));
          }
          const pictures = result.value.filter((line) => line.startsWith("video,"));
          assertEquals(pictures.map((line) => line.split(",").at(-1)!.trim()), [...once, ...once]);
        },
      });
    }
  });
});
