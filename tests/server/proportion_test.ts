/** What a peer can make the server keep, write and do is in proportion to what it sends. */

import { assert, assertEquals } from "@std/assert";
import { affordableInterval } from "../../src/asf/indexes/interval.ts";
import type { AsfPacket, AsfPayload } from "../../src/inspect/mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { readLiveHeader } from "../../src/server/live_header.ts";
import { PublishingPoint } from "../../src/server/publishing_point.ts";
import { Recording } from "../../src/server/recording.ts";
import { FrameReader } from "../../src/wire/framing.ts";
import { withTempDir } from "../support/temp.ts";
import { get, playing, until } from "./live.ts";
import { liveHeader } from "./live_header.ts";
import { RawPush, take } from "./raw_push.ts";

/** Bytes of all arrays that are made meanwhile. */
function bytesMade(run: () => void): number {
  const Real = Uint8Array;
  let made = 0;
  globalThis.Uint8Array = new Proxy(Real, {
    construct(target, args, newTarget) {
      if (typeof args[0] === "number") made += args[0];
      return Reflect.construct(target, args, newTarget === globalThis.Uint8Array ? target : newTarget);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Real;
  }
  return made;
}

Deno.test("FrameReader takes memory for what has come, not for what a packet says it is", () => {
  for (const size of [4, 100, 1000, 10_000]) {
    const bytes = new Uint8Array(size);
    bytes.set([0x24, 0x44, 0xff, 0xfe]);
    const made = bytesMade(() => assertEquals([...new FrameReader().read(bytes)], []));
    assert(made <= 64 + 2 * size, `${made} bytes for ${size}`);
  }
});

/** A header with another file ID. */
function renamed(header: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  const bytes = header.slice();
  const guid = [0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9];
  const at = bytes.findIndex((_, i) => guid.every((byte, k) => bytes[i + k] === byte));
  bytes[at + 24] = number;
  bytes[at + 25] = number >> 8;
  return bytes;
}

Deno.test("headers over and over make few files, and the others of the server go on", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: folder });
    const { bytes, packet } = await liveHeader();
    const honest = await RawPush.open(server.url + "honest");
    await honest.header(bytes);
    await until(() => server.status().points[0]!.isLive, "the push");
    const player = get(server.url + "honest");
    await playing(server, 1);
    const began = performance.now();
    const hostile = await RawPush.open(server.url + "hostile");
    for (let i = 0; i < 1000; i++) await hostile.header(renamed(bytes, i + 1)).catch(() => {});
    await honest.data([packet]);
    await until(() => server.status().points[0]!.packetCount === 1, "the packet of the other");
    let count = 0;
    for await (const _ of Deno.readDir(folder)) count++;
    const most = 33 + 1 + (performance.now() - began) / 500;
    assert(count <= most, `${count} files of 1000 headers`);
    await honest.end(0);
    assertEquals((await player).body.length, bytes.length + packet.length);
    hostile.abandon();
    await honest.closed();
    await server.close();
  });
});

Deno.test("an index is in proportion to what it is about, however late a packet says it is", () => {
  const weeks = 0xffff_ffff;
  for (const dataBytes of [0, 128, 1 << 14, 1 << 20, 1 << 30]) {
    const entryBytes = 6 * weeks / affordableInterval(1000, 6, weeks, dataBytes, 16 << 10);
    assert(entryBytes <= 16_384 + dataBytes / 10, `${entryBytes} bytes for ${dataBytes}`);
  }
});

Deno.test("a recording looks at each payload as often, however many streams there are", async () => {
  const { header: bytes } = await take("clip.mp4");
  const header = await readLiveHeader(bytes);
  const looksOf = async (streamCount: number) => {
    const stream = header.header.streams.find(({ kind }) => kind === "video")!;
    const streams = Array.from({ length: streamCount }, (_, i) => ({ ...stream, streamNumber: i + 1 }));
    let count = 0;
    const payload = {
      get streamNumber() {
        return count++, 1;
      },
      offset: 0,
      objectNumber: 1,
      objectSize: 1,
      data: new Uint8Array(1),
      isKey: true,
      presentationMs: 3000,
      extensionData: new Uint8Array(0),
    } as unknown as AsfPayload;
    const many = { ...header, header: { ...header.header, streams } };
    const sink = { header() {}, data() {}, trailer() {}, patch() {}, close() {}, abort() {} };
    const recording = new Recording("", sink, many, (error) => {
      throw error;
    }, () => {});
    const packet = { payloads: Array(63).fill(payload), sendTimeMs: 0, durationMs: 0 } as unknown as AsfPacket;
    for (let i = 0; i < 10; i++) recording.packet(new Uint8Array(header.packetBytes), packet);
    await recording.finish();
    return count;
  };
  assertEquals(await looksOf(127), await looksOf(1));
});

Deno.test("padding that is left out does not become more than so many times what was sent", async () => {
  const { bytes, packet } = await liveHeader();
  const header = await readLiveHeader(bytes);
  const point = new PublishingPoint("x", () => undefined, () => {});
  const large = { ...header, packetBytes: 65_000 };
  point.begin(large);
  // One payload of a byte, with a field for the padding that is left out.
  const small = packet.slice(0, 40);
  let sentBytes = 0;
  for (let i = 0; i < 2000; i++) {
    point.packet(small);
    sentBytes += small.length;
  }
  const { byteCount, refusedPacketCount } = point.facts;
  assert(refusedPacketCount > 1000, String(refusedPacketCount));
  assert(byteCount <= (16 << 20) + 64 * sentBytes + 65_000 + bytes.length, `${byteCount} of ${sentBytes}`);
});
