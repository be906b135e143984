/**
 * How streams stand to each other, and whose file it is: options that become objects of the header as they are.
 *
 * @module
 */

import { MAX_DWORD } from "../bytes/limits.ts";
import * as GUID from "./guids.ts";
import { encodeObject } from "./object.ts";
import { bandwidthSharing } from "./objects/bandwidth_sharing.ts";
import { BANNER_TYPE, contentBranding } from "./objects/content_branding.ts";
import { groupMutualExclusion } from "./objects/group_mutual_exclusion.ts";
import { advancedMutualExclusion, bitrateMutualExclusion } from "./objects/mutual_exclusion.ts";
import { streamPrioritization } from "./objects/stream_prioritization.ts";

/** Streams of which a player takes one ([ASF] 3.8, 4.2, 4.3). Either `streams` or `groups`. */
export interface MutualExclusion {
  /** What they differ in. Streams of different rates are of one kind and, if video, of one picture size. */
  by: "language" | "bitrate" | "other";
  /** Stream numbers, at least two: one of them at a time. */
  streams?: readonly number[];
  /** Groups of stream numbers, at least two: one group at a time. */
  groups?: readonly (readonly number[])[];
}

/** A stream's importance ([ASF] 4.4). */
export interface StreamPriority {
  /** 1–127. */
  streamNumber: number;
  /** A player must not leave it out. Default false. */
  mandatory?: boolean;
}

/** Streams that together need less than the sum of their rates ([ASF] 4.5). Nobody checks it. */
export interface BandwidthSharing {
  /** One of them at a time, or any number. */
  kind: "exclusive" | "partial";
  /** Stream numbers, at least two. */
  streams: readonly number[];
  /** All of them together, bit/s. */
  bitrate: number;
  /** Buffer for all of them together, whole milliseconds. */
  bufferMs: number;
}

/** Whose file it is ([ASF] 3.13). */
export interface ContentBranding {
  /** A picture: BMP, JPEG or GIF. */
  banner?: { data: Uint8Array; mimeType: "image/bmp" | "image/jpeg" | "image/gif" };
  /** Where the banner leads, in ASCII. */
  bannerUrl?: string;
  /** Where the copyright is explained, in ASCII. */
  copyrightUrl?: string;
}

/** The part of the container's options that is about this. */
export interface RelationOptions {
  /** Streams of which a player takes one. */
  mutualExclusions?: readonly MutualExclusion[];
  /** The streams, the most important first; after the first that is not mandatory none is. */
  priorities?: readonly StreamPriority[];
  /** Streams that share a bandwidth. */
  bandwidthSharing?: readonly BandwidthSharing[];
  /** Banner and addresses. */
  branding?: ContentBranding;
}

const EXCLUSION_TYPE = { language: GUID.byLanguage, bitrate: GUID.byBitrate, other: GUID.byOther } as const;

/** What of this is wrong in itself. @throws {RangeError} */
export function checkRelations(options: RelationOptions): void {
  for (const { by, streams, groups } of options.mutualExclusions ?? []) {
    if (!Object.hasOwn(EXCLUSION_TYPE, by)) throw refused(`mutual exclusion by ${by}`);
    if ((streams === undefined) === (groups === undefined)) throw refused("a mutual exclusion has streams or groups");
    checkDistinct("mutual exclusion", streams ?? groups!.flat());
    if ((streams ?? groups!).length < 2) throw refused("a mutual exclusion has at least two members");
  }
  const priorities = options.priorities ?? [];
  checkDistinct("priorities", priorities.map(({ streamNumber }) => streamNumber));
  priorities.forEach(({ mandatory }, i) => {
    if (mandatory && i > 0 && !priorities[i - 1]!.mandatory) {
      throw refused("a mandatory stream comes before all that are not");
    }
  });
  for (const { kind, streams, bitrate, bufferMs } of options.bandwidthSharing ?? []) {
    if (kind !== "exclusive" && kind !== "partial") throw refused(`bandwidth sharing of kind ${kind}`);
    checkDistinct("bandwidth sharing", streams);
    if (streams.length < 2) throw refused("a shared bandwidth has at least two streams");
    for (const [name, value] of [["bitrate", bitrate], ["bufferMs", bufferMs]] as const) {
      if (!(Number.isInteger(value) && value >= 0 && value <= MAX_DWORD)) {
        throw refused(`${name} of a shared bandwidth must be whole and within 0–${MAX_DWORD}, got ${value}`);
      }
    }
  }
  const { banner, bannerUrl = "", copyrightUrl = "" } = options.branding ?? {};
  for (const url of [bannerUrl, copyrightUrl]) {
    // deno-lint-ignore no-control-regex -- ASCII is what is meant
    if (!/^[\x01-\x7f]*$/.test(url)) throw refused(`addresses of the branding must be ASCII, got ${url}`);
  }
  if (banner && !Object.hasOwn(BANNER_TYPE, banner.mimeType)) throw refused(`banner of type ${banner.mimeType}`);
}

