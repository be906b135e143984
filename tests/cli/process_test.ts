/** The real process: what only it can show. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AsfReader } from "../../src/inspect/mod.ts";
import { fixture, grownTo, withTempDir } from "../support/temp.ts";

const CLI = decodeURIComponent(new URL("../../src/cli/mod.ts", import.meta.url).pathname);
const decoder = new TextDecoder();

const RUN = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", CLI];

function command(args: string[], stdin: "null" | "piped" = "null"): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...RUN, ...args],
    env: { NO_COLOR: "1" },
    stdin,
    stdout: "piped",
    stderr: "piped",
  });
}

/** Feeds a process as a pipe does, and stops at the given number of bytes without closing. */
async function feed(child: Deno.ChildProcess, bytes: Uint8Array): Promise<WritableStreamDefaultWriter> {
  const writer = child.stdin.getWriter();
  for (let at = 0; at < bytes.byteLength; at += 8192) await writer.write(bytes.slice(at, at + 8192));
  return writer;
}

Deno.test("the process tells success, failure and wrong usage by its exit code", async () => {
  await withTempDir(async (folder) => {
    const cases: [args: string[], code: number, stderr: RegExp][] = [
      [["mux", fixture("tone.mp3"), "-o", `${folder}/tone.wma`], 0, /tone\.wma: 1 stream, 4\.\d s/],
      [["mux", fixture("README.md"), "-o", `${folder}/no.wma`], 1, /^muxwell: [^\n]*found text\n$/],
      [["mux"], 2, /INPUT is missing/],
    ];
    for (const [args, code, says] of cases) {
      const result = await command(args).output();
      assertEquals([result.code, decoder.decode(result.stdout)], [code, ""]);
      assertMatch(decoder.decode(result.stderr), says);
    }
  });
});

Deno.test("the process reads a pipe, writes a pipe, and shows no progress there", async () => {
  const child = command(["mux", "-", "-o", "-"], "piped").spawn();
  const output = child.output();
  const writer = await feed(child, await Deno.readFile(fixture("h264_nob_mp3.mkv")));
  await writer.close();
  const { code, stdout, stderr } = await output;
  assertEquals(code, 0, decoder.decode(stderr));
  assertEquals(decoder.decode(stderr).includes("\r"), false);
  const reader = await AsfReader.open(stdout);
  assertEquals(reader.header.fileProperties?.isBroadcast, true);
  let count = 0;
  for await (const _ of reader.samples()) count++;
  assertEquals(count, 125 + 193);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} makes the process finish its file`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await withTempDir(async (folder) => {
        const output = `${folder}/stopped.wma`;
        const child = command(["mux", "-", "-o", output], "piped").spawn();
        const result = child.output();
        const writer = await feed(child, (await Deno.readFile(fixture("tone.wav"))).subarray(0, 100_000));
        await grownTo(output, 0);
        child.kill(signal);
        const { code, stderr } = await result;
        await writer.abort().catch(() => {});
        assertEquals(code, 0, decoder.decode(stderr));
        assertStringIncludes(decoder.decode(stderr), "interrupted");
        const { header } = await AsfReader.open(await Deno.readFile(output));
        assertEquals(header.fileProperties?.isBroadcast, false);
        assertEquals(header.fileProperties!.playDurationTicks > 0, true);
      });
    },
  });
}

Deno.test({
  name: "mux says how much of its file is there when it may not grow any more",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withTempDir(async (folder) => {
      const [input, output] = [`${folder}/long.wav`, `${folder}/long.wma`];
      const bytes = new Uint8Array(2_000_044);
      bytes.set((await Deno.readFile(fixture("tone.wav"))).subarray(0, 44));
      new DataView(bytes.buffer).setUint32(4, bytes.byteLength - 8, true); // of the RIFF chunk
      new DataView(bytes.buffer).setUint32(40, bytes.byteLength - 44, true); // of the data chunk
      await Deno.writeFile(input, bytes);
      // Files of 1000 × 512 bytes at most; a write past it is to fail, not to end the process.
      const limited = ["-c", `trap "" XFSZ; ulimit -f 1000; exec "$@"`, "sh", Deno.execPath()];
      const args = [...limited, ...RUN, "mux", input, "-o", output];
      const { code, stderr } = await new Deno.Command("sh", { args, stdin: "null" }).output();
      const message = decoder.decode(stderr);
      assertEquals(code, 1, message);
      const { size } = await Deno.stat(output);
      assertStringIncludes(message, `; ${output} has the beginning, ${Math.round(size / 1000)} kB\n`);
      assertEquals([size > 200_000, size <= 512_000], [true, true]);
      const reader = await AsfReader.open(await Deno.readFile(output));
      assertEquals([reader.header.fileProperties?.isBroadcast, reader.header.isUnfinished], [false, false]);
    });
  },
});

Deno.test("a reader that cannot be loaded is not the file's fault", async () => {
  await withTempDir(async (folder) => {
    // Without the configuration nobody knows where its package is.
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "-q", "-A", CLI, "mux", fixture("tone.flac"), "-o", `${folder}/tone.wma`],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 1);
    assertMatch(
      decoder.decode(stderr),
      /^muxwell: Cannot open [^\n]*: its reader cannot be loaded: [^\n]*mediabunny[^\n]*\n$/,
    );
  });
});

Deno.test("inspect ends quietly when its reader goes away", async () => {
  const child = command(["inspect", fixture("wmv2_wma2.wmv"), "--packets"]).spawn();
  await child.stdout.cancel();
  const [status, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  assertEquals([status.code, stderr], [0, ""]);
});
