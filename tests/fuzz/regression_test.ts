/** Damage that once made somebody wait for ever. */

import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { fixture } from "../support/temp.ts";

async function drain(source: Uint8Array | ReadableStream<Uint8Array>): Promise<number> {
  await using media = await openMedia(source);
  let count = 0;
  for await (const batch of media.batches) count += batch.length;
  return count;
}

/** Where `wanted` stands for the n-th time, from 1. */
function find(bytes: Uint8Array, wanted: readonly number[], nth = 1): number {
  for (let at = 0; at < bytes.byteLength; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte) && --nth === 0) return at;
  }
  throw new Error("not found");
}

Deno.test("openMedia() ends where a Matroska file has nothing but damage left", async () => {
  const bytes = await Deno.readFile(fixture("h264_nob_mp3.mkv"));
  const cluster = find(bytes, [0x1f, 0x43, 0xb6, 0x75], 2);
  bytes.fill(0, cluster);
  await assertRejects(() => drain(bytes), MuxError);
});

Deno.test("openMedia() ends where the tracks of a Matroska file have no size", async () => {
  const bytes = await Deno.readFile(fixture("h264_nob_mp3.mkv"));
  const tracks = find(bytes, [0x16, 0x54, 0xae, 0x6b], 2); // the first one is where the seek head names it
  bytes.set([0x00, 0x01, 0x64, 0x59], tracks + 4); // a length of nine bytes, which there is not
  await assertRejects(() => drain(bytes), MuxError);
});

/** What came of the other track, and the one that is named as left out. */
async function leftOut(source: Uint8Array | ReadableStream<Uint8Array>): Promise<[count: number, skipped: number[]]> {
  await using media = await openMedia(source);
  const skipped = media.skipped.map(({ index }) => index);
  let count = 0;
  const read = async () => {
    for await (const batch of media.batches) count += batch.length;
  };
  await assertRejects(read, MuxError, "Cannot read all of");
  return [count, skipped];
}

Deno.test("openMedia() names the track of an MP4 file that does not say where its samples are, also as a stream", async () => {
  const bytes = await Deno.readFile(fixture("clip.mp4"));
  bytes.set(new TextEncoder().encode("free"), find(bytes, [...new TextEncoder().encode("stco")], 2));
  assertEquals(await leftOut(bytes), [125, [1]]);
  assertEquals(await leftOut(new Blob([bytes]).stream()), [125, [1]]);
});

Deno.test("openMedia() names the track of an MP4 file with billions of samples in a chunk and no sizes", async () => {
  const bytes = await Deno.readFile(fixture("clip.mp4"));
  const chunks = find(bytes, [...new TextEncoder().encode("stsc")]);
  new DataView(bytes.buffer).setUint32(chunks + 16, 0xffff_ffff);
  bytes.set(new TextEncoder().encode("free"), find(bytes, [...new TextEncoder().encode("stsz")]));
  assertEquals(await leftOut(bytes), [217, [0]]);
});
