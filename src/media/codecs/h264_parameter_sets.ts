/**
 * The parameter sets of an H.264 or HEVC stream as last seen, and where those of H.264 come from.
 *
 * @module
 */

import { BitReader } from "../../bytes/bit_reader.ts";
import { equalBytes } from "../../bytes/bytes.ts";
import {
  isSlice,
  NAL_DELIMITER,
  NAL_PPS,
  NAL_SPS,
  type NalSyntax,
  nalType,
  readLength,
  START_CODE,
} from "./h264_nal.ts";

/** Larger ones are no parameter sets, and are not kept. */
const MAX_SET_BYTES = 16_384;
/** [H.264] 7.4.2.1.1, 7.4.2.2. */
const MAX_SPS_ID = 31;
const MAX_PPS_ID = 255;

/** An SPS has profile, constraints and level in front of its id. No emulation prevention can come that early. */
function readId(nal: Uint8Array): number | undefined {
  const isSps = nalType(nal[0]!) === NAL_SPS;
  const reader = new BitReader(nal.subarray(isSps ? 4 : 1));
  const id = reader.unsignedGolomb();
  return reader.exhausted || id > (isSps ? MAX_SPS_ID : MAX_PPS_ID) ? undefined : id;
}

/** NAL units of H.264. */
export const H264_SYNTAX: NalSyntax = {
  name: "H.264",
  spsType: NAL_SPS,
  setTypes: [NAL_SPS, NAL_PPS],
  delimiterType: NAL_DELIMITER,
  typeOf: nalType,
  isSlice,
  readId,
};

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

  constructor(syntax: NalSyntax = H264_SYNTAX) {
    this.syntax = syntax;
    this.#sets = syntax.setTypes.map(() => []);
  }

  /** The first sequence parameter set. */
  get sps(): Uint8Array | undefined {
    return this.#sets[this.syntax.setTypes.indexOf(this.syntax.spsType)]![0]?.nal;
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
    const nals = this.#sets.flat().map((set) => set.nal);
    const bytes = new Uint8Array(nals.reduce((sum, nal) => sum + START_CODE.byteLength + nal.byteLength, 0));
    let at = 0;
    for (const nal of nals) {
      bytes.set(START_CODE, at);
      bytes.set(nal, at + START_CODE.byteLength);
      at += START_CODE.byteLength + nal.byteLength;
    }
    return this.#annexB = bytes;
  }
}

/**
 * Reads an AVCDecoderConfigurationRecord ([ISO 14496-15] 5.3.3.1) into `sets`: version 1, profile, constraints, level,
 * then `111111ss` with the size of lengths less one, `111nnnnn` with the number of sequence parameter sets, these, the
 * number of picture parameter sets, these; each with a 16-bit length in front.
 *
 * @returns The size of NAL unit lengths, 1, 2 or 4; `undefined` if it is not such a record.
 */
export function readConfigRecord(record: Uint8Array, sets: ParameterSets): number | undefined {
  if (record.byteLength < 7 || record[0] !== 1) return undefined;
  const lengthBytes = (record[4]! & 3) + 1;
  if (lengthBytes === 3) return undefined;
  let at = 5;
  for (const mask of [0x1F, 0xFF]) {
    if (at >= record.byteLength) return undefined;
    const count = record[at++]! & mask;
    for (let i = 0; i < count; i++) {
      if (at + 2 > record.byteLength) return undefined;
      const start = at + 2;
      const end = start + readLength(record, at, 2);
      if (end > record.byteLength) return undefined;
      if (end > start) sets.take(record, start, end);
      at = end;
    }
  }
  return lengthBytes;
}
