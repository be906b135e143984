/**
 * What each kind of box says: its name, its fields, where the boxes inside it begin.
 *
 * @module
 */

import { BoxCursor, latin1Text } from "./box_cursor.ts";
import { AUDIO_LAYOUTS, VIDEO_LAYOUTS } from "./codec_layouts.ts";
import { esds } from "./descriptors.ts";
import type { BoxFields, BoxLayout } from "./layout.ts";

/** Version and flags of a full box. */
function full(
  read: (cursor: BoxCursor, version: number, flags: number) => BoxFields,
): (cursor: BoxCursor) => BoxFields {
  return (cursor) => {
    const version = cursor.u8();
    const flags = cursor.u24();
    return { version, flags, ...read(cursor, version, flags) };
  };
}

function container(name: string): BoxLayout {
  return { name, hasChildren: true };
}

function table(name: string, entry: (cursor: BoxCursor, version: number) => unknown): BoxLayout {
  return {
    name,
    read: full((cursor, version) => {
      const entryCount = cursor.u32();
      return { entryCount, ...first(cursor, entryCount, () => entry(cursor, version)) };
    }),
  };
}

/** Entries of a table that are shown. */
const SHOWN_ENTRIES = 8;

function first(cursor: BoxCursor, count: number, read: () => unknown): BoxFields {
  const { overrun } = cursor;
  const entries = cursor.list(Math.min(count, SHOWN_ENTRIES), read);
  cursor.overrun = overrun; // whether there is room for all is asked elsewhere
  if (count > SHOWN_ENTRIES) cursor.position = cursor.end;
  return { entries };
}

function matrix(cursor: BoxCursor): number[] {
  return Array.from({ length: 9 }, (_, i) => i % 3 === 2 ? cursor.i32() / 1073741824 : cursor.fixed16());
}

/** Seconds since 1904 as a date; absent where there is none. */
function date(name: string, seconds: number): BoxFields {
  if (seconds === 0) return {};
  const time = new Date((seconds - 2_082_844_800) * 1000);
  return Number.isNaN(time.getTime()) ? {} : { [name]: time.toISOString() };
}

/** Three letters of five bits; QuickTime's numbers of languages below 0x400. */
function language(code: number): string {
  if (code < 0x400) return code === 0 ? "" : `Macintosh ${code}`;
  if (code === 0x7FFF) return "";
  return String.fromCharCode(...[10, 5, 0].map((shift) => 0x60 + (code >> shift & 31)));
}

const header = (read: (cursor: BoxCursor, version: number) => BoxFields) =>
  full((cursor, version) => {
    const created = cursor.long(version);
    const modified = cursor.long(version);
    return { ...date("creationTime", created), ...date("modificationTime", modified), ...read(cursor, version) };
  });

/** A duration that is not known is all ones. */
function duration(cursor: BoxCursor, version: number): BoxFields {
  const value = cursor.long(version);
  const unknown = version === 1 ? value >= 2 ** 64 - 4096 : value === 0xFFFF_FFFF;
  return unknown ? {} : { duration: value };
}

const brands: BoxLayout["read"] = (cursor) => ({
  majorBrand: cursor.fourCC(),
  minorVersion: cursor.u32(),
  compatibleBrands: cursor.list(cursor.remaining >> 2, () => cursor.fourCC()),
});

/** Sample flags ([ISO 14496-12] 8.8.3.1). */
export function sampleFlags(flags: number): BoxFields {
  return { dependsOn: flags >>> 24 & 3, isNonSync: (flags & 0x10000) !== 0 };
}

const text3gpp = (name: string): BoxLayout => ({
  name,
  read: full((cursor) => ({ language: language(cursor.u16()), text: cursor.markedText() })),
});

