/**
 * The elements of EBML and Matroska by their IDs ([RFC 8794], [RFC 9559]).
 *
 * @module
 */

/** How an element's bytes are read: `m` holds elements, `u` `i` integers, `f` float, `s` ASCII, `t` UTF-8, `d` date, `b` bytes. */
export type ElementType = "m" | "u" | "i" | "f" | "s" | "t" | "d" | "b";

/** What the specification says of one element. */
export interface ElementSpec {
  readonly id: number;
  readonly name: string;
  readonly type: ElementType;
  /** The ID of what it stands in; 0: nothing. */
  readonly parent: number;
  /** Its parent must have one, and no default stands in for it. */
  readonly isMandatory: boolean;
  /** Its parent may have several. */
  readonly repeats: boolean;
  /** It may stand in itself. */
  readonly isRecursive: boolean;
  /** 0 is no value of it. */
  readonly isNonZero: boolean;
  /** WebM has it. */
  readonly isWebm: boolean;
}

/** IDs that code asks for by name. */
export const ID = {
  EBML: 0x1A45DFA3,
  Segment: 0x18538067,
  SeekHead: 0x114D9B74,
  Info: 0x1549A966,
  Tracks: 0x1654AE6B,
  Cluster: 0x1F43B675,
  Cues: 0x1C53BB6B,
  Attachments: 0x1941A469,
  Chapters: 0x1043A770,
  Tags: 0x1254C367,
  Void: 0xEC,
  CRC32: 0xBF,
  Timestamp: 0xE7,
  SilentTracks: 0x5854,
  Position: 0xA7,
  PrevSize: 0xAB,
  SimpleBlock: 0xA3,
  BlockGroup: 0xA0,
  EncryptedBlock: 0xAF,
  Block: 0xA1,
  BlockAdditions: 0x75A1,
  BlockDuration: 0x9B,
  ReferenceBlock: 0xFB,
  DiscardPadding: 0x75A2,
} as const;

/**
 * One element a line, inside of what it is indented behind: ID, name, type, and what else is to be said: `!` mandatory,
 * `+` repeats, `r` recursive, `n` not zero, `w` in WebM too.
 */
