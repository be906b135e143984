/**
 * One sink's share of a session: what it was given, what it has confirmed, and how it fails alone.
 *
 * Invariants
 * - Calls to the sink never overlap; each waits for the one before it.
 * - `headerBytes`, `dataBytes`, `indexBytes` and `unitCount` move only after the sink has taken the bytes, so that what
 *   the final header states is what the sink holds.
 * - A chunk is pinned while a sink that makes the caller wait still has to take it, and unpinned exactly once, also when
 *   the sink fails or is aborted. Sinks that never make the caller wait own copies, in a bounded queue.
 * - The sink's last call is `close` or `abort`, and it comes exactly once.
 *
 * @module
 */

import type { Muxer, OutputFacts, Plan } from "../container/container.ts";
import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { DataInfo, Sink, SinkLike, SinkOptions } from "../sinks/sink.ts";
import { streamSink } from "../sinks/stream_sink.ts";
import type { SinkReport } from "./report.ts";
import type { SharedChunk } from "./shared_chunk.ts";

/** What a slow sink that must not hold the caller back may have waiting: some seconds of video. */
const COPY_QUEUE_BYTES = 4 << 20;

/** Adjacent chunks are handed over together up to this size: fewer, larger writes. */
const MERGE_BYTES = 1 << 20;

/** Where an output stands; the outcome a report gives is derived from it. */
type Phase = "new" | "opening" | "idle" | "joining" | "active" | "sealing" | "finished" | "failed" | "aborted";

interface Item {
  bytes: Uint8Array<ArrayBuffer>;
  info: DataInfo | undefined; // undefined: the header
  /** Pinned chunk, or undefined when `bytes` is a copy. */
  shared: SharedChunk | undefined;
}

/** A byte sink in a session. */
export class Output {
  readonly sinkLike: SinkLike;
  readonly optional: boolean;
  readonly #preventClose: boolean;
  readonly #sink: Sink;
  readonly #metadata: () => Metadata;
  readonly #onFailure: () => void;
  #phase: Phase = "new";
  #error: MuxError | undefined;
  #plan: Plan = { form: "live", index: "none" };
  #muxer: Muxer | undefined;
  #queue: Item[] = [];
  #queuedBytes = 0;
  #busy: Item[] = [];
  #isSkipping = false;
  #idleWaiters: (() => void)[] = [];
  #firstUnit = 0;
  #unitCount = 0;
  #timeBase = 0;
  #headerBytes = 0;
  #dataBytes = 0;
  #indexBytes = 0;
  #samplesDropped = 0;
  #opening: Promise<void> | undefined;
  #sealing: Promise<void> | undefined;
  #released: Promise<void> | undefined;

  /** @param metadata The metadata as they stand. @param onFailure Called once, if the sink fails. */
  constructor(sinkLike: SinkLike, options: SinkOptions, metadata: () => Metadata, onFailure: () => void) {
    const isStream = sinkLike instanceof WritableStream;
    if (!isStream && (typeof sinkLike !== "object" || sinkLike === null || typeof sinkLike.data !== "function")) {
      throw new TypeError("Cannot add sink: expected a Sink or a WritableStream");
    }
    this.sinkLike = sinkLike;
    this.optional = options.optional ?? false;
    // A web stream has to be unlocked in any case; its adapter knows not to close it.
    this.#preventClose = !isStream && (options.preventClose ?? false);
    this.#sink = isStream ? streamSink(sinkLike, options) : sinkLike;
    this.#metadata = metadata;
    this.#onFailure = onFailure;
  }

