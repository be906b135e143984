/** A server that is killed, not closed: nobody is told, its connections just end. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { bufferSink, fileSink, MuxError, PushSink } from "../../mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { withTempDir } from "../support/temp.ts";
import { broadcast, get, playing, samplesOf } from "./live.ts";

const CLI = decodeURIComponent(new URL("../../src/cli/mod.ts", import.meta.url).pathname);

/** A server in a process of its own. */
async function serve(): Promise<{ url: string; kill(): Promise<void> }> {
  const permissions = ["--allow-read", "--allow-write", "--allow-net=127.0.0.1", "--allow-env"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, CLI, "serve", "--listen", "127.0.0.1:0"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reports = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reports.read();
  return {
    url: value.match(/http:\S+/)![0],
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      while (!(await reports.read()).done);
    },
  };
}

for (const optional of [false, true]) {
  const how = optional ? "an optional sink" : "a sink";
  Deno.test(`killing the server behind ${how} harms neither the file nor the publishing point beside`, async () => {
    await withTempDir(async (folder) => {
      const victim = await serve();
      const server = PublishingServer.listen();
      const push = new PushSink();
      await push.connect(victim.url + "live");
      const path = `${folder}/show.wmv`;
      let player: Promise<{ body: Uint8Array }> | undefined;
      let isKilled = false;
      const writing = broadcast({
        sinks: [[fileSink(path)], [push, { optional }], [server.feed("live")]],
        async begun() {
          player = get(server.url + "live");
          await playing(server, 1);
        },
        async eachSample(timestamp) {
          if (isKilled || timestamp < 2_000_000) return;
          isKilled = true;
          await victim.kill();
        },
      });
      const error = optional ? undefined : await assertRejects(() => writing, MuxError);
      const report = error ? error.report! : await writing;
      if (error) assertEquals([error.code, error.report!.sinks.length], ["sink-failed", 3]);
      assertEquals(report.sinks.map(({ outcome }) => outcome), ["finished", "failed", "finished"]);
      const { sink, error: why } = report.sinks[1]!;
      assertEquals(sink, push);
      assert(why instanceof MuxError && why.cause instanceof MuxError);
      assertEquals([why.code, why.cause.code, why.cause.hresult! >= 0xC00D0000], ["sink-failed", why.cause.code, true]);
      assertMatch(why.cause.code, /^(connection-failure|cannot-connect)$/);
      const whole = bufferSink();
      await broadcast({ sinks: [[whole]] });
      const expected = await samplesOf(whole.bytes);
      assertEquals(await samplesOf(await Deno.readFile(path)), expected);
      assertEquals(await samplesOf((await player!).body), expected);
      await server.close();
    });
  });
}
