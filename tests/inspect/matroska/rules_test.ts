/** Each rule about Matroska with the defects that it is for; and files without any. */

import { assert, assertEquals } from "@std/assert";
import { openInput } from "../../../src/inspect/byte_source.ts";
import { Findings, type ValidationReport } from "../../../src/inspect/findings.ts";
import { judgeMatroska } from "../../../src/inspect/matroska/judge.ts";
import { inChunks } from "../../demux/support.ts";
import { readerTest } from "../../support/readers.ts";
import { runOk } from "../../support/run.ts";
import { fixture, withTempDir } from "../../support/temp.ts";
import { blockBytes, el, find, inside, type Node, remove, write } from "./ebml.ts";
import { sampleFile } from "./sample_file.ts";

async function judge(source: Uint8Array | ReadableStream<Uint8Array>): Promise<ValidationReport> {
  const input = openInput(source);
  const findings = new Findings();
  try {
    return findings.report(await judgeMatroska(input, findings), input.size);
  } finally {
    await input.close();
  }
}

const linesOf = ({ issues }: ValidationReport) =>
  issues.map((one) => `${one.severity} ${one.rule} @${one.offset} ${one.message}`);

type Change = (file: Node[], segment: Node) => void | Uint8Array;
type Row = [rule: string, severity: "E" | "W" | "I", defect: string, change: Change, docType?: "webm"];

const entry = (segment: Node, index = 0) => inside(find(inside(segment), "Tracks"))[index]!;
const cluster = (segment: Node, index = 0) => inside(segment).filter(({ name }) => name === "Cluster")[index]!;
const cue = (segment: Node, index = 0) => inside(find(inside(segment), "Cues"))[index]!;
const set = (parent: Node, name: string, content: Node["content"]) => {
  const child = inside(parent).find((node) => node.name === name);
  if (child === undefined) inside(parent).push(el(name, content));
  else child.content = content;
};
/** Index of the n-th occurrence of bytes. */
const indexOf = (bytes: Uint8Array, wanted: number[], nth = 1) => {
  for (let at = 0; at < bytes.byteLength; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte) && --nth === 0) return at;
  }
  throw new Error("not found");
};
const CLUSTER = [0x1F, 0x43, 0xB6, 0x75];

