/**
 * Packets as they come over a network, before a reader that cannot go back in them: FFmpeg reads ahead of itself by as
 * much as 24 bytes of extension data, and what it has read is gone where its buffer ends. Packets this large fill the
 * buffer, so that it ends with every packet.
 */

import { assertEquals } from "@std/assert";
import { asf, type StreamConfig, type StreamSample } from "../../mod.ts";
import { type AsfPacket, AsfReader } from "../../src/inspect/mod.ts";
import { readerTest } from "../support/readers.ts";
import { lines, runOk } from "../support/run.ts";
import { fixture } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";

const PACKET_BYTES = 40_000;
/** Prefix of several payloads; header, extension and length of a payload ([ASF] 5.2). */
const PREFIX_BYTES = 13;
const PAYLOAD_HEAD_BYTES = 15 + 24 + 2;
/** Of the object that is split over the end of a packet. */
const SPLIT_BYTES = 300;
/** Ends of packets that are looked at. */
const ENDS = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((bytes) => [bytes, bytes, bytes]);

const PCM: StreamConfig = { kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1 };

/** One picture, so that payloads carry the extension; then sound that leaves so many bytes at the end of each packet. */
async function session(): Promise<{ streams: StreamConfig[]; samples: StreamSample[] }> {
  const { streams, samples } = await readAll(fixture("clip.mp4"));
  const [picture] = [...samples].filter(({ streamNumber }) => streamNumber === 1);
  const alone = await AsfReader.open(
    await writeFinal({ container: asf(), streams: [streams[0]!], samples: [picture!] }),
  );
  const [{ payloads: [laidOut] }] = await Array.fromAsync(alone.packets()) as [AsfPacket];
  let room = PACKET_BYTES - PREFIX_BYTES - PAYLOAD_HEAD_BYTES - laidOut!.data.byteLength;
  const sizes: number[] = [];
  for (const end of ENDS) {
    const split = PAYLOAD_HEAD_BYTES + end;
    sizes.push(room - PAYLOAD_HEAD_BYTES - split, SPLIT_BYTES);
    room = PACKET_BYTES - PREFIX_BYTES - PAYLOAD_HEAD_BYTES - (SPLIT_BYTES - end);
  }
  let at = 0;
  const sound = sizes.map((byteLength): StreamSample => {
    const timestamp = Math.round(at * 125);
    at += byteLength;
    return { streamNumber: 2, data: new Uint8Array(byteLength).fill(0x80), timestamp };
  });
  return { streams: [streams[0]!, PCM], samples: [{ ...picture!, timestamp: 0, decodeTimestamp: 0 }, ...sound] };
}

/** Serves a header and then packet by packet, each when the last has been read. */
async function trickle(listener: Deno.TcpListener, bytes: Uint8Array, headerBytes: number): Promise<void> {
  const conn = await listener.accept();
  await conn.read(new Uint8Array(4096));
  await send(conn, new TextEncoder().encode("HTTP/1.0 200 OK\r\nContent-Type: video/x-ms-asf\r\n\r\n"));
  await send(conn, bytes.subarray(0, headerBytes));
  for (let at = headerBytes; at < bytes.byteLength; at += PACKET_BYTES) {
    await send(conn, bytes.subarray(at, at + PACKET_BYTES));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  conn.close();
}

async function send(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += await conn.write(bytes.subarray(at));
}

readerTest("FFmpeg gets every sample of packets that end in payloads of 1 to 8 bytes", ["ffmpeg"], async () => {
  const { streams, samples } = await session();
  const bytes = await writeLive({ container: asf({ packetBytes: PACKET_BYTES }), streams, samples });
  const reader = await AsfReader.open(bytes);
  const ends: number[] = [];
  for await (const { payloads } of reader.packets()) ends.push(payloads.at(-1)!.data.byteLength);
  assertEquals(ends.slice(0, ENDS.length), ENDS);

  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const headerBytes = bytes.byteLength % PACKET_BYTES;
  const serving = trickle(listener, bytes, headerBytes);
  const url = `http://127.0.0.1:${listener.addr.port}/live`;
  const { stdout } = await runOk("ffmpeg", [
    ...["-v", "error", "-nostdin", "-i", url, "-map", "0:1", "-c", "copy", "-f", "framemd5", "-"],
  ]);
  await serving;
  listener.close();
  const sizes = lines(stdout).filter((line) => !line.startsWith("#")).map((line) => Number(line.split(",")[4]));
  assertEquals(sizes, samples.slice(1).map(({ data }) => data.byteLength));
});
