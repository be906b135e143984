/**
 * The edits of an MP4 track, as parts of it at their places.
 *
 * @module
 */

import type { Mp4Movie, Mp4Track } from "../inspect/mp4/movie.ts";

/** A part of a track that is shown. */
export interface Part {
  /** Where it is shown, in ticks of the movie. */
  readonly movieStart: number;
  /** What of the track it is, in its ticks. */
  readonly mediaStart: number;
  /** Infinity: to its end. */
  readonly mediaEnd: number;
}

/** The parts of a track, and what cannot be kept of its edits, one line each. */
export interface Parts {
  readonly parts: readonly Part[];
  readonly warnings: readonly string[];
}

const WHOLE: Part = { movieStart: 0, mediaStart: 0, mediaEnd: Infinity };

/** Parts that are followed: so many cuts has no track. */
const MAX_PART_COUNT = 1000;

/** What a track shows, and when. */
export function partsOf({ edits, timescale }: Mp4Track, movie: Mp4Movie): Parts {
  const parts: Part[] = [];
  const warnings: string[] = [];
  let at = 0;
  const ratio = movie.timescale > 0 ? timescale / movie.timescale : 0;
  for (const [index, { segmentDuration, mediaTime, mediaRate }] of edits.entries()) {
    const isLast = index === edits.length - 1;
    if (mediaTime < 0) {
      at += segmentDuration;
      continue;
    }
    if (mediaRate === 0) {
      warnings.push(`holds a still for ${seconds(segmentDuration, movie)}: that is not carried over`);
      at += segmentDuration;
      continue;
    }
    if (mediaRate !== 1) warnings.push(`plays a part at ${mediaRate} times its speed: that is not carried over`);
    // Of a fragmented file the edits were made when nobody knew its end.
    const isOpen = isLast && (segmentDuration === 0 || movie.isFragmented) || ratio === 0;
    if (segmentDuration > 0 || isOpen) {
      const mediaEnd = isOpen ? Infinity : mediaTime + segmentDuration * ratio;
      parts.push({ movieStart: at, mediaStart: mediaTime, mediaEnd });
    }
    at += segmentDuration;
  }
  if (parts.length > MAX_PART_COUNT) {
    warnings.push(`has ${parts.length} parts, of which the first ${MAX_PART_COUNT} are carried over`);
    parts.length = MAX_PART_COUNT;
  }
  if (parts.length === 0) parts.push({ ...WHOLE, movieStart: edits.length > 0 ? at : 0 });
  return { parts, warnings };
}

function seconds(ticks: number, { timescale }: Mp4Movie): string {
  return `${(ticks / timescale).toFixed(3)} s`;
}
