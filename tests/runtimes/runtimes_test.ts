/** The packed package makes the same bytes of the same samples in every runtime. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import * as api from "../../mod.ts";
import { CORE_HEX } from "../../src/core/core_bytes.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { decodeComplaints, ffprobe } from "../support/readers/ffmpeg.ts";
import { skipWithout } from "../support/readers.ts";
import { run, runOk } from "../support/run.ts";
import { RUNTIMES, runtimeTest } from "./install.ts";
import { PACKAGE, packageModules, withApplication } from "./package.ts";
import { muxAll } from "./program.js";

const HERE = new URL("./", import.meta.url).pathname;
/** Our sources, in this process. */
const expected = await muxAll(api);

const MAIN = `
import * as api from "@muxwell/muxwell";
import { muxAll } from "./program.js";
console.log(await muxAll(api));
`;

async function asScript(folder: string, command: string, args: string[]): Promise<void> {
  await Deno.writeTextFile(`${folder}/main.js`, MAIN);
  const { stdout } = await runOk(command, [...args, "main.js"], { cwd: folder });
  assertEquals(stdout.trim(), expected);
}

runtimeTest("the package makes the same bytes in Deno, without permissions", ["Deno"], () => {
  return withApplication((folder) =>
    asScript(folder, RUNTIMES.Deno, ["run", "--quiet", "--no-prompt", "--no-config", "--node-modules-dir=manual"])
  );
});

runtimeTest("the package makes the same bytes in Node", ["Node"], () => {
  return withApplication((folder) => asScript(folder, RUNTIMES.Node, []));
});

runtimeTest("the package makes the same bytes in Bun", ["Bun"], () => {
  return withApplication((folder) => asScript(folder, RUNTIMES.Bun, []));
});

const FILES = `
  import { asf, fileSink, Writer } from "@muxwell/muxwell";
  import { tag } from "@muxwell/muxwell/repair";
  import { AsfReader } from "@muxwell/muxwell/inspect";
  import { readFile } from "node:fs/promises";
  const stream = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };
  const writer = new Writer({ container: asf(), sinks: [fileSink("tone.wma")], streams: [stream] });
  await writer.beginWriting();
  await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: 0 });
  await writer.flush();
  await tag("tone.wma", { set: { description: "z".repeat(9000) } }).catch(({ code }) => console.log(code));
  const { sinks } = await writer.endWriting();
  console.log(sinks[0].outcome, (await readFile("tone.wma")).byteLength === sinks[0].bytes);
  await tag("tone.wma", { set: { title: "Silence" } });
  const { header } = await AsfReader.open(await readFile("tone.wma"));
  console.log(header.contentDescription.title);
  for (const entry of ["writer", "asf", "mp4", "wave", "adts", "mp3", "container", "demux", "server", "cli"]) await import("@muxwell/muxwell/" + entry);
`;

for (const name of ["Node", "Bun"] as const) {
  runtimeTest(`files are written and tagged in ${name}, and every entry is loaded`, [name], () => {
    return withApplication(async (folder) => {
      await Deno.writeTextFile(`${folder}/files.js`, FILES);
      const { stdout } = await runOk(RUNTIMES[name], ["files.js"], { cwd: folder });
      assertEquals(stdout, "in-use\nfinished true\nSilence\n");
    });
  });
}

const PUSH = `
  import { asf, PushSink, Writer } from "@muxwell/muxwell";
  import { openMmsh, PublishingServer } from "@muxwell/muxwell/server";
  for (const attempt of [() => PublishingServer.listen(), () => openMmsh("mmsh://127.0.0.1/live")]) {
    try {
      await attempt();
    } catch ({ code, message }) {
      console.log(code, message);
    }
  }
  const push = new PushSink();
  await push.connect(process.argv[2], { credentials: { user: "me", password: "pass word" } });
  const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }];
  const writer = new Writer({ container: asf(), sinks: [push], streams });
  await writer.beginWriting();
  for (let i = 0; i < 20; i++) await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: i * 100_000 });
  await writer.endWriting();
  console.log(push.state);
`;

for (const name of ["Node", "Bun"] as const) {
  runtimeTest(`PushSink pushes from ${name}, with a password; ./server says that it needs Deno`, [name], () => {
    return withApplication(async (folder) => {
      await Deno.writeTextFile(`${folder}/push.js`, PUSH);
      const server = PublishingServer.listen({ pushCredentials: { user: "me", password: "pass word" } });
      const { stdout } = await runOk(RUNTIMES[name], ["push.js", server.url + "live"], { cwd: folder });
      assertEquals(
        stdout,
        [
          "unsupported Cannot listen: this needs Deno\n",
          "unsupported Cannot open mmsh://127.0.0.1/live: this needs Deno\n",
          "ended\n",
        ].join(""),
      );
      const [point] = server.status().points;
      assertEquals([point!.isLive, point!.byteCount > 20 * 1600], [false, true]);
      await server.close();
    });
  });
}

