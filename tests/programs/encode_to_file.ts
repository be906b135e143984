/** A browser or worker encodes, a file comes out. */

import { asf, type ChunkMetadata, type EncodedChunk, Writer } from "@muxwell/muxwell";
import type { FileHandle, VideoEncoderConstructor, VideoFrame } from "./browser_types.ts";

export async function encodeToFile(
  VideoEncoder: VideoEncoderConstructor,
  fileHandle: FileHandle,
  frames: AsyncIterable<VideoFrame>,
  audio: AsyncIterable<[EncodedChunk, ChunkMetadata?]>,
): Promise<void> {
  await using writer = new Writer({
    container: asf(),
    sinks: [await fileHandle.createWritable()], // seekable, so it is patched and indexed
    streams: [
      { kind: "video", codec: "avc1.42001f", codedWidth: 160, codedHeight: 120 },
      { kind: "audio", codec: "mp4a.40.2", sampleRate: 44100, numberOfChannels: 2 },
    ],
  });
  await writer.beginWriting();
  const video = new VideoEncoder({ // the description arrives with the first chunk
    output: (chunk, metadata) => void writer.writeSample(1, chunk, metadata),
    error: (error) => void writer.abort(error),
  });
  video.configure({ codec: "avc1.42001f", width: 160, height: 120 });
  const sound = (async () => {
    for await (const [chunk, metadata] of audio) await writer.writeSample(2, chunk, metadata);
  })();
  for await (const frame of frames) {
    await writer.ready;
    video.encode(frame);
    frame.close();
  }
  await video.flush();
  await sound;
  console.log((await writer.endWriting()).duration / 1e6, "s");
}
