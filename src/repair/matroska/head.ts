/**
 * What stands in front of the Clusters: SeekHead, Info, Tracks and what else is there.
 *
 * @module
 */

import { concatBytes } from "../../bytes/bytes.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { crc32 } from "../../inspect/matroska/crc32.ts";
import type { MatroskaElement } from "../../inspect/matroska/element_tree.ts";
import { ID } from "../../inspect/matroska/elements.ts";
import * as NEW_ID from "../../matroska/ids.ts";
import { element, floatBytes, idBytes, leastSizeBytes, uintBytes, withChecksum } from "./ebml.ts";

/** An element that the SeekHead leads to. */
export interface Landmark {
  readonly id: number;
  /** From the Segment's data. */
  readonly position: number;
}

/** SeekPositions have as many bytes each, so that the size is known before them. */
const SEEK_BYTES = { narrow: 4, wide: 8 } as const;

/** A SeekHead. @param isWide Whether positions may be above 2^32. */
export function seekHead(landmarks: readonly Landmark[], isWide: boolean): Uint8Array<ArrayBuffer> {
  const width = isWide ? SEEK_BYTES.wide : SEEK_BYTES.narrow;
  const seeks = landmarks.map(({ id, position }) =>
    element(
      NEW_ID.Seek,
      concatBytes(element(NEW_ID.SeekID, idBytes(id)), element(NEW_ID.SeekPosition, uintBytes(position, width))),
    )
  );
  return element(ID.SeekHead, concatBytes(...seeks));
}

/** Info as it was, with another Duration. @param width Bytes of that. */
export async function infoWith(
  input: Input,
  info: MatroskaElement,
  duration: number,
  width: 4 | 8,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let hasChecksum = false;
  let isSet = false;
  const newDuration = element(NEW_ID.Duration, floatBytes(duration, width));
  for (const { id, offset, headerBytes, size } of info.children) {
    if (id === ID.CRC32) hasChecksum = true;
    else if (id === NEW_ID.Duration) {
      if (!isSet) parts.push(newDuration);
      isSet = true;
    } else if (id !== ID.Void) parts.push((await input.read(offset, headerBytes + size)).slice());
  }
  if (!isSet) parts.push(newDuration);
  const content = concatBytes(...parts);
  return element(
    ID.Info,
    hasChecksum ? withChecksum(content, crc32(0, content, 0, content.byteLength)) : content,
  );
}

/** The same element in so many bytes more, by a longer size field; `undefined`: that cannot be. */
export function stretched(bytes: Uint8Array, id: number, more: number): Uint8Array<ArrayBuffer> | undefined {
  const idLength = idBytes(id).byteLength;
  for (let width = 1; width <= 8; width++) {
    const headLength = idLength + width;
    if (leastSizeBytes(bytes.byteLength - headLength) !== width) continue;
    return width + more > 8 ? undefined : element(id, bytes.subarray(headLength), width + more);
  }
  return undefined;
}
