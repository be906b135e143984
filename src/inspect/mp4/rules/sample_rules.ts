/**
 * Rules about samples: where they lie, when they are shown, and what is in them.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { childOf, numberIn } from "../box.ts";
import type { SampleCursor } from "../sample_cursor.ts";
import type { MediaRanges } from "../media_ranges.ts";
import type { SampleBytes } from "../sample_bytes.ts";

/** What a track's pictures are made of. */
type UnitKind = "avc" | "hevc" | undefined;

/** What is kept of a track while its samples pass. */
interface Lane {
  readonly kind: UnitKind;
  readonly lengthBytes: number;
  readonly name: string;
  lastTime: number;
  count: number;
  keyCount: number;
  hiddenKeyCount: number;
}

/** AVC units ([H.264] Table 7-1), HEVC units ([H.265] Table 7-1). */
const AVC = { SLICE: 1, PARTITION: 2, IDR: 5, SEI: 6 } as const;
const HEVC_FIRST_IRAP = 16;
const HEVC_LAST_IRAP = 23;
const HEVC_LAST_SLICE = 31;

/** Looks at the samples of all tracks as they are stored. */
export class SampleRules {
  readonly #ranges: MediaRanges;
  readonly #bytes: SampleBytes;
  readonly #findings: Findings;
  readonly #isFragmented: boolean;
  readonly #lanes = new Map<SampleCursor, Lane>();
  /** Samples looked at. */
  sampleCount = 0;

  constructor(ranges: MediaRanges, bytes: SampleBytes, isFragmented: boolean, findings: Findings) {
    this.#ranges = ranges;
    this.#bytes = bytes;
    this.#isFragmented = isFragmented;
    this.#findings = findings;
  }

