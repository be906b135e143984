/**
 * AVCDecoderConfigurationRecord ([ISO 14496-15] 5.3.3.1), the contents of `avcC`.
 *
 * ```text
 * 1 · profile · constraints · level · 111111ss size of lengths less one
 * 111nnnnn sequence parameter sets · these · u8 picture parameter sets · these              each behind its length, u16
 * of high profiles: 111111cc chroma format · 11111lll luma bits less 8 · 11111ccc chroma bits less 8 · 0
 * ```
 *
 * @module
 */

import { BitReader, unsignedGolomb } from "../../bytes/bit_reader.ts";
import { visitUnits } from "../nal/lengths.ts";
import type { ParameterSets } from "../nal/parameter_sets.ts";
import { toRbsp } from "../nal/syntax.ts";

/** Profiles whose record says chroma format and bit depths. */
const HIGH_PROFILES = [100, 110, 122, 144, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** As `NalSyntax.readRecord`. */
export function readAvcRecord(
  record: Uint8Array,
  visit: (start: number, end: number) => void,
): number | undefined {
  if (record.byteLength < 7 || record[0] !== 1) return undefined;
  const lengthBytes = (record[4]! & 3) + 1;
  if (lengthBytes === 3) return undefined;
  let at = 5;
  for (const mask of [0x1F, 0xFF]) {
    if (!(at < record.byteLength)) return undefined;
    at = visitUnits(record, at + 1, record[at]! & mask, visit);
  }
  if (Number.isNaN(at)) return undefined;
  return lengthBytes;
}

/** The record of these sets, with lengths of four bytes. */
export function makeAvcRecord(sets: ParameterSets): Uint8Array {
  const [spsType, ppsType] = sets.syntax.setTypes as [number, number];
  const [sps, pps] = [sets.ofType(spsType), sets.ofType(ppsType)];
  const [, profile, constraints, level] = sps[0]!;
  const bytes = [1, profile!, constraints!, level!, 0xFC | 3, 0xE0 | sps.length];
  const add = (set: Uint8Array) => bytes.push(set.byteLength >> 8, set.byteLength & 0xFF, ...set);
  sps.forEach(add);
  bytes.push(pps.length);
  pps.forEach(add);
  if (HIGH_PROFILES.includes(profile!)) {
    const reader = new BitReader(toRbsp(sps[0]!).subarray(4));
    unsignedGolomb(reader); // id
    const chromaFormat = unsignedGolomb(reader);
    if (chromaFormat === 3) reader.skip(1);
    const [luma, chroma] = [unsignedGolomb(reader), unsignedGolomb(reader)];
    bytes.push(0xFC | chromaFormat, 0xF8 | luma, 0xF8 | chroma, 0);
  }
  return Uint8Array.from(bytes);
}
