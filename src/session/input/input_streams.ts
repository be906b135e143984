/**
 * The streams of a session and what comes in for them. The session's state, a sample's shape and its order are checked
 * here, and samples counted, before a target sees them.
 *
 * @module
 */

import type { NumberedStream } from "../../container/container.ts";
import { MuxError } from "../../errors.ts";
import type { ChunkMetadata, SampleLike } from "../../media/sample.ts";
import type { StreamConfig } from "../../media/stream_config.ts";
import { withHresult } from "../hooks.ts";
import { numberStream } from "../options.ts";
import { hasEnded, type SessionStatus } from "../state.ts";
import type { Discarded, Target } from "../target.ts";
import { checkTickTime, IncomingSample } from "./incoming_sample.ts";
import { Pauses } from "./pauses.ts";
import { StreamCounters } from "./stream_counters.ts";
import { StreamOrder } from "./stream_order.ts";

/** See the module's text. The lists grow while the session is configured. */
export class InputStreams {
  readonly streams: NumberedStream[] = [];
  readonly counters: StreamCounters[] = [];
  /** Where samples go: a media sink from the start, a container's once the session has begun. */
  target: Target | undefined;
  readonly #status: SessionStatus;
  readonly #orders: StreamOrder[] = [];
  readonly #ended: boolean[] = [];
  /** A tick came: the next sample is the first behind a gap. */
  readonly #hasGap: boolean[] = [];
  /** Absent while a sample is being taken: one that a sink's call hands in meanwhile gets another. */
  #incoming: IncomingSample | undefined = new IncomingSample();
  /** There once the session was paused. */
  #pauses: Pauses | undefined;

  constructor(status: SessionStatus) {
    this.#status = status;
  }

  /** Adds a stream. Answers its index. */
  add(config: StreamConfig, hasEncoder: boolean): number {
    const index = this.streams.length;
    const stream = numberStream(config, index);
    this.streams.push(stream);
    this.counters.push(new StreamCounters(stream.streamNumber, hasEncoder));
    this.#orders.push(new StreamOrder(stream.streamNumber, stream.kind === "video"));
    this.#ended.push(false);
    this.#hasGap.push(false);
    return index;
  }

  /** Takes one sample; see `Writer.writeSample`. */
  writeSample(stream: number, sample: SampleLike, metadata?: ChunkMetadata): Promise<void> | undefined {
    if (this.#status.state !== "open") throw this.#status.refusal("write sample");
    return this.#take(stream, sample, metadata, false);
  }

  /** Takes a frame by way of an encoder: `encode` hands it over, and its outcome comes by `writeEncoded`. */
  writeFrame(stream: number, timestamp: number, encode: () => void): Promise<void> | undefined {
    this.#status.check("write sample");
    const target = this.target!;
    const counters = this.counters[stream]!;
    try {
      target.budget.check(stream, 0, timestamp);
      encode();
    } catch (error) {
      throw this.#refuse(counters, error);
    }
    counters.received(timestamp, 0);
    return target.backpressure.wait();
  }

  /** Takes what an encoder gives, also while the finish waits for that. */
  writeEncoded(stream: number, chunk: SampleLike, metadata?: ChunkMetadata): void {
    if (!this.#status.isFeeding) this.#status.check("write sample");
    void this.#take(stream, chunk, metadata, true);
  }

  /** Hands a sample on. With `isEncoded` its frame was asked whether it may wait. */
  #take(
    stream: number,
    sample: SampleLike,
    metadata: ChunkMetadata | undefined,
    isEncoded: boolean,
  ): Promise<void> | undefined {
    const target = this.target!;
    const incoming = this.#incoming ?? new IncomingSample();
    this.#incoming = undefined;
    const counters = this.counters[stream]!;
    const order = this.#orders[stream]!;
    let isCommitted = false;
    try {
      incoming.read(sample, counters.streamNumber);
      if (this.#ended[stream]) throw hasEnded(counters.streamNumber);
      if (this.#pauses && !this.#pauses.move(stream, incoming, this.#isVideo(stream), order)) return undefined;
      order.check(incoming);
      const { timestamp, decodeTimestamp, isKey, data: { byteLength } } = incoming; // the sink may shift them
      if (this.#hasGap[stream]) incoming.isDiscontinuity = true;
      if (!isEncoded) target.budget.check(stream, byteLength, timestamp);
      order.commit(timestamp, decodeTimestamp, isKey);
      isCommitted = true;
      const wait = target.write(stream, incoming, metadata);
      this.#hasGap[stream] = false;
      if (isEncoded) counters.encoded(timestamp, byteLength);
      else counters.received(timestamp, byteLength);
      return wait;
    } catch (error) {
      if (isCommitted) order.rollBack();
      throw this.#refuse(counters, error);
    } finally {
      this.#incoming = incoming;
    }
  }

  #isVideo(stream: number): boolean {
    return this.streams[stream]!.kind === "video";
  }

  #refuse(counters: StreamCounters, error: unknown): unknown {
    // For want of backpressure: the same sample comes again.
    if (!(error instanceof MuxError && error.code === "queue-full")) counters.refused(error);
    return withHresult(error, this.#status.hresults);
  }

  /** The stream has nothing at `timestamp`. */
  tick(stream: number, timestamp: number): void {
    this.#status.check("send stream tick");
    const counters = this.counters[stream]!;
    checkTickTime(counters.streamNumber, timestamp);
    counters.ticked(timestamp);
    this.#hasGap[stream] = true;
    const time = this.#pauses ? this.#pauses.timeOf(timestamp) : timestamp;
    if (time !== undefined) this.target!.tick(stream, time);
  }

  /** Nothing is taken from this time on, until `resume`. */
  pause(timestamp: number): void {
    this.#status.check("pause");
    this.#pauses ??= new Pauses();
    this.#pauses.begin(timestamp);
  }

  /** What comes from this time on goes on where the pause began. */
  resume(timestamp: number): void {
    this.#status.check("resume");
    this.#pauses ??= new Pauses();
    this.#pauses.end(timestamp);
  }

  /** Nothing comes from this stream for now; others stop waiting for it until it goes on. */
  endSegment(stream: number): void {
    this.#status.check("notify end of segment");
    this.target!.endSegment(stream);
  }

  /** Gives up what still waits of this stream, and so many frames that its encoder has let go of. */
  discard(stream: number, frameCount = 0): Discarded {
    this.#status.check("discard queued samples");
    const { samplesDiscarded, bytesDiscarded } = this.target!.discard(stream);
    const count = samplesDiscarded + frameCount;
    this.counters[stream]!.framesDropped += frameCount;
    if (count > 0) this.#orders[stream]!.skip(this.#isVideo(stream));
    return { samplesDiscarded: count, bytesDiscarded };
  }

  /** Nothing comes from this stream any more; others stop waiting for it. */
  endStream(stream: number): void {
    this.#status.check("end stream");
    this.#ended[stream] = true;
    this.target!.endStream(stream);
  }
}