const LAYOUTS: Readonly<Record<string, BoxLayout>> = {
  ftyp: { name: "File Type Box", read: brands },
  styp: { name: "Segment Type Box", read: brands },
  pdin: { name: "Progressive Download Information Box" },
  moov: container("Movie Box"),
  mvhd: {
    name: "Movie Header Box",
    read: header((cursor, version) => {
      const fields = { timescale: cursor.u32(), ...duration(cursor, version), rate: cursor.fixed16() };
      const volume = cursor.fixed8();
      cursor.skip(10);
      const turned = matrix(cursor);
      cursor.skip(24);
      return { ...fields, volume, matrix: turned, nextTrackId: cursor.u32() };
    }),
  },
  trak: container("Track Box"),
  tkhd: {
    name: "Track Header Box",
    read: (cursor) => {
      const fields = header((cursor, version) => {
        const trackId = cursor.u32();
        cursor.skip(4);
        const length = duration(cursor, version);
        cursor.skip(8);
        const layer = cursor.i16();
        const alternateGroup = cursor.i16();
        const volume = cursor.fixed8();
        cursor.skip(2);
        return {
          trackId,
          ...length,
          layer,
          alternateGroup,
          volume,
          matrix: matrix(cursor),
          width: cursor.fixed16(),
          height: cursor.fixed16(),
        };
      })(cursor);
      const flags = fields.flags as number;
      return { ...fields, isEnabled: (flags & 1) !== 0, isInMovie: (flags & 2) !== 0 };
    },
  },
  tref: container("Track Reference Box"),
  edts: container("Edit Box"),
  elst: {
    name: "Edit List Box",
    read: full((cursor, version) => {
      const entryCount = cursor.u32();
      const entries = cursor.list(entryCount, () => ({
        segmentDuration: cursor.long(version),
        mediaTime: version === 1 ? cursor.i64() : cursor.i32(),
        mediaRate: cursor.fixed16(),
      }));
      return { entryCount, entries };
    }),
  },
  mdia: container("Media Box"),
  mdhd: {
    name: "Media Header Box",
    read: header((cursor, version) => ({
      timescale: cursor.u32(),
      ...duration(cursor, version),
      language: language(cursor.u16()),
    })),
  },
  hdlr: {
    name: "Handler Reference Box",
    read: full((cursor) => {
      const componentType = cursor.fourCC();
      const handlerType = cursor.fourCC();
      cursor.skip(12);
      return { ...componentType !== "\0\0\0\0" && { componentType }, handlerType, name: handlerName(cursor) };
    }),
  },
  elng: { name: "Extended Language Box", read: full((cursor) => ({ language: cursor.text() })) },
  minf: container("Media Information Box"),
  vmhd: { name: "Video Media Header Box", read: full((cursor) => ({ graphicsMode: cursor.u16() })) },
  smhd: { name: "Sound Media Header Box", read: full((cursor) => ({ balance: cursor.fixed8() })) },
  nmhd: { name: "Null Media Header Box", read: full(() => ({})) },
  sthd: { name: "Subtitle Media Header Box", read: full(() => ({})) },
  hmhd: { name: "Hint Media Header Box", read: full(() => ({})) },
  gmhd: container("Base Media Header Box"),
  gmin: { name: "Base Media Information Box", read: full((cursor) => ({ graphicsMode: cursor.u16() })) },
  dinf: container("Data Information Box"),
  dref: {
    name: "Data Reference Box",
    hasChildren: true,
    read: full((cursor) => ({ entryCount: cursor.u32() })),
  },
  "url ": {
    name: "Data Entry URL Box",
    read: full((cursor, _, flags) => ({ isSelfContained: (flags & 1) !== 0, location: cursor.text() })),
  },
  stbl: container("Sample Table Box"),
  stsd: {
    name: "Sample Description Box",
    hasChildren: true,
    read: full((cursor) => ({ entryCount: cursor.u32() })),
  },
  stts: table("Decoding Time to Sample Box", (c) => ({ sampleCount: c.u32(), sampleDelta: c.u32() })),
  ctts: table("Composition Time to Sample Box", (c) => ({ sampleCount: c.u32(), sampleOffset: c.i32() })),
  cslg: {
    name: "Composition to Decode Box",
    read: full((cursor, version) => {
      const next = () => version === 1 ? cursor.i64() : cursor.i32();
      return {
        compositionToDtsShift: next(),
        leastDecodeToDisplayDelta: next(),
        greatestDecodeToDisplayDelta: next(),
        compositionStartTime: next(),
        compositionEndTime: next(),
      };
    }),
  },
  stsc: table("Sample to Chunk Box", (c) => ({
    firstChunk: c.u32(),
    samplesPerChunk: c.u32(),
    sampleDescriptionIndex: c.u32(),
  })),
  stsz: {
    name: "Sample Size Box",
    read: full((cursor) => {
      const sampleSize = cursor.u32();
      const sampleCount = cursor.u32();
      return { sampleSize, sampleCount, ...sampleSize === 0 && first(cursor, sampleCount, () => cursor.u32()) };
    }),
  },
  stz2: {
    name: "Compact Sample Size Box",
    read: full((cursor) => {
      const fieldSize = cursor.u32() & 0xFF;
      const sampleCount = cursor.u32();
      cursor.position = cursor.end;
      return { fieldSize, sampleCount };
    }),
  },
  stco: table("Chunk Offset Box", (c) => c.u32()),
  co64: table("Chunk Large Offset Box", (c) => c.u64()),
  stss: table("Sync Sample Box", (c) => c.u32()),
  stps: table("Partial Sync Sample Box", (c) => c.u32()),
  stsh: table("Shadow Sync Sample Box", (c) => ({ shadowedSampleNumber: c.u32(), syncSampleNumber: c.u32() })),
  sdtp: { name: "Independent and Disposable Samples Box", read: full(rest) },
  sbgp: {
    name: "Sample to Group Box",
    read: full((cursor, version) => {
      const groupingType = cursor.fourCC();
      if (version === 1) cursor.skip(4);
      const entryCount = cursor.u32();
      const read = () => ({ sampleCount: cursor.u32(), groupDescriptionIndex: cursor.u32() });
      return { groupingType, entryCount, ...first(cursor, entryCount, read) };
    }),
  },
  sgpd: {
    name: "Sample Group Description Box",
    read: full((cursor, version) => {
      const groupingType = cursor.fourCC();
      const defaultLength = version >= 1 ? cursor.u32() : 0;
      if (version >= 2) cursor.skip(4);
      const entryCount = cursor.u32();
      const read = () => cursor.bytes(version === 0 ? cursor.remaining : defaultLength || cursor.u32());
      return { groupingType, entryCount, ...first(cursor, entryCount, read) };
    }),
  },
  mvex: container("Movie Extends Box"),
  mehd: { name: "Movie Extends Header Box", read: full((c, version) => ({ fragmentDuration: c.long(version) })) },
  trex: {
    name: "Track Extends Box",
    read: full((cursor) => ({
      trackId: cursor.u32(),
      defaultSampleDescriptionIndex: cursor.u32(),
      defaultSampleDuration: cursor.u32(),
      defaultSampleSize: cursor.u32(),
      defaultSampleFlags: cursor.u32(),
    })),
  },
  moof: container("Movie Fragment Box"),
  mfhd: { name: "Movie Fragment Header Box", read: full((cursor) => ({ sequenceNumber: cursor.u32() })) },
  traf: container("Track Fragment Box"),
  tfhd: {
    name: "Track Fragment Header Box",
    read: full((cursor, _, flags) => ({
      trackId: cursor.u32(),
      ...flags & 0x01 && { baseDataOffset: cursor.u64() },
      ...flags & 0x02 && { sampleDescriptionIndex: cursor.u32() },
      ...flags & 0x08 && { defaultSampleDuration: cursor.u32() },
      ...flags & 0x10 && { defaultSampleSize: cursor.u32() },
      ...flags & 0x20 && { defaultSampleFlags: cursor.u32() },
      durationIsEmpty: (flags & 0x10000) !== 0,
      defaultBaseIsMoof: (flags & 0x20000) !== 0,
    })),
  },
  tfdt: {
    name: "Track Fragment Base Media Decode Time Box",
    read: full((cursor, version) => ({ baseMediaDecodeTime: cursor.long(version) })),
  },
  trun: {
    name: "Track Fragment Run Box",
    read: full((cursor, _, flags) => {
      const sampleCount = cursor.u32();
      const fields = {
        sampleCount,
        ...flags & 0x1 && { dataOffset: cursor.i32() },
        ...flags & 0x4 && { firstSampleFlags: cursor.u32() },
      };
      if ((flags & 0xF00) === 0) return fields;
      const read = () => ({
        ...flags & 0x100 && { duration: cursor.u32() },
        ...flags & 0x200 && { size: cursor.u32() },
        ...flags & 0x400 && { flags: cursor.u32() },
        ...flags & 0x800 && { compositionTimeOffset: cursor.i32() },
      });
      return { ...fields, ...first(cursor, sampleCount, read) };
    }),
  },
  mfra: container("Movie Fragment Random Access Box"),
  tfra: {
    name: "Track Fragment Random Access Box",
    read: full((cursor, version) => {
      const trackId = cursor.u32();
      const lengths = cursor.u32();
      const entryCount = cursor.u32();
      const number = (bytes: number) =>
        Array.from({ length: bytes + 1 }).reduce<number>((n) => n * 256 + cursor.u8(), 0);
      const read = () => ({
        time: cursor.long(version),
        moofOffset: cursor.long(version),
        trafNumber: number(lengths >> 4 & 3),
        trunNumber: number(lengths >> 2 & 3),
        sampleNumber: number(lengths & 3),
      });
      return { trackId, entryCount, entries: cursor.list(entryCount, read) };
    }),
  },
  mfro: { name: "Movie Fragment Random Access Offset Box", read: full((cursor) => ({ parentSize: cursor.u32() })) },
  sidx: {
    name: "Segment Index Box",
    read: full((cursor, version) => {
      const referenceId = cursor.u32();
      const timescale = cursor.u32();
      const earliestPresentationTime = cursor.long(version);
      const firstOffset = cursor.long(version);
      cursor.skip(2);
      const referenceCount = cursor.u16();
      const references = cursor.list(referenceCount, () => {
        const size = cursor.u32();
        const duration = cursor.u32();
        const sap = cursor.u32();
        return {
          isIndex: size >= 2 ** 31,
          size: size % 2 ** 31,
          duration,
          startsWithSap: sap >= 2 ** 31,
          sapType: sap >>> 28 & 7,
        };
      });
      return { referenceId, timescale, earliestPresentationTime, firstOffset, referenceCount, references };
    }),
  },
  mdat: { name: "Media Data Box" },
  free: { name: "Free Space Box" },
  skip: { name: "Free Space Box" },
  wide: { name: "Wide Box" },
  uuid: { name: "User Type Box" },
  prft: { name: "Producer Reference Time Box" },
  emsg: {
    name: "Event Message Box",
    read: full((c, version) => version === 0 ? { scheme: c.text(), value: c.text() } : {}),
  },
  udta: container("User Data Box"),
  meta: container("Metadata Box"),
  ilst: container("Metadata Item List Box"),
  keys: {
    name: "Metadata Item Keys Box",
    read: full((cursor) => {
      const entryCount = cursor.u32();
      const entries = cursor.list(entryCount, () => {
        const size = cursor.u32();
        return { namespace: cursor.fourCC(), key: utf8(cursor.bytes(Math.max(0, size - 8))) };
      });
      return { entryCount, entries };
    }),
  },
  data: {
    name: "Metadata Value Box",
    read: (cursor) => ({ dataType: cursor.u32() & 0xFFFFFF, locale: cursor.u32(), value: cursor.rest() }),
  },
  mean: { name: "Metadata Namespace Box", read: full((cursor) => ({ text: utf8(cursor.rest()) })) },
  name: { name: "Name Box", read: full((cursor) => ({ text: utf8(cursor.rest()) })) },
  chpl: {
    name: "Chapter List Box",
    read: full((cursor, version) => {
      if (version >= 1) cursor.skip(4);
      const entryCount = cursor.u8();
      const entries = cursor.list(entryCount, () => {
        const startTicks = cursor.u64();
        return { startTicks, title: utf8(cursor.bytes(cursor.u8())) };
      });
      return { entryCount, entries };
    }),
  },
  titl: text3gpp("Title Box"),
  auth: text3gpp("Author Box"),
  perf: text3gpp("Performer Box"),
  dscp: text3gpp("Description Box"),
  gnre: text3gpp("Genre Box"),
  albm: text3gpp("Album Box"),
  cprt: text3gpp("Copyright Box"),
  yrrc: { name: "Recording Year Box", read: full((cursor) => ({ year: cursor.u16() })) },
  kind: { name: "Track Kind Box", read: full((cursor) => ({ scheme: cursor.text(), value: cursor.text() })) },
  sinf: container("Protection Scheme Information Box"),
  frma: { name: "Original Format Box", read: (cursor) => ({ format: cursor.fourCC() }) },
  schm: { name: "Scheme Type Box", read: full((cursor) => ({ scheme: cursor.fourCC(), schemeVersion: cursor.u32() })) },
  schi: container("Scheme Information Box"),
  tenc: { name: "Track Encryption Box" },
  pssh: {
    name: "Protection System Specific Header Box",
    read: full((cursor) => {
      const systemId = cursor.bytes(16);
      cursor.position = cursor.end;
      return { systemId };
    }),
  },
  senc: { name: "Sample Encryption Box" },
  saiz: { name: "Sample Auxiliary Information Sizes Box" },
  saio: { name: "Sample Auxiliary Information Offsets Box" },
  wave: container("Sound Description Extension"),
  esds: { name: "Elementary Stream Descriptor Box", read: full((cursor) => esds(cursor)) },
  tapt: container("Track Aperture Box"),
  load: { name: "Track Load Settings Box" },
  iods: { name: "Object Descriptor Box" },
  mp4s: { name: "Systems Sample Entry" },
  ...VIDEO_LAYOUTS,
  ...AUDIO_LAYOUTS,
};

