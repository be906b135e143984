/**
 * What a Movie Box says: tracks, edits, tags, chapters.
 *
 * @module
 */

import { bytesIn, childOf, childrenOf, type Mp4Box, numberIn, textIn } from "./box.ts";
import { tableIn, type TablePlace } from "./table.ts";

/** A part of a track that is shown, or a pause ([ISO 14496-12] 8.6.6). */
export interface Mp4Edit {
  /** How long it is, in ticks of the movie; 0: to the end of the media, where fragments bring it. */
  readonly segmentDuration: number;
  /** Where it begins, in ticks of the track; −1: a pause. */
  readonly mediaTime: number;
  /** 1: as fast as recorded; 0: a still. */
  readonly mediaRate: number;
}

/** Sizes of samples. */
export interface SampleSizes {
  /** The table of sizes, if they differ. */
  readonly place: TablePlace | undefined;
  /** The size of every sample; 0: they differ. */
  readonly constantBytes: number;
  /** Bits of an entry: 4, 8, 16 or 32. */
  readonly entryBits: number;
  /** How many samples there are, as it says. */
  readonly sampleCount: number;
}

/** Where a track's tables lie. */
export interface SampleTables {
  readonly timeToSample?: TablePlace;
  readonly compositionOffsets?: TablePlace;
  readonly samplesToChunks?: TablePlace;
  readonly chunkOffsets?: TablePlace;
  readonly sizes?: SampleSizes;
  readonly syncSamples?: TablePlace;
  /** QuickTime's: samples behind which those before are not needed. */
  readonly partialSyncSamples?: TablePlace;
  /** Samples at which reading can begin, by groups of them ([ISO 14496-12] 10.4). */
  readonly randomAccessGroups?: TablePlace;
}

