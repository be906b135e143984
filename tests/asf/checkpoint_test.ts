/** The header while a file is being written: what stands in it after each chunk, and how a reader tells. */

import type { Patch } from "../../src/container/container.ts";
import { assert, assertEquals } from "@std/assert";
import { guidBytes } from "../../src/asf/guid.ts";
import { AsfReader, formatTree, inspectTree } from "../../src/inspect/mod.ts";
import { beginMuxer, FIXED, handOut, Output, type Take, writeAll } from "./muxer_harness.ts";

const MARK = guidBytes("6E8D2F43-51A7-4C0B-9B1E-F3D2A8C47E96");

/** 1 s of PCM, in 10 pieces. */
const TAKE: Take = {
  streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }],
  samples: Array.from({ length: 10 }, (_, i) => ({
    stream: 0,
    data: new Uint8Array(1600).fill(i + 1),
    timestamp: i * 100_000,
    duration: 100_000,
  })),
};

Deno.test("a checkpoint states what is confirmed, marks the file, and the final header clears the mark", async () => {
  const driven = beginMuxer(TAKE);
  const output = new Output(driven);
  const provisional = output.bytes.slice();
  assertEquals(driven.muxer.checkpoint!(output.facts()), []); // nothing to state yet
  writeAll(driven, TAKE.samples.slice(0, 6), [output]);
  handOut(driven, [output], true);
  const patches = driven.muxer.checkpoint!(output.facts()) as Patch[];
  assertEquals(patches.map(({ offset, bytes }) => [offset, bytes.byteLength]), [
    [provisional.byteLength - 66, 66], // mark and head of the Data Object
    [30, 104], // File Properties
  ]);
  assertEquals(patches[0]!.bytes.subarray(0, 16), MARK);

  const killed = output.bytes.slice();
  for (const { offset, bytes } of patches) killed.set(bytes, offset);
  const reader = await AsfReader.open(killed);
  const { fileProperties, isUnfinished } = reader.header;
  assert(isUnfinished);
  assertEquals(fileProperties!.isBroadcast, false);
  assertEquals(fileProperties!.fileBytes, killed.byteLength);
  assertEquals(fileProperties!.packetCount, 3); // 6 × 1617 bytes in packets of 3200: the fourth is open
  assertEquals(reader.data!.packetCount, 3);
  assertEquals(fileProperties!.playDurationTicks, (600 + 3000) * 10_000);
  assert(formatTree(await inspectTree(killed)).includes("is unfinished: yes"));

  writeAll(driven, TAKE.samples.slice(6), [output]);
  driven.packetizer.finish();
  handOut(driven, [output], true);
  for (const { offset, bytes } of patches) output.bytes.set(bytes, offset);
  const finished = await AsfReader.open(output.complete());
  assert(!finished.header.isUnfinished);
  assertEquals(finished.header.fileProperties!.playDurationTicks, (1000 + 3000) * 10_000);
});

Deno.test("a checkpoint of a sink that is behind states how long that lasts which it has", () => {
  const driven = beginMuxer(TAKE);
  const output = new Output(driven);
  writeAll(driven, TAKE.samples.slice(0, 6), [output]);
  handOut(driven, [output], true);
  writeAll(driven, TAKE.samples.slice(6), []);
  const [, { bytes }] = driven.muxer.checkpoint!(output.facts()) as [unknown, { bytes: Uint8Array<ArrayBuffer> }];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  assertEquals(view.getBigUint64(56, true), 3n); // packets
  assertEquals(view.getBigUint64(64, true), (600n + 3000n) * 10_000n);
});

Deno.test("packets behind what an unfinished file states are read", async () => {
  const driven = beginMuxer(TAKE);
  const output = new Output(driven);
  writeAll(driven, TAKE.samples.slice(0, 6), [output]);
  handOut(driven, [output], true);
  const patches = driven.muxer.checkpoint!(output.facts()) as Patch[];
  writeAll(driven, TAKE.samples.slice(6), [output]);
  driven.packetizer.finish();
  handOut(driven, [output], true);
  for (const { offset, bytes } of patches) output.bytes.set(bytes, offset);
  let count = 0;
  for await (const _ of (await AsfReader.open(output.bytes)).samples()) count++;
  assertEquals(count, 10);
});

for (
  const [name, options, capabilities] of [
    ["that never changes", {}, { canPatch: false, takesTrailer: false }],
    ["without padding", { headerReserveBytes: 0 }, undefined],
    ["whose padding has no room for the mark", { headerReserveBytes: 39 }, undefined],
  ] as const
) {
  Deno.test(`there is no checkpoint for a header ${name}`, () => {
    const driven = beginMuxer(TAKE, { ...FIXED, ...options });
    const output = new Output(driven, {}, capabilities);
    writeAll(driven, TAKE.samples, [output]);
    handOut(driven, [output], true);
    assertEquals(driven.muxer.checkpoint!(output.facts()), []);
  });
}
