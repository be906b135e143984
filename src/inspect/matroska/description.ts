/**
 * What the elements beside Clusters say: the Segment, its tracks, chapters, tags and attachments.
 *
 * @module
 */

import {
  bytesIn,
  childOf,
  childrenOf,
  flagIn,
  integerIn,
  type MatroskaElement,
  numberIn,
  textIn,
} from "./element_tree.ts";

/** What the EBML header says ([RFC 8794] 11.2). */
export interface EbmlHeader {
  readonly readVersion: number;
  readonly maxIdLength: number;
  readonly maxSizeLength: number;
  readonly docType: string;
  readonly docTypeVersion: number;
  readonly docTypeReadVersion: number;
}

/** What Info says ([RFC 9559] 5.1.2). */
export interface SegmentInfo {
  /** Nanoseconds of a tick of the Segment. */
  readonly timestampScale: number;
  /** In ticks; absent: not said. */
  readonly duration?: number;
  /** When it was made. */
  readonly date?: Date;
  readonly title?: string;
  readonly muxingApp?: string;
  readonly writingApp?: string;
  /** It goes on in another file, or goes on with one. */
  readonly isLinked: boolean;
}

/** `TrackType` ([RFC 9559] 5.1.4.1.3). */
export const TRACK_TYPE = { video: 1, audio: 2, complex: 3, logo: 16, subtitle: 17, buttons: 18, control: 32 } as const;

/** Mastering display metadata, as SMPTE ST 2086 has them. */
export interface MasteringMetadata {
  /** Chromaticities x, y of red, green, blue and the white point. */
  readonly chromaticities: readonly (number | undefined)[];
  readonly luminanceMax?: number;
  readonly luminanceMin?: number;
}

/** Colours by their numbers, as in ISO/IEC 23001-8. */
export interface MatroskaColour {
  readonly matrix?: number;
  readonly range?: number;
  readonly transfer?: number;
  readonly primaries?: number;
  readonly bitsPerChannel?: number;
  readonly maxCll?: number;
  readonly maxFall?: number;
  readonly mastering?: MasteringMetadata;
}

/** What a track says about its pictures. */
export interface MatroskaVideo {
  readonly pixelWidth: number;
  readonly pixelHeight: number;
  readonly displayWidth?: number;
  readonly displayHeight?: number;
  /** 0 pixels, 1 cm, 2 inches, 3 a ratio, 4 unknown. */
  readonly displayUnit: number;
  /** Left, top, right, bottom. */
  readonly crop: readonly [number, number, number, number];
  /** 0: not said, 1: interlaced, 2: progressive. */
  readonly flagInterlaced: number;
  readonly stereoMode: number;
  readonly hasAlpha: boolean;
  readonly frameRate?: number;
  readonly uncompressedFourCC?: string;
  readonly colour?: MatroskaColour;
  /** 0 rectangular, 1 equirectangular, 2 cubemap, 3 mesh; absent: not said. */
  readonly projectionType?: number;
  /** Degrees: yaw, pitch, roll. */
  readonly pose: readonly [number, number, number];
}

/** What a track says about its sound. */
export interface MatroskaAudio {
  readonly samplingFrequency: number;
  /** Where the decoder puts out another rate (SBR). */
  readonly outputSamplingFrequency?: number;
  readonly channels: number;
  readonly bitDepth?: number;
}

/** One step of what was done to a track's frames ([RFC 9559] 5.1.4.1.31). */
export interface ContentEncoding {
  readonly order: number;
  /** Bits: 1 frames, 2 the codec's private data, 4 what the next step did. */
  readonly scope: number;
  readonly isEncryption: boolean;
  /** 0 zlib, 1 bzip2, 2 LZO, 3 bytes taken away from the front; of encryption: 1 DES … 5 AES. */
  readonly algorithm: number;
  /** The bytes that were taken away. */
  readonly settings: Uint8Array;
}

