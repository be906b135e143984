/**
 * What a file is called ([ISO 14496-12] 4.3).
 *
 * @module
 */

import { box } from "./box.ts";
import type { BoxWriter } from "./box_writer.ts";
import type { MediaFacts } from "./media_box.ts";

/** Of the files that are made of boxes. */
export type Mp4Family = "mp4" | "mov" | "3gp";

/** What of a track its file is called by. */
export type NamedTrack = Pick<MediaFacts, "description">;

/** QuickTime's own version, and 3GPP's of release 6. */
const QUICKTIME_VERSION = 0x200;
const RELEASE_6 = 0x100;

/** Writes `ftyp`, which has one size for both: iso6 for fragments, whose offsets count from themselves and may be negative. */
export function writeFileType(
  w: BoxWriter,
  tracks: readonly NamedTrack[],
  family: Mp4Family,
  isFragmented: boolean,
): void {
  const version = isFragmented ? "iso6" : "isom";
  const isAudio = tracks.every(({ description }) => description.kind === "audio");
  box(w, "ftyp", () => {
    if (family === "mov") return writeBrands(w, QUICKTIME_VERSION, ["qt  ", version]);
    if (family === "3gp") return writeBrands(w, RELEASE_6, ["3gp6", version]);
    const isAv1 = tracks.some(({ description }) => description.id === "av01");
    writeBrands(w, 0, [...isAudio ? ["M4A ", "mp42"] : ["mp42"], version, ...isAv1 ? ["av01"] : []]);
  });
}

/** The first is the major one, too: readers look among the others. */
function writeBrands(w: BoxWriter, minorVersion: number, brands: readonly string[]): void {
  w.text(brands[0]!);
  w.u32(minorVersion);
  for (const brand of brands) w.text(brand);
}
