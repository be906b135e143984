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

/** Windows' name and the kind of each. */
export const STANDARD_ATTRIBUTES: Readonly<Record<keyof StandardAttributes, readonly [string, AttributeKind]>> = {
  rating: ["Rating", "text"],
  subtitle: ["WM/SubTitle", "text"],
  subtitleDescription: ["WM/SubTitleDescription", "text"],
  setSubtitle: ["WM/SetSubTitle", "text"],
  contentGroup: ["WM/ContentGroupDescription", "text"],
  partOfSet: ["WM/PartOfSet", "text"],
  composer: ["WM/Composer", "texts"],
  conductor: ["WM/Conductor", "texts"],
  writer: ["WM/Writer", "texts"],
  producer: ["WM/Producer", "texts"],
  director: ["WM/Director", "texts"],
  publisher: ["WM/Publisher", "text"],
  isrc: ["WM/ISRC", "text"],
  mood: ["WM/Mood", "texts"],
  category: ["WM/Category", "texts"],
  period: ["WM/Period", "text"],
  initialKey: ["WM/InitialKey", "text"],
  beatsPerMinute: ["WM/BeatsPerMinute", "text"],
  lyrics: ["WM/Lyrics", "text"],
  contentLanguage: ["WM/Language", "texts"],
  titleSort: ["WM/TitleSortOrder", "text"],
  albumSort: ["WM/AlbumSortOrder", "text"],
  authorSort: ["WM/ArtistSortOrder", "text"],
  encodedBy: ["WM/EncodedBy", "text"],
  encodingSettings: ["WM/EncodingSettings", "text"],
  encodingTime: ["WM/EncodingTime", "time"],
  toolName: ["WM/ToolName", "text"],
  toolVersion: ["WM/ToolVersion", "text"],
  userRating: ["WM/SharedUserRating", "number"],
  uniqueFileIdentifier: ["WM/UniqueFileIdentifier", "text"],
  originalAlbumTitle: ["WM/OriginalAlbumTitle", "text"],
  originalArtist: ["WM/OriginalArtist", "text"],
  originalLyricist: ["WM/OriginalLyricist", "text"],
  originalFilename: ["WM/OriginalFilename", "text"],
  originalYear: ["WM/OriginalReleaseYear", "text"],
  authorUrl: ["WM/AuthorURL", "text"],
  promotionUrl: ["WM/PromotionURL", "texts"],
  copyrightUrl: ["CopyrightURL", "text"],
  audioFileUrl: ["WM/AudioFileURL", "text"],
  audioSourceUrl: ["WM/AudioSourceURL", "text"],
  parentalRating: ["WM/ParentalRating", "text"],
  parentalRatingReason: ["WM/ParentalRatingReason", "text"],
  provider: ["WM/Provider", "text"],
  providerStyle: ["WM/ProviderStyle", "text"],
  providerRating: ["WM/ProviderRating", "text"],
  providerCopyright: ["WM/ProviderCopyright", "text"],
  contentDistributor: ["WM/ContentDistributor", "text"],
  modifiedBy: ["WM/ModifiedBy", "text"],
  radioStationName: ["WM/RadioStationName", "text"],
  radioStationOwner: ["WM/RadioStationOwner", "text"],
  stationName: ["WM/MediaStationName", "text"],
  stationCallSign: ["WM/MediaStationCallSign", "text"],
  networkAffiliation: ["WM/MediaNetworkAffiliation", "text"],
  originalChannel: ["WM/MediaOriginalChannel", "text"],
  originalBroadcastTime: ["WM/MediaOriginalBroadcastDateTime", "text"],
  credits: ["WM/MediaCredits", "text"],
  isLive: ["WM/MediaIsLive", "flag"],
  isRepeat: ["WM/MediaIsRepeat", "flag"],
  isStereo: ["WM/MediaIsStereo", "flag"],
  isSubtitled: ["WM/MediaIsSubtitled", "flag"],
  isPremiere: ["WM/MediaIsPremiere", "flag"],
  isFinale: ["WM/MediaIsFinale", "flag"],
  closedCaptioning: ["WM/VideoClosedCaptioning", "flag"],
};

/**
 * The fields that are given, under Windows' names, in the table's order; several values of a name one by one.
 *
 * @throws {TypeError} If a field is not of its type.
 * @throws {RangeError} If a field is outside its range.
 */
export function standardAttributes(given: StandardAttributes): [name: string, value: AttributeValue][] {
  const found: [string, AttributeValue][] = [];
  for (const [field, [name, kind]] of Object.entries(STANDARD_ATTRIBUTES)) {
    const value: unknown = given[field as keyof StandardAttributes];
    if (value === undefined || value === null) continue; // whose compiler did not tell
    const values = kind === "texts" && Array.isArray(value) ? value : [value];
    for (const one of values) if (one !== "") found.push([name, typed(field, kind, one)]);
  }
  return found;
}

function typed(field: string, kind: AttributeKind, value: unknown): AttributeValue {
  if (kind === "text" || kind === "texts") {
    if (typeof value === "string") return value;
    throw cannot(TypeError, "write metadata", `${field} must be a string, got ${typeof value}`);
  }
  if (kind === "flag") {
    if (typeof value === "boolean") return value;
    throw cannot(TypeError, "write metadata", `${field} must be a boolean, got ${typeof value}`);
  }
  if (kind === "number") {
    if (typeof value !== "number") {
      throw cannot(TypeError, "write metadata", `${field} must be a number, got ${typeof value}`);
    }
    const most = field === "userRating" ? 99 : MAX_DWORD;
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw cannot(RangeError, "write metadata", `${field} must be whole and within 0–${most}, got ${value}`);
  }
  if (!(value instanceof Date)) throw cannot(TypeError, "write metadata", `${field} must be a Date`);
  const ticks = Number.isNaN(value.getTime()) ? -1n : toFileTime(value.getTime());
  if (ticks >= 0n) return ticks;
  throw cannot(RangeError, "write metadata", `${field} must be a valid date from 1601 on`);
}
