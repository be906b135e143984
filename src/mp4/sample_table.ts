/**
 * The sample table of a track whose samples are in fragments ([ISO 14496-12] 8.5): it says what they are, and lists none.
 *
 * ```text
 * stbl ─┬─ stsd                        the codec
 *       └─ stts · stsc · stsz · stco   empty
 * ```
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { IsoDescription } from "../media/mappings/isobmff.ts";
import { box, fullBox } from "./box.ts";
import { writeSampleEntry } from "./sample_entry.ts";

/** Writes `stbl`. */
export function writeSampleTable(w: ByteWriter, description: IsoDescription): void {
  box(w, "stbl", () => {
    writeSampleDescription(w, description);
    writeEmptyTable(w, "stts");
    writeEmptyTable(w, "stsc");
    writeSampleSizes(w);
    writeEmptyTable(w, "stco");
  });
}

function writeSampleDescription(w: ByteWriter, description: IsoDescription): void {
  fullBox(w, "stsd", 0, 0, () => {
    w.u32(1);
    writeSampleEntry(w, description);
  });
}

function writeEmptyTable(w: ByteWriter, type: string): void {
  fullBox(w, type, 0, 0, () => w.u32(0));
}

function writeSampleSizes(w: ByteWriter): void {
  fullBox(w, "stsz", 0, 0, () => {
    w.u32(0); // each has its own
    w.u32(0);
  });
}
