/**
 * ADTS: .aac files and streams.
 *
 * @module
 */

import { checkCodec, checkSingleAudio } from "../container/checks.ts";
import { lostMetadata } from "../container/losses.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import { aac } from "../media/codecs/aac.ts";
import { adtsFraming } from "../media/codecs/adts.ts";
import type { StreamConfig } from "../media/stream_config.ts";

export type { Container } from "../container/container.ts";

/**
 * The ADTS container: one AAC stream, each frame behind a header of seven bytes. Frames that bring an ADTS header pass as
 * they are. There is nothing else in it: no times (frames lie back to back, a gap closes), no metadata, nothing to patch.
 *
 * @example
 * ```ts
 * import { adts, bufferSink, Writer } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * await using writer = new Writer({
 *   container: adts(),
 *   sinks: [sink],
 *   streams: [{
 *     kind: "audio",
 *     codec: "mp4a.40.2",
 *     sampleRate: 44100,
 *     numberOfChannels: 2,
 *     description: new Uint8Array([0x12, 0x10]),
 *   }],
 * });
 * await writer.beginWriting();
 * await writer.writeSample(1, { data: new Uint8Array([0x21, 0x10, 0x04]), timestamp: 0 });
 * await writer.endWriting();
 * console.log(sink.bytes.byteLength); // 10
 * ```
 */
export function adts(): Container {
  return {
    name: "adts",
    extensions: [".aac", ".adts"],
    mimeType: () => "audio/aac",
    check: (streams: readonly StreamConfig[]) =>
      checkSingleAudio(
        "ADTS",
        streams,
        (stream) =>
          checkCodec("ADTS", stream, aac.matches(stream.codec), "AAC", "AAC (mp4a.40.2, mp4a.40.5, mp4a.40.29)"),
      ),
    losses: (_streams, metadata) => lostMetadata("ADTS", metadata, () => false),
    createMuxer: (streams: readonly NumberedStream[]): Muxer =>
      new PlainMuxer(streams[0]!, {
        codec: aac,
        frame: (config, { privateData, framing }) => adtsFraming(config, privateData, framing),
      }),
  };
}
