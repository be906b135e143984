import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Value of {@linkcode streamProperties}. */
export interface StreamProperties {
  /** 1–127. */
  readonly streamNumber: number;
  readonly streamType: Uint8Array;
  readonly typeData: Uint8Array;
  readonly errorCorrectionType: Uint8Array;
  readonly errorCorrectionData: Uint8Array;
}

/** Stream Properties Object ([ASF] 3.3). One per stream. */
export const streamProperties: ObjectSpec<StreamProperties> = {
  guid: GUID.streamProperties,
  encode(w, value) {
    w.bytes(value.streamType);
    w.bytes(value.errorCorrectionType);
    w.u64(0); // Time Offset
    w.u32(value.typeData.byteLength);
    w.u32(value.errorCorrectionData.byteLength);
    w.u16(value.streamNumber); // Flags: bit 15 would say that the content is encrypted
    w.u32(0); // Reserved
    w.bytes(value.typeData);
    w.bytes(value.errorCorrectionData);
  },
};
