import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { runIn } from "./support.ts";

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function countSamples(source: string | Uint8Array): Promise<number> {
  await using media = await openMedia(source);
  let count = 0;
  for await (const batch of media.batches) count += batch.length;
  return count;
}

async function header(path: string) {
  return (await AsfReader.open(await Deno.readFile(path))).header;
}

Deno.test("mux sums up in a few lines, and shows no progress when nobody watches", async () => {
  await withTempDir(async (folder) => {
    const output = `${folder}/clip.wmv`;
    const { code, printed, reported } = await runIn({}, "mux", fixture("clip.mp4"), "-o", output);
    assertEquals([code, printed], [0, ""]);
    assertEquals(reported.includes("\r"), false);
    const [first, ...others] = reported.trimEnd().split("\n");
    assertStringIncludes(first!, `${output}: 2 streams, 5.0 s, `);
    assertMatch(first!, /\d+ packets, \d+ kB, indexed; took \d+\.\d\d s$/);
    assertEquals(others, ["  1  H.264, 160×120: 125 samples", "  2  AAC, 44.1 kHz, 2 channels: 217 samples"]);
    assertEquals(await countSamples(output), 125 + 217);
  });
});

Deno.test("mux shows progress on a terminal, in one line that it takes away", async () => {
  await withTempDir(async (folder) => {
    const output = `${folder}/clip.wmv`;
    const { reported } = await runIn({ errorIsTerminal: true }, "mux", fixture("clip.mp4"), "-o", output);
    const [progress, summary] = reported.split(/\r.\[K(?=[^\r]*$)/);
    assertMatch(progress!, /\r.\[K *\d+ % {2}\d\.\d s of 5\.0 s {2}/);
    assertEquals(progress!.includes("\n"), false);
    assertStringIncludes(summary!, "2 streams");
  });
});

Deno.test("mux takes its options to the container, and texts before those of the source", async () => {
  await withTempDir(async (folder) => {
    const output = `${folder}/clip.wmv`;
    const options = [
      "--packet-size",
      "1400",
      "--preroll",
      "1234",
      "--title",
      "Ein Titel – 題",
      "--set",
      "WM/Mood=calm",
    ];
    const { code, reported } = await runIn(
      {},
      ...["mux", fixture("clip.mp4"), "-o", output, ...options, "--set=WM/Mood=still=calm", "--author="],
    );
    assertEquals(code, 0, reported);
    const { fileProperties, contentDescription, attributes } = await header(output);
    assertEquals([fileProperties?.maxPacketBytes, fileProperties?.prerollMs], [1400, 1234]);
    const { title, author, copyright } = contentDescription!;
    assertEquals([title, author, copyright], ["Ein Titel – 題", "", "Public domain"]);
    assertEquals(attributes.find(({ name }) => name === "WM/Mood")?.value, "still=calm");
  });
});

Deno.test("mux reads standard input and writes standard output", async () => {
  for (const name of ["h264_nob_mp3.mkv", "tone.mp3", "tone.wav", "wmv2_wma2.wmv"]) {
    const input = new Blob([await Deno.readFile(fixture(name))]).stream();
    const { code, output, printed, reported } = await runIn({ input }, "mux", "-", "-o", "-");
    assertEquals([code, printed], [0, ""], reported);
    assertStringIncludes(reported, "standard output: ");
    assertEquals(await countSamples(output), await countSamples(fixture(name)), name);
  }
});

Deno.test("mux takes file URLs", async () => {
  await withTempDir(async (folder) => {
    const input = new URL(`file://${fixture("tone.mp3")}`).href;
    const output = new URL(`file://${folder}/a b.wma`).href;
    const { code, reported } = await runIn({}, "mux", input, "-o", output);
    assertEquals([code, await exists(`${folder}/a b.wma`)], [0, true], reported);
  });
});

Deno.test("mux leaves an existing file alone when the source gives nothing", async () => {
  await withTempDir(async (folder) => {
    const output = `${folder}/kept.wmv`;
    await Deno.writeTextFile(output, "precious");
    const empty = `${folder}/empty.mp4`;
    await Deno.writeFile(empty, (await Deno.readFile(fixture("late_audio.mp4"))).subarray(0, 40_000));
    const cases: [input: string, says: RegExp][] = [
      [`${folder}/missing.mp4`, /^muxwell: Cannot open .*missing\.mp4: there is no such file\n$/],
      [folder, /^muxwell: Cannot open .*: it is a directory\n$/],
      [
        empty,
        /^muxwell: Cannot open .*empty\.mp4: there is no moov box in its 40000 bytes: it was never finished, or is cut short\n$/,
      ],
      [fixture("README.md"), /^muxwell: Cannot open .*README\.md: found text\n$/],
    ];
    for (const [input, says] of cases) {
      const { code, printed, reported } = await runIn({}, "mux", input, "-o", output);
      assertEquals([code, printed], [1, ""]);
      assertMatch(reported, says);
    }
    assertEquals(await Deno.readTextFile(output), "precious");
  });
});

Deno.test("mux writes what can be read of a damaged source, and says how much of how much: code 3", async () => {
  await withTempDir(async (folder) => {
    const input = `${folder}/cut.mp3`, output = `${folder}/cut.wma`;
    await Deno.writeFile(input, (await Deno.readFile(fixture("tone.mp3"))).subarray(0, 30_000));
    const { code, reported } = await runIn({ errorIsTerminal: true }, "mux", input, "-o", output);
    assertEquals(code, 3);
    const line = reported.split("\n").at(-2)!;
    assertMatch(line, /^muxwell: Cannot read all of .*cut\.mp3: 2\.\d+ s of it are there: .*; .*cut\.wma has /);
    const { fileProperties } = await header(output);
    assertEquals(fileProperties?.isBroadcast, false, "it must be finished");
    assertEquals(await countSamples(output) > 50, true);
  });
});

Deno.test("mux says why an output cannot be written, and leaves nothing open", async () => {
  await withTempDir(async (folder) => {
    const { code, reported } = await runIn({}, "mux", fixture("tone.mp3"), "-o", `${folder}/no/such/folder.wma`);
    assertEquals(code, 1);
    assertMatch(reported, /^muxwell: .*folder\.wma.*\n$/);
    const broken = await runIn({}, "mux", fixture("tone.mp3"), "-o", `${folder}/a.wma`, "--set", "Duration=1");
    assertEquals(broken.code, 1);
    assertMatch(broken.reported, /^muxwell: .*attribute Duration: .*\n$/);
  });
});

/** Presses Ctrl-C as soon as it is heard. */
function pressWhenHeard(interrupt: () => number): void {
  if (interrupt() === 0) setTimeout(pressWhenHeard, 1, interrupt);
}

/** The fixture's first bytes, then nothing for ever; `onStall` is called when more is waited for. */
async function stalling(name: string, byteCount: number, onStall: () => void): Promise<ReadableStream<Uint8Array>> {
  const bytes = await Deno.readFile(fixture(name));
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= byteCount) {
        onStall();
        return new Promise(() => {});
      }
      controller.enqueue(bytes.slice(at, at += 4096));
    },
  }, { highWaterMark: 0 });
}

