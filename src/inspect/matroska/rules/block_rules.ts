/**
 * Rules about Clusters and blocks: K19 to K24, K29, K36, K37, K41.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { LACING, type MatroskaBlock } from "../block.ts";
import { type MatroskaTrack, TRACK_TYPE } from "../description.ts";
import type { Landmarks } from "../scan/landmarks.ts";
import type { ClusterPlace } from "../segment_cursor.ts";

/** Pictures that are reordered, and sound, come in order to within this, ns. */
const MAX_BACK = 5e9;
/** In ns. */
const SECOND = 1e9;
/** A time that falls from one end of its 16 bits to the other has run over. */
const OVERRUN = 40_000;

/** What is kept of a track. */
class TrackState {
  readonly track: MatroskaTrack;
  blockCount = 0;
  /** Ticks. */
  latest = -Infinity;
  /** In which Cluster it had a block last. */
  cluster = -1;
  lastRelative = 0;

  constructor(track: MatroskaTrack) {
    this.track = track;
  }

  get isVideo(): boolean {
    return this.track.type === TRACK_TYPE.video;
  }
}

/** Judges Clusters and blocks as they come. */
export class BlockRules {
  /** End of the last frame, ticks. */
  end = 0;
  /** When the first block begins, ticks. */
  firstStart = Infinity;
  /** When the last block begins, ticks. */
  lastStart = 0;
  /** Whether there is a SimpleBlock: where the first one is; -1: nowhere. */
  simpleAt = -1;
  blockCount = 0;

  readonly #findings: Findings;
  readonly #landmarks: Landmarks;
  readonly #dataStart: number;
  readonly #scale: number;
  readonly #states = new Map<number, TrackState>();
  #clusterIndex = -1;
  #lastClusterTime = -1;
  #lastClusterEnd = -1;

  constructor(
    tracks: readonly MatroskaTrack[],
    timestampScale: number,
    dataStart: number,
    landmarks: Landmarks,
    findings: Findings,
  ) {
    for (const track of tracks) this.#states.set(track.number, new TrackState(track));
    this.#scale = timestampScale;
    this.#dataStart = dataStart;
    this.#landmarks = landmarks;
    this.#findings = findings;
  }

  /** A Cluster begins. */
  beginCluster(): void {
    this.#clusterIndex++;
  }

