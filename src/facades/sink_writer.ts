/**
 * The Media Foundation sink writer, in TypeScript.
 *
 * @module
 */

import type { Container } from "../container/container.ts";
import { type FinalizeReport, MuxError } from "../errors.ts";
import type { ChunkMetadata, SampleLike } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import { textOf } from "../session/outputs/sink_error.ts";
import type { FinalizeOptions } from "../session/finalize.ts";
import { withHresult } from "../session/hooks.ts";
import type { Discarded } from "../session/target.ts";
import type { SessionOptions } from "../session/options.ts";
import { OwnSink } from "../session/outputs/own_sink.ts";
import type { Statistics } from "../report.ts";
import { MuxSession } from "../session/session.ts";
import type { SessionCall, SessionState } from "../session/state.ts";
import { type EncoderFactory, EncoderStream, type RawFrame } from "./encoder_stream.ts";
import { SINK_WRITER_HRESULTS } from "./hresults.ts";
import type { MediaSink } from "../sinks/media_sink.ts";

/**
 * What a {@linkcode SinkWriter} is made of. Callbacks are told what the promises tell, before those; what a callback
 * throws is a warning in the report.
 */
export interface SinkWriterOptions extends Omit<SessionOptions, "container"> {
  /** The file format; this, or a media sink. */
  container?: Container;
  /** Takes the samples as they are, instead of a container over byte sinks. */
  mediaSink?: MediaSink;
  /** `writeSample` never asks to wait; what goes beyond `maxQueuedBytes` is refused with `queue-full`. Default false. */
  disableThrottling?: boolean;
  /** A marker has passed: everything before it in its stream is with the sinks. */
  onMarker?(streamIndex: number, context: unknown): void;
  /** A stream has gone wrong, outside of a call for it. Others go on. */
  onStreamError?(streamIndex: number, error: MuxError): void;
  /** The session is over, every sink has been let go of: finished (no error), failed, or aborted. Called once. */
  onFinalize?(error: unknown, report: FinalizeReport): void;
}

/** How a stream is fed. */
export interface AddStreamOptions {
  /** Makes an encoder: `writeSample` takes frames for it. */
  encoder?: EncoderFactory;
}

// Not a method: compiled for npm, a class whose method has a symbol for a name loses it from its declaration, and is
// never left out by bundlers, nor is all that it needs.
/** What `await using` calls. */
export interface SinkWriter {
  /** `abort()`, unless the session has finished. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Streams that are added one by one, markers, gaps and segments, encoders, any container, or a media sink of one's own.
 * Streams are counted from 0, in the order they were added; errors and statistics name them by `streamNumber`, which is
 * one more unless the description says otherwise. A sink writer is used once.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, SinkWriter } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * await using writer = new SinkWriter({
 *   container: asf(),
 *   sinks: [sink],
 *   onMarker: (streamIndex, context) => console.log(streamIndex, context),
 * });
 * const audio = writer.addStream({ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 });
 * await writer.beginWriting();
 * for (let i = 0; i < 10; i++) {
 *   await writer.writeSample(audio, { data: new Uint8Array(1600), timestamp: i * 100_000, duration: 100_000 });
 * }
 * await writer.placeMarker(audio, "the last sample is with the sink");
 * const report = await writer.finalize();
 * console.log(report.duration / 1e6, "s", sink.bytes.byteLength, "bytes");
 * ```
 */
export class SinkWriter implements AsyncDisposable {
  readonly #session: MuxSession;
  readonly #options: SinkWriterOptions;
  readonly #throttles: boolean;
  /** One entry a stream: `null` where samples come encoded. */
  readonly #encoders: (EncoderStream | null)[] = [];
  /** What has gone wrong in encoders, the first first. */
  readonly #encoderErrors: MuxError[] = [];