/** Stream numbers that are named and not there. */
export function strangers(options: RelationOptions, numbers: ReadonlySet<number>): number[] {
  const named = [
    ...(options.mutualExclusions ?? []).flatMap(({ streams, groups }) => streams ?? groups!.flat()),
    ...(options.priorities ?? []).map(({ streamNumber }) => streamNumber),
    ...(options.bandwidthSharing ?? []).flatMap(({ streams }) => streams),
  ];
  return [...new Set(named)].filter((number) => !numbers.has(number));
}

/** The objects of the Header Extension. Streams that are not there after all are left out. */
export function relationExtensions(options: RelationOptions, present: ReadonlySet<number>): Uint8Array[] {
  const { mutualExclusions = [], priorities = [], bandwidthSharing: shared = [] } = options;
  const isHere = (number: number) => present.has(number);
  return [
    ...mutualExclusions.flatMap(({ by, streams, groups }) => {
      const type = EXCLUSION_TYPE[by];
      const streamNumbers = streams?.filter(isHere) ?? [];
      if (by !== "bitrate" && streamNumbers.length > 1) {
        return [encodeObject(advancedMutualExclusion, { type, streamNumbers })];
      }
      const left = (groups ?? []).map((group) => group.filter(isHere)).filter((group) => group.length > 0);
      return left.length > 1 ? [encodeObject(groupMutualExclusion, { type, groups: left })] : [];
    }),
    ...listed(priorities.filter(({ streamNumber }) => isHere(streamNumber)))
      .map((entries) => encodeObject(streamPrioritization, entries)),
    ...shared.flatMap(({ kind, streams, bitrate, bufferMs }) => {
      const type = kind === "exclusive" ? GUID.sharingExclusive : GUID.sharingPartial;
      const streamNumbers = streams.filter(isHere);
      if (streamNumbers.length < 2) return [];
      return [encodeObject(bandwidthSharing, { type, bitsPerSecond: bitrate, bufferMs, streamNumbers })];
    }),
  ];
}

/** The objects of the Header itself that stand behind the streams. */
export function relationObjects(options: RelationOptions, present: ReadonlySet<number>): Uint8Array[] {
  return (options.mutualExclusions ?? []).flatMap(({ by, streams = [] }) => {
    const streamNumbers = streams.filter((number) => present.has(number));
    if (by !== "bitrate" || streamNumbers.length < 2) return [];
    return [encodeObject(bitrateMutualExclusion, { type: GUID.byBitrate, streamNumbers })];
  });
}

/** Content Branding, if there is any. */
export function brandingObjects({ branding }: RelationOptions): Uint8Array[] {
  if (branding === undefined) return [];
  const { banner, bannerUrl = "", copyrightUrl = "" } = branding;
  const bannerType = BANNER_TYPE[banner?.mimeType ?? "none"];
  return [
    encodeObject(contentBranding, { bannerType, banner: banner?.data ?? new Uint8Array(), bannerUrl, copyrightUrl }),
  ];
}

/** A list of the list, unless it is empty. */
function listed<T>(list: readonly T[]): (readonly T[])[] {
  return list.length > 0 ? [list] : [];
}

function checkDistinct(what: string, numbers: readonly number[]): void {
  if (new Set(numbers).size < numbers.length) throw refused(`${what} names a stream twice`);
}

function refused(fact: string): RangeError {
  return new RangeError(`Cannot create ASF container: ${fact}`);
}
