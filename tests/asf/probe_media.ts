/** Real media as a take: ffprobe hands out codec data and access units, whatever the file. */

import type { StreamConfig } from "../../src/media/stream_config.ts";
import { runOk } from "../support/run.ts";
import type { Take, TestSample } from "./muxer_harness.ts";

interface ProbedStream {
  index: number;
  codec_type: string;
  codec_name: string;
  codec_tag: string;
  codec_tag_string: string;
  extradata?: string;
  width?: number;
  height?: number;
  sample_rate?: string;
  channels?: number;
  bit_rate?: string;
}

interface ProbedPacket {
  stream_index: number;
  pts_time: string;
  dts_time?: string;
  duration_time?: string;
  flags: string;
  data: string;
}

/** ffprobe's hexadecimal dump: address, then groups of two bytes, then two blanks and the text. */
function fromDump(dump: string): Uint8Array {
  const digits = dump.split("\n").map((line) => line.slice(10).split("  ")[0]!.replaceAll(" ", ""));
  return Uint8Array.fromHex(digits.join(""));
}

/** The streams and samples of a file, shifted so that the earliest time is 0. */
export async function probeMedia(path: string): Promise<Take> {
  const { stdout } = await runOk("ffprobe", [
    ...["-v", "error", "-show_streams", "-show_packets", "-show_data", "-of", "json", path],
  ]);
  const { streams, packets } = JSON.parse(stdout) as { streams: ProbedStream[]; packets: ProbedPacket[] };
  const kept = streams.filter(({ codec_type }) => codec_type === "video" || codec_type === "audio");
  const samples = packets.filter(({ stream_index }) => kept.some(({ index }) => index === stream_index))
    .map((packet): TestSample & { decodeTimestamp: number } => ({
      stream: kept.findIndex(({ index }) => index === packet.stream_index),
      data: fromDump(packet.data),
      timestamp: microseconds(packet.pts_time),
      decodeTimestamp: microseconds(packet.dts_time ?? packet.pts_time),
      duration: packet.duration_time === undefined ? -1 : microseconds(packet.duration_time),
      isKey: packet.flags.startsWith("K"),
    }));
  const zero = Math.min(...samples.map(({ timestamp, decodeTimestamp }) => Math.min(timestamp, decodeTimestamp)));
  for (const sample of samples) {
    sample.timestamp -= zero;
    sample.decodeTimestamp -= zero;
  }
  samples.sort((a, b) => a.decodeTimestamp - b.decodeTimestamp);
  return { streams: kept.map((stream) => configOf(stream, samples)), samples };
}

function microseconds(seconds: string): number {
  return Math.round(Number(seconds) * 1e6);
}

function configOf(stream: ProbedStream, samples: readonly TestSample[]): StreamConfig {
  const description = stream.extradata === undefined ? undefined : fromDump(stream.extradata);
  if (stream.codec_type === "video") {
    const codec = stream.codec_name === "h264" ? "avc1.64001f" : stream.codec_tag_string;
    return { kind: "video", codec, codedWidth: stream.width, codedHeight: stream.height, description };
  }
  const isWma = stream.codec_name.startsWith("wma");
  const codecs: Record<string, string | number> = { aac: "mp4a.40.2", mp3: "mp3", pcm_s16le: "pcm-s16" };
  return {
    kind: "audio",
    codec: isWma ? Number(stream.codec_tag) : codecs[stream.codec_name]!,
    sampleRate: Number(stream.sample_rate),
    numberOfChannels: stream.channels!,
    description,
    bitrate: isWma ? Number(stream.bit_rate) : undefined,
    blockBytes: isWma ? samples.find(({ stream: index }) => index === stream.index)!.data.byteLength : undefined,
  };
}