  /** Acquires the sink, and looks at what it can do. Rejects with `sink-failed` or `unsupported`. */
  async open(containerName: string): Promise<void> {
    this.#phase = "opening";
    try {
      const { containers } = this.#sink;
      if (containers && !containers.includes(containerName)) {
        throw new MuxError("unsupported", `this sink carries ${containers.join(", ")}, not ${containerName}`);
      }
      this.#opening = Promise.resolve(this.#sink.open?.());
      await this.#opening;
      if (this.#phase === "opening") this.#phase = "idle";
    } catch (error) {
      this.fail(error, "open");
    }
    if (this.#error) throw this.#error;
  }

  /** Whether it takes part: neither failed nor at its end. */
  get isHealthy(): boolean {
    return this.#phase !== "failed" && this.#phase !== "aborted" && this.#phase !== "finished";
  }

  /** Whether it was added while the session ran, and waits for a clean point. */
  get isJoining(): boolean {
    return this.#phase === "joining";
  }

  get error(): MuxError | undefined {
    return this.#error;
  }

  get maxPacketBytes(): number | undefined {
    return this.#sink.maxPacketBytes;
  }

  /** Whether it skips or gives up instead of holding the caller back. */
  get neverWaits(): boolean {
    return this.#sink.whenSlow === "drop" || this.#sink.whenSlow === "fail";
  }

  /** Whether it skips to the next clean point when it is slow. */
  get drops(): boolean {
    return this.#sink.whenSlow === "drop";
  }

  /** Whether its copy of the media is shifted to begin at zero: it joined late, and can be a file of its own. */
  get isRebased(): boolean {
    return this.#plan.form === "final";
  }

  /** Hands over the header. With `joins` data follows only after {@linkcode admit}. */
  start(muxer: Muxer, joins: boolean): void {
    if (!this.isHealthy) return;
    try {
      this.#muxer = muxer;
      this.#plan = muxer.plan({
        canPatch: typeof this.#sink.patch === "function",
        canIndex: typeof this.#sink.index === "function",
        maxHeaderBytes: this.#sink.maxHeaderBytes,
      });
      this.#phase = joins ? "joining" : "active";
      const bytes = muxer.header(this.#facts(), this.#sink.maxHeaderBytes);
      this.#enqueue({ bytes, info: undefined, shared: undefined });
    } catch (error) {
      this.fail(error, "header");
    }
  }

  /** The next chunk is its first. */
  admit(firstUnit: number, timeBase: number): void {
    this.#phase = "active";
    this.#firstUnit = firstUnit;
    if (this.isRebased) this.#timeBase = timeBase;
  }

  /** Takes part in a chunk: pins it, or takes a copy, or skips it. */
  push(shared: SharedChunk): void {
    if (this.#phase !== "active") return;
    const { chunk } = shared;
    if (this.neverWaits) {
      this.#pushCopy(shared);
    } else if (this.#timeBase > 0 || this.#sink.keepsBytes) {
      const bytes = chunk.bytes.slice();
      if (this.#timeBase > 0) this.#muxer!.rebase(bytes, chunk.info, this.#timeBase);
      shared.pin(); // a copy, but the caller is still to wait for this sink
      this.#enqueue({ bytes, info: this.#shift(chunk.info), shared });
    } else {
      shared.pin();
      this.#enqueue({ bytes: chunk.bytes, info: this.#shift(chunk.info), shared });
    }
  }

  #pushCopy(shared: SharedChunk): void {
    const { bytes, info } = shared.chunk;
    if (this.#isSkipping && info.cleanPoints[0] !== 0) {
      this.#samplesDropped += shared.chunk.sampleCount;
      return;
    }
    if (this.#queuedBytes + bytes.byteLength > COPY_QUEUE_BYTES && this.#queuedBytes > 0) {
      if (!this.drops) {
        this.fail(new Error(`it is ${this.#queuedBytes} bytes behind`), "data");
        return;
      }
      this.#isSkipping = true;
      this.#samplesDropped += shared.chunk.sampleCount;
      return;
    }
    this.#isSkipping = false;
    this.#enqueue({ bytes: bytes.slice(), info, shared: undefined });
  }

  /** Unit numbers as this sink sees them: its first is 0. */
  #shift(info: DataInfo): DataInfo {
    if (this.#firstUnit === 0) return info;
    return { ...info, firstUnit: info.firstUnit - this.#firstUnit, timestamp: info.timestamp - this.#timeBase };
  }

  #enqueue(item: Item): void {
    this.#queue.push(item);
    this.#queuedBytes += item.bytes.byteLength;
    if (this.#busy.length === 0) this.#pump();
  }

  /** Hands over what is queued; goes on by itself when an asynchronous call has settled. */
  #pump(): void {
    while (this.#queue.length > 0 && this.#phase !== "failed" && this.#phase !== "aborted") {
      const { bytes, info } = this.#takeNext();
      let result: void | Promise<void>;
      try {
        result = info ? this.#sink.data(bytes, info) : this.#sink.header(bytes);
      } catch (error) {
        this.fail(error, info ? "data" : "header");
        return;
      }
      if (result !== undefined && typeof result?.then === "function") {
        result.then(() => {
          this.#confirm(bytes, info);
          this.#pump();
        }, (error) => this.fail(error, info ? "data" : "header"));
        return;
      }
      this.#confirm(bytes, info);
    }
    if (this.#queue.length === 0) {
      for (const wake of this.#idleWaiters.splice(0)) wake();
    }
  }

  /** Moves the next item, with those that lie right behind it in memory, into `#busy`. */
  #takeNext(): { bytes: Uint8Array<ArrayBuffer>; info: DataInfo | undefined } {
    const first = this.#queue.shift()!;
    this.#busy.push(first);
    let { bytes } = first;
    let { info } = first;
    while (info) {
      const next = this.#queue[0];
      if (
        !next?.info || next.bytes.buffer !== bytes.buffer ||
        next.bytes.byteOffset !== bytes.byteOffset + bytes.byteLength ||
        bytes.byteLength + next.bytes.byteLength > MERGE_BYTES
      ) break;
      const offset = info.unitCount;
      info = {
        ...info,
        unitCount: offset + next.info.unitCount,
        cleanPoints: [...info.cleanPoints, ...next.info.cleanPoints.map((unit) => unit + offset)],
      };
      bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength + next.bytes.byteLength);
      this.#busy.push(this.#queue.shift()!);
    }
    return { bytes, info };
  }

  #confirm(bytes: Uint8Array, info: DataInfo | undefined): void {
    if (this.#phase === "failed" || this.#phase === "aborted") return; // unpinned already
    if (info) {
      this.#dataBytes += bytes.byteLength;
      this.#unitCount += info.unitCount;
    } else {
      this.#headerBytes += bytes.byteLength;
    }
    this.#queuedBytes -= bytes.byteLength;
    for (const item of this.#busy.splice(0)) item.shared?.unpin();
  }

  /** Resolves when the sink has taken everything pushed so far, or takes no part any more. */
  idle(): Promise<void> {
    if (!this.isHealthy || (this.#queue.length === 0 && this.#busy.length === 0)) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Writes the index. A failure drops the index, not the sink: answers the warning. */
  async writeIndex(): Promise<MuxError | undefined> {
    this.#phase = "sealing";
    if (this.#plan.index !== "appended") return;
    try {
      for (const bytes of this.#muxer!.index(this.#facts())) {
        await this.#sink.index!(this.#sink.keepsBytes ? bytes.slice() : bytes);
        this.#indexBytes += bytes.byteLength;
      }
    } catch (cause) {
      this.#indexBytes = 0;
      try {
        await this.#sink.truncate?.(this.#headerBytes + this.#dataBytes);
      } catch {
        // The final header says where the data ends: what stands behind it is skipped.
      }
      return new MuxError("sink-failed", `Cannot write the index: ${text(cause)}; the file has none`, {
        stage: "index",
        cause,
      });
    }
  }

  /** Replaces the provisional header. From here on an abort comes too late. */
  seal(): Promise<void> {
    if (!this.isHealthy || this.#plan.form !== "final") return Promise.resolve();
    this.#sealing = this.#patch();
    return this.#sealing;
  }

  async #patch(): Promise<void> {
    try {
      for (const { offset, bytes } of this.#muxer!.patches(this.#facts())) {
        await this.#sink.patch!(offset, bytes);
      }
    } catch (error) {
      this.fail(error, "seal");
    }
  }

  /** Closes the sink, on the way of success. */
  async release(): Promise<void> {
    if (!this.isHealthy) return this.#released;
    this.#phase = "finished";
    try {
      if (!this.#preventClose) await this.#sink.close();
    } catch (error) {
      this.#phase = "sealing";
      this.fail(error, "release");
      await this.#released;
    }
  }

  /** This sink failed, alone: it lets go of its chunks and is aborted. */
  fail(cause: unknown, stage: string): void {
    if (!this.isHealthy) return;
    this.#error = cause instanceof MuxError && stage !== "data"
      ? cause
      : new MuxError("sink-failed", `Cannot write to the sink: ${text(cause)}`, { stage, cause });
    this.#letGo("failed", this.#error);
    this.#onFailure();
  }

  /** Gives up on purpose. Resolves when the sink has let go. */
  abort(reason: unknown): Promise<void> {
    if (this.#sealing) return this.#sealing.then(() => this.release());
    if (this.isHealthy) this.#letGo("aborted", reason);
    return this.#released ?? Promise.resolve();
  }

  #letGo(phase: "failed" | "aborted", reason: unknown): void {
    const opening = this.#opening; // a sink that was never opened, or could not be, holds nothing
    this.#phase = phase;
    for (const item of this.#busy.splice(0)) item.shared?.unpin();
    for (const item of this.#queue.splice(0)) item.shared?.unpin();
    this.#queuedBytes = 0;
    for (const wake of this.#idleWaiters.splice(0)) wake();
    // A sink that fails to let go has nobody left to tell: the first error stands.
    this.#released = opening?.then(() => this.#sink.abort(reason)).catch(() => {}) ?? Promise.resolve();
  }

  report(): SinkReport {
    return {
      sink: this.sinkLike,
      outcome: this.#phase === "finished" || this.#phase === "failed" || this.#phase === "aborted"
        ? this.#phase
        : "open",
      bytes: this.#headerBytes + this.#dataBytes + this.#indexBytes,
      samplesDropped: this.#samplesDropped,
      indexed: this.#indexBytes > 0,
      error: this.#error,
    };
  }

  #facts(): OutputFacts {
    return {
      plan: this.#plan,
      firstUnit: this.#firstUnit,
      unitCount: this.#unitCount,
      timeBase: this.#timeBase,
      headerBytes: this.#headerBytes,
      dataBytes: this.#dataBytes,
      indexBytes: this.#indexBytes,
      metadata: this.#metadata(),
    };
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
