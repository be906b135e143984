/**
 * Attributes that Windows has names for, by names of ours and with their types.
 *
 * @module
 */

import { cannot } from "../errors.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import { toFileTime } from "../bytes/file_time.ts";
import type { AttributeValue } from "./attribute_value.ts";

/** What players and libraries know beside title and friends; every field is optional, an empty text is none. */
export interface StandardAttributes {
  /** For whom it is, such as `"G"`; stands in Content Description. */
  rating?: string;
  /** Subtitle. */
  subtitle?: string;
  /** What the subtitle is about. */
  subtitleDescription?: string;
  /** Subtitle of the set that it is part of. */
  setSubtitle?: string;
  /** Work or series that it belongs to. */
  contentGroup?: string;
  /** Number of the disc, such as `"1/2"`. */
  partOfSet?: string;
  /** Composer, or several. */
  composer?: string | readonly string[];
  /** Conductor, or several. */
  conductor?: string | readonly string[];
  /** Author of the text, or several. */
  writer?: string | readonly string[];
  /** Producer, or several. */
  producer?: string | readonly string[];
  /** Director, or several. */
  director?: string | readonly string[];
  /** Publisher. */
  publisher?: string;
  /** International Standard Recording Code. */
  isrc?: string;
  /** Mood, or several. */
  mood?: string | readonly string[];
  /** Category, or several. */
  category?: string | readonly string[];
  /** Period of music, such as `"Baroque"`. */
  period?: string;
  /** Musical key, such as `"Am"`. */
  initialKey?: string;
  /** Tempo, as text. */
  beatsPerMinute?: string;
  /** Words of a song. */
  lyrics?: string;
  /** Language of the content, or several. That of a stream is `language` of its configuration. */
  contentLanguage?: string | readonly string[];
  /** Title as it is sorted. */
  titleSort?: string;
  /** Album as it is sorted. */
  albumSort?: string;
  /** Author as he or she is sorted. */
  authorSort?: string;
  /** Who encoded it. */
  encodedBy?: string;
  /** How it was encoded. */
  encodingSettings?: string;
  /** When it was encoded; from 1601 on. */
  encodingTime?: Date;
  /** With what it was made. */
  toolName?: string;
  /** Version of that. */
  toolVersion?: string;
  /** Stars: 1, 25, 50, 75 or 99 for one to five; whole, 0–99. */
  userRating?: number;
  /** An identifier in somebody's database. */
  uniqueFileIdentifier?: string;
  /** Album of the original. */
  originalAlbumTitle?: string;
  /** Artist of the original. */
  originalArtist?: string;
  /** Author of the original's text. */
  originalLyricist?: string;
  /** Name of the original file. */
  originalFilename?: string;
  /** Year of the original, as text. */
  originalYear?: string;
  /** Address of the author's page. */
  authorUrl?: string;
  /** Address of a page about it, or several. */
  promotionUrl?: string | readonly string[];
  /** Address of the copyright notice. */
  copyrightUrl?: string;
  /** Address of the file's page. */
  audioFileUrl?: string;
  /** Address of the page of what it was taken from. */
  audioSourceUrl?: string;
  /** Age rating. */
  parentalRating?: string;
  /** Why it is rated so. */
  parentalRatingReason?: string;
  /** Who provides it. */
  provider?: string;
  /** Genre in the provider's words. */
  providerStyle?: string;
  /** Rating by the provider. */
  providerRating?: string;
  /** Copyright notice of the provider. */
  providerCopyright?: string;
  /** Who distributes it. */
  contentDistributor?: string;
  /** Who remixed or changed it. */
  modifiedBy?: string;
  /** Radio station. */
  radioStationName?: string;
  /** Owner of the radio station. */
  radioStationOwner?: string;
  /** Television station. */
  stationName?: string;
  /** Call sign of the television station. */
  stationCallSign?: string;
  /** Network of the television station. */
  networkAffiliation?: string;
  /** Channel of the broadcast. */
  originalChannel?: string;
  /** Date of the first broadcast, as text. */
  originalBroadcastTime?: string;
  /** Who took part in the broadcast. */
  credits?: string;
  /** Whether the broadcast was live. */
  isLive?: boolean;
  /** Whether it was a repeat. */
  isRepeat?: boolean;
  /** Whether it was in stereo. */
  isStereo?: boolean;
  /** Whether it was subtitled. */
  isSubtitled?: boolean;
  /** Whether it was the first of a series. */
  isPremiere?: boolean;
  /** Whether it was the last of a series. */
  isFinale?: boolean;
  /** Whether the pictures have closed captions. */
  closedCaptioning?: boolean;
}

/** How an attribute is given: one text, or several too; a DWORD, a BOOL, a FILETIME. */
type AttributeKind = "text" | "texts" | "number" | "flag" | "time";

