/**
 * The built-in target, checked against what the caller has asked for.
 *
 * @module
 */

import type { Container, NumberedStream } from "../container/container.ts";
import { MuxError } from "../errors.ts";
import { MuxSink, type MuxSinkOptions } from "./mux_sink.ts";
import { type Settings, settleOptions, type TargetOptions } from "./options.ts";

/** Makes the container's sink and describes every stream that can be. @throws {MuxError} With every problem at once. */
export function createTarget(
  container: Container,
  options: TargetOptions,
  streams: readonly NumberedStream[],
  parts: Omit<MuxSinkOptions, "muxer" | "streams" | keyof Settings>,
): MuxSink {
  const problems = [...container.check(streams)];
  const settings = settleOptions(options, streams, parts.outputs.some((output) => output.drops));
  if (problems.length === 0) {
    const target = new MuxSink({ ...settings, ...parts, muxer: container.createMuxer(streams), streams });
    streams.forEach((_, index) => {
      try {
        target.describe(index);
      } catch (error) {
        problems.push((error as Error).message);
      }
    });
    if (problems.length === 0) return target;
  }
  throw new MuxError("unsupported", `Cannot begin writing: ${problems.join("; ")}`);
}
