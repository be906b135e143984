/**
 * A header that speaks of other indexes: every object that is not about these stays as it is.
 *
 * @module
 */

import { encodeObject, OBJECT_HEAD_BYTES } from "../asf/object.ts";
import {
  indexParameters,
  mediaObjectIndexParameters,
  timecodeIndexParameters,
} from "../asf/objects/index_parameters.ts";
import { padding } from "../asf/objects/padding.ts";
import { MuxError } from "../errors.ts";
import { GUID } from "../inspect/asf/guid.ts";
import { type Head, readHead } from "../inspect/asf/head.ts";
import type { WantedIndexes } from "../inspect/asf/scan/announced_indexes.ts";
import { openInput } from "../inspect/byte_source.ts";
import { ProblemList } from "../inspect/problems.ts";
import { HEADER_HEAD_BYTES, slice, wrap, wrapExtension } from "./header_parts.ts";

/** Room that a header gets that has to grow. */
const NEW_PADDING_BYTES = 2048;

const REPLACED: ReadonlySet<string> = new Set([
  GUID.padding,
  GUID.indexPlaceholder,
  GUID.indexParameters,
  GUID.mediaObjectIndexParameters,
  GUID.timecodeIndexParameters,
]);

/** The head of a file with these indexes announced and no others: of the same size where its padding allows that. */
export async function withIndexParameters(head: Head, dataHead: Uint8Array, wanted: WantedIndexes): Promise<Head> {
  const { bytes, header } = head;
  const extension = header.object.children.find(({ guid }) => guid === GUID.headerExtension);
  if (extension === undefined) {
    throw new MuxError("bad-media", { action: "index file", reason: "its header has no Header Extension Object" });
  }
  const { time, mediaObject, timecode } = wanted;
  const newExtension = wrapExtension(bytes, extension, [
    ...extension.children.filter(({ guid }) => !REPLACED.has(guid)).map((one) => slice(bytes, one)),
    ...time ? [encodeObject(indexParameters, time)] : [],
    ...mediaObject ? [encodeObject(mediaObjectIndexParameters, mediaObject)] : [],
    ...timecode ? [encodeObject(timecodeIndexParameters, timecode)] : [],
  ]);
  const parts = header.object.children
    .filter(({ guid }) => !REPLACED.has(guid))
    .map((one) => one === extension ? newExtension : slice(bytes, one));
  const leastBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, HEADER_HEAD_BYTES);
  const spare = bytes.byteLength - leastBytes;
  const padBytes = spare === 0 || spare >= OBJECT_HEAD_BYTES ? spare : NEW_PADDING_BYTES;
  if (padBytes > 0) parts.push(encodeObject(padding, padBytes));
  const encoded = wrap(bytes.slice(0, HEADER_HEAD_BYTES), parts);
  new DataView(encoded.buffer).setUint32(24, parts.length, true);
  return await readHead(openInput(joined(encoded, dataHead)), new ProblemList());
}

function joined(header: Uint8Array, dataHead: Uint8Array): Uint8Array {
  const both = new Uint8Array(header.byteLength + dataHead.byteLength);
  both.set(header);
  both.set(dataHead, header.byteLength);
  return both;
}