const TABLE = `
1A45DFA3 EBML m !w
 4286 EBMLVersion u w
 42F7 EBMLReadVersion u w
 42F2 EBMLMaxIDLength u wn
 42F3 EBMLMaxSizeLength u wn
 4282 DocType s !w
 4287 DocTypeVersion u wn
 4285 DocTypeReadVersion u wn
 4281 DocTypeExtension m +
  4283 DocTypeExtensionName s !
  4284 DocTypeExtensionVersion u !n
18538067 Segment m !w
 114D9B74 SeekHead m +w
  4DBB Seek m !+w
   53AB SeekID b !w
   53AC SeekPosition u !w
 1549A966 Info m !w
  73A4 SegmentUUID b
  7384 SegmentFilename t
  3CB923 PrevUUID b
  3C83AB PrevFilename t
  3EB923 NextUUID b
  3E83BB NextFilename t
  4444 SegmentFamily b +
  6924 ChapterTranslate m +
   69A5 ChapterTranslateID b !
   69BF ChapterTranslateCodec u !
   69FC ChapterTranslateEditionUID u +
  2AD7B1 TimestampScale u wn
  4489 Duration f w
  4461 DateUTC d w
  7BA9 Title t w
  4D80 MuxingApp t !w
  5741 WritingApp t !w
 1F43B675 Cluster m +w
  E7 Timestamp u !w
  5854 SilentTracks m
   58D7 SilentTrackNumber u +
  A7 Position u
  AB PrevSize u w
  A3 SimpleBlock b +w
  A0 BlockGroup m +w
   A1 Block b !w
   A2 BlockVirtual b
   75A1 BlockAdditions m w
    A6 BlockMore m !+w
     EE BlockAddID u wn
     A5 BlockAdditional b !w
   9B BlockDuration u w
   FA ReferencePriority u
   FB ReferenceBlock i +w
   FD ReferenceVirtual i
   A4 CodecState b
   75A2 DiscardPadding i w
   8E Slices m
    E8 TimeSlice m +
     CC LaceNumber u
     CD FrameNumber u
     CB BlockAdditionID u
     CE Delay u
     CF SliceDuration u
   C8 ReferenceFrame m
    C9 ReferenceOffset u !
    CA ReferenceTimestamp u !
  AF EncryptedBlock b +
 1654AE6B Tracks m w
  AE TrackEntry m !+w
   D7 TrackNumber u !wn
   73C5 TrackUID u !wn
   83 TrackType u !wn
   B9 FlagEnabled u w
   88 FlagDefault u w
   55AA FlagForced u w
   55AB FlagHearingImpaired u
   55AC FlagVisualImpaired u
   55AD FlagTextDescriptions u
   55AE FlagOriginal u
   55AF FlagCommentary u
   9C FlagLacing u w
   6DE7 MinCache u
   6DF8 MaxCache u
   23E383 DefaultDuration u wn
   234E7A DefaultDecodedFieldDuration u n
   23314F TrackTimestampScale f
   537F TrackOffset i
   55EE MaxBlockAdditionID u w
   41E4 BlockAdditionMapping m +w
    41F0 BlockAddIDValue u w
    41A4 BlockAddIDName s w
    41E7 BlockAddIDType u w
    41ED BlockAddIDExtraData b w
   536E Name t w
   22B59C Language s w
   22B59D LanguageBCP47 s
   86 CodecID s !w
   63A2 CodecPrivate b w
   258688 CodecName t w
   7446 AttachmentLink u +n
   3A9697 CodecSettings t
   3B4040 CodecInfoURL s +
   26B240 CodecDownloadURL s +
   AA CodecDecodeAll u
   6FAB TrackOverlay u +
   56AA CodecDelay u w
   56BB SeekPreRoll u w
   6624 TrackTranslate m +
    66A5 TrackTranslateTrackID b !
    66BF TrackTranslateCodec u !
    66FC TrackTranslateEditionUID u +
   E0 Video m w
    9A FlagInterlaced u w
    9D FieldOrder u
    53B8 StereoMode u w
    53C0 AlphaMode u w
    53B9 OldStereoMode u
    B0 PixelWidth u !wn
    BA PixelHeight u !wn
    54AA PixelCropBottom u w
    54BB PixelCropTop u w
    54CC PixelCropLeft u w
    54DD PixelCropRight u w
    54B0 DisplayWidth u wn
    54BA DisplayHeight u wn
    54B2 DisplayUnit u w
    54B3 AspectRatioType u w
    2EB524 UncompressedFourCC b
    2FB523 GammaValue f
    2383E3 FrameRate f w
    55B0 Colour m w
     55B1 MatrixCoefficients u w
     55B2 BitsPerChannel u w
     55B3 ChromaSubsamplingHorz u w
     55B4 ChromaSubsamplingVert u w
     55B5 CbSubsamplingHorz u w
     55B6 CbSubsamplingVert u w
     55B7 ChromaSitingHorz u w
     55B8 ChromaSitingVert u w
     55B9 Range u w
     55BA TransferCharacteristics u w
     55BB Primaries u w
     55BC MaxCLL u w
     55BD MaxFALL u w
     55D0 MasteringMetadata m w
      55D1 PrimaryRChromaticityX f w
      55D2 PrimaryRChromaticityY f w
      55D3 PrimaryGChromaticityX f w
      55D4 PrimaryGChromaticityY f w
      55D5 PrimaryBChromaticityX f w
      55D6 PrimaryBChromaticityY f w
      55D7 WhitePointChromaticityX f w
      55D8 WhitePointChromaticityY f w
      55D9 LuminanceMax f w
      55DA LuminanceMin f w
    7670 Projection m w
     7671 ProjectionType u w
     7672 ProjectionPrivate b w
     7673 ProjectionPoseYaw f w
     7674 ProjectionPosePitch f w
     7675 ProjectionPoseRoll f w
   E1 Audio m w
    B5 SamplingFrequency f w
    78B5 OutputSamplingFrequency f w
    9F Channels u wn
    7D7B ChannelPositions b
    6264 BitDepth u wn
    52F1 Emphasis u
   E2 TrackOperation m
    E3 TrackCombinePlanes m
     E4 TrackPlane m !+
      E5 TrackPlaneUID u !n
      E6 TrackPlaneType u !
    E9 TrackJoinBlocks m
     ED TrackJoinUID u !+n
   C0 TrickTrackUID u
   C1 TrickTrackSegmentUID b
   C6 TrickTrackFlag u
   C7 TrickMasterTrackUID u
   C4 TrickMasterTrackSegmentUID b
   6D80 ContentEncodings m w
    6240 ContentEncoding m !+w
     5031 ContentEncodingOrder u w
     5032 ContentEncodingScope u wn
     5033 ContentEncodingType u w
     5034 ContentCompression m
      4254 ContentCompAlgo u
      4255 ContentCompSettings b
     5035 ContentEncryption m w
      47E1 ContentEncAlgo u w
      47E2 ContentEncKeyID b w
      47E7 ContentEncAESSettings m w
       47E8 AESSettingsCipherMode u !wn
      47E3 ContentSignature b
      47E4 ContentSigKeyID b
      47E5 ContentSigAlgo u
      47E6 ContentSigHashAlgo u
 1C53BB6B Cues m w
  BB CuePoint m !+w
   B3 CueTime u !w
   B7 CueTrackPositions m !+w
    F7 CueTrack u !wn
    F1 CueClusterPosition u !w
    F0 CueRelativePosition u w
    B2 CueDuration u w
    5378 CueBlockNumber u wn
    EA CueCodecState u
    DB CueReference m +
     96 CueRefTime u !
     97 CueRefCluster u
     535F CueRefNumber u
     EB CueRefCodecState u
 1941A469 Attachments m
  61A7 AttachedFile m !+
   467E FileDescription t
   466E FileName t !
   4660 FileMediaType s !
   465C FileData b !
   46AE FileUID u !n
   4675 FileReferral b
   4661 FileUsedStartTime u
   4662 FileUsedEndTime u
 1043A770 Chapters m w
  45B9 EditionEntry m !+w
   45BC EditionUID u n
   45BD EditionFlagHidden u
   45DB EditionFlagDefault u
   45DD EditionFlagOrdered u
   4520 EditionDisplay m +
    4521 EditionString t !
    45E4 EditionLanguageIETF s +
   B6 ChapterAtom m !+rw
    73C4 ChapterUID u !wn
    5654 ChapterStringUID t w
    91 ChapterTimeStart u !w
    92 ChapterTimeEnd u w
    98 ChapterFlagHidden u
    4598 ChapterFlagEnabled u
    6E67 ChapterSegmentUUID b
    4588 ChapterSkipType u
    6EBC ChapterSegmentEditionUID u n
    63C3 ChapterPhysicalEquiv u
    8F ChapterTrack m
     89 ChapterTrackUID u !+n
    80 ChapterDisplay m +w
     85 ChapString t !w
     437C ChapLanguage s +w
     437D ChapLanguageBCP47 s +
     437E ChapCountry s +w
    6944 ChapProcess m +
     6955 ChapProcessCodecID u
     450D ChapProcessPrivate b
     6911 ChapProcessCommand m +
      6922 ChapProcessTime u !
      6933 ChapProcessData b !
 1254C367 Tags m +w
  7373 Tag m !+w
   63C0 Targets m !w
    68CA TargetTypeValue u wn
    63CA TargetType s w
    63C5 TagTrackUID u +w
    63C9 TagEditionUID u +
    63C4 TagChapterUID u +
    63C6 TagAttachmentUID u +
   67C8 SimpleTag m !+rw
    45A3 TagName t !w
    447A TagLanguage s w
    447B TagLanguageBCP47 s
    4484 TagDefault u w
    44B4 TagDefaultBogus u
    4487 TagString t w
    4485 TagBinary b w
EC Void b +w
BF CRC-32 b w`;

