/**
 * Media sinks and encoders that are slow, fail, hang, and watch how they are called.
 *
 * @module
 */

import type { EncodedChunk, EncoderLike, MediaSink, RawFrame, Sample, StreamConfig } from "../../mod.ts";
import type { ChunkMetadata } from "../../src/media/sample.ts";
import { CallGate, type FaultKind, type Pace, SinkFault } from "./sinks.ts";

/** What can be asked of a media sink; a marker by its kind. */
export type MediaSinkOperation =
  | "open"
  | "write"
  | "tick"
  | "default"
  | "end-of-segment"
  | "finish"
  | "close"
  | "abort";

/** What a {@linkcode TestMediaSink} can do. */
export interface TestMediaSinkOptions {
  pace?: Pace;
  /** The n-th call, from 1, of an operation goes wrong. */
  faults?: readonly { operation: MediaSinkOperation; nth: number; kind: FaultKind }[];
  /** Called inside each call, before it does anything. */
  onCall?(operation: MediaSinkOperation, nth: number): void;
}

/** A media sink that records what happens to it. What its caller does wrong is in `violations`. */
export class TestMediaSink implements MediaSink {
  /** One line a call: `write 0 40000`, `default 0 context`. */
  readonly log: string[] = [];
  readonly samples: { stream: number; sample: Sample; metadata?: ChunkMetadata }[] = [];
  readonly violations: string[] = [];
  streams: readonly StreamConfig[] = [];
  /** Each call but abort waits for `go` while it is set. */
  isPaused = false;
  readonly #options: TestMediaSinkOptions;
  readonly #counts: Record<string, number> = {};
  #pending: string | undefined;
  #isReleased = false;
  readonly #gate = new CallGate();

  constructor(options: TestMediaSinkOptions = {}) {
    this.#options = options;
  }

  open(streams: readonly StreamConfig[]): void | Promise<void> {
    this.streams = streams;
    return this.#call("open", "open");
  }

  write(stream: number, sample: Sample, metadata?: ChunkMetadata): void | Promise<void> {
    this.samples.push({ stream, sample, metadata });
    return this.#call("write", `write ${stream} ${sample.timestamp}`);
  }

  tick(stream: number, timestamp: number): void | Promise<void> {
    return this.#call("tick", `tick ${stream} ${timestamp}`);
  }

  marker(kind: "default" | "end-of-segment", stream: number, context?: unknown): void | Promise<void> {
    return this.#call(kind, context === undefined ? `${kind} ${stream}` : `${kind} ${stream} ${context}`);
  }

  finish(): void | Promise<void> {
    return this.#call("finish", "finish");
  }

  close(): void | Promise<void> {
    return this.#call("close", "close");
  }

  abort(reason: unknown): void | Promise<void> {
    return this.#call("abort", `abort ${reason instanceof Error ? reason.message : reason}`);
  }

  /** How often an operation was called. */
  count(operation: MediaSinkOperation): number {
    return this.#counts[operation] ?? 0;
  }

  /** Lets the calls that wait for it go on. */
  go(): void {
    this.#gate.go();
  }

  #call(operation: MediaSinkOperation, line: string): void | Promise<void> {
    const nth = this.#counts[operation] = this.count(operation) + 1;
    this.log.push(line);
    if (this.#isReleased) this.violations.push(`${line} after the last call`);
    if (this.#pending !== undefined && operation !== "abort") this.violations.push(`${line} during ${this.#pending}`);
    if ((operation === "open") !== (this.log.length === 1)) this.violations.push(`${line}: open must come first, once`);
    if (operation === "close" && this.count("finish") !== 1) this.violations.push("close without finish");
    if (operation === "close" || operation === "abort") this.#isReleased = true;
    if (operation === "abort") this.#gate.giveUp(new SinkFault("aborted"));
    else this.#pending = line;
    this.#options.onCall?.(operation, nth);
    const settle = () => {
      if (operation !== "abort") this.#pending = undefined;
    };
    const fault = this.#options.faults?.find((fault) => fault.operation === operation && fault.nth === nth);
    const text = `${operation} ${nth} fails`;
    if (fault?.kind === "throw") {
      settle();
      throw new SinkFault(text);
    }
    const { pace = "sync" } = this.#options;
    if (pace === "sync" && !fault && !this.isPaused) return settle();
    return (async () => {
      try {
        await this.#gate.pass(pace, this.isPaused && operation !== "abort", fault?.kind, text);
      } finally {
        settle();
      }
    })();
  }
}

/** A frame of 40 ms. */
export class TestFrame implements RawFrame {
  readonly timestamp: number;
  readonly index: number;

