import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** The header never changes, or is not complete yet: sizes, counts and durations mean nothing. */
export const FLAG_BROADCAST = 1;
/** A reader may seek: audio alone, or every video stream has its Simple Index. */
export const FLAG_SEEKABLE = 2;

/** What Windows' broadcasts say beside it; reserved in the specification. */
export const FLAG_LIVE = 8;

/** Value of {@linkcode fileProperties}. */
export interface FileProperties {
  /** 16 wire bytes; the same in the Data Object and in indexes. */
  readonly fileId: Uint8Array;
  /** The whole file, indexes included. */
  readonly fileBytes: number;
  /** FILETIME: 100 ns since 1601. */
  readonly creationTime: bigint;
  readonly packetCount: number;
  /** 100 ns, preroll included. */
  readonly playDurationTicks: number;
  /** 100 ns, preroll not included. */
  readonly sendDurationTicks: number;
  readonly prerollMs: number;
  readonly flags: number;
  readonly packetBytes: number;
  /** Packet overhead included. */
  readonly maxBitsPerSecond: number;
}

/** File Properties Object ([ASF] 3.2). Mandatory, exactly one per header, first of its children. */
export const fileProperties: ObjectSpec<FileProperties> = {
  guid: GUID.fileProperties,
  encode(w, value) {
    w.bytes(value.fileId);
    w.u64(value.fileBytes);
    w.u64(value.creationTime);
    w.u64(value.packetCount);
    w.u64(value.playDurationTicks);
    w.u64(value.sendDurationTicks);
    w.u64(value.prerollMs);
    w.u32(value.flags);
    w.u32(value.packetBytes); // minimum and …
    w.u32(value.packetBytes); // … maximum: GStreamer refuses a file in which they differ
    w.u32(value.maxBitsPerSecond);
  },
};