function parseTable(): Map<number, ElementSpec> {
  const specs = new Map<number, ElementSpec>();
  const parents: number[] = [];
  for (const line of TABLE.slice(1).split("\n")) {
    const depth = line.search(/\S/);
    const [hex, name, type, flags = ""] = line.trim().split(" ");
    const id = parseInt(hex!, 16);
    parents[depth] = id;
    specs.set(id, {
      id,
      name: name!,
      type: type as ElementType,
      parent: depth === 0 ? 0 : parents[depth - 1]!,
      isMandatory: flags.includes("!"),
      repeats: flags.includes("+"),
      isRecursive: flags.includes("r"),
      isNonZero: flags.includes("n"),
      isWebm: flags.includes("w"),
    });
  }
  return specs;
}

/** By ID. */
export const ELEMENTS: ReadonlyMap<number, ElementSpec> = /* @__PURE__ */ parseTable();

/** The elements that a parent must have. */
export function mandatoryIn(parent: number): readonly ElementSpec[] {
  return MANDATORY.get(parent) ?? [];
}

const MANDATORY = /* @__PURE__ */ mandatoryByParent();

function mandatoryByParent(): ReadonlyMap<number, readonly ElementSpec[]> {
  const byParent = new Map<number, ElementSpec[]>();
  for (const element of ELEMENTS.values()) {
    if (!element.isMandatory) continue;
    const siblings = byParent.get(element.parent);
    if (siblings) siblings.push(element);
    else byParent.set(element.parent, [element]);
  }
  return byParent;
}

/** What may stand in a Segment, beside Void and CRC-32. */
export function isTopLevel(id: number): boolean {
  switch (id) {
    case ID.SeekHead:
    case ID.Info:
    case ID.Tracks:
    case ID.Cluster:
    case ID.Cues:
    case ID.Attachments:
    case ID.Chapters:
    case ID.Tags:
      return true;
    default:
      return false;
  }
}

/** Name of an element, for messages. */
export function nameOf(id: number): string {
  return ELEMENTS.get(id)?.name ?? `0x${id.toString(16).toUpperCase()}`;
}
