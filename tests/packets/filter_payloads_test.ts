import { assertEquals, assertStrictEquals } from "@std/assert";
import { AsfReader, PacketParser } from "../../src/inspect/mod.ts";
import { filterPayloads } from "../../src/packets/filter_payloads.ts";
import fc from "../support/fast_check.ts";
import { fixture } from "../support/temp.ts";

/** Header and packets of a file. */
async function take(name: string): Promise<{ header: Uint8Array; packets: Uint8Array[] }> {
  const bytes = await Deno.readFile(fixture(name));
  const reader = await AsfReader.open(bytes);
  const packets: Uint8Array[] = [];
  let start = bytes.byteLength;
  for await (const { offset, byteLength } of reader.packets()) {
    start = Math.min(start, offset);
    packets.push(bytes.slice(offset, offset + byteLength));
  }
  return { header: bytes.slice(0, start), packets };
}

// FFmpeg's packets, so that nothing of ours is taken for granted.
for (const name of ["wmv2_wma2.wmv", "wma2.wma"]) {
  Deno.test(`filterPayloads() keeps what is wanted of every packet of ${name}, byte for byte`, async () => {
    const { header, packets } = await take(name);
    const parser = await PacketParser.fromHeader(header);
    const payloadsOf = (packet: Uint8Array) =>
      parser.packet(packet).payloads.map(({ streamNumber, offset, presentationMs, replicatedData, data }) =>
        [streamNumber, offset, presentationMs, ...replicatedData, ...data].join()
      );
    for (const wanted of [[1], [2], [1, 2], []]) {
      for (const packet of packets) {
        const before = packet.slice();
        const filtered = filterPayloads(packet, ({ streamNumber }) => wanted.includes(streamNumber));
        const expected = payloadsOf(packet).filter((text) => wanted.includes(Number(text.split(",")[0])));
        assertEquals(filtered === undefined, expected.length === 0);
        if (filtered) assertEquals([filtered.length, payloadsOf(filtered)], [packet.length, expected]);
        if (expected.length === payloadsOf(packet).length) assertStrictEquals(filtered, packet);
        assertEquals(packet, before);
      }
    }
    assertEquals(parser.problems, []);
  });
}

Deno.test("filterPayloads() takes anything for a packet without harm", async () => {
  const { packets } = await take("wmv2_wma2.wmv");
  const changes = fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 8 });
  const noise = fc.uint8Array({ minLength: 16, maxLength: 200 });
  const damaged = fc.tuple(fc.constantFrom(...packets), changes).map(([packet, changes]) => {
    const bytes = packet.slice();
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  fc.assert(fc.property(fc.oneof(noise, damaged), fc.nat(3), (packet, wanted) => {
    const filtered = filterPayloads(packet, ({ streamNumber }) => streamNumber === wanted);
    if (filtered) assertEquals(filtered.length, packet.length);
  }));
});
