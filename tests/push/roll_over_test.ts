/** Bodies that run out: a push of hours, made short by a small Content-Length. */

import { assert, assertEquals } from "@std/assert";
import { PushClient } from "../../src/push/client.ts";
import fc from "../support/fast_check.ts";
import { type Packet, withPeer } from "./peer.ts";

const HEADER = new Uint8Array(40);

/** What a push of so many packets looks like to the receiver: one list a body. */
async function bodiesOf(bodyBytes: number, packetBytes: number, count: number): Promise<Packet[][]> {
  const bodies: Packet[][] = [];
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept("Set-Cookie: push-id=7");
    for (let request; (request = await peer.request());) {
      assertEquals(request.fields["content-length"], String(bodyBytes));
      bodies.push(await peer.packets(bodyBytes));
      if (bodies.at(-1)!.at(-1)?.kind === "E") break;
      await peer.accept("Set-Cookie: push-id=7");
    }
  }], async (url) => {
    const client = new PushClient({ bodyBytes });
    await client.connect({ url: new URL(url), autoDestroy: true, userAgent: "WMEncoder/12.0" });
    await client.header(HEADER);
    const packets = new Uint8Array(count * packetBytes);
    for (let i = 0; i < count; i++) packets[i * packetBytes] = i;
    for (let at = 0; at < count; at += 3) {
      await client.data(packets.subarray(at * packetBytes, (at + 3) * packetBytes), packetBytes);
    }
    await client.end();
  });
  return bodies;
}

Deno.test("PushClient fills every body to its last byte, and loses nothing where one ends", async () => {
  const sizes = fc.record({ rest: fc.nat(400), packetBytes: fc.integer({ min: 20, max: 120 }), count: fc.nat(20) });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ rest, packetBytes, count }) => {
      const bodyBytes = 3 * (packetBytes + 4) + HEADER.length + rest;
      const bodies = await bodiesOf(bodyBytes, packetBytes, count);
      const packets = bodies.flat();
      assertEquals(packets.filter(({ kind }) => kind === "D").map(({ payload }) => payload[0]), [
        ...Array.from({ length: count }, (_, i) => i),
      ]);
      assertEquals(packets.map(({ kind }) => kind).filter((kind) => kind !== "D" && kind !== "F"), ["H", "E"]);
      for (const body of bodies.slice(0, -1)) {
        const used = body.reduce((sum, { payload }) => sum + payload.length + 4, 0);
        assertEquals(used, bodyBytes);
        assert(body.every(({ kind }, i) => kind !== "F" || i === body.length - 1));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("PushClient fills what is left of a body with two fillers where one is too small", async () => {
  for (const rest of [65_536, 65_537, 65_538]) {
    const bodies = await bodiesOf(HEADER.length + 4 + 65_535 + rest, 65_531, 2);
    assertEquals(bodies.map((body) => body.map(({ kind }) => kind).join("")), ["HDFF", "DE"]);
  }
});
