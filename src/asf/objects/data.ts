import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** What comes before the first packet. */
export const DATA_HEAD_BYTES = 50;

/** Value of {@linkcode dataObject}. */
export interface DataHead {
  /** As in File Properties. */
  readonly fileId: Uint8Array;
  /** 0 while it is not known: the size is then that of the head, which players over HTTP accept where they refuse 0. */
  readonly packetCount: number;
  readonly packetBytes: number;
}

/** Data Object ([ASF] 5.1) up to its first packet. */
export const dataObject: ObjectSpec<DataHead> = {
  guid: GUID.data,
  trailingBytes: (value) => value.packetCount * value.packetBytes,
  encode(w, value) {
    w.bytes(value.fileId);
    w.u64(value.packetCount);
    w.u16(0x0101); // Reserved
  },
};