Deno.test("mux finishes the file at Ctrl-C, also while it waits for input", async () => {
  await withTempDir(async (folder) => {
    const output = `${folder}/stopped.wma`;
    let interrupt!: () => number;
    const input = await stalling("tone.wav", 90_000, () => pressWhenHeard(interrupt));
    const { code, reported } = await runIn(
      { input, onStart: (press) => void (interrupt = press) },
      ...["mux", "-", "-o", output],
    );
    assertEquals(code, 0, reported);
    assertMatch(reported, /, interrupted\n/);
    const { fileProperties } = await header(output);
    assertEquals(fileProperties?.isBroadcast, false);
    assertEquals(await countSamples(output) > 10, true);
  });
});

Deno.test("mux leaves the output as it was where the input has no samples", async () => {
  await withTempDir(async (folder) => {
    const [input, output] = [`${folder}/silence.wav`, `${folder}/there.wma`];
    const head = (await Deno.readFile(fixture("tone.wav"))).slice(0, 44);
    new DataView(head.buffer).setUint32(4, 36, true); // of the RIFF chunk
    new DataView(head.buffer).setUint32(40, 0, true); // of the data chunk
    await Deno.writeFile(input, head);
    await Deno.writeTextFile(output, "still here");
    const { code, reported } = await runIn({}, "mux", input, "-o", output);
    assertEquals([code, reported], [1, `muxwell: Cannot read ${input}: there is nothing in it to write\n`]);
    assertEquals(await Deno.readTextFile(output), "still here");
  });
});

Deno.test("mux leaves the output as it was where Ctrl-C comes before the first sample", async () => {
  await withTempDir(async (folder) => {
    const output = `${folder}/there.wma`;
    await Deno.writeTextFile(output, "still here");
    let interrupt!: () => number;
    const input = await stalling("tone.wav", 200, () => pressWhenHeard(interrupt));
    const { code, reported } = await runIn(
      { input, onStart: (press) => void (interrupt = press) },
      ...["mux", "-", "-o", output],
    );
    assertEquals([code, await Deno.readTextFile(output)], [1, "still here"], reported);
    assertMatch(reported, /^muxwell: .*\n$/);
  });
});

Deno.test("mux gives up at the second Ctrl-C, even where the output takes nothing any more", async () => {
  let release = () => {};
  let interrupt!: () => void;
  const output = new WritableStream<Uint8Array<ArrayBuffer>>({
    write() {
      interrupt();
      setTimeout(interrupt);
      return new Promise<void>((resolve) => release = resolve);
    },
  });
  const { code, reported } = await runIn({
    output,
    onStart: (press) => void (interrupt = press),
  }, ...["mux", fixture("clip.mp4"), "-o", "-"]);
  assertEquals(code, 1);
  assertMatch(reported, /^muxwell: .*(given up|Ctrl-C).*\n$/);
  release();
  await new Promise((resolve) => setTimeout(resolve, 10));
});