/** A track. */
export interface MatroskaTrack {
  /** Offset in the file. */
  readonly offset: number;
  readonly number: number;
  readonly uid: number | bigint;
  readonly type: number;
  readonly codecId: string;
  readonly codecPrivate?: Uint8Array;
  readonly codecName?: string;
  readonly name?: string;
  /** BCP 47 where that is given, else ISO 639-2. */
  readonly language: string;
  readonly isEnabled: boolean;
  readonly isDefault: boolean;
  /** FlagDefault is there, rather than taken for set. */
  readonly saysDefault: boolean;
  readonly isForced: boolean;
  readonly isHearingImpaired: boolean;
  readonly isVisualImpaired: boolean;
  readonly hasTextDescriptions: boolean;
  readonly isOriginal: boolean;
  readonly isCommentary: boolean;
  readonly mayLace: boolean;
  /** Nanoseconds of a frame; 0: not said. */
  readonly defaultDuration: number;
  /** Factor of the Segment's ticks. */
  readonly timestampScale: number;
  /** Nanoseconds to be taken off all times. */
  readonly codecDelay: number;
  /** Nanoseconds to be decoded before what is to be heard behind a seek. */
  readonly seekPreRoll: number;
  readonly maxBlockAdditionId: number;
  readonly video?: MatroskaVideo;
  readonly audio?: MatroskaAudio;
  /** In the order to be undone. */
  readonly encodings: readonly ContentEncoding[];
  /** It is made of other tracks. */
  readonly hasOperation: boolean;
}

/** A chapter. */
export interface MatroskaChapter {
  readonly uid: number | bigint;
  /** Nanoseconds. */
  readonly start: number;
  readonly end?: number;
  readonly isHidden: boolean;
  readonly isEnabled: boolean;
  /** It lies in another file. */
  readonly isLinked: boolean;
  readonly names: readonly { readonly text: string; readonly language: string }[];
  readonly children: readonly MatroskaChapter[];
}

/** One way through the chapters. */
export interface MatroskaEdition {
  readonly uid?: number | bigint;
  readonly isHidden: boolean;
  readonly isDefault: boolean;
  /** What is played is what its chapters say, in their order. */
  readonly isOrdered: boolean;
  readonly chapters: readonly MatroskaChapter[];
}

/** A name with a value. */
export interface SimpleTag {
  readonly name: string;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly language: string;
  readonly children: readonly SimpleTag[];
}

/** Tags of one target. */
export interface MatroskaTag {
  /** 30 song or part, 50 album or film, 70 collection …; 50 where nothing is said. */
  readonly targetType: number;
  readonly targetName?: string;
  readonly trackUids: readonly (number | bigint)[];
  readonly editionUids: readonly (number | bigint)[];
  readonly chapterUids: readonly (number | bigint)[];
  readonly attachmentUids: readonly (number | bigint)[];
  readonly tags: readonly SimpleTag[];
}

/** A file in the file. */
export interface MatroskaAttachment {
  readonly uid: number | bigint;
  readonly name: string;
  readonly mediaType: string;
  readonly description?: string;
  readonly data: Uint8Array;
}

/** 2001-01-01, from which dates count nanoseconds. */
const EPOCH_MS = Date.UTC(2001, 0, 1);
/** The default of TimestampScale. */
const MILLISECOND = 1_000_000;

/** Describes an EBML header. */
export function describeEbml(element: MatroskaElement): EbmlHeader {
  return {
    readVersion: numberIn(element, "EBMLReadVersion") ?? 1,
    maxIdLength: numberIn(element, "EBMLMaxIDLength") ?? 4,
    maxSizeLength: numberIn(element, "EBMLMaxSizeLength") ?? 8,
    docType: textIn(element, "DocType") ?? "",
    docTypeVersion: numberIn(element, "DocTypeVersion") ?? 1,
    docTypeReadVersion: numberIn(element, "DocTypeReadVersion") ?? 1,
  };
}

/** Describes Info; absent, the defaults. */
export function describeInfo(element: MatroskaElement | undefined): SegmentInfo {
  const duration = numberIn(element, "Duration");
  const date = numberIn(element, "DateUTC");
  const made = date === undefined ? undefined : new Date(EPOCH_MS + date / 1e6);
  return {
    timestampScale: numberIn(element, "TimestampScale") || MILLISECOND,
    duration: duration !== undefined && duration > 0 && Number.isFinite(duration) ? duration : undefined,
    date: made !== undefined && !Number.isNaN(made.getTime()) ? made : undefined,
    title: textIn(element, "Title"),
    muxingApp: textIn(element, "MuxingApp"),
    writingApp: textIn(element, "WritingApp"),
    isLinked: childOf(element, "NextUUID") !== undefined || childOf(element, "PrevUUID") !== undefined,
  };
}

/** Describes the tracks of a Tracks element. */
export function describeTracks(element: MatroskaElement | undefined): MatroskaTrack[] {
  return childrenOf(element, "TrackEntry").map(describeTrack);
}

