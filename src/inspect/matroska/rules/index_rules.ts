/**
 * Rules about SeekHead and Cues: K14 to K18.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { type MatroskaTrack, TRACK_TYPE } from "../description.ts";
import { bytesIn, childrenOf, type MatroskaElement, numberIn } from "../element_tree.ts";
import { ID, nameOf } from "../elements.ts";
import type { Landmarks } from "../scan/landmarks.ts";
import { uintAt } from "../vint.ts";

/** Notes what a SeekHead says. */
export function noteSeeks(element: MatroskaElement, landmarks: Landmarks): void {
  for (const seek of childrenOf(element, "Seek")) {
    const id = bytesIn(seek, "SeekID");
    const position = numberIn(seek, "SeekPosition");
    if (id === undefined || position === undefined || id.byteLength > 4) continue;
    landmarks.seeks.add(position, uintAt(id, 0, id.byteLength), seek.offset);
  }
}

/** Notes what Cues say. */
export function noteCues(element: MatroskaElement, landmarks: Landmarks): void {
  for (const point of childrenOf(element, "CuePoint")) {
    const time = numberIn(point, "CueTime");
    if (time === undefined) continue;
    for (const place of childrenOf(point, "CueTrackPositions")) {
      const cluster = numberIn(place, "CueClusterPosition");
      if (cluster === undefined) continue;
      const relative = numberIn(place, "CueRelativePosition") ?? -1;
      landmarks.cues.add(time, numberIn(place, "CueTrack") ?? 0, cluster, relative, place.offset);
    }
  }
}

/** Judges where the entries of SeekHeads lead. */
export function checkSeeks({ clusters, elements, seeks }: Landmarks, dataStart: number, findings: Findings): void {
  for (let row = 0; row < seeks.count; row++) {
    const [position, id, offset] = [seeks.at(row, 0), seeks.at(row, 1), seeks.at(row, 2)];
    const target = dataStart + position;
    const isCluster = id === ID.Cluster && clusters.find(target) >= 0;
    const found = elements.find(target);
    if (isCluster || found >= 0 && elements.at(found, 1) === id) continue;
    const what = found >= 0 ? `${nameOf(elements.at(found, 1))} is there` : "nothing begins there";
    findings.error("K14", offset, `Seek: it must lead to ${nameOf(id)}, at ${position} ${what}`);
  }
}

/** Judges where Cues lead. */
export function checkCues(
  { blocks, clusters, cues }: Landmarks,
  dataStart: number,
  tracks: readonly MatroskaTrack[],
  findings: Findings,
): void {
  const byNumber = new Map(tracks.map((track) => [track.number, track]));
  let last = -Infinity;
  for (let row = 0; row < cues.count; row++) {
    const [time, track, position, relative, offset] = [0, 1, 2, 3, 4].map((column) => cues.at(row, column)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (time < last) findings.warn("K18", offset, `CuePoint: times must be in order, ${time} comes behind ${last}`);
    last = Math.max(last, time);
    if (!byNumber.has(track)) {
      findings.error("K17", offset, `CueTrackPositions: track ${track} is not described`);
      continue;
    }
    const target = dataStart + position;
    const cluster = clusters.find(target);
    if (cluster < 0) {
      findings.error("K16", offset, `CueClusterPosition: it must lead to a Cluster, at ${position} none begins`);
      continue;
    }
    const next = cluster + 1 < clusters.count ? clusters.at(cluster + 1, 0) : Infinity;
    checkBlock(blocks, { time, track, offset }, target, next, byNumber.get(track)!, findings);
    if (relative < 0) continue;
    const at = blocks.find(target + clusters.at(cluster, 1) + relative);
    // Blocks that are neither keys nor first ones are not in the table.
    const isWrong = at >= 0 && (blocks.at(at, 1) !== track || blocks.at(at, 2) !== time);
    const isOutside = target + clusters.at(cluster, 1) + relative >= next;
    if (isWrong || isOutside) {
      findings.error("K17", offset, `CueRelativePosition: no block of track ${track} at ${time} stands at ${relative}`);
    }
  }
}

function checkBlock(
  blocks: Landmarks["blocks"],
  cue: { readonly time: number; readonly track: number; readonly offset: number },
  start: number,
  end: number,
  track: MatroskaTrack,
  findings: Findings,
): void {
  if (track.type !== TRACK_TYPE.video) return;
  let isThere = false;
  let isExact = false;
  let isKey = false;
  for (let row = blocks.findLast(start) + 1; row < blocks.count && blocks.at(row, 0) < end; row++) {
    const off = Math.abs(blocks.at(row, 2) - cue.time);
    if (blocks.at(row, 1) !== cue.track || off > 1) continue;
    isThere = true;
    isExact ||= off === 0;
    isKey ||= blocks.at(row, 3) === 1;
  }
  if (!isThere) {
    findings.warn("K17", cue.offset, `CuePoint: its Cluster has no key frame of track ${cue.track} at ${cue.time}`);
  } else if (!isExact) {
    // GStreamer rounds the two apart.
    findings.advise("K17", cue.offset, `CuePoint: the key frame of track ${cue.track} is one tick beside ${cue.time}`);
  } else if (!isKey) {
    findings.warn("K18", cue.offset, `CuePoint: the block of track ${cue.track} at ${cue.time} is no key frame`);
  }
}
