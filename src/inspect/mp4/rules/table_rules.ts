/**
 * Rules about tables and durations: what is said twice must be the same.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { childOf, numberIn } from "../box.ts";
import type { Positions } from "../box_reader.ts";
import type { Mp4Movie, Mp4Track } from "../movie.ts";
import { type TablePlace, TableWindow } from "../table.ts";

/** What the tables of a track add up to. */
export interface TableSums {
  /** Samples, as the sizes say. */
  readonly sampleCount: number;
  /** Ticks. */
  readonly duration: number;
}

/** Goes through a track's tables. */
export async function checkTables(track: Mp4Track, positions: Positions, findings: Findings): Promise<TableSums> {
  const { timeToSample, compositionOffsets, samplesToChunks, chunkOffsets, sizes, syncSamples } = track.tables;
  const sampleCount = sizes?.sampleCount ?? 0;
  let timeCount = 0;
  let duration = 0;
  let longest = 0;
  await eachEntry(timeToSample, positions, (window, i) => {
    const count = window.u32(i);
    const delta = window.u32(i, 4);
    timeCount += count;
    duration += count * delta;
    longest = Math.max(longest, delta);
  });
  if (timeToSample !== undefined && timeCount !== sampleCount) {
    findings.error(
      "M12",
      timeToSample.boxOffset,
      `stts box: must be about ${sampleCount} samples, is about ${timeCount}`,
    );
  }
  if (longest >= 2 ** 31) {
    findings.error("M27", timeToSample!.boxOffset, `stts box: a distance of ${longest} ticks must be a negative one`);
  }
  let offsetCount = 0;
  await eachEntry(compositionOffsets, positions, (window, i) => offsetCount += window.u32(i));
  if (compositionOffsets !== undefined && compositionOffsets.entryCount > 0 && offsetCount !== sampleCount) {
    findings.error(
      "M12",
      compositionOffsets.boxOffset,
      `ctts box: must be about ${sampleCount} samples, is about ${offsetCount}`,
    );
  }
  await checkChunks(track, sampleCount, samplesToChunks, chunkOffsets, positions, findings);
  let last = 0;
  await eachEntry(syncSamples, positions, (window, i) => {
    const number = window.u32(i);
    const at = syncSamples!.offset + 4 * i;
    if (number === 0 || number > sampleCount) {
      findings.error("M16", at, `stss box: must name one of ${sampleCount} samples, names ${number}`);
    } else if (number <= last) {
      findings.error("M16", at, `stss box: samples must ascend, ${number} stands behind ${last}`);
    }
    last = number;
  });
  for (const place of [timeToSample, compositionOffsets, samplesToChunks, chunkOffsets, syncSamples, sizes?.place]) {
    if (place === undefined || place.entryCount === place.statedCount) continue;
    const { type, boxOffset, entryCount, statedCount } = place;
    findings.error("M06", boxOffset, `${type} box: has no room for ${statedCount} entries, ${entryCount} are there`);
  }
  return { sampleCount, duration };
}

async function checkChunks(
  track: Mp4Track,
  sampleCount: number,
  map: TablePlace | undefined,
  chunks: TablePlace | undefined,
  positions: Positions,
  findings: Findings,
): Promise<void> {
  if (map === undefined || chunks === undefined) return;
  const chunkCount = chunks.statedCount;
  const entryCount = track.entries.length;
  let covered = 0;
  let first = 0;
  let perChunk = 0;
  await eachEntry(map, positions, (window, i) => {
    const at = map.offset + 12 * i;
    const next = window.u32(i);
    const description = window.u32(i, 8);
    if (i === 0 && next !== 1) {
      findings.error("M13", at, `stsc box: must begin with chunk 1, begins with ${next}`);
    } else if (i > 0 && next <= first) {
      findings.error("M13", at, `stsc box: chunks must ascend, ${next} stands behind ${first}`);
    }
    if (next > chunkCount) findings.error("M13", at, `stsc box: must name one of ${chunkCount} chunks, names ${next}`);
    if (description === 0 || description > entryCount) {
      findings.error("M13", at, `stsc box: must name one of ${entryCount} sample entries, names ${description}`);
    }
    covered += (Math.min(next, chunkCount + 1) - Math.max(1, first)) * perChunk;
    first = next;
    perChunk = window.u32(i, 4);
  });
  if (first > 0) covered += Math.max(0, chunkCount + 1 - first) * perChunk;
  if (covered !== sampleCount && (chunkCount > 0 || sampleCount > 0)) {
    findings.error(
      "M12",
      map.boxOffset,
      `stsc box: ${chunkCount} chunks must have ${sampleCount} samples, have ${covered}`,
    );
  }
}

async function eachEntry(
  place: TablePlace | undefined,
  positions: Positions,
  use: (window: TableWindow, index: number) => void,
): Promise<void> {
  if (place === undefined) return;
  const window = new TableWindow(positions, place);
  for (let i = 0; i < window.count; i++) {
    if (!window.has(i)) await window.fill(i);
    if (!window.has(i)) return;
    use(window, i);
  }
}

