/**
 * The parameter sets of an H.264 or HEVC stream as last seen.
 *
 * @module
 */

import { concatBytes, equalBytes } from "../../bytes/bytes.ts";
import { START_CODE } from "./start_codes.ts";
import type { NalSyntax } from "./syntax.ts";

/** Larger ones are no parameter sets, and are not kept. */
const MAX_SET_BYTES = 16_384;

interface ParameterSet {
  readonly id: number;
  readonly nal: Uint8Array;
}

/** Own copies of the sets, the latest of each kind and id, in the order in which the ids came. */
export class ParameterSets {
  /** What the NAL units are of. */
  readonly syntax: NalSyntax;
  /** By position in the syntax's `setTypes`. */
  readonly #sets: readonly ParameterSet[][];
  #annexB: Uint8Array | undefined;

  constructor(syntax: NalSyntax) {
    this.syntax = syntax;
    this.#sets = syntax.setTypes.map(() => []);
  }

  /** The first sequence parameter set. */
  get sps(): Uint8Array | undefined {
    return this.ofType(this.syntax.spsType)[0];
  }

  /** All of them, in the order in which they are sent. */
  get all(): Uint8Array[] {
    return this.#sets.flat().map(({ nal }) => nal);
  }

  /** Those of one type. */
  ofType(type: number): Uint8Array[] {
    return this.#sets[this.syntax.setTypes.indexOf(type)]!.map(({ nal }) => nal);
  }

  /** Whether there is at least one of every kind. */
  get isComplete(): boolean {
    return this.#sets.every((sets) => sets.length > 0);
  }

  /** Remembers `data[start..end)` if it is a parameter set; costs nothing for one that is known. */
  take(data: Uint8Array, start: number, end: number): void {
    const kind = this.syntax.setTypes.indexOf(this.syntax.typeOf(data[start]!));
    if (kind < 0 || end - start > MAX_SET_BYTES) return;
    const sets = this.#sets[kind]!;
    for (let i = 0; i < sets.length; i++) if (equalBytes(sets[i]!.nal, data, start, end)) return;
    const nal = data.slice(start, end);
    const id = this.syntax.readId(nal);
    if (id === undefined) return;
    const known = sets.findIndex((set) => set.id === id);
    sets[known < 0 ? sets.length : known] = { id, nal };
    this.#annexB = undefined;
  }

  /** All sets, each behind a four-byte start code. The same array until a set changes; never written to again. */
  toAnnexB(): Uint8Array {
    if (this.#annexB !== undefined) return this.#annexB;
    return this.#annexB = concatBytes(...this.all.flatMap((nal) => [START_CODE, nal]));
  }
}
