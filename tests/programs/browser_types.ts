/**
 * The parts of WebCodecs and File System Access that a recipe needs; browsers have them, not every runtime does.
 *
 * @module
 */

import type { ChunkMetadata, EncodedChunk } from "@muxwell/muxwell";

export interface VideoFrame {
  close(): void;
}
export interface VideoEncoder {
  configure(config: { codec: string; width: number; height: number }): void;
  encode(frame: VideoFrame): void;
  flush(): Promise<void>;
}
export interface VideoEncoderConstructor {
  new (init: {
    output(chunk: EncodedChunk, metadata?: ChunkMetadata): void;
    error(error: Error): void;
  }): VideoEncoder;
}
export interface FileHandle {
  createWritable(): Promise<WritableStream<Uint8Array<ArrayBuffer>>>;
}
