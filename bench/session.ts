/**
 * One session of ours, which the cases have in common.
 *
 * @module
 */

import { asf, type Container, type Sink, type SinkLike, type StreamConfig, Writer } from "../mod.ts";
import {
  AAC_CODEC,
  AAC_CONFIG,
  AVC_CODEC,
  AVC_RECORD,
  type BenchSample,
  CHANNELS,
  HEIGHT,
  SAMPLE_RATE,
  WIDTH,
} from "./media.ts";

/** What every session of the bench writes. */
export const STREAMS: StreamConfig[] = [
  { kind: "video", codec: AVC_CODEC, codedWidth: WIDTH, codedHeight: HEIGHT, description: AVC_RECORD },
  { kind: "audio", codec: AAC_CODEC, sampleRate: SAMPLE_RATE, numberOfChannels: CHANNELS, description: AAC_CONFIG },
];

/** A whole session. */
export async function mux(
  { samples }: { samples: Iterable<BenchSample> },
  sink: SinkLike,
  isAwaited: boolean,
  container: Container = asf(),
): Promise<void> {
  await using writer = new Writer({ container, sinks: [sink], streams: STREAMS, maxQueuedBytes: 1 << 30 });
  await writer.beginWriting();
  for (const sample of samples) {
    const written = writer.writeSample(sample.streamNumber, sample);
    if (isAwaited) await written;
  }
  await writer.endWriting();
}

/** Takes everything at once, and nothing with it. */
export function nullSink(): Sink {
  return { header() {}, data() {}, close() {}, abort() {} };
}

/** The same as a file: what was written can be replaced, and something be written behind. */
export function nullFile(): Sink {
  return { ...nullSink(), trailer() {}, patch() {}, sync() {} };
}
