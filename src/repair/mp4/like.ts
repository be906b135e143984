/**
 * Finds the samples of a file that has no Movie Box, by that of another file of the same recorder.
 *
 * Pictures of H.264 and HEVC are found by the lengths in front of their units, sound by its constant size. Sound that has
 * neither, such as AAC, cannot be told apart: it is left out.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { type BoxHead, type Mp4Box, numberIn } from "../../inspect/mp4/box.ts";
import { readBox } from "../../inspect/mp4/box_reader.ts";
import type { Mp4Track } from "../../inspect/mp4/movie.ts";
import { entryBox, Mp4Reader } from "../../inspect/mp4/reader.ts";
import { samplesInOrder } from "../../inspect/mp4/stored_order.ts";
import { TopWalker } from "../../inspect/mp4/top_walker.ts";
import { ProblemList } from "../../inspect/problems.ts";
import { LossList } from "../loss_list.ts";
import { readAll } from "../reading.ts";
import { REPAIR } from "../report.ts";
import { Rows } from "../rows.ts";
import { type Mp4Scan, requireSound } from "./scan.ts";
import { TrackTables } from "./track_tables.ts";
import { PictureFinder, type UnitKind } from "./picture_finder.ts";

/** What was found, and what of it is not known for sure. */
export interface LikeScan extends Mp4Scan {
  readonly remarks: readonly string[];
}

/** What the other file says of one of its tracks. */
interface Model {
  readonly track: Mp4Track;
  /** What all samples last, or most of them, ticks. */
  readonly duration: number;
  readonly isSteady: boolean;
  /** Bytes of each sample; 0: they differ. */
  readonly sampleBytes: number;
  readonly largestBytes: number;
  readonly isReordered: boolean;
  readonly unitKind: UnitKind | undefined;
}

/** As many samples of sound are put together. */
const MAX_SOUND_SAMPLES = 1 << 16;

/** Scans a file without a Movie Box. @param like Another one, which is whole. @throws {MuxError} */
export async function scanLike(input: Input, like: Input): Promise<LikeScan> {
  const problems = new ProblemList();
  const reader = await Mp4Reader.open(like, problems);
  requireSound(reader.movie, problems);
  const models = await modelsOf(reader);
  const pictures = models.find(({ unitKind }) => unitKind !== undefined);
  const sound = models.find(({ sampleBytes, unitKind }) => unitKind === undefined && sampleBytes > 0);
  const left = models.filter((model) => model !== pictures && model !== sound);
  if (pictures === undefined && (sound === undefined || left.length > 0)) {
    const names = left.map(({ track }) => `track ${track.trackId} (${track.entries[0]?.type})`).join(", ");
    const reason = `samples of ${names || "no track"} have neither a length in front nor a constant size`;
    throw new MuxError("unsupported", { action: REPAIR, reason });
  }
  if (pictures?.isReordered) {
    const reason =
      "pictures of the other file are reordered, and when each is shown stood in the Movie Box that is gone";
    throw new MuxError("unsupported", { action: REPAIR, reason });
  }
  const place = await findMedia(input);
  const kept = [pictures, sound].filter((model) => model !== undefined);
  const tracks = kept.map(({ track }, index): Mp4Track => ({ ...track, index, edits: [] }));
  const found = new Found(tracks.map((track) => new TrackTables(track)), kept);
  const end = await find(input, place, found, pictures, sound);
  found.finish();
  if (found.sampleCount === 0) throw new MuxError("bad-media", { action: REPAIR, reason: "it holds no whole sample" });
  const size = input.size ?? end;
  found.losses.add(end, size - end);
  const { movie } = reader;
  const remarks = [
    `What its samples are, and how long each lasts, is taken from the other file${
      kept.every(({ isSteady }) => isSteady) ? "" : ", where not all last the same"
    }`,
    ...left.map(({ track }) =>
      `Left out: track ${track.trackId} (${
        track.entries[0]?.type
      }), whose samples have neither a length in front nor ` +
      "a constant size"
    ),
  ];
  return {
    movie: { ...movie, box: withoutTags(movie.box), tracks, isFragmented: false },
    rawMovie: await readAll(like, movie.box.offset, movie.box.size),
    fileType: place.fileType,
    first: place.first,
    others: [],
    tables: found.tables,
    chunks: found.chunks,
    sampleCount: found.sampleCount,
    missingCount: 0,
    losses: found.losses.kept,
    lostBytes: found.losses.byteCount,
    isIndexed: false,
    lastMedia: undefined,
    end,
    size,
    remarks,
  };
}

/** What the other recording is called, and where it was made, is not said of this one. */
function withoutTags(box: Mp4Box): Mp4Box {
  const children = box.children.filter(({ type }) => type !== "udta" && type !== "meta")
    .map((child) => child.type === "trak" ? withoutTags(child) : child);
  return { ...box, children };
}

