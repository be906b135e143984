/**
 * Gives a sound file its indexes.
 *
 * @module
 */

import { indexSettings } from "../asf/indexes/options.ts";
import { MuxError } from "../errors.ts";
import { indexAsf } from "./asf/reindex.ts";
import { indexMatroska } from "./matroska/repair.ts";
import { checkInterval, INDEX, type IndexOptions, type IndexReport } from "./report.ts";
import { type FileTarget, withFile } from "./target.ts";

/**
 * Adds indexes ([ASF] 6.1–6.4) to a sound file, or replaces those it has, and marks it as seekable; other kinds than those
 * asked for stay. The file is changed where it lies: the old indexes are cut off, the new ones appended, and one write
 * brings the header up to date. A file on which this was cut short is repaired by `repair`. A header without room to
 * announce a new kind of index grows: then the file is copied beside itself, and the copy takes its place, as `tag` does
 * it. A file that something still writes to is refused, as by `repair`.
 *
 * Matroska and WebM files get Cues, which lead to the key frames, and a SeekHead that leads to these.
 *
 * @param target A path, a `file:` URL, or an {@linkcode Editable}.
 * @throws {TypeError} If the target is none of these, or an option not of its type.
 * @throws {RangeError} If an option is out of its range.
 * @throws {MuxError} `bad-media` when it is not a sound file, `missing-description` when no stream has the time codes
 * for a Timecode Index, `unsupported` when a copy is needed which the target cannot make, when it is MP4, or Matroska for
 * which an index of ASF is asked for, `in-use` when something writes to it; nothing is changed then.
 *
 * @example
 * ```ts
 * import { index } from "@muxwell/muxwell/repair";
 *
 * async function makeSeekable(path: string): Promise<void> {
 *   const { indexCount } = await index(path, { indexIntervalMs: 100, timeIndexMs: 1000 });
 *   console.log(`${indexCount} video streams indexed`);
 * }
 * console.log(typeof makeSeekable);
 * ```
 */
export async function index(target: FileTarget, options: IndexOptions = {}): Promise<IndexReport> {
  checkInterval(options.indexIntervalMs);
  indexSettings(options, `Cannot ${INDEX}`);
  return await withFile(target, { mode: "change", force: options.force }, async (opened) => {
    switch (opened.kind) {
      case "asf":
        return await indexAsf(opened, options);
      case "matroska":
        return await indexMatroska(opened, options);
      case "mp4": {
        const reason = "the tables of MP4 are its index; repair makes them of fragments";
        throw new MuxError("unsupported", { action: INDEX, reason });
      }
    }
  });
}
