/**
 * Rules about attributes (X07–X10, X21, X22), read again from the bytes as stored.
 *
 * @module
 */

import { Cursor, u16At, u32At } from "../../cursor.ts";
import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import { type AsfObject, OBJECT_HEAD_BYTES } from "../objects/walk.ts";

interface StoredAttribute {
  readonly name: string;
  readonly streamNumber: number;
  readonly languageIndex: number;
  readonly type: number;
  /** Bytes that it says it has. */
  readonly byteLength: number;
  readonly value: Uint8Array;
  readonly offset: number;
}

const BYTES = 1;
const BOOL = 2;
const TYPE_NAMES = ["text", "bytes", "BOOL", "DWORD", "QWORD", "WORD", "GUID"];
/** Sizes of values by type; 0: any. A BOOL is twice as long in Extended Content Description. */
const TYPE_BYTES = [0, 0, 2, 4, 8, 2, 16];
const WIDE_BOOL_BYTES = 4;
const MAX_METADATA_BYTES = 65_535;
const MAX_PICTURE_TYPE = 20;

/** Readers compute these from the file. */
const COMPUTED: ReadonlySet<string> = new Set([
  ..."Duration Bitrate CurrentBitrate OptimalBitrate FileSize Seekable Stridable Broadcast Is_Protected Is_Trusted"
    .split(" "),
  ..."Signature_Name HasAudio HasVideo HasScript HasImage HasArbitraryDataStream HasFileTransferStream".split(" "),
  ..."HasAttachedImages Can_Skip_Forward Can_Skip_Backward WM/VideoWidth WM/VideoHeight WM/VideoFrameRate".split(" "),
  ..."WM/PeakBitrate WM/ASFPacketCount WM/ContainerFormat".split(" "),
]);

/** Checks the attributes of one object; those of others it leaves alone. */
export function checkAttributes(
  object: AsfObject,
  bytes: Uint8Array,
  languageCount: number,
  findings: Findings,
): void {
  const isExtended = object.guid === GUID.extendedContentDescription;
  if (!isExtended && object.guid !== GUID.metadata && object.guid !== GUID.metadataLibrary) return;
  const end = Math.min(object.offset + object.size, bytes.byteLength);
  const cursor = new Cursor(bytes, 0, object.offset + OBJECT_HEAD_BYTES, end);
  const attributes = isExtended ? readDescriptors(cursor) : readRecords(cursor);
  const seen = new Set<string>();
  const pictureTypes: number[] = [];
  for (const attribute of attributes) {
    const { name, offset } = attribute;
    checkValue(object, attribute, findings);
    const isLibrary = object.guid === GUID.metadataLibrary;
    const key = `${attribute.streamNumber} ${name}`;
    if (seen.has(key) && !isLibrary) findings.warn("X09", offset, `${object.name}: ${name} is there twice`);
    seen.add(key);
    checkLanguage(object, attribute, languageCount, findings);
    if (COMPUTED.has(name)) findings.warn("X22", offset, `${object.name}: ${name} is computed by readers`);
    if (name === "WM/Picture" && attribute.type === BYTES) checkPicture(attribute, pictureTypes, findings);
  }
}

function readDescriptors(c: Cursor): StoredAttribute[] {
  return c.list(c.u16(), () => {
    const offset = c.fileOffset;
    const name = c.text(c.u16());
    const type = c.u16();
    const byteLength = c.u16();
    return { name, streamNumber: 0, languageIndex: 0, type, byteLength, value: c.bytes(byteLength), offset };
  });
}

function readRecords(c: Cursor): StoredAttribute[] {
  return c.list(c.u16(), () => {
    const offset = c.fileOffset;
    const languageIndex = c.u16();
    const streamNumber = c.u16();
    const nameBytes = c.u16();
    const type = c.u16();
    const byteLength = c.u32();
    const name = c.text(nameBytes);
    return { name, streamNumber, languageIndex, type, byteLength, value: c.bytes(byteLength), offset };
  });
}

function checkValue(object: AsfObject, { name, type, byteLength, offset }: StoredAttribute, findings: Findings): void {
  const isExtended = object.guid === GUID.extendedContentDescription;
  const lastType = object.guid === GUID.metadataLibrary ? 6 : 5;
  if (type > lastType) {
    findings.error("X08", offset, `${object.name}: ${name} is of type ${type}, the last one is ${lastType}`);
    return;
  }
  const wanted = isExtended && type === BOOL ? WIDE_BOOL_BYTES : TYPE_BYTES[type]!;
  if (wanted !== 0 && byteLength !== wanted) {
    const message = `${object.name}: ${name} is a ${TYPE_NAMES[type]} of ${byteLength} bytes, must have ${wanted}`;
    findings.error("X07", offset, message);
  }
  if (object.guid === GUID.metadata && byteLength > MAX_METADATA_BYTES) {
    findings.warn("X09", offset, `${object.name}: ${name} of ${byteLength} bytes belongs into the Metadata Library`);
  }
}

function checkLanguage(
  object: AsfObject,
  { name, languageIndex, offset }: StoredAttribute,
  languageCount: number,
  findings: Findings,
): void {
  if (object.guid === GUID.metadata && languageIndex !== 0) {
    findings.warn("X10", offset, `${object.name}: language of ${name} should be 0, got ${languageIndex}`);
  } else if (languageIndex > 0 && languageIndex >= languageCount) {
    findings.warn("X10", offset, `${object.name}: ${name} is in language ${languageIndex}, there are ${languageCount}`);
  }
}

/** WM/Picture: type u8, image size u32, media type, description, image. */
function checkPicture({ value, offset }: StoredAttribute, types: number[], findings: Findings): void {
  const type = value[0] ?? 0;
  if (type > MAX_PICTURE_TYPE) findings.warn("X21", offset, `WM/Picture: type should be 0 to 20, got ${type}`);
  if ((type === 1 || type === 2) && types.includes(type)) {
    findings.warn("X21", offset, `WM/Picture: a second picture of type ${type}`);
  }
  types.push(type);
  const imageAt = textEnd(value, textEnd(value, 5));
  const imageBytes = value.byteLength >= 5 ? u32At(value, 1) : 0;
  if (imageAt + imageBytes !== value.byteLength) {
    findings.warn(
      "X21",
      offset,
      `WM/Picture: says it has ${imageBytes} bytes, ${value.byteLength - imageAt} are there`,
    );
  }
}

/** Where the text at `start` ends, its terminator included. */
function textEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at + 1 < bytes.byteLength && u16At(bytes, at) !== 0) at += 2;
  return Math.min(bytes.byteLength, at + 2);
}