function describeTrack(entry: MatroskaElement): MatroskaTrack {
  const video = childOf(entry, "Video");
  const audio = childOf(entry, "Audio");
  const scale = numberIn(entry, "TrackTimestampScale") ?? 1;
  return {
    offset: entry.offset,
    number: numberIn(entry, "TrackNumber") ?? 0,
    uid: integerIn(entry, "TrackUID") ?? 0,
    type: numberIn(entry, "TrackType") ?? 0,
    codecId: textIn(entry, "CodecID") ?? "",
    codecPrivate: bytesIn(entry, "CodecPrivate"),
    codecName: textIn(entry, "CodecName"),
    name: textIn(entry, "Name"),
    language: textIn(entry, "LanguageBCP47") ?? textIn(entry, "Language") ?? "eng",
    isEnabled: flagIn(entry, "FlagEnabled", true),
    isDefault: flagIn(entry, "FlagDefault", true),
    saysDefault: childOf(entry, "FlagDefault") !== undefined,
    isForced: flagIn(entry, "FlagForced"),
    isHearingImpaired: flagIn(entry, "FlagHearingImpaired"),
    isVisualImpaired: flagIn(entry, "FlagVisualImpaired"),
    hasTextDescriptions: flagIn(entry, "FlagTextDescriptions"),
    isOriginal: flagIn(entry, "FlagOriginal"),
    isCommentary: flagIn(entry, "FlagCommentary"),
    mayLace: flagIn(entry, "FlagLacing", true),
    defaultDuration: numberIn(entry, "DefaultDuration") ?? 0,
    timestampScale: scale > 0 && Number.isFinite(scale) ? scale : 1,
    codecDelay: numberIn(entry, "CodecDelay") ?? 0,
    seekPreRoll: numberIn(entry, "SeekPreRoll") ?? 0,
    maxBlockAdditionId: numberIn(entry, "MaxBlockAdditionID") ?? 0,
    video: video && describeVideo(video),
    audio: audio && {
      samplingFrequency: numberIn(audio, "SamplingFrequency") ?? 8000,
      outputSamplingFrequency: numberIn(audio, "OutputSamplingFrequency"),
      channels: numberIn(audio, "Channels") ?? 1,
      bitDepth: numberIn(audio, "BitDepth"),
    },
    encodings: childrenOf(childOf(entry, "ContentEncodings"), "ContentEncoding").map(describeEncoding)
      .sort((a, b) => b.order - a.order),
    hasOperation: childOf(entry, "TrackOperation") !== undefined,
  };
}

function describeVideo(video: MatroskaElement): MatroskaVideo {
  const colour = childOf(video, "Colour");
  const projection = childOf(video, "Projection");
  const fourCC = childOf(video, "UncompressedFourCC")?.value;
  const side = (name: string) => numberIn(video, `PixelCrop${name}`) ?? 0;
  const turn = (name: string) => numberIn(projection, `ProjectionPose${name}`) ?? 0;
  return {
    pixelWidth: numberIn(video, "PixelWidth") ?? 0,
    pixelHeight: numberIn(video, "PixelHeight") ?? 0,
    displayWidth: numberIn(video, "DisplayWidth"),
    displayHeight: numberIn(video, "DisplayHeight"),
    displayUnit: numberIn(video, "DisplayUnit") ?? 0,
    crop: [side("Left"), side("Top"), side("Right"), side("Bottom")],
    flagInterlaced: numberIn(video, "FlagInterlaced") ?? 0,
    stereoMode: numberIn(video, "StereoMode") ?? 0,
    hasAlpha: flagIn(video, "AlphaMode"),
    frameRate: numberIn(video, "FrameRate"),
    uncompressedFourCC: fourCC instanceof Uint8Array ? String.fromCharCode(...fourCC.subarray(0, 4)) : undefined,
    colour: colour && describeColour(colour),
    projectionType: projection && (numberIn(projection, "ProjectionType") ?? 0),
    pose: [turn("Yaw"), turn("Pitch"), turn("Roll")],
  };
}

