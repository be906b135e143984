/**
 * What a file is called ([ISO 14496-12] 4.3).
 *
 * @module
 */

import { box } from "./box.ts";
import type { BoxWriter } from "./box_writer.ts";
import type { MediaFacts } from "./media_box.ts";

/** What of a track its file is called by. */
export type NamedTrack = Pick<MediaFacts, "description">;

/** Writes `ftyp`, which has one size for both: iso6 for fragments, whose offsets count from themselves and may be negative. */
export function writeFileType(w: BoxWriter, tracks: readonly NamedTrack[], isFragmented: boolean): void {
  const isAudio = tracks.every(({ description }) => description.kind === "audio");
  box(w, "ftyp", () => {
    w.text(isAudio ? "M4A " : "mp42");
    w.u32(0);
    const version = isFragmented ? "iso6" : "isom";
    for (const brand of isAudio ? ["M4A ", "mp42", version] : ["mp42", version]) w.text(brand);
    if (tracks.some(({ description }) => description.id === "av01")) w.text("av01");
  });
}
