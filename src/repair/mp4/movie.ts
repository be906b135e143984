/**
 * Makes the Movie Box of an ordinary file from that of a fragmented one, or of one that was cut.
 *
 * @module
 */

import { concatBytes } from "../../bytes/bytes.ts";
import { childOf, type Mp4Box } from "../../inspect/mp4/box.ts";
import type { Mp4Movie } from "../../inspect/mp4/movie.ts";
import { box, SHORT_SIZE_LIMIT, u32, u64 } from "./boxes.ts";
import { type Chunk, editList, type TrackTables } from "./track_tables.ts";

/** A part of a track that is shown, or a pause. */
interface Edit {
  readonly segmentDuration: number;
  readonly mediaTime: number;
}

/** A track of the new movie. */
interface TrackPlan {
  readonly tables: TrackTables;
  readonly edits: readonly Edit[];
  /** Ticks of the movie. */
  readonly shown: number;
}

/** How a movie is shown. */
export interface MoviePlan {
  readonly tracks: readonly TrackPlan[];
  /** Ticks of the movie. */
  readonly duration: number;
}

/** Works out edits and durations. */
export function planMovie(movie: Mp4Movie, tables: readonly TrackTables[]): MoviePlan {
  const parts = tables.map((tables) => ({ tables, ...startOf(movie, tables) }));
  const withMedia = parts.filter(({ tables }) => tables.sampleCount > 0);
  // A part of a longer recording begins at 0.
  const isPart = movie.isFragmented && parts.every(({ isOwn }) => !isOwn);
  const common = isPart ? Math.min(...withMedia.map(({ pause }) => pause)) : 0;
  const tracks = parts.map(({ tables, pause, mediaTime, most, isOwn, kept }): TrackPlan => {
    const ratio = movie.timescale / (tables.track.timescale || 1);
    // Pictures that are reordered are shown when the last one is decoded.
    if (mediaTime >= tables.duration) tables.stretchTo(tables.shownEnd);
    const end = isOwn || mediaTime > 0 ? tables.shownEnd : tables.duration;
    const media = Math.max(0, Math.min(most, Math.round((end - mediaTime) * ratio)));
    const wait = Math.max(0, pause - (Number.isFinite(common) ? common : 0));
    if (kept !== undefined) {
      return { tables, edits: kept, shown: kept.reduce((sum, { segmentDuration }) => sum + segmentDuration, 0) };
    }
    const edits = [
      ...wait > 0 ? [{ segmentDuration: wait, mediaTime: -1 }] : [],
      { segmentDuration: media, mediaTime },
    ];
    const needsEdits = (isOwn || wait > 0 || mediaTime > 0) && tables.sampleCount > 0;
    return { tables, edits: needsEdits ? edits : [], shown: tables.sampleCount > 0 ? wait + media : 0 };
  });
  return { tracks, duration: Math.max(0, ...tracks.map(({ shown }) => shown)) };
}

interface Start {
  /** Ticks of the movie before anything of the track is shown. */
  readonly pause: number;
  /** Where the media begins to be shown. */
  readonly mediaTime: number;
  /** How long it is shown at most. */
  readonly most: number;
  /** Whether the track has edits. */
  readonly isOwn: boolean;
  /** They stay as they are: nothing is known of what they mean for what is there now. */
  readonly kept?: readonly Edit[];
}

function startOf({ isFragmented, timescale }: Mp4Movie, { track, firstDecodeTime, shownEnd }: TrackTables): Start {
  const { edits } = track;
  const media = edits.filter(({ mediaTime }) => mediaTime >= 0);
  if (media.length > 1 || media.some(({ mediaRate }) => mediaRate !== 1)) {
    return { pause: 0, mediaTime: 0, most: Infinity, isOwn: true, kept: edits };
  }
  const pauses = edits.reduce((sum, edit) => sum + (edit.mediaTime < 0 ? edit.segmentDuration : 0), 0);
  const start = (media[0]?.mediaTime ?? 0) - firstDecodeTime;
  // Where fragments follow, an edit lasts as long as they do.
  const most = isFragmented || media.length === 0 ? Infinity : media[0]!.segmentDuration || Infinity;
  const late = Math.round(Math.max(0, -start) * timescale / (track.timescale || 1));
  // Where nothing is left but what is to be trimmed, it is shown.
  const mediaTime = start < shownEnd ? Math.max(0, start) : 0;
  return { pause: pauses + late, mediaTime, most, isOwn: media.length > 0 };
}

