/**
 * Chapters ([RFC 9559] 5.1.7): one edition, one atom a marker.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Marker } from "../media/metadata.ts";
import { checkedMaster, master, text, uint } from "./ebml.ts";
import * as ID from "./ids.ts";

/** Writes Chapters; nothing when there are none. @param shift So much later than the markers say, microseconds. */
export function writeChapters(w: ByteWriter, markers: readonly Marker[], shift: number): void {
  const shown = markers.filter(({ timestamp }) => timestamp + shift >= 0).sort((a, b) => a.timestamp - b.timestamp);
  if (shown.length === 0) return;
  checkedMaster(w, ID.Chapters, () =>
    master(w, ID.EditionEntry, () => {
      shown.forEach(({ timestamp, name }, i) =>
        master(w, ID.ChapterAtom, () => {
          uint(w, ID.ChapterUID, i + 1);
          uint(w, ID.ChapterTimeStart, Math.round((timestamp + shift) * 1000));
          master(w, ID.ChapterDisplay, () => {
            text(w, ID.ChapString, name);
            text(w, ID.ChapLanguage, "und");
          });
        })
      );
    }));
}