/** The kind of each. */
export const STANDARD_KINDS: Readonly<Record<keyof StandardAttributes, AttributeKind>> = {
  rating: "text",
  subtitle: "text",
  subtitleDescription: "text",
  setSubtitle: "text",
  contentGroup: "text",
  partOfSet: "text",
  composer: "texts",
  conductor: "texts",
  writer: "texts",
  producer: "texts",
  director: "texts",
  publisher: "text",
  isrc: "text",
  mood: "texts",
  category: "texts",
  period: "text",
  initialKey: "text",
  beatsPerMinute: "text",
  lyrics: "text",
  contentLanguage: "texts",
  titleSort: "text",
  albumSort: "text",
  authorSort: "text",
  encodedBy: "text",
  encodingSettings: "text",
  encodingTime: "time",
  toolName: "text",
  toolVersion: "text",
  userRating: "number",
  uniqueFileIdentifier: "text",
  originalAlbumTitle: "text",
  originalArtist: "text",
  originalLyricist: "text",
  originalFilename: "text",
  originalYear: "text",
  authorUrl: "text",
  promotionUrl: "texts",
  copyrightUrl: "text",
  audioFileUrl: "text",
  audioSourceUrl: "text",
  parentalRating: "text",
  parentalRatingReason: "text",
  provider: "text",
  providerStyle: "text",
  providerRating: "text",
  providerCopyright: "text",
  contentDistributor: "text",
  modifiedBy: "text",
  radioStationName: "text",
  radioStationOwner: "text",
  stationName: "text",
  stationCallSign: "text",
  networkAffiliation: "text",
  originalChannel: "text",
  originalBroadcastTime: "text",
  credits: "text",
  isLive: "flag",
  isRepeat: "flag",
  isStereo: "flag",
  isSubtitled: "flag",
  isPremiere: "flag",
  isFinale: "flag",
  closedCaptioning: "flag",
};

/** Windows' names, where they are not `WM/` and ours with a capital. */
const OTHER_NAMES: Readonly<Partial<Record<string, string>>> = {
  rating: "Rating",
  subtitle: "WM/SubTitle",
  subtitleDescription: "WM/SubTitleDescription",
  setSubtitle: "WM/SetSubTitle",
  contentGroup: "WM/ContentGroupDescription",
  isrc: "WM/ISRC",
  contentLanguage: "WM/Language",
  titleSort: "WM/TitleSortOrder",
  albumSort: "WM/AlbumSortOrder",
  authorSort: "WM/ArtistSortOrder",
  userRating: "WM/SharedUserRating",
  originalYear: "WM/OriginalReleaseYear",
  authorUrl: "WM/AuthorURL",
  promotionUrl: "WM/PromotionURL",
  copyrightUrl: "CopyrightURL",
  audioFileUrl: "WM/AudioFileURL",
  audioSourceUrl: "WM/AudioSourceURL",
  stationName: "WM/MediaStationName",
  stationCallSign: "WM/MediaStationCallSign",
  networkAffiliation: "WM/MediaNetworkAffiliation",
  originalChannel: "WM/MediaOriginalChannel",
  originalBroadcastTime: "WM/MediaOriginalBroadcastDateTime",
  credits: "WM/MediaCredits",
  isLive: "WM/MediaIsLive",
  isRepeat: "WM/MediaIsRepeat",
  isStereo: "WM/MediaIsStereo",
  isSubtitled: "WM/MediaIsSubtitled",
  isPremiere: "WM/MediaIsPremiere",
  isFinale: "WM/MediaIsFinale",
  closedCaptioning: "WM/VideoClosedCaptioning",
};

/** Windows' name of a field. */
export function standardName(field: string): string {
  return OTHER_NAMES[field] ?? `WM/${field[0]!.toUpperCase()}${field.slice(1)}`;
}

/**
 * The fields that are given, under Windows' names, in the table's order; several values of a name one by one.
 *
 * @throws {TypeError} If a field is not of its type.
 * @throws {RangeError} If a field is outside its range.
 */
export function standardAttributes(given: StandardAttributes): [name: string, value: AttributeValue][] {
  return Object.keys(STANDARD_KINDS).flatMap((key) => {
    const field = key as keyof StandardAttributes;
    return standardValues(field, given[field]).map((value): [string, AttributeValue] => [standardName(field), value]);
  });
}

/** What is said by a field as it is given: none, one value or several. @throws {TypeError} @throws {RangeError} */
export function standardValues(field: keyof StandardAttributes, given: unknown): AttributeValue[] {
  if (given === undefined || given === null) return []; // whose compiler did not tell
  const kind = STANDARD_KINDS[field];
  const values: readonly unknown[] = kind === "texts" && Array.isArray(given) ? given : [given];
  return values.filter((one) => one !== "").map((one) => typed(field, kind, one));
}

/** What `typeof` says of a value; a time is a `Date`. */
const TYPES = { text: "string", texts: "string", number: "number", flag: "boolean" };

function typed(field: string, kind: AttributeKind, value: unknown): AttributeValue {
  const wrong = (Type: typeof TypeError | typeof RangeError, fact: string) =>
    cannot(Type, "write metadata", `${field} must be ${fact}`);
  if (kind === "time") {
    if (!(value instanceof Date)) throw wrong(TypeError, "a Date");
    const ticks = Number.isNaN(value.getTime()) ? -1n : toFileTime(value.getTime());
    if (ticks >= 0n) return ticks;
    throw wrong(RangeError, "a valid date from 1601 on");
  }
  const type = TYPES[kind];
  const got = typeof value;
  if (got !== type) throw wrong(TypeError, `a ${type}, got ${got}`);
  if (kind !== "number") return value as string | boolean;
  const most = field === "userRating" ? 99 : MAX_DWORD;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
  throw wrong(RangeError, `whole and within 0–${most}, got ${value}`);
}
