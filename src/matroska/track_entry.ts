/**
 * The Tracks of a Segment ([RFC 9559] 5.1.4).
 *
 * ```text
 * Tracks ─ TrackEntry ─┬─ TrackNumber · TrackUID · TrackType · FlagLacing
 *                      ├─ DefaultDuration · Name · Language
 *                      ├─ CodecID · CodecName · CodecPrivate · CodecDelay · SeekPreRoll
 *                      └─ Video ─ Colour · Projection          or Audio
 * ```
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { NumberedStream } from "../container/container.ts";
import { bibliographicLetters } from "../media/language.ts";
import type { MatroskaAudio, MatroskaVideo } from "../media/mappings/matroska.ts";
import { binary, checkedMaster, float, master, text, uint } from "./ebml.ts";
import * as ID from "./ids.ts";
import type { MatroskaDescription } from "./track.ts";

const TRACK_TYPES = { video: 1, audio: 2, text: 17 };

/** What a track is made of. */
export interface TrackFacts {
  readonly config: NumberedStream;
  readonly description: MatroskaDescription;
  /** CodecDelay, nanoseconds. */
  readonly delayNs: number;
  /** DefaultDuration, nanoseconds; 0: there is none. */
  readonly frameNs: number;
}

/** Writes Tracks. */
export function writeTracks(w: ByteWriter, tracks: readonly TrackFacts[], isWebm: boolean): void {
  checkedMaster(w, ID.Tracks, () => {
    for (const track of tracks) writeTrack(w, track, isWebm);
  });
}

function writeTrack(w: ByteWriter, { config, description, delayNs, frameNs }: TrackFacts, isWebm: boolean): void {
  const { streamNumber, language, names = [] } = config;
  const { id, privateData } = description;
  const codecName = "codecName" in config ? config.codecName : undefined;
  master(w, ID.TrackEntry, () => {
    uint(w, ID.TrackNumber, streamNumber);
    uint(w, ID.TrackUID, streamNumber);
    uint(w, ID.TrackType, TRACK_TYPES[description.kind]);
    uint(w, ID.FlagLacing, 0);
    if (frameNs > 0) uint(w, ID.DefaultDuration, frameNs);
    if (names.length > 0) text(w, ID.Name, names[0]!.name);
    writeLanguage(w, ID.Language, ID.LanguageBCP47, language, isWebm);
    text(w, ID.CodecID, id);
    if (codecName) text(w, ID.CodecName, codecName);
    if (privateData.byteLength > 0) binary(w, ID.CodecPrivate, privateData);
    if (delayNs > 0) uint(w, ID.CodecDelay, delayNs);
    if (description.kind === "video") writeVideo(w, config, description);
    if (description.kind === "audio") writeAudio(w, description);
  });
}

/** Writes a language: in three letters, since none means English, and in full where that says more. Never in full in WebM. */
export function writeLanguage(
  w: ByteWriter,
  id: number,
  fullId: number,
  language: string | undefined,
  isWebm: boolean,
): void {
  text(w, id, bibliographicLetters(language));
  if (language !== undefined && !isWebm) text(w, fullId, language);
}

function writeVideo(w: ByteWriter, config: NumberedStream, description: MatroskaVideo): void {
  const { codedWidth, codedHeight, pixelAspectWidth, pixelAspectHeight, color } = description;
  const rotation = config.kind === "video" ? config.rotation ?? 0 : 0;
  master(w, ID.Video, () => {
    uint(w, ID.PixelWidth, codedWidth);
    uint(w, ID.PixelHeight, codedHeight);
    if (pixelAspectWidth !== pixelAspectHeight) {
      const isWide = pixelAspectWidth > pixelAspectHeight;
      const width = isWide ? Math.round(codedWidth * pixelAspectWidth / pixelAspectHeight) : codedWidth;
      const height = isWide ? codedHeight : Math.round(codedHeight * pixelAspectHeight / pixelAspectWidth);
      uint(w, ID.DisplayWidth, width);
      uint(w, ID.DisplayHeight, height);
    }
    if (color !== undefined) {
      const { matrix, transfer, primaries, isFullRange } = color;
      master(w, ID.Colour, () => {
        if (matrix !== undefined) uint(w, ID.MatrixCoefficients, matrix);
        if (isFullRange !== undefined) uint(w, ID.Range, isFullRange ? 2 : 1);
        if (transfer !== undefined) uint(w, ID.TransferCharacteristics, transfer);
        if (primaries !== undefined) uint(w, ID.Primaries, primaries);
      });
    }
    if (rotation === 0) return;
    master(w, ID.Projection, () => {
      uint(w, ID.ProjectionType, 0);
      float(w, ID.ProjectionPoseRoll, rotation === 270 ? 90 : -rotation); // against the clock
    });
  });
}

function writeAudio(w: ByteWriter, { sampleRate, numberOfChannels, bitsPerSample, seekPreRoll = 0 }: MatroskaAudio) {
  if (seekPreRoll > 0) uint(w, ID.SeekPreRoll, Math.round(seekPreRoll * 1e9 / sampleRate));
  master(w, ID.Audio, () => {
    float(w, ID.SamplingFrequency, sampleRate);
    uint(w, ID.Channels, numberOfChannels);
    if (bitsPerSample) uint(w, ID.BitDepth, bitsPerSample);
  });
}
