/**
 * The built-in target, checked against what the caller has asked for.
 *
 * @module
 */

import type { Container, NumberedStream } from "../container/container.ts";
import { MuxError, type Problem, problemOf, problemText } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import { checkMetadata, metadataProblems } from "../media/metadata_check.ts";
import { type Settings, settleOptions, type TargetOptions } from "./options.ts";
import { MuxSink, type MuxSinkOptions } from "./order/mux_sink.ts";
import type { Target } from "./target.ts";

/**
 * Makes the container's sink and describes every stream that can be.
 *
 * @throws {MuxError} With every problem at once.
 * @throws {TypeError} For what is no container, such as `asf` without its parentheses.
 */
export function createTarget(
  container: Container,
  options: TargetOptions,
  streams: readonly NumberedStream[],
  parts: Omit<MuxSinkOptions, "container" | "muxer" | "streams" | keyof Settings>,
): MuxSink {
  if (typeof container?.check !== "function") {
    throw new TypeError(`Cannot begin writing: container must be one as asf() makes it, got ${typeof container}`);
  }
  const metadata = parts.metadata();
  const wrong: readonly Problem[] = metadataProblems(metadata);
  const problems: Problem[] = [...container.check(streams), ...wrong];
  const hasDroppingSink = parts.outputs.some((output) => output.drops);
  const settings = settleOptions(options, streams, hasDroppingSink, container.interleaving);
  if (problems.length === wrong.length) {
    const target = new MuxSink({ ...settings, ...parts, container, muxer: container.createMuxer(streams), streams });
    streams.forEach((_, index) => {
      try {
        target.describe(index);
      } catch (error) {
        problems.push({ reason: (error as Error).message });
      }
    });
    if (wrong.length === 0) {
      const unfit = unfitMetadata(target, metadata);
      if (unfit) problems.push(unfit);
    }
    if (problems.length === 0) return target;
  }
  const reason = problems.map(problemText).join("; ");
  throw new MuxError("unsupported", { action: "begin writing", reason });
}

/** Throws if metadata that replace the first ones are wrong, or do not fit into what was written. */
export function refuseUnfitMetadata(metadata: Metadata, target: Target | undefined): void {
  checkMetadata("set metadata", metadata);
  const unfit = target?.checkMetadata(metadata);
  if (unfit) throw new MuxError("too-large", { action: "set metadata", reason: problemText(unfit) });
}

/** Why the container cannot hold the metadata. */
function unfitMetadata(target: Target, metadata: Metadata): Problem | undefined {
  try {
    return target.checkMetadata(metadata);
  } catch (error) {
    return problemOf(error);
  }
}
