import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** A reader may seek in this stream. */
export const STREAM_FLAG_SEEKABLE = 2;

/** Data that every payload of a stream carries behind object size and time. */
export interface PayloadExtensionSystem {
  readonly guid: Uint8Array;
  /** Fixed size, or `VARIABLE_SIZE`. */
  readonly dataBytes: number;
  /** What the system says once for the stream. */
  readonly info?: Uint8Array;
}

/** What a stream is called in one language. */
export interface NameEntry {
  readonly languageIndex: number;
  readonly name: string;
}

/** Value of {@linkcode extendedStreamProperties}. */
export interface ExtendedStreamProperties {
  /** 1–127. */
  readonly streamNumber: number;
  /** Media alone, without packet overhead; at least 1. */
  readonly bitsPerSecond: number;
  /** Time for which a player buffers. */
  readonly bufferMs: number;
  /** The same for the peak rate; absent: as the average. */
  readonly peak?: { readonly bitsPerSecond: number; readonly bufferMs: number };
  /** 0: not known. */
  readonly largestObjectBytes: number;
  readonly flags: number;
  /** Position in the Language List; 0 when there is none. */
  readonly languageIndex: number;
  /** 100 ns; 0: not known. */
  readonly ticksPerFrame: number;
  readonly names: readonly NameEntry[];
  readonly extensions: readonly PayloadExtensionSystem[];
}

/** Extended Stream Properties Object ([ASF] 4.1), without an embedded Stream Properties Object. */
export const extendedStreamProperties: ObjectSpec<ExtendedStreamProperties> = {
  guid: GUID.extendedStreamProperties,
  encode(w, value) {
    w.u64(0); // Start Time: unspecified
    w.u64(0); // End Time: unspecified
    // The leaky bucket twice, for the average and for the peak.
    for (const { bitsPerSecond, bufferMs } of [value, value.peak ?? value]) {
      w.u32(bitsPerSecond);
      w.u32(bufferMs);
      w.u32(0); // Initial Buffer Fullness
    }
    w.u32(value.largestObjectBytes);
    w.u32(value.flags);
    w.u16(value.streamNumber);
    w.u16(value.languageIndex);
    w.u64(value.ticksPerFrame);
    w.u16(value.names.length);
    w.u16(value.extensions.length);
    for (const { languageIndex, name } of value.names) {
      w.u16(languageIndex);
      w.u16(textBytes(name));
      writeText(w, name);
    }
    for (const { guid, dataBytes, info } of value.extensions) {
      w.bytes(guid);
      w.u16(dataBytes);
      w.u32(info?.byteLength ?? 0);
      if (info !== undefined) w.bytes(info);
    }
  },
};