function rest(cursor: BoxCursor): BoxFields {
  const sampleCount = cursor.remaining;
  cursor.position = cursor.end;
  return { sampleCount };
}

function utf8(bytes: Uint8Array): string {
  return new BoxCursor(bytes).text();
}

/** Ends with a NUL ([ISO 14496-12] 8.4.3), or begins with its length (QuickTime). */
function handlerName(cursor: BoxCursor): string {
  const bytes = cursor.rest();
  const isPascal = bytes.byteLength > 1 && bytes[0] === bytes.byteLength - 1;
  return utf8(isPascal ? bytes.subarray(1) : bytes);
}

/** Kinds of media whose sample entries have a layout. */
export type EntryKind = "video" | "audio" | "other";

/** Handlers of tracks whose entries describe pictures. */
const VIDEO_HANDLERS: readonly string[] = ["vide", "pict", "auxv"];

/** What sample entries look like under a handler. */
export function entryKindOf(handlerType: string): EntryKind {
  return handlerType === "soun" ? "audio" : VIDEO_HANDLERS.includes(handlerType) ? "video" : "other";
}

/** Layout of a sample entry. */
export function entryLayout(kind: EntryKind): BoxLayout {
  return ENTRY_LAYOUTS[kind];
}

const ENTRY_LAYOUTS: Readonly<Record<EntryKind, BoxLayout>> = {
  video: {
    name: "Visual Sample Entry",
    hasChildren: true,
    read: (cursor) => {
      cursor.skip(6);
      const dataReferenceIndex = cursor.u16();
      cursor.skip(16);
      const width = cursor.u16();
      const height = cursor.u16();
      const horizontalResolution = cursor.fixed16();
      const verticalResolution = cursor.fixed16();
      cursor.skip(4);
      const frameCount = cursor.u16();
      const compressor = cursor.bytes(32);
      const depth = cursor.u16();
      cursor.skip(2);
      // A colour table, where its number is 0 in old files, is rare: boxes follow.
      return {
        dataReferenceIndex,
        width,
        height,
        horizontalResolution,
        verticalResolution,
        frameCount,
        compressorName: latin1Text(compressor.subarray(1, 1 + Math.min(31, compressor[0] ?? 0))),
        depth,
      };
    },
  },
  audio: {
    name: "Audio Sample Entry",
    hasChildren: true,
    read: (cursor) => {
      cursor.skip(6);
      const dataReferenceIndex = cursor.u16();
      const version = cursor.u16();
      cursor.skip(6);
      const fields = {
        dataReferenceIndex,
        version,
        channelCount: cursor.u16(),
        sampleBits: cursor.u16(),
        compressionId: cursor.i16(),
        packetSize: cursor.u16(),
        sampleRate: cursor.u32() / 65536,
      };
      if (version === 1) {
        return {
          ...fields,
          samplesPerPacket: cursor.u32(),
          bytesPerPacket: cursor.u32(),
          bytesPerFrame: cursor.u32(),
          bytesPerSample: cursor.u32(),
        };
      }
      if (version !== 2) return fields;
      cursor.skip(4);
      const sampleRate = cursor.f64();
      const channelCount = cursor.u32();
      cursor.skip(4);
      return {
        ...fields,
        sampleRate,
        channelCount,
        sampleBits: cursor.u32(),
        formatFlags: cursor.u32(),
        bytesPerPacket: cursor.u32(),
        samplesPerPacket: cursor.u32(),
      };
    },
  },
  other: {
    name: "Sample Entry",
    read: (cursor) => {
      cursor.skip(6);
      const dataReferenceIndex = cursor.u16();
      return { dataReferenceIndex, data: cursor.rest() };
    },
  },
};

