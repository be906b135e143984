import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { type MediaSource, openMedia } from "../../src/demux/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { unlessItHangs } from "../support/sessions.ts";
import { fixture } from "../support/temp.ts";
import { inChunks } from "./support.ts";

const FILES = [
  "clip.mp4",
  "h264_nob_mp3.mkv",
  "late_audio.mp4",
  "tone.aac",
  "tone.mp3",
  "tone.wav",
  "wma2.wma",
  "wmv2_wma2.wmv",
];

interface Outcome {
  sampleCount: number;
  /** Where each sample ends, counted from the first. */
  ends: number[];
  error?: unknown;
}

/** Reads everything there is; rejects when it hangs. */
function read(source: MediaSource): Promise<Outcome> {
  return unlessItHangs(readAll(source), "reading");
}

async function readAll(source: MediaSource): Promise<Outcome> {
  let sampleCount = 0;
  const ends: number[] = [];
  try {
    await using media = await openMedia(source);
    for await (const sample of media.samples) {
      if (!Number.isSafeInteger(sample.timestamp)) {
        throw new Error(`time of sample ${sampleCount}: ${sample.timestamp}`);
      }
      sampleCount++;
      ends.push((ends.at(-1) ?? 0) + sample.data.byteLength);
    }
    return { sampleCount, ends };
  } catch (error) {
    return { sampleCount, ends, error };
  }
}

function assertTyped({ error }: Outcome, what: string): void {
  if (error === undefined) return;
  const isTyped = error instanceof MuxError && ["bad-media", "unsupported", "too-large"].includes(error.code);
  assertEquals(isTyped, true, `${what}: ${error instanceof Error ? error.stack : error}`);
}

for (const name of FILES) {
  Deno.test(`openMedia() reads what there is of ${name} cut short anywhere, then says so`, async () => {
    const bytes = await Deno.readFile(fixture(name));
    const whole = await read(bytes);
    assertEquals(whole.error, undefined);
    // Where frames follow each other without a container, a cut between two of them leaves no trace.
    const isBare = /\.(mp3|aac)$/.test(name);
    const frameStart = bytes.byteLength - whole.ends.at(-1)!;
    let readable = 0;
    for (let i = 0; i <= 50; i++) {
      const cut = bytes.slice(0, Math.floor(bytes.byteLength * i / 50));
      const what = `${name}, ${cut.byteLength} of ${bytes.byteLength} bytes`;
      const inMemory = await read(cut);
      assertTyped(inMemory, what);
      assertTyped(await read(inChunks(cut, 1000)), `${what}, as a stream`);
      assertEquals(inMemory.sampleCount >= readable, true, `${what}: more bytes, fewer samples`);
      readable = inMemory.sampleCount;
      const isBetween = isBare && whole.ends.includes(cut.byteLength - frameStart);
      if (readable < whole.sampleCount && !isBetween) {
        assertEquals(inMemory.error !== undefined, true, `${what}: silent`);
      }
    }
    assertEquals(readable, whole.sampleCount);
  });

  Deno.test(`openMedia() meets ${name} with bytes changed: typed errors only, and soon`, async () => {
    const bytes = await Deno.readFile(fixture(name));
    for (let seed = 1; seed <= 60; seed++) {
      const changed = mutate(bytes, seed);
      const what = `${name}, seed ${seed}`;
      assertTyped(await read(changed), what);
      if (seed % 4 === 0) assertTyped(await read(inChunks(changed, 4096)), `${what}, as a stream`);
    }
  });
}

/** A few bytes replaced, half of them in the first 2 KB, where the structures are; the same for the same seed. */
function mutate(bytes: Uint8Array, seed: number): Uint8Array {
  let state = seed * 2654435761 >>> 0;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const changed = bytes.slice();
  for (let i = 0; i < 1 + seed % 8; i++) {
    const at = random(i % 2 === 0 ? Math.min(2048, changed.byteLength) : changed.byteLength);
    changed[at] = [0, 0xFF, 0x7F, 0x80, random(256)][random(5)]!;
  }
  return changed;
}

