/** Sources by URL: what is asked for, and what servers do that are slow, odd or hostile. */

import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess, assertStringIncludes } from "@std/assert";
import { info, openMedia } from "../../src/demux/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { runIn } from "../cli/support.ts";
import { type Answer, rangeOf, ranges, withServer } from "./http_server.ts";
import { lineOf, makeMedia, readAll } from "./support.ts";

async function linesOf(url: string | URL, options = {}): Promise<string[]> {
  await using media = await openMedia(url, options);
  const lines: string[] = [];
  for await (const sample of media.samples) lines.push(lineOf(sample));
  return lines;
}

async function failure(url: string, options = {}): Promise<MuxError> {
  const error = await linesOf(url, options).then(() => assert(false, "nothing was wrong"), (error) => error);
  assertInstanceOf(error, MuxError, `${error?.stack}`);
  return error;
}

const VIDEO = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=30,noise=alls=16:allf=t"];
const SOUND = ["-f", "lavfi", "-i", "anoisesrc=r=44100:d=30:a=0.1"];
const CODECS = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "libmp3lame"];

for (const name of ["tables behind.mp4", "cues.mkv"]) {
  Deno.test(`of ${name} at a server no more is asked for than it takes`, async () => {
    await withTempDir(async (folder) => {
      const path = await makeMedia(`${folder}/${name}`, ...VIDEO, ...SOUND, ...CODECS, "-shortest");
      const bytes = await Deno.readFile(path);
      assertGreater(bytes.byteLength, 10 << 20);
      await withServer(ranges(bytes), async (origin, log) => {
        const told = await info(`${origin}/a`);
        assertEquals(told.duration, (await info(path)).duration);
        assertLess(log.sentBytes, 4 << 20, `info: ${log.requests.length} requests`);
        assertLess(log.requests.length, 12);

        log.sentBytes = log.requests.length = 0;
        const part = await linesOf(new URL(`${origin}/a`), { from: 14_200_000, until: 15_000_000 });
        const local = await readAll(path);
        assertGreater(part.length, 60);
        assert(local.samples.map(lineOf).join("\n").includes(part[0]!));
        assertLess(log.sentBytes, 8 << 20, `part: ${log.requests.length} requests`);

        log.sentBytes = log.requests.length = 0;
        assertEquals(await linesOf(`${origin}/a`), local.samples.map(lineOf));
        assertLess(log.sentBytes, bytes.byteLength * 1.02 + (3 << 20), `whole: ${log.requests.length} requests`);
      });
    });
  });
}

Deno.test("every fixture is the same by URL, with ranges and without", async () => {
  for (const name of ["clip.mp4", "opus.webm", "wmv2_wma2.wmv", "tone.mp3", "tone.flac", "tone.wav", "tone.aac"]) {
    const bytes = await Deno.readFile(fixture(name));
    const local = (await readAll(fixture(name))).samples.map(lineOf);
    await withServer(ranges(bytes), async (origin) => assertEquals(await linesOf(`${origin}/${name}`), local, name));
    await withServer(() => new Response(bytes), async (origin, log) => {
      assertEquals(await linesOf(`${origin}/${name}`), local, name);
      assertEquals(log.requests.length, 1, name);
    });
  }
});

/** Larger than what is asked for first. */
const large = () => Deno.readFile(fixture("clip.mp4"));

Deno.test("a password goes to its own origin alone, and not where it would be readable on its way", async () => {
  const bytes = await large();
  await withServer(ranges(bytes), async (other, otherLog) => {
    const answer: Answer = (request, log) =>
      new URL(request.url).pathname === "/moved"
        ? Response.redirect(`${other}/a`, 302)
        : request.headers.get("authorization") === `Basic ${btoa("me:s3cret")}`
        ? ranges(bytes)(request, log)
        : new Response(null, { status: 401 });
    await withServer(answer, async (origin, log) => {
      const url = new URL(`${origin}/a`);
      [url.username, url.password] = ["me", "s3cret"];
      assertGreater((await linesOf(url)).length, 100);
      assertGreater(log.requests.length, 1);
      url.pathname = "/moved";
      assertGreater((await linesOf(url)).length, 100);
      assertEquals(log.requests.every((authorization) => authorization !== null), true);
      assertGreater(otherLog.requests.length, 1);
      assertEquals(otherLog.requests.every((authorization) => authorization === null), true);

      const refused = await failure(`${origin}/a`);
      assertEquals([refused.code, refused.reason], ["access-denied", "the server answers 401 Unauthorized"]);
    });
    const plain = await failure("http://me:s3cret@media.invalid/a.mp4");
    assertEquals([plain.code, plain.message.includes("s3cret")], ["access-denied", false]);
  });
});

Deno.test("servers that refuse, lead in circles or are not there are told apart", async () => {
  const missing = await withServer(() => new Response("no", { status: 404 }), (origin) => failure(`${origin}/a.mp4`));
  assertEquals([missing.code, missing.reason], ["refused-by-server", "the server answers 404 Not Found"]);
  const circle = await withServer(({ url }) => Response.redirect(url, 301), (origin) => failure(origin));
  assertEquals([circle.code, circle.reason], ["refused-by-server", "it leads on more than 10 times"]);
  const astray = await withServer(
    () => new Response(null, { status: 302, headers: { location: "file:///etc/passwd" } }),
    (origin) => failure(origin),
  );
  assertEquals([astray.code, astray.reason], ["access-denied", "it leads from http: to file:"]);
  const gone = await withServer(() => new Response(), (origin) => Promise.resolve(origin));
  assertEquals((await failure(gone)).code, "cannot-connect");
  const empty = await withServer(() => new Response(""), (origin) => failure(origin));
  assertEquals(empty.code, "bad-media");
  const nothing = await withServer(() => new Response(null, { status: 416 }), (origin) => failure(origin));
  assertEquals([nothing.code, nothing.reason], ["bad-media", "it is empty"]);
});

