/** What Matroska files hold, and what browsers would have written of it. */

import { openInput } from "../../../src/inspect/byte_source.ts";
import { ByteWindow } from "../../../src/inspect/byte_window.ts";
import { ID } from "../../../src/inspect/matroska/elements.ts";
import { SegmentCursor, STEP } from "../../../src/inspect/matroska/segment_cursor.ts";
import { ProblemList } from "../../../src/inspect/problems.ts";
import { concat } from "../../core/harness.ts";

/** A block of a file. */
export interface StoredBlock {
  /** Track, time, key, and a sum of what it holds. */
  readonly what: string;
  /** Where it ends. */
  readonly end: number;
}

/** All blocks that can be read. */
export async function blocksOf(bytes: Uint8Array): Promise<StoredBlock[]> {
  const cursor = new SegmentCursor(new ByteWindow(openInput(bytes)), new ProblemList());
  const blocks: StoredBlock[] = [];
  for (let step = cursor.step(); step !== STEP.end; step = cursor.step()) {
    if (step === STEP.fill) await cursor.fill();
    if (step !== STEP.block) continue;
    const { offset, byteLength, trackNumber, timestamp, isKey } = cursor.block;
    const sum = bytes.subarray(offset, offset + byteLength).reduce((sum, byte) => sum * 33 + byte | 0, 0);
    blocks.push({ what: `${trackNumber} ${timestamp} ${isKey} ${byteLength} ${sum}`, end: offset + byteLength });
  }
  return blocks;
}

/** Just what they are. */
export async function whatOf(bytes: Uint8Array): Promise<string[]> {
  return (await blocksOf(bytes)).map(({ what }) => what);
}

const UNKNOWN = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/** As a browser's MediaRecorder writes it: no size is known, nor a Duration, and there are no Cues and no SeekHead. */
export async function asRecorded(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const cursor = new SegmentCursor(new ByteWindow(openInput(bytes)), new ProblemList());
  const parts: Uint8Array[] = [];
  for (let step = cursor.step(); step !== STEP.end; step = cursor.step()) {
    const { cluster, element } = cursor;
    switch (step) {
      case STEP.fill:
        await cursor.fill();
        break;
      case STEP.segment:
        parts.push(new Uint8Array([0x18, 0x53, 0x80, 0x67, ...UNKNOWN]));
        break;
      case STEP.clusterEnd:
        parts.push(
          new Uint8Array([0x1F, 0x43, 0xB6, 0x75, ...UNKNOWN]),
          bytes.subarray(cluster.offset + cluster.headerBytes, cursor.position),
        );
        break;
      case STEP.element:
        if (element.id === ID.EBML || element.id === ID.Tracks) parts.push(bytes.subarray(element.offset, element.end));
        if (element.id === ID.Info) parts.push(await bareInfo(cursor, bytes));
    }
  }
  return concat(parts);
}

async function bareInfo(cursor: SegmentCursor, bytes: Uint8Array): Promise<Uint8Array> {
  const info = (await cursor.readElement())!;
  const kept = info.children.filter(({ name }) => !["Duration", "Void", "CRC-32"].includes(name));
  const content = concat(
    kept.map(({ offset, headerBytes, size }) => bytes.subarray(offset, offset + headerBytes + size)),
  );
  return concat([
    new Uint8Array([0x15, 0x49, 0xA9, 0x66, 0x40 | content.byteLength >> 8, content.byteLength & 255]),
    content,
  ]);
}
