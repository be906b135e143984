/**
 * Reads an MP4 file.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../byte_source.ts";
import { type FileProblem, ProblemList } from "../problems.ts";
import { type BoxHead, childOf, type Mp4Box } from "./box.ts";
import { heldPositions, type Positions, readBox } from "./box_reader.ts";
import { readFragment } from "./fragments.ts";
import { movieOf, type Mp4Movie, type Mp4Track } from "./movie.ts";
import { type PacketLayout, SampleCursor } from "./sample_cursor.ts";
import { packetLayoutOf } from "./sound_layout.ts";
import type { TablePlace } from "./table.ts";
import { TopWalker } from "./top_walker.ts";

const READ_MP4 = "read MP4";

/** No movie header is larger: 100 hours of video with sound take half of it. */
export const MAX_MOVIE_BYTES = 1 << 28;
/** No fragment's header is larger. */
export const MAX_FRAGMENT_BYTES = 1 << 24;

/**
 * An MP4, MOV, M4A or 3GP file, fragmented or not: what its Movie Box says at once, its samples by a cursor for each track,
 * its fragments when they are asked for. No length in it is trusted; what is wrong but can be read over is in `problems`.
 */
export class Mp4Reader {
  /** What the Movie Box says. */
  readonly movie: Mp4Movie;
  /** The File Type Box, if there is one in front. */
  readonly fileType: Mp4Box | undefined;
  /** By position of the tracks. */
  readonly cursors: readonly SampleCursor[];
  readonly #input: Input;
  readonly #positions: Positions;
  readonly #problems: ProblemList;
  readonly #walker: TopWalker;
  readonly #byTrackId = new Map<number, SampleCursor>();
  readonly #movieEnd: number;
  /** The box behind the last fragment's. */
  #ahead: BoxHead | undefined;
  #fragmentsEnded: boolean;

