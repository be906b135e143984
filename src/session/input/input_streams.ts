/**
 * The streams of a session and what comes in for them: shape, order and counts are judged here, before a target sees it.
 *
 * @module
 */

import type { NumberedStream } from "../../container/container.ts";
import { MuxError } from "../../errors.ts";
import type { ChunkMetadata, SampleLike } from "../../media/sample.ts";
import type { StreamConfig } from "../../media/stream_config.ts";
import { type HresultTable, withHresult } from "../hooks.ts";
import { numberStream } from "../options.ts";
import { hasEnded } from "../state.ts";
import type { Discarded, Target } from "../target.ts";
import { checkTickTime, IncomingSample } from "./incoming_sample.ts";
import { StreamCounters } from "./stream_counters.ts";
import { StreamOrder } from "./stream_order.ts";

/** See the module's text. The lists grow while the session is configured. */
export class InputStreams {
  readonly streams: NumberedStream[] = [];
  readonly counters: StreamCounters[] = [];
  readonly #orders: StreamOrder[] = [];
  readonly #ended: boolean[] = [];
  /** A tick came: the next sample is the first behind a gap. */
  readonly #hasGap: boolean[] = [];
  readonly #hresults: HresultTable | undefined;
  /** Absent while a sample is being taken: one that a sink's call hands in meanwhile gets another. */
  #incoming: IncomingSample | undefined = new IncomingSample();

  constructor(hresults: HresultTable | undefined) {
    this.#hresults = hresults;
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

  /** Hands a sample on. With `isEncoded` whether it may wait has been asked for its frame. */
  take(
    target: Target,
    stream: number,
    sample: SampleLike,
    metadata: ChunkMetadata | undefined,
    isEncoded: boolean,
  ): Promise<void> | undefined {
    const incoming = this.#incoming ?? new IncomingSample();
    this.#incoming = undefined;
    const counters = this.counters[stream]!;
    const order = this.#orders[stream]!;
    let isCommitted = false;
    try {
      incoming.read(sample, counters.streamNumber);
      if (this.#ended[stream]) throw hasEnded(counters.streamNumber);
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

  /** Hands a frame to its encoder, by `encode`. */
  takeFrame(target: Target, stream: number, timestamp: number, encode: () => void): Promise<void> | undefined {
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

  #refuse(counters: StreamCounters, error: unknown): unknown {
    // For want of backpressure: the same sample comes again.
    if (!(error instanceof MuxError && error.code === "queue-full")) counters.refused(error);
    return withHresult(error, this.#hresults);
  }

  /** The stream has nothing at `timestamp`. */
  tick(target: Target, stream: number, timestamp: number): void {
    const counters = this.counters[stream]!;
    checkTickTime(counters.streamNumber, timestamp);
    counters.ticked(timestamp);
    this.#hasGap[stream] = true;
    target.tick(stream, timestamp);
  }

  /** Gives up what waits of a stream, and so many frames that its encoder has let go of. */
  discard(target: Target, stream: number, frameCount: number): Discarded {
    const { samplesDiscarded, bytesDiscarded } = target.discard(stream);
    const count = samplesDiscarded + frameCount;
    this.counters[stream]!.framesDropped += frameCount;
    if (count > 0) this.#orders[stream]!.skip(this.streams[stream]!.kind === "video");
    return { samplesDiscarded: count, bytesDiscarded };
  }

  /** Nothing is taken of this stream any more. */
  end(stream: number): void {
    this.#ended[stream] = true;
  }
}
