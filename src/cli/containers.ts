/**
 * Which container an output is, and what of the source fits into it.
 *
 * @module
 */

import {
  allContainers,
  asf,
  type AsfOptions,
  type Container,
  containerForPath,
  containersFor,
  MuxError,
  type Problem,
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

/** What an output is made in. */
export interface OutputContainer {
  readonly container: Container;
  /** The same, with what an ASF source says beside its streams and metadata; absent: that has no place in it. */
  like?(source: AsfOptions): Container;
}

/** The container that a file name asks for. @throws {UsageError} For another extension, or settings it does not have. */
export function containerFor(output: string, settings: AsfSettings): OutputContainer {
  const container = containerForPath(output);
  if (!container && /\.[^./\\]+$/.test(output)) {
    const known = allContainers().flatMap(({ extensions }) => extensions).join(", ");
    throw new UsageError(`OUTPUT must end in ${known}, got ${JSON.stringify(output)}`);
  }
  if (!container || container.name === "asf") {
    return { container: asf(settings), like: (source) => asf({ ...source, ...settings }) };
  }
  if (Object.values(settings).some((value) => value !== undefined)) {
    throw new UsageError("--packet-size, --index-interval and --preroll are for .asf, .wmv and .wma");
  }
  return { container };
}

/** Containers whose files can begin to be shown behind their first key frame, by an edit list. */
const TRIMMING: readonly string[] = ["mp4", "mov", "3gp"];

/** Whether a file of it can begin at any picture, with those before that are needed and not shown. */
export function canTrim({ name }: Container): boolean {
  return TRIMMING.includes(name);
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
  if (kept.length > 0) return { streams: kept, leftOut };
  const facts = [...leftOut, ...advice(streams)];
  throw new MuxError("unsupported", `${container.extensions[0]} can hold nothing of it: ${facts.join("; ")}`);
}

/** What had no place in the container, one line for each reason, with the containers that have one for it. */
export function lossLines(losses: readonly Problem[], streams: readonly StreamConfig[]): string[] {
  const fieldsOf = new Map<string, string[]>();
  const lines: string[] = [];
  for (const loss of losses) {
    if (loss.stream === undefined) {
      fieldsOf.set(loss.reason, [...fieldsOf.get(loss.reason) ?? [], loss.field ?? "metadata"]);
    } else lines.push(`stream ${loss.stream}: ${loss.reason}${elsewhere(loss, streams)}`);
  }
  return [...lines, ...Array.from(fieldsOf, ([reason, fields]) => `${fields.join(", ")}: ${reason}`)];
}

function elsewhere({ field, stream }: Problem, streams: readonly StreamConfig[]): string {
  const one = streams.filter(({ streamNumber }) => streamNumber === stream);
  const others = containersFor(one).filter(({ losses }) => !losses?.(one, {}).some((loss) => loss.field === field));
  return others.length === 0 ? "" : `; ${others.map(({ extensions }) => extensions[0]).join(", ")} can`;
}

/** Which containers would take it, as the extensions to write it with. */
function advice(streams: readonly StreamConfig[]): string[] {
  const hasVideo = streams.some(({ kind }) => kind === "video");
  const extensionOf = ({ extensions }: Container) =>
    extensions.find((extension) => extension === (hasVideo ? ".wmv" : ".wma")) ?? extensions[0]!;
  const whole = containersFor(streams).map(extensionOf);
  const each = streams.flatMap((stream) => containersFor([stream])).map(extensionOf);
  const parts = [...new Set(each)].filter((extension) => !whole.includes(extension));
  return [
    ...whole.length > 0 ? [`it would go into ${whole.join(", ")}`] : [],
    ...parts.length > 0 ? [`some of it would go into ${parts.join(", ")}`] : [],
  ];
}