/** How far durations may lie apart, in ticks of the movie, as writers round them. */
const ROUNDING = 2;

/** Checks a track's durations and edits against its tables. Answers how long it lasts, in ticks of the movie, as its header says, or else its edits. */
export function checkDurations(track: Mp4Track, sums: TableSums, movie: Mp4Movie, findings: Findings): number {
  const { box, timescale, duration, edits } = track;
  const header = childOf(box, "tkhd");
  const mediaHeader = childOf(box, "mdia", "mdhd");
  if (timescale === 0 && mediaHeader !== undefined) {
    findings.error("M10", mediaHeader.offset, "mdhd box: timescale must not be 0");
    return 0;
  }
  const isWhole = !movie.isFragmented;
  if (isWhole && mediaHeader !== undefined && duration !== undefined && sums.sampleCount > 0) {
    const difference = Math.abs(duration - sums.duration);
    const message = `mdhd box: duration should be ${sums.duration}, as the stts box adds up to, is ${duration}`;
    const isFar = difference > timescale / 2 && difference > sums.duration / 100;
    // Writers count the last sample's length in different ways, or cut it to the movie's.
    if (difference > 1) findings.add("M11", mediaHeader.offset, message, isFar ? "W" : "I");
  }
  checkEdits(track, sums, movie, findings);
  const ratio = movie.timescale / timescale;
  const shown = edits.length > 0
    ? edits.reduce((sum, { segmentDuration }) => sum + segmentDuration, 0)
    : (duration ?? sums.duration) * ratio;
  const stated = header?.fields.duration;
  const pauses = edits.reduce((sum, { segmentDuration, mediaTime }) => sum + (mediaTime < 0 ? segmentDuration : 0), 0);
  // Some writers leave the pauses out.
  const isStated = (length: number) =>
    typeof stated === "number" && Math.abs(stated - length) <= ROUNDING + length / 1000;
  if (isWhole && header !== undefined && typeof stated === "number" && !isStated(shown) && !isStated(shown - pauses)) {
    const isFar = Math.abs(stated - shown) > movie.timescale / 2;
    const message = `tkhd box: duration should be ${Math.round(shown)}, as its ${
      edits.length > 0 ? "edits add" : "media adds"
    } up to, is ${stated}`;
    findings.add("M11", header.offset, message, isFar ? "W" : "I");
  }
  return typeof stated === "number" ? stated : shown;
}

function checkEdits(track: Mp4Track, sums: TableSums, movie: Mp4Movie, findings: Findings): void {
  const { edits, box, timescale } = track;
  const list = childOf(box, "edts", "elst");
  if (list === undefined) return;
  if (numberIn(list, "entryCount") > edits.length) {
    findings.error("M06", list.offset, `elst box: has no room for ${numberIn(list, "entryCount")} entries`);
  }
  const ratio = movie.timescale > 0 ? timescale / movie.timescale : 0;
  let hasMedia = false;
  for (const { segmentDuration, mediaTime, mediaRate } of edits) {
    if (mediaTime < -1) {
      findings.error("M19", list.offset, `elst box: a media time must be -1 or more, is ${mediaTime}`);
    }
    if (mediaTime < 0) continue;
    hasMedia = true;
    if (segmentDuration === 0 && !movie.isFragmented) {
      findings.warn(
        "M19",
        list.offset,
        "elst box: a segment duration must not be 0 where no fragments follow: players differ",
      );
    }
    if (mediaRate !== 1) findings.advise("M19", list.offset, `elst box: players show no media rate of ${mediaRate}`);
    if (movie.isFragmented || sums.sampleCount === 0) continue;
    if (mediaTime > sums.duration) {
      findings.error(
        "M19",
        list.offset,
        `elst box: an edit must begin inside ${sums.duration} ticks of media, begins at ${mediaTime}`,
      );
    } else if (mediaTime + segmentDuration * ratio > sums.duration + timescale) {
      findings.advise("M19", list.offset, "elst box: an edit goes on for more than a second behind the media");
    }
  }
  if (!hasMedia && edits.length > 0) {
    findings.warn("M19", list.offset, "elst box: pauses alone show nothing of the media");
  }
}

/** Checks the movie's duration. @param longest The longest track, in ticks of the movie. */
export function checkMovieDuration(movie: Mp4Movie, longest: number, findings: Findings): void {
  const header = childOf(movie.box, "mvhd");
  if (header === undefined) return;
  if (movie.timescale === 0) {
    findings.error("M10", header.offset, "mvhd box: timescale must not be 0");
    return;
  }
  if (movie.isFragmented || movie.duration === undefined || longest === 0) return;
  const difference = Math.abs(movie.duration - longest);
  if (difference <= ROUNDING + longest / 1000) return;
  const message = `mvhd box: duration should be ${Math.round(longest)}, as the longest track has, is ${movie.duration}`;
  findings.add("M11", header.offset, message, difference > movie.timescale / 2 ? "W" : "I");
}
