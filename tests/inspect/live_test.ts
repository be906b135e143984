import { assertEquals } from "@std/assert";
import { AsfReader, type ByteSource } from "../../src/inspect/mod.ts";
import {
  audioStream,
  counting,
  data,
  fileProperties,
  header,
  join,
  packet,
  simpleIndex,
  videoStream,
} from "./support/bytes.ts";

const PACKETS = [0, 1, 2].map((object) => packet([{ stream: 1, object, data: counting(10, object) }]));
const BROADCAST = header(fileProperties({ flags: 1 }), audioStream(1), videoStream(2));
const FINISHED = header(fileProperties({ packetCount: 3 }), audioStream(1), videoStream(2));
const INDEX = simpleIndex(10_000_000, [[1, 1]]);
const REAL_SIZE = 50 + 3 * 128;

const CASES: { name: string; bytes: Uint8Array; samples?: number; indexes?: number; rules?: string[] }[] = [
  { name: "broadcast with data of size 50", bytes: join(BROADCAST, data(PACKETS, { size: 50, packetCount: 0 })) },
  { name: "broadcast with data of size 0", bytes: join(BROADCAST, data(PACKETS, { size: 0, packetCount: 0 })) },
  { name: "broadcast with the real size", bytes: join(BROADCAST, data(PACKETS)) },
  { name: "never finished", bytes: join(FINISHED, data(PACKETS, { size: 50, packetCount: 0 })) },
  {
    name: "broadcast, ending inside a packet",
    bytes: join(BROADCAST, data(PACKETS, { size: 50 })).slice(0, -28),
    samples: 2,
    rules: ["D01"],
  },
  {
    name: "cut off inside a packet",
    bytes: join(FINISHED, data(PACKETS)).slice(0, -28),
    samples: 2,
    rules: ["T04", "D01"],
  },
  { name: "cut off between packets", bytes: join(FINISHED, data(PACKETS)).slice(0, -128), samples: 2, rules: ["T04"] },
  { name: "of a size with a rest", bytes: join(FINISHED, data([...PACKETS, counting(5)])), rules: ["D01"] },
  {
    name: "broadcast with an index all the same",
    bytes: join(BROADCAST, data(PACKETS, { size: 50 }), INDEX),
    indexes: 1,
  },
  { name: "broadcast with the real size and an index", bytes: join(BROADCAST, data(PACKETS), INDEX), indexes: 1 },
  {
    name: "broadcast, smaller than it says, with an index",
    bytes: join(BROADCAST, data(PACKETS, { size: REAL_SIZE - 128 }), INDEX),
    indexes: 1,
  },
  {
    name: "larger than it is, with an index where packets should be",
    bytes: join(FINISHED, data(PACKETS, { size: REAL_SIZE + 128 }), INDEX, new Uint8Array(128)),
    indexes: 1,
    rules: ["D01", "T04"], // the zeros behind the index are no object
  },
  {
    name: "followed by another file",
    bytes: join(BROADCAST, data(PACKETS, { size: 50 }), BROADCAST),
    indexes: 1,
    rules: ["T03"],
  },
];

for (const { name, bytes, samples = 3, indexes = 0, rules = [] } of CASES) {
  for (const kind of ["file", "stream"] as const) {
    Deno.test(`AsfReader reads a ${kind} that is ${name}`, async () => {
      const source: ByteSource = kind === "file" ? bytes : new Blob([bytes.slice()]).stream();
      const reader = await AsfReader.open(source);
      const found = await Array.fromAsync(reader.samples(), ({ data }) => data[0]);
      assertEquals(found, Array.from(counting(samples)));
      assertEquals((await reader.indexes()).objects.slice(0, 1).length, indexes);
      assertEquals(reader.problems.map(({ rule }) => rule).filter((rule) => rule !== "T06"), rules);
    });
  }
}

Deno.test("AsfReader.indexes() finds the index of an unfinished file before its packets are read", async () => {
  const reader = await AsfReader.open(join(BROADCAST, data(PACKETS, { size: 0 }), INDEX));
  assertEquals((await reader.indexes()).simple.map(({ packetNumbers }) => [...packetNumbers]), [[1]]);
});
