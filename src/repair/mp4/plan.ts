/**
 * From a scan to what the repaired file is going to be: an ordinary one, whose Movie Box says where every sample lies. It is
 * what all players seek in, at once and exactly; of fragments that they have to look for, few do.
 *
 * @module
 */

import type { CopyPlan, Patch, Piece } from "../copy.ts";
import { box, boxHead, latin1Bytes, SHORT_SIZE_LIMIT, u32 } from "./boxes.ts";
import { movieBox, type MoviePlan } from "./movie.ts";
import { CHUNK, type Mp4Scan } from "./scan.ts";
import type { Chunk } from "./track_tables.ts";

/** What changes of a file where it lies. */
export interface InPlacePlan {
  /** The last Media Data Box ends where its last whole sample does. */
  readonly seal: Patch | undefined;
  /** The file ends here, before the Movie Box is written. */
  readonly end: number;
  readonly movie: Uint8Array<ArrayBuffer>;
  /** All that was there becomes media data, the old Movie Box too: one write. */
  readonly cover: Patch;
  readonly fileType: Patch | undefined;
  readonly size: number;
}

/** Brands of files that are to have fragments. */
const FRAGMENT_BRANDS: ReadonlySet<string> = new Set(
  ["msdh", "msix", "dash", "dsms", "lmsg", "cmfc", "cmfs", "cmff", "cmf2", "risx", "sims"],
);
/** What every reader of such files knows. */
const PLAIN_BRAND = "isom";

/** Whether there is nothing to do. */
export function isSound({ isIndexed, lastMedia, missingCount, lostBytes }: Mp4Scan): boolean {
  return isIndexed && missingCount === 0 && lostBytes === 0 && lastMedia === undefined;
}

/** What can be done where the file lies; `undefined`: it takes a copy. */
export function planInPlace(scan: Mp4Scan, moviePlan: MoviePlan): InPlacePlan | undefined {
  const { end, first, lastMedia, movie, others, rawMovie } = scan;
  if (others.length > 0) return undefined;
  const coverBytes = end - first.offset;
  const head = boxHead("mdat", coverBytes);
  const firstSample = firstOffset(scan);
  if (first.offset + head.byteLength > firstSample || head.byteLength > first.size) return undefined;
  let seal: Patch | undefined;
  if (lastMedia !== undefined && lastMedia.offset < end) {
    const size = end - lastMedia.offset;
    const isLong = lastMedia.headBytes >= 16;
    if (!isLong && size >= SHORT_SIZE_LIMIT) return undefined;
    const bytes = isLong ? u32(Math.floor(size / SHORT_SIZE_LIMIT), size % SHORT_SIZE_LIMIT) : u32(size);
    seal = { offset: lastMedia.offset + (isLong ? 8 : 0), bytes };
  }
  const newMovie = movieBox(rawMovie, movie, moviePlan, chunksByTrack(scan), end >= SHORT_SIZE_LIMIT);
  return {
    seal,
    end,
    movie: newMovie,
    cover: { offset: first.offset, bytes: head },
    fileType: brandsOf(scan),
    size: end + newMovie.byteLength,
  };
}

function firstOffset({ chunks }: Mp4Scan): number {
  let least = Infinity;
  for (let row = 0; row < chunks.count; row++) least = Math.min(least, chunks.at(row, CHUNK.offset));
  return least;
}

/** The File Type Box, without brands that promise fragments; `undefined`: it has none. */
function brandsOf({ fileType }: Mp4Scan): Patch | undefined {
  if (fileType === undefined) return undefined;
  const { majorBrand, minorVersion, compatibleBrands } = fileType.fields;
  const brands = [majorBrand as string, ...(compatibleBrands ?? []) as string[]];
  if (!brands.some((brand) => FRAGMENT_BRANDS.has(brand))) return undefined;
  const [major, ...others] = brands.map((brand) => latin1Bytes(FRAGMENT_BRANDS.has(brand) ? PLAIN_BRAND : brand));
  const bytes = box("ftyp", major!, u32(minorVersion as number), ...others);
  return bytes.byteLength === fileType.size ? { offset: fileType.offset, bytes } : undefined;
}

/** The chunks of each track. @param positions Where they are going to lie, if not where they are. */
function chunksByTrack({ chunks, tables }: Mp4Scan, positions?: Float64Array): (track: number) => Iterable<Chunk> {
  const starts = new Uint32Array(tables.length + 1);
  for (let row = 0; row < chunks.count; row++) starts[chunks.at(row, CHUNK.track) + 1]!++;
  for (let track = 0; track < tables.length; track++) starts[track + 1]! += starts[track]!;
  const next = starts.slice();
  const rows = new Uint32Array(chunks.count);
  for (let row = 0; row < chunks.count; row++) rows[next[chunks.at(row, CHUNK.track)]!++] = row;
  return function* (track) {
    for (const row of rows.subarray(starts[track], starts[track + 1])) {
      yield {
        offset: positions === undefined ? chunks.at(row, CHUNK.offset) : positions[row]!,
        sampleCount: chunks.at(row, CHUNK.sampleCount),
        descriptionIndex: chunks.at(row, CHUNK.descriptionIndex),
      };
    }
  };
}

/** The whole anew: the Movie Box in front, behind it nothing but samples. */
export function planCopy(scan: Mp4Scan, moviePlan: MoviePlan): CopyPlan {
  const { chunks, fileType, movie, others, rawMovie } = scan;
  let mediaBytes = 0;
  const positions = new Float64Array(chunks.count);
  for (let row = 0; row < chunks.count; row++) {
    positions[row] = mediaBytes;
    mediaBytes += chunks.at(row, CHUNK.byteLength);
  }
  const brands = brandsOf(scan);
  const front: Piece[] = brands !== undefined
    ? [{ bytes: brands.bytes }]
    : fileType !== undefined
    ? [{ offset: fileType.offset, byteLength: fileType.size }]
    : [];
  const frontBytes = fileType?.size ?? 0;
  const mediaHead = mediaBytes + 8 < SHORT_SIZE_LIMIT
    ? boxHead("mdat", mediaBytes + 8)
    : boxHead("mdat", mediaBytes + 16);
  const build = (isLong: boolean, base: number) => {
    const moved = positions.map((position) => position + base);
    return movieBox(rawMovie, movie, moviePlan, chunksByTrack(scan, moved), isLong);
  };
  const isLong = frontBytes + build(false, 0).byteLength + mediaHead.byteLength + mediaBytes >= SHORT_SIZE_LIMIT;
  const movieBytes = build(isLong, 0).byteLength;
  const bytes = build(isLong, frontBytes + movieBytes + mediaHead.byteLength);
  const head: Piece[] = [...front, { bytes }, { bytes: mediaHead }];
  const size = frontBytes + movieBytes + mediaHead.byteLength + mediaBytes +
    others.reduce((sum, { size }) => sum + size, 0);
  return { head, body: () => copiedBody(scan), size };
}

/** Samples that lie behind each other are read together. */
function* copiedBody({ chunks, others }: Mp4Scan): Generator<Piece> {
  let offset = 0;
  let byteLength = 0;
  for (let row = 0; row < chunks.count; row++) {
    if (chunks.at(row, CHUNK.offset) !== offset + byteLength) {
      if (byteLength > 0) yield { offset, byteLength };
      offset = chunks.at(row, CHUNK.offset);
      byteLength = 0;
    }
    byteLength += chunks.at(row, CHUNK.byteLength);
  }
  if (byteLength > 0) yield { offset, byteLength };
  for (const { offset, size } of others) yield { offset, byteLength: size };
}
