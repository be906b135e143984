import type { ByteWriter } from "../../bytes/byte_writer.ts";
import { type Attribute, ATTRIBUTE_TYPE, attributeBytes, encodeAttribute } from "../attribute_value.ts";
import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** A BOOL is a WORD here, and a DWORD in the Extended Content Description. */
const BOOL_BYTES = 2;

/** An attribute of a stream, or with stream number 0 of the file. */
export interface MetadataRecord extends Attribute {
  /** 0–127. */
  readonly streamNumber: number;
  /** Position in the Language List; default 0, and nothing else in a Metadata Object. */
  readonly languageIndex?: number;
}

/** Metadata Object ([ASF] 4.7): attributes of streams, of at most 65 535 bytes each. */
export const metadata: ObjectSpec<readonly MetadataRecord[]> = {
  guid: GUID.metadata,
  encode: encodeRecords,
};

/** Writes the body of either Metadata Object. */
export function encodeRecords(w: ByteWriter, records: readonly MetadataRecord[]): void {
  w.u16(records.length);
  for (const { name, streamNumber, value, languageIndex = 0 } of records) {
    w.u16(languageIndex);
    w.u16(streamNumber);
    w.u16(textBytes(name));
    w.u16(ATTRIBUTE_TYPE[value.type]);
    w.u32(attributeBytes(value, BOOL_BYTES));
    writeText(w, name);
    encodeAttribute(w, value, BOOL_BYTES);
  }
}