Deno.test("openMedia() names what it was given instead of media", async () => {
  const cases: [string, Uint8Array | string, string, string][] = [
    ["nothing", new Uint8Array(0), "bad-media", "it is empty"],
    ["text", new TextEncoder().encode("dear diary"), "unsupported", "found text"],
    ["PNG", new Uint8Array([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), "unsupported", "found a PNG picture"],
    ["AVI", new TextEncoder().encode("RIFF????AVI LIST"), "unsupported", 'found a RIFF file of type "AVI"'],
    ["noise", new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]), "unsupported", "it begins with 01 02 03 04 05 06 07 08"],
    ["no file", "/nowhere/at/all.mp4", "bad-media", "there is no such file"],
    ["a folder", Deno.cwd(), "bad-media", "it is a directory"],
  ];
  for (const [what, source, code, reason] of cases) {
    const { error } = await read(source);
    if (!(error instanceof MuxError)) throw new Error(`${what}: ${error}`);
    assertEquals([error.code, error.message.includes(reason)], [code, true], `${what}: ${error.message}`);
    assertEquals(error.message.startsWith("Cannot open "), true, error.message);
  }
});

Deno.test("openMedia() tells a stream's own error, as the cause", async () => {
  const reason = new Error("the cable came out");
  const bytes = await Deno.readFile(fixture("tone.wav"));
  let sent = false;
  const { sampleCount, error } = await read(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) return controller.error(reason);
        sent = true;
        controller.enqueue(bytes.slice(0, 20_000));
      },
    }),
  );
  assertEquals(sampleCount > 0, true);
  assertEquals(error instanceof MuxError && error.code === "bad-media" && error.cause === reason, true, String(error));
});

/** The fixture with a number of one of its tables replaced. */
function withTable(bytes: Uint8Array, type: string, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  const name = new TextEncoder().encode(type);
  const start = changed.findIndex((_, i) => name.every((byte, j) => changed[i + j] === byte));
  if (start < 0) throw new Error(`there is no ${type} table`);
  new DataView(changed.buffer).setUint32(start + 4 + at, value);
  return changed;
}

Deno.test("openMedia() makes nothing of MP4 tables that promise billions of samples, at once", async () => {
  const bytes = await Deno.readFile(fixture("clip.mp4"));
  const whole = await read(bytes);
  const cases: [type: string, at: number, value: number, says?: RegExp][] = [
    ["stts", 8, 0x7FFF_FFFF],
    ["ctts", 8, 0xFFFF_FFFF],
    ["stsc", 8, 0x4000_0000],
    ["stts", 4, 0x1000_0000, /stts box: has no room for 268435456 entries/],
    ["stsc", 12, 0x7FFF_FFFF, /Cannot read all of bytes in memory: .* is there/],
    ["stsz", 8, 0x2000_0000, /stsz box: has no room for 536870912 entries|tables have places for \d+ of 536870912/],
    ["stsz", 4, 0x7FFF_FFFF, /stream 1 is there: its sample at byte \d+ is (cut short|not there)/],
    ["stco", 4, 0x2000_0000, /stco box: has no room/],
  ];
  for (const [type, at, value, says] of cases) {
    const changed = withTable(bytes, type, at, value);
    for (const source of [changed, inChunks(changed, 1000)]) {
      const { error, sampleCount } = await read(source);
      if (says === undefined) {
        assertEquals([error, sampleCount], [undefined, whole.sampleCount], type);
        continue;
      }
      assertEquals(error instanceof MuxError && error.code, "bad-media", type);
      assertMatch((error as Error).message.replace("a stream", "bytes in memory"), says, type);
    }
  }
});

Deno.test("openMedia() warns where a Matroska file's samples end long before the file says so", async () => {
  const bytes = await Deno.readFile(fixture("h264_nob_mp3.mkv"));
  const durationAt = bytes.findIndex((byte, i) => byte === 0x44 && bytes[i + 1] === 0x89 && bytes[i + 2] === 0x88) + 3;
  const view = new DataView(bytes.buffer);
  const warnings: string[] = [];
  for (const longer of [900, 200]) { // ms, each on top
    view.setFloat64(durationAt, view.getFloat64(durationAt) + longer);
    await using media = await openMedia(bytes);
    for await (const _ of media.samples);
    warnings.push(media.warnings.join());
  }
  assertEquals(warnings[0], "");
  assertMatch(warnings[1]!, /^The last sample ends at 5\.\d{3} s, though the source says that it lasts 6\.\d{3} s/);
});

Deno.test("openMedia() says how much of a Matroska file is there that ends in its first cluster", async () => {
  const bytes = await Deno.readFile(fixture("h264_nob_mp3.mkv"));
  const head = bytes.subarray(0, 2000);
  const { sampleCount, error } = await read(head);
  assertEquals([sampleCount, (error as MuxError).code], [1, "bad-media"]);
  assertStringIncludes((error as MuxError).message, `2000 of ${bytes.byteLength} bytes are there, 0.026 s of 5.025 s`);
  const none = await assertRejects(() => openMedia(bytes.subarray(0, 780)), MuxError);
  assertStringIncludes(none.message, `780 of ${bytes.byteLength} bytes are there`);
});
