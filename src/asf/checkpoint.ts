/**
 * Checkpoints: what makes a file readable that is never finished. While it is being written its header says how much of it
 * there is by now, with a mark that the final header clears.
 *
 * ```text
 * Header
 * ├ File Properties            sizes, counts, durations            replaced last
 * ├ …
 * └ Padding                    zeros … mark (16)  ┐
 * Data (50 bytes)              size, count        ┘ replaced first
 * ```
 *
 * Between the two the file has more data than its properties say, as it has between two checkpoints.
 *
 * @module
 */

import type { Patch } from "../container/container.ts";
import * as GUID from "./guids.ts";
import { dataHeadOf, filePropertiesOf, type HeaderFacts } from "./header.ts";
import { DATA_HEAD_BYTES } from "./objects/data.ts";
import { HEADER_BODY_OFFSET } from "./objects/header.ts";

/** Size of the mark at the end of the Padding Object. */
export const UNFINISHED_MARK_BYTES = 16;

/**
 * What a checkpoint replaces.
 *
 * @param facts With the outcome so far.
 * @param headerBytes Size of the header, the Data Object's 50 bytes included; it ends with padding.
 */
export function checkpointPatches(facts: HeaderFacts, headerBytes: number): Patch[] {
  const tail = new Uint8Array(UNFINISHED_MARK_BYTES + DATA_HEAD_BYTES);
  tail.set(GUID.unfinishedMark);
  tail.set(dataHeadOf(facts), UNFINISHED_MARK_BYTES);
  return [
    { offset: headerBytes - tail.byteLength, bytes: tail },
    { offset: HEADER_BODY_OFFSET, bytes: filePropertiesOf(facts, headerBytes) },
  ];
}