  private constructor(
    input: Input,
    movie: Mp4Movie,
    fileType: Mp4Box | undefined,
    positions: Positions,
    walker: TopWalker,
    problems: ProblemList,
  ) {
    this.#input = input;
    this.#problems = problems;
    this.#walker = walker;
    this.#movieEnd = walker.offset;
    this.#positions = positions;
    this.movie = movie;
    this.fileType = fileType;
    this.cursors = movie.tracks.map((track) => {
      const cursor = new SampleCursor(track, positions, packetLayout(track));
      if (!this.#byTrackId.has(track.trackId)) this.#byTrackId.set(track.trackId, cursor);
      return cursor;
    });
    this.#fragmentsEnded = !movie.isFragmented;
    if (this.#fragmentsEnded) { for (const cursor of this.cursors) cursor.endRuns(); }
  }

  /**
   * Reads up to the Movie Box and what it holds, its tables apart. The input stays the caller's. One without seeking must
   * hold on to what was read until then.
   *
   * @throws {MuxError} `bad-media` when there is no Movie Box, or it is not whole; `too-large` when it is above 256 MiB.
   */
  static async open(input: Input, problems: ProblemList = new ProblemList()): Promise<Mp4Reader> {
    const walker = new TopWalker(input, problems);
    let fileType: Mp4Box | undefined;
    for (;;) {
      const head = await walker.next();
      if (head === undefined) throw new MuxError("bad-media", { action: READ_MP4, reason: missingMovie(input) });
      if (head.type === "ftyp") fileType ??= await readBox(await held(input, head), head, problems);
      if (head.type !== "moov") continue;
      checkSize(head, MAX_MOVIE_BYTES);
      const positions = input.canSeek ? input : await held(input, head);
      const movie = movieOf(await readBox(positions, head, problems));
      checkTables(movie, problems);
      return new Mp4Reader(input, movie, fileType, positions, walker, problems);
    }
  }

  /** Another pass over the same movie, from a fragment or from the first. */
  again(from?: FragmentPlace): Mp4Reader {
    const walker = new TopWalker(this.#input, this.#problems, from?.offset ?? this.#movieEnd);
    const reader = new Mp4Reader(this.#input, this.movie, this.fileType, this.#positions, walker, this.#problems);
    if (from !== undefined) reader.cursors.forEach((cursor, i) => cursor.skipTables(from.decodeTimes[i]!));
    return reader;
  }

  /** Another cursor over a track's tables, without its fragments. */
  cursorOf(track: Mp4Track): SampleCursor {
    const cursor = new SampleCursor(track, this.#positions, packetLayout(track));
    cursor.endRuns();
    return cursor;
  }

  /** Problems found so far, the first 1000 of them. */
  get problems(): readonly FileProblem[] {
    return this.#problems.kept;
  }

  /** Offset in the file of the next box that is read. */
  get nextOffset(): number {
    return this.#walker.offset;
  }

  /** Whether fragments may be to come. */
  get hasFragments(): boolean {
    return !this.#fragmentsEnded;
  }

  /** Reads on to the next fragment and hands its runs to the cursors. Answers its head; `undefined` at the end. */
  async readFragment(): Promise<BoxHead | undefined> {
    while (!this.#fragmentsEnded) {
      const head = this.#ahead ?? await this.#walker.next();
      this.#ahead = undefined;
      if (head === undefined) break;
      if (head.type !== "moof") continue;
      if (head.size > MAX_FRAGMENT_BYTES) {
        this.#problems.add(
          "M02",
          head.offset,
          `moof box: must not exceed ${MAX_FRAGMENT_BYTES} bytes, got ${head.size}`,
        );
        continue;
      }
      const bytes = (await this.#input.read(head.offset, head.size)).slice();
      readFragment(bytes, head, {
        defaultsOf: (trackId) => this.#byTrackId.get(trackId)?.track.fragmentDefaults,
        take: (trackId, run) => this.#byTrackId.get(trackId)!.pushRun(run),
      }, this.#problems);
      // While its media are handed out, what stands behind them is not asked for again.
      this.#ahead = await this.#walker.next();
      return head;
    }
    this.#fragmentsEnded = true;
    for (const cursor of this.cursors) cursor.endRuns();
    return undefined;
  }
}

/** Where a fragment begins. */
export interface FragmentPlace {
  /** Offset in the file. */
  readonly offset: number;
  /** Where decoding goes on there, in ticks of each track. */
  readonly decodeTimes: readonly number[];
}

/** Notes tables that are smaller than they say. */
function checkTables({ tracks }: Mp4Movie, problems: ProblemList): void {
  for (const { tables: { sizes, ...others } } of tracks) {
    for (const place of [...Object.values(others) as (TablePlace | undefined)[], sizes?.place]) {
      if (place === undefined || place.entryCount === place.statedCount) continue;
      const { type, boxOffset, entryCount, statedCount } = place;
      problems.add("M06", boxOffset, `${type} box: has no room for ${statedCount} entries, ${entryCount} are there`);
    }
  }
}

function packetLayout(track: Mp4Track): PacketLayout | undefined {
  return track.handlerType === "soun" && track.tables.sizes?.constantBytes === 1
    ? packetLayoutOf(track.entries[0])
    : undefined;
}

/** A box of which all is held: it is small, or cannot be read again. */
async function held(input: Input, head: BoxHead): Promise<Positions> {
  checkSize(head, MAX_MOVIE_BYTES);
  const { offset, size } = head;
  const isOpen = !Number.isFinite(size);
  const bytes = (await input.read(offset, isOpen ? MAX_MOVIE_BYTES : size)).slice();
  return heldPositions(bytes, offset);
}

function checkSize({ type, size, statedSize }: BoxHead, most: number): void {
  if (statedSize === undefined || size <= most) return;
  throw new MuxError("too-large", {
    action: READ_MP4,
    reason: `the ${type} box of ${size} bytes is larger than ${most}`,
  });
}

function missingMovie({ size }: Input): string {
  return `there is no moov box in its ${size} bytes: it was never finished, or is cut short`;
}

/** A box inside a sample entry, or inside QuickTime's extension of it. */
export function entryBox(entry: Mp4Box | undefined, type: string): Mp4Box | undefined {
  return childOf(entry, type) ?? childOf(entry, "wave", type);
}
