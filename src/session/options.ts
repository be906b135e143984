/**
 * What a session can be told, and what it means where nothing was said.
 *
 * @module
 */

import type { Container, Interleaving, NumberedStream } from "../container/container.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { SegmentSink } from "../sinks/segment_sink.ts";
import type { SinkLike } from "../sinks/sink.ts";

/** What every facade's constructor takes. */
export interface SessionOptions {
  /** The file format. */
  container: Container;
  /** Where the output goes; more can be added later. */
  sinks?: readonly (SinkLike | SegmentSink)[];
  /** What is known of the whole; can be replaced until the finish where the sink can patch. */
  metadata?: Metadata;
  /** Aborts the session; rejections are `signal.reason`. */
  signal?: AbortSignal;
  /** Longest time that media is held back, ms. Default: 100 if a sink drops, else unbounded. */
  maxLatencyMs?: number;
  /**
   * Media held until every stream is described and has begun, ms; where latency is bounded, also to measure bit rates
   * that are not known. Default 500; 0 when all is declared (descriptions, bit rates and `startTime: "keep"`). By default a
   * stream whose first sample brings its description is waited for longer, as a slow encoder needs it: 10 s where latency is
   * bounded, else until half of `maxQueuedBytes` waits. `endStream` and the finish end every wait.
   */
  openWindowMs?: number;
  /**
   * Reordering across streams, ms. Default: what the container states, else 500; 0, which lets every sample pass at once,
   * when `maxLatencyMs` is set.
   */
  interleaveWindowMs?: number;
  /**
   * A stream that falls behind: go on and count (default), or refuse its late samples, as a container does anyway that
   * states the order of decode times.
   */
  onLag?: "continue" | "error";
  /** Bytes that may wait, default 32 MiB; above it `writeSample` throws `queue-full` and takes nothing. */
  maxQueuedBytes?: number;
  /** `"rebase-all"` (default): the earliest first sample becomes 0. `"rebase-each"`: every stream's does. */
  startTime?: "rebase-all" | "rebase-each" | "keep";
}

/** What is said about how samples wait. */
export type TargetOptions = Pick<
  SessionOptions,
  "maxLatencyMs" | "openWindowMs" | "interleaveWindowMs" | "onLag" | "maxQueuedBytes" | "startTime"
>;

/** The settled options. */
export interface Settings {
  readonly maxLatencyMs?: number;
  readonly openWindowMs: number;
  /** How long a stream is waited for that nothing has described yet. */
  readonly describeWindowMs: number;
  readonly interleaveWindowMs: number;
  readonly onLag: "continue" | "error";
  readonly maxQueuedBytes: number;
  readonly startTime: "rebase-all" | "rebase-each" | "keep";
}

/** Latency that somebody who watches live still calls live. */
const LIVE_LATENCY_MS = 100;
const WINDOW_MS = 500;
/** Who watches live waits so long for a stream that is not described. */
const LIVE_DESCRIBE_WINDOW_MS = 10_000;
/** As of {@linkcode SessionOptions.maxQueuedBytes}. */
export const QUEUE_BYTES = 32 << 20;

/**
 * Fills in the defaults.
 *
 * @param interleaving What the container says of it.
 * @throws {RangeError} For a number that is none, or negative.
 */
export function settleOptions(
  options: TargetOptions,
  streams: readonly NumberedStream[],
  hasDroppingSink: boolean,
  { order, windowMs }: Interleaving = { order: "arrival" },
): Settings {
  const { startTime = "rebase-all", onLag = "continue" } = options;
  oneOf("startTime", startTime, ["rebase-all", "rebase-each", "keep"]);
  oneOf("onLag", onLag, ["continue", "error"]);
  const maxLatencyMs = options.maxLatencyMs ?? (hasDroppingSink ? LIVE_LATENCY_MS : undefined);
  const isDeclared = startTime === "keep" &&
    streams.every((stream) => stream.description !== undefined && stream.bitrate !== undefined);
  return {
    maxLatencyMs: maxLatencyMs === undefined ? undefined : atLeast("maxLatencyMs", maxLatencyMs, 1),
    openWindowMs: atLeast("openWindowMs", options.openWindowMs ?? (isDeclared ? 0 : WINDOW_MS), 0),
    describeWindowMs: options.openWindowMs ?? (maxLatencyMs === undefined ? Infinity : LIVE_DESCRIBE_WINDOW_MS),
    interleaveWindowMs: atLeast(
      "interleaveWindowMs",
      options.interleaveWindowMs ?? windowMs ?? (maxLatencyMs === undefined ? WINDOW_MS : 0),
      0,
    ),
    onLag: order === "decode" ? "error" : onLag,
    maxQueuedBytes: atLeast("maxQueuedBytes", options.maxQueuedBytes ?? QUEUE_BYTES, 1),
    startTime,
  };
}

/** Gives a stream its number: its own, or its position + 1. */
export function numberStream(stream: StreamConfig, index: number): NumberedStream {
  return { ...stream, streamNumber: stream.streamNumber ?? index + 1 };
}

function atLeast(name: string, value: number, least: number): number {
  if (!(value >= least && value < Infinity)) {
    throw new RangeError(`Cannot begin writing: ${name} must be a number of at least ${least}, got ${value}`);
  }
  return value;
}

function oneOf(name: string, value: string, values: readonly string[]): void {
  if (!values.includes(value)) {
    throw new RangeError(`Cannot begin writing: ${name} must be one of ${values.join(", ")}, got ${value}`);
  }
}