const ROWS: Row[] = [
  ["K01", "E", "no EBML header", (file) => void file.shift()],
  ["K01", "E", "another beginning", (file) => write(file).fill(0x41, 0, 4)],
  ["K02", "E", "a later EBML", (file) => set(file[0]!, "EBMLReadVersion", 2)],
  ["K02", "E", "longer IDs", (file) => set(file[0]!, "EBMLMaxIDLength", 8)],
  ["K02", "E", "another DocType", (file) => set(file[0]!, "DocType", "mkv")],
  ["K03", "E", "a read version above the version", (file) => set(file[0]!, "DocTypeVersion", 1)],
  [
    "K03",
    "W",
    "a read version that nobody knows",
    (file) => (set(file[0]!, "DocTypeVersion", 9), set(file[0]!, "DocTypeReadVersion", 9)),
  ],
  [
    "K03",
    "W",
    "a SimpleBlock in version 1",
    (file) => (set(file[0]!, "DocTypeVersion", 1), set(file[0]!, "DocTypeReadVersion", 1)),
  ],
  ["K03", "I", "an element of version 4 in version 2", (file) => set(file[0]!, "DocTypeVersion", 2)],
  ["K04", "E", "no Segment", (file) => void file.pop()],
  ["K04", "E", "a Void for a Segment", (file) => void (file[1] = el("Void", new Uint8Array(9)))],
  [
    "K05",
    "E",
    "a block that is longer than its Cluster",
    (_, segment) => void (inside(cluster(segment)).at(-1)!.claim = 5),
  ],
  ["K05", "E", "a Cluster that is longer than it is", (_, segment) => void (cluster(segment).claim = 40)],
  [
    "K05",
    "E",
    "a value that is longer than its parent",
    (_, segment) => void (inside(entry(segment)).at(-1)!.claim = 3),
  ],
  ["K06", "E", "cut in the last Cluster", (file) => write(file).slice(0, indexOf(write(file), CLUSTER, 3) + 30)],
  ["K06", "E", "cut in Tags", (file) => write(file).slice(0, -10)],
  ["K07", "E", "zeros in a Cluster", (file) => {
    const bytes = write(file);
    return bytes.fill(0, indexOf(bytes, CLUSTER, 2) + 8, indexOf(bytes, CLUSTER, 2) + 60);
  }],
  ["K07", "E", "zeros between Clusters", (_, segment) => void (cluster(segment).after = new Uint8Array(100))],
  ["K07", "E", "zeros in a TrackEntry", (_, segment) => void (inside(entry(segment))[1]!.after = new Uint8Array(3))],
  [
    "K08",
    "W",
    "an unknown element in TrackEntry",
    (_, segment) => void inside(entry(segment)).push(el("Name", "x", { id: 0x7FFA })),
  ],
  [
    "K08",
    "W",
    "an unknown element in Segment",
    (_, segment) => void inside(segment).push(el("Tags", [], { id: 0x1B538668 })),
  ],
  [
    "K08",
    "W",
    "an unknown element in Cluster",
    (_, segment) => void inside(cluster(segment)).push(el("Name", "x", { id: 0x7FFA })),
  ],
  ["K09", "E", "a Title in a TrackEntry", (_, segment) => void inside(entry(segment)).push(el("Title", "x"))],
  [
    "K09",
    "E",
    "a TrackEntry in Info",
    (_, segment) => void inside(find(inside(segment), "Info")).push(el("PixelWidth", 5)),
  ],
  ["K09", "E", "a CodecID in a Cluster", (_, segment) => void inside(cluster(segment)).push(el("CodecID", "x"))],
  ["K10", "E", "a track without CodecID", (_, segment) => remove(entry(segment), "CodecID")],
  ["K10", "E", "no Tracks", (_, segment) => remove(segment, "Tracks")],
  ["K10", "E", "no Info", (_, segment) => remove(segment, "Info")],
  ["K10", "E", "video without Video", (_, segment) => remove(entry(segment), "Video")],
  ["K10", "E", "a BlockGroup without Block", (_, segment) => remove(inside(cluster(segment)).at(-1)!, "Block")],
  ["K11", "E", "two CodecIDs", (_, segment) => void inside(entry(segment)).push(el("CodecID", "V_VP8"))],
  ["K11", "W", "two Cues", (_, segment) => void inside(segment).push(find(inside(segment), "Cues"))],
  [
    "K12",
    "E",
    "an integer of nine bytes",
    (_, segment) => set(entry(segment), "TrackType", new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 1])),
  ],
  [
    "K12",
    "E",
    "a float of three bytes",
    (_, segment) => set(find(inside(segment), "Info"), "Duration", new Uint8Array(3)),
  ],
  [
    "K12",
    "E",
    "a checksum of two bytes",
    (_, segment) => void inside(cluster(segment)).unshift(el("CRC-32", new Uint8Array(2))),
  ],
  ["K13", "E", "pictures without width", (_, segment) => set(find(inside(entry(segment)), "Video"), "PixelWidth", 0)],
  ["K13", "E", "TimestampScale 0", (_, segment) => set(find(inside(segment), "Info"), "TimestampScale", 0)],
  ["K13", "E", "TrackType 9", (_, segment) => set(entry(segment), "TrackType", 9)],
  ["K13", "W", "a flag of 2", (_, segment) => set(entry(segment), "FlagLacing", 2)],
  [
    "K13",
    "E",
    "a rate below 0",
    (_, segment) => void (find(inside(entry(segment, 1)), "Audio", "SamplingFrequency").content = -1),
  ],
  [
    "K14",
    "E",
    "a Seek into a Cluster",
    (_, segment) =>
      set(find(inside(segment), "SeekHead", "Seek"), "SeekPosition", (offsets) => offsets.inside(cluster(segment))),
  ],
  ["K14", "E", "a Seek of Cues that leads to Tracks", (_, segment) => {
    const seeks = inside(find(inside(segment), "SeekHead"));
    set(seeks[2]!, "SeekPosition", inside(seeks[1]!)[1]!.content);
  }],
  [
    "K15",
    "I",
    "no Cues",
    (_, segment) => (remove(segment, "Cues"), void inside(find(inside(segment), "SeekHead")).pop()),
  ],
  ["K15", "I", "no SeekHead", (_, segment) => remove(segment, "SeekHead")],
  [
    "K16",
    "E",
    "a cue behind a Cluster's beginning",
    (_, segment) =>
      set(
        inside(cue(segment))[1]!,
        "CueClusterPosition",
        (offsets) => offsets.of(cluster(segment)) - offsets.inside(segment) + 4,
      ),
  ],
  ["K16", "E", "a cue behind the file", (_, segment) => set(inside(cue(segment))[1]!, "CueClusterPosition", 1_000_000)],
  ["K17", "E", "a cue of a track that is not there", (_, segment) => set(inside(cue(segment))[1]!, "CueTrack", 9)],
  ["K17", "W", "a cue at another time", (_, segment) => set(cue(segment, 1), "CueTime", 350)],
  [
    "K17",
    "E",
    "a cue to another block",
    (_, segment) =>
      set(
        inside(cue(segment))[1]!,
        "CueRelativePosition",
        (offsets) => offsets.of(inside(cluster(segment))[3]!) - offsets.inside(cluster(segment)),
      ),
  ],
  ["K18", "W", "cues out of order", (_, segment) => void inside(find(inside(segment), "Cues")).reverse()],
  [
    "K18",
    "W",
    "a cue to no key frame",
    (_, segment) =>
      void (find(inside(cluster(segment, 1)), "SimpleBlock").content = blockBytes(1, 0, 0, [0x11, 1, 2, 3])),
  ],
  ["K19", "E", "a Cluster without Timestamp", (_, segment) => remove(cluster(segment, 1), "Timestamp")],
  [
    "K19",
    "E",
    "a Timestamp behind the blocks",
    (_, segment) => void inside(cluster(segment, 1)).push(inside(cluster(segment, 1)).shift()!),
  ],
  ["K20", "I", "Clusters out of order", (_, segment) => set(cluster(segment, 2), "Timestamp", 200)],
  ["K20", "W", "Clusters far out of order", (_, segment) => set(cluster(segment, 1), "Timestamp", 5000)],
  ["K21", "W", "another Position", (_, segment) => set(cluster(segment, 1), "Position", 5)],
  ["K21", "W", "another PrevSize", (_, segment) => set(cluster(segment, 1), "PrevSize", 5)],
  [
    "K22",
    "E",
    "a block of track 7",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(7, 0, 0, [1]))),
  ],
  [
    "K22",
    "E",
    "a BlockGroup of track 3",
    (_, segment) => void inside(cluster(segment)).push(el("BlockGroup", [el("Block", blockBytes(3, 0, 0, [1]))])),
  ],
  [
    "K23",
    "E",
    "a Xiph lace without room",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(2, 290, 2, [1, 200, 1]))),
  ],
  [
    "K23",
    "E",
    "an EBML lace without room",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(2, 290, 6, [1, 0x90, 1]))),
  ],
  [
    "K23",
    "E",
    "a fixed lace that does not divide",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(2, 290, 4, [1, 1, 1, 1]))),
  ],
  [
    "K23",
    "W",
    "a lace of a track without",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(1, 290, 4, [1, 1, 1]))),
  ],
  [
    "K24",
    "E",
    "a block without a header",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", new Uint8Array(2))),
  ],
  [
    "K24",
    "W",
    "a block without bytes",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(1, 290, 0, []))),
  ],
  [
    "K24",
    "W",
    "a lace with an empty frame",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(2, 290, 2, [1, 0, 1]))),
  ],
  ["K25", "E", "another checksum of Tracks", (_, segment) => void (find(inside(segment), "Tracks").crc = "wrong")],
  ["K25", "E", "another checksum of a Cluster", (_, segment) => void (cluster(segment, 1).crc = "wrong")],
  [
    "K25",
    "W",
    "a checksum behind",
    (_, segment) => void inside(find(inside(segment), "Cues")).push(el("CRC-32", new Uint8Array(4))),
  ],
  ["K26", "E", "Info of unknown size", (_, segment) => void (find(inside(segment), "Info").claim = "unknown")],
  ["K26", "E", "a TrackEntry of unknown size", (_, segment) => void (entry(segment, 1).claim = "unknown")],
  ["K27", "E", "two tracks of a number", (_, segment) => set(entry(segment, 1), "TrackNumber", 1)],
  ["K27", "E", "two tracks of a UID", (_, segment) => set(entry(segment, 1), "TrackUID", 0x1234_5678_9ABC_DEF0n)],
  [
    "K27",
    "E",
    "two chapters of a UID",
    (_, segment) => set(inside(find(inside(segment), "Chapters", "EditionEntry"))[2]!, "ChapterUID", 71),
  ],
  [
    "K28",
    "W",
    "a tag of no track",
    (_, segment) => set(find(inside(segment), "Tags", "Tag", "Targets"), "TagTrackUID", 23),
  ],
  [
    "K28",
    "W",
    "a tag of no chapter",
    (_, segment) => set(find(inside(segment), "Tags", "Tag", "Targets"), "TagChapterUID", 23),
  ],
  [
    "K29",
    "W",
    "sound that goes back",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(2, 10, 0x80, [1]))),
  ],
  [
    "K29",
    "W",
    "a time below 0",
    (_, segment) => void inside(cluster(segment)).push(el("SimpleBlock", blockBytes(1, -10, 0x80, [1]))),
  ],
  [
    "K30",
    "W",
    "a Duration that is too short",
    (_, segment) => void (find(inside(segment), "Info", "Duration").content = 500),
  ],
  [
    "K30",
    "W",
    "a Duration that is too long",
    (_, segment) => void (find(inside(segment), "Info", "Duration").content = 5000),
  ],
  ["K31", "E", "H.264 in WebM", (_, segment) => set(entry(segment), "CodecID", "V_MPEG4/ISO/AVC"), "webm"],
  [
    "K31",
    "W",
    "an attachment in WebM",
    (_, segment) => void inside(segment).push(find(inside(sampleFile()[1]!), "Attachments")),
    "webm",
  ],
  ["K33", "W", "a name that is no UTF-8", (_, segment) => set(entry(segment), "Name", new Uint8Array([0x41, 0xFF]))],
  [
    "K33",
    "W",
    "a chapter that is no UTF-8",
    (_, segment) =>
      void (find(inside(segment), "Chapters", "EditionEntry", "ChapterAtom", "ChapterDisplay", "ChapString").content =
        new Uint8Array([0xC0])),
  ],
  ["K34", "E", "sizes of nine bytes", (file) => set(file[0]!, "EBMLMaxSizeLength", 9)],
  ["K34", "E", "sizes of 200 bytes", (file) => set(file[0]!, "EBMLMaxSizeLength", 200)],
  ["K35", "E", "VfW without CodecPrivate", (_, segment) => set(entry(segment), "CodecID", "V_MS/VFW/FOURCC")],
  ["K35", "I", "H.264 without CodecPrivate", (_, segment) => set(entry(segment), "CodecID", "V_MPEG4/ISO/AVC")],
  ["K35", "W", "Opus without CodecPrivate", (_, segment) => remove(entry(segment, 1), "CodecPrivate")],
  ["K36", "I", "a track without blocks", (_, segment) => {
    const third = structuredClone({ ...entry(segment), content: [] }) as Node;
    third.content = inside(entry(segment)).map((node) => ({ ...node }));
    set(third, "TrackNumber", 3);
    set(third, "TrackUID", 3);
    inside(find(inside(segment), "Tracks")).push(third);
  }],
  ["K36", "I", "pictures without blocks", (_, segment) => {
    for (let i = 0; i < 3; i++) {
      const part = cluster(segment, i);
      part.content = inside(part).filter(({ content }) => !(content instanceof Uint8Array && content[0] === 0x81));
    }
    remove(segment, "Cues");
    inside(find(inside(segment), "SeekHead")).pop();
  }],
  [
    "K37",
    "W",
    "a first picture that is no key",
    (_, segment) => void (find(inside(cluster(segment)), "SimpleBlock").content = blockBytes(1, 0, 0, [1])),
  ],
  [
    "K37",
    "W",
    "a first picture that refers to one",
    (_, segment) =>
      void inside(cluster(segment)).splice(
        2,
        0,
        el("BlockGroup", [el("Block", blockBytes(1, 0, 0, [1])), el("ReferenceBlock", 1)]),
      ),
  ],
  ["K39", "W", "bytes behind the Segment", (file) => new Uint8Array([...write(file), 1, 2, 3, 4, 5, 6, 7, 8, 9])],
  ["K39", "I", "another recording", (file) => new Uint8Array([...write(file), ...write(sampleFile())])],
  ["K40", "I", "no CodecDelay", (_, segment) => remove(entry(segment, 1), "CodecDelay")],
  ["K40", "W", "another CodecDelay", (_, segment) => set(entry(segment, 1), "CodecDelay", 65_000_000)],
  [
    "K41",
    "E",
    "pictures that run over 16 bits",
    (_, segment) =>
      void inside(cluster(segment)).push(
        el("SimpleBlock", blockBytes(1, 32_000, 0, [1])),
        el("SimpleBlock", blockBytes(1, -32_000, 0, [1])),
      ),
  ],
  [
    "K41",
    "E",
    "sound that runs over 16 bits",
    (_, segment) =>
      void inside(cluster(segment)).push(
        el("SimpleBlock", blockBytes(2, 32_767, 0, [1])),
        el("SimpleBlock", blockBytes(2, -32_768, 0, [1])),
      ),
  ],
  [
    "K43",
    "W",
    "a chapter that ends before it begins",
    (_, segment) => set(inside(find(inside(segment), "Chapters", "EditionEntry"))[2]!, "ChapterTimeEnd", 5),
  ],
  [
    "K43",
    "W",
    "a chapter outside of the one around it",
    (_, segment) =>
      void inside(find(inside(segment), "Chapters", "EditionEntry", "ChapterAtom")).push(
        el("ChapterAtom", [el("ChapterUID", 9), el("ChapterTimeStart", 900_000_000)]),
      ),
  ],
];