Deno.test("servers that lie about ranges and lengths are found out", async () => {
  const bytes = await large();
  const part = (start: number, end: number, said: string, body = bytes.slice(start, end)) =>
    new Response(body, { status: 206, headers: { "content-range": said } });
  const size = bytes.byteLength;
  const lies: [name: string, lie: (start: number, end: number, isFirst: boolean) => Response, text: string][] = [
    ["another place", (s, e) => part(s + 1, e + 1, `bytes ${s + 1}-${e}/${size}`), "and sends"],
    ["another length", (s, e) => part(s, e - 9, `bytes ${s}-${e - 10}/${size}`), "and sends"],
    ["more than it says", (s, e) => part(s, e, `bytes ${s}-${e - 1}/${size}`, bytes.slice(s)), "sends more than the"],
    [
      "a size that shrinks",
      (s, e, first) => part(s, e, `bytes ${s}-${e - 1}/${first ? size : size - 1}`),
      "has changed",
    ],
    [
      "no range",
      (s, e, first) => first ? part(s, e, `bytes ${s}-${e - 1}/${size}`) : part(s, e, "bytes */5"),
      "without saying which",
    ],
    ["a huge size", (s, e) => part(s, e, `bytes ${s}-${e - 1}/${2 ** 49}`), ""],
  ];
  for (const [name, lie, text] of lies) {
    let count = 0;
    const answer: Answer = (request) => {
      const [start, end] = rangeOf(request, size)!;
      return start >= size ? new Response(null, { status: 416 }) : lie(start, end, count++ === 0);
    };
    if (text === "") { // what is there is read all the same
      await withServer(answer, async (origin) => void await linesOf(`${origin}/a`).catch((error) => error));
      continue;
    }
    const error = await withServer(answer, (origin) => failure(`${origin}/a`));
    assertEquals(error.code, "bad-media", name);
    assertStringIncludes(error.message, text, name);
  }
});

Deno.test("a file that changes while it is read ends the reading", async () => {
  const bytes = await large();
  for (const hasTag of [true, false]) {
    let count = 0;
    const error = await withServer((request, log) => {
      if (hasTag) return ranges(bytes, count++ === 0 ? '"1"' : '"2"')(request, log);
      return ranges(count++ === 0 ? bytes : bytes.slice(0, -1), "")(request, log);
    }, (origin) => failure(`${origin}/a`));
    assertEquals(error.code, "bad-media");
    assertStringIncludes(error.message, "has changed at the server");
  }
});

Deno.test("an answer that ends early is taken up where it ended, and given up in the end", async () => {
  const bytes = await large();
  const local = (await readAll(fixture("clip.mp4"))).samples.map(lineOf);
  for (const shortCount of [2, 100]) {
    let count = 0;
    const answer: Answer = (request, log) => {
      const [start, end] = rangeOf(request, bytes.byteLength)!;
      if (count++ === 0 || count > 1 + shortCount) return ranges(bytes)(request, log);
      const headers = { etag: '"1"', "content-range": `bytes ${start}-${end - 1}/${bytes.byteLength}` };
      return new Response(bytes.slice(start, Math.min(end, start + 10_000)), { status: 206, headers });
    };
    await withServer(answer, async (origin) => {
      if (shortCount === 2) assertEquals(await linesOf(`${origin}/a`), local);
      else assertEquals((await failure(`${origin}/a`)).code, "connection-failure");
    });
  }
});

Deno.test("a server that says nothing is waited for as long as is said, and no longer", async () => {
  const silent = () => new Promise<Response>(() => {});
  const held = Promise.withResolvers<Response>();
  const answer: Answer = () => Promise.race([silent(), held.promise]);
  await withServer(answer, async (origin) => {
    const error = await failure(`${origin}/a`, { silenceMs: 60 });
    held.resolve(new Response());
    assertEquals([error.code, error.reason], ["connection-failure", "the server was silent for 0.06 s"]);
  });
  // In the middle of what is read as it comes.
  const bytes = await large();
  let end!: () => void;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice(0, 50_000));
      end = () => controller.close();
    },
  });
  await withServer(() => new Response(body), async (origin) => {
    const error = await failure(`${origin}/a`, { silenceMs: 60 });
    assertStringIncludes(error.message, "the server was silent for 0.06 s");
  }).finally(() => {
    try {
      end();
    } catch { /* it was cancelled */ }
  });
});

Deno.test("muxwell info and mux take a URL", async () => {
  const bytes = await large();
  await withTempDir(async (folder) => {
    await withServer(ranges(bytes), async (origin) => {
      const told = await runIn({}, "info", `${origin}/clip.mp4`);
      assertStringIncludes(told.printed, "/clip.mp4: MP4, 5.0 s, 100 kB");
      const { code, reported } = await runIn({}, "mux", `${origin}/clip.mp4`, "-o", `${folder}/a.wmv`);
      assertEquals(code, 0, reported);
      assertGreater((await Deno.stat(`${folder}/a.wmv`)).size, 90_000);
    });
  });
});
