/**
 * The file at one sink: its header, what the sink has confirmed, and how it is completed.
 *
 * Invariants
 * - What is `#confirmed` moves only after the sink has taken the bytes, so that what the final header states is what the
 *   sink holds.
 * - The index comes before the final header, so that a header never promises an index that is not there.
 *
 * @module
 */

import type { Muxer, OutputFacts, Packetizer, Patch, Plan } from "../../container/container.ts";
import type { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { SinkReport } from "../../report.ts";
import type { DataInfo, Sink } from "../../sinks/sink.ts";
import { isPending } from "../promises.ts";
import { Checkpoints } from "./checkpoints.ts";
import { indexWarning, isMediumFull } from "./sink_error.ts";
import type { SinkLifecycle } from "./sink_lifecycle.ts";

/** What a file tells of itself. */
export type FileReport = Pick<SinkReport, "bytes" | "startTime" | "duration" | "samplesDropped" | "indexed">;

/** See the module's text. */
export class OutputFile {
  /** Whether the header is completed at the end. If the sink joined late, its copy is shifted to begin at zero. */
  readonly isFinal: boolean;
  readonly #sink: Sink;
  readonly #muxer: Muxer;
  readonly #packetizer: Packetizer;
  readonly #metadata: () => Metadata;
  readonly #plan: Plan;
  readonly #confirmed = { headerBytes: 0, dataBytes: 0, indexBytes: 0, unitCount: 0 };
  #firstUnit = 0;
  #timeBase = 0;
  /** Where it ended, while others went on. */
  #end: { readonly duration: number; readonly measured?: unknown } | undefined;
  /** Samples that gave way to the index on a full medium. */
  #samplesLost = 0;
  /** When the header is brought up to date; absent: only at the end. */
  #checkpoints: Checkpoints | undefined;

  /** @param metadata The metadata as they stand. */
  constructor(sink: Sink, muxer: Muxer, packetizer: Packetizer, metadata: () => Metadata) {
    this.#sink = sink;
    this.#muxer = muxer;
    this.#packetizer = packetizer;
    this.#metadata = metadata;
    this.#plan = muxer.plan({
      canPatch: typeof sink.patch === "function" && sink.whenSlow !== "drop", // what it skips is in no final header
      canIndex: typeof sink.index === "function",
      maxHeaderBytes: sink.maxHeaderBytes,
    });
    this.isFinal = this.#plan.form === "final";
    if (this.isDurable) this.#checkpoints = new Checkpoints();
  }

  /** Whether what the sink holds is to be readable at any time. */
  get isDurable(): boolean {
    return this.isFinal && (this.#sink.durable ?? false);
  }

  /** The header that goes in front of the data. @throws {MuxError} `too-large` */
  header(): Uint8Array<ArrayBuffer> {
    return this.#muxer.header(this.#facts(), this.#sink.maxHeaderBytes);
  }

  /** The next unit is its first. @param timeBase Session time that is its zero. */
  begin(firstUnit: number, timeBase: number): void {
    this.#firstUnit = firstUnit;
    this.#timeBase = timeBase;
  }

  /** Session time that is its zero: 0 where its times are the session's. */
  get timeBase(): number {
    return this.#timeBase;
  }

  /** It ends here, while others go on. */
  end(): void {
    this.#end = { duration: this.#packetizer.duration, measured: this.#muxer.measure?.() };
  }

  /** Shifts the times in its own copy of whole units. */
  localize(bytes: Uint8Array<ArrayBuffer>, info: DataInfo): void {
    if (this.#timeBase > 0) this.#muxer.rebase(bytes, info, this.#timeBase);
  }

  /** Units as the sink counts them: its first is 0. */
  infoOf(info: DataInfo): DataInfo {
    if (this.#firstUnit === 0) return info;
    return { ...info, firstUnit: info.firstUnit - this.#firstUnit, timestamp: info.timestamp - this.#timeBase };
  }

  /** The sink has the header, or the units that `info` is about. */
  confirm(byteLength: number, info: DataInfo | undefined): void {
    if (info) {
      this.#confirmed.dataBytes += byteLength;
      this.#confirmed.unitCount += info.unitCount;
    } else {
      this.#confirmed.headerBytes += byteLength;
    }
  }

  /**
   * States what is confirmed, where that is due. Nothing depends on it: a sink that cannot replace anything says so again
   * when the final header is written.
   */
  checkpoint(): Promise<void> | undefined {
    const checkpoints = this.#checkpoints;
    if (!checkpoints?.isDue(this.#confirmed.dataBytes)) return;
    try {
      const patches = this.#muxer.checkpoint?.(this.#facts()) ?? [];
      return replaceAll(this.#sink, patches)?.catch(() => checkpoints.stop());
    } catch {
      checkpoints.stop();
    }
  }

  /**
   * Writes the index behind the data. A failure drops the index, not the sink: answers the warning. A full medium is the
   * end of the sink, and of its last units.
   */
  async writeIndex(lifecycle: SinkLifecycle): Promise<MuxError | undefined> {
    try {
      for await (const byteLength of writeIndex(this.#sink, this.#muxer, this.#facts())) {
        if (lifecycle.isReleased) return; // given up meanwhile: nothing may follow
        this.#confirmed.indexBytes += byteLength;
      }
    } catch (cause) {
      if (lifecycle.isReleased) return;
      this.#confirmed.indexBytes = 0;
      if (this.canSalvage(cause)) return void lifecycle.fail(cause, "index");
      try {
        await this.#sink.truncate?.(this.#confirmed.headerBytes + this.#confirmed.dataBytes);
      } catch {
        // The final header says where the data ends: what stands behind it is skipped.
      }
      return indexWarning(cause);
    }
  }

  /** Replaces the provisional header. */
  writeFinalHeader(): Promise<void> | undefined {
    return replaceAll(this.#sink, this.#muxer.patches(this.#facts()));
  }

  /** Whether the medium is full, and what it holds can be completed all the same. */
  canSalvage(cause: unknown): boolean {
    return this.isFinal && this.#confirmed.unitCount > 0 && isMediumFull(cause) &&
      typeof this.#sink.truncate === "function" && typeof this.#muxer.retreat === "function";
  }

  /** Completes a file whose medium is full: its last units give way to the index of the others. */
  async salvage(): Promise<void> {
    const { patches, samplesLost, ...left } = this.#muxer.retreat!(this.#facts());
    const kept = { ...this.#facts(), ...left };
    await this.#sink.truncate!(kept.headerBytes + kept.dataBytes);
    await replaceAll(this.#sink, patches);
    let indexBytes = 0;
    for await (const byteLength of writeIndex(this.#sink, this.#muxer, kept)) indexBytes += byteLength;
    await replaceAll(this.#sink, this.#muxer.patches({ ...kept, indexBytes }));
    Object.assign(this.#confirmed, left, { indexBytes });
    this.#samplesLost = samplesLost;
  }

  report(): FileReport {
    const { headerBytes, dataBytes, indexBytes, unitCount } = this.#confirmed;
    return {
      bytes: headerBytes + dataBytes + indexBytes,
      startTime: this.#timeBase,
      duration: unitCount > 0 ? Math.max(0, (this.#end ?? this.#packetizer).duration - this.#timeBase) : 0,
      samplesDropped: this.#samplesLost,
      indexed: indexBytes > 0 && this.#plan.index === "appended",
    };
  }

  #facts(): OutputFacts {
    return {
      ...this.#confirmed,
      plan: this.#plan,
      firstUnit: this.#firstUnit,
      timeBase: this.#timeBase,
      metadata: this.#metadata(),
      measured: this.#end?.measured,
    };
  }
}

/** Writes the index of what a sink holds. Answers the size of each piece when the sink has it. */
async function* writeIndex(sink: Sink, muxer: Muxer, facts: OutputFacts): AsyncGenerator<number> {
  if (facts.plan.index === "none") return;
  for (const bytes of muxer.index(facts)) {
    await sink.index!(sink.keepsBytes ? bytes.slice() : bytes);
    yield bytes.byteLength;
  }
}

/** Patches a sink, one call after the other. Answers a promise if that takes time. */
function replaceAll(sink: Sink, patches: readonly Patch[]): Promise<void> | undefined {
  for (const [i, { offset, bytes }] of patches.entries()) {
    const result = sink.patch!(offset, bytes);
    if (isPending(result)) return result.then(() => replaceAll(sink, patches.slice(i + 1)));
  }
}
