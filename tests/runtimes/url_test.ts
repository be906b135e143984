/** `openMedia` by URL where `fetch` is another one: Node's, and that of a page. */

import { assertEquals, assertLess } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { ranges, withServer } from "../demux/http_server.ts";
import { runOk } from "../support/run.ts";
import { fixture } from "../support/temp.ts";
import { RUNTIMES, runtimeTest } from "./install.ts";
import { withApplication } from "./package.ts";

const READ = `
  async function read({ info, openMedia }, url) {
    const { duration, streams } = await info(url);
    const media = await openMedia(url, { from: 2_100_000, until: 3_000_000 });
    let [count, byteLength] = [0, 0];
    for await (const batch of media.batches) for (const { data } of batch) (count++, byteLength += data.byteLength);
    return [duration, streams.length, media.start, count, byteLength].join(" ");
  }
`;

async function expected(): Promise<string> {
  await using media = await openMedia(fixture("clip.mp4"), { from: 2_100_000, until: 3_000_000 });
  let [count, byteLength] = [0, 0];
  for await (const { data } of media.samples) [count, byteLength] = [count + 1, byteLength + data.byteLength];
  return [5_000_000, 2, media.start, count, byteLength].join(" ");
}

runtimeTest("openMedia() and info() take a URL in Node", ["Node"], () => {
  return withApplication(async (folder) => {
    const main =
      `import * as demux from "@muxwell/muxwell/demux";${READ}console.log(await read(demux, process.argv[2]));`;
    await Deno.writeTextFile(`${folder}/main.js`, main);
    await withServer(ranges(await Deno.readFile(fixture("clip.mp4"))), async (origin, log) => {
      const { stdout } = await runOk(RUNTIMES.Node, ["main.js", `${origin}/clip.mp4`], { cwd: folder });
      assertEquals(stdout.trim(), await expected());
      assertLess(log.requests.length, 10);
    });
  });
});

runtimeTest("openMedia() and info() take a URL in a page, of its own origin and of another", ["Chromium"], () => {
  return withApplication(async (folder) => {
    const clip = await Deno.readFile(fixture("clip.mp4"));
    const answer = ranges(clip);
    // What Content-Range says is not for a page of another origin, unless it is exposed.
    const shared: typeof answer = async (request, log) => {
      const response = await answer(request, log);
      response.headers.set("access-control-allow-origin", "*");
      return response;
    };
    const found = Promise.withResolvers<string>();
    await withServer(shared, (other) =>
      withServer(async (request, log) => {
        const { pathname } = new URL(request.url);
        if (request.method === "POST") {
          found.resolve(await request.text());
          return new Response();
        }
        if (pathname === "/clip.mp4") return await answer(request, log);
        if (pathname.endsWith(".js")) {
          const headers = { "content-type": "text/javascript" };
          return new Response(await Deno.readFile(folder + pathname).catch(() => null), { headers });
        }
        const page = `<!doctype html><script type="module">
          ${READ}
          try {
            const demux = await import("/node_modules/@muxwell/muxwell/src/demux/mod.js");
            const found = [];
            for (const url of ["/clip.mp4", "${other}/clip.mp4"]) found.push(await read(demux, new URL(url, location)));
            await fetch("/", { method: "POST", body: found.join(" | ") });
          } catch (error) {
            await fetch("/", { method: "POST", body: String(error.stack) });
          }
        </script>`;
        return new Response(page, { headers: { "content-type": "text/html" } });
      }, async (origin) => {
        const profile = await Deno.makeTempDir({ prefix: "muxwell_" });
        const args = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
        const browser = new Deno.Command(RUNTIMES.Chromium, {
          args: [...args, "--remote-debugging-port=0", `${origin}/`],
          stdout: "null",
          stderr: "null",
        }).spawn();
        const timer = setTimeout(() => found.reject(new Error("The page says nothing")), 60_000);
        try {
          const each = await expected();
          assertEquals(await found.promise, `${each} | ${each}`);
        } finally {
          clearTimeout(timer);
          browser.kill();
          await browser.status;
          await Deno.remove(profile, { recursive: true }).catch(() => {}); // a helper process may still write there
        }
      }));
  });
});