  /** A Cluster has ended at `end`. */
  endCluster(cluster: ClusterPlace, end: number): void {
    const { headerBytes, offset, prevSize, timestamp } = cluster;
    this.#landmarks.clusters.add(offset, headerBytes, timestamp);
    if (timestamp < 0) this.#findings.error("K19", offset, "Cluster: it must have a Timestamp");
    else if (timestamp < this.#lastClusterTime) {
      // Clusters of few blocks go back as far as pictures are reordered.
      const isFar = (this.#lastClusterTime - timestamp) * this.#scale > SECOND;
      const message = `Cluster: its Timestamp should not be before ${this.#lastClusterTime}, got ${timestamp}`;
      this.#findings.add("K20", offset, message, isFar ? "W" : "I");
    }
    this.#lastClusterTime = Math.max(this.#lastClusterTime, timestamp);
    this.#checkPosition(cluster);
    if (prevSize >= 0 && this.#lastClusterEnd >= 0 && prevSize !== this.#lastClusterEnd) {
      this.#findings.warn("K21", offset, `Cluster: PrevSize must be ${this.#lastClusterEnd}, got ${prevSize}`);
    }
    this.#lastClusterEnd = end - offset;
    if (cluster.blockCount === 0) this.#findings.advise("K19", offset, "Cluster: it has no blocks");
  }

  /** A block stands in the Cluster. */
  check(block: MatroskaBlock, cluster: ClusterPlace): void {
    this.blockCount++;
    if (block.isSimple && this.simpleAt < 0) this.simpleAt = block.offset;
    const state = this.#states.get(block.trackNumber);
    if (state === undefined) {
      this.#findings.error("K22", block.offset, `Block: track ${block.trackNumber} is not described`);
      return;
    }
    const { track } = state;
    const isVideo = track.type === TRACK_TYPE.video;
    if (state.cluster !== this.#clusterIndex || isVideo && block.isKey) {
      this.#landmarks.blocks.add(block.offset, block.trackNumber, block.timestamp, block.isKey || !isVideo ? 1 : 0);
    }
    this.#checkTime(block, state);
    if (state.blockCount === 0 && isVideo && !block.isKey) {
      this.#findings.warn("K37", block.offset, `Block: the first one of track ${track.number} must be a key frame`);
    }
    if (block.lacing !== LACING.none) this.#checkLacing(block, track);
    else if (block.frameBytes[0] === 0 && isDecoded(track)) {
      this.#findings.warn("K24", block.offset, `Block: it has no bytes of track ${track.number}`);
    }
    if (block.duration === 0 && track.type === TRACK_TYPE.subtitle) {
      this.#findings.advise("K24", block.offset, "BlockDuration: a subtitle is shown for no time");
    }
    state.blockCount++;
    state.cluster = this.#clusterIndex;
    state.lastRelative = block.relativeTimestamp;
    if (block.timestamp > state.latest) state.latest = block.timestamp;
    if (cluster.timestamp >= 0 && block.timestamp > this.lastStart) this.lastStart = block.timestamp;
    if (block.timestamp < this.firstStart) this.firstStart = block.timestamp;
    const length = block.duration >= 0
      ? block.duration
      : block.frameCount * track.defaultDuration / (this.#scale * track.timestampScale);
    if (block.timestamp + length > this.end) this.end = block.timestamp + length;
  }

  /** Judges what only the end tells. */
  finish(): void {
    for (const { blockCount, track } of this.#states.values()) {
      if (blockCount === 0) this.#findings.advise("K36", track.offset, `TrackEntry ${track.number}: it has no blocks`);
    }
  }

  #checkPosition({ offset, position }: ClusterPlace): void {
    const wanted = offset - this.#dataStart;
    // 0: it is not known where it will stand, as in a live stream.
    if (position > 0 && position !== wanted) {
      this.#findings.warn("K21", offset, `Cluster: Position must be ${wanted}, got ${position}`);
    }
  }

  #checkTime(block: MatroskaBlock, state: TrackState): void {
    const { number, type } = state.track;
    const back = state.latest - block.timestamp;
    if (block.timestamp < 0) {
      this.#findings.warn("K29", block.offset, `Block: its time must not be below 0, got ${block.timestamp}`);
    }
    const isSameCluster = state.cluster === this.#clusterIndex;
    if (isSameCluster && state.lastRelative - block.relativeTimestamp > OVERRUN) {
      const found = `${state.lastRelative}, then ${block.relativeTimestamp}`;
      this.#findings.error("K41", block.offset, `Block: its time has run over 16 bits: ${found} of track ${number}`);
    } else if (back * this.#scale > MAX_BACK || back > 0 && type === TRACK_TYPE.audio) {
      this.#findings.addOnce(
        "K29",
        number,
        block.offset,
        `Block: times of track ${number} must be in order, ${block.timestamp} comes behind ${state.latest}`,
        "W",
      );
    }
  }

  #checkLacing(block: MatroskaBlock, track: MatroskaTrack): void {
    if (!track.mayLace) {
      this.#findings.addOnce(
        "K23",
        track.number,
        block.offset,
        `Block: frames are laced, though FlagLacing of track ${track.number} says that they are not`,
        "W",
      );
    }
    if (block.frameCount === 1) {
      this.#findings.addOnce("K23", -track.number, block.offset, "Block: one frame needs no lacing", "I");
    }
    for (let i = 0; i < block.frameCount; i++) {
      if (block.frameBytes[i] !== 0) continue;
      this.#findings.warn("K24", block.offset, `Block: frame ${i + 1} of its lace has no bytes`);
      return;
    }
  }
}

function isDecoded({ type }: MatroskaTrack): boolean {
  return type === TRACK_TYPE.video || type === TRACK_TYPE.audio;
}
