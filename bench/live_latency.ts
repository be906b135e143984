/**
 * How long sound is held back while live, and what it costs: encoder, push, server and player over real sockets in real
 * time, from `writeSample` to the player's socket.
 *
 * @module
 */

import { asf, PushSink, Writer } from "../mod.ts";
import { openMedia } from "../src/demux/mod.ts";
import { PacketParser } from "../src/inspect/mod.ts";
import { PublishingServer } from "../src/server/mod.ts";
import { type Arrival, readStream, sleepUntil } from "./live_peers.ts";

/** What FFmpeg makes of noise at 32 kbit/s. */
const SOUNDS = { "AAC": ["m4a", "aac"], "MP3": ["mp3", "libmp3lame"], "WMA 2": ["wma", "wmav2"] } as const;
/** In front of a packet, to a server and to players over mmsh. */
const PUSH_HEAD_BYTES = 4;
const MMSH_HEAD_BYTES = 12;

/** Columns of {@linkcode measureLatency}. */
export const LATENCY_COLUMNS = [
  ...["32 kbit/s", "held, median, ms", "99 of 100, ms", "at most, ms"],
  ...["push ÷ media", "http ÷ media", "mmsh ÷ media"],
];

/** A row for each encoding; they run side by side. */
export async function measureLatency(folder: string, seconds: number): Promise<string[][]> {
  return await Promise.all(
    Object.entries(SOUNDS).map(async ([name, [extension, codec]]) => {
      const path = `${folder}/${codec}.${extension}`;
      const noise = ["-f", "lavfi", "-i", `anoisesrc=d=${seconds}:c=pink:a=0.3:seed=1:r=44100`, "-ac", "1"];
      const args = ["-v", "error", "-nostdin", "-y", ...noise, "-c:a", codec, "-b:a", "32k", path];
      await new Deno.Command("ffmpeg", { args }).output();
      return [name, ...await measure(path)];
    }),
  );
}

async function measure(path: string): Promise<string[]> {
  await using server = PublishingServer.listen();
  const player = readStream(server.url + "live");
  await using media = await openMedia(path);
  const samples = await Array.fromAsync(media.samples);
  const push = new PushSink();
  await push.connect(server.url + "live");
  const writer = new Writer({ container: asf(), sinks: [push], streams: media.streams });
  await writer.beginWriting();
  const writtenAt: number[] = [];
  const startedAt = performance.now();
  for (const sample of samples) {
    await sleepUntil(startedAt + sample.timestamp / 1000);
    writtenAt.push(performance.now());
    await writer.writeSample(sample.streamNumber, sample);
  }
  await writer.endWriting();
  const mediaBytes = samples.reduce((sum, { data }) => sum + data.byteLength, 0);
  return await evaluate(await player, writtenAt, mediaBytes);
}

async function evaluate({ header, packets }: Arrival, writtenAt: number[], mediaBytes: number): Promise<string[]> {
  const parser = await PacketParser.fromHeader(header);
  const heldMs: number[] = [];
  let count = 0;
  let dataBytes = 0;
  let pushBytes = 0;
  for (const { bytes, at } of packets) {
    const { payloads, paddingBytes } = parser.packet(bytes);
    dataBytes += bytes.byteLength;
    pushBytes += PUSH_HEAD_BYTES + bytes.byteLength - paddingBytes; // a push leaves paddings out
    for (const { offset } of payloads) {
      const written = offset === 0 ? writtenAt[count++]! : 0;
      // What waited for the session to open says nothing of how it goes on.
      if (written > packets[0]!.at) heldMs.push(at - written);
    }
  }
  if (count !== writtenAt.length) throw new Error(`${count} of ${writtenAt.length} samples have come`);
  heldMs.sort((a, b) => a - b);
  const held = [0.5, 0.99, 1].map((part) => heldMs[Math.floor(part * (heldMs.length - 1))]!.toFixed(0));
  const costs = [pushBytes, dataBytes, dataBytes + MMSH_HEAD_BYTES * packets.length];
  return [...held, ...costs.map((bytes) => ((bytes + header.byteLength) / mediaBytes).toFixed(2))];
}
