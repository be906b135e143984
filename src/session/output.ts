/**
 * One sink's share of a session: what it was given, what it has confirmed, and how it fails alone.
 *
 * Invariants
 * - Calls to the sink never overlap; each waits for the one before it. An item is confirmed only after the checkpoint that
 *   it brought about.
 * - What is `#held` moves only after the sink has taken the bytes, so that what the final header states is what the sink
 *   holds.
 * - A chunk is pinned while a sink that makes the caller wait still has to take it, and unpinned exactly once, also when
 *   the sink fails or is aborted. Sinks that never make the caller wait own copies, in a bounded queue.
 * - The sink's last call is `close` or `abort`, and it comes exactly once; a sink that could not be opened gets neither.
 *
 * @module
 */

import type { Muxer, OutputFacts, Packetizer, Plan } from "../container/container.ts";
import type { MuxError } from "../errors.ts";
import type { Sink, SinkLike } from "../sinks/sink.ts";
import type { SinkReport } from "./report.ts";
import { LateSink } from "./late_sink.ts";
import { type Item, OutputQueue } from "./output_queue.ts";
import { withResolvers } from "./room.ts";
import { asSink, canRetreat, checkCarries, Checkpoints, indexWarning, isPending, outcomeOf } from "./sink_calls.ts";
import { type OutputOptions, type Phase, replaceAll, retreat, shift, sinkError, writeIndex } from "./sink_calls.ts";
import type { SharedChunk } from "./shared_chunk.ts";
import type { Span } from "./span.ts";

/** What a slow sink that must not hold the caller back may have waiting: some seconds of video. */
const COPY_QUEUE_BYTES = 4 << 20;

/** A byte sink in a session. */
export class Output {
  readonly sinkLike: SinkLike;
  readonly span: Span;
  readonly optional: boolean;
  readonly #preventClose: boolean;
  readonly #sink: Sink;
  readonly #options: OutputOptions;
  readonly #onFailure: () => void;
  #phase: Phase = "new";
  #error: MuxError | undefined;
  #plan: Plan = { form: "live", index: "none" };
  #muxer: Muxer | undefined;
  #packetizer: Packetizer | undefined;
  readonly #queue = new OutputQueue();
  #isSkipping = false;
  /** What it has confirmed. */
  readonly #held = { headerBytes: 0, dataBytes: 0, indexBytes: 0, unitCount: 0 };
  #firstUnit = 0;
  #timeBase = 0;
  /** Where it ended, while others went on. */
  #end: { readonly duration: number; readonly measured?: unknown } | undefined;
  #samplesDropped = 0;
  /** When the header is brought up to date; absent: only at the end. */
  #checkpoints: Checkpoints | undefined;
  /** The sink holds what `open` acquires, or is about to. */
  #isOpened = false;
  #stopOpening = () => {};
  #sealing: Promise<void> | undefined;
  /** The one call of `close` or `abort`. */
  #released: Promise<void> | undefined;

  /** @param onFailure Called once, if the sink fails. */
  constructor(sinkLike: SinkLike, options: OutputOptions, onFailure: () => void) {
    const sink = asSink(sinkLike, options);
    const { span, lateFor, optional = false, preventClose = false } = options;
    this.sinkLike = sinkLike;
    this.span = span;
    this.optional = optional;
    this.#options = options;
    // A web stream has to be unlocked in any case; its adapter knows not to close it.
    this.#preventClose = sink === sinkLike && preventClose;
    this.#onFailure = onFailure;
    this.#sink = lateFor === undefined ? sink : new LateSink(sink, lateFor);
    if (lateFor === undefined) return;
    this.#isOpened = true;
    this.#phase = "idle";
  }