/** A worker whose test fails unless the bytes are the same, and unless bytes cannot be compiled during a request. */
async function inWorkerd(folder: string, entry: string, compatibilityDate: string): Promise<void> {
  const main = `
    import * as api from "./${PACKAGE}/${entry}";
    import { muxAll } from "./program.js";
    export default {
      async test() {
        const found = await muxAll(api);
        if (found !== ${JSON.stringify(expected)}) throw new Error("found " + found);
      },
    };`;
  await Deno.writeTextFile(`${folder}/main.js`, main);
  const modules = ["main.js", "program.js", ...await packageModules(folder)].map((name) =>
    `(name = "${name}", ${name.endsWith(".wasm") ? "wasm" : "esModule"} = embed "${name}")`
  );
  await Deno.writeTextFile(
    `${folder}/worker.capnp`,
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
     const worker :Workerd.Worker = (
       modules = [${modules.join(", ")}],
       compatibilityDate = "${compatibilityDate}",
     );`,
  );
  const { code, stderr, stdout } = await run(RUNTIMES.workerd, ["test", "worker.capnp"], { cwd: folder });
  assertEquals([code, code === 0 ? "" : stderr + stdout], [0, ""]);
}

runtimeTest("the package compiles its core while workerd starts, and makes the same bytes", ["workerd"], () => {
  return withApplication((folder) => inWorkerd(folder, "mod.js", "2025-06-01"));
});

runtimeTest("the package's ./workerd makes the same bytes where workerd never compiles", ["workerd"], () => {
  return withApplication((folder) => inWorkerd(folder, "src/workerd.js", "2024-01-01"));
});

runtimeTest("a bundler leaves out of the package what an application does not use", ["Deno"], () => {
  return withApplication(async (folder) => {
    const main = `
      import { bufferSink, wave, Writer } from "@muxwell/muxwell";
      console.log(wave, bufferSink, Writer);`;
    await Deno.writeTextFile(`${folder}/main.js`, main);
    await runOk(RUNTIMES.Deno, ["bundle", "--quiet", "--minify", "--output", "bundle.js", "main.js"], { cwd: folder });
    const code = await Deno.readTextFile(`${folder}/bundle.js`);
    assertEquals([code.includes(CORE_HEX), code.length > 10_000], [false, true]);
  });
});

runtimeTest("the package makes the same bytes in edge-runtime", ["edge-runtime", "Node"], () => {
  return withApplication(async (folder) => {
    const entry = `
      import * as api from "./${PACKAGE}/mod.js";
      import { muxAll } from "./program.js";
      globalThis.muxed = muxAll(api);`;
    await Deno.writeTextFile(`${folder}/entry.js`, entry);
    const bundle = [
      "bundle",
      "--quiet",
      "--platform",
      "browser",
      "--format",
      "iife",
      "--output",
      "bundle.js",
      "entry.js",
    ];
    await runOk(RUNTIMES.Deno, bundle, { cwd: folder });
    const host = `
      import { readFile } from "node:fs/promises";
      import { createRequire } from "node:module";
      const { EdgeRuntime } = createRequire(${JSON.stringify(RUNTIMES["edge-runtime"])})("edge-runtime");
      const runtime = new EdgeRuntime();
      runtime.evaluate(await readFile("bundle.js", "utf8"));
      console.log(await runtime.evaluate("muxed"));`;
    await Deno.writeTextFile(`${folder}/host.js`, host);
    const { stdout } = await runOk(RUNTIMES.Node, ["host.js"], { cwd: folder });
    assertEquals(stdout.trim(), expected);
  });
});

runtimeTest("the package makes the same bytes in Chromium, and files of what it encodes", [
  ...["Chromium", "playwright-core", "Node"] as const,
], (t) => {
  return withApplication(async (folder) => {
    const args = [`${HERE}browser.mjs`, RUNTIMES["playwright-core"], RUNTIMES.Chromium, folder];
    const { stdout } = await runOk(RUNTIMES.Node, args);
    const { closed, inPage, inWorker, files, recordings } = JSON.parse(stdout);
    await t.step("in a page with a strict content security policy", () => assertEquals(inPage, expected));
    await t.step("in a worker with one", () => assertEquals(inWorker, expected));
    await t.step("not where the policy forbids to compile", () => assertEquals(closed, "core-unavailable"));
    for (
      const [codec, name] of [["vp8", "vp8"], ["vp09.00.10.08", "vp9"], ["av01.0.00M.08", "av1"], [
        "avc1.42001f",
        "h264",
      ]]
    ) {
      const file: string | undefined = files[codec!];
      const ignore = file === undefined || skipWithout("ffmpeg");
      const title = `what it encodes as ${name}`;
      await t.step({ name: title, ignore, fn: () => readBack(folder, name!, Uint8Array.fromBase64(file!)) });
    }
    assert(files["vp8"] !== undefined, "Chromium encodes VP8 everywhere");
    for (const [i, slow] of ["video", "audio"].entries()) {
      await t.step(`camera and microphone with a slow ${slow} encoder: every chunk is in the file`, () => {
        const { counts, written, losses, warnings } = recordings[i];
        assertEquals([written, losses, warnings], [counts, [], []]);
        assertGreaterOrEqual(Math.min(...counts), 50);
      });
    }
  });
});

async function readBack(folder: string, codec: string, bytes: Uint8Array): Promise<void> {
  const path = `${folder}/${codec}.asf`;
  await Deno.writeFile(path, bytes);
  const { streams, packets, warnings } = await ffprobe(path);
  assertEquals([streams.map(({ codec }) => codec), packets.length, warnings], [[codec], 30, []]);
  assertEquals(packets.filter(({ isKey }) => isKey).length, 2);
  // FFmpeg cuts off what the timing extension says beyond milliseconds.
  const late = packets.filter(({ pts }, i) => !(Math.abs(pts! - i * 1000 / 30) <= 1));
  assertEquals(late, []);
  assertEquals(await decodeComplaints(path), []);
}
