/**
 * What stands in front of the Clusters.
 *
 * ```text
 * EBML
 * Segment ─┬─ SeekHead              where the others are; room for all of them
 *          ├─ Info                  TimestampScale, and the Duration, which is known at the end
 *          ├─ Tracks
 *          ├─ Chapters · Attachments · Tags
 *          ├─ Cues                  if they are to be in front
 *          └─ Void                  room for what is known at the end
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import type { Metadata } from "../media/metadata.ts";
import { writeAttachments } from "./attachments.ts";
import { writeChapters } from "./chapters.ts";
import { type Cue, fitCues } from "./cues.ts";
import { binary, checkedMaster, fill, float, master, text, uint, uint64, writeId, writeSize } from "./ebml.ts";
import * as ID from "./ids.ts";
import { TICK_NS } from "./track.ts";
import { type TrackFacts, writeTracks } from "./track_entry.ts";
import { writeTags } from "./tags.ts";

const MUXER = "Muxwell";
/** 2001, from which DateUTC counts. */
const MATROSKA_EPOCH_MS = 978_307_200_000;
/** In eight bytes, which can be replaced by a size that is known. */
const UNKNOWN_SIZE = /* @__PURE__ */ Uint8Array.of(0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF);
const SIZE_BYTES = 8;
/** Room for a SeekHead, with an entry for whatever there can be. */
const SEEK_ROOM_BYTES = 200;
const SEEK_HEAD_BYTES = 4 + 4 + 6;
const SEEK_BYTES = 24;

/** What is known at the end. */
export interface HeaderOutcome {
  /** Ticks. */
  readonly duration: number;
  /** Of Clusters and what is behind them. */
  readonly byteLength: number;
  /** Of Clusters, if Cues are behind them. */
  readonly cuesOffset?: number;
  /** Cues that are to be in front, their positions counted from the first Cluster. */
  readonly cues?: readonly Cue[];
}

/** What a header is made of. */
export interface HeaderFacts {
  readonly isWebm: boolean;
  readonly tracks: readonly TrackFacts[];
  readonly metadata: Metadata;
  readonly creationTime: Date;
  /** How much later than the markers say chapters begin, microseconds. */
  readonly markerShift: number;
  /** Track that Cues are about. */
  readonly cueTrackId: number;
  readonly outcome?: HeaderOutcome;
}

/**
 * The header.
 *
 * @param byteLength Of one that is completed at the end, filled up to that; 0: as small as it gets. Absent: one that never
 * changes.
 */
export function encodeHeader(facts: HeaderFacts, byteLength?: number): Uint8Array<ArrayBuffer> {
  const { isWebm, tracks, metadata, outcome, cueTrackId } = facts;
  const w = new ByteWriter("big", new Uint8Array(Math.max(1024, byteLength ?? 0)));
  writeEbml(w, isWebm);
  writeId(w, ID.Segment);
  const bodyAt = w.offset + SIZE_BYTES;
  const dataPosition = Math.max(0, (byteLength ?? 0) - bodyAt);
  if (outcome === undefined) w.bytes(UNKNOWN_SIZE);
  else writeSize(w, dataPosition + outcome.byteLength, SIZE_BYTES);
  const parts = new ByteWriter("big");
  const places: [id: number, position: number][] = [];
  const part = (id: number, write: () => void) => {
    const at = parts.offset;
    write();
    if (parts.offset > at) places.push([id, at]);
  };
  part(ID.Info, () => writeInfo(parts, facts));
  part(ID.Tracks, () => writeTracks(parts, tracks, isWebm));
  part(ID.Chapters, () => writeChapters(parts, metadata.markers ?? [], facts.markerShift));
  if (!isWebm) part(ID.Attachments, () => writeAttachments(parts, metadata));
  part(ID.Tags, () => writeTags(parts, metadata, tracks.map(({ config }) => config.streamNumber), isWebm));
  const isFinal = byteLength !== undefined;
  const seekBytes = isFinal ? SEEK_ROOM_BYTES : SEEK_HEAD_BYTES + places.length * SEEK_BYTES;
  if (outcome?.cues !== undefined) {
    const most = dataPosition - seekBytes - parts.offset - 2;
    const cues = outcome.cues.map((cue) => ({ ...cue, position: dataPosition + cue.position }));
    part(ID.Cues, () => parts.bytes(fitCues(cues, cueTrackId, most) ?? []));
  }
  for (const place of places) place[1] += seekBytes;
  if (outcome?.cuesOffset !== undefined) places.push([ID.Cues, dataPosition + outcome.cuesOffset]);
  writeSeekHead(w, places);
  if (isFinal) fill(w, bodyAt + seekBytes - w.offset);
  w.bytes(parts.written);
  const spare = (byteLength ?? 0) - w.offset;
  if (spare > 0) fill(w, spare);
  return w.toUint8Array();
}

/** Where the body of the Segment begins, from which positions count. */
export function segmentBodyAt(isWebm: boolean): number {
  const w = new ByteWriter("big");
  writeEbml(w, isWebm);
  return w.offset + 4 + SIZE_BYTES;
}

function writeEbml(w: ByteWriter, isWebm: boolean): void {
  master(w, ID.EBML, () => {
    uint(w, ID.EBMLVersion, 1);
    uint(w, ID.EBMLReadVersion, 1);
    uint(w, ID.EBMLMaxIDLength, 4);
    uint(w, ID.EBMLMaxSizeLength, 8);
    text(w, ID.DocType, isWebm ? "webm" : "matroska");
    uint(w, ID.DocTypeVersion, 4);
    uint(w, ID.DocTypeReadVersion, 2);
  });
}

function writeSeekHead(w: ByteWriter, places: readonly (readonly [id: number, position: number])[]): void {
  checkedMaster(w, ID.SeekHead, () => {
    for (const [id, position] of places) {
      master(w, ID.Seek, () => {
        binary(w, ID.SeekID, Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id));
        uint64(w, ID.SeekPosition, position);
      });
    }
  });
}

function writeInfo(w: ByteWriter, { metadata, creationTime, outcome }: HeaderFacts): void {
  const { title, encodingTime = creationTime } = metadata;
  checkedMaster(w, ID.Info, () => {
    uint(w, ID.TimestampScale, TICK_NS);
    if (outcome !== undefined) float(w, ID.Duration, outcome.duration);
    uint64(w, ID.DateUTC, BigInt(Math.round(encodingTime.getTime() - MATROSKA_EPOCH_MS)) * 1_000_000n);
    if (title) text(w, ID.Title, title);
    text(w, ID.MuxingApp, MUXER);
    text(w, ID.WritingApp, MUXER);
  });
}
