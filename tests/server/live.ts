/**
 * A fixture as a live stream, and what a player got of it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { asf, type FinalizeReport, type SinkLike, type SinkOptions, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import type { PublishingServer } from "../../src/server/mod.ts";
import { HANG_MS } from "../support/sessions.ts";
import { fixture } from "../support/temp.ts";

/** How a fixture is sent. */
export interface Broadcast {
  input?: string;
  sinks: [SinkLike, SinkOptions?][];
  /** Resolves when the rest may follow: so much has been written that the header is out. */
  begun?(): Promise<void>;
  /** Called before each sample behind that. */
  eachSample?(timestamp: number, writer: Writer): void | Promise<void>;
}

/** Writes a fixture into the sinks; faster than real time, in breaths. */
export async function broadcast({ input = "clip.mp4", sinks, begun, eachSample }: Broadcast): Promise<FinalizeReport> {
  await using media = await openMedia(fixture(input));
  await using writer = new Writer({ container: asf(), streams: media.streams, metadata: media.metadata });
  for (const [sink, options] of sinks) await writer.addSink(sink, options);
  await writer.beginWriting();
  let hasBegun = false;
  let breathAt = 0;
  for await (const sample of media.samples) {
    await writer.writeSample(sample.streamNumber, sample);
    if (!hasBegun && sample.timestamp >= 700_000) {
      hasBegun = true;
      await writer.flush();
      await begun?.();
      breathAt = sample.timestamp;
    }
    if (hasBegun) await eachSample?.(sample.timestamp, writer);
    if (sample.timestamp - breathAt >= 100_000) {
      breathAt = sample.timestamp;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  return await writer.endWriting();
}

/** Resolves when a condition holds; fails loudly if it never does. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + HANG_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited ${HANG_MS} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves when so many play at a point. */
export function playing(server: PublishingServer, count: number): Promise<void> {
  return until(
    () => server.status().points.reduce((sum, point) => sum + point.playerCount, 0) >= count,
    `${count} players`,
  );
}

/** Everything that comes from a server, as NSPlayer or as anybody. */
export async function get(
  url: string,
  fields: string[] = [],
  method = "GET",
): Promise<{ head: string; body: Uint8Array }> {
  const { hostname, port, pathname } = new URL(url);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  try {
    const text = [`${method} ${pathname} HTTP/1.0`, `Host: ${hostname}:${port}`, ...fields, "", ""].join("\r\n");
    await conn.write(new TextEncoder().encode(text));
    const bytes = new Uint8Array(await new Response(conn.readable).arrayBuffer());
    const end = new TextDecoder("latin1").decode(bytes.subarray(0, 4096)).indexOf("\r\n\r\n");
    return { head: new TextDecoder("latin1").decode(bytes.subarray(0, end)), body: bytes.subarray(end + 4) };
  } finally {
    try {
      conn.close();
    } catch {
      // its stream has closed it
    }
  }
}

export const DESCRIBE = ["User-Agent: NSPlayer/4.1.0.3856", "Pragma: no-cache,rate=1.000000"];
export const PLAY = ["User-Agent: NSPlayer/4.1.0.3856", "Pragma: xPlayStrm=1", "Pragma: stream-switch-count=2"];

/** Players' packets, checked as they come apart. */
export function unframe(body: Uint8Array): { kind: string; location: number; flags: number; payload: Uint8Array }[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const packets = [];
  for (let at = 0; at < body.byteLength;) {
    assertEquals(body[at], 0x24);
    const kind = String.fromCharCode(body[at + 1]!);
    const length = view.getUint16(at + 2, true);
    if (kind === "E" || kind === "C") {
      packets.push({ kind, location: view.getUint32(at + 4, true), flags: 0, payload: new Uint8Array(0) });
    } else {
      assertEquals(view.getUint16(at + 10, true), length);
      packets.push({
        kind,
        location: view.getUint32(at + 4, true),
        flags: body[at + 9]!,
        payload: body.subarray(at + 12, at + 4 + length),
      });
    }
    at += 4 + length;
  }
  return packets;
}

/** Samples of an ASF stream or file, as text that can be compared: stream, key, size, first bytes, time. */
export async function samplesOf(bytes: Uint8Array): Promise<string[]> {
  const reader = await AsfReader.open(bytes);
  const samples: string[] = [];
  for await (const { streamNumber, isKey, data, presentationMs } of reader.samples()) {
    samples.push(
      `${streamNumber} ${isKey ? "key" : "delta"} ${data.byteLength} ${
        data.subarray(0, 8).join(",")
      } ${presentationMs}`,
    );
  }
  return samples;
}