Deno.test("a Matroska and a WebM file that follow all rules have no findings", async () => {
  for (const docType of ["matroska", "webm"] as const) {
    const bytes = write(sampleFile(docType));
    assertEquals(linesOf(await judge(bytes)), [], docType);
    assertEquals(linesOf(await judge(inChunks(bytes, 7))), [], docType);
  }
});

for (const [rule, severity, defect, change, docType] of ROWS) {
  Deno.test(`${rule} finds ${defect}`, async () => {
    const file = sampleFile(docType);
    const changed = change(file, file[1]!);
    const bytes = changed instanceof Uint8Array ? changed : write(file);
    const report = await judge(bytes);
    const found = report.issues.some((issue) => issue.rule === rule && issue.severity === severity);
    assert(found, `found instead: ${linesOf(report).join("\n")}`);
    assertEquals(linesOf(await judge(inChunks(bytes, 13))), linesOf(report), "as a stream");
  });
}

Deno.test("each rule about Matroska has two defects at least", async () => {
  const rules = new Set<string>();
  for (
    const file of ["judge", "element_tree", "segment_cursor", "block", "rules/block_rules", "rules/header_rules"]
      .concat(["rules/index_rules", "rules/metadata_rules", "rules/track_rules"])
  ) {
    const text = await Deno.readTextFile(new URL(`../../../src/inspect/matroska/${file}.ts`, import.meta.url));
    for (const [, rule] of text.matchAll(/"(K\d\d)"/g)) rules.add(rule!);
  }
  const counts = Map.groupBy(ROWS, ([rule]) => rule);
  assertEquals([...rules].filter((rule) => rule !== "K45" && (counts.get(rule)?.length ?? 0) < 2), []);
});

readerTest("FFmpeg takes the file that follows all rules", ["ffmpeg"], () =>
  withTempDir(async (folder) => {
    await Deno.writeFile(`${folder}/a.mkv`, write(sampleFile()));
    const { stdout } = await runOk("ffprobe", [
      "-v",
      "error",
      "-show_entries",
      "packet=pts,size",
      "-of",
      "csv=p=0",
      `${folder}/a.mkv`,
    ]);
    assertEquals(stdout.trim().split("\n").length, 21);
  }));

for (
  const name of [
    "h264_nob_mp3.mkv",
    "hevc.mkv",
    "mpeg4.mkv",
    "av1.webm",
    "opus.webm",
    "vorbis.webm",
    "vp8.webm",
    "vp9.webm",
  ]
) {
  Deno.test(`${name} by FFmpeg has hints at most`, async () => {
    const { errorCount, warningCount, ...report } = await judge(await Deno.readFile(fixture(name)));
    assertEquals([errorCount, warningCount], [0, 0], linesOf({ ...report, errorCount, warningCount }).join("\n"));
  });
}
