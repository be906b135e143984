/**
 * What errors_test.ts and file_errors_test.ts share.
 *
 * @module
 */

import { SinkWriter, type SinkWriterOptions, type StreamConfig } from "../../mod.ts";
import { AUDIO, guarded, type NumberedSample, testAsf, VIDEO, videoSample } from "../support/sessions.ts";
import type { TestSink } from "../support/sinks.ts";

/** A sink writer of pictures and sound that has begun. */
export async function open(
  sink: TestSink,
  options: Partial<SinkWriterOptions> = {},
  streams: StreamConfig[] = [VIDEO, AUDIO],
): Promise<SinkWriter> {
  const writer = new SinkWriter({ container: testAsf(), sinks: [sink], ...options });
  for (const stream of streams) writer.addStream(stream);
  await writer.beginWriting();
  return writer;
}

/** Writes samples at the sinks' pace. */
export async function writeAll(writer: SinkWriter, samples: Iterable<NumberedSample>): Promise<void> {
  for (const sample of samples) await writer.writeSample(sample.streamNumber - 1, sample);
}

/** Pictures and sound that MP4 takes. */
export const MP4_STREAMS: StreamConfig[] = [
  { kind: "video", codec: "vp09.00.10.08", codedWidth: 320, codedHeight: 240, framerate: 25 },
  { kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 1 },
];

/** Pictures from the first one on. */
export const pictures = (count: number) => Array.from({ length: count }, (_, i) => videoSample(i));

/** A test named after a complaint. */
export function complaint(name: string, fn: () => Promise<void>): void {
  Deno.test(name, () => guarded(fn));
}
