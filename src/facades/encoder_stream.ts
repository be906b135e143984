/**
 * A stream that is given frames: the encoder between the caller and the session.
 *
 * Invariants
 * - Every encoder that was made is closed exactly once, whatever happens; nothing it gives afterwards is taken.
 * - The first thing that goes wrong is the stream's error; frames are refused with it from then on.
 *
 * @module
 */

import { MuxError, sampleError } from "../errors.ts";
import type { ChunkMetadata, EncodedChunk } from "../media/sample.ts";
import { textOf } from "../session/outputs/sink_error.ts";
import { withResolvers } from "../session/promises.ts";
import { MF_E_TOPO_CODEC_NOT_FOUND } from "./hresults.ts";

/** Frames that may wait inside an encoder which tells, before the caller is asked to wait, … */
const HIGH_WATER_FRAMES = 8;
/** … and before they are refused: raw frames are large. */
const MAX_FRAMES = 64;

/** What an encoder is given: a `VideoFrame`, an `AudioData`, or anything else that has a time. */
export interface RawFrame {
  /** Presentation time, microseconds. */
  readonly timestamp: number;
  /** An encoded sample has bytes; a frame has none that could be taken for them. */
  readonly data?: never;
  /** A Mediabunny sample counts seconds: its `toVideoFrame()` or `toAudioData()` does not. */
  readonly microsecondTimestamp?: never;
}

/** Turns frames into chunks. WebCodecs' `VideoEncoder` and `AudioEncoder` fit as they are. */
export interface EncoderLike {
  /** Frames taken and not yet looked at. An encoder that tells, and says when it changes, is not overfed. */
  readonly encodeQueueSize?: number;
  /** Takes a frame; the frame stays the caller's, who closes it. */
  encode(frame: unknown, options?: unknown): void;
  /** Resolves when everything taken has come out. */
  flush(): Promise<void>;
  /** Lets go. */
  close(): void;
  /** Called with `"dequeue"`. */
  addEventListener?(type: "dequeue", listener: () => void): void;
}

/**
 * Makes the encoder of a stream, configured, when writing begins (and anew after `discardQueued`). Its chunks go to
 * `output`, what goes wrong to `error`: both fit WebCodecs' callbacks.
 */
export type EncoderFactory = (
  output: (chunk: EncodedChunk, metadata?: ChunkMetadata) => void,
  error: (reason: unknown) => void,
) => EncoderLike;

/** What a facade gives its encoder streams. */
export interface EncoderStreamOptions {
  readonly streamNumber: number;
  readonly factory: EncoderFactory;
  /** A chunk has come out. What this throws is the stream's error. */
  write(chunk: EncodedChunk, metadata?: ChunkMetadata): void;
  /** The stream has its error. Called once. */
  onError(error: MuxError): void;
}

/** See the module's text. */
export class EncoderStream {
  readonly #options: EncoderStreamOptions;
  #encoder: EncoderLike | undefined;
  /** Resolves when the present encoder is let go of. */
  #gone = withResolvers<void>();
  #room: PromiseWithResolvers<void> | undefined;
  #error: MuxError | undefined;
  #isClosed = false;
  /** Frames given to the present encoder, and chunks that came out of it. */
  #frameCount = 0;
  #chunkCount = 0;

  constructor(options: EncoderStreamOptions) {
    this.#options = options;
  }

  /** Makes the encoder. @throws {MuxError} `unsupported` if that fails. */
  start(): void {
    let encoder: EncoderLike | undefined;
    const gone = this.#gone = withResolvers<void>();
    const isGone = () => this.#gone !== gone || this.#isClosed || this.#error !== undefined;
    try {
      encoder = this.#options.factory(
        (chunk, metadata) => void (isGone() || this.#onChunk(chunk, metadata)),
        (reason) => void (isGone() || this.#fail(reason)),
      );
      encoder.addEventListener?.("dequeue", () => this.#updateRoom());
    } catch (cause) {
      const { streamNumber } = this.#options;
      const text = { action: `make the encoder of stream ${streamNumber}`, reason: textOf(cause) };
      throw new MuxError("unsupported", text, { streamNumber, cause, hresult: MF_E_TOPO_CODEC_NOT_FOUND });
    }
    this.#encoder = encoder;
    this.#frameCount = this.#chunkCount = 0;
  }

  /** Gives it a frame. @throws {MuxError} The stream's error; `queue-full`; `bad-media` if the encoder refuses it. */
  encode(frame: RawFrame, options: unknown): void {
    if (this.#error) throw this.#error;
    if (!this.#encoder) this.start();
    const { streamNumber } = this.#options;
    const { timestamp } = frame;
    if (this.#waitingCount >= MAX_FRAMES) {
      const reason = `${this.#waitingCount} frames are waiting for its encoder, must not exceed ${MAX_FRAMES}`;
      throw sampleError("queue-full", streamNumber, reason, timestamp);
    }
    try {
      this.#encoder!.encode(frame, options);
    } catch (cause) {
      if (this.#error) throw this.#error; // told by its callback while it was asked
      const text = {
        action: `write sample to stream ${streamNumber}`,
        reason: `its encoder refused the frame: ${textOf(cause)}`,
      };
      throw new MuxError("bad-media", text, { streamNumber, timestamp, stage: "encode", cause });
    }
    this.#frameCount++;
  }

  /** A promise when the encoder should get no more frames for now. */
  wait(): Promise<void> | undefined {
    if (this.#waitingCount <= HIGH_WATER_FRAMES || !this.#encoder?.addEventListener) return undefined;
    this.#room ??= withResolvers<void>();
    return this.#room.promise;
  }

  /** Resolves when what it was given has come out. Rejects with the stream's error. */
  async flush(): Promise<void> {
    const gone = this.#gone;
    if (this.#encoder) {
      try {
        await Promise.race([this.#encoder.flush(), gone.promise]);
      } catch (error) {
        if (this.#gone === gone && !this.#isClosed) this.#fail(error);
      }
    }
    if (this.#error) throw this.#error;
  }

  /** Flushes for the last time, and lets go. */
  async drain(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.close();
    }
  }

  /** Lets go of the frames it has; the next one gets another encoder. Answers how many there were, as far as is known. */
  discard(): number {
    const count = this.#encoder ? Math.max(0, this.#frameCount - this.#chunkCount) : 0;
    this.#release();
    return count;
  }

  /** Nothing is taken any more. */
  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #onChunk(chunk: EncodedChunk, metadata?: ChunkMetadata): void {
    this.#chunkCount++;
    try {
      this.#options.write(chunk, metadata);
    } catch (error) {
      this.#fail(error);
    }
    this.#updateRoom();
  }

  #fail(cause: unknown): void {
    if (this.#error || this.#isClosed) return;
    const { streamNumber } = this.#options;
    const text = { action: `encode stream ${streamNumber}`, reason: textOf(cause) };
    this.#error = cause instanceof MuxError
      ? cause
      : new MuxError("bad-media", text, { streamNumber, stage: "encode", cause });
    this.#release();
    this.#options.onError(this.#error);
  }

  #release(): void {
    const encoder = this.#encoder;
    this.#encoder = undefined;
    this.#gone.resolve();
    this.#gone = withResolvers<void>();
    this.#updateRoom();
    try {
      encoder?.close();
    } catch {
      // One that has failed is closed already, and says so.
    }
  }

  get #waitingCount(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  #updateRoom(): void {
    if (this.#waitingCount > HIGH_WATER_FRAMES) return;
    this.#room?.resolve();
    this.#room = undefined;
  }
}
