/**
 * Rules about the texts of a header (X06), read again from the bytes as stored.
 *
 * @module
 */

import { Cursor, u16At } from "../../cursor.ts";
import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import { type AsfObject, OBJECT_HEAD_BYTES } from "../objects/walk.ts";

/** Bytes before the names of Extended Stream Properties ([ASF] 4.1), from the start of the body. */
const STREAM_NAMES_AT = 60;

type Check = (text: Uint8Array, offset: number) => void;

/** Checks all texts of one object. */
export function checkTexts(object: AsfObject, bytes: Uint8Array, findings: Findings): void {
  const read = READERS[object.guid];
  if (read === undefined) return;
  const end = Math.min(object.offset + object.size, bytes.byteLength);
  read(new Cursor(bytes, 0, object.offset + OBJECT_HEAD_BYTES, end), (text, offset) => {
    for (const [severity, what] of flaws(text)) findings.add("X06", offset, `${object.name}: text ${what}`, severity);
  });
}

const READERS: Readonly<Record<string, (c: Cursor, check: Check) => void>> = {
  [GUID.contentDescription](c, check) {
    const lengths = [c.u16(), c.u16(), c.u16(), c.u16(), c.u16()];
    for (const length of lengths) take(c, length, check);
  },
  [GUID.extendedContentDescription](c, check) {
    c.list(c.u16(), () => {
      take(c, c.u16(), check);
      const type = c.u16();
      take(c, c.u16(), type === 0 ? check : undefined);
    });
  },
  [GUID.metadata]: readRecords,
  [GUID.metadataLibrary]: readRecords,
  [GUID.languageList](c, check) {
    c.list(c.u16(), () => take(c, c.u8(), check));
  },
  [GUID.extendedStreamProperties](c, check) {
    c.bytes(STREAM_NAMES_AT);
    const nameCount = c.u16();
    c.u16();
    c.list(nameCount, () => {
      c.u16();
      take(c, c.u16(), check);
    });
  },
  [GUID.codecList](c, check) {
    c.guid();
    c.list(c.u32(), () => {
      c.u16();
      take(c, 2 * c.u16(), check);
      take(c, 2 * c.u16(), check);
      c.bytes(c.u16());
    });
  },
  [GUID.scriptCommand](c, check) {
    c.guid();
    const commandCount = c.u16();
    c.list(c.u16(), () => take(c, 2 * c.u16(), check));
    c.list(commandCount, () => {
      c.bytes(6);
      take(c, 2 * c.u16(), check);
    });
  },
  [GUID.marker](c, check) {
    c.guid();
    const markerCount = c.u32();
    c.u16();
    take(c, c.u16(), check);
    c.list(markerCount, () => {
      c.bytes(16);
      const entry = c.slice(c.u16());
      entry.bytes(8);
      take(entry, 2 * entry.u32(), check);
    });
  },
};

function readRecords(c: Cursor, check: Check): void {
  c.list(c.u16(), () => {
    c.u32();
    const nameBytes = c.u16();
    const type = c.u16();
    const valueBytes = c.u32();
    take(c, nameBytes, check);
    take(c, valueBytes, type === 0 ? check : undefined);
  });
}

function take(c: Cursor, length: number, check: Check | undefined): void {
  const offset = c.fileOffset;
  const text = c.bytes(length);
  if (length > 0 && text.byteLength === length) check?.(text, offset);
}

const decoder = new TextDecoder("utf-16le", { ignoreBOM: true });

/** UTF-8 whose bytes were taken for characters, one by one. */
const WIDENED_UTF8 = /[\u00c3-\u00f4][\u0080-\u00bf]|\u00c2[\u0080-\u009f]/;

function flaws(text: Uint8Array): (readonly ["W" | "I", string])[] {
  const length = text.byteLength & ~1;
  const found: (readonly ["W" | "I", string])[] = [];
  if (length !== text.byteLength) found.push(["W", `of ${text.byteLength} bytes, an odd number`]);
  else if (u16At(text, length - 2) !== 0) found.push(["I", "without its terminator"]);
  const decoded = decoder.decode(text.subarray(0, length));
  if (decoded.includes("\ufffd")) found.push(["W", "with half a surrogate pair"]);
  if (WIDENED_UTF8.test(decoded)) found.push(["W", "that is UTF-8, byte by byte"]);
  return found;
}