  constructor(index: number) {
    this.index = index;
    this.timestamp = index * 40_000;
  }
}

/** How a {@linkcode TestEncoder} behaves. */
export interface TestEncoderOptions {
  /** When chunks come out: at once, later, or only when it is flushed. Default `"sync"`. */
  output?: "sync" | "microtask" | "macrotask" | "flush";
  /** Its error callback is called instead of the n-th output, from 1. */
  failAt?: number;
  /** `encode` throws at its n-th call, from 1. */
  throwAt?: number;
  /** How `flush` goes wrong. */
  flush?: "reject" | "never";
  /** Every so many-th chunk is a key frame. Default 10. */
  gop?: number;
  byteLength?: number;
  /** It tells how many frames wait, and `"dequeue"` as WebCodecs does. */
  tells?: boolean;
}

/** An encoder of the WebCodecs kind. What its caller does wrong is in `violations`. */
export class TestEncoder implements EncoderLike {
  readonly violations: string[] = [];
  readonly log: string[] = [];
  encodeQueueSize?: number;
  closeCount = 0;
  readonly #options: TestEncoderOptions;
  readonly #output: (chunk: EncodedChunk, metadata?: ChunkMetadata) => void;
  readonly #error: (reason: unknown) => void;
  readonly #listeners: (() => void)[] = [];
  #waiting: TestFrame[] = [];
  #encodeCount = 0;
  #outputCount = 0;
  #isFailed = false;

  constructor(
    output: (chunk: EncodedChunk, metadata?: ChunkMetadata) => void,
    error: (reason: unknown) => void,
    options: TestEncoderOptions = {},
  ) {
    this.#output = output;
    this.#error = error;
    this.#options = options;
    if (options.tells) this.encodeQueueSize = 0;
  }

  encode(frame: TestFrame, options?: unknown): void {
    this.log.push(`encode ${frame.index}${options === undefined ? "" : ` ${JSON.stringify(options)}`}`);
    if (this.closeCount > 0) this.violations.push(`encode ${frame.index} after close`);
    if (++this.#encodeCount === this.#options.throwAt) throw new TypeError("the frame is closed");
    this.#waiting.push(frame);
    if (this.encodeQueueSize !== undefined) this.encodeQueueSize++;
    const { output = "sync" } = this.#options;
    if (output === "sync") this.emit();
    if (output === "microtask") Promise.resolve().then(() => this.emit());
    if (output === "macrotask") setTimeout(() => this.emit());
  }

  async flush(): Promise<void> {
    this.log.push("flush");
    if (this.#options.flush === "never") await new Promise(() => {});
    if (this.#options.output === "macrotask") await new Promise((resolve) => setTimeout(resolve, 2));
    else await undefined;
    if (this.#options.flush === "reject") throw new Error("flush fails");
    while (this.#waiting.length > 0 && !this.#isFailed) this.emit();
    if (this.#isFailed) throw new DOMException("closed", "InvalidStateError");
  }

  close(): void {
    this.log.push("close");
    this.closeCount++;
    if (this.#isFailed) throw new DOMException("closed", "InvalidStateError"); // as WebCodecs has it
  }

  addEventListener(_type: "dequeue", listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Gives one chunk, even after it was closed: some do. */
  emit(): void {
    const frame = this.#waiting.shift();
    if (frame === undefined || this.#isFailed) return;
    if (this.encodeQueueSize !== undefined) {
      this.encodeQueueSize--;
      for (const listener of this.#listeners) listener();
    }
    if (++this.#outputCount === this.#options.failAt) {
      this.#isFailed = true;
      this.#error(new DOMException("the device was lost", "EncodingError"));
      return;
    }
    const { gop = 10, byteLength = 500 } = this.#options;
    const data = new Uint8Array(byteLength).fill(frame.index);
    const chunk: EncodedChunk = {
      type: (this.#outputCount - 1) % gop === 0 ? "key" : "delta",
      timestamp: frame.timestamp,
      duration: 40_000,
      byteLength,
      copyTo: (destination) => destination.set(data),
    };
    const decoderConfig = { codec: "WMV2", description: new Uint8Array([1, 2, 3, 4]) };
    this.#output(chunk, this.#outputCount === 1 ? { decoderConfig } : undefined);
  }
}
