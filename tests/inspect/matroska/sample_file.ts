/**
 * A Matroska file that breaks no rule.
 *
 * @module
 */

import { blockBytes, el, find, inside, type Node } from "./ebml.ts";

const VIDEO_KEY = 0x80;

/** EBML header and Segment, to be changed and written. */
export function sampleFile(docType: "matroska" | "webm" = "matroska"): Node[] {
  const isWebm = docType === "webm";
  const segment = el("Segment", []);
  const position = (node: Node) => el("SeekPosition", (offsets) => offsets.of(node) - offsets.inside(segment));
  const info = el("Info", [
    el("TimestampScale", 1_000_000),
    el("MuxingApp", "test"),
    el("WritingApp", "test"),
    el("Duration", 1000, { float: 8 }),
  ], { crc: "right" });
  const tracks = el("Tracks", [
    el("TrackEntry", [
      el("TrackNumber", 1),
      el("TrackUID", 0x1234_5678_9ABC_DEF0n),
      el("TrackType", 1),
      el("FlagLacing", 0),
      el("CodecID", "V_VP8"),
      el("DefaultDuration", 100_000_000),
      el("Video", [el("PixelWidth", 160), el("PixelHeight", 120)]),
    ]),
    el("TrackEntry", [
      el("TrackNumber", 2),
      el("TrackUID", 22),
      el("TrackType", 2),
      el("CodecID", "A_OPUS"),
      el(
        "CodecPrivate",
        new Uint8Array([...new TextEncoder().encode("OpusHead"), 1, 1, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0]),
      ),
      el("CodecDelay", 6_500_000),
      el("SeekPreRoll", 80_000_000),
      el("Audio", [el("SamplingFrequency", 48_000, { float: 4 }), el("Channels", 1)]),
    ]),
  ], { crc: "right" });
  let previous: Node | undefined;
  const clusters = [0, 300, 600].map((timestamp) => {
    const before = previous;
    const cluster: Node = el("Cluster", [
      el("Timestamp", timestamp),
      ...isWebm ? [] : [el("Position", (offsets) => offsets.of(cluster) - offsets.inside(segment))],
      ...before === undefined ? [] : [el("PrevSize", (offsets) => offsets.of(cluster) - offsets.of(before))],
      ...[0, 100, 200].flatMap((relative, i) => [
        el("SimpleBlock", blockBytes(1, relative, i === 0 ? VIDEO_KEY : 0, [0x10, 1, 2, 3])),
        el("SimpleBlock", blockBytes(2, relative, VIDEO_KEY, [0xFC, 9, 9])),
      ]),
      el("BlockGroup", [el("Block", blockBytes(2, 280, 0, [0xFC, 7])), el("BlockDuration", 20)]),
    ], { crc: "right" });
    previous = cluster;
    return cluster;
  });
  const cues = el(
    "Cues",
    clusters.map((cluster) =>
      el("CuePoint", [
        el("CueTime", inside(cluster)[0]!.content),
        el("CueTrackPositions", [
          el("CueTrack", 1),
          el("CueClusterPosition", (offsets) => offsets.of(cluster) - offsets.inside(segment)),
          el(
            "CueRelativePosition",
            (offsets) => offsets.of(find(inside(cluster), "SimpleBlock")) - offsets.inside(cluster),
          ),
        ]),
      ])
    ),
  );
  const chapters = el("Chapters", [
    el("EditionEntry", [
      ...isWebm ? [] : [el("EditionUID", 77)],
      el("ChapterAtom", [
        el("ChapterUID", 71),
        el("ChapterTimeStart", 0),
        el("ChapterTimeEnd", 500_000_000),
        el("ChapterDisplay", [el("ChapString", "One"), el("ChapLanguage", "eng")]),
      ]),
      el("ChapterAtom", [el("ChapterUID", 72), el("ChapterTimeStart", 500_000_000)]),
    ]),
  ]);
  const tags = el("Tags", [
    el("Tag", [
      el("Targets", [el("TargetTypeValue", 30), el("TagTrackUID", 22)]),
      el("SimpleTag", [el("TagName", "TITLE"), el("TagString", "A")]),
    ]),
  ]);
  const attachments = el("Attachments", [
    el("AttachedFile", [
      el("FileName", "a.bin"),
      el("FileMediaType", "application/octet-stream"),
      el("FileData", new Uint8Array(9)),
      el("FileUID", 99),
    ]),
  ]);
  const behind = isWebm ? [chapters, tags] : [chapters, tags, attachments];
  const seekHead = el(
    "SeekHead",
    [[0x1549A966, info], [0x1654AE6B, tracks], [0x1C53BB6B, cues]].map(([id, node]) =>
      el("Seek", [
        el("SeekID", new Uint8Array([24, 16, 8, 0].map((shift) => (id as number) >> shift & 0xFF))),
        position(node as Node),
      ])
    ),
  );
  segment.content = [seekHead, info, tracks, ...clusters, cues, ...behind];
  segment.sizeBytes = 8;
  return [
    el("EBML", [
      el("EBMLVersion", 1),
      el("EBMLReadVersion", 1),
      el("EBMLMaxIDLength", 4),
      el("EBMLMaxSizeLength", 8),
      el("DocType", docType),
      el("DocTypeVersion", 4),
      el("DocTypeReadVersion", 2),
    ]),
    segment,
  ];
}
