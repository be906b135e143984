/** WAVE as programs leave it. */

import { assertEquals } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { concatBytes } from "../../src/bytes/bytes.ts";
import { inChunks, readAll } from "./support.ts";

const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const chunk = (name: string, body: Uint8Array, size = body.byteLength) => concatBytes(latin(name), u32(size), body);
const FORMAT = chunk("fmt ", Uint8Array.of(1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0));
const DATA = Uint8Array.from({ length: 3200 }, (_, i) => i & 0xFF);
const wave = (...chunks: Uint8Array[]) => concatBytes(latin("RIFF"), u32(0), latin("WAVE"), ...chunks);

Deno.test("openMedia() reads WAVE whose sizes were never set, from wherever it comes", async () => {
  const bytes = wave(FORMAT, chunk("data", DATA, 0));
  for (const source of [bytes, new Blob([bytes]), inChunks(bytes, 100)]) {
    const { samples, error } = await readAll(source);
    assertEquals([error, concatBytes(...samples.map(({ data }) => data))], [undefined, DATA]);
  }
});

Deno.test("openMedia() finds the INFO of a WAVE behind its data", async () => {
  const info = chunk(
    "LIST",
    concatBytes(latin("INFO"), chunk("INAM", latin("Behind")), chunk("IART", latin("Some\0\0"))),
  );
  const bytes = wave(FORMAT, chunk("data", DATA), chunk("junk", DATA), info);
  await using media = await openMedia(bytes);
  assertEquals([media.metadata.title, media.metadata.author], ["Behind", "Some"]);
  const { samples, error } = await readAll(bytes);
  assertEquals([error, concatBytes(...samples.map(({ data }) => data))], [undefined, DATA]);
});

Deno.test("openMedia() takes a WAVE without data for what it is", async () => {
  const { samples, error } = await readAll(wave(FORMAT, chunk("data", new Uint8Array(0))));
  assertEquals([error, samples], [undefined, []]);
});
