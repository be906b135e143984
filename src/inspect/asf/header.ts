/**
 * The Header Object as a whole ([ASF] 3, 4).
 *
 * @module
 */

import type { ProblemList } from "../problems.ts";
import { GUID } from "./guid.ts";
import type { ExtendedStreamProperties, LanguageList } from "./objects/extended_stream.ts";
import type { FileProperties } from "./objects/file_properties.ts";
import type { IndexParameters } from "./objects/indexes.ts";
import type { HeaderBody, OpaqueBody, PaddingBody } from "./objects/layouts.ts";
import type { AsfAttribute, AttributeList, ContentDescription } from "./objects/metadata.ts";
import type { StreamBitrates } from "./objects/relations.ts";
import type { CodecList, Markers, ScriptCommands } from "./objects/script.ts";
import type { StreamProperties } from "./objects/stream_properties.ts";
import { type AsfObject, flatten } from "./objects/walk.ts";

/** A stream with all that the header says of it. */
export interface AsfStream extends StreamProperties {
  /** Its Extended Stream Properties, if it has them. */
  readonly extended?: ExtendedStreamProperties;
  /** Described only inside its Extended Stream Properties: old players do not see it. */
  readonly isHidden: boolean;
  /** Language tag, if one is given. */
  readonly language?: string;
  /** Bit/s with packet overhead, from Stream Bitrate Properties; 0: not given. */
  readonly bitsPerSecond: number;
}

/** What a Header Object says. Byte arrays in it are views of one copy of the header. */
export interface AsfHeader {
  /** Size as stored. */
  readonly size: number;
  /** The Header Object with all objects inside it, known or not, in stored order. */
  readonly object: AsfObject;
  /** File Properties; the first, if there are several. */
  readonly fileProperties?: FileProperties;
  /** The streams, hidden ones included, ascending by number. */
  readonly streams: readonly AsfStream[];
  /** Entries of the Codec List. */
  readonly codecs: CodecList["codecs"];
  /** Language tags. */
  readonly languages: readonly string[];
  /** Title and so on, if there are any. */
  readonly contentDescription?: ContentDescription;
  /** Attributes from Extended Content Description, Metadata and Metadata Library, in stored order. */
  readonly attributes: readonly AsfAttribute[];
  /** Script commands. */
  readonly scriptCommands: ScriptCommands["commands"];
  /** Markers. */
  readonly markers: Markers["markers"];
  /** What an Index Object will hold, if there is to be one. */
  readonly indexParameters?: IndexParameters;
  /** Room in Padding Objects, their heads included. */
  readonly paddingBytes: number;
  /**
   * Whether it says how far a writer had come that did not finish: it may hold more data than it states, and no index.
   * Known only of files that this project's writer makes.
   */
  readonly isUnfinished: boolean;
  /** Objects that are not known, as stored. */
  readonly unknownObjects: readonly { readonly guid: string; readonly offset: number; readonly bytes: Uint8Array }[];
}

/** Gathers what the objects of a header say. */
export function summarizeHeader(object: AsfObject, problems: ProblemList): AsfHeader {
  const objects = flatten(object);
  const all = <T>(guid: string): T[] => objects.filter((one) => one.guid === guid).map((one) => one.fields as T);
  checkHeader(object, objects, problems);
  const languages = all<LanguageList>(GUID.languageList).flatMap((list) => list.languages);
  return {
    size: object.size,
    object,
    fileProperties: all<FileProperties>(GUID.fileProperties)[0],
    streams: gatherStreams(object, objects, languages, problems),
    codecs: all<CodecList>(GUID.codecList).flatMap((list) => list.codecs),
    languages,
    contentDescription: all<ContentDescription>(GUID.contentDescription)[0],
    attributes: objects
      .filter((one) => ATTRIBUTE_OBJECTS.has(one.guid))
      .flatMap((one) => (one.fields as AttributeList).attributes),
    scriptCommands: all<ScriptCommands>(GUID.scriptCommand).flatMap((list) => list.commands),
    markers: all<Markers>(GUID.marker).flatMap((list) => list.markers),
    indexParameters: all<IndexParameters>(GUID.indexParameters)[0],
    paddingBytes: objects.reduce((sum, one) => one.guid === GUID.padding ? sum + one.size : sum, 0),
    isUnfinished: all<PaddingBody>(GUID.padding).some((one) => one.isUnfinished),
    unknownObjects: objects
      .filter((one) => one.name === "Unknown Object")
      .map((one) => ({ guid: one.guid, offset: one.offset, bytes: (one.fields as OpaqueBody).data })),
  };
}

const ATTRIBUTE_OBJECTS: ReadonlySet<string> = new Set([
  GUID.extendedContentDescription,
  GUID.metadata,
  GUID.metadataLibrary,
]);

function checkHeader(object: AsfObject, objects: readonly AsfObject[], problems: ProblemList): void {
  const { objectCount, reserved2 } = object.fields as HeaderBody;
  if (objectCount !== object.children.length) {
    problems.add(
      "H02",
      object.offset + 24,
      `Header Object: counts ${objectCount} objects, holds ${object.children.length}`,
      "W",
    );
  }
  if (reserved2 !== 2) {
    problems.add("H03", object.offset + 29, `Header Object: reserved byte must be 2, got ${reserved2}`);
  }
  const propertiesCount = objects.filter((one) => one.guid === GUID.fileProperties).length;
  if (propertiesCount !== 1) {
    problems.add("H04", object.offset, `Header Object: must hold 1 File Properties Object, holds ${propertiesCount}`);
  }
}

function gatherStreams(
  root: AsfObject,
  objects: readonly AsfObject[],
  languages: readonly string[],
  problems: ProblemList,
): AsfStream[] {
  const extendedByStream = new Map<number, ExtendedStreamProperties>();
  const bitrates = new Map<number, number>();
  const hidden = new Set<AsfObject>();
  for (const one of objects) {
    if (one.guid === GUID.extendedStreamProperties) {
      const extended = one.fields as ExtendedStreamProperties;
      if (!extendedByStream.has(extended.streamNumber)) extendedByStream.set(extended.streamNumber, extended);
      for (const child of one.children) hidden.add(child);
    } else if (one.guid === GUID.streamBitrates) {
      for (const record of (one.fields as StreamBitrates).bitrates) {
        bitrates.set(record.streamNumber, record.bitsPerSecond);
      }
    }
  }
  const streams = new Map<number, AsfStream>();
  for (const one of objects) {
    if (one.guid !== GUID.streamProperties) continue;
    const properties = one.fields as StreamProperties;
    const { streamNumber } = properties;
    if (streamNumber === 0 || streams.has(streamNumber)) {
      const why = streamNumber === 0 ? "is not allowed" : "is taken";
      problems.add("S02", one.offset, `Stream Properties Object: stream number ${streamNumber} ${why}`);
      continue;
    }
    const extended = extendedByStream.get(streamNumber);
    streams.set(streamNumber, {
      ...properties,
      extended,
      isHidden: hidden.has(one),
      language: extended && languages[extended.languageIndex],
      bitsPerSecond: bitrates.get(streamNumber) ?? 0,
    });
  }
  if (streams.size === 0) problems.add("H06", root.offset, "Header Object: describes no stream");
  return [...streams.values()].sort((a, b) => a.streamNumber - b.streamNumber);
}
