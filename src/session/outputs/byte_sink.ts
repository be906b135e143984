/**
 * A byte sink as a session has it, whatever was given for one.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Sink, SinkLike, SinkOptions } from "../../sinks/sink.ts";
import { streamSink } from "../../sinks/stream_sink.ts";

/** The sink behind what was given as one. @throws {TypeError} If it is none. */
export function asSink(sinkLike: SinkLike, options: SinkOptions): Sink {
  if (typeof sinkLike === "object" && sinkLike !== null) {
    // By what it can do: to name WritableStream loads it, in some runtimes, and a stream may be of another realm.
    if ("getWriter" in sinkLike) return streamSink(sinkLike, options);
    if (typeof sinkLike.data === "function") return sinkLike;
  }
  throw new TypeError("Cannot add sink: expected a Sink or a WritableStream");
}

/** Opens a sink, if it carries the container. @throws {MuxError} `unsupported` */
export function openSink(sink: Sink, containerName: string): void | Promise<void> {
  const { containers } = sink;
  if (containers && !containers.includes(containerName)) {
    throw new MuxError("unsupported", `this sink carries ${containers.join(", ")}, not ${containerName}`);
  }
  return sink.open?.();
}
