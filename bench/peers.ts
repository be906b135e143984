/**
 * The same samples through other muxers, each used as its documentation says.
 *
 * @module
 */

import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
} from "mediabunny";
import { Muxer as Mp4Muxer, StreamTarget as Mp4StreamTarget } from "npm:mp4-muxer@5.2.2";
import { type Finding, timed } from "./cases.ts";
import {
  AAC_CODEC,
  AAC_CONFIG,
  audioVideo,
  AVC_CODEC,
  AVC_RECORD,
  CHANNELS,
  HEIGHT,
  manySmall,
  SAMPLE_RATE,
  type Scenario,
  WIDTH,
} from "./media.ts";

const VIDEO_CONFIG = { codec: AVC_CODEC, codedWidth: WIDTH, codedHeight: HEIGHT, description: AVC_RECORD };
const AUDIO_CONFIG = {
  codec: AAC_CODEC,
  sampleRate: SAMPLE_RATE,
  numberOfChannels: CHANNELS,
  description: AAC_CONFIG,
};

async function mediabunny({ samples }: Scenario, fastStart: false | "fragmented"): Promise<void> {
  const target = new StreamTarget(new WritableStream({ write() {} }));
  const output = new Output({ format: new Mp4OutputFormat({ fastStart }), target });
  const video = new EncodedVideoPacketSource("avc");
  const audio = new EncodedAudioPacketSource("aac");
  output.addVideoTrack(video);
  output.addAudioTrack(audio);
  await output.start();
  for (const { isVideo, data, timestamp, duration, isKey } of samples) {
    const packet = new EncodedPacket(data, isKey ? "key" : "delta", timestamp / 1e6, duration / 1e6);
    if (isVideo) await video.add(packet, { decoderConfig: VIDEO_CONFIG });
    else await audio.add(packet, { decoderConfig: AUDIO_CONFIG });
  }
  await output.finalize();
}

function mp4Muxer({ samples }: Scenario, fastStart: false | "fragmented"): void {
  const muxer = new Mp4Muxer({
    target: new Mp4StreamTarget({ onData(_data, _position) {} }),
    video: { codec: "avc", width: WIDTH, height: HEIGHT },
    audio: { codec: "aac", numberOfChannels: CHANNELS, sampleRate: SAMPLE_RATE },
    fastStart,
  });
  for (const { isVideo, data, timestamp, duration, isKey } of samples) {
    const type = isKey ? "key" : "delta";
    if (isVideo) muxer.addVideoChunkRaw(data, type, timestamp, duration, { decoderConfig: VIDEO_CONFIG });
    else muxer.addAudioChunkRaw(data, type, timestamp, duration, { decoderConfig: AUDIO_CONFIG });
  }
  muxer.finalize();
}

function both(name: string, scenario: () => Scenario): Record<string, () => Promise<Finding>> {
  const on = (run: (all: Scenario) => void | Promise<void>) => () => {
    const all = scenario();
    return timed(all, () => run(all));
  };
  return {
    [`${name} mediabunny mp4`]: on((all) => mediabunny(all, false)),
    [`${name} mediabunny fmp4`]: on((all) => mediabunny(all, "fragmented")),
    [`${name} mp4-muxer mp4`]: on((all) => mp4Muxer(all, false)),
    [`${name} mp4-muxer fmp4`]: on((all) => mp4Muxer(all, "fragmented")),
  };
}

/** Cases by name. */
export const PEERS: Record<string, (...args: string[]) => Promise<Finding>> = {
  ...both("av60", () => audioVideo(60)),
  ...both("small", manySmall),
};
