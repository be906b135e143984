/** A broadcast's two ends on the command line, over loopback. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { answering, type PeerConnection, withPeer } from "../push/peer.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { get, samplesOf, until } from "../server/live.ts";
import { readerTest } from "../support/readers.ts";
import { frameHashes } from "../support/readers/ffmpeg.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { type Ran, runIn, type World } from "./support.ts";

/** Runs `muxwell serve` for the length of `fn`, then presses Ctrl-C. */
async function withServe(
  args: string[],
  fn: (url: string) => Promise<void>,
  world: World = {},
): Promise<Ran> {
  let interrupt!: () => void;
  let url = "";
  const serving = runIn({
    ...world,
    onStart: (press) => void (interrupt = press),
    onReport(text) {
      url ||= text.match(/^Listening on (\S+)/)?.[1] ?? "";
      world.onReport?.(text);
    },
  }, ...["serve", "--listen", "127.0.0.1:0", ...args]);
  await until(() => url !== "", "the server to listen");
  try {
    await fn(url);
  } finally {
    interrupt();
  }
  return await serving;
}

/** Resolves when so many packets have come to the only publishing point. */
async function onAir(url: string, packetCount: number): Promise<void> {
  let count = 0;
  while (count < packetCount) {
    const { points } = await (await fetch(`${url}status.json`)).json();
    count = points[0]?.packetCount ?? 0;
  }
}

async function mediaSamples(path: string): Promise<number> {
  await using media = await openMedia(path);
  let count = 0;
  for await (const batch of media.batches) count += batch.length;
  return count;
}

Deno.test("push sends a file to serve, which records it and plays it to who waits for it", async () => {
  await withTempDir(async (folder) => {
    const served = await withServe(["--record", `${folder}/new/rec`], async (url) => {
      const player = get(url + "live");
      const { code, printed, reported } = await runIn({}, "push", fixture("clip.mp4"), url + "live", "--fast");
      assertEquals([code, printed], [0, ""], reported);
      assertMatch(reported, /^http:\/\/127.0.0.1:\d+\/live: 5\.0 s, \d+ packets, \d+ kB; took \d\.\d\d s\n$/);
      assertEquals((await samplesOf((await player).body)).length, await mediaSamples(fixture("clip.mp4")));
    });
    assertEquals([served.code, served.printed], [0, ""]);
    const lines = served.reported.trimEnd().split("\n");
    assertMatch(lines.shift()!, /^Listening on http:\/\/127\.0\.0\.1:\d+\/$/);
    assertMatch(lines.pop()!, /^Closed after \d\.\d s$/);
    const events = lines.map((line) => line.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z \/live: (.*)$/)?.[1] ?? line);
    const file = `${folder}/new/rec/live-TIME-1.asf`;
    assertEquals(
      events.map((event) => event.replace(/\d{8}T\d{6}Z/, "TIME").replace(/\d+ (packets|kB)/, "N $1")).toSorted(),
      [
        "127.0.0.1 has left after N kB",
        "127.0.0.1 plays over http",
        "ended after N packets",
        "live from 127.0.0.1",
        `recorded to ${file}`,
        `recording to ${file}`,
      ],
    );
    const [{ name }] = await Array.fromAsync(Deno.readDir(`${folder}/new/rec`)) as [Deno.DirEntry];
    assertMatch(name, /^live-\d{8}T\d{6}Z-1\.asf$/);
    assertEquals(await mediaSamples(`${folder}/new/rec/${name}`), await mediaSamples(fixture("clip.mp4")));
  });
});

Deno.test("serve --json tells events on standard output, one object a line", async () => {
  const served = await withServe(["--json"], async (url) => {
    const player = get(url + "live");
    assertEquals((await runIn({}, "push", fixture("tone.mp3"), url + "live", "--fast")).code, 0);
    await player;
  });
  assertMatch(served.reported, /^Listening on .*\nClosed after .*\n$/);
  const events = served.printed.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(events.map(({ kind, point }) => `${kind} ${point}`).toSorted(), [
    ...["ended live", "live live", "player live", "player-gone live"],
  ]);
  for (const { time } of events) assert(Date.parse(time) > 0, time);
});

