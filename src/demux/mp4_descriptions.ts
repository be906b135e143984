/**
 * Tracks with several sample entries: the decoder is set up anew in the middle.
 *
 * @module
 */

import { bytesIn, childOf, type Mp4Box, numberIn } from "../inspect/mp4/box.ts";
import type { Mp4Track } from "../inspect/mp4/movie.ts";
import { type Mp4Stream, mp4Stream } from "./mp4_streams.ts";
import { formatSeconds } from "./time.ts";

/** What a sample needs, by the entry that it belongs to. */
interface Change {
  /** Parameter sets as units with lengths as the first entry has them; empty: nothing is needed. */
  readonly sets: Uint8Array;
  /** Bytes of a length in its samples. */
  readonly lengthBytes: number;
  /** Why it cannot be carried. */
  readonly refusal?: string;
}

/**
 * Goes from one sample entry to the next. Other parameter sets of H.264 and HEVC are put in front of the samples that need
 * them, and of every key frame behind the first change; anything else that differs cannot be said to a decoder and is left
 * out by name.
 */
export class DescriptionChange {
  readonly #changes: readonly Change[];
  readonly #lengthBytes: number;
  #current = 1;
  #hasChanged = false;
  #isPending = false;

  constructor(track: Mp4Track, first: Mp4Stream) {
    const [firstEntry] = track.entries;
    this.#lengthBytes = lengthBytesOf(firstEntry);
    this.#changes = track.entries.map((entry, index) => this.#changeOf(track, entry, index, first));
  }

  /**
   * What is handed on of a sample; `undefined`: nothing.
   *
   * @param descriptionIndex Its sample entry, from 1.
   * @param warn Takes what there is to say about a change that is not carried, once.
   */
  carry(
    data: Uint8Array,
    descriptionIndex: number,
    isKey: boolean,
    timestamp: number,
    warn: (text: string) => void,
  ): Uint8Array | undefined {
    const change = this.#changes[descriptionIndex - 1];
    if (descriptionIndex !== this.#current) {
      this.#current = descriptionIndex;
      this.#hasChanged = true;
      this.#isPending = true;
      const refusal = change === undefined ? "has no sample entry for it" : change.refusal;
      if (refusal !== undefined) {
        warn(`goes on otherwise at ${formatSeconds(timestamp)}: it ${refusal}, and is left out`);
      }
    }
    if (change === undefined || change.refusal !== undefined) return undefined;
    if (!this.#hasChanged) return data;
    const units = change.lengthBytes === this.#lengthBytes
      ? data
      : relength(data, change.lengthBytes, this.#lengthBytes);
    if (!isKey && !this.#isPending || change.sets.byteLength === 0) return units;
    this.#isPending = false;
    const joined = new Uint8Array(change.sets.byteLength + units.byteLength);
    joined.set(change.sets);
    joined.set(units, change.sets.byteLength);
    return joined;
  }

  #changeOf(track: Mp4Track, entry: Mp4Box, index: number, first: Mp4Stream): Change {
    const described = index === 0 ? first : mp4Stream(track, entry);
    const none = { sets: new Uint8Array(0), lengthBytes: this.#lengthBytes };
    if (typeof described === "string") return { ...none, refusal: `cannot be described: ${described}` };
    const sets = parameterSets(entry);
    const lengthBytes = lengthBytesOf(entry);
    if (
      sets !== undefined && lengthBytesOf(track.entries[0]) > 0 &&
      entry.type.slice(0, 2) === track.entries[0]!.type.slice(0, 2)
    ) {
      return { sets: withLengths(sets, this.#lengthBytes), lengthBytes };
    }
    return isAlike(described, first) ? none : { ...none, refusal: "has another description" };
  }
}

function isAlike({ config: one }: Mp4Stream, { config: other }: Mp4Stream): boolean {
  return JSON.stringify(comparable(one)) === JSON.stringify(comparable(other));
}

function comparable(config: Mp4Stream["config"]): unknown {
  const { description, bitrate: _bitrate, ...rest } = config;
  return [rest, description === undefined ? [] : [...description as Uint8Array]];
}

function lengthBytesOf(entry: Mp4Box | undefined): number {
  return numberIn(childOf(entry, "avcC") ?? childOf(entry, "hvcC"), "lengthBytes");
}

function parameterSets(entry: Mp4Box): Uint8Array[] | undefined {
  const avc = childOf(entry, "avcC");
  if (avc !== undefined) {
    const { sequenceParameterSets = [], pictureParameterSets = [] } = avc.fields;
    return [...sequenceParameterSets as Uint8Array[], ...pictureParameterSets as Uint8Array[]];
  }
  const hevc = childOf(entry, "hvcC");
  if (hevc === undefined || bytesIn(hevc, "data") === undefined) return undefined;
  return ((hevc.fields.arrays ?? []) as { units: Uint8Array[] }[]).flatMap(({ units }) => units);
}

function withLengths(units: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(units.reduce((sum, { byteLength }) => sum + lengthBytes + byteLength, 0));
  let at = 0;
  for (const unit of units) {
    for (let i = 0; i < lengthBytes; i++) bytes[at + i] = unit.byteLength / 256 ** (lengthBytes - 1 - i) & 0xFF;
    bytes.set(unit, at + lengthBytes);
    at += lengthBytes + unit.byteLength;
  }
  return bytes;
}

/** The units of a sample with lengths of another size; what lies behind a length that is wrong stays away. */
function relength(data: Uint8Array, from: number, to: number): Uint8Array {
  const units: Uint8Array[] = [];
  for (let at = 0; at + from <= data.byteLength;) {
    let size = 0;
    for (let i = 0; i < from; i++) size = size * 256 + data[at + i]!;
    units.push(data.subarray(at + from, at + from + size));
    at += from + size;
  }
  return withLengths(units, to);
}
