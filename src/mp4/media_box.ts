/**
 * What the media of a track are ([ISO 14496-12] 8.4).
 *
 * ```text
 * mdia ─┬─ mdhd            time base, length, language
 *       ├─ hdlr            video or audio
 *       ├─ elng            the language, in full
 *       └─ minf ─┬─ vmhd or smhd
 *                ├─ dinf   the media are in this file
 *                └─ stbl
 * ```
 *
 * @module
 */

import type { BoxWriter } from "./box_writer.ts";
import { threeLetters } from "../media/language.ts";
import type { IsoDescription } from "../media/mappings/isobmff.ts";
import { box, fullBox } from "./box.ts";
import { packLanguage } from "./language.ts";
import { type PlacedSamples, writeSampleTable } from "./sample_table.ts";
import { shortText } from "./short_text.ts";

const URL_IS_THIS_FILE = 1;
/** QuickTime counts them in a byte. */
const MAX_NAME_BYTES = 255;

/** What `mdia` is made of. */
export interface MediaFacts {
  readonly description: IsoDescription;
  /** Ticks a second. */
  readonly timeScale: number;
  readonly language?: string;
  /** What people call it. */
  readonly name?: string;
  /** QuickTime says of handlers what they handle. */
  readonly isQuickTime: boolean;
  /** Absent: they are in fragments. */
  readonly placed?: PlacedSamples;
}

/** Writes `mdia`: `time` in seconds since 1904, `duration` in ticks. */
export function writeMedia(w: BoxWriter, facts: MediaFacts, time: number, duration: number): void {
  const { language } = facts;
  box(w, "mdia", () => {
    writeMediaHeader(w, facts, time, duration);
    writeHandler(w, facts);
    if (language !== undefined) writeExtendedLanguage(w, language);
    writeMediaInformation(w, facts);
  });
}

function writeMediaHeader(w: BoxWriter, { timeScale, language }: MediaFacts, time: number, duration: number): void {
  fullBox(w, "mdhd", 1, 0, () => {
    w.u64(time);
    w.u64(time);
    w.u32(timeScale);
    w.u64(duration);
    w.u16(packLanguage(threeLetters(language)));
    w.u16(0);
  });
}

function writeHandler(w: BoxWriter, { description, isQuickTime, name: given }: MediaFacts): void {
  const isVideo = description.kind === "video";
  const name = given || (isVideo ? "VideoHandler" : "SoundHandler");
  writeHandlerBox(w, isQuickTime ? "mhlr" : "", isVideo ? "vide" : "soun", name);
}

/** @param component What kind of handler it is, in QuickTime; its name is counted there, elsewhere it ends with 0. */
function writeHandlerBox(w: BoxWriter, component: string, type: string, name: string): void {
  fullBox(w, "hdlr", 0, 0, () => {
    if (component === "") w.u32(0);
    else w.text(component);
    w.text(type);
    w.zeros(12);
    const bytes = shortText(name, MAX_NAME_BYTES);
    if (component !== "") w.u8(bytes.byteLength);
    w.bytes(bytes);
    if (component === "") w.u8(0);
  });
}

function writeExtendedLanguage(w: BoxWriter, language: string): void {
  fullBox(w, "elng", 0, 0, () => {
    w.text(language);
    w.u8(0);
  });
}

function writeMediaInformation(w: BoxWriter, { description, isQuickTime, placed }: MediaFacts): void {
  box(w, "minf", () => {
    if (description.kind === "video") writeVideoHeader(w);
    else writeSoundHeader(w);
    if (isQuickTime) writeHandlerBox(w, "dhlr", "url ", "DataHandler");
    writeDataInformation(w);
    writeSampleTable(w, description, placed);
  });
}

function writeVideoHeader(w: BoxWriter): void {
  fullBox(w, "vmhd", 0, 1, () => w.zeros(8));
}

function writeSoundHeader(w: BoxWriter): void {
  fullBox(w, "smhd", 0, 0, () => w.zeros(4));
}

function writeDataInformation(w: BoxWriter): void {
  box(w, "dinf", () =>
    fullBox(w, "dref", 0, 0, () => {
      w.u32(1);
      fullBox(w, "url ", 0, URL_IS_THIS_FILE, () => {});
    }));
}