async function modelsOf(reader: Mp4Reader): Promise<Model[]> {
  const states = new Map(reader.cursors.map((cursor) => [cursor, {
    bytes: -1,
    largest: 0,
    isReordered: false,
    durations: new Map<number, number>(),
  }]));
  for (const order = samplesInOrder(reader);;) {
    const cursor = order.next() ?? await order.wait();
    if (cursor === undefined) break;
    const state = states.get(cursor)!;
    const { byteLength, sampleCount, duration, compositionOffset } = cursor;
    const each = byteLength / sampleCount;
    state.bytes = state.bytes < 0 || state.bytes === each ? each : 0;
    state.largest = Math.max(state.largest, each);
    state.isReordered ||= compositionOffset !== 0;
    const lasts = duration / sampleCount;
    if (state.durations.size < 1000 || state.durations.has(lasts)) {
      state.durations.set(lasts, (state.durations.get(lasts) ?? 0) + sampleCount);
    }
  }
  return Array.from(states, ([{ track }, { bytes, durations, isReordered, largest }]): Model => {
    const [most] = [...durations].sort((a, b) => b[1] - a[1]);
    return {
      track,
      duration: most?.[0] ?? 0,
      isSteady: durations.size < 2,
      sampleBytes: Number.isInteger(bytes) ? Math.max(0, bytes) : 0,
      largestBytes: largest,
      isReordered,
      unitKind: unitKindOf(track),
    };
  }).filter(({ largestBytes }) => largestBytes > 0);
}

function unitKindOf({ entries }: Mp4Track): UnitKind | undefined {
  const avc = entryBox(entries[0], "avcC");
  const hevc = entryBox(entries[0], "hvcC");
  const box = avc ?? hevc;
  if (box === undefined || entries.length > 1) return undefined;
  return { isHevc: avc === undefined, lengthBytes: numberIn(box, "lengthBytes") || 4 };
}

interface MediaPlace {
  readonly start: number;
  readonly end: number;
  readonly first: BoxHead;
  readonly fileType: Mp4Box | undefined;
}

/** Where the media lie: from the first Media Data Box on. */
async function findMedia(input: Input): Promise<MediaPlace> {
  const size = input.size ?? 0;
  const walker = new TopWalker(input, new ProblemList());
  let first: BoxHead | undefined;
  let fileType: Mp4Box | undefined;
  for (let head = await walker.next(); head !== undefined; head = await walker.next()) {
    if (head.type === "ftyp") fileType ??= await readBox(input, head, new ProblemList());
    else first ??= head;
    if (head.type !== "mdat") continue;
    const start = head.offset + head.headBytes;
    // A size that was to be filled in at the end says nothing.
    const isStated = head.statedSize !== undefined && head.statedSize > head.headBytes && head.statedSize === head.size;
    return { start, end: isStated ? head.offset + head.size : size, first: first!, fileType };
  }
  throw new MuxError("bad-media", { action: REPAIR, reason: "it has no Media Data Box (mdat)" });
}

/** The samples as they are found. */
class Found {
  readonly tables: readonly TrackTables[];
  readonly chunks = new Rows(5);
  readonly losses = new LossList();
  sampleCount = 0;
  readonly #models: readonly Model[];
  readonly #times: number[];

  constructor(tables: readonly TrackTables[], models: readonly Model[]) {
    this.tables = tables;
    this.#models = models;
    this.#times = models.map(() => 0);
  }

  /** Takes samples of one size that lie behind each other. */
  add(index: number, offset: number, sampleBytes: number, count: number, isKey: boolean): void {
    const { duration } = this.#models[index]!;
    const decodeTime = this.#times[index]!;
    this.tables[index]!.add(
      { decodeTime, duration: duration * count, sampleCount: count, compositionOffset: 0, isKey },
      count,
      sampleBytes,
    );
    this.#times[index] = decodeTime + count * duration;
    this.chunks.add(index, offset, sampleBytes * count, count, 1);
    this.sampleCount += count;
  }

  finish(): void {
    for (const tables of this.tables) tables.finish();
  }
}

/** Goes through the media. Answers where the last whole sample ends. */
async function find(
  input: Input,
  { start, end }: MediaPlace,
  found: Found,
  pictures: Model | undefined,
  sound: Model | undefined,
): Promise<number> {
  const soundIndex = pictures === undefined ? 0 : 1;
  const takeSound = (from: number, to: number): number => {
    if (sound === undefined) {
      found.losses.add(from, to - from);
      return from;
    }
    const { sampleBytes } = sound;
    let at = from;
    while (at + sampleBytes <= to) {
      const count = Math.min(MAX_SOUND_SAMPLES, Math.floor((to - at) / sampleBytes));
      found.add(soundIndex, at, sampleBytes, count, true);
      at += count * sampleBytes;
    }
    found.losses.add(at, to - at);
    return at;
  };
  if (pictures === undefined) return takeSound(start, end);
  const finder = new PictureFinder(input, end, pictures.unitKind!, pictures.largestBytes, sound?.sampleBytes || 1);
  let last = start;
  for (let at = start; at < end;) {
    const picture = await finder.pictureAt(at);
    if (picture !== undefined) {
      found.add(0, at, picture.byteLength, 1, picture.isKey);
      last = at += picture.byteLength;
      continue;
    }
    const next = await finder.search(at);
    // Behind the last picture nothing shows where sound ends: what is lost there is told once, at the end.
    if (next === undefined) return sound === undefined ? last : takeSound(at, end);
    takeSound(at, next);
    at = next;
  }
  return last;
}