Deno.test("push says without a terminal that the server is away, and that it is back", async () => {
  let server = PublishingServer.listen();
  const { port, href } = new URL(server.url);
  let told = "";
  let interrupt!: () => void;
  const pushing = runIn(
    {
      onReport: (text) => void (told += text),
      onStart: (press) => void (interrupt = press),
    },
    "push",
    fixture("clip.mp4"),
    href + "live",
    "--loop",
  );
  await until(() => server.status().points.some(({ packetCount }) => packetCount > 0), "the push");
  await server.close({ signal: AbortSignal.abort() });
  await until(() => told.includes("/live is away"), "the word that it is away");
  server = PublishingServer.listen({ port: Number(port) });
  await until(() => told.includes("/live is back"), "the word that it is back");
  interrupt();
  await pushing;
  await server.close();
  assertMatch(told, /^muxwell: http:\S+\/live is away: what comes waits for it\nmuxwell: http:\S+\/live is back\n/);
});

Deno.test("push keeps to real time, and Ctrl-C ends the broadcast properly", async () => {
  await withServe([], async (url) => {
    const player = get(url + "live");
    let interrupt!: () => void;
    const { promise: half, resolve: onHalf } = Promise.withResolvers<void>();
    const startedAt = performance.now();
    const pushing = runIn({
      errorIsTerminal: true,
      onStart: (press) => void (interrupt = press),
      onReport: (text) => /\r.\[K(0\.[5-9]|[1-9]\.\d) s /.test(text) && onHalf(),
    }, ...["push", fixture("tone.wav"), url + "live"]);
    await half;
    interrupt();
    const { code, reported } = await pushing;
    const tookMs = performance.now() - startedAt;
    assertEquals(code, 0, reported);
    assertMatch(reported, /\r.\[K0\.\d s .*kbit\/s {2}streaming\r/);
    assertStringIncludes(reported, "interrupted");
    const seconds = Number(reported.match(/live: (\d\.\d) s/)![1]);
    assert(seconds >= 0.5 && seconds <= tookMs / 1000 + 0.2, `${reported} ${tookMs}`);
    assert((await samplesOf((await player).body)).length > 1);
  });
});

Deno.test("push can be left with one Ctrl-C while it waits for its input, or for the server", async (t) => {
  await t.step("input", async () => {
    let interrupt!: () => number;
    let input!: ReadableStreamDefaultController<Uint8Array>;
    const { promise: reading, resolve: onPull } = Promise.withResolvers<void>();
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (input = controller),
      pull: () => onPull(),
    }, { highWaterMark: 0 });
    const pushing = runIn(
      { input: stream, onStart: (press) => void (interrupt = press) },
      ...["push", "-", "http://127.0.0.1:1/live"],
    );
    await reading;
    assertEquals(interrupt(), 0);
    input.close();
    assertEquals((await pushing).code, 1);
  });
  await t.step("server", async () => {
    const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let interrupt!: () => number;
    const pushing = runIn(
      { onStart: (press) => void (interrupt = press) },
      ...["push", fixture("tone.mp3"), `http://127.0.0.1:${silent.addr.port}/live`],
    );
    const conn = await silent.accept();
    assertEquals(interrupt(), 1);
    const { code, reported } = await pushing;
    conn.close();
    silent.close();
    assertEquals([code, reported], [1, "muxwell: interrupted\n"]);
  });
});

Deno.test("push --loop goes on behind the end of the file", async () => {
  await withServe([], async (url) => {
    const player = get(url + "live");
    let interrupt!: () => void;
    const pushing = runIn({ onStart: (press) => void (interrupt = press) }, ...[
      ...["push", fixture("tone.mp3"), url + "live", "--loop", "--fast"],
    ]);
    await onAir(url, 150); // some rounds
    interrupt();
    const { code, reported } = await pushing;
    assertEquals(code, 0, reported);
    const samples = await samplesOf((await player).body);
    assert(samples.length > 2 * await mediaSamples(fixture("tone.mp3")), String(samples.length));
    const times = samples.map((sample) => Number(sample.split(" ").at(-1)));
    assertEquals(times, times.toSorted((a, b) => a - b));
  });
});