/** What a fragment's samples are where it does not say it ([ISO 14496-12] 8.8.3). */
export interface FragmentDefaults {
  readonly descriptionIndex: number;
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** A track. */
export interface Mp4Track {
  /** Its position in the file, from 0. */
  readonly index: number;
  /** Its number, to which others refer. */
  readonly trackId: number;
  /** Four characters: `"vide"`, `"soun"`, `"text"` … */
  readonly handlerType: string;
  /** Ticks a second. */
  readonly timescale: number;
  /** As the media header says, in ticks. */
  readonly duration: number | undefined;
  /** ISO 639-2 code, or BCP 47 tag; empty: not known. */
  readonly language: string;
  /** What it is called; empty: nothing. */
  readonly name: string;
  readonly isEnabled: boolean;
  /** Tracks of one group are alternatives; 0: none. */
  readonly alternateGroup: number;
  /** As pictures are to be turned and moved: a b u c d v x y w. */
  readonly matrix: readonly number[];
  /** How large it is shown, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly edits: readonly Mp4Edit[];
  /** Its sample entries. */
  readonly entries: readonly Mp4Box[];
  readonly tables: SampleTables;
  /** Tracks it refers to, by kind of reference. */
  readonly references: Readonly<Record<string, readonly number[]>>;
  readonly fragmentDefaults: FragmentDefaults;
  /** Its box. */
  readonly box: Mp4Box;
}

/** A tag. */
export interface Mp4Tag {
  /** Such as `"©nam"`, `"com.apple.quicktime.title"` or `"----:com.apple.iTunes:LABEL"`. */
  readonly key: string;
  /** As QuickTime counts kinds of values: 1 UTF-8, 13 JPEG, 14 PNG, 21 an integer … */
  readonly dataType: number;
  /** If it is text. */
  readonly text?: string;
  /** Where its value lies. */
  readonly offset: number;
  readonly byteLength: number;
  /** Its value, as far as it is short. */
  readonly value: Uint8Array;
}

/** A chapter. */
export interface Mp4Chapter {
  /** Where it begins, in seconds. */
  readonly startSeconds: number;
  readonly title: string;
}

/** A Movie Box. */
export interface Mp4Movie {
  /** Ticks a second of the movie. */
  readonly timescale: number;
  /** As the movie header says, in ticks. */
  readonly duration: number | undefined;
  /** ISO 8601. */
  readonly creationTime: string | undefined;
  readonly tracks: readonly Mp4Track[];
  readonly tags: readonly Mp4Tag[];
  /** As Nero wrote them; those of QuickTime are in a track of text. */
  readonly chapters: readonly Mp4Chapter[];
  /** Whether fragments may follow. */
  readonly isFragmented: boolean;
  readonly box: Mp4Box;
}

/** Puts together what the box says. */
export function movieOf(box: Mp4Box): Mp4Movie {
  const header = childOf(box, "mvhd");
  const userData = childOf(box, "udta");
  return {
    timescale: numberIn(header, "timescale"),
    duration: header?.fields.duration as number | undefined,
    creationTime: header?.fields.creationTime as string | undefined,
    tracks: childrenOf(box, "trak").map((track, index) => trackOf(track, index, box)),
    tags: [...tagsOf(childOf(userData, "meta")), ...tagsOf(childOf(box, "meta")), ...userTags(userData)],
    chapters: chaptersOf(childOf(userData, "chpl")),
    isFragmented: childOf(box, "mvex") !== undefined,
    box,
  };
}

function trackOf(box: Mp4Box, index: number, movie: Mp4Box): Mp4Track {
  const header = childOf(box, "tkhd");
  const media = childOf(box, "mdia");
  const mediaHeader = childOf(media, "mdhd");
  const handler = childOf(media, "hdlr");
  const table = childOf(media, "minf", "stbl");
  const trackId = numberIn(header, "trackId");
  const name = textIn(childOf(box, "udta", "name"), "text") || titleOf(box) || textIn(handler, "name");
  return {
    index,
    trackId,
    handlerType: textIn(handler, "handlerType"),
    timescale: numberIn(mediaHeader, "timescale"),
    duration: mediaHeader?.fields.duration as number | undefined,
    language: textIn(childOf(media, "elng"), "language") || textIn(mediaHeader, "language"),
    name: name.trim(),
    isEnabled: header?.fields.isEnabled !== false,
    alternateGroup: numberIn(header, "alternateGroup"),
    matrix: (header?.fields.matrix ?? []) as number[],
    width: numberIn(header, "width"),
    height: numberIn(header, "height"),
    edits: (childOf(box, "edts", "elst")?.fields.entries ?? []) as Mp4Edit[],
    entries: childOf(table, "stsd")?.children ?? [],
    tables: tablesOf(table),
    references: referencesOf(childOf(box, "tref")),
    fragmentDefaults: defaultsOf(movie, trackId),
    box,
  };
}

function titleOf(track: Mp4Box): string {
  const userData = childOf(track, "udta");
  const tags = [...tagsOf(childOf(userData, "meta")), ...userTags(userData)];
  return tags.find(({ key }) => key === "©nam")?.text ?? "";
}

function tablesOf(table: Mp4Box | undefined): SampleTables {
  const group = childrenOf(table, "sbgp").find(({ fields }) =>
    ["rap ", "sync"].includes(fields.groupingType as string)
  );
  return {
    timeToSample: tableIn(childOf(table, "stts"), 8),
    compositionOffsets: tableIn(childOf(table, "ctts"), 8),
    samplesToChunks: tableIn(childOf(table, "stsc"), 12),
    chunkOffsets: tableIn(childOf(table, "co64"), 8) ?? tableIn(childOf(table, "stco"), 4),
    sizes: sizesOf(childOf(table, "stsz") ?? childOf(table, "stz2")),
    syncSamples: tableIn(childOf(table, "stss"), 4),
    partialSyncSamples: tableIn(childOf(table, "stps"), 4),
    randomAccessGroups: tableIn(group, 8, group?.fields.version === 1 ? 16 : 12),
  };
}

/** Both kinds: version and flags · size, or bits of an entry · number of samples · sizes. */
function sizesOf(box: Mp4Box | undefined): SampleSizes | undefined {
  if (box === undefined) return undefined;
  const sampleCount = numberIn(box, "sampleCount");
  const constantBytes = numberIn(box, "sampleSize");
  const entryBits = box.type === "stz2" ? numberIn(box, "fieldSize") : 32;
  if (constantBytes > 0) return { place: undefined, constantBytes, entryBits, sampleCount };
  // Two sizes of four bits share a byte: such a table is one of bytes.
  const entryBytes = Math.max(1, entryBits >> 3);
  const statedCount = entryBits === 4 ? Math.ceil(sampleCount / 2) : sampleCount;
  const room = Math.max(0, Math.floor((box.size - box.headBytes - 12) / entryBytes));
  const place = {
    type: box.type,
    boxOffset: box.offset,
    offset: box.offset + box.headBytes + 12,
    entryBytes,
    entryCount: Math.min(room, statedCount),
    statedCount,
  };
  return { place, constantBytes, entryBits, sampleCount };
}

function referencesOf(box: Mp4Box | undefined): Record<string, readonly number[]> {
  const references: Record<string, readonly number[]> = {};
  for (const { type, fields } of box?.children ?? []) references[type] = fields.trackIds as number[];
  return references;
}

function defaultsOf(movie: Mp4Box, trackId: number): FragmentDefaults {
  const box = childrenOf(childOf(movie, "mvex"), "trex").find(({ fields }) => fields.trackId === trackId);
  return {
    descriptionIndex: numberIn(box, "defaultSampleDescriptionIndex") || 1,
    duration: numberIn(box, "defaultSampleDuration"),
    size: numberIn(box, "defaultSampleSize"),
    flags: numberIn(box, "defaultSampleFlags"),
  };
}

/** Items by their types, or by the keys of QuickTime. */
function tagsOf(meta: Mp4Box | undefined): Mp4Tag[] {
  const keys = (childOf(meta, "keys")?.fields.entries ?? []) as { key: string }[];
  const tags: Mp4Tag[] = [];
  for (const item of childOf(meta, "ilst")?.children ?? []) {
    for (const data of childrenOf(item, "data")) {
      const value = bytesIn(data, "value") ?? new Uint8Array(0);
      const dataType = numberIn(data, "dataType");
      tags.push({
        key: keyOf(item, keys),
        dataType,
        ...isText(dataType) && { text: decodeText(value, dataType) },
        offset: data.offset + data.headBytes + 8,
        byteLength: Math.max(0, data.size - data.headBytes - 8),
        value,
      });
    }
  }
  return tags;
}

function keyOf(item: Mp4Box, keys: readonly { key: string }[]): string {
  if (item.type === "----") {
    return `----:${textIn(childOf(item, "mean"), "text")}:${textIn(childOf(item, "name"), "text")}`;
  }
  const code = item.type.split("").reduce((sum, character) => sum * 256 + character.charCodeAt(0), 0);
  return keys[code - 1]?.key ?? item.type;
}

/** UTF-8 and UTF-16, with and without sorting. */
function isText(dataType: number): boolean {
  return dataType >= 1 && dataType <= 5 && dataType !== 3;
}

function decodeText(value: Uint8Array, dataType: number): string {
  return new TextDecoder(dataType === 2 || dataType === 5 ? "utf-16be" : "utf-8").decode(value).replaceAll("\0", "");
}

/** Texts of QuickTime and of 3GPP beside each other. */
function userTags(userData: Mp4Box | undefined): Mp4Tag[] {
  return (userData?.children ?? []).flatMap(({ type, offset, size, headBytes, fields }) => {
    const text = typeof fields.text === "string" ? fields.text : undefined;
    const year = typeof fields.year === "number" ? String(fields.year) : undefined;
    const value = text ?? year;
    if (value === undefined || value === "" || type === "name") return [];
    const bytes = new Uint8Array(0);
    return [{
      key: type,
      dataType: 1,
      text: value,
      offset: offset + headBytes,
      byteLength: size - headBytes,
      value: bytes,
    }];
  });
}

/** Nero counts units of 100 ns. */
function chaptersOf(box: Mp4Box | undefined): Mp4Chapter[] {
  const entries = (box?.fields.entries ?? []) as { startTicks: number; title: string }[];
  return entries.map(({ startTicks, title }) => ({ startSeconds: startTicks / 1e7, title }));
}
