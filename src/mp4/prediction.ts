/**
 * How large a movie is going to be, before its samples are there.
 *
 * @module
 */

import { likelyFramerate } from "../media/framerate.ts";
import type { Metadata } from "../media/metadata.ts";
import { encodeMovieHeader } from "./header.ts";
import type { Mp4Track } from "./track.ts";

/** Samples of one channel in a frame of sound, where its codec is not asked: AAC has as many, others have more. */
const FRAME_SAMPLES = 1024;
/** A size; and a run of composition offsets where pictures overtake each other. */
const SIZE_BYTES = 4;
const OFFSET_BYTES = 8;
/** A place and an entry of the map, twice a second; a key frame in as many seconds. */
const CHUNK_BYTES = 2 * (8 + 12);
const KEY_BYTES = 4;
/** Heads of tables, edits and groups of a track. */
const TRACK_BYTES = 400;
/** For metadata that come late. */
const SPARE_BYTES = 1024;

/** Bytes for so many milliseconds: what constant rates need, and a little more. */
export function predictMovieBytes(tracks: readonly Mp4Track[], metadata: Metadata, durationMs: number): number {
  const seconds = Math.ceil(durationMs / 1000) + 1;
  const movieTracks = tracks.map(({ facts }) => ({ ...facts, mediaDuration: 0, shownDuration: 0, edits: [] }));
  const facts = {
    tracks: movieTracks,
    creationTime: new Date(0),
    metadata,
    timeScale: 1,
    isFragmented: false,
    isQuickTime: false,
  };
  const fixed = encodeMovieHeader(facts).byteLength;
  return tracks.reduce(
    (sum, track) => sum + TRACK_BYTES + Math.ceil(seconds * bytesPerSecond(track)),
    fixed + SPARE_BYTES,
  );
}

function bytesPerSecond({ description }: Mp4Track): number {
  if (description.kind === "audio") return CHUNK_BYTES + SIZE_BYTES * description.sampleRate / FRAME_SAMPLES;
  const sampleBytes = SIZE_BYTES + (description.reorderDepth > 0 ? OFFSET_BYTES : 0);
  return CHUNK_BYTES + KEY_BYTES + sampleBytes * likelyFramerate(description.framerate);
}