Deno.test("push --loop of a file without samples ends", async () => {
  await withTempDir(async (folder) => {
    const header = (await Deno.readFile(fixture("tone.wav"))).slice(0, 44);
    header.set([36, 0, 0, 0], 4); // the RIFF chunk ends behind an empty data chunk
    header.set([...new TextEncoder().encode("data"), 0, 0, 0, 0], 36);
    await Deno.writeFile(`${folder}/empty.wav`, header);
    await withServe([], async (url) => {
      const { code, reported } = await runIn({}, "push", `${folder}/empty.wav`, url + "live", "--loop");
      assertEquals([code, reported], [1, "muxwell: Cannot finish: no stream got a sample\n"]);
    });
  });
});

Deno.test("push says in one line why it failed", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const url = `http://127.0.0.1:${listener.addr.port}/live`;
  const failed = await runIn({}, "push", fixture("tone.mp3"), url);
  assertEquals(failed.code, 1);
  assertMatch(failed.reported, /^muxwell: Cannot connect to http:\S+: .*\n$/);
  assertEquals((await runIn({}, "push", fixture("nothing.mp4"), url)).code, 1);
});

Deno.test("serve with a password takes pushes from nobody else", async () => {
  const environment = { SECRET: "pass word" };
  await withServe(["--push-user", "me", "--push-password-env", "SECRET"], async (url) => {
    const push = (world: World, ...args: string[]) =>
      runIn(world, "push", fixture("tone.mp3"), url + "live", "--fast", ...args);
    assertMatch((await push({})).reported, /the server asks for credentials/);
    const wrong = await push({ environment: { SECRET: "no" } }, "--user", "me", "--password-env", "SECRET");
    assertMatch(wrong.reported, /the server refuses these credentials/);
    const right = await push({ environment }, "--user", "me", "--password-env", "SECRET");
    assertEquals(right.code, 0, right.reported);
    const inUrl = await runIn(
      {},
      "push",
      fixture("tone.mp3"),
      url.replace("//", "//me:pass%20word@") + "live",
      "--fast",
    );
    assertEquals([inUrl.code, inUrl.reported.slice(0, url.length + 5)], [0, `${url}live:`]);
  }, { environment });
});

Deno.test("push sends a password as it is only with --allow-basic", async () => {
  const seen: (string | undefined)[] = [];
  const ask = answering('HTTP/1.1 401 Who\nWWW-Authenticate: Basic realm="r"\nContent-Length: 0\n\n');
  const take = async (peer: PeerConnection) => {
    seen.push((await peer.request())!.fields["authorization"]);
    await peer.accept();
    await peer.request();
    await peer.packets(2_147_483_647);
  };
  await withPeer([ask, ask, take], async (url) => {
    const push = (...more: string[]) =>
      runIn(
        { environment: { SECRET: "pw" } },
        ...["push", fixture("tone.mp3"), url, "--fast", "--user", "me", "--password-env", "SECRET", ...more],
      );
    const refused = await push();
    assertEquals(refused.code, 1);
    assertMatch(refused.reported, /asks for Basic.*\(--allow-basic\)/);
    const taken = await push("--allow-basic");
    assertEquals(taken.code, 0, taken.reported);
  });
  assertEquals(seen, [`Basic ${btoa("me:pw")}`]);
});

Deno.test("no message shows the password of a URL", async () => {
  for (const url of ["http://me:s3cret@[/x", "http://me:s3cret@127.0.0.1:1/x", "mmsh://me:s3cret@127.0.0.1:1/x"]) {
    for (const args of [["push", fixture("tone.mp3"), url], ["push", url, url], ["validate", url], ["inspect", url]]) {
      const { code, printed, reported } = await runIn({}, ...args);
      assert(code > 0);
      assertEquals([printed, reported].filter((text) => text.includes("s3cret")), []);
    }
  }
});