  /**
   * Nothing is opened or checked beyond types yet. The options are not looked at again.
   *
   * @throws {TypeError} If there is not exactly one of `container` and `mediaSink`, or if a sink is none.
   */
  constructor(options: SinkWriterOptions) {
    if ((options.container === undefined) === (options.mediaSink === undefined)) {
      throw new TypeError("Cannot create sink writer: there must be a container or a mediaSink, and not both");
    }
    if (options.mediaSink && options.sinks) {
      throw new TypeError("Cannot create sink writer: sinks belong to a container, not to a mediaSink");
    }
    this.#options = options = { ...options };
    this.#throttles = !options.disableThrottling;
    const { mediaSink } = options;
    this.#session = new MuxSession(options, [], {
      hresults: SINK_WRITER_HRESULTS,
      ownSink: mediaSink && ((options) => new OwnSink(mediaSink, options)),
      begin: () => this.#encoders.forEach((encoder) => encoder?.start()),
      drain: () => this.#drainEncoders(),
      release: () => this.#encoders.forEach((encoder) => encoder?.close()),
      onStreamError: (stream, error) => this.#tell("onStreamError", () => options.onStreamError?.(stream, error)),
      onSettled: (error, report) => this.#tell("onFinalize", () => options.onFinalize?.(error, report)),
    });
    this[Symbol.asyncDispose] = () => this.#session.dispose();
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#session.state;
  }

  /**
   * Resolved when a sample can be written without waiting for sinks, rejected after a failure; for callbacks that cannot
   * await `writeSample`. A new promise each time there is a wait. Never "unhandled".
   */
  get ready(): Promise<void> {
    return this.#session.ready;
  }

  /** Settles once, with the finish: the report, or the error that ended the session instead. Never "unhandled". */
  get closed(): Promise<FinalizeReport> {
    return this.#session.closed;
  }

  /**
   * Adds a stream, in `configuring`. Answers its index, from 0.
   *
   * @param config What the container stores; with an encoder, what comes out of that.
   * @throws {MuxError} `invalid-state` once writing has begun.
   */
  addStream(config: StreamConfig, options: AddStreamOptions = {}): number {
    const { encoder: factory } = options;
    const index = this.#session.addStream(config, factory !== undefined);
    this.#encoders.push(
      factory === undefined ? null : new EncoderStream({
        streamNumber: this.#session.input.streams[index]!.streamNumber,
        factory,
        write: (chunk, metadata) => this.#session.input.writeEncoded(index, chunk, metadata),
        onError: (error) => this.#onEncoderError(index, error),
      }),
    );
    return index;
  }

  /**
   * Makes the encoders, checks streams, options and sinks, opens the sinks, and lets samples in. Allowed once, with at
   * least one stream.
   *
   * Rejects with every problem in one error: `unsupported` for what the container cannot hold, metadata included, and for
   * an encoder that cannot be made, `sink-failed` for sinks that cannot be opened: the session has failed then. With
   * `invalid-state` when it was called before or without a stream: nothing has changed then.
   */
  beginWriting(): Promise<void> {
    if (this.#encoders.length > 0 || this.state !== "configuring") return this.#session.beginWriting();
    const error = new MuxError("invalid-state", {
      action: "begin writing",
      reason: "there must be at least one stream",
    }, {
      state: this.state,
      allowed: ["configuring"],
    });
    return Promise.reject(withHresult(error, SINK_WRITER_HRESULTS));
  }

  /**
   * Takes one sample, in `open`. Its bytes are copied before this returns. Answers nothing, or a promise when the caller
   * should wait before the next; the promise may be ignored, but above `maxQueuedBytes` nothing more is taken. A stream
   * that lags behind the others can always be written.
   *
   * @param sample Times in microseconds, in decode order within the stream.
   * @param metadata A WebCodecs callback's second argument: describes a stream that was not described before.
   * @throws {TypeError} For something that is not a sample.
   * @throws {RangeError} For a time that is not finite.
   * @throws {MuxError} `invalid-state`; `invalid-stream`; `time-order`, `late-sample`, `too-large` and `bad-media` for a
   * sample that cannot be carried; `missing-description`; `queue-full`. Nothing was taken then, and the session goes on.
   */
  writeSample(streamIndex: number, sample: SampleLike, metadata?: ChunkMetadata): Promise<void> | undefined;
  /**
   * Takes one frame of a stream that has an encoder. The frame stays the caller's, who closes it.
   *
   * @param encodeOptions The second argument of the encoder's `encode`.
   * @throws {MuxError} `bad-media` when the encoder refuses the frame; `queue-full`; the error of a stream that has failed.
   */
  writeSample(streamIndex: number, frame: RawFrame, encodeOptions?: object): Promise<void> | undefined;
  writeSample(
    streamIndex: number,
    sample: SampleLike | RawFrame,
    more?: ChunkMetadata | object,
  ): Promise<void> | undefined {
    const encoder = this.#encoders[streamIndex];
    if (encoder === undefined) throw this.#unknown(streamIndex, "write sample");
    const wait = encoder === null
      ? this.#session.input.writeSample(streamIndex, sample as SampleLike, more)
      : this.#encode(encoder, streamIndex, sample as RawFrame, more);
    return this.#throttles ? wait : undefined;
  }

  #encode(encoder: EncoderStream, index: number, frame: RawFrame, options: unknown): Promise<void> | undefined {
    const sinks = this.#session.input.writeFrame(index, frame.timestamp, () => encoder.encode(frame, options));
    const encoding = encoder.wait();
    if (!sinks || !encoding) return sinks ?? encoding;
    const both = Promise.all([sinks, encoding]).then(() => {});
    both.catch(() => {});
    return both;
  }

  /**
   * Says that a stream has nothing at `timestamp` (microseconds), in `open`: others need not wait for it until then. For
   * video once a missing frame, for audio at least once a second. The next sample counts as the first behind a gap.
   *
   * @throws {MuxError} `invalid-state`, `invalid-stream`.
   * @throws {TypeError} For what is no number.
   * @throws {RangeError} For what is no time.
   */
  sendStreamTick(streamIndex: number, timestamp: number): void {
    this.#find(streamIndex, "send stream tick");
    this.#session.input.tick(streamIndex, timestamp);
  }

  /**
   * Resolves with `context`, after `onMarker` was called, when everything written to the stream before is with the sinks
   * (or has been discarded); encoders are flushed for it, and the open unit is padded. Markers of a stream pass in
   * order. Allowed in `open`; one that is on its way when the finish begins still passes, before that is over.
   *
   * Rejects with what ended the session, or with the error of a media sink that refused the marker: the session goes on
   * then. Never "unhandled".
   */
  placeMarker<T>(streamIndex: number, context?: T): Promise<T | undefined> {
    const placed = this.#placeMarker(streamIndex, context);
    placed.catch(() => {});
    return placed;
  }

  async #placeMarker<T>(streamIndex: number, context?: T): Promise<T | undefined> {
    this.#find(streamIndex, "place marker");
    const fed = this.#flushEncoders(streamIndex);
    const onPassed = () => this.#tell("onMarker", () => this.#options.onMarker?.(streamIndex, context));
    await this.#session.placeMarker(streamIndex, context, onPassed, fed);
    return context;
  }

  /**
   * Says that a stream, or every stream, has come to the end of a segment, in `open`: others stop waiting for it until it
   * goes on.
   *
   * @throws {MuxError} `invalid-state`, `invalid-stream`.
   */
  notifyEndOfSegment(streamIndex?: number): void {
    for (const [index, encoder] of this.#each(streamIndex, "notify end of segment")) {
      if (encoder === null) this.#session.input.endSegment(index);
      else encoder.flush().then(() => void (this.state === "open" && this.#session.input.endSegment(index)), () => {});
    }
  }

  /**
   * Gives up what a stream, or every stream, has waiting: in its encoder, for other streams, for the sinks. Says how much
   * that was; it is counted in `samplesDropped`. What has been laid out stays, a sample that was begun as a whole. The
   * next sample of a video stream that has lost some must be a key frame; its encoder is replaced, so frames need no care.
   *
   * @throws {MuxError} `invalid-state`, `invalid-stream`.
   */
  discardQueued(streamIndex?: number): Discarded {
    let samplesDiscarded = 0;
    let bytesDiscarded = 0;
    for (const [index, encoder] of this.#each(streamIndex, "discard queued samples")) {
      const discarded = this.#session.input.discard(index, encoder?.discard() ?? 0);
      samplesDiscarded += discarded.samplesDiscarded;
      bytesDiscarded += discarded.bytesDiscarded;
    }
    return { samplesDiscarded, bytesDiscarded };
  }

  /** Counters as they stand, per stream and in total; allowed in every state. */
  getStatistics(): Statistics {
    return this.#session.getStatistics();
  }

  /**
   * Finishes: flushes the encoders, writes what is queued, ends every stream, completes the output, closes the sinks.
   * Claimed in `open`, in one step: nothing is accepted afterwards; a second call gets the same promise.
   *
   * Resolves with the report. Rejects with the first error, which carries the report, when a sink, an encoder or a marker
   * has failed (the rest is finished all the same), with `no-samples` when no stream has any, with the signal's reason
   * when that came first.
   *
   * @param options `signal` stops the wait: what is not sealed by then is aborted.
   */
  finalize(options?: FinalizeOptions): Promise<FinalizeReport> {
    return this.#session.finish(options);
  }

  /** Gives up. Always allowed, idempotent; resolves when every sink has let go. */
  abort(reason?: unknown): Promise<void> {
    return this.#session.abort(reason);
  }

  // ── Encoders ──

  /** A marker closes what all streams share, so it waits for all encoders; only the stream's own may fail it. */
  #flushEncoders(streamIndex: number): Promise<void> | undefined {
    if (this.#encoders.every((encoder) => encoder === null)) return undefined;
    const flushes = this.#encoders.map((encoder, index) => {
      const flush = encoder?.flush();
      return index === streamIndex ? flush : flush?.catch(() => {});
    });
    return Promise.all(flushes).then(() => {});
  }

  async #drainEncoders(): Promise<void> {
    await Promise.allSettled(this.#encoders.map((encoder) => encoder?.drain()));
    if (this.#encoderErrors.length > 0) throw this.#encoderErrors[0];
  }

  /** The stream is over, the others go on; the finish tells of it again. */
  #onEncoderError(index: number, error: MuxError): void {
    this.#encoderErrors.push(withHresult(error, SINK_WRITER_HRESULTS));
    if (this.state === "open") this.#session.input.endStream(index);
    this.#tell("onStreamError", () => this.#options.onStreamError?.(index, error));
  }

  // ── Helpers ──

  /** Calls back. What goes wrong there is not the session's fault, and does not become its trouble. */
  #tell(name: string, call: () => unknown): void {
    const warn = (cause: unknown) => {
      const text = { action: `call ${name}`, reason: textOf(cause) };
      this.#session.warn(new MuxError("callback-failed", text, { cause }));
    };
    try {
      Promise.resolve(call()).catch(warn); // whoever passes an async function gets its rejection reported too
    } catch (error) {
      warn(error);
    }
  }

  /** The stream's encoder, if it has one. @throws {MuxError} `invalid-state` first, then `invalid-stream`. */
  #find(streamIndex: number, call: SessionCall): EncoderStream | null {
    this.#session.check(call);
    const encoder = this.#encoders[streamIndex];
    if (encoder === undefined) throw this.#unknown(streamIndex, call);
    return encoder;
  }

  #each(streamIndex: number | undefined, call: SessionCall): [number, EncoderStream | null][] {
    if (streamIndex !== undefined) return [[streamIndex, this.#find(streamIndex, call)]];
    this.#session.check(call);
    return [...this.#encoders.entries()];
  }

  #unknown(streamIndex: number, call: SessionCall): MuxError {
    this.#session.check(call);
    const text = {
      action: call,
      reason: `there is no stream ${streamIndex}, the last is ${this.#encoders.length - 1}`,
    };
    return withHresult(new MuxError("invalid-stream", text), SINK_WRITER_HRESULTS);
  }
}
