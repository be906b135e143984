/**
 * A movie whose samples are listed: made of what a sink has of each track.
 *
 * ```text
 * decoded   ├─ samples ─────────────────────┤
 * shown         ├───────────────────────────────┤
 * edits     ├ pause ┤  where the track begins late
 *                   ├ from the presentation's start to the end of what is shown ┤
 * ```
 *
 * @module
 */

import type { OutputFacts } from "../container/container.ts";
import { sampleError } from "../errors.ts";
import type { MovieFacts } from "./movie_box.ts";
import type { SampleSlice } from "./sample_index.ts";
import type { Mp4Track } from "./track.ts";
import type { Edit, MovieTrack } from "./track_box.ts";

/** 16 MHz: days are far from any limit in it. */
const MAX_SCALE = 0x100_0000;

/** What a sink has, and where. */
export interface WholeFacts extends Pick<OutputFacts, "firstUnit" | "unitCount" | "timeBase" | "metadata"> {
  readonly creationTime: Date;
  readonly isQuickTime: boolean;
  /** Where the presentation begins, microseconds from `timeBase`. */
  readonly start: number;
  /** What is added to places of chunks. */
  readonly placeShift: number;
}

/** The facts of a movie. Tracks without samples are left out. @throws {MuxError} `too-large` for a step that tables cannot say. */
export function describeWhole(tracks: readonly Mp4Track[], facts: WholeFacts): MovieFacts {
  const { firstUnit, unitCount, creationTime, metadata, isQuickTime } = facts;
  const present = tracks.flatMap((track) => {
    const samples = track.index?.slice(firstUnit, unitCount);
    return samples === undefined ? [] : [{ track, samples }];
  });
  const timeScale = commonScale(present.map(({ track }) => track));
  const described = present.map(({ track, samples }) => describeTrack(track, samples, timeScale, facts));
  return {
    tracks: described,
    creationTime,
    metadata,
    timeScale,
    duration: Math.max(...described.map(({ shownDuration }) => shownDuration)),
    isFragmented: false,
    isQuickTime,
  };
}

/**
 * A time scale in which a tick of every track is a whole number of ticks, so that edits are exact; that of the sound where
 * it would be too fine.
 */
function commonScale(tracks: readonly Mp4Track[]): number {
  const scale = tracks.reduce((common, { timeScale }) => leastCommonMultiple(common, timeScale), 1);
  return scale <= MAX_SCALE ? scale : (tracks.find(({ isVideo }) => !isVideo) ?? tracks[0]!).timeScale;
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return a / divisor * b;
}

function describeTrack(
  track: Mp4Track,
  samples: SampleSlice,
  movieScale: number,
  { start, timeBase, placeShift }: WholeFacts,
): MovieTrack {
  const { timeScale, delay } = track;
  const { decodeStart, decodeEnd, shownStart, shownEnd, tooLongStep } = samples;
  if (tooLongStep > 0) {
    const seconds = Math.round(tooLongStep / timeScale);
    throw sampleError("too-large", track.id, `a table cannot say that ${seconds} s lie between two of them`);
  }
  const inMovie = (ticks: number) => Math.round(ticks * movieScale / timeScale);
  const zero = track.toTicks(timeBase) + delay + track.toTicks(start);
  const begin = shownEnd > zero ? Math.max(zero, shownStart) : shownStart; // something is to be shown
  const pause = inMovie(Math.max(0, shownStart - zero));
  const shown = inMovie(shownEnd - begin);
  const mediaTime = Math.max(0, begin - decodeStart);
  const edits: Edit[] = pause > 0 ? [{ duration: pause, mediaTime: -1 }] : [];
  const mediaDuration = decodeEnd - decodeStart;
  const isShownWhole = pause === 0 && mediaTime === 0 && shown === inMovie(mediaDuration);
  if (!isShownWhole) edits.push({ duration: shown, mediaTime });
  return {
    ...track.facts,
    mediaDuration,
    shownDuration: pause + shown,
    edits,
    placed: { samples, placeShift },
  };
}
