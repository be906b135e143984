/**
 * Makes Cues ([RFC 9559] 5.1.5).
 *
 * @module
 */

import { concatBytes } from "../../bytes/bytes.ts";
import { GrowingBytes } from "../../bytes/growing_bytes.ts";
import { ID } from "../../inspect/matroska/elements.ts";
import * as NEW_ID from "../../matroska/ids.ts";
import { element, leastUintBytes, uintBytes } from "./ebml.ts";
import { CLUSTER, CUE, type MatroskaScan } from "./scan.ts";

/** The DocTypeVersion that brought `CueRelativePosition`. */
const RELATIVE_SINCE = 4;

/**
 * The Cues of a scan.
 *
 * @param positionOf Where a Cluster begins, from the Segment's data.
 * @param mostPosition No position is above; all have as many bytes, so that the size of the Cues does not depend on them.
 */
export function makeCues(
  { clusters, cues, ebml }: MatroskaScan,
  positionOf: (cluster: number) => number,
  mostPosition: number,
): Uint8Array<ArrayBuffer> {
  const width = leastUintBytes(mostPosition);
  const isRelative = ebml.docTypeVersion >= RELATIVE_SINCE;
  const content = new GrowingBytes();
  for (const row of inTime(cues)) {
    const cluster = cues.at(row, CUE.cluster);
    const inside = clusters.at(cluster, CLUSTER.offset) + clusters.at(cluster, CLUSTER.headerBytes);
    const places = concatBytes(
      element(NEW_ID.CueTrack, uintBytes(cues.at(row, CUE.track))),
      element(NEW_ID.CueClusterPosition, uintBytes(positionOf(cluster), width)),
      ...isRelative ? [element(NEW_ID.CueRelativePosition, uintBytes(cues.at(row, CUE.blockOffset) - inside))] : [],
    );
    const time = element(NEW_ID.CueTime, uintBytes(cues.at(row, CUE.time)));
    content.append(element(NEW_ID.CuePoint, concatBytes(time, element(NEW_ID.CueTrackPositions, places))));
  }
  return element(ID.Cues, content.view());
}

/** Rows by time: tracks beside each other are not quite in its order. */
function inTime(cues: MatroskaScan["cues"]): Uint32Array {
  return Uint32Array.from({ length: cues.count }, (_, row) => row)
    .sort((a, b) => cues.at(a, CUE.time) - cues.at(b, CUE.time) || a - b);
}
