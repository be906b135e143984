/**
 * What an ASF header says beside streams and metadata, as options of the container.
 *
 * @module
 */

import type { AsfOptions } from "../asf/options.ts";
import { GUID } from "../inspect/asf/guid.ts";
import type { AsfHeader } from "../inspect/asf/header.ts";
import type { IndexParameters } from "../inspect/asf/objects/indexes.ts";
import type { ContentBranding } from "../inspect/asf/objects/metadata.ts";
import type {
  BandwidthSharing,
  GroupMutualExclusion,
  MutualExclusion,
  StreamPrioritization,
} from "../inspect/asf/objects/relations.ts";
import { flatten } from "../inspect/asf/objects/walk.ts";
import type { StreamConfig } from "../media/stream_config.ts";

type Exclusion = NonNullable<AsfOptions["mutualExclusions"]>[number];
type Branding = NonNullable<AsfOptions["branding"]>;

const BY: Readonly<Record<string, Exclusion["by"]>> = {
  "D6E22A00-35DA-11D1-9034-00A0C90349BE": "language",
  "D6E22A01-35DA-11D1-9034-00A0C90349BE": "bitrate",
};
const SHARING: Readonly<Record<string, "exclusive" | "partial">> = {
  "AF6060AA-5197-11D2-B6AF-00C04FD908E9": "exclusive",
  "AF6060AB-5197-11D2-B6AF-00C04FD908E9": "partial",
};
const POINTS = { 1: "packet", 2: "sample", 3: "key" } as const;
const BANNERS: Readonly<Record<number, NonNullable<Branding["banner"]>["mimeType"]>> = {
  1: "image/bmp",
  2: "image/jpeg",
  3: "image/gif",
};

/** Options for a copy with these streams; nothing where the header says nothing. */
export function asfOptions(header: AsfHeader, streams: readonly StreamConfig[]): AsfOptions {
  const objects = flatten(header.object);
  const all = <T>(guid: string) => objects.filter((one) => one.guid === guid).map(({ fields }) => fields as T);
  const configs = new Map(streams.map((stream) => [stream.streamNumber!, stream]));
  const exclusions = [
    ...all<MutualExclusion>(GUID.bitrateMutualExclusion),
    ...all<MutualExclusion>(GUID.advancedMutualExclusion),
  ].map(({ exclusionType, streamNumbers }) => exclusionOf(exclusionType, streamNumbers, configs));
  const groups = all<GroupMutualExclusion>(GUID.groupMutualExclusion).map((one) => groupsOf(one, configs));
  return filled({
    mutualExclusions: [...exclusions, ...groups].filter((one) => one !== undefined),
    priorities: prioritiesOf(all(GUID.streamPrioritization), configs),
    bandwidthSharing: all<BandwidthSharing>(GUID.bandwidthSharing).flatMap((one) => {
      const kind = SHARING[one.sharingType];
      const numbers = carried(one.streamNumbers, configs);
      if (kind === undefined || numbers.length < 2) return [];
      return [{ kind, streams: numbers, bitrate: one.bitsPerSecond, bufferMs: one.bufferSize }];
    }),
    branding: brandingOf(all<ContentBranding>(GUID.contentBranding)[0]),
    ...indexesOf(all, streams),
  });
}

function carried(numbers: readonly number[], configs: ReadonlyMap<number, unknown>): number[] {
  return [...new Set(numbers)].filter((number) => configs.has(number));
}

function exclusionOf(
  type: string,
  numbers: readonly number[],
  configs: ReadonlyMap<number, StreamConfig>,
): Exclusion | undefined {
  const streams = carried(numbers, configs);
  if (streams.length < 2) return undefined;
  const by = BY[type] ?? "other";
  if (by !== "bitrate") return { by, streams };
  // Pictures of different sizes differ in more than the rate: many files say so all the same ([ASF] 3.8).
  const looks = streams.map((number) => {
    const config = configs.get(number)!;
    return config.kind === "video" ? `${config.codedWidth}×${config.codedHeight}` : config.kind;
  });
  return { by: new Set(looks).size === 1 ? by : "other", streams };
}

function groupsOf(
  { exclusionType, groups }: GroupMutualExclusion,
  configs: ReadonlyMap<number, StreamConfig>,
): Exclusion | undefined {
  const seen = new Map(configs);
  const left = groups.map((group) => {
    const numbers = carried(group, seen);
    for (const number of numbers) seen.delete(number); // each in one of them
    return numbers;
  }).filter((group) => group.length > 0);
  return left.length < 2 ? undefined : { by: BY[exclusionType] ?? "other", groups: left };
}

/** Those that are mandatory come first, whatever the header says. */
function prioritiesOf(
  lists: readonly StreamPrioritization[],
  configs: ReadonlyMap<number, StreamConfig>,
): NonNullable<AsfOptions["priorities"]> {
  const stored = lists[0]?.priorities ?? [];
  const all = carried(stored.map(({ streamNumber }) => streamNumber), configs).map((streamNumber) => ({
    streamNumber,
    mandatory: stored.find((one) => one.streamNumber === streamNumber)!.isMandatory,
  }));
  return [...all.filter(({ mandatory }) => mandatory), ...all.filter(({ mandatory }) => !mandatory)];
}

function brandingOf(stored: ContentBranding | undefined): Branding | undefined {
  if (stored === undefined) return undefined;
  const mimeType = BANNERS[stored.bannerType];
  const banner = mimeType && stored.banner.byteLength > 0 ? { data: stored.banner.slice(), mimeType } : undefined;
  const branding = filled({ banner, bannerUrl: ascii(stored.bannerUrl), copyrightUrl: ascii(stored.copyrightUrl) });
  return Object.keys(branding).length > 0 ? branding : undefined;
}

/** An address beyond ASCII is none. */
function ascii(url: string): string | undefined {
  // deno-lint-ignore no-control-regex -- ASCII is what is meant
  return /^[\x01-\x7f]+$/.test(url) ? url : undefined;
}

/** The same indexes as the source has beside its Simple Indexes, as its header announces them. */
function indexesOf(
  all: <T>(guid: string) => T[],
  streams: readonly StreamConfig[],
): Pick<AsfOptions, "timeIndexMs" | "sampleIndexInterval" | "timecodeIndex" | "indexPoints"> {
  const [time] = all<IndexParameters>(GUID.indexParameters);
  const [sample] = all<IndexParameters>(GUID.mediaObjectIndexParameters);
  const [timecode] = all<IndexParameters>(GUID.timecodeIndexParameters);
  const hasTimecode = streams.some(({ payloadExtensions }) => payloadExtensions?.includes("timecode"));
  const types = [time, sample, timecode].flatMap((one) => one?.specifiers ?? []).map(({ type }) => type);
  const points = [...new Set(types)].flatMap((type) => POINTS[type as keyof typeof POINTS] ?? []);
  return {
    timeIndexMs: time?.interval || undefined,
    sampleIndexInterval: sample?.interval || undefined,
    timecodeIndex: timecode !== undefined && hasTimecode && points.join() !== "packet" || undefined,
    indexPoints: points,
  };
}

/** Without what is not there: absent, or an empty list. */
function filled<T extends object>(options: T): T {
  const isThere = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isThere(value))) as T;
}
