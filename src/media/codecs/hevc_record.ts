/**
 * HEVCDecoderConfigurationRecord ([ISO 14496-15] 8.3.3.1), the contents of `hvcC`.
 *
 * ```text
 * 1 · profile, tier, compatibility, constraints, level: 12 bytes · spatial segmentation u16 · parallelism u8
 * chroma format · luma bits less 8 · chroma bits less 8 · frame rate u16 · layers, and size of lengths less one
 * u8 arrays, each: u8 type · u16 NAL units · these behind their lengths, u16
 * ```
 *
 * @module
 */

import { readLength, visitUnits } from "../nal/lengths.ts";
import type { ParameterSets } from "../nal/parameter_sets.ts";
import type { HevcSps } from "./hevc_sps.ts";

/** Where the arrays begin. */
const HEAD_BYTES = 23;

/** As `NalSyntax.readRecord`. */
export function readHevcRecord(
  record: Uint8Array,
  visit: (start: number, end: number) => void,
): number | undefined {
  if (record.byteLength < HEAD_BYTES || record[0] !== 1) return undefined;
  const lengthBytes = (record[21]! & 3) + 1;
  if (lengthBytes === 3) return undefined;
  let at = HEAD_BYTES;
  for (let arrays = record[22]!; arrays > 0; arrays--) {
    if (!(at + 3 <= record.byteLength)) return undefined;
    at = visitUnits(record, at + 3, readLength(record, at + 1, 2), visit);
  }
  if (Number.isNaN(at)) return undefined;
  return lengthBytes;
}

/**
 * The record of these sets, with lengths of four bytes: what is not known (spatial segmentation, parallelism, frame rate)
 * is 0, and an array for each kind of set is complete.
 */
export function makeHevcRecord(sps: HevcSps, sets: ParameterSets): Uint8Array {
  const { setTypes } = sets.syntax;
  const bytes = [1, ...sps.profileTierLevel, 0xF0, 0, 0xFC, 0xFC | sps.chromaFormat];
  bytes.push(0xF8 | sps.lumaBits - 8, 0xF8 | sps.chromaBits - 8, 0, 0);
  bytes.push(sps.temporalLayerCount << 3 | (sps.isTemporallyNested ? 4 : 0) | 3, setTypes.length);
  for (const type of setTypes) {
    const ofType = sets.ofType(type);
    bytes.push(0x80 | type, ofType.length >> 8, ofType.length & 0xFF);
    for (const set of ofType) bytes.push(set.byteLength >> 8, set.byteLength & 0xFF, ...set);
  }
  return Uint8Array.from(bytes);
}
