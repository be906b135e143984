/** Damaged Matroska: nothing but findings and typed errors, in time that is linear, in memory that is bounded. */

import { assert, assertEquals } from "@std/assert";
import { openMedia } from "../../../src/demux/mod.ts";
import { MuxError } from "../../../src/errors.ts";
import { openInput } from "../../../src/inspect/byte_source.ts";
import { Findings } from "../../../src/inspect/findings.ts";
import { judgeMatroska } from "../../../src/inspect/matroska/judge.ts";
import { matroskaNodes } from "../../../src/inspect/matroska/nodes.ts";
import { inChunks } from "../../demux/support.ts";
import { fixture } from "../../support/temp.ts";
import { el, inside, write } from "./ebml.ts";
import { sampleFile } from "./sample_file.ts";

/** Numbers that are the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Bytes changed, taken out, put in twice, or cut off. */
function damage(bytes: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
  const next = random(seed);
  let changed = bytes.slice();
  for (let i = 0; i <= seed % 5; i++) {
    const at = next(changed.byteLength);
    const length = next(1 + next(200));
    switch (next(6)) {
      case 0:
        changed = new Uint8Array([...changed.subarray(0, at), ...changed.subarray(at + length)]);
        break;
      case 1:
        changed = new Uint8Array([...changed.subarray(0, at + length), ...changed.subarray(at)]);
        break;
      case 2:
        changed.fill([0, 0xFF, 0x1F, 0xA3][next(4)]!, at, at + length);
        break;
      case 3:
        changed = changed.slice(0, Math.max(1, at));
        break;
      default:
        changed[at] = [0, 0xFF, 0x7F, 0x80, 0x01, next(256)][next(6)]!;
    }
    if (changed.byteLength === 0) return bytes.slice(0, 1);
  }
  return changed;
}

async function survive(bytes: Uint8Array<ArrayBuffer>, what: string): Promise<void> {
  const findings = new Findings();
  await judgeMatroska(openInput(bytes), findings);
  let nodeCount = 0;
  for await (const _ of matroskaNodes(bytes, { packets: true }).nodes) nodeCount++;
  assert(nodeCount <= bytes.byteLength, what);
  for (const source of [bytes, inChunks(bytes, 997)]) {
    try {
      await using media = await openMedia(source);
      for await (const batch of media.batches) {
        for (const { timestamp } of batch) assert(Number.isSafeInteger(timestamp), `${what}: ${timestamp}`);
      }
    } catch (error) {
      assert(error instanceof MuxError, `${what}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}

/** How many damaged files of each kind. */
const COUNT = 150;

Deno.test("damaged Matroska leads to findings and typed errors alone", async () => {
  const seeds = [
    write(sampleFile()),
    write(sampleFile("webm")),
    (await Deno.readFile(fixture("h264_nob_mp3.mkv"))).slice(0, 25_000),
    (await Deno.readFile(fixture("opus.webm"))).slice(0, 4000),
  ];
  for (const [kind, bytes] of seeds.entries()) {
    for (let seed = 1; seed <= COUNT; seed++) await survive(damage(bytes, seed), `file ${kind}, seed ${seed}`);
  }
});

/** Steps per byte must not grow with the file: hostile files of one kind in two sizes. */
const HOSTILE: readonly [name: string, make: (count: number) => Uint8Array<ArrayBuffer>][] = [
  ["nothing but zeros", (count) => tail(new Uint8Array(count))],
  ["nothing but beginnings of Clusters", (count) => tail(repeat([0x1F, 0x43, 0xB6, 0x75], count))],
  [
    "Clusters of unknown size in Clusters",
    (count) => tail(repeat([0x1F, 0x43, 0xB6, 0x75, 0xFF, 0xE7, 0x81, 0], count)),
  ],
  [
    "blocks that claim too much",
    (count) => tail(repeat([0x1F, 0x43, 0xB6, 0x75, 0xFF, 0xE7, 0x81, 0, 0xA3, 0x10, 0xFF, 0xFF, 0xFF], count)),
  ],
  ["empty elements", (count) => tail(repeat([0xEC, 0x80], count))],
  [
    "Tags of empty elements",
    (count) =>
      tail(new Uint8Array([0x12, 0x54, 0xC3, 0x67, ...size(count - count % 2), ...repeat([0xEC, 0x80], count)])),
  ],
  ["tags in tags in tags", (count) => tail(write([el("Tags", nested(Math.min(400, count >> 8)))]))],
];

function tail(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = sampleFile();
  file[1]!.claim = "unknown";
  file[1]!.content = inside(file[1]!).slice(1, 4);
  const head = write(file);
  const whole = new Uint8Array(head.byteLength + bytes.byteLength);
  whole.set(head);
  whole.set(bytes, head.byteLength);
  return whole;
}

function repeat(pattern: number[], count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => pattern[i % pattern.length]!);
}

function size(count: number): number[] {
  return [0x08, count / 2 ** 24 & 0xFF, count >> 16 & 0xFF, count >> 8 & 0xFF, count & 0xFF];
}

function nested(depth: number): ReturnType<typeof el>[] {
  let list = [el("SimpleTag", [el("TagName", "x")])];
  for (let i = 0; i < depth; i++) list = [el("SimpleTag", list)];
  return [el("Tag", list)];
}

for (const [name, make] of HOSTILE) {
  Deno.test(`hostile Matroska takes reads in proportion to its size: ${name}`, async () => {
    const reads: number[] = [];
    for (const count of [200_000, 800_000]) {
      const bytes = make(count);
      let asked = 0;
      const source = {
        size: bytes.byteLength,
        read(offset: number, length: number) {
          asked += Math.min(length, bytes.byteLength - offset);
          return bytes.subarray(offset, offset + length);
        },
      };
      const findings = new Findings();
      await judgeMatroska(openInput(source), findings);
      await survive(bytes, name);
      reads.push(asked / bytes.byteLength);
    }
    assertEquals(reads.every((times) => times < 20), true, reads.join());
  });
}