Deno.test("serve says that the port is in use", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, reported } = await runIn({}, "serve", "--listen", `127.0.0.1:${listener.addr.port}`);
  listener.close();
  assertEquals(code, 1);
  assertMatch(reported, /^muxwell: Cannot listen on 127\.0\.0\.1:\d+: the port is in use\n$/);
});

Deno.test("serve says what keeps it from recording", async () => {
  await withTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const { code, reported } = await runIn({}, "serve", "--listen", "127.0.0.1:0", "--record", `${folder}/file`);
    assertEquals([code, reported], [1, `muxwell: Cannot record to ${folder}/file: it is no folder\n`]);
  });
});

Deno.test("serve says at once that it cannot record, and once", async () => {
  await withTempDir(async (folder) => {
    let told = "";
    const served = await withServe(["--record", `${folder}/rec`], async (url) => {
      await Deno.remove(`${folder}/rec`);
      assertEquals((await runIn({}, "push", fixture("tone.mp3"), url + "live", "--fast")).code, 0);
      await until(() => told.includes("cannot record"), "the complaint");
    }, { onReport: (text) => void (told += text) });
    assertEquals(served.code, 1);
    assertMatch(
      served.reported,
      /^Listening .*\n(?:.* \/live: .*\n)*muxwell: cannot record to \S+\/rec\/live-\S+-1\.asf: No such file .*\n(?:.* \/live: .*\n)*Closed after .*\n$/,
    );
  });
});

Deno.test("mux, inspect and push read what a server plays", async () => {
  await withTempDir(async (folder) => {
    await withServe(["--point", "live", "--point", "again"], async (url) => {
      const live = url.replace("http", "mmsh") + "live";
      const copying = runIn({}, "mux", live, "-o", `${folder}/copy.wma`);
      const looking = runIn({}, "inspect", live);
      const relaying = runIn({}, "push", live, url + "again");
      const player = get(url + "again");
      const pushed = await runIn({}, "push", fixture("tone.mp3"), url + "live");
      assertEquals(pushed.code, 0, pushed.reported);
      const [copied, looked, relayed] = await Promise.all([copying, looking, relaying]);
      assertEquals([copied.code, looked.code, relayed.code], [0, 0, 0], copied.reported + relayed.reported);
      const count = await mediaSamples(fixture("tone.mp3"));
      assertEquals(await mediaSamples(`${folder}/copy.wma`), count);
      assertEquals((await samplesOf((await player).body)).length, count);
      assertStringIncludes(looked.printed, "File Properties");
      const nothing = await runIn({}, "mux", url.replace("http", "mmsh") + "nothing", "-o", `${folder}/no.wma`);
      assertMatch(nothing.reported, /^muxwell: Cannot open mmsh:\S+: it answers 404 Not Found\n$/);
    });
  });
});

for (
  const [name, options, expected] of [["the header", [], "Data Object"], [
    "packets",
    ["--packets"],
    "packet 3 ",
  ]] as const
) {
  Deno.test(`inspect shows ${name} of a stream while it runs, and its summary at Ctrl-C`, async () => {
    await withServe([], async (url) => {
      const presses: (() => void)[] = [];
      const onStart = (press: () => void) => void presses.push(press);
      const { promise: shown, resolve } = Promise.withResolvers<void>();
      let printed = "";
      const looking = runIn(
        {
          onStart,
          onPrint: (text) => void ((printed += text).includes(expected) && resolve()),
        },
        "inspect",
        url.replace("http", "mmsh") + "live",
        ...options,
      );
      const pushing = runIn({ onStart }, "push", fixture("tone.mp3"), url + "live", "--loop");
      await shown;
      presses[0]!();
      const looked = await looking;
      assertEquals([looked.code, looked.reported], [0, ""]);
      assertMatch(looked.printed, /\n {2}\d+ bytes, no problems\n$/);
      presses[1]!();
      assertEquals((await pushing).code, 0);
    });
  });
}

