/** validate, repair, index and tag, as commands on files. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AsfReader } from "../../src/inspect/mod.ts";
import { fileSink } from "../../src/sinks/file_sink.ts";
import { record } from "../repair/support/recording.ts";
import { withTempDir } from "../support/temp.ts";
import { errorsIn } from "../support/valid.ts";
import { runIn } from "./support.ts";

const WHOLE = await record("final");
const UNFINISHED = await record("unfinished");

async function withFile<T>(bytes: Uint8Array, use: (path: string, folder: string) => Promise<T>): Promise<T> {
  return await withTempDir(async (folder) => {
    await Deno.writeFile(`${folder}/a.wmv`, bytes);
    await Deno.utime(`${folder}/a.wmv`, 0, 0); // written long ago
    return await use(`${folder}/a.wmv`, folder);
  });
}

/** What is left in a folder. */
async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

Deno.test("muxwell validate exits with 0 when all is well, and with 1 when a rule of severity E is broken", async () => {
  await withFile(WHOLE, async (path) => {
    const { code, printed } = await runIn({}, "validate", path);
    assertEquals(code, 0);
    assertMatch(printed, /: valid; .* 0 errors, 0 warnings, \d+ hints?\n$/);
  });
  await withFile(WHOLE.slice(0, -7), async (path) => {
    const { code, printed } = await runIn({}, "validate", path);
    assertEquals(code, 1);
    assertMatch(printed, /^E {2}T04 {2}@\d+ {2}Simple Index Object: size must be /m);
    const json = await runIn({}, "validate", path, "--json");
    assertEquals(json.code, 1);
    const report = JSON.parse(json.printed);
    assertEquals([report.isValid, report.issues[0].severity], [false, "E"]);
  });
});

Deno.test("muxwell validate reads standard input", async () => {
  const { code, printed } = await runIn({ input: new Blob([WHOLE]).stream() }, "validate", "-");
  assertEquals(code, 0);
  assertStringIncludes(printed, "-: valid;");
});

Deno.test("muxwell repair mends in place, or into another file", async () => {
  const cut = UNFINISHED.slice(0, -500);
  await withFile(cut, async (path, folder) => {
    const other = await runIn({}, "repair", path, "-o", `${folder}/b.wmv`);
    assertEquals([other.code, await Deno.readFile(path)], [0, cut]);
    const here = await runIn({}, "repair", path);
    assertMatch(here.reported, /: \d\.\d s, \d+ packets, .*, indexed\nLost: 300 bytes at byte \d+, no packet\n/);
    assertEquals(await Deno.readFile(path), await Deno.readFile(`${folder}/b.wmv`));
    assertEquals(await errorsIn(await Deno.readFile(path)), []);
    assertEquals(await names(folder), ["a.wmv", "b.wmv"]);
  });
});

Deno.test("muxwell repair puts a copy in the place of a file whose middle is gone", async () => {
  const gone = new Uint8Array([...WHOLE.subarray(0, 30_000), ...WHOLE.subarray(33_000)]);
  await withFile(gone, async (path, folder) => {
    assertEquals((await runIn({}, "repair", path)).code, 0);
    assertEquals(await errorsIn(await Deno.readFile(path)), []);
    assertEquals(await names(folder), ["a.wmv"]);
  });
});

Deno.test("muxwell repair and index say in one line what they cannot do", async () => {
  await withFile(new TextEncoder().encode("no media at all, of some length or other"), async (path, folder) => {
    for (
      const args of [["repair", path], ["index", path], ["tag", path, "--title", "x"], ["repair", `${folder}/none`]]
    ) {
      const { code, reported } = await runIn({}, ...args);
      assertEquals([code, reported.trim().split("\n").length], [1, 1], reported);
    }
    const same = await runIn({}, "repair", path, "-o", path);
    assertEquals(same.code, 2);
    assertStringIncludes(same.reported, "OUTPUT is the same file as FILE");
  });
});

Deno.test("muxwell repair and index cut off no other file that stands behind: it is left out of a copy", async () => {
  const both = new Uint8Array([...WHOLE, ...WHOLE]);
  for (const bytes of [both, both.slice(0, -700), new Uint8Array([...UNFINISHED, ...WHOLE])]) {
    const offset = bytes[WHOLE.byteLength] === 0x30 ? WHOLE.byteLength : UNFINISHED.byteLength;
    await withFile(bytes, async (path, folder) => {
      for (const command of ["repair", "index"]) {
        const { code, reported } = await runIn({}, command, path, "--force");
        assertEquals([code, await Deno.readFile(path)], [1, bytes]);
        assertStringIncludes(reported, `${path}`);
        assertStringIncludes(reported, `another ASF file begins at byte ${offset}`);
      }
      const { code, reported } = await runIn({}, "repair", path, "-o", `${folder}/b.wmv`);
      assertEquals(code, 0);
      assertMatch(reported, new RegExp(`\\nLeft out: another ASF file, which begins at byte ${offset}\\n$`));
      assertEquals(await errorsIn(await Deno.readFile(`${folder}/b.wmv`)), []);
    });
  }
});

