/**
 * One byte sink's share of a session: hands over what the sink is given, item by item, and fails alone.
 *
 * Invariants
 * - Calls to the sink never overlap; each waits for the one before it. An item is confirmed only after the checkpoint that
 *   it brought about.
 * - A chunk is pinned while a sink that makes the caller wait still has to take it, and unpinned exactly once, also when
 *   the sink fails or is aborted. Sinks that never make the caller wait own copies, in a bounded queue.
 *
 * @module
 */

import type { Muxer, Packetizer, SinkAbilities } from "../../container/container.ts";
import type { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { SinkReport } from "../../report.ts";
import type { Sink, SinkLike, SinkOptions } from "../../sinks/sink.ts";
import { isPending } from "../promises.ts";
import { abilitiesOf, asSink, checkNeeds, openSink, type SinkContainer } from "./byte_sink.ts";
import { OutputFile } from "./output_file.ts";
import { type Item, OutputQueue } from "./output_queue.ts";
import type { SharedChunk } from "./shared_chunk.ts";
import { sinkError } from "./sink_error.ts";
import { SinkLifecycle } from "./sink_lifecycle.ts";
import type { TimeRange } from "./time_range.ts";

/** What a slow sink that must not hold the caller back may have waiting: some seconds of video. */
const COPY_QUEUE_BYTES = 4 << 20;

/** How an output takes part. */
export interface OutputOptions extends SinkOptions {
  readonly range: TimeRange;
  readonly container: SinkContainer;
  /**
   * It comes in while samples go on, and where it begins is not to depend on how long its sink takes to open: that is
   * opened when it gets its header, and what it is given meanwhile waits.
   */
  readonly isLate?: boolean;
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** Called once, if the sink fails. */
  onFailure(output: Output): void;
}

/** A byte sink in a session. */
export class Output {
  readonly sinkLike: SinkLike;
  readonly range: TimeRange;
  readonly optional: boolean;
  readonly lifecycle: SinkLifecycle;
  readonly #sink: Sink;
  readonly #options: OutputOptions;
  readonly #queue = new OutputQueue();
  readonly #file: OutputFile;
  /** Which data are pushed to it: those to come from a clean point on, all, or none any more. */
  #part: "waiting" | "joining" | "active" | "over" = "waiting";
  /** It comes late, and is open or about to be. */
  #isOpened = false;
  #isSkipping = false;
  #samplesSkipped = 0;

  /** @throws {TypeError} For a sink that is none. */
  constructor(sinkLike: SinkLike, options: OutputOptions) {
    const sink = asSink(sinkLike, options);
    const { range, optional = false, preventClose = false, container } = options;
    this.sinkLike = sinkLike;
    this.range = range;
    this.optional = optional;
    this.#options = options;
    this.#sink = sink;
    const file = this.#file = new OutputFile(sink, options.metadata);
    this.lifecycle = new SinkLifecycle({
      // A web stream has to be unlocked in any case; its adapter knows not to close it.
      preventClose: sink === sinkLike && preventClose,
      open: () => this.#open(container),
      complete: () => file.writeFinalHeader(),
      close: () => sink.close(),
      abort: (reason) => sink.abort(reason),
      salvage: (cause) => file.canSalvage(cause) ? () => file.salvage() : undefined,
      explain: sinkError,
      onFailure: () => options.onFailure(this),
      // Behind `onFailure`: memory that comes free now is room to go on only where other sinks are left.
      onLetGo: () => this.#queue.clear(),
    });
  }

  #open(container: SinkContainer): void | Promise<void> {
    const opening = openSink(this.#sink, container);
    return isPending(opening) ? opening.then(() => this.#check(container)) : this.#check(container);
  }

  /** What a sink can do is known when it is open. */
  #check(container: SinkContainer): void | Promise<void> {
    if (this.lifecycle.isReleased) return; // aborted meanwhile
    try {
      checkNeeds(this.#sink, container);
    } catch (error) {
      return Promise.resolve(this.#sink.abort(error)).then(() => Promise.reject(error));
    }
  }

  /** Whether it was added while the session ran, and waits for a clean point. */
  get isJoining(): boolean {
    return this.#part === "joining" && this.lifecycle.isHealthy;
  }

  /** What its sink can do. */
  get abilities(): SinkAbilities {
    return abilitiesOf(this.#sink);
  }

  get maxPacketBytes(): number {
    return this.#sink.maxPacketBytes ?? Infinity;
  }

  /** Whether it skips or gives up instead of holding the caller back. */
  get neverWaits(): boolean {
    return this.#sink.whenSlow === "drop" || this.#sink.whenSlow === "fail";
  }

  /** Whether it skips to the next clean point when it is slow. */
  get drops(): boolean {
    return this.#sink.whenSlow === "drop";
  }

  /** Whether what it holds is to be readable at any time. */
  get isDurable(): boolean {
    return this.#file.isDurable;
  }

  /** Hands over the header. With `joins` data follows only after {@linkcode join}. */
  start(muxer: Muxer, packetizer: Packetizer, joins: boolean): void {
    if (this.#part !== "waiting" || !this.lifecycle.isHealthy) return;
    try {
      this.#file.plan(muxer, packetizer);
      this.#part = joins ? "joining" : "active";
      for (const item of this.#file.header()) this.#enqueue(item);
    } catch (error) {
      this.lifecycle.fail(error, "header");
    }
  }

  /** The next chunk is its first. */
  join(firstUnit: number, timeBase: number): void {
    if (!this.isJoining) return;
    this.#part = "active";
    const hasOwnZero = this.#file.isFinal || this.range.recording !== undefined;
    this.#file.begin(firstUnit, hasOwnZero ? timeBase : 0);
  }

  /** Nothing more is pushed: it leaves while others go on. */
  end(): void {
    this.range.end();
    if (!this.lifecycle.isHealthy) return;
    if (this.#part === "active") this.#file.end();
    this.#part = "over";
  }

  /** Takes part in a chunk: pins it, or takes a copy, or skips it. */
  push(shared: SharedChunk): void {
    if (this.#part !== "active" || this.lifecycle.isReleased) return;
    const { neverWaits } = this;
    if (neverWaits && !this.#hasRoomFor(shared)) return;
    const file = this.#file;
    const { info } = shared.chunk;
    let { bytes } = shared.chunk;
    if (neverWaits || file.isLocal || this.#sink.keepsBytes) bytes = bytes.slice();
    file.push(bytes, shared.chunk);
    if (!neverWaits) shared.pin(); // also with a copy: the caller is to wait for this sink
    this.#enqueue({ bytes, info: file.infoOf(info), shared: neverWaits ? undefined : shared });
  }

  /** Whether a chunk is taken by a sink that never waits. If not, it is counted, or the end of the sink. */
  #hasRoomFor({ chunk: { bytes, info, sampleCount, continuesSample } }: SharedChunk): boolean {
    const isFull = this.#queue.byteLength > 0 && this.#queue.byteLength + bytes.byteLength > COPY_QUEUE_BYTES;
    if (isFull && !this.drops) {
      this.lifecycle.fail(new Error(`it is ${this.#queue.byteLength} bytes behind`), "data");
      return false;
    }
    const cutsSample = continuesSample && !this.#isSkipping;
    this.#isSkipping = isFull || (this.#isSkipping && info.cleanPoints[0] !== 0);
    if (this.#isSkipping) this.#samplesSkipped += sampleCount + (cutsSample ? 1 : 0);
    return !this.#isSkipping;
  }

  #enqueue(item: Item): void {
    this.#queue.push(item);
    this.#pump();
  }

  /** Hands over what is queued; goes on by itself when an asynchronous call has settled. */
  #pump(): void {
    const { lifecycle } = this;
    for (let item; !lifecycle.isReleased && (item = this.#queue.take());) {
      try {
        const pending = this.#hand(item);
        if (pending === undefined) continue;
        pending.then(() => this.#pump(), (error) => this.#onFailure(item, error));
      } catch (error) {
        this.#onFailure(item, error);
      }
      return;
    }
  }

  #onFailure({ info }: Item, error: unknown): void {
    const { lifecycle } = this;
    if (!info || lifecycle.isReleased || !this.#file.canCut(error)) {
      return lifecycle.fail(error, info ? "data" : "header");
    }
    void this.#fill().catch(() => {}).then(() => lifecycle.fail(error, "data"));
  }

  /** The medium is full: one by one as many of the units that did not fit together as there is room for. */
  async #fill(): Promise<void> {
    const file = this.#file;
    await file.cut();
    for (const { bytes, info } of this.#queue.takenUnits()) {
      try {
        await this.#sink.data(bytes, info);
      } catch {
        if (info.unitCount === 1) await file.cut(); // of many, those that are there are worth something
        return;
      }
      if (this.lifecycle.isReleased) return;
      file.confirm(bytes.byteLength, info);
    }
  }

  /** Hands one item over and confirms it. Answers a promise if that takes time. */
  #hand(item: Item): Promise<void> | undefined {
    const { bytes, info } = item;
    const result = info ? this.#sink.data(bytes, info) : this.#handHeader(item);
    return isPending(result) ? result.then(() => this.#confirm(item)) : this.#confirm(item);
  }

  #handHeader(item: Item): void | Promise<void> {
    if (!this.#options.isLate || this.#isOpened) return this.#handPiece(item);
    this.#isOpened = true;
    return this.lifecycle.openLate().then(() => {
      if (!this.lifecycle.isReleased) return this.#handPiece(item);
    });
  }

  #handPiece({ bytes, reserve }: Item): void | Promise<void> {
    return reserve === undefined ? this.#sink.header(bytes) : this.#sink.reserve!(reserve);
  }

  #confirm({ bytes, info, reserve = 0 }: Item): Promise<void> | undefined {
    if (this.lifecycle.isReleased) return;
    const file = this.#file;
    file.confirm(bytes.byteLength + reserve, info);
    const checkpoint = this.#part === "active" ? file.checkpoint() : undefined;
    if (checkpoint) return checkpoint.then(() => this.#queue.confirm());
    this.#queue.confirm();
  }

  /** Resolves when the sink has taken everything pushed so far, or takes no part any more. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Writes the trailer, where there is one. Answers a warning if one that can be done without cannot be written. */
  writeTrailer(): Promise<MuxError | undefined> {
    this.#part = "over";
    return this.#file.writeTrailer(this.lifecycle);
  }

  /** Replaces the provisional header, where there is one. */
  seal(): Promise<void> {
    return this.lifecycle.isHealthy && this.#file.isFinal ? this.lifecycle.seal() : Promise.resolve();
  }

  report(): SinkReport {
    const file = this.#file.report();
    return {
      ...file,
      sink: this.sinkLike,
      outcome: this.lifecycle.outcome,
      samplesDropped: file.samplesDropped + this.#samplesSkipped,
      error: this.lifecycle.error,
    };
  }
}
