/**
 * An H.264 or HEVC stream as it comes in: its parameter sets, and which of the two framings its units have.
 *
 * @module
 */

import { cannotDescribe, privateData } from "../codecs/common.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { lengthsAddUp, readLength } from "./lengths.ts";
import { ParameterSets } from "./parameter_sets.ts";
import { beginsWithStartCode, StartCodeWalk } from "./start_codes.ts";
import type { NalSyntax } from "./syntax.ts";

/** How NAL units are told apart: by the lengths in front of them, or by start codes. */
export type NalFormat = "lengths" | "start-codes";

/** Size of lengths where no record says it. */
export const USUAL_LENGTH_BYTES = 4;

/**
 * Looks which of the two a unit is in; `undefined`: neither. What a record (`recordLengthBytes`) or its absence says
 * goes first, as far as the bytes allow it: `00 00 01 xx` may be a start code or a length.
 */
export function detectFormat(data: Uint8Array, recordLengthBytes: number | undefined): NalFormat | undefined {
  const isLengths = lengthsAddUp(data, recordLengthBytes ?? USUAL_LENGTH_BYTES);
  if (!beginsWithStartCode(data)) return isLengths ? "lengths" : undefined;
  const isRatherLengths = isLengths && (recordLengthBytes !== undefined || data[2] === 1);
  return isRatherLengths ? "lengths" : "start-codes";
}

/** Remembers the parameter sets of a unit, or of a description, in Annex B. */
function takeFromStartCodes(data: Uint8Array, sets: ParameterSets): void {
  const walk = new StartCodeWalk();
  walk.reset(data);
  const { syntax } = sets;
  while (walk.next() && !syntax.isSlice(syntax.typeOf(walk.firstByte))) sets.take(data, walk.start, walk.findEnd());
}

/** Remembers the parameter sets of a unit whose lengths add up. */
export function takeFromLengths(data: Uint8Array, lengthBytes: number, sets: ParameterSets): void {
  for (let at = 0; at < data.byteLength;) {
    const start = at + lengthBytes;
    at = start + readLength(data, at, lengthBytes);
    if (at > start) sets.take(data, start, at);
  }
}

/** What is known of such a stream before its first unit. */
export interface NalFacts<Sps = unknown> {
  /** The first sequence parameter set. */
  readonly sps: Sps;
  /** At least one of every kind. Whoever frames the stream may go on with them. */
  readonly sets: ParameterSets;
  /** Size of the lengths in front of NAL units as the record says it; absent: there is no record. */
  readonly lengthBytes?: number;
  /** The record, where it holds all sets and says lengths of four bytes: it can stand as it is. */
  readonly record?: Uint8Array;
}

/**
 * Finds the parameter sets of a stream in its description (a record, or Annex B), else in its first unit; `undefined` while
 * some are missing.
 *
 * @throws {MuxError} `bad-media` for a description or a unit that is neither, and for sets that cannot be read.
 */
export function findParameterSets<Sps>(
  syntax: NalSyntax<Sps>,
  config: VideoStream,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): NalFacts<Sps> | undefined {
  const { name, recordName } = syntax;
  const sets = new ParameterSets(syntax);
  const description = privateData(config, metadata);
  let lengthBytes: number | undefined;
  if (beginsWithStartCode(description)) {
    takeFromStartCodes(description, sets);
  } else if (description.byteLength > 0) {
    lengthBytes = syntax.readRecord(description, (start, end) => sets.take(description, start, end));
    if (lengthBytes === undefined) {
      throw cannotDescribe(
        config,
        "bad-media",
        `its ${name} description is neither an ${recordName} record nor Annex B`,
      );
    }
  }
  const record = sets.isComplete && lengthBytes === USUAL_LENGTH_BYTES ? description : undefined;
  if (!sets.isComplete && data !== undefined) {
    const format = detectFormat(data, lengthBytes);
    if (format === "lengths") takeFromLengths(data, lengthBytes ?? USUAL_LENGTH_BYTES, sets);
    else if (format === "start-codes") takeFromStartCodes(data, sets);
    else {throw cannotDescribe(
        config,
        "bad-media",
        `its first ${name} sample holds neither start codes nor NAL lengths`,
      );}
  }
  if (!sets.isComplete) return undefined;
  const sps = syntax.parseSps(sets.sps!);
  if (sps === undefined) throw cannotDescribe(config, "bad-media", `its ${name} sequence parameter set cannot be read`);
  return { sps, sets, lengthBytes, record };
}
