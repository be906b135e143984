/**
 * Access units of H.264 and HEVC in either framing, out as Annex B with parameter sets at every key frame.
 *
 * @module
 */

import type { Pieces } from "../../bytes/pieces.ts";
import { badSample } from "../codecs/common.ts";
import type { Framing } from "../framing.ts";
import { readLength } from "./lengths.ts";
import type { ParameterSets } from "./parameter_sets.ts";
import { beginsWithStartCode, START_CODE, StartCodeWalk } from "./start_codes.ts";
import { detectFormat, type NalFacts, type NalFormat, takeFromLengths, USUAL_LENGTH_BYTES } from "./stream.ts";
import type { NalSyntax } from "./syntax.ts";

/**
 * Annex B, of either framing. The stream's parameter sets become the framing's own.
 *
 * @param delimiter An access unit delimiter with its start code, for units that begin with none; absent: these go without.
 */
export function annexB(streamNumber: number | undefined, facts: NalFacts, delimiter?: Uint8Array): Framing {
  const framer = new AnnexBFramer(streamNumber, facts, delimiter);
  return (unit, isKey, out) => framer.frame(unit, isKey, out);
}

/** The re-framing of one stream. What is thrown has changed nothing. */
class AnnexBFramer {
  readonly #streamNumber: number | undefined;
  readonly #sets: ParameterSets;
  readonly #syntax: NalSyntax;
  /** By NAL unit type: a bit for each kind of parameter set, 0 for what is none. */
  readonly #kindBits = new Uint8Array(256);
  /** All of these bits. */
  readonly #allKinds: number;
  readonly #recordLengthBytes: number | undefined;
  readonly #lengthBytes: number;
  readonly #delimiter: Uint8Array | undefined;
  readonly #walk = new StartCodeWalk();
  /** Settled by the first unit. */
  #format: NalFormat | undefined;

  constructor(streamNumber: number | undefined, { sets, lengthBytes }: NalFacts, delimiter?: Uint8Array) {
    this.#streamNumber = streamNumber;
    this.#delimiter = delimiter;
    this.#sets = sets;
    this.#syntax = sets.syntax;
    for (const [kind, type] of sets.syntax.setTypes.entries()) this.#kindBits[type] = 1 << kind;
    this.#allKinds = 2 ** sets.syntax.setTypes.length - 1;
    this.#recordLengthBytes = lengthBytes;
    this.#lengthBytes = lengthBytes ?? USUAL_LENGTH_BYTES;
  }

  /** As {@linkcode Framing}. */
  frame(data: Uint8Array, isKey: boolean, out: Pieces): void {
    // A unit that is neither gets the error of the framing that was promised.
    const format = this.#format ?? detectFormat(data, this.#recordLengthBytes) ??
      (this.#recordLengthBytes === undefined ? "start-codes" : "lengths");
    if (format === "lengths") this.#frameLengths(data, isKey, out);
    else this.#frameStartCodes(data, isKey, out);
    this.#format = format;
  }

  #frameLengths(data: Uint8Array, isKey: boolean, out: Pieces): void {
    const lengthBytes = this.#lengthBytes;
    const size = data.byteLength;
    const { delimiterType, typeOf } = this.#syntax;
    const kindBits = this.#kindBits;
    let kinds = 0;
    let isEmpty = true;
    for (let at = 0; at < size;) {
      const start = at + lengthBytes;
      if (start > size) throw this.#bad(`its last ${size - at} bytes are no ${this.#syntax.name} NAL unit`);
      const length = readLength(data, at, lengthBytes);
      if (length > size - start) {
        throw this.#bad(
          `its ${this.#syntax.name} NAL unit at byte ${at} claims ${length} bytes, ${size - start} are there`,
        );
      }
      at = start + length;
      if (length === 0) continue;
      isEmpty = false;
      kinds |= kindBits[typeOf(data[start]!)]!;
    }
    if (isEmpty) throw this.#bad(`it holds no ${this.#syntax.name} NAL unit`);
    if (kinds !== 0) takeFromLengths(data, lengthBytes, this.#sets);

    let setsAreDue = isKey && kinds !== this.#allKinds;
    for (let at = 0; at < size;) {
      const start = at + lengthBytes;
      at = start + readLength(data, at, lengthBytes);
      if (at === start) continue;
      const type = typeOf(data[start]!);
      if (out.count === 0) this.#delimit(type, out);
      if (setsAreDue && type !== delimiterType) {
        out.add(this.#sets.toAnnexB());
        setsAreDue = false;
      }
      // The zero byte is due in front of a unit's first NAL unit and of parameter sets ([H.264] B.1.2).
      const withZeroByte = out.count === 0 || kindBits[type] !== 0;
      out.add(START_CODE, withZeroByte ? 0 : 1, 4);
      out.add(data, start, at);
    }
    if (setsAreDue) out.add(this.#sets.toAnnexB());
  }

  #frameStartCodes(data: Uint8Array, isKey: boolean, out: Pieces): void {
    const walk = this.#walk;
    walk.reset(data);
    const { delimiterType, isSlice, name, typeOf } = this.#syntax;
    if (!beginsWithStartCode(data)) throw this.#bad(`it begins with no ${name} start code`);
    if (!walk.next()) throw this.#bad(`it holds no ${name} NAL unit`);
    // Parameter sets stand in front of a unit's first slice ([H.264] 7.4.1.2.3): the slices are not scanned.
    const firstType = typeOf(walk.firstByte);
    const setsOffset = firstType === delimiterType ? walk.findEnd() : 0;
    let kinds = 0;
    do {
      const type = typeOf(walk.firstByte);
      if (isSlice(type)) break;
      const bit = this.#kindBits[type]!;
      if (bit === 0) continue;
      kinds |= bit;
      this.#sets.take(data, walk.start, walk.findEnd());
    } while (walk.next());

    this.#delimit(firstType, out);
    if (!isKey || kinds === this.#allKinds) {
      out.add(data);
      return;
    }
    out.add(data, 0, setsOffset);
    out.add(this.#sets.toAnnexB());
    out.add(data, setsOffset);
  }

  /** Puts a delimiter in front, where one is wanted and the unit's first NAL unit is none. */
  #delimit(firstType: number, out: Pieces): void {
    if (this.#delimiter !== undefined && firstType !== this.#syntax.delimiterType) out.add(this.#delimiter);
  }

  #bad(reason: string): Error {
    return badSample(this.#streamNumber, reason);
  }
}
