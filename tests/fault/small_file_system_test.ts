/** Real file systems that are full, at every write of every command: a file is as it was then, or valid. */

import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { FeedSink } from "../../src/server/feed_sink.ts";
import { PublishingPoint } from "../../src/server/publishing_point.ts";
import { Recordings } from "../../src/server/recordings.ts";
import { fileSink } from "../../src/sinks/file_sink.ts";
import { runIn } from "../cli/support.ts";
import { broadcast } from "../server/live.ts";
import { CASES, complaints, WHOLE } from "./commands.ts";
import { mountTest, withFileSystem } from "../support/small_file_system.ts";
import { errorsIn } from "../support/valid.ts";

for (const [name, { before, args, needsNoRoom = false, extension = "wmv" }] of Object.entries(CASES)) {
  mountTest(
    `a disk that is full at any write of muxwell ${name}: the file is as it was, or valid`,
    () =>
      withFileSystem(400, async ({ folder, leave }) => {
        const file = `${folder}/file.${extension}`;
        const wrong: string[] = [];
        let failures = 0;
        for (let pages = 0;; pages++) {
          if (before === undefined) await Deno.remove(file).catch(() => {});
          else await Deno.writeFile(file, before);
          if (before !== undefined) await Deno.utime(file, 0, 0);
          await leave(pages);
          const { code, reported } = await runIn({}, ...args(file));
          if (code === 0) break;
          failures++;
          const what = `${pages} pages`;
          if (!/[Nn]o space left/.test(reported)) wrong.push(`${what}: ${reported}`);
          const after = await Deno.readFile(file).catch(() => new Uint8Array());
          const isSame = after.byteLength === (before?.byteLength ?? 0) &&
            after.every((byte, i) => byte === before![i]);
          const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).filter((name) =>
            name.includes("part")
          );
          wrong.push(...names.map((name) => `${what}: ${name} is left`));
          if (isSame) continue;
          wrong.push(...(await complaints(file)).map((text) => `${what}: ${text}`));
        }
        assertEquals(failures === 0, needsNoRoom, `${failures} failures`);
        assertEquals(wrong, []);
        assertEquals(await errorsIn(await Deno.readFile(file)), []);
      }),
  );
}

mountTest(
  "a recording on a disk that is full at any write: the file is empty, or valid",
  () =>
    withFileSystem(400, async ({ folder, leave }) => {
      const files = `${folder}/files`;
      const wrong: string[] = [];
      const outcomes = new Set<string>();
      for (let pages = 0;; pages++) {
        await Deno.mkdir(files);
        await leave(pages);
        const recordings = new Recordings(files, fileSink);
        const point = new PublishingPoint("live", recordings.begin, () => {});
        await broadcast({ input: "clip.mp4", sinks: [[new FeedSink(() => point)]] });
        await recordings.settled();
        for await (const { name } of Deno.readDir(files)) {
          const path = `${files}/${name}`;
          const bytes = await Deno.readFile(path);
          outcomes.add(bytes.byteLength === 0 ? "empty" : recordings.failureCount === 0 ? "whole" : "shorter");
          if (bytes.byteLength > 0) wrong.push(...(await complaints(path)).map((text) => `${pages} pages: ${text}`));
        }
        await Deno.remove(files, { recursive: true });
        if (recordings.failureCount === 0) break;
        assertEquals(recordings.failureCount, 1);
      }
      assertEquals(wrong, []);
      assertEquals([...outcomes].sort(), ["empty", "shorter", "whole"]);
    }),
);

mountTest(
  "a file system that is read-only: each command says so, and changes nothing",
  () =>
    withFileSystem(400, async ({ folder, setReadOnly }) => {
      for (const { before = WHOLE, args, extension = "wmv" } of Object.values(CASES)) {
        const file = `${folder}/file.${extension}`;
        await Deno.writeFile(file, before);
        await Deno.utime(file, 0, 0);
        setReadOnly(true);
        try {
          const { code, reported } = await runIn({}, ...args(file));
          assertEquals([code, /[Rr]ead-only/.test(reported)], [1, true], reported);
          assertEquals(await Deno.readFile(file), before);
        } finally {
          setReadOnly(false);
        }
      }
      const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
      assertEquals(names.sort(), ["file.mkv", "file.mp4", "file.webm", "file.wmv"]);
    }),
);

mountTest(
  "a folder for recordings that is read-only: that is told, and the broadcast goes on",
  () =>
    withFileSystem(400, async ({ folder, setReadOnly }) => {
      setReadOnly(true);
      const recordings = new Recordings(folder, fileSink);
      const point = new PublishingPoint("live", recordings.begin, () => {});
      await broadcast({ input: "clip.mp4", sinks: [[new FeedSink(() => point)]] });
      await recordings.settled();
      assertEquals(recordings.failureCount, 1);
      assertMatch(recordings.failures.join(), /[Rr]ead-only/);
      assertGreater(point.facts.byteCount, 100_000);
      setReadOnly(false);
      assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    }),
);
