/** Players that choose one of two videos: they switch the other off, and what they get is whole. */

import { assertEquals } from "@std/assert";
import { PublishingServer } from "../../src/server/mod.ts";
import { playing, samplesOf, until } from "../server/live.ts";
import { RawPush, take } from "../server/raw_push.ts";
import { hasReader, requireReaders, skipWithout } from "../support/readers.ts";
import { LIVE_PLAYERS } from "../support/readers/players.ts";
import { withTempDir } from "../support/temp.ts";

/** The last two hand on what they take, byte for byte. */
const NAMES = ["FFmpeg", "MPlayer", "VLC's dump", "libmms"];
const PLAYERS = NAMES.map((name) => LIVE_PLAYERS.find((one) => one.name === name)!);

Deno.test("players that choose among the streams get those that they choose, to the end", async (t) => {
  const present = PLAYERS.filter(({ reader }) => hasReader(reader));
  await withTempDir(async (folder) => {
    await Deno.chmod(folder, 0o755);
    const { header, packets } = await take("two_videos.mp4");
    const file = `${folder}/file.wmv`;
    await Deno.writeFile(file, Uint8Array.from([header, ...packets].flatMap((bytes) => [...bytes])));
    await Deno.chmod(file, 0o644);
    const all = await samplesOf(await Deno.readFile(file));
    const server = PublishingServer.listen();
    const push = await RawPush.open(server.url + "live");
    await push.header(header);
    await until(() => server.status().points[0]!.isLive, "the push");
    const plays = present.map(async ({ name, scheme, play }) => {
      await Deno.mkdir(`${folder}/${name}`);
      return await play(`${server.url.replace("http", scheme)}live`, `${folder}/${name}`);
    });
    const settled = Promise.allSettled(plays);
    await playing(server, plays.length);
    await push.data(packets);
    await push.end(0);
    const results = await settled;
    await push.closed();
    await server.close();

    const step = (name: string, fn: (lines: string[], play: (source: string) => Promise<string[]>) => unknown) =>
      t.step({
        name,
        ignore: skipWithout(PLAYERS.find((one) => one.name === name)!.reader),
        async fn() {
          const { reader, play } = PLAYERS.find((one) => one.name === name)!;
          requireReaders(reader);
          const result = results[present.findIndex((one) => one.name === name)]!;
          // FFmpeg, to whom the others hand on, finds nothing of the stream that was switched off.
          if (result.status === "rejected" && NAMES.indexOf(name) < 2) throw result.reason;
          await Deno.mkdir(`${folder}/${name}-file`);
          await fn(
            result.status === "fulfilled" ? result.value : [],
            (source) => play(source, `${folder}/${name}-file`),
          );
        },
      });
    await step("FFmpeg", async (lines, play) => assertEquals(lines, await play(file))); // takes everything
    await step("MPlayer", async (lines, play) => assertEquals(lines, await play(file)));
    for (const name of NAMES.slice(2)) {
      await step(name, async () => {
        const got = await samplesOf(await Deno.readFile(`${folder}/${name}/stream.asf`));
        assertEquals(got, all.filter((sample) => !sample.startsWith("2 ")));
      });
    }
  });
});
