/**
 * The layout's rules, checked on parsed packets against what was written. Shares nothing with the core: payloads are
 * measured as parsed, times are computed from the causal rule as it is stated.
 *
 * @module
 */

import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import type { CoreOptions } from "../../src/core/types.ts";
import { isEqual } from "./harness.ts";
import { type Packet, parsePackets, rebuildObjects, type RebuiltObject } from "./parse_packets.ts";

/** One object as written; `closesBefore`: the open packet was closed in front of it. */
export interface Written {
  slot: number;
  bytes: Uint8Array;
  storedMs: number;
  presentationTicks: number;
  isKey: boolean;
  closesBefore: boolean;
}

/** Parses, rebuilds and checks everything. */
export function checkLayout(
  output: Uint8Array,
  options: CoreOptions,
  written: readonly Written[],
): { packets: Packet[]; objects: RebuiltObject[] } {
  const packets = parsePackets(output, options.packetBytes);
  const objects = rebuildObjects(packets);
  checkObjects(objects, options, written);
  checkTimes(packets, options);
  checkFill(packets, options, written);
  return { packets, objects };
}

function checkObjects(objects: RebuiltObject[], options: CoreOptions, written: readonly Written[]): void {
  assertEquals(objects.length, written.length);
  const numbers = new Map<number, number>();
  objects.forEach((object, i) => {
    const { slot, bytes, storedMs, presentationTicks, isKey } = written[i]!;
    const stream = options.streams[slot]!;
    const number = numbers.get(slot) ?? 1;
    numbers.set(slot, (number + 1) % 256);
    assertEquals(object.streamNumber, stream.streamNumber);
    assertEquals(object.objectNumber, number);
    assertEquals(object.presentationMs, storedMs + options.prerollMs);
    assertEquals(object.isKey, isKey && stream.indexed);
    assert(isEqual(object.bytes, bytes), `object ${i} has other bytes`);
    const extension = new Uint8Array(options.timingExtension ? 24 : 0);
    if (options.timingExtension) {
      const ticks = BigInt(presentationTicks) + BigInt(options.prerollMs) * 10_000n;
      new DataView(extension.buffer).setBigUint64(8, ticks, true);
    }
    assertEquals(object.extension, extension);
  });
}

interface Span {
  startMs: number;
  endMs: number;
}

/** Start and end of each payload by the causal rule, packet by packet. A late payload leaves when it is due. */
function causalSpans(packets: readonly Packet[], options: CoreOptions): Span[][] {
  const rates = new Map(options.streams.map((stream) => [stream.streamNumber, stream.bitsPerSecond]));
  const starts = new Map<number, number>();
  const busyUntil = new Map<number, number>();
  return packets.map(({ payloads }) =>
    payloads.map(({ streamNumber, offset, data, objectBytes, presentationMs }) => {
      const rate = rates.get(streamNumber)!;
      if (offset === 0) {
        const start = Math.max(busyUntil.get(streamNumber) ?? 0, presentationMs - options.prerollMs);
        starts.set(streamNumber, start);
        busyUntil.set(streamNumber, start + 8000 * objectBytes / rate);
      }
      const objectStart = starts.get(streamNumber)!;
      const startMs = objectStart + 8000 * offset / rate;
      const endMs = startMs <= presentationMs
        ? objectStart + 8000 * (offset + data.length) / rate
        : presentationMs + 8000 * data.length / rate;
      return { startMs, endMs };
    })
  );
}

/** Packets overlap by a second at most, since a player may take more for a mistake. */
const OVERLAP_MS = 1000;

function sendTime(last: Packet | undefined, firstStartMs: number, earliestMs: number): number {
  const [lastSendMs, lastEndMs] = last ? [last.sendTimeMs, last.sendTimeMs + last.durationMs] : [0, 0];
  const startMs = Math.max(Math.floor(firstStartMs), lastEndMs - OVERLAP_MS);
  return Math.max(lastSendMs, Math.min(startMs, earliestMs));
}

function checkTimes(packets: readonly Packet[], options: CoreOptions): void {
  const spans = causalSpans(packets, options);
  packets.forEach((packet, i) => {
    const { payloads, sendTimeMs, durationMs } = packet;
    const last = packets[i - 1];
    const dues = payloads.map(({ presentationMs }) => presentationMs);
    const latestEnd = Math.max(...spans[i]!.map(({ endMs }) => endMs));
    assertEquals(sendTimeMs, sendTime(last, spans[i]![0]!.startMs, Math.min(...dues)));
    if (last) {
      assertGreaterOrEqual(sendTimeMs, last.sendTimeMs);
      assertLessOrEqual(last.sendTimeMs + last.durationMs, sendTimeMs + OVERLAP_MS);
    }
    const duration = Math.ceil(latestEnd) - sendTimeMs;
    const longest = Math.max(...dues.map((due) => due - sendTimeMs), OVERLAP_MS);
    assertEquals(durationMs, Math.min(65_535, longest, Math.max(1, duration)));
    if (payloads.length > 1) assertLessOrEqual(duration, 65_535);
  });
}

/** The form of each packet, its padding field, and that it is only left unfilled for a reason. */
function checkFill(packets: readonly Packet[], options: CoreOptions, written: readonly Written[]): void {
  const { packetBytes, streams } = options;
  const extension = options.timingExtension ? 24 : 0;
  const capacity = packetBytes - 13 - 17 - extension;
  const spans = causalSpans(packets, options);
  let objectsBegun = 0;
  packets.forEach((packet, i) => {
    const first = packet.payloads[0]!;
    const left = first.objectBytes - first.offset;
    assertEquals(packet.isMultiple, left <= capacity);
    objectsBegun += packet.payloads.filter(({ offset }) => offset === 0).length;
    if (!packet.isMultiple) {
      const spare = Math.max(0, packetBytes - 26 - extension - left);
      assertEquals([packet.paddingType, packet.paddingBytes], spare === 0 ? [0, 0] : [1, spare - 1]);
      return;
    }
    const used = 13 + packet.payloads.reduce((sum, { data }) => sum + 17 + extension + data.length, 0);
    const rest = packetBytes - used;
    assertEquals([packet.paddingType, packet.paddingBytes], rest > 255 ? [2, rest - 1] : [1, rest]);
    const room = rest - 17 - extension;
    const next = packets[i + 1]?.payloads[0];
    if (room < 1 || !next || packet.payloads.length === 63) return;
    assertEquals(next.offset, 0, "an object was split in front of a packet with room");
    const object = written[objectsBegun]!;
    if (object.closesBefore) return;
    const { startMs, endMs: wholeEndMs } = spans[i + 1]![0]!;
    const bytes = Math.min(object.bytes.length, room);
    const rate = streams[object.slot]!.bitsPerSecond;
    const endMs = bytes === next.data.length
      ? wholeEndMs
      : Math.min(startMs, next.presentationMs) + 8000 * bytes / rate;
    const earliest = Math.min(next.presentationMs, ...packet.payloads.map(({ presentationMs }) => presentationMs));
    const send = sendTime(packets[i - 1], spans[i]![0]!.startMs, earliest);
    const latestEnd = Math.max(endMs, ...spans[i]!.map((span) => span.endMs));
    assert(Math.ceil(latestEnd) - send > 65_535, `packet ${i} has room for ${room} bytes and no reason to be closed`);
  });
}
