/**
 * Makes a whole file of a broken one.
 *
 * @module
 */

import { repairAsf } from "./asf/repair.ts";
import { repairMatroska } from "./matroska/repair.ts";
import { repairMp4 } from "./mp4/repair.ts";
import { checkInterval, type RepairOptions, type RepairReport } from "./report.ts";
import { type RepairSource, withFile } from "./target.ts";

/**
 * Repairs a recording that was never finished, or that was damaged: an ASF, Matroska, WebM or MP4 file, by its first bytes.
 * What can be found of its media is kept as it is, and everything else is made anew from that: sizes, counts, durations,
 * and the indexes that players seek by. Memory stays flat.
 *
 * - ASF: finds the packets, takes out what is incomplete, makes header facts and Simple Indexes anew, and those indexes
 *   that the header announces. Where packets were overwritten, one beside them is spread over their places.
 * - Matroska and WebM, such as a browser's `MediaRecorder` leaves: Segment and Clusters get their sizes, Info its Duration;
 *   a SeekHead leads to Cues, which lead to the key frames. Blocks that are not whole are left out.
 * - MP4 in fragments without a duration or an index, and any that was cut behind its Movie Box: becomes an ordinary file of
 *   the samples that are whole. In place the fragments stay as they are inside of a Media Data Box, and a new Movie Box
 *   stands at the end; in a copy it stands in front. What is encrypted is refused. Without a Movie Box it takes `like`.
 *
 * In place, the file is never worse than before, whenever this is cut short: media stay where they are, indexes are
 * appended, and one write brings the header up to date. Where that takes more room than there is, where bytes are missing
 * in the middle, or more than 16 MiB of an ASF file are overwritten, the file is copied beside itself and the copy takes
 * its place, as `tag` does it. A file that something still writes to is refused: a sink holds its lock, or it changes while
 * it is worked on; the last change to an unfinished file must be two seconds old, which is waited for. A Matroska or MP4
 * file to which nothing is to be done stays untouched.
 *
 * @param target A path, a `file:` URL, or an {@linkcode Editable}; with an `output` also a `Blob`, bytes, or whatever can
 * be read at any place.
 * @throws {TypeError} If the target is none of these, or cannot be written to and there is no `output`.
 * @throws {RangeError} If an option is out of its range.
 * @throws {MuxError} `bad-media` when what describes the media does not survive, or nothing of the media, or when another
 * file stands behind this one, which would be cut off in place; `too-large` when there are more damaged places or parts
 * than can be kept in mind (of ASF some 250 000); `unsupported` when a copy is needed which the target cannot make, when
 * samples of MP4 are encrypted, or cannot be found by `like`; `in-use` when something writes to it.
 *
 * @example
 * ```ts
 * import { repair } from "@muxwell/muxwell/repair";
 *
 * async function rescue(path: string): Promise<void> {
 *   const { lostBytes, lostObjectCount, durationMs } = await repair(path);
 *   console.log(`${durationMs} ms saved, ${lostBytes} bytes and ${lostObjectCount} samples lost`);
 * }
 * console.log(typeof rescue);
 * ```
 */
export async function repair(target: RepairSource, options: RepairOptions = {}): Promise<RepairReport> {
  checkInterval(options.indexIntervalMs);
  const mode = options.output === undefined ? "change" : "read";
  return await withFile(target, { mode, force: options.force }, async (opened) => {
    switch (opened.kind) {
      case "asf":
        return await repairAsf(opened, options);
      case "matroska":
        return await repairMatroska(opened, options);
      case "mp4":
        return await repairMp4(opened, options);
    }
  });
}