Deno.test("muxwell repair and tag write to standard output, and name what cannot be opened", async () => {
  await withFile(UNFINISHED, async (path, folder) => {
    const { code, output, reported } = await runIn({}, "repair", path, "-o", "-");
    assertEquals(code, 0);
    assertMatch(reported, /^standard output: /);
    await runIn({}, "repair", path);
    assertEquals(output, await Deno.readFile(path));
    const tagged = await runIn({}, "tag", path, "--title", "x", "-o", "-");
    assertEquals((await AsfReader.open(tagged.output)).header.contentDescription?.title, "x");
    assertEquals((await runIn({ outputIsTerminal: true }, "repair", path, "-o", "-")).code, 2);
    for (const args of [["repair", path], ["tag", path, "--title", "x"]]) {
      const { code, reported } = await runIn({}, ...args, "-o", `${folder}/none/b.wmv`);
      assertEquals([code, reported], [1, `muxwell: Cannot open ${folder}/none/b.wmv: there is no such folder\n`]);
    }
    assertEquals(await names(folder), ["a.wmv"]);
  });
});

Deno.test("muxwell tag --set takes fields by our name and by Windows', whatever the case, and so does --remove", async () => {
  await withFile(WHOLE, async (path) => {
    for (const [name, title] of [["title", "Ein Titel"], ["TITLE", "Noch einer"]] as const) {
      await runIn({}, "tag", path, "--set", `${name}=${title}`, "--set", "genre=Jazz", "--set", "trackNumber=3");
      const { header } = await AsfReader.open(await Deno.readFile(path));
      assertEquals(header.contentDescription?.title, title);
      const found = header.attributes.map(({ name, value }) => [name, String(value)]).sort();
      assertEquals(found, [["WM/Genre", "Jazz"], ["WM/TrackNumber", "3"]]);
    }
    await runIn({}, "tag", path, "--remove", "title", "--remove", "wm/genre", "--remove", "TrackNumber");
    const { header } = await AsfReader.open(await Deno.readFile(path));
    assertEquals([header.contentDescription?.title ?? "", header.attributes], ["", []]);
  });
});

Deno.test("muxwell index and tag change a file where it lies", async () => {
  await withFile(WHOLE, async (path, folder) => {
    const indexed = await runIn({}, "index", path, "--interval", "100");
    assertMatch(indexed.reported, /1 video stream indexed every 100 ms/);
    const more = await runIn({}, "index", path, "--time-index", "500", "--sample-index", "9", "--points", "key,packet");
    assertMatch(more.reported, /1 video stream indexed every 200 ms, 2 of other kinds/);
    const { time, mediaObject } = await (await AsfReader.open(await Deno.readFile(path))).indexes();
    assertEquals([time[0]!.interval, mediaObject[0]!.interval, time[0]!.specifiers.length], [500, 9, 4]);
    assertEquals((await runIn({}, "index", path, "--timecode-index")).code, 1);
    assertEquals(await errorsIn(await Deno.readFile(path)), []);
    const tagged = await runIn({}, "tag", path, "--title", "Ein Titel", "--set", "WM/Genre=Test");
    assertMatch(tagged.reported, /changed in place/);
    await Deno.writeFile(`${folder}/cover.png`, new Uint8Array([0x89, 0x50, 0x4e, 0x47, ...new Uint8Array(50_000)]));
    const pictured = await runIn({}, "tag", path, "--picture", `${folder}/cover.png`, "--remove", "WM/Genre");
    assertMatch(pictured.reported, /written anew/);
    const bytes = await Deno.readFile(path);
    assertEquals(await errorsIn(bytes), []);
    const { header } = await AsfReader.open(bytes);
    assertEquals(header.contentDescription?.title, "Ein Titel");
    assertEquals(header.attributes.map(({ name }) => name), ["WM/Picture"]);
    assertEquals(await names(folder), ["a.wmv", "cover.png"]);
  });
});

Deno.test("muxwell tag, repair and index refuse what is written meanwhile, save with --force", async () => {
  await withTempDir(async (folder) => {
    const path = `${folder}/a.wmv`;
    const sink = fileSink(path);
    await sink.open!();
    await sink.header(WHOLE);
    const commands = [["tag", path, "--title", "x"], ["repair", path], ["index", path]];
    const reason = "something else writes to it; let that end first";
    for (const args of commands) {
      const { code, reported } = await runIn({}, ...args);
      assertEquals([code, reported], [1, `muxwell: Cannot change ${path}: ${reason}\n`]);
    }
    assertEquals(await Deno.readFile(path), WHOLE);
    for (const args of commands) assertEquals((await runIn({}, ...args, "--force")).code, 0);
    await sink.close();
    for (const args of commands) assertEquals((await runIn({}, ...args)).code, 0);
    assertEquals(await errorsIn(await Deno.readFile(path)), []);
    assertEquals(await names(folder), ["a.wmv"]);
  });
});

Deno.test("muxwell tag refuses what was never finished, until it is repaired or indexed, or with --force", async () => {
  await withFile(UNFINISHED, async (path, folder) => {
    const { code, reported } = await runIn({}, "tag", path, "--title", "x");
    const advice = "it is marked unfinished; if nothing writes to it, repair it first";
    assertEquals([code, reported], [1, `muxwell: Cannot change ${path}: ${advice}\n`]);
    assertEquals(await Deno.readFile(path), UNFINISHED);
    // What stays as it is may be in any state.
    assertEquals((await runIn({}, "tag", path, "--title", "x", "-o", `${folder}/b.wmv`)).code, 0);
    assertEquals((await runIn({}, "tag", path, "--title", "x", "--force")).code, 0);
    const { header } = await AsfReader.open(await Deno.readFile(path));
    assertEquals([header.fileProperties?.isBroadcast, header.contentDescription?.title], [true, "x"]);
  });
  for (const command of ["repair", "index"]) {
    await withFile(UNFINISHED, async (path) => {
      assertEquals((await runIn({}, command, path)).code, 0);
      assertEquals((await runIn({}, "tag", path, "--title", "y")).code, 0);
      assertEquals(await errorsIn(await Deno.readFile(path)), []);
    });
  }
});
