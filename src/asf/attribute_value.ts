/**
 * Values of attributes, as three kinds of objects store them: Extended Content Description, Metadata and Metadata
 * Library ([ASF] 3.11, 4.7, 4.8). They differ in the width of a BOOL alone.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { textBytes, writeText } from "./object.ts";

/** A value with its type on the wire. */
export type TypedValue =
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "binary"; readonly value: Uint8Array }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "dword"; readonly value: number }
  | { readonly type: "qword"; readonly value: bigint }
  | { readonly type: "word"; readonly value: number }
  | { readonly type: "guid"; readonly value: Uint8Array };

/** A value with its name. */
export interface Attribute {
  readonly name: string;
  readonly value: TypedValue;
}

/** Data types on the wire. */
export const ATTRIBUTE_TYPE = { text: 0, binary: 1, bool: 2, dword: 3, qword: 4, word: 5, guid: 6 } as const;

/** Size of a stored value. */
export function attributeBytes(value: TypedValue, boolBytes: 2 | 4): number {
  switch (value.type) {
    case "text":
      return textBytes(value.value);
    case "binary":
    case "guid":
      return value.value.byteLength;
    case "word":
      return 2;
    case "bool":
      return boolBytes;
    case "dword":
      return 4;
    case "qword":
      return 8;
  }
}

/** Writes a value: {@linkcode attributeBytes} bytes. */
export function encodeAttribute(w: ByteWriter, value: TypedValue, boolBytes: 2 | 4): void {
  switch (value.type) {
    case "text":
      return writeText(w, value.value);
    case "binary":
    case "guid":
      return w.bytes(value.value);
    case "word":
      return w.u16(value.value);
    case "bool":
      return boolBytes === 2 ? w.u16(Number(value.value)) : w.u32(Number(value.value));
    case "dword":
      return w.u32(value.value);
    case "qword":
      return w.u64(value.value);
  }
}
