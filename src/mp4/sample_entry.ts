/**
 * Sample entries ([ISO 14496-12] 12.1.3, 12.1.5, 12.2.3).
 *
 * @module
 */

import type { BoxWriter } from "./box_writer.ts";
import type { IsoAudio, IsoDescription, IsoVideo } from "../media/mappings/isobmff.ts";
import { box } from "./box.ts";

const DPI_72 = 0x0048_0000;
const COMPRESSOR_NAME_BYTES = 32;
const DEPTH_24 = 0x18;
const MAX_RATE = 0xFFFF;
/** A colour code. */
const UNSPECIFIED = 2;

/** Writes the entry of a stream with the configuration inside. */
export function writeSampleEntry(w: BoxWriter, description: IsoDescription): void {
  box(w, description.id, () => {
    w.zeros(6);
    w.u16(1); // the first data reference: this file
    if (description.kind === "video") writeVisual(w, description);
    else writeAudio(w, description);
    if (description.privateData.byteLength > 0) box(w, description.box, () => w.bytes(description.privateData));
    if (description.kind === "audio") return;
    writeColor(w, description);
    writePixelAspect(w, description);
  });
}

function writeVisual(w: BoxWriter, { codedWidth, codedHeight }: IsoVideo): void {
  w.zeros(16);
  w.u16(codedWidth);
  w.u16(codedHeight);
  w.u32(DPI_72);
  w.u32(DPI_72);
  w.u32(0);
  w.u16(1); // frames in a sample
  w.zeros(COMPRESSOR_NAME_BYTES);
  w.u16(DEPTH_24);
  w.u16(0xFFFF);
}

function writeColor(w: BoxWriter, { color }: IsoVideo): void {
  if (color === undefined) return;
  const { primaries = UNSPECIFIED, transfer = UNSPECIFIED, matrix = UNSPECIFIED, isFullRange } = color;
  box(w, "colr", () => {
    w.text("nclx");
    w.u16(primaries);
    w.u16(transfer);
    w.u16(matrix);
    w.u8(isFullRange ? 0x80 : 0);
  });
}

function writePixelAspect(w: BoxWriter, { pixelAspectWidth, pixelAspectHeight }: IsoVideo): void {
  if (pixelAspectWidth === pixelAspectHeight) return;
  box(w, "pasp", () => {
    w.u32(pixelAspectWidth);
    w.u32(pixelAspectHeight);
  });
}

function writeAudio(w: BoxWriter, { sampleRate, numberOfChannels, bitsPerSample = 16 }: IsoAudio): void {
  let rate = sampleRate;
  while (rate > MAX_RATE) rate /= 2; // the field ends there; the configuration says it in full
  w.zeros(8);
  w.u16(numberOfChannels);
  w.u16(bitsPerSample);
  w.u32(0);
  w.u16(Math.floor(rate));
  w.u16(0);
}
