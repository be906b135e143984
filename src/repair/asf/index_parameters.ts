/**
 * A header that speaks of other indexes: every object that is not about these stays as it is.
 *
 * @module
 */

import { encodeObject, OBJECT_HEAD_BYTES } from "../../asf/object.ts";
import {
  indexParameters,
  mediaObjectIndexParameters,
  timecodeIndexParameters,
} from "../../asf/objects/index_parameters.ts";
import { HEADER_BODY_OFFSET } from "../../asf/objects/header.ts";
import { padding } from "../../asf/objects/padding.ts";
import { concatBytes } from "../../bytes/bytes.ts";
import { MuxError } from "../../errors.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import { type Head, readHead } from "../../inspect/asf/head.ts";
import type { WantedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import { openInput } from "../../inspect/byte_source.ts";
import { ProblemList } from "../../inspect/problems.ts";
import { slice, wrapExtension, wrapHeader } from "./header_parts.ts";

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
  const leastBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, HEADER_BODY_OFFSET);
  const spare = bytes.byteLength - leastBytes;
  const padBytes = spare === 0 || spare >= OBJECT_HEAD_BYTES ? spare : NEW_PADDING_BYTES;
  if (padBytes > 0) parts.push(encodeObject(padding, padBytes));
  return await readHead(openInput(concatBytes(wrapHeader(bytes, parts), dataHead)), new ProblemList());
}