/** Text of the lists of tags that QuickTime and 3GPP files have in `udta`, and of the handlers of `ilst`. */
const NAMED_ITEMS: Readonly<Record<string, string>> = {
  "©nam": "Title",
  "©ART": "Artist",
  "©alb": "Album",
  "©cmt": "Comment",
  "©day": "Date",
  "©gen": "Genre",
  "©too": "Encoder",
  "©wrt": "Composer",
  "©xyz": "Location",
  "covr": "Cover",
  "trkn": "Track Number",
  "disk": "Disc Number",
  "aART": "Album Artist",
  "cprt": "Copyright",
  "desc": "Description",
  "----": "Custom",
};

/** QuickTime's user data text: length u16 · language u16 · text, several of them. */
const userText: BoxLayout["read"] = (cursor) => {
  const length = cursor.u16();
  const languageCode = language(cursor.u16());
  return { language: languageCode, text: utf8(cursor.bytes(length)) };
};

/** What a box is, by its type and by what is around it. */
export function layoutOf(type: string, parents: readonly string[]): BoxLayout {
  const parent = parents.at(-1);
  if (parent === "ilst") return { name: `${NAMED_ITEMS[type] ?? "Metadata"} Item Box`, hasChildren: true };
  if (parent === "tref") return { name: "Track Reference Type Box", read: trackIds };
  if (parent === "udta" && type.startsWith("\xA9")) {
    return { name: `${NAMED_ITEMS[type] ?? "User Data"} Text Box`, read: userText };
  }
  if (parent === "udta" && type === "name") return { name: "Track Name Box", read: (c) => ({ text: utf8(c.rest()) }) };
  return Object.hasOwn(LAYOUTS, type) ? LAYOUTS[type]! : { name: "Unknown Box" };
}

function trackIds(cursor: BoxCursor): BoxFields {
  return { trackIds: cursor.list(cursor.remaining >> 2, () => cursor.u32()) };
}

/** Whether a type is one of those that stand at the top of a file. */
export function isTopLevel(type: string): boolean {
  return TOP_LEVEL.has(type);
}

const TOP_LEVEL: ReadonlySet<string> = new Set(
  "ftyp styp moov moof mdat free skip wide uuid sidx ssix mfra meta prft emsg pdin udta pnot".split(" "),
);

/** Whether one of these types begins with a byte. */
export function mayBegin(byte: number): boolean {
  return FIRST_LETTERS[byte] === 1;
}

const FIRST_LETTERS: Uint8Array = /* @__PURE__ */ Uint8Array.from(
  { length: 256 },
  (_, byte) => Number([...TOP_LEVEL].some((type) => type.charCodeAt(0) === byte)),
);