  /**
   * Acquires the sink, and looks at what it can do. Rejects with `sink-failed` or `unsupported`; resolves at once when it
   * is aborted meanwhile.
   */
  async open(containerName: string): Promise<void> {
    this.#phase = "opening";
    try {
      checkCarries(this.#sink, containerName);
      this.#isOpened = true;
      await new Promise<void>((resolve, reject) => {
        this.#stopOpening = resolve;
        Promise.resolve(this.#sink.open?.()).then(resolve, reject);
      });
      if (this.#phase === "opening") this.#phase = "idle";
    } catch (error) {
      this.#isOpened = false;
      this.fail(error, "open");
    }
    if (this.#error) throw this.#error;
  }

  /** Whether it takes part: neither failed nor at its end. */
  get isHealthy(): boolean {
    return this.#phase !== "failed" && this.#phase !== "aborted" && this.#phase !== "finished";
  }

  /** Whether `open` has not come back yet. */
  get isOpening(): boolean {
    return this.#phase === "opening";
  }

  /** Whether an abort comes too late: its final header is being written, or it is let go of. */
  get isSettling(): boolean {
    return this.#sealing !== undefined || this.#released !== undefined;
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

  /** Whether its header is completed at the end. If it joined late, its copy of the media is shifted to begin at zero. */
  get isFinal(): boolean {
    return this.#plan.form === "final";
  }

  /** Whether what it holds is to be readable at any time. */
  get isDurable(): boolean {
    return this.isFinal && (this.#sink.durable ?? false);
  }

  /** Hands over the header. With `joins` data follows only after {@linkcode admit}. */
  start(muxer: Muxer, packetizer: Packetizer, joins: boolean): void {
    if (this.#phase !== "idle") return;
    try {
      this.#muxer = muxer;
      this.#packetizer = packetizer;
      this.#plan = muxer.plan({
        canPatch: typeof this.#sink.patch === "function" && !this.drops, // what it skips is in no final header
        canIndex: typeof this.#sink.index === "function",
        maxHeaderBytes: this.#sink.maxHeaderBytes,
      });
      this.#phase = joins ? "joining" : "active";
      if (this.isDurable) this.#checkpoints = new Checkpoints();
      const bytes = muxer.header(this.#facts(), this.#sink.maxHeaderBytes);
      this.#enqueue({ bytes });
    } catch (error) {
      this.fail(error, "header");
    }
  }

  /** The next chunk is its first. */
  admit(firstUnit: number, timeBase: number): void {
    if (this.#phase !== "joining") return;
    this.#phase = "active";
    this.#firstUnit = firstUnit;
    if (this.isFinal || this.span.series) this.#timeBase = timeBase;
  }

  /** Nothing more is pushed: it leaves while others go on. */
  end(): void {
    if (this.#phase === "active") {
      this.#end = { duration: this.#packetizer!.duration, measured: this.#muxer!.measure?.() };
    }
    if (this.#phase === "joining" || this.#phase === "active" || this.#phase === "idle") this.#phase = "ending";
  }

  /** Takes part in a chunk: pins it, or takes a copy, or skips it. */
  push(shared: SharedChunk): void {
    if (this.#phase !== "active") return;
    const { neverWaits } = this;
    if (neverWaits && !this.#hasRoomFor(shared)) return;
    const { info } = shared.chunk;
    let { bytes } = shared.chunk;
    if (neverWaits || this.#timeBase > 0 || this.#sink.keepsBytes) bytes = bytes.slice();
    if (this.#timeBase > 0) this.#muxer!.rebase(bytes, info, this.#timeBase);
    if (!neverWaits) shared.pin(); // also with a copy: the caller is to wait for this sink
    this.#enqueue({
      bytes,
      info: shift(info, this.#firstUnit, this.#timeBase),
      shared: neverWaits ? undefined : shared,
    });
  }

  /** Whether a chunk is taken by a sink that never waits. If not, it is counted, or the end of the sink. */
  #hasRoomFor({ chunk: { bytes, info, sampleCount, continuesSample } }: SharedChunk): boolean {
    const isFull = this.#queue.byteLength > 0 && this.#queue.byteLength + bytes.byteLength > COPY_QUEUE_BYTES;
    if (isFull && !this.drops) {
      this.fail(new Error(`it is ${this.#queue.byteLength} bytes behind`), "data");
      return false;
    }
    const cutsSample = continuesSample && !this.#isSkipping;
    this.#isSkipping = isFull || (this.#isSkipping && info.cleanPoints[0] !== 0);
    if (this.#isSkipping) this.#samplesDropped += sampleCount + (cutsSample ? 1 : 0);
    return !this.#isSkipping;
  }

  #enqueue(item: Item): void {
    this.#queue.push(item);
    this.#pump();
  }

  /** Hands over what is queued; goes on by itself when an asynchronous call has settled. */
  #pump(): void {
    for (let item; !this.#released && (item = this.#queue.take());) {
      const stage = item.info ? "data" : "header";
      try {
        const pending = this.#hand(item);
        if (pending === undefined) continue;
        pending.then(() => this.#pump(), (error) => this.fail(error, stage));
      } catch (error) {
        this.fail(error, stage);
      }
      return;
    }
  }

  /** Hands one item over and confirms it. Answers a promise if that takes time. */
  #hand(item: Item): Promise<void> | undefined {
    const { bytes, info } = item;
    const result = info ? this.#sink.data(bytes, info) : this.#sink.header(bytes);
    return isPending(result) ? result.then(() => this.#confirm(item)) : this.#confirm(item);
  }

  #confirm({ bytes, info }: Item): Promise<void> | undefined {
    if (this.#released) return; // let go of already
    if (info) {
      this.#held.dataBytes += bytes.byteLength;
      this.#held.unitCount += info.unitCount;
    } else {
      this.#held.headerBytes += bytes.byteLength;
    }
    const checkpoint = this.#checkpoint();
    if (checkpoint) return checkpoint.then(() => this.#queue.confirm());
    this.#queue.confirm();
  }

  /** States what is confirmed. Nothing depends on it: a sink that cannot replace anything says so again at the seal. */
  #checkpoint(): Promise<void> | undefined {
    const checkpoints = this.#checkpoints;
    if (this.#phase !== "active" || !checkpoints?.isDue(this.#held.dataBytes)) return;
    try {
      const patches = this.#muxer!.checkpoint?.(this.#facts()) ?? [];
      return replaceAll(this.#sink, patches)?.catch(() => checkpoints.stop());
    } catch {
      checkpoints.stop();
    }
  }

  /** Resolves when the sink has taken everything pushed so far, or takes no part any more. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /**
   * Writes the index. A failure drops the index, not the sink: answers the warning. A full medium is the end of the sink,
   * and of its last units.
   */
  async writeIndex(): Promise<MuxError | undefined> {
    this.#phase = "sealing";
    try {
      for await (const byteLength of writeIndex(this.#sink, this.#muxer!, this.#facts())) {
        if (this.#released) return; // given up meanwhile: nothing may follow
        this.#held.indexBytes += byteLength;
      }
    } catch (cause) {
      if (this.#released) return;
      this.#held.indexBytes = 0;
      if (this.#canRetreat(cause)) return void this.fail(cause, "index");
      try {
        await this.#sink.truncate?.(this.#held.headerBytes + this.#held.dataBytes);
      } catch {
        // The final header says where the data ends: what stands behind it is skipped.
      }
      return indexWarning(cause);
    }
  }

  /** Replaces the provisional header. From here on an abort comes too late. */
  seal(): Promise<void> {
    if (!this.isHealthy || this.#plan.form !== "final") return Promise.resolve();
    this.#sealing = this.#patch();
    return this.#sealing;
  }

  async #patch(): Promise<void> {
    await undefined; // so that a sink that calls back finds `#sealing` set
    try {
      await replaceAll(this.#sink, this.#muxer!.patches(this.#facts()));
    } catch (error) {
      this.fail(error, "seal");
    }
  }

  /** Closes the sink, on the way of success; waits where it is let go of already. */
  release(): Promise<void> {
    if (!this.#released) {
      this.#phase = "releasing";
      this.#released = this.#close();
    }
    return this.#released;
  }

  async #close(): Promise<void> {
    await undefined; // so that a sink that calls back finds `#released` set
    try {
      if (!this.#preventClose) await this.#sink.close();
      this.#phase = "finished";
    } catch (error) {
      this.#error = sinkError(error, "release");
      this.#phase = "failed";
      this.#onFailure();
    }
  }

  /** This sink failed, alone: it lets go of its chunks and is aborted. Who opens it is told by a rejection. */
  fail(cause: unknown, stage: string): void {
    if (this.#released) return;
    this.#error = sinkError(cause, stage);
    this.#letGo("failed", this.#error, this.#canRetreat(cause), stage === "open" ? undefined : this.#onFailure);
  }

  /** Gives up on purpose. Resolves when the sink has let go. */
  abort(reason: unknown): Promise<void> {
    if (this.#sealing) return this.#sealing.then(() => this.release());
    if (!this.#released) this.#letGo("aborted", reason);
    return this.#released!;
  }

  #letGo(phase: "failed" | "aborted", reason: unknown, retreats = false, onFailure?: () => void): void {
    this.#phase = phase;
    const { promise, resolve } = withResolvers<void>();
    this.#released = promise;
    this.#stopOpening();
    // A sink that fails to let go has nobody left to tell: the first error stands.
    const leave = async () => {
      if (!this.#isOpened) return;
      const isFinished = retreats && await this.#retreat().catch(() => false);
      await (isFinished ? this.#sink.close() : this.#sink.abort(reason));
    };
    leave().catch(() => {}).then(resolve);
    onFailure?.(); // first: memory that comes free now is room to go on only where other sinks are left
    this.#queue.clear();
  }

  async #retreat(): Promise<true> {
    const { samplesLost, ...held } = await retreat(this.#sink, this.#muxer!, this.#facts());
    Object.assign(this.#held, held);
    this.#samplesDropped += samplesLost;
    return true;
  }

  #canRetreat(cause: unknown): boolean {
    return this.isFinal && this.#held.unitCount > 0 && canRetreat(cause, this.#sink, this.#muxer);
  }

  report(): SinkReport {
    const { headerBytes, dataBytes, indexBytes, unitCount } = this.#held;
    return {
      sink: this.sinkLike,
      outcome: outcomeOf(this.#phase),
      bytes: headerBytes + dataBytes + indexBytes,
      startTime: this.#timeBase,
      duration: unitCount > 0 ? Math.max(0, (this.#end ?? this.#packetizer!).duration - this.#timeBase) : 0,
      samplesDropped: this.#samplesDropped,
      indexed: indexBytes > 0 && this.#plan.index === "appended",
      error: this.#error,
    };
  }

  #facts(): OutputFacts {
    return {
      ...this.#held,
      plan: this.#plan,
      firstUnit: this.#firstUnit,
      timeBase: this.#timeBase,
      metadata: this.#options.metadata(),
      measured: this.#end?.measured,
    };
  }
}

/** The smallest limit of all, if any has one. */
export function smallestPacketBytes(outputs: readonly Output[]): number | undefined {
  const known = outputs.map((output) => output.maxPacketBytes).filter((bytes) => bytes !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
