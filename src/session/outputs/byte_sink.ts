/**
 * A byte sink as a session has it, whatever was given for one.
 *
 * @module
 */

import type { Container, SinkAbilities } from "../../container/container.ts";
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

/** What a sink can do. */
export function abilitiesOf(sink: Sink): SinkAbilities {
  return {
    canPatch: typeof sink.patch === "function",
    takesTrailer: typeof sink.trailer === "function",
    canSync: typeof sink.sync === "function",
    skips: sink.whenSlow === "drop",
    maxHeaderBytes: sink.maxHeaderBytes,
  };
}

/** What a container is to a sink. */
export type SinkContainer = Pick<Container, "name" | "needs">;

/** Opens a sink, if it carries the container. @throws {MuxError} `unsupported` */
export function openSink(sink: Sink, { name }: SinkContainer): void | Promise<void> {
  const { containers } = sink;
  if (containers && !containers.includes(name)) {
    throw refusal(`this sink carries ${containers.join(", ")}, not ${name}`);
  }
  return sink.open?.();
}

/**
 * Refuses an open sink that cannot do what the container needs, before anything is written to it.
 *
 * @throws {MuxError} `unsupported`
 */
export function checkNeeds(sink: Sink, { name, needs = {} }: SinkContainer): void {
  const { canPatch, takesTrailer, skips } = abilitiesOf(sink);
  const lacks = [
    ...needs.patch && !canPatch ? ["cannot replace what was written (it has no `patch`)"] : [],
    ...needs.trailer && !takesTrailer ? ["takes nothing behind the data (it has no `trailer`)"] : [],
    ...(needs.patch || needs.trailer) && skips ? ['skips what it is too slow for (its `whenSlow` is "drop")'] : [],
  ];
  if (lacks.length > 0) throw refusal(`${name} is completed at its end, and this sink ${lacks.join(", and ")}`);
}

function refusal(reason: string): MuxError {
  return new MuxError("unsupported", { action: "write to the sink", reason });
}
