import { assertEquals } from "@std/assert";
import { openInput } from "../../src/inspect/byte_source.ts";
import { packetEdits } from "../../src/repair/asf/packet_edits.ts";
import type { Scan } from "../../src/repair/asf/scan.ts";
import { counting, packet } from "../inspect/support/bytes.ts";
import { superlinear } from "../support/growth.ts";

const PACKET = packet([{ stream: 1, object: 0, data: counting(10) }]);

/** Packets with a byte of damage between any two of them, each with a send time that has to change. */
function scattered(count: number): Scan {
  const packetBytes = PACKET.byteLength;
  const offsets = Array.from({ length: count }, (_, number) => number * (packetBytes + 1));
  return {
    packetBytes,
    dataStart: 0,
    runs: offsets.map((offset) => ({ offset, packetCount: 1 })),
    sendTimes: new Map(offsets.map((offset, number) => [offset, number])),
    cuts: [],
    end: Math.max(0, ...offsets.slice(-1)) + packetBytes,
  } as unknown as Scan;
}

function inputFor({ end, packetBytes }: Scan) {
  return openInput({ size: end, read: () => PACKET.subarray(0, packetBytes) });
}

Deno.test("packetEdits() finds every packet that changes, in runs that lie apart", async () => {
  const scan = scattered(50);
  const offsets = await Array.fromAsync(packetEdits(inputFor(scan), scan), ({ offset }) => offset);
  assertEquals(offsets, [...scan.sendTimes.keys()]);
});

Deno.test("packetEdits() takes time that grows with the damage", async () => {
  const run = async (scan: Scan) => {
    for await (const _ of packetEdits(inputFor(scan), scan));
  };
  assertEquals(await superlinear({ prepare: scattered, run }, 1 << 14, 1 << 12), undefined);
});
