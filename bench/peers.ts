/**
 * The same samples through other muxers, each used as its documentation says.
 *
 * @module
 */

import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Mp4OutputFormat,
  MpegTsOutputFormat,
  Output,
  type OutputFormat,
  StreamTarget,
} from "mediabunny";
import { Muxer as Mp4Muxer, StreamTarget as Mp4StreamTarget } from "npm:mp4-muxer@5.2.2";
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
  VIDEO,
  WIDTH,
} from "./media.ts";
import { type Finding, timed } from "./measure.ts";

const VIDEO_CONFIG = { codec: AVC_CODEC, codedWidth: WIDTH, codedHeight: HEIGHT, description: AVC_RECORD };
const AUDIO_CONFIG = {
  codec: AAC_CODEC,
  sampleRate: SAMPLE_RATE,
  numberOfChannels: CHANNELS,
  description: AAC_CONFIG,
};

/** Packets made before the clock runs, as those who encode have them. */
function mediabunny({ samples }: Scenario, createFormat: () => OutputFormat): () => Promise<void> {
  const packets = samples.map(({ streamNumber, data, timestamp, duration, type }) => ({
    isVideo: streamNumber === VIDEO,
    packet: new EncodedPacket(data, type, timestamp / 1e6, duration / 1e6),
  }));
  const [videoMetadata, audioMetadata] = [{ decoderConfig: VIDEO_CONFIG }, { decoderConfig: AUDIO_CONFIG }];
  return async () => {
    const target = new StreamTarget(new WritableStream({ write() {} }));
    const output = new Output({ format: createFormat(), target });
    const video = new EncodedVideoPacketSource("avc");
    const audio = new EncodedAudioPacketSource("aac");
    output.addVideoTrack(video);
    output.addAudioTrack(audio);
    await output.start();
    for (const { isVideo, packet } of packets) {
      if (isVideo) await video.add(packet, videoMetadata);
      else await audio.add(packet, audioMetadata);
    }
    await output.finalize();
  };
}

function mp4Muxer({ samples }: Scenario, fastStart: false | "fragmented"): () => void {
  const [videoMetadata, audioMetadata] = [{ decoderConfig: VIDEO_CONFIG }, { decoderConfig: AUDIO_CONFIG }];
  return () => {
    const muxer = new Mp4Muxer({
      target: new Mp4StreamTarget({ onData(_data, _position) {} }),
      video: { codec: "avc", width: WIDTH, height: HEIGHT },
      audio: { codec: "aac", numberOfChannels: CHANNELS, sampleRate: SAMPLE_RATE },
      fastStart,
    });
    for (const { streamNumber, data, timestamp, duration, type } of samples) {
      if (streamNumber === VIDEO) muxer.addVideoChunkRaw(data, type, timestamp, duration, videoMetadata);
      else muxer.addAudioChunkRaw(data, type, timestamp, duration, audioMetadata);
    }
    muxer.finalize();
  };
}

function all(name: string, make: () => Scenario): Record<string, () => Promise<Finding>> {
  const on = (prepare: (scenario: Scenario) => () => void | Promise<void>) => () => {
    const scenario = make();
    return timed(scenario, prepare(scenario));
  };
  return {
    [`${name} mediabunny mp4`]: on((scenario) => mediabunny(scenario, () => new Mp4OutputFormat({ fastStart: false }))),
    [`${name} mediabunny fmp4`]: on((scenario) =>
      mediabunny(scenario, () => new Mp4OutputFormat({ fastStart: "fragmented" }))
    ),
    [`${name} mediabunny ts`]: on((scenario) => mediabunny(scenario, () => new MpegTsOutputFormat())),
    [`${name} mediabunny mkv`]: on((scenario) => mediabunny(scenario, () => new MkvOutputFormat())),
    [`${name} mp4-muxer mp4`]: on((scenario) => mp4Muxer(scenario, false)),
    [`${name} mp4-muxer fmp4`]: on((scenario) => mp4Muxer(scenario, "fragmented")),
  };
}

/** Cases by name. */
export const PEERS: Record<string, (...args: string[]) => Promise<Finding>> = {
  ...all("av60", () => audioVideo(60)),
  ...all("small", manySmall),
};