/**
 * The new Movie Box.
 *
 * @param raw The old one.
 * @param chunksOf The chunks of a track, by its position among the tables.
 */
export function movieBox(
  raw: Uint8Array,
  movie: Mp4Movie,
  plan: MoviePlan,
  chunksOf: (track: number) => Iterable<Chunk>,
  isLong: boolean,
): Uint8Array<ArrayBuffer> {
  const base = movie.box.offset;
  const whole = ({ offset, size }: Mp4Box) => raw.subarray(offset - base, offset - base + size);
  const body = (box: Mp4Box) => whole(box).subarray(box.headBytes);
  const parts: Uint8Array[] = [];
  for (const child of movie.box.children) {
    if (child.type === "mvex") continue;
    if (child.type === "mvhd") parts.push(withNextTrackId(withDuration("mvhd", body(child), plan.duration), movie));
    else if (child.type === "trak") {
      const index = plan.tracks.findIndex(({ tables }) => tables.track.box.offset === child.offset);
      if (index < 0) continue;
      const trackPlan = plan.tracks[index]!;
      parts.push(trackBox(child, trackPlan, trackPlan.tables.boxes(chunksOf(index), isLong), whole, body));
    } else parts.push(whole(child));
  }
  return box("moov", ...parts);
}

function trackBox(
  track: Mp4Box,
  { tables, edits, shown }: TrackPlan,
  tableBoxes: readonly Uint8Array[],
  whole: (box: Mp4Box) => Uint8Array,
  body: (box: Mp4Box) => Uint8Array,
): Uint8Array {
  const rebuild = (parent: Mp4Box, change: (child: Mp4Box) => Uint8Array | undefined) =>
    box(parent.type, ...parent.children.map((child) => change(child) ?? whole(child)));
  const media = (child: Mp4Box): Uint8Array | undefined => {
    if (child.type === "mdhd") return withDuration("mdhd", body(child), tables.duration);
    return child.type !== "minf" ? undefined : rebuild(child, (inner) => {
      if (inner.type !== "stbl") return undefined;
      return box("stbl", whole(childOf(inner, "stsd")!), ...tableBoxes);
    });
  };
  const parts = track.children.flatMap((child) => {
    if (child.type === "edts") return [];
    if (child.type === "mdia") return [rebuild(child, media)];
    if (child.type !== "tkhd") return [whole(child)];
    const header = withDuration("tkhd", body(child), shown);
    return edits.length > 0 ? [header, box("edts", editList(edits))] : [header];
  });
  return box("trak", ...parts);
}

/** Bytes of creation and modification times, and what lies between these and the duration. */
const BEFORE_DURATION = { mvhd: 4, mdhd: 4, tkhd: 8 } as const;

/** A header with another duration, in 64 bits if it takes them. */
function withDuration(type: keyof typeof BEFORE_DURATION, body: Uint8Array, duration: number): Uint8Array<ArrayBuffer> {
  const isLong = body[0] === 1;
  const timeBytes = isLong ? 8 : 4;
  const between = BEFORE_DURATION[type];
  const at = 4 + 2 * timeBytes + between;
  const rest = body.subarray(at + timeBytes);
  const middle = body.subarray(4 + 2 * timeBytes, at);
  if (isLong || duration < SHORT_SIZE_LIMIT - 1) {
    return box(type, body.subarray(0, at), isLong ? u64(duration) : u32(duration), rest);
  }
  const times = [4, 8].map((start) => concatBytes(u32(0), body.subarray(start, start + 4)));
  return box(type, new Uint8Array([1, ...body.subarray(1, 4)]), ...times, middle, u64(duration), rest);
}

/** The next track's number stands at the end; some writers leave it 0. */
function withNextTrackId(header: Uint8Array<ArrayBuffer>, { tracks }: Mp4Movie): Uint8Array<ArrayBuffer> {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const at = header.byteLength - 4;
  const next = Math.max(0, ...tracks.map(({ trackId }) => trackId)) + 1;
  if (view.getUint32(at) < next && next < SHORT_SIZE_LIMIT - 1) view.setUint32(at, next);
  return header;
}
