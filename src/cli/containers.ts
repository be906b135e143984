/**
 * Which container an output is, and what of the source fits into it.
 *
 * @module
 */

import {
  allContainers,
  asf,
  type Container,
  containerForPath,
  containersFor,
  MuxError,
  type StreamConfig,
} from "../../mod.ts";
import { UsageError } from "./arguments.ts";
import { describeStream } from "./format.ts";

/** What only ASF has. */
export interface AsfSettings {
  readonly packetBytes?: number;
  readonly indexIntervalMs?: number;
  readonly prerollMs?: number;
}

/** The container that a file name asks for. @throws {UsageError} For another extension, or settings it does not have. */
export function containerFor(output: string, settings: AsfSettings): Container {
  const container = containerForPath(output);
  if (!container && /\.[^./\\]+$/.test(output)) {
    const known = allContainers().flatMap(({ extensions }) => extensions).join(", ");
    throw new UsageError(`OUTPUT must end in ${known}, got ${JSON.stringify(output)}`);
  }
  if (!container || container.name === "asf") return asf(settings);
  if (Object.values(settings).some((value) => value !== undefined)) {
    throw new UsageError("--packet-size, --index-interval and --preroll are for .asf, .wmv and .wma");
  }
  return container;
}

/** What of a source goes into a container, and what does not. */
export interface Selection {
  readonly streams: readonly StreamConfig[];
  /** One line each. */
  readonly leftOut: readonly string[];
}

/**
 * Takes the streams that fit, in their order.
 *
 * @throws {MuxError} `unsupported` when none does: says why, and which containers would take one.
 */
export function select(container: Container, streams: readonly StreamConfig[]): Selection {
  const kept: StreamConfig[] = [];
  const leftOut: string[] = [];
  for (const stream of streams) {
    const problem = container.check([...kept, stream])[0];
    if (problem === undefined) kept.push(stream);
    else leftOut.push(`stream ${stream.streamNumber} (${describeStream(stream)}): ${problem.holds ?? problem.reason}`);
  }
  if (kept.length > 0) return { streams: kept, leftOut: [...leftOut, ...unturned(container, kept)] };
  const facts = [...leftOut, ...advice(streams)];
  throw new MuxError("unsupported", `${container.extensions[0]} can hold nothing of it: ${facts.join("; ")}`);
}

/** Rotations that the container cannot say. */
function unturned({ name }: Container, streams: readonly StreamConfig[]): string[] {
  if (name === "mp4") return [];
  return streams.flatMap((stream) =>
    stream.kind === "video" && stream.rotation
      ? [`that stream ${stream.streamNumber} is to be shown rotated by ${stream.rotation}°: only .mp4 can say that`]
      : []
  );
}

/** Which containers would take it, as the extensions to write it with. */
function advice(streams: readonly StreamConfig[]): string[] {
  const hasVideo = streams.some(({ kind }) => kind === "video");
  const extensionOf = ({ name, extensions }: Container) => name === "asf" ? hasVideo ? ".wmv" : ".wma" : extensions[0]!;
  const whole = containersFor(streams).map(extensionOf);
  const each = streams.flatMap((stream) => containersFor([stream])).map(extensionOf);
  const parts = [...new Set(each)].filter((extension) => !whole.includes(extension));
  return [
    ...whole.length > 0 ? [`it would go into ${whole.join(", ")}`] : [],
    ...parts.length > 0 ? [`some of it would go into ${parts.join(", ")}`] : [],
  ];
}
