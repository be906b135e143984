import { assertEquals } from "@std/assert";
import { AsfReader, PacketParser } from "../../src/inspect/mod.ts";
import { PayloadTimes } from "../../src/server/payload_time.ts";
import { shiftTimes } from "../../src/packets/shift_times.ts";
import fc from "../support/fast_check.ts";
import { fixture } from "../support/temp.ts";
import { take } from "../server/raw_push.ts";

/** A packet without its times and bytes. */
function factsOf(parser: PacketParser, bytes: Uint8Array) {
  const { sendTimeMs, payloads, number: _number, offset: _offset, ...rest } = parser.packet(bytes);
  return {
    times: [sendTimeMs, ...payloads.map(({ presentationMs }) => presentationMs ?? NaN)],
    rest: [rest, ...payloads.map(({ presentationMs: _, extensionData: __, replicatedData: ___, ...one }) => one)],
  };
}

// FFmpeg's packets, and ours with compressed payloads and the timing extension.
for (const name of ["wmv2_wma2.wmv", "tone.mp3", "clip.mp4"]) {
  Deno.test(`shiftTimes() moves every time of every packet of ${name}, and nothing else`, async () => {
    const { header, packets } = name.endsWith(".wmv") ? await packetsOf(name) : await take(name);
    const parser = await PacketParser.fromHeader(header);
    const times = new PayloadTimes(parser.header.streams);
    for (const packet of packets) {
      const before = factsOf(parser, packet);
      const shownBefore = parser.packet(packet).payloads.map((payload) => times.timeOf(payload));
      const shiftMs = Math.min(1234, ...before.times);
      const shifted = packet.slice();
      shiftTimes(shifted, shifted.length, { baseMs: shiftMs, prerollMs: 0, findTicks: times.findTicks });
      assertEquals(factsOf(parser, shifted), {
        ...before,
        times: before.times.map((time) => time - shiftMs),
      });
      const shown = parser.packet(shifted).payloads.map((payload) => times.timeOf(payload));
      assertEquals(shown.map((time) => time.toFixed(3)), shownBefore.map((time) => (time - shiftMs).toFixed(3)));
    }
  });
}

async function packetsOf(name: string): Promise<{ header: Uint8Array; packets: Uint8Array[] }> {
  const bytes = await Deno.readFile(fixture(name));
  const reader = await AsfReader.open(bytes);
  const packets: Uint8Array[] = [];
  for await (const { offset, byteLength } of reader.packets()) packets.push(bytes.slice(offset, offset + byteLength));
  return { header: bytes.slice(0, reader.header.size + 50), packets };
}

Deno.test("shiftTimes() takes anything for a packet without harm", async () => {
  const { header, packets } = await take("clip.mp4");
  const times = new PayloadTimes((await PacketParser.fromHeader(header)).header.streams);
  const changes = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 });
  const noise = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const damaged = fc.tuple(fc.constantFrom(...packets), changes).map(([packet, changes]) => {
    const bytes = packet.slice();
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  fc.assert(fc.property(fc.oneof(noise, damaged), fc.nat(100_000), (packet, shiftMs) => {
    const room = Uint8Array.from([0xee, ...packet, 0xee]);
    const { findTicks } = times;
    shiftTimes(room.subarray(1, -1), packet.length, { baseMs: shiftMs, prerollMs: 3000, findTicks });
    assertEquals([room[0], room.at(-1)], [0xee, 0xee]);
  }));
});