const CLI = decodeURIComponent(new URL("../../src/cli/mod.ts", import.meta.url).pathname);
const MUXWELL = [
  ...["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", "--allow-net=127.0.0.1", "--allow-env", CLI],
];

Deno.test("serve, push and mux meet at an IPv6 address, and Ctrl-C ends the processes properly", async () => {
  await withTempDir(async (folder) => {
    const start = (args: string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: MUXWELL.map((arg) => arg === "--allow-net=127.0.0.1" ? "--allow-net=[::1]" : arg).concat(args),
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
    const serve = start(["serve", "--listen", "[::1]:0", "--record", `${folder}/received`]);
    const reports = serve.stderr.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reports.read();
    const url = value.match(/http:\/\/\[::1\]:\d+\//)?.[0];
    if (url === undefined) { // there is no IPv6 here
      assertMatch(value, /^muxwell: Cannot listen on \[::1\]:0: /);
      await serve.status;
      return await reports.cancel();
    }
    const push = start(["push", fixture("tone.mp3"), `${url}live`, "--loop"]);
    const pushed = push.output();
    await until(() => [...Deno.readDirSync(`${folder}/received`)].length > 0, "the push"); // no player waits for ever
    const copied = start(["mux", `${url.replace("http", "mmsh")}live`, "-o", `${folder}/copy.wma`]).output();
    await until(() => sizeOf(`${folder}/copy.wma`) > 3000, "the copy");
    push.kill("SIGINT");
    const { code, stderr } = await pushed;
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertMatch(new TextDecoder().decode(stderr), /live: \d+\.\d s, \d+ packets, .*, interrupted\n$/);
    assertEquals((await copied).code, 0, new TextDecoder().decode((await copied).stderr));
    serve.kill("SIGTERM"); // as service managers do
    assertEquals((await serve.status).code, 0);
    let rest = "";
    for (let piece; !(piece = await reports.read()).done;) rest += piece.value;
    assertMatch(rest, /^(?:\S+Z \/live: .*\n)*Closed after \d+\.\d s\n$/);
  });
});

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

readerTest("the real processes: serve, push in real time and FFmpeg, every frame", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const serve = new Deno.Command(Deno.execPath(), {
      args: [...MUXWELL, "serve", "--listen", "127.0.0.1:0"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const reports = serve.stderr.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reports.read();
    const url = value!.match(/http:\S+/)![0];
    const inputs = ["wmv2_wma2.wmv", "clip.mp4"];
    const plays = inputs.flatMap((input) =>
      ["mmsh", "http"].map((scheme) =>
        ffmpegFrames(`${url.replace("http", scheme)}${input}`, `${folder}/${scheme}${input}`)
      )
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const pushes = inputs.map((input) => {
      const args = [...MUXWELL, "push", fixture(input), url + input];
      return new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null", stderr: "piped" }).output();
    });
    for (const { code, stderr } of await Promise.all(pushes)) assertEquals(code, 0, new TextDecoder().decode(stderr));
    const played = await Promise.all(plays);
    serve.kill("SIGINT");
    assertEquals((await serve.status).code, 0);
    while (!(await reports.read()).done);
    for (const [i, streams] of played.entries()) {
      const source = fixture(inputs[i >> 1]!);
      for (const [stream, hashes] of streams.entries()) {
        // MP4 can say that what an AAC encoder begins with is not to be heard; ASF cannot.
        const silenceCount = source.endsWith(".mp4") && stream === 1 ? 1 : 0;
        assertEquals(hashes.slice(silenceCount), await frameHashes(source, stream), source);
      }
    }
  });
});

/** MD5 of every decoded frame, by stream. */
async function ffmpegFrames(url: string, output: string): Promise<string[][]> {
  await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-nostdin", "-i", url, "-map", "0", "-fps_mode", "passthrough", "-f", "framemd5", output],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  const frames = (await Deno.readTextFile(output)).split("\n").filter((line) => /^\d/.test(line));
  return [0, 1].map((stream) =>
    frames.filter((line) => line.startsWith(`${stream},`)).map((line) => line.split(",").at(-1)!.trim())
  );
}
