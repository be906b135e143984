/**
 * Samples of any file that Mediabunny reads, whatever this library's own demuxer carries.
 *
 * @module
 */

import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import type { Session } from "./write_all.ts";

/** Streams and samples, interleaved by time. With `bare` streams come without a description. */
export async function readPackets(path: string, bare = false): Promise<Omit<Session, "container">> {
  using input = new Input({ formats: ALL_FORMATS, source: new BufferSource(await Deno.readFile(path)) });
  const streams: StreamConfig[] = [];
  const samples: (StreamSample & { due: number })[] = [];
  for (const track of await input.getTracks()) {
    const streamNumber = streams.length + 1;
    if (track.isVideoTrack()) {
      const { codec, description, codedWidth, codedHeight } = (await track.getDecoderConfig())!;
      const whole: StreamConfig = { kind: "video", codec, codedWidth, codedHeight, description };
      streams.push(bare ? { kind: "video", codec } : whole);
    } else if (track.isAudioTrack()) {
      const { codec, description, sampleRate, numberOfChannels } = (await track.getDecoderConfig())!;
      streams.push({ kind: "audio", codec, sampleRate, numberOfChannels, description: bare ? undefined : description });
    } else {
      continue;
    }
    let due = -Infinity; // decode order goes before time
    for await (const packet of new EncodedPacketSink(track).packets()) {
      const { data, type, microsecondTimestamp: timestamp, microsecondDuration: duration } = packet;
      due = Math.max(due, timestamp);
      samples.push({ streamNumber, data, type, timestamp, duration, due });
    }
  }
  return { streams, samples: samples.sort((a, b) => a.due - b.due) };
}
