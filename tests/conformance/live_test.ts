/** A broadcast before every player: what each takes from the network must be what it takes from the file. */

import { assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { fileSink, PushSink } from "../../mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { broadcast, playing } from "../server/live.ts";
import { hasReader, requireReaders, skipWithout } from "../support/readers.ts";
import { LIVE_PLAYERS } from "../support/readers/players.ts";
import { withTempDir } from "../support/temp.ts";

for (const input of ["clip.mp4", "wmv2_wma2.wmv", "wma2.wma"]) {
  Deno.test(`every player plays ${input} to the end as it is broadcast, every frame at its time`, async (t) => {
    await withTempDir(async (folder) => {
      await Deno.chmod(folder, 0o755);
      const server = PublishingServer.listen();
      const push = new PushSink();
      await push.connect(server.url + "live");
      const file = `${folder}/file.wmv`;
      const present = LIVE_PLAYERS.filter(({ reader }) => hasReader(reader));
      const plays: Promise<string[]>[] = [];
      await broadcast({
        input,
        sinks: [[fileSink(file)], [push]],
        async begun() {
          for (const [i, { scheme, play }] of present.entries()) {
            await Deno.mkdir(`${folder}/${i}`);
            plays.push(play(`${server.url.replace("http", scheme)}live`, `${folder}/${i}`));
            plays[i]!.catch(() => {}); // told below
          }
          await playing(server, present.length);
        },
      });
      const results = await Promise.allSettled(plays);
      await server.close();
      await Deno.chmod(file, 0o644);

      for (const { name, scheme, reader, looseEnd, play } of LIVE_PLAYERS) {
        await t.step({
          name: `${name} over ${scheme}`,
          ignore: skipWithout(reader),
          async fn() {
            requireReaders(reader);
            const result = results[present.findIndex((one) => one.name === name && one.scheme === scheme)]!;
            if (result.status === "rejected") throw result.reason;
            await Deno.mkdir(`${folder}/${name}-${scheme}`);
            // libmms reads no files; what it hands on is read by FFmpeg.
            const playFile = name === "libmms" ? LIVE_PLAYERS[0]!.play : play;
            assertGreater(result.value.length, 0);
            const expected = await playFile(file, `${folder}/${name}-${scheme}`);
            if (!looseEnd) return assertEquals(result.value, expected);
            for (const kind of ["video", "audio"]) {
              const [got, wanted] = [result.value, expected].map((all) => all.filter((line) => line.startsWith(kind)));
              const sure = Math.max(0, wanted!.length - looseEnd);
              assertEquals(got!.slice(0, sure), wanted!.slice(0, sure));
              assertGreaterOrEqual(got!.length, wanted!.length);
            }
          },
        });
      }
    });
  });
}
