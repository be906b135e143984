/**
 * What tells the frames of a bare stream of sound from anything else.
 *
 * @module
 */

/** What the head of a frame says. One object serves a stream from frame to frame. */
export class FrameHead {
  /** Size of the frame, its head included; 0: only the next frame tells. */
  byteLength = 0;
  /** Hz. */
  sampleRate = 0;
  /** Channels; 0: the frame says them elsewhere. */
  channels = 0;
  /** Samples of one channel that it becomes. */
  sampleCount = 0;
  /** Frames that a decoder takes one behind the other without being set up anew have the same. */
  kind = 0;
  /** Bit/s as the head says them; 0: it does not. */
  bitrate = 0;
}

/** One format of frames. */
export interface FrameSyntax {
  /** As messages call a frame. */
  readonly name: string;
  /** What a frame begins with. */
  readonly firstByte: number;
  /** Bytes that `read` looks at. */
  readonly headBytes: number;
  /** More than any frame has. */
  readonly maxBytes: number;
  /** Reads a head, of which all bytes are there; false: there is none. */
  read(bytes: Uint8Array, at: number, head: FrameHead): boolean;
}
