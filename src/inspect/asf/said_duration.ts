/**
 * Whether what a header says of the play duration is to be believed: its writer may know more than the packets tell, as the
 * decoded length of sound does, or the end of a still picture of which nothing was sent any more.
 *
 * @module
 */

import type { AsfHeader } from "./header.ts";
import { TICKS_PER_MS } from "./ticks.ts";

/** More than this behind the last object, and more than this part of the whole, nothing goes on. */
const LONGEST_TAIL_MS = 10_000;
const LONGEST_TAIL_PART = 0.1;

/** FFmpeg's headers can be two seconds too long; it says that it wrote them. */
const BY_LAVF = /^Lavf/;

/**
 * Play duration as the header says it, ms, preroll included; `undefined` where it says none, or one that cannot be.
 *
 * @param lastMs Latest time of an object, as stored. @param endMs About where that ends.
 */
export function saidPlayMs(header: AsfHeader, lastMs: number, endMs: number): number | undefined {
  const { fileProperties: properties, isUnfinished } = header;
  if (properties === undefined || properties.isBroadcast || isUnfinished || isByLavf(header)) return undefined;
  const saidMs = properties.playDurationTicks / TICKS_PER_MS;
  const longestMs = endMs + Math.max(LONGEST_TAIL_MS, LONGEST_TAIL_PART * endMs);
  return saidMs >= lastMs && saidMs > properties.prerollMs && saidMs <= longestMs ? saidMs : undefined;
}

function isByLavf({ attributes }: AsfHeader): boolean {
  return attributes.some(({ name, value }) =>
    name === "WM/EncodingSettings" && typeof value === "string" && BY_LAVF.test(value)
  );
}