function describeColour(colour: MatroskaElement): MatroskaColour {
  const mastering = childOf(colour, "MasteringMetadata");
  const points = ["PrimaryRChromaticity", "PrimaryGChromaticity", "PrimaryBChromaticity", "WhitePointChromaticity"];
  return {
    matrix: numberIn(colour, "MatrixCoefficients"),
    range: numberIn(colour, "Range"),
    transfer: numberIn(colour, "TransferCharacteristics"),
    primaries: numberIn(colour, "Primaries"),
    bitsPerChannel: numberIn(colour, "BitsPerChannel"),
    maxCll: numberIn(colour, "MaxCLL"),
    maxFall: numberIn(colour, "MaxFALL"),
    mastering: mastering && {
      chromaticities: points.flatMap((point) => [numberIn(mastering, `${point}X`), numberIn(mastering, `${point}Y`)]),
      luminanceMax: numberIn(mastering, "LuminanceMax"),
      luminanceMin: numberIn(mastering, "LuminanceMin"),
    },
  };
}

function describeEncoding(encoding: MatroskaElement): ContentEncoding {
  const isEncryption = numberIn(encoding, "ContentEncodingType") === 1;
  const compression = childOf(encoding, "ContentCompression");
  const encryption = childOf(encoding, "ContentEncryption");
  return {
    order: numberIn(encoding, "ContentEncodingOrder") ?? 0,
    scope: numberIn(encoding, "ContentEncodingScope") ?? 1,
    isEncryption,
    algorithm: (isEncryption ? numberIn(encryption, "ContentEncAlgo") : numberIn(compression, "ContentCompAlgo")) ?? 0,
    settings: bytesIn(compression, "ContentCompSettings") ?? new Uint8Array(0),
  };
}

/** Describes the editions of a Chapters element. */
export function describeChapters(element: MatroskaElement | undefined): MatroskaEdition[] {
  return childrenOf(element, "EditionEntry").map((edition) => ({
    uid: integerIn(edition, "EditionUID"),
    isHidden: flagIn(edition, "EditionFlagHidden"),
    isDefault: flagIn(edition, "EditionFlagDefault"),
    isOrdered: flagIn(edition, "EditionFlagOrdered"),
    chapters: childrenOf(edition, "ChapterAtom").map(describeChapter),
  }));
}

function describeChapter(atom: MatroskaElement): MatroskaChapter {
  return {
    uid: integerIn(atom, "ChapterUID") ?? 0,
    start: numberIn(atom, "ChapterTimeStart") ?? 0,
    end: numberIn(atom, "ChapterTimeEnd"),
    isHidden: flagIn(atom, "ChapterFlagHidden"),
    isEnabled: flagIn(atom, "ChapterFlagEnabled", true),
    isLinked: childOf(atom, "ChapterSegmentUUID") !== undefined,
    names: childrenOf(atom, "ChapterDisplay").map((display) => ({
      text: textIn(display, "ChapString") ?? "",
      language: textIn(display, "ChapLanguageBCP47") ?? textIn(display, "ChapLanguage") ?? "eng",
    })),
    children: childrenOf(atom, "ChapterAtom").map(describeChapter),
  };
}

/** Describes the tags of a Tags element. */
export function describeTags(element: MatroskaElement | undefined): MatroskaTag[] {
  return childrenOf(element, "Tag").map((tag) => {
    const targets = childOf(tag, "Targets");
    const uids = (name: string) =>
      childrenOf(targets, name).map(({ value }) => value as number | bigint).filter((uid) => uid !== 0);
    return {
      targetType: numberIn(targets, "TargetTypeValue") ?? 50,
      targetName: textIn(targets, "TargetType"),
      trackUids: uids("TagTrackUID"),
      editionUids: uids("TagEditionUID"),
      chapterUids: uids("TagChapterUID"),
      attachmentUids: uids("TagAttachmentUID"),
      tags: childrenOf(tag, "SimpleTag").map(describeTag),
    };
  });
}

function describeTag(tag: MatroskaElement): SimpleTag {
  return {
    name: textIn(tag, "TagName") ?? "",
    text: textIn(tag, "TagString"),
    bytes: bytesIn(tag, "TagBinary"),
    language: textIn(tag, "TagLanguageBCP47") ?? textIn(tag, "TagLanguage") ?? "und",
    children: childrenOf(tag, "SimpleTag").map(describeTag),
  };
}

/** Describes the files of an Attachments element. */
export function describeAttachments(element: MatroskaElement | undefined): MatroskaAttachment[] {
  return childrenOf(element, "AttachedFile").map((file) => ({
    uid: integerIn(file, "FileUID") ?? 0,
    name: textIn(file, "FileName") ?? "",
    mediaType: textIn(file, "FileMediaType") ?? "",
    description: textIn(file, "FileDescription"),
    data: bytesIn(file, "FileData") ?? new Uint8Array(0),
  }));
}
