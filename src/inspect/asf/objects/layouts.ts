/**
 * Which object is laid out how: the one table behind header, indexes and tree.
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";
import { GUID } from "../guid.ts";
import { readExtendedStreamProperties, readLanguageList } from "./extended_stream.ts";
import { readFileProperties } from "./file_properties.ts";
import { readBlockIndex, readIndexParameters, readSimpleIndex, readTimecodeIndex } from "./indexes.ts";
import {
  readContentBranding,
  readContentDescription,
  readExtendedContentDescription,
  readMetadata,
} from "./metadata.ts";
import {
  readAdvancedContentEncryption,
  readContentEncryption,
  readDigitalSignature,
  readErrorCorrection,
  readExtendedContentEncryption,
} from "./protection.ts";
import {
  readBandwidthSharing,
  readGroupMutualExclusion,
  readMutualExclusion,
  readStreamBitrates,
  readStreamPrioritization,
} from "./relations.ts";
import { readCodecList, readMarkers, readScriptCommands } from "./script.ts";
import { readStreamProperties } from "./stream_properties.ts";

/** How one kind of object is read. */
export interface ObjectLayout {
  /** What it is called. */
  readonly name: string;
  /** Reads the body, up to the objects inside where there are some. */
  read(cursor: Cursor): object;
  /** Whether other objects fill the rest of the body. */
  readonly holdsObjects?: boolean;
}

/** Body of an object that is not looked into. */
export interface OpaqueBody {
  /** The body: a view. */
  readonly data: Uint8Array;
}

const GUID_BYTES = 16;

/** An object nobody knows. */
export const UNKNOWN_LAYOUT: ObjectLayout = { name: "Unknown Object", read: readOpaque };

/** The objects that are known. */
export const OBJECT_LAYOUTS: Readonly<Record<string, ObjectLayout>> = {
  [GUID.header]: { name: "Header Object", read: readHeaderBody, holdsObjects: true },
  [GUID.fileProperties]: { name: "File Properties Object", read: readFileProperties },
  [GUID.streamProperties]: { name: "Stream Properties Object", read: readStreamProperties },
  [GUID.headerExtension]: { name: "Header Extension Object", read: readHeaderExtension, holdsObjects: true },
  [GUID.codecList]: { name: "Codec List Object", read: readCodecList },
  [GUID.scriptCommand]: { name: "Script Command Object", read: readScriptCommands },
  [GUID.marker]: { name: "Marker Object", read: readMarkers },
  [GUID.bitrateMutualExclusion]: { name: "Bitrate Mutual Exclusion Object", read: readMutualExclusion },
  [GUID.errorCorrection]: { name: "Error Correction Object", read: readErrorCorrection },
  [GUID.contentDescription]: { name: "Content Description Object", read: readContentDescription },
  [GUID.extendedContentDescription]: {
    name: "Extended Content Description Object",
    read: readExtendedContentDescription,
  },
  [GUID.contentBranding]: { name: "Content Branding Object", read: readContentBranding },
  [GUID.streamBitrates]: { name: "Stream Bitrate Properties Object", read: readStreamBitrates },
  [GUID.contentEncryption]: { name: "Content Encryption Object", read: readContentEncryption },
  [GUID.extendedContentEncryption]: { name: "Extended Content Encryption Object", read: readExtendedContentEncryption },
  [GUID.digitalSignature]: { name: "Digital Signature Object", read: readDigitalSignature },
  [GUID.padding]: { name: "Padding Object", read: readPadding },
  [GUID.extendedStreamProperties]: {
    name: "Extended Stream Properties Object",
    read: readExtendedStreamProperties,
    holdsObjects: true,
  },
  [GUID.advancedMutualExclusion]: { name: "Advanced Mutual Exclusion Object", read: readMutualExclusion },
  [GUID.groupMutualExclusion]: { name: "Group Mutual Exclusion Object", read: readGroupMutualExclusion },
  [GUID.streamPrioritization]: { name: "Stream Prioritization Object", read: readStreamPrioritization },
  [GUID.bandwidthSharing]: { name: "Bandwidth Sharing Object", read: readBandwidthSharing },
  [GUID.languageList]: { name: "Language List Object", read: readLanguageList },
  [GUID.metadata]: { name: "Metadata Object", read: readMetadata },
  [GUID.metadataLibrary]: { name: "Metadata Library Object", read: readMetadata },
  [GUID.indexParameters]: { name: "Index Parameters Object", read: readIndexParameters },
  [GUID.mediaObjectIndexParameters]: { name: "Media Object Index Parameters Object", read: readIndexParameters },
  [GUID.timecodeIndexParameters]: { name: "Timecode Index Parameters Object", read: readIndexParameters },
  [GUID.compatibility]: { name: "Compatibility Object", read: readCompatibility },
  [GUID.advancedContentEncryption]: { name: "Advanced Content Encryption Object", read: readAdvancedContentEncryption },
  [GUID.indexPlaceholder]: { name: "Index Placeholder Object", read: readNothing },
  [GUID.data]: { name: "Data Object", read: readOpaque },
  [GUID.simpleIndex]: { name: "Simple Index Object", read: readSimpleIndex },
  [GUID.index]: { name: "Index Object", read: readBlockIndex },
  [GUID.mediaObjectIndex]: { name: "Media Object Index Object", read: readBlockIndex },
  [GUID.timecodeIndex]: { name: "Timecode Index Object", read: readTimecodeIndex },
};

/** Header Object ([ASF] 3.1), the fixed part. */
export interface HeaderBody {
  /** Number of objects it says it holds. */
  readonly objectCount: number;
  /** Must be 1. */
  readonly reserved1: number;
  /** Must be 2. */
  readonly reserved2: number;
}

function readHeaderBody(c: Cursor): HeaderBody {
  return { objectCount: c.u32(), reserved1: c.u8(), reserved2: c.u8() };
}

/** Header Extension Object ([ASF] 3.4), the fixed part. */
function readHeaderExtension(c: Cursor): { reserved1: string; reserved2: number; dataBytes: number } {
  return { reserved1: c.guid(), reserved2: c.u16(), dataBytes: c.u32() };
}

/** Compatibility Object ([ASF] 4.12). */
function readCompatibility(c: Cursor): { profile: number; mode: number } {
  return { profile: c.u8(), mode: c.u8() };
}

function readOpaque(c: Cursor): OpaqueBody {
  return { data: c.rest() };
}

/** Body of a Padding Object ([ASF] 3.17). */
export interface PaddingBody {
  /** True: it ends with the mark of a file that this project's writer has not finished. */
  readonly isUnfinished?: true;
}

/** Nothing but room, save for the mark at its end. */
function readPadding(c: Cursor): PaddingBody {
  if (c.remaining >= GUID_BYTES) {
    c.bytes(c.remaining - GUID_BYTES);
    if (c.guid() === GUID.unfinishedMark) return { isUnfinished: true };
  }
  c.rest();
  return {};
}

/** A body whose bytes mean nothing. */
function readNothing(c: Cursor): object {
  c.rest();
  return {};
}
