import { assert, assertEquals } from "@std/assert";
import { validate } from "../../../src/inspect/mod.ts";
import { readerTest } from "../../support/readers.ts";
import { fixture, withTempDir } from "../../support/temp.ts";
import { makeMedia } from "../../demux/support.ts";
import { double, find, patch, rename } from "./boxes.ts";

type Bytes = Uint8Array;

/** A defect: the rule that must find it, what is done to the file. */
type Defect = [rule: string, what: string, plant: (bytes: Bytes) => Bytes];

const VIDEO = "moov/trak/mdia/minf/stbl";
const SOUND = "moov/trak[1]/mdia/minf/stbl";

/** A byte of the file changed. */
function poke(bytes: Bytes, at: number, value: number): Bytes {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

/** Offset of the first sample of a track. */
function firstSample(bytes: Bytes, stbl: string): number {
  return new DataView(bytes.buffer).getUint32(find(bytes, `${stbl}/stco`).body + 8);
}

/** In clip.mp4, whose index stands in front: H.264 with B-frames, AAC. */
const DEFECTS: readonly Defect[] = [
  ["M01", "no movie", (b) => rename(b, "moov", "free")],
  ["M01", "cut before the movie", (b) => b.subarray(0, find(b, "moov").start)],
  ["M02", "a box that runs over its parent", (b) => patch(b, "moov/trak/mdia/mdhd", -8, (n) => n + 4096)],
  ["M02", "media cut short", (b) => b.subarray(0, b.byteLength - 1000)],
  ["M03", "bytes that are no box", (b) => new Uint8Array([...b, ...new Uint8Array(40).fill(7)])],
  ["M03", "a size of 4", (b) => patch(b, "moov/trak/mdia/hdlr", -8, 4)],
  ["M04", "no media header", (b) => rename(b, "moov/trak/mdia/mdhd", "free")],
  ["M04", "no table of times", (b) => rename(b, `${VIDEO}/stts`, "free")],
  ["M04", "no sizes", (b) => rename(b, `${SOUND}/stsz`, "free")],
  ["M06", "more times than room", (b) => patch(b, `${VIDEO}/stts`, 4, 1 << 20)],
  ["M06", "more sizes than room", (b) => patch(b, `${SOUND}/stsz`, 8, 1 << 20)],
  ["M07", "an impossible brand", (b) => patch(b, "ftyp", 0, 1)],
  ["M07", "no compatible brand", (b) => patch(b, "ftyp", -8, 16).copyWithin(16, 32)],
  ["M10", "a movie without timescale", (b) => patch(b, "moov/mvhd", 12, 0)],
  ["M10", "a track without timescale", (b) => patch(b, "moov/trak/mdia/mdhd", 12, 0)],
  ["M11", "a media duration that is not the sum", (b) => patch(b, "moov/trak/mdia/mdhd", 16, (n) => 3 * n)],
  ["M11", "a track's duration that is not its edits'", (b) => patch(b, "moov/trak/tkhd", 20, (n) => 3 * n)],
  ["M11", "a movie's duration that is no track's", (b) => patch(b, "moov/mvhd", 16, (n) => 3 * n)],
  ["M12", "times of too many samples", (b) => patch(b, `${VIDEO}/stts`, 8, (n) => n + 1)],
  ["M12", "offsets of too few samples", (b) => patch(b, `${VIDEO}/ctts`, 8, (n) => n + 3)],
  ["M12", "chunks with too many samples", (b) => patch(b, `${SOUND}/stsc`, 12, (n) => n + 1)],
  ["M13", "chunks that begin with 2", (b) => patch(b, `${VIDEO}/stsc`, 8, 2)],
  ["M13", "a chunk that there is not", (b) => patch(b, `${SOUND}/stsc`, 20, 1 << 20)],
  ["M13", "a sample entry that there is not", (b) => patch(b, `${VIDEO}/stsc`, 16, 2)],
  ["M13", "entries fewer than said", (b) => patch(b, `${VIDEO}/stsd`, 4, 2)],
  ["M14", "a chunk in the index", (b) => patch(b, `${VIDEO}/stco`, 8, 100)],
  ["M14", "a chunk behind the end", (b) => patch(b, `${SOUND}/stco`, 8, b.byteLength + 5)],
  ["M16", "a sync sample that is none", (b) => patch(b, `${VIDEO}/stss`, 12, (n) => n + 1)],
  ["M16", "a sync sample that there is not", (b) => patch(b, `${VIDEO}/stss`, 12, 999_999)],
  ["M16", "sync samples out of order", (b) => patch(b, `${VIDEO}/stss`, 12, 1)],
  ["M17", "a unit longer than its sample", (b) => poke(b, firstSample(b, VIDEO) + 1, 9)],
  ["M17", "a unit that leaves a rest", (b) => poke(b, firstSample(b, VIDEO) + 3, 1)],
  ["M18", "sound under the handler of pictures", (b) => patch(b, "moov/trak[1]/mdia/hdlr", 8, 0x76696465)],
  ["M18", "pictures with the header of sound", (b) => rename(b, "moov/trak/mdia/minf/vmhd", "smhd")],
  ["M19", "an edit of no length", (b) => patch(b, "moov/trak/edts/elst", 8, 0)],
  ["M19", "an edit behind the media", (b) => patch(b, "moov/trak/edts/elst", 12, 0x7000_0000)],
  ["M19", "an edit before the media", (b) => patch(b, "moov/trak/edts/elst", 12, -5)],
  ["M20", "a track of number 0", (b) => patch(b, "moov/trak/tkhd", 12, 0)],
  ["M20", "two tracks of one number", (b) => patch(b, "moov/trak/tkhd", 12, 2)],
  ["M27", "a distance that is negative", (b) => patch(b, `${VIDEO}/stts`, 12, -5)],
  ["M28", "no configuration", (b) => rename(b, `${VIDEO}/stsd/avc1/avcC`, "free")],
  ["M28", "no descriptor", (b) => rename(b, `${SOUND}/stsd/mp4a/esds`, "free")],
  ["M28", "lengths of 3 bytes", (b) => poke(b, find(b, `${VIDEO}/stsd/avc1/avcC`).body + 4, 0xFE)],
  ["M28", "no sequence parameter set", (b) => poke(b, find(b, `${VIDEO}/stsd/avc1/avcC`).body + 5, 0xE0)],
];

for (const [rule, what, plant] of DEFECTS) {
  Deno.test(`validate() finds in an MP4 by ${rule}: ${what}`, async () => {
    const bytes = await Deno.readFile(fixture("clip.mp4"));
    assertEquals((await validate(bytes)).issues, []);
    await assertFound(rule, plant(bytes));
  });
}

async function assertFound(rule: string, bytes: Bytes): Promise<void> {
  for (const source of [bytes, new Blob([bytes.slice()])]) {
    const { issues } = await validate(source);
    const found = issues.find((issue) => issue.rule === rule && issue.severity !== "I");
    assert(
      found !== undefined,
      `found ${issues.map(({ rule, message }) => `${rule} ${message}`).join("; ") || "nothing"}`,
    );
  }
}

/** In two_videos.mp4, whose index stands behind, so that it may grow. */
const DOUBLED = [
  "mvhd",
  "trak/tkhd",
  "trak/mdia/mdhd",
  "trak[2]/mdia/hdlr",
  "trak[1]/mdia/minf/stbl/stts",
  "trak/edts/elst",
];

for (const path of DOUBLED) {
  Deno.test(`validate() finds two boxes where there must be one: ${path}`, async () => {
    const bytes = await Deno.readFile(fixture("two_videos.mp4"));
    await assertFound("M05", double(bytes, `moov/${path}`));
  });
}

const FRAGMENTED: readonly Defect[] = [
  ["M21", "a fragment of a track that there is not", (b) => patch(b, "moof/traf/tfhd", 4, 9)],
  ["M21", "no defaults of a track", (b) => rename(b, "moov/mvex/trex[1]", "free")],
  ["M21", "numbers that do not ascend", (b) => patch(b, "moof[1]/mfhd", 4, 1)],
  ["M21", "fragments that nothing announces", (b) => rename(b, "moov/mvex", "free")],
  ["M22", "a fragment that begins too early", (b) => patch(b, "moof[1]/traf/tfdt", 8, 0)],
  ["M22", "sound that begins too early", (b) => patch(b, "moof[1]/traf[1]/tfdt", 8, 7)],
  ["M23", "samples in front of the media", (b) => patch(b, "moof/traf/trun", 8, 0)],
  ["M23", "samples behind the media", (b) => patch(b, "moof[1]/traf[1]/trun", 8, (n) => n + 0x10000)],
  ["M24", "an entry that there is not", (b) => {
    const flagged = patch(b, "moof/traf/tfhd", 0, (flags) => flags & ~0x8 | 0x2);
    return patch(flagged, "moof/traf/tfhd", 8, 7);
  }],
  ["M24", "flags of the first sample twice", (b) => patch(b, "moof/traf/trun", 0, (flags) => flags | 0x404)],
  ["M26", "an entry that leads nowhere", (b) => patch(b, "mfra/tfra", 28, (n) => n + 1)],
  ["M26", "a wrong size at the end", (b) => patch(b, "mfra/mfro", 4, 5)],
];

const INDEXED: readonly Defect[] = [
  ["M25", "a segment that is longer", (b) => patch(b, "sidx", 32, (n) => n + 3)],
  ["M25", "segments that begin later", (b) => patch(b, "sidx", 24, 12)],
  ["M10", "an index without timescale", (b) => patch(b, "sidx", 8, 0)],
];

const SOURCES = [
  ...["-f", "lavfi", "-i", "testsrc2=s=96x80:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2"],
  ...["-c:v", "libx264", "-g", "25", "-bf", "2", "-c:a", "aac"],
];

for (
  const [flags, defects] of [["frag_keyframe+empty_moov", FRAGMENTED], [
    "dash+frag_keyframe+global_sidx",
    INDEXED,
  ]] as const
) {
  readerTest(`validate() finds what is wrong with fragments (${flags})`, ["ffmpeg"], async (t) => {
    await withTempDir(async (folder) => {
      const bytes = await Deno.readFile(await makeMedia(`${folder}/a.mp4`, ...SOURCES, "-movflags", flags));
      const { issues } = await validate(bytes);
      assertEquals(issues.filter(({ severity }) => severity !== "I"), []);
      for (const [rule, what, plant] of defects) {
        await t.step(`${rule}: ${what}`, () => assertFound(rule, plant(bytes)));
      }
    });
  });
}

Deno.test("validate() says of an MP4 from a stream that it does not look into the samples", async () => {
  const bytes = await Deno.readFile(fixture("clip.mp4"));
  const { isValid, issues, format, packetCount } = await validate(new Blob([bytes]).stream());
  assertEquals([isValid, format, packetCount, issues.map(({ rule }) => rule)], [true, "mp4", 342, ["M27"]]);
});
