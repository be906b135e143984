/**
 * Access units of H.264 and HEVC in either framing, out behind lengths of four bytes.
 *
 * @module
 */

import { equalBytes } from "../../bytes/bytes.ts";
import type { Pieces } from "../../bytes/pieces.ts";
import { badSample } from "../codecs/common.ts";
import type { Framing } from "../framing.ts";
import { readLength } from "./lengths.ts";
import type { ParameterSets } from "./parameter_sets.ts";
import { StartCodeWalk } from "./start_codes.ts";
import { detectFormat, type NalFacts, type NalFormat, USUAL_LENGTH_BYTES as LENGTH_BYTES } from "./stream.ts";

/**
 * Lengths of four bytes, of either framing. Of a byte stream the parameter sets are left out that the description has, as
 * long as no others have come: from then on every set stays, and key frames that bring none get those in force.
 */
export function lengthPrefixed(streamNumber: number | undefined, facts: NalFacts): Framing {
  const framer = new LengthFramer(streamNumber, facts);
  return (unit, isKey, out) => framer.frame(unit, isKey, out);
}

/** The re-framing of one stream. */
class LengthFramer {
  readonly #streamNumber: number | undefined;
  /** Of NAL units, for messages. */
  readonly #name: string;
  readonly #recordLengthBytes: number | undefined;
  /** In the description. */
  readonly #knownSets: readonly Uint8Array[];
  /** In force. */
  readonly #sets: ParameterSets;
  /** Some that the description lacks have been in force. */
  #hasChanged = false;
  readonly #walk = new StartCodeWalk();
  /** Settled by the first unit. */
  #format: NalFormat | undefined;
  /** The lengths of the unit at hand. */
  #lengths = new Uint8Array(64 * LENGTH_BYTES);
  #lengthCount = 0;

  constructor(streamNumber: number | undefined, { sets, lengthBytes }: NalFacts) {
    this.#streamNumber = streamNumber;
    this.#name = sets.syntax.name;
    this.#recordLengthBytes = lengthBytes;
    this.#knownSets = sets.all;
    this.#sets = sets;
  }

  /** As {@linkcode Framing}. */
  frame(data: Uint8Array, isKey: boolean, out: Pieces): void {
    const format = this.#format ?? detectFormat(data, this.#recordLengthBytes);
    if (format === undefined) throw this.#bad(`it holds neither start codes nor lengths of ${this.#name} NAL units`);
    this.#lengthCount = 0;
    if (format === "lengths") this.#frameLengths(data, out);
    else this.#frameStartCodes(data, isKey, out);
    if (out.count === 0) throw this.#bad(`it holds no ${this.#name} NAL unit`);
    this.#format = format;
  }

  #frameLengths(data: Uint8Array, out: Pieces): void {
    const lengthBytes = this.#recordLengthBytes ?? LENGTH_BYTES;
    const isAsItIs = lengthBytes === LENGTH_BYTES;
    for (let at = 0; at < data.byteLength;) {
      const start = at + lengthBytes;
      if (start <= data.byteLength) at = start + readLength(data, at, lengthBytes);
      if (start > data.byteLength || at > data.byteLength) {
        throw this.#bad(`its ${this.#name} NAL units claim more bytes than are there`);
      }
      if (!isAsItIs && at > start) this.#add(data, start, at, out);
    }
    if (isAsItIs) out.add(data);
  }

  #frameStartCodes(data: Uint8Array, isKey: boolean, out: Pieces): void {
    const walk = this.#walk;
    const { syntax } = this.#sets;
    walk.reset(data);
    let bringsSets = false;
    while (walk.next()) {
      const end = walk.findEnd();
      const type = syntax.typeOf(walk.firstByte);
      if (syntax.setTypes.includes(type)) {
        bringsSets = true;
        const isKnown = this.#isKnown(data, walk.start, end);
        if (!isKnown || this.#hasChanged) this.#sets.take(data, walk.start, end);
        this.#hasChanged ||= !isKnown;
        if (!this.#hasChanged) continue;
      } else if (this.#hasChanged && isKey && !bringsSets && type !== syntax.delimiterType) {
        bringsSets = true;
        for (const set of this.#sets.all) this.#add(set, 0, set.byteLength, out);
      }
      this.#add(data, walk.start, end, out);
    }
  }

  #isKnown(data: Uint8Array, start: number, end: number): boolean {
    const sets = this.#knownSets;
    for (let i = 0; i < sets.length; i++) if (equalBytes(sets[i]!, data, start, end)) return true;
    return false;
  }

  #add(data: Uint8Array, start: number, end: number, out: Pieces): void {
    const at = this.#lengthCount++ * LENGTH_BYTES;
    if (at === this.#lengths.byteLength) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#lengths);
      this.#lengths = larger; // pieces that point into the old one stay as they are
    }
    new DataView(this.#lengths.buffer).setUint32(at, end - start);
    out.add(this.#lengths, at, at + LENGTH_BYTES);
    out.add(data, start, end);
  }

  #bad(reason: string): Error {
    return badSample(this.#streamNumber, reason);
  }
}
