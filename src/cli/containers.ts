/**
 * Which container an output is, and what of the source fits into it.
 *
 * @module
 */

import type { AsfOptions, Container, Problem, StreamConfig } from "../../mod.ts";
import { MuxError } from "../errors.ts";
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

const loadAsf = () => import("../asf/mod.ts").then(({ asf }) => asf);

/** Makers of containers by extensions, each loaded alone: most of the time of a short job is loading. */
export const MAKERS: readonly (readonly [extensions: string, load: () => Promise<() => Container>])[] = [
  [".asf .wmv .wma", loadAsf],
  [".mp4 .m4a .m4b .m4v", () => import("../mp4/mod.ts").then(({ mp4 }) => mp4)],
  [".mkv .mka", () => import("../matroska/mod.ts").then(({ matroska }) => matroska)],
  [".mov .qt", () => import("../mp4/mod.ts").then(({ mov }) => mov)],
  [".3gp", () => import("../mp4/mod.ts").then(({ threegp }) => threegp)],
  [".ogg .opus .oga", () => import("../ogg/mod.ts").then(({ ogg }) => ogg)],
  [".webm", () => import("../matroska/mod.ts").then(({ webm }) => webm)],
  [".wav", () => import("../wave/mod.ts").then(({ wave }) => wave)],
  [".aac .adts", () => import("../adts/mod.ts").then(({ adts }) => adts)],
  [".mp3", () => import("../mp3/mod.ts").then(({ mp3 }) => mp3)],
  [".ts .m2t", () => import("../mpegts/mod.ts").then(({ mpegts }) => mpegts)],
  [".flac", () => import("../flac/mod.ts").then(({ flac }) => flac)],
  [".ac3", () => import("../ac3/mod.ts").then(({ ac3 }) => ac3)],
  [".eac3 .ec3", () => import("../eac3/mod.ts").then(({ eac3 }) => eac3)],
  [".amr .awb", () => import("../amr/mod.ts").then(({ amr }) => amr)],
];

/** All containers. */
const loadAll = () => import("../containers.ts");

/** The container that a path asks for by its extension. */
export async function loadContainerFor(path: string): Promise<Container | undefined> {
  const extension = path.match(/\.[^./\\]+$/)?.[0].toLowerCase();
  if (extension === undefined) return undefined;
  const [, load] = MAKERS.find(([extensions]) => extensions.split(" ").includes(extension)) ?? [];
  return load ? (await load())() : (await loadAll()).containerForPath(path);
}

/** The container that a file name asks for. @throws {UsageError} For another extension, or settings it does not have. */
export async function containerFor(output: string, settings: AsfSettings): Promise<OutputContainer> {
  const container = await loadContainerFor(output);
  if (!container && /\.[^./\\]+$/.test(output)) {
    const known = (await loadAll()).allContainers().flatMap(({ extensions }) => extensions).join(", ");
    throw new UsageError(`OUTPUT must end in ${known}, got ${JSON.stringify(output)}`);
  }
  if (!container || container.name === "asf") {
    const asf = await loadAsf();
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
  /** What was left out, one line each … */
  readonly leftOut: readonly string[];
  /** … and those of them that nobody deselected, as a container that holds sound alone deselects pictures. */
  readonly missing: readonly string[];
}

/** Codecs of pictures of which every container for pictures holds one. */
const USUAL_PICTURES = ["avc1.42001f", "hvc1.1.6.L93.B0", "vp8", "vp09.00.10.08", "av01.0.00M.08"] as const;

/** Whether a container holds no pictures. */
function isForSound(container: Container): boolean {
  return USUAL_PICTURES.every((codec) =>
    container.check([{ kind: "video", codec, codedWidth: 320, codedHeight: 240 }]).length > 0
  );
}

/**
 * Takes the streams that fit, in their order.
 *
 * @throws {MuxError} `unsupported` when none does: says why, and which containers would take one.
 */
export async function select(container: Container, streams: readonly StreamConfig[]): Promise<Selection> {
  const kept: StreamConfig[] = [];
  const leftOut: string[] = [];
  const missing: string[] = [];
  const takesSoundAlone = isForSound(container);
  for (const stream of streams) {
    const problem = container.check([...kept, stream])[0];
    if (problem === undefined) kept.push(stream);
    else {
      const line = `stream ${stream.streamNumber} (${describeStream(stream)}): ${problem.holds ?? problem.reason}`;
      leftOut.push(line);
      if (stream.kind === "audio" || !takesSoundAlone) missing.push(line);
    }
  }
  if (kept.length > 0) return { streams: kept, leftOut, missing };
  const facts = [...leftOut, ...await advice(streams)];
  throw new MuxError("unsupported", `${container.extensions[0]} can hold nothing of it: ${facts.join("; ")}`);
}

/** What had no place in the container, one line for each reason, with the containers that have one for it. */
export async function lossLines(losses: readonly Problem[], streams: readonly StreamConfig[]): Promise<string[]> {
  const fieldsOf = new Map<string, string[]>();
  const lines: string[] = [];
  for (const loss of losses) {
    if (loss.stream === undefined) {
      fieldsOf.set(loss.reason, [...fieldsOf.get(loss.reason) ?? [], loss.field ?? "metadata"]);
    } else lines.push(`stream ${loss.stream}: ${loss.reason}${await elsewhere(loss, streams)}`);
  }
  return [...lines, ...Array.from(fieldsOf, ([reason, fields]) => `${fields.join(", ")}: ${reason}`)];
}

async function elsewhere({ field, stream }: Problem, streams: readonly StreamConfig[]): Promise<string> {
  if (field === undefined) return ""; // samples are missing wherever they go
  const one = streams.filter(({ streamNumber }) => streamNumber === stream);
  const { containersFor } = await loadAll();
  const others = containersFor(one).filter(({ losses }) => !losses?.(one, {}).some((loss) => loss.field === field));
  return others.length === 0 ? "" : `; ${others.map(({ extensions }) => extensions[0]).join(", ")} can`;
}

/** Which containers would take it, as the extensions to write it with. */
async function advice(streams: readonly StreamConfig[]): Promise<string[]> {
  const { containersFor } = await loadAll();
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
