/** A Media Foundation developer writes frames with gaps. */

import { createSinkWriterFromUrl, type FinalizeReport, type SinkWriterOptions } from "@muxwell/muxwell";

export type Frame = { gapAt: number } | { bytes: Uint8Array; time: number; key: boolean };

export async function recordFrames(
  path: string,
  frames: AsyncIterable<Frame>,
  description: Uint8Array,
  { onMarker, onFinalize }: Pick<SinkWriterOptions, "onMarker" | "onFinalize">,
): Promise<FinalizeReport> {
  await using writer = createSinkWriterFromUrl(path, { onMarker, onFinalize }); // MFCreateSinkWriterFromURL
  const video = writer.addStream({ kind: "video", codec: "WMV3", codedWidth: 640, codedHeight: 480, description });
  await writer.beginWriting();
  for await (const frame of frames) {
    if ("gapAt" in frame) writer.sendStreamTick(video, frame.gapAt);
    else {
      const type = frame.key ? "key" : "delta";
      await writer.writeSample(video, { data: frame.bytes, timestamp: frame.time, duration: 33_333, type });
    }
  }
  await writer.placeMarker(video, "the last frame is with the sink");
  writer.notifyEndOfSegment();
  return await writer.finalize();
}
