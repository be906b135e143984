/** Push live and record at once. */

import {
  asf,
  fileSink,
  type FinalizeReport,
  PushSink,
  type StreamConfig,
  type StreamSample,
  Writer,
} from "@muxwell/muxwell";

export interface Camera {
  streams: StreamConfig[];
  samples: AsyncIterable<StreamSample>;
}

export async function pushAndRecord(
  camera: Camera,
  url: string,
  path: string,
  stop: AbortController,
  credentials?: { user: string; password: string },
): Promise<FinalizeReport> {
  await using push = new PushSink();
  await push.connect(url, { autoDestroy: true, credentials });
  await using writer = new Writer({ container: asf(), sinks: [fileSink(path)], streams: camera.streams });
  await writer.addSink(push, { optional: true }); // the recording outlives the server
  await writer.beginWriting();
  for await (const sample of camera.samples) {
    if (stop.signal.aborted) break; // Ctrl-C finishes, it does not abort
    await writer.writeSample(sample.streamNumber, sample);
  }
  const report = await writer.endWriting({ signal: AbortSignal.timeout(10_000) });
  for (const sink of report.sinks) console.log(sink.outcome, sink.bytes, sink.error ?? "");
  return report;
}