  /** Looks at the sample that a cursor stands at. */
  check(cursor: SampleCursor): Promise<void> | undefined {
    let lane = this.#lanes.get(cursor);
    if (lane === undefined) this.#lanes.set(cursor, lane = laneOf(cursor));
    this.sampleCount += cursor.sampleCount;
    this.#checkTimes(cursor, lane);
    lane.count++;
    if (cursor.isKey) lane.keyCount++;
    const { offset, byteLength } = cursor;
    if (!this.#ranges.holds(offset, byteLength)) {
      const rule = this.#isFragmented ? "M23" : "M14";
      const where = `its ${byteLength} bytes at ${offset}`;
      this.#findings.add(
        rule,
        offset,
        `${lane.name}, sample ${cursor.number + 1}: must lie inside a mdat box, ${where} do not`,
      );
      return undefined;
    }
    if (lane.kind === undefined || byteLength === 0) return undefined;
    return this.#checkUnits(cursor, lane);
  }

  /** What can be said when all were seen. */
  finish(): void {
    for (const [cursor, { name, count, keyCount, hiddenKeyCount, kind }] of this.#lanes) {
      const { track, tableCount, isCutShort, number } = cursor;
      if (isCutShort) {
        this.#findings.error(
          "M12",
          track.box.offset,
          `${name}: the chunks have places for ${number + 1} of ${tableCount} samples`,
        );
      }
      if (count > 0 && keyCount === 0) {
        this.#findings.warn("M16", track.box.offset, `${name}: must have a sync sample to begin with, has none`);
      }
      if (hiddenKeyCount > 0 && kind !== undefined) {
        this.#findings.advise(
          "M16",
          track.box.offset,
          `${name}: ${hiddenKeyCount} samples could be sync samples, and are not told`,
        );
      }
    }
  }

  #checkTimes(cursor: SampleCursor, lane: Lane): void {
    const { number, decodeTime, compositionOffset, jump, track, isKey } = cursor;
    const findings = this.#findings;
    if (number === 0 && !isKey && track.handlerType === "vide") {
      findings.addOnce(
        "M16",
        track.index,
        cursor.offset,
        `${lane.name}: should begin with a sync sample, does not`,
        "W",
      );
    }
    if (jump !== 0 && number > 0) {
      const what = jump < 0 ? "steps back by" : "leaves out";
      const message = `${lane.name}, sample ${number + 1}: tfdt box ${what} ${
        Math.abs(jump)
      } of ${track.timescale} ticks a second`;
      findings.addOnce("M22", 2 * track.index + (jump < 0 ? 0 : 1), cursor.offset, message, jump < 0 ? "W" : "I");
    }
    const time = decodeTime + compositionOffset;
    if (time === lane.lastTime && track.handlerType === "vide") {
      findings.addOnce(
        "M27",
        track.index,
        cursor.offset,
        `${lane.name}: samples ${number} and ${number + 1} are shown at one time`,
        "I",
      );
    }
    lane.lastTime = time;
  }

  /** Follows the lengths of the units, which must fill the sample. */
  async #checkUnits(cursor: SampleCursor, lane: Lane): Promise<void> {
    const { offset, byteLength, isKey, number } = cursor;
    const { lengthBytes, kind, name } = lane;
    const end = offset + byteLength;
    let isEntry = false;
    let isPossibleEntry = false;
    for (let at = offset; at < end;) {
      let head = this.#bytes.at(at, Math.min(HEAD_BYTES, end - at));
      if (head instanceof Promise) head = await head;
      let size = 0;
      for (let i = 0; i < lengthBytes; i++) size = size * 256 + (head[i] ?? 0);
      const next = at + lengthBytes + size;
      if (next > end || head.byteLength < lengthBytes || size === 0 && at + lengthBytes >= end) {
        const left = end - at;
        this.#findings.error(
          "M17",
          at,
          `${name}, sample ${number + 1}: a unit must end inside it, has ${size} bytes where ${left} are left`,
        );
        return;
      }
      if (size > 0) {
        const first = head[lengthBytes]!;
        if (kind === "avc") {
          const type = first & 31;
          if (type === AVC.IDR) isEntry = true;
          else if (type === AVC.SEI && head[lengthBytes + 1] === RECOVERY_POINT) isPossibleEntry = true;
          else if (type === AVC.SLICE && isIntra(head, lengthBytes + 1)) isPossibleEntry = true;
        } else {
          const type = first >> 1 & 63;
          if (type >= HEVC_FIRST_IRAP && type <= HEVC_LAST_IRAP) isEntry = true;
          if (type <= HEVC_LAST_SLICE) at = end; // the first slice says what the picture is
        }
      }
      at = Math.max(at, next);
    }
    if (isKey && !isEntry) {
      // An open group begins with a picture that is no IDR: players begin there all the same.
      if (isPossibleEntry) return;
      this.#findings.add(
        "M16",
        offset,
        `${name}, sample ${number + 1}: a sync sample must be decodable alone, this is not`,
      );
    } else if (!isKey && isEntry) lane.hiddenKeyCount++;
  }
}

/** Length, type, and what tells whether a slice is intra. */
const HEAD_BYTES = 16;
/** Payload type of a recovery point ([H.264] D.1.8). */
const RECOVERY_POINT = 6;

/** Whether a slice header says I or SI: first_mb_in_slice ue · slice_type ue ([H.264] 7.3.3). */
function isIntra(bytes: Uint8Array, at: number): boolean {
  let position = at * 8;
  const bit = () => (bytes[position >> 3] ?? 0) >> (7 - (position++ & 7)) & 1;
  const golomb = () => {
    let zeros = 0;
    while (zeros < 24 && bit() === 0) zeros++;
    let value = 1;
    for (let i = 0; i < zeros; i++) value = value * 2 + bit();
    return value - 1;
  };
  golomb();
  const type = golomb() % 5;
  return type === 2 || type === 4;
}

function laneOf({ track }: SampleCursor): Lane {
  const entry = track.entries[0];
  const avc = childOf(entry, "avcC");
  const hevc = childOf(entry, "hvcC");
  const isClear = entry !== undefined && entry.type !== "encv";
  const lengthBytes = numberIn(avc ?? hevc, "lengthBytes");
  return {
    kind: isClear && lengthBytes > 0 ? avc !== undefined ? "avc" : "hevc" : undefined,
    lengthBytes,
    name: `Track ${track.trackId}`,
    lastTime: NaN,
    count: 0,
    keyCount: 0,
    hiddenKeyCount: 0,
  };
}
