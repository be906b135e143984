/**
 * Judges an MP4 file by all rules: its boxes in one pass, then its samples in the order in which they are stored.
 *
 * @module
 */

import type { Input } from "../byte_source.ts";
import type { Findings } from "../findings.ts";
import { ProblemList } from "../problems.ts";
import type { BoxHead, Mp4Box } from "./box.ts";
import { heldPositions, type Positions, readBox } from "./box_reader.ts";
import { MediaRanges } from "./media_ranges.ts";
import { movieOf, type Mp4Movie } from "./movie.ts";
import { MAX_FRAGMENT_BYTES, MAX_MOVIE_BYTES, Mp4Reader } from "./reader.ts";
import { FragmentRules } from "./rules/fragment_rules.ts";
import { SampleRules } from "./rules/sample_rules.ts";
import { checkFileType, checkMedia, checkStructure, checkTrackIds } from "./rules/structure_rules.ts";
import { checkDurations, checkMovieDuration, checkTables, type TableSums } from "./rules/table_rules.ts";
import { SampleBytes } from "./sample_bytes.ts";
import { samplesInOrder } from "./stored_order.ts";
import { TopWalker } from "./top_walker.ts";

/** Boxes that are read whole, and the most that they may be. */
const READ: Readonly<Record<string, number>> = {
  ftyp: 1 << 16,
  styp: 1 << 16,
  moov: MAX_MOVIE_BYTES,
  moof: MAX_FRAGMENT_BYTES,
  sidx: 1 << 20,
  mfra: MAX_MOVIE_BYTES,
};

/** Notes what is wrong with a file. Answers how many samples it has. */
export async function judgeMp4(input: Input, findings: Findings): Promise<number> {
  const walker = new TopWalker(input, findings);
  const ranges = new MediaRanges();
  const fragments = new FragmentRules(findings);
  let fileType: Mp4Box | undefined;
  let movie: Mp4Movie | undefined;
  let mediaAt: number | undefined;
  let isSegmentAlone = false;
  for (let head = await walker.next(); head !== undefined; head = await walker.next()) {
    checkEnd(head, input, findings);
    if (head.type === "mdat") {
      ranges.add(head.offset + head.headBytes, head.offset + head.size);
      mediaAt ??= head.offset;
    }
    const most = READ[head.type];
    if (most === undefined) {
      fragments.see({ ...head, name: "", fields: {}, children: [] }, movie);
      continue;
    }
    if (head.size > most) {
      findings.error("M02", head.offset, `${head.type} box: must not exceed ${most} bytes, has ${head.size}`);
      continue;
    }
    const positions = await positionsOf(input, head);
    const box = await readBox(positions, head, findings);
    checkStructure(box, findings);
    if (box.type === "ftyp") {
      if (fileType !== undefined) findings.error("M05", box.offset, "There must be one ftyp box, this is another");
      fileType ??= box;
    }
    if (box.type === "styp") isSegmentAlone = true;
    if (box.type === "moov") {
      if (movie !== undefined) {
        findings.error("M05", box.offset, "There must be one moov box, this is another");
        continue;
      }
      movie = movieOf(box);
      if (mediaAt !== undefined && !movie.isFragmented) {
        findings.advise("M08", box.offset, "The moov box stands behind the media: players must fetch the end first");
      }
      await judgeMovie(movie, fileType, positions, findings);
    }
    fragments.see(box, movie);
  }
  fragments.finish(input.size);
  if (movie === undefined) {
    if (isSegmentAlone) {
      findings.advise("M01", 0, "There is no moov box: a segment, which needs its initialization in front");
    } else {findings.error(
        "M01",
        0,
        "There must be a moov box, there is none: the file was never finished, or is cut short",
      );}
    return 0;
  }
  return await judgeSamples(input, movie, ranges, findings);
}

function checkEnd({ type, offset, size, statedSize }: BoxHead, input: Input, findings: Findings): void {
  if (statedSize === undefined || input.size === undefined || statedSize <= size) return;
  findings.error(
    "M02",
    offset,
    `${type} box: must end inside the file, its ${statedSize} bytes are ${statedSize - size} too many`,
  );
}

async function positionsOf(input: Input, { offset, size }: BoxHead): Promise<Positions> {
  return input.canSeek ? input : heldPositions((await input.read(offset, size)).slice(), offset);
}

async function judgeMovie(
  movie: Mp4Movie,
  fileType: Mp4Box | undefined,
  positions: Positions,
  findings: Findings,
): Promise<void> {
  checkFileType(fileType, movie.box, findings);
  checkTrackIds(movie.box, findings);
  let longest = 0;
  for (const track of movie.tracks) {
    checkMedia(track.box, findings);
    const sums: TableSums = await checkTables(track, positions, findings);
    longest = Math.max(longest, checkDurations(track, sums, movie, findings));
  }
  if (movie.tracks.length === 0) findings.error("M04", movie.box.offset, "moov box: must have a trak box, has none");
  checkMovieDuration(movie, longest, findings);
}

/** Samples may lie over each other, but not so often. */
const MAX_OVERLAP = 4;
const OVERLAP_BASE_BYTES = 1 << 24;

async function judgeSamples(input: Input, movie: Mp4Movie, ranges: MediaRanges, findings: Findings): Promise<number> {
  if (!input.canSeek) {
    findings.advise("M27", 0, "Samples of a stream are not looked into: it cannot be read a second time");
    return movie.tracks.reduce((sum, { tables }) => sum + (tables.sizes?.sampleCount ?? 0), 0);
  }
  const reader = await Mp4Reader.open(input, new ProblemList());
  const rules = new SampleRules(ranges, new SampleBytes(input), movie.isFragmented, findings);
  let promised = 0;
  for (const order = samplesInOrder(reader);;) {
    const cursor = order.next() ?? await order.wait();
    if (cursor === undefined) break;
    promised += cursor.byteLength;
    if (promised > MAX_OVERLAP * (input.size ?? 0) + OVERLAP_BASE_BYTES) {
      findings.error(
        "M14",
        cursor.offset,
        `The tables promise more than ${MAX_OVERLAP} times the bytes that there are`,
      );
      break;
    }
    const checking = rules.check(cursor);
    if (checking !== undefined) await checking;
  }
  rules.finish();
  return rules.sampleCount;
}
