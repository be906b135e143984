/**
 * The Index, Media Object Index and Timecode Index Objects that a header announces ([ASF] 4.9–4.11).
 *
 * @module
 */

import { GUID } from "../guid.ts";
import type { AsfHeader } from "../header.ts";
import type { IndexParameters } from "../objects/indexes.ts";
import { flatten } from "../objects/walk.ts";

/** What a header says of indexes that are no Simple Indexes. */
export interface WantedIndexes {
  readonly time?: IndexParameters;
  readonly mediaObject?: IndexParameters;
  readonly timecode?: IndexParameters;
}

/** Those that the header announces. */
export function announcedIndexes({ object }: AsfHeader): WantedIndexes {
  const objects = flatten(object);
  const find = (wanted: string) =>
    objects.find(({ guid, fields }) => guid === wanted && "specifiers" in fields)?.fields as
      | IndexParameters
      | undefined;
  return {
    time: find(GUID.indexParameters),
    mediaObject: find(GUID.mediaObjectIndexParameters),
    timecode: find(GUID.timecodeIndexParameters),
  };
}
