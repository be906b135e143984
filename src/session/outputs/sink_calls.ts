/**
 * What an output has to know about calls to sinks: when the header is brought up to date, and what answers mean.
 *
 * @module
 */

import type { Muxer, OutputFacts, Patch } from "../../container/container.ts";
import { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { SinkReport } from "../../report.ts";
import type { DataInfo, Sink, SinkLike, SinkOptions } from "../../sinks/sink.ts";
import { streamSink } from "../../sinks/stream_sink.ts";
import { isPending } from "../promises.ts";
import type { TimeRange } from "./time_range.ts";

/** What could not be done at a stage, where it is not writing. */
const VERBS: Readonly<Record<string, string>> = { open: "open", release: "close" };

/** Checkpoints are at least so long apart, unless the sink has grown by much. */
const CHECKPOINT_MS = 400;

/** FFmpeg believes a header no more that is 5 % short of the file; less than this is nothing to lose. */
const CHECKPOINT_GROWTH = 0.04;
const CHECKPOINT_BYTES = 64 << 10;

/** How media say that they are full: errno, and web storage. */
const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG", "QuotaExceededError"];
const CAUSE_DEPTH = 4;

/**
 * Where an output stands; the outcome a report gives is derived from it. `ending`: nothing more is pushed, what is queued
 * is still handed over.
 */
export type Phase =
  | "new"
  | "opening"
  | "idle"
  | "joining"
  | "active"
  | "ending"
  | "sealing"
  | "releasing"
  | "finished"
  | "failed"
  | "aborted";

/** How an output takes part. */
export interface OutputOptions extends SinkOptions {
  readonly range: TimeRange;
  /** It comes in while samples go on, for this container. */
  readonly lateFor?: string;
  /** The metadata as they stand. */
  metadata(): Metadata;
}

/** When a header that states what its sink has confirmed is due to be brought up to date. */
export class Checkpoints {
  #statedBytes = 0;
  #statedAt = performance.now();

  /** Whether it is due now that so many bytes of data are confirmed; if so it counts as done. */
  isDue(dataBytes: number): boolean {
    const grown = dataBytes - this.#statedBytes;
    if (!(grown > 0)) return false;
    const now = performance.now();
    const least = Math.max(CHECKPOINT_BYTES, CHECKPOINT_GROWTH * this.#statedBytes);
    if (grown < least && now - this.#statedAt < CHECKPOINT_MS) return false;
    this.#statedBytes = dataBytes;
    this.#statedAt = now;
    return true;
  }

  /** It is never due again. */
  stop(): void {
    this.#statedBytes = Infinity;
  }
}

/** The sink behind what was given as one. */
export function asSink(sinkLike: SinkLike, options: SinkOptions): Sink {
  if (typeof sinkLike === "object" && sinkLike !== null) {
    // By what it can do: to name WritableStream loads it, in some runtimes, and a stream may be of another realm.
    if ("getWriter" in sinkLike) return streamSink(sinkLike, options);
    if (typeof sinkLike.data === "function") return sinkLike;
  }
  throw new TypeError("Cannot add sink: expected a Sink or a WritableStream");
}

/** Whether it carries the container. @throws {MuxError} `unsupported` */
export function checkCarries({ containers }: Sink, containerName: string): void {
  if (!containers || containers.includes(containerName)) return;
  throw new MuxError("unsupported", `this sink carries ${containers.join(", ")}, not ${containerName}`);
}

/** How a session tells that a sink failed. */
export function sinkError(cause: unknown, stage: string): MuxError {
  if (cause instanceof MuxError && stage !== "data") return cause;
  return new MuxError("sink-failed", `Cannot ${VERBS[stage] ?? "write to"} the sink: ${text(cause)}`, { stage, cause });
}

/** What is said when a file has to do without its index. */
export function indexWarning(cause: unknown): MuxError {
  const details = { stage: "index", cause };
  return new MuxError("sink-failed", `Cannot write the index: ${text(cause)}; the file has none`, details);
}

/** The outcome that a report gives. */
export function outcomeOf(phase: Phase): SinkReport["outcome"] {
  return phase === "finished" || phase === "failed" || phase === "aborted" ? phase : "open";
}

/** Unit numbers as a sink sees them whose first is `firstUnit`: that is its 0. */
export function shift(info: DataInfo, firstUnit: number, timeBase: number): DataInfo {
  if (firstUnit === 0) return info;
  return { ...info, firstUnit: info.firstUnit - firstUnit, timestamp: info.timestamp - timeBase };
}

/** Whether an error, or what caused it, says that the medium is full. */
function isFull(error: unknown): boolean {
  for (let depth = 0; depth < CAUSE_DEPTH && typeof error === "object" && error !== null; depth++) {
    const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
    if (FULL.includes(code) || FULL.includes(name)) return true;
    error = cause;
  }
  return false;
}

/** Whether the medium is full, and what it holds can be finished all the same. */
export function canRetreat(cause: unknown, sink: Sink, muxer?: Muxer): boolean {
  return isFull(cause) && typeof sink.truncate === "function" && typeof muxer?.retreat === "function";
}

/** Writes the index of what a sink holds. Answers the size of each piece when the sink has it. */
export async function* writeIndex(sink: Sink, muxer: Muxer, facts: OutputFacts): AsyncGenerator<number> {
  if (facts.plan.index === "none") return;
  for (const bytes of muxer.index(facts)) {
    await sink.index!(sink.keepsBytes ? bytes.slice() : bytes);
    yield bytes.byteLength;
  }
}

/** What a sink holds whose medium was full. */
export type Retreated = Pick<OutputFacts, "unitCount" | "dataBytes" | "indexBytes"> & { readonly samplesLost: number };

/** Finishes a sink whose medium is full: its last units give way to the index of the others. */
export async function retreat(sink: Sink, muxer: Muxer, facts: OutputFacts): Promise<Retreated> {
  const { patches, samplesLost, ...left } = muxer.retreat!(facts);
  const kept = { ...facts, ...left };
  await sink.truncate!(kept.headerBytes + kept.dataBytes);
  await replaceAll(sink, patches);
  let indexBytes = 0;
  for await (const byteLength of writeIndex(sink, muxer, kept)) indexBytes += byteLength;
  await replaceAll(sink, muxer.patches({ ...kept, indexBytes }));
  return { ...left, indexBytes, samplesLost };
}

/** Patches a sink, one call after the other. Answers a promise if that takes time. */
export function replaceAll(sink: Sink, patches: readonly Patch[]): Promise<void> | undefined {
  for (const [i, { offset, bytes }] of patches.entries()) {
    const result = sink.patch!(offset, bytes);
    if (isPending(result)) return result.then(() => replaceAll(sink, patches.slice(i + 1)));
  }
}

/** What an error says. */
function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
