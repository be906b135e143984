/**
 * A first pass over samples, for headers that are never completed.
 *
 * @module
 */

import { Pieces } from "../bytes/pieces.ts";
import { MuxError } from "../errors.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import { AsfStream } from "./stream.ts";

/**
 * Looks at all samples before they are written, and answers the streams with their bit rates and what they need of a reader:
 * the header says so from the beginning then, also where it can never be completed (a web stream, standard output, a push).
 * A file that is patched at the end has it anyway.
 *
 * @example
 * ```ts
 * import { asf, measureStreams, type StreamConfig, type StreamSample, Writer } from "@muxwell/muxwell";
 *
 * const streams: StreamConfig[] = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }];
 * const samples = (): StreamSample[] =>
 *   [0, 1, 2, 3].map((i) => ({ streamNumber: 1, data: new Uint8Array(1600), timestamp: i * 100_000, duration: 100_000 }));
 *
 * const measured = await measureStreams(streams, samples());
 * console.log(measured[0]!.bitrate, measured[0]!.demand); // 128000, { bufferMs: 1000, peakBitrate: 128000, … }
 * await using writer = new Writer({ container: asf(), sinks: [new WritableStream()], streams: measured });
 * await writer.beginWriting();
 * for (const sample of samples()) await writer.writeSample(sample.streamNumber, sample);
 * await writer.endWriting();
 * ```
 *
 * @param streams Numbers default to the position + 1.
 * @param samples The same that will be written, in decode order within each stream; their bytes are not kept.
 * @returns The same streams, each of which has `bitrate` and `demand` if it has samples that last.
 * @throws {MuxError} `invalid-stream` for a sample of a stream that is not there; `unsupported` and `bad-media` as
 * `writeSample` would.
 * @see [ASF] 4.1
 */
export async function measureStreams(
  streams: readonly StreamConfig[],
  samples: Iterable<StreamSample> | AsyncIterable<StreamSample>,
): Promise<StreamConfig[]> {
  const list = streams.map((config, i) => new AsfStream({ ...config, streamNumber: config.streamNumber ?? i + 1 }));
  const byNumber = new Map(list.map((stream) => [stream.number, stream]));
  const pieces = new Pieces();
  const latest = new Map<AsfStream, number>();
  for await (const { streamNumber, data, timestamp, decodeTimestamp = timestamp, duration, type } of samples) {
    const stream = byNumber.get(streamNumber);
    if (stream === undefined) {
      const known = [...byNumber.keys()].join(", ");
      const message = {
        action: "measure streams",
        reason: `there is no stream ${streamNumber}, the streams are ${known}`,
      };
      throw new MuxError("invalid-stream", message, { streamNumber });
    }
    const isKey = type !== "delta";
    stream.describe(undefined, data);
    stream.frame(data, isKey, pieces);
    const time = Math.max(decodeTimestamp, latest.get(stream) ?? -Infinity); // where it reorders and does not say when
    latest.set(stream, time);
    stream.stats.add({ stream: 0, pieces, timestamp, decodeTimestamp: time, duration: duration ?? -1, isKey });
  }
  return list.map((stream, i) => ({ ...streams[i]!, ...stream.measured }));
}
