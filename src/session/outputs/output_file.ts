/**
 * The file at one sink: its header, what the sink has confirmed, and how it is completed.
 *
 * Invariants
 * - What is `#confirmed` moves only after the sink has taken the bytes, so that what the final header states is what the
 *   sink holds.
 * - The trailer comes before the final header, so that a header never promises an index that is not there.
 *
 * @module
 */

import type {
  Chunk,
  Muxer,
  OutputFacts,
  Packetizer,
  Patch,
  Patches,
  Plan,
  Salvage,
} from "../../container/container.ts";
import type { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { SinkReport } from "../../report.ts";
import type { DataInfo, Sink } from "../../sinks/sink.ts";
import { isPending } from "../promises.ts";
import { abilitiesOf } from "./byte_sink.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { Item } from "./output_queue.ts";
import { SalvagePoints } from "./salvage_points.ts";
import { isMediumFull, trailerWarning } from "./sink_error.ts";
import type { SinkLifecycle } from "./sink_lifecycle.ts";

/** What a file tells of itself. */
export type FileReport = Pick<SinkReport, "bytes" | "startTime" | "duration" | "samplesDropped" | "trailerBytes">;

/** See the module's text. */
export class OutputFile {
  readonly #sink: Sink;
  readonly #metadata: () => Metadata;
  /** There once the muxer has begun, with what is planned. */
  #muxer: Muxer | undefined;
  #packetizer!: Packetizer;
  #plan: Plan = { form: "live", trailer: "none" };
  readonly #confirmed = { headerBytes: 0, dataBytes: 0, trailerBytes: 0, unitCount: 0 };
  #firstUnit = 0;
  #timeBase = 0;
  /** Bytes on their way to the sink, or there. */
  #pushedBytes = 0;
  /** Where it ended, while others went on. */
  #end: { readonly duration: number; readonly measured?: unknown } | undefined;
  /** Samples that gave way to the trailer on a full medium, and where the presentation ends since. */
  #salvaged: { readonly samplesLost: number; readonly end?: number } | undefined;
  /** When the header is brought up to date; absent: only at the end. */
  #checkpoints: Checkpoints | undefined;
  /** Where it can end if its medium is full; absent: the muxer knows better, or it cannot be cut. */
  #salvagePoints: SalvagePoints | undefined;

  /** @param metadata The metadata as they stand. */
  constructor(sink: Sink, metadata: () => Metadata) {
    this.#sink = sink;
    this.#metadata = metadata;
  }

  /** The muxer has begun: settles what the sink will get. */
  plan(muxer: Muxer, packetizer: Packetizer): void {
    const sink = this.#sink;
    this.#muxer = muxer;
    this.#packetizer = packetizer;
    this.#plan = muxer.plan(abilitiesOf(sink));
    if (this.isDurable) this.#checkpoints = new Checkpoints();
    if (typeof sink.truncate === "function" && !muxer.salvage) this.#salvagePoints = new SalvagePoints();
  }

  /** Whether the header is completed at the end. If the sink joined late, its copy is shifted to begin at zero. */
  get isFinal(): boolean {
    return this.#plan.form === "final";
  }

  /** Whether what the sink holds is to be readable at any time. */
  get isDurable(): boolean {
    return this.isFinal && (this.#sink.durable ?? false);
  }

  /** The header that goes in front of the data, with its holes. @throws {MuxError} `too-large` */
  header(): Item[] {
    const header = this.#muxer!.header(this.#facts(), this.#sink.maxHeaderBytes);
    const pieces = header instanceof Uint8Array ? [header] : header;
    const items = pieces.map((piece): Item =>
      piece instanceof Uint8Array ? { bytes: piece } : { bytes: new Uint8Array(0), reserve: piece.reserve }
    );
    for (const { bytes, reserve = 0 } of items) this.#pushedBytes += bytes.byteLength + reserve;
    return items.length === 1 || typeof this.#sink.reserve === "function" ? items : [this.#filled(items)];
  }

  /** In one piece, with zeros for the holes. */
  #filled(items: readonly Item[]): Item {
    const whole = new Uint8Array(this.#pushedBytes);
    let at = 0;
    for (const { bytes, reserve = 0 } of items) {
      whole.set(bytes, at);
      at += bytes.byteLength + reserve;
    }
    return { bytes: whole };
  }

  /** The next unit is its first. @param timeBase Session time that is its zero. */
  begin(firstUnit: number, timeBase: number): void {
    this.#firstUnit = firstUnit;
    this.#timeBase = timeBase;
  }

  /** Whether it gets a copy of its own of each chunk, which differs from that of others. */
  get isLocal(): boolean {
    return this.#timeBase > 0 || this.#plan.isLocal === true;
  }

  /** It ends here, while others go on. */
  end(): void {
    this.#end = { duration: this.#packetizer.duration, measured: this.#muxer!.measure?.() };
  }

  /** A chunk is on its way to the sink. @param bytes Its own copy, where `isLocal` says that it has one. */
  push(bytes: Uint8Array<ArrayBuffer>, { info, sampleCount }: Chunk): void {
    if (this.isLocal) {
      const copy = {
        plan: this.#plan,
        firstUnit: this.#firstUnit,
        timeBase: this.#timeBase,
        offset: this.#pushedBytes,
      };
      this.#muxer!.localize?.(bytes, info, copy);
    }
    this.#pushedBytes += bytes.byteLength;
    this.#salvagePoints?.push(info.unitCount, bytes.byteLength, sampleCount, this.#packetizer.duration);
  }

  /** Units as the sink counts them: its first is 0. */
  infoOf(info: DataInfo): DataInfo {
    if (this.#firstUnit === 0) return info;
    return { ...info, firstUnit: info.firstUnit - this.#firstUnit, timestamp: info.timestamp - this.#timeBase };
  }

  /** The sink has the header or a piece of it, or the units that `info` is about. */
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
      return replaceAll(this.#sink, this.#muxer!.checkpoint?.(this.#facts()) ?? [])?.catch(() => checkpoints.stop());
    } catch {
      checkpoints.stop();
    }
  }

  /**
   * Writes the trailer behind the data. A failure drops a trailer that can be done without, not the sink: answers the
   * warning. A full medium is the end of the sink, and of its last units.
   */
  async writeTrailer(lifecycle: SinkLifecycle): Promise<MuxError | undefined> {
    try {
      for await (const byteLength of writeTrailer(this.#sink, this.#muxer!, this.#facts())) {
        if (lifecycle.isReleased) return; // given up meanwhile: nothing may follow
        this.#confirmed.trailerBytes += byteLength;
      }
    } catch (cause) {
      if (lifecycle.isReleased) return;
      this.#confirmed.trailerBytes = 0;
      if (this.#plan.trailer === "required" || this.canSalvage(cause)) return void lifecycle.fail(cause, "trailer");
      try {
        await this.#sink.truncate?.(this.#confirmed.headerBytes + this.#confirmed.dataBytes);
      } catch {
        // The final header says where the data ends: what stands behind it is skipped.
      }
      return trailerWarning(cause);
    }
  }

  /** Replaces the provisional header. */
  writeFinalHeader(): Promise<void> | undefined {
    return replaceAll(this.#sink, this.#patches(this.#facts()));
  }

  #patches(facts: OutputFacts): Patches {
    return this.isFinal ? this.#muxer!.patches?.(facts) ?? [] : [];
  }

  /** Whether the medium is full, and gives room back. */
  canCut(cause: unknown): boolean {
    return isMediumFull(cause) && typeof this.#sink.truncate === "function";
  }

  /** What stands behind the confirmed units goes. */
  cut(): void | Promise<void> {
    return this.#sink.truncate!(this.#confirmed.headerBytes + this.#confirmed.dataBytes);
  }

  /** Whether the medium is full, and what it holds can be completed all the same. */
  canSalvage(cause: unknown): boolean {
    return this.#confirmed.unitCount > 0 && this.canCut(cause) &&
      (this.isFinal || this.#salvagePoints !== undefined);
  }

  /** Completes a file whose medium is full: its last units give way to the trailer of the others. */
  async salvage(): Promise<void> {
    const facts = this.#facts();
    const { trailer } = this.#plan;
    if (this.#muxer!.salvage) return void await this.#endAt(facts, this.#muxer!.salvage(facts), true);
    const points = this.#salvagePoints!;
    const keeping = points.back(facts.unitCount).map(({ sampleCount, ...left }): Salvage => ({
      ...left,
      patches: [],
      samplesLost: points.sampleCount - sampleCount,
    }));
    for (const left of keeping) if (await this.#endAt(facts, left, trailer !== "none")) return;
    if (trailer === "required") throw new Error("there is no room for what the file needs behind its data");
    await this.#endAt(facts, keeping[0]!, false);
  }

  /** Ends the file earlier than it was. Answers whether there was room for its trailer. */
  async #endAt(facts: OutputFacts, salvage: Salvage, withTrailer: boolean): Promise<boolean> {
    const { patches, samplesLost, end, ...left } = salvage;
    const kept = { ...facts, ...left, end };
    await this.#sink.truncate!(kept.headerBytes + kept.dataBytes);
    await replaceAll(this.#sink, patches);
    let trailerBytes = 0;
    try {
      if (withTrailer) {
        for await (const byteLength of writeTrailer(this.#sink, this.#muxer!, kept)) trailerBytes += byteLength;
      }
    } catch (cause) {
      if (!this.#salvagePoints || !isMediumFull(cause)) throw cause;
      return false;
    }
    await replaceAll(this.#sink, this.#patches({ ...kept, trailerBytes }));
    Object.assign(this.#confirmed, left, { trailerBytes });
    this.#salvaged = { samplesLost, end };
    return true;
  }

  report(): FileReport {
    const { headerBytes, dataBytes, trailerBytes, unitCount } = this.#confirmed;
    return {
      bytes: headerBytes + dataBytes + trailerBytes,
      startTime: this.#timeBase,
      duration: unitCount > 0 ? Math.max(0, this.#reached - this.#timeBase) : 0,
      samplesDropped: this.#salvaged?.samplesLost ?? 0,
      trailerBytes,
    };
  }

  /** Session time up to which it has the presentation. */
  get #reached(): number {
    return this.#salvaged?.end ?? (this.#end ?? this.#packetizer).duration;
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

function trailerOf(muxer: Muxer, facts: OutputFacts): Iterable<Uint8Array<ArrayBuffer>> {
  return facts.plan.trailer === "none" ? [] : muxer.trailer?.(facts) ?? [];
}

/** Writes the trailer of what a sink holds. Answers the size of each piece when the sink has it. */
async function* writeTrailer(sink: Sink, muxer: Muxer, facts: OutputFacts): AsyncGenerator<number> {
  for (const bytes of trailerOf(muxer, facts)) {
    await sink.trailer!(sink.keepsBytes ? bytes.slice() : bytes);
    yield bytes.byteLength;
  }
}

/** Patches a sink, one call after the other. Answers a promise if that takes time. */
function replaceAll(sink: Sink, patches: Patches): Promise<void> | undefined {
  return replaceRest(sink, patches[Symbol.iterator]());
}

function replaceRest(sink: Sink, rest: Iterator<Patch | "sync">): Promise<void> | undefined {
  for (let next; !(next = rest.next()).done;) {
    const patch = next.value;
    const result = patch === "sync"
      ? sink.sync?.()
      : sink.patch!(patch.offset, sink.keepsBytes ? patch.bytes.slice() : patch.bytes);
    if (isPending(result)) return result.then(() => replaceRest(sink, rest));
  }
}
