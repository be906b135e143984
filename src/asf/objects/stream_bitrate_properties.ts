import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Average of one stream. */
export interface StreamBitrate {
  /** 1–127. */
  readonly streamNumber: number;
  /** Packet overhead included. */
  readonly bitsPerSecond: number;
}

/** Stream Bitrate Properties Object ([ASF] 3.12): one record for each stream. */
export const streamBitrateProperties: ObjectSpec<readonly StreamBitrate[]> = {
  guid: GUID.streamBitrateProperties,
  encode(w, records) {
    w.u16(records.length);
    for (const record of records) {
      w.u16(record.streamNumber);
      w.u32(record.bitsPerSecond);
    }
  },
};
