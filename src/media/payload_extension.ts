/**
 * What a sample may carry beside its bytes and times, in a container that has room for it: ASF's payload extensions.
 *
 * @module
 */

/** SMPTE time code of a sample ([ASF] 7.3.2.1). */
export interface Timecode {
  /** 0–23. */
  hours: number;
  /** 0–59. */
  minutes: number;
  /** 0–59. */
  seconds: number;
  /** 0–99; below the frame rate that the time code counts in. */
  frames: number;
  /** Which run of the time code it belongs to, 0–65535; default 0. It ascends where the time code begins anew. */
  range?: number;
  /** User bits, 32 of them; default 0. */
  userBits?: number;
  /** Flags of the time code, 32 bits; default 0. */
  flags?: number;
}

/** How a picture is made of fields; absent flags are false. */
export interface ContentType {
  /** Of two fields. */
  interlaced?: boolean;
  /** The upper field comes first. */
  topFieldFirst?: boolean;
  /** The lower field comes first. */
  bottomFieldFirst?: boolean;
  /** The first field is shown again. */
  repeatFirstField?: boolean;
}

/** The payload extension systems that have a name. */
export type PayloadExtensionName = "timecode" | "sampleDuration" | "fileName" | "contentType" | "pixelAspectRatio";

/** A payload extension system of one's own ([ASF] 4.1). */
export interface OwnPayloadExtension {
  /** Names the system, such as `"6698B84E-0AFA-4330-AEB2-1C0A98D7A44D"`. */
  guid: string;
  /** Bytes of each value, 1–223, or `"variable"`: each value tells its own size. */
  size: number | "variable";
  /** What the system says once for the whole stream, at most 65 535 bytes; default: nothing. */
  info?: Uint8Array;
}

/** A system that the samples of a stream have values of. */
export type PayloadExtension = PayloadExtensionName | OwnPayloadExtension;

/** The values of one sample, for the systems that its stream declares. `sampleDuration` is its `duration`. */
export interface SampleExtensions {
  /** Must be given where the stream declares `"timecode"`. */
  timecode?: Timecode;
  /** Name of the file that the sample is, without a path, at most 113 characters; default: no name. */
  fileName?: string;
  /** Default: no flag. */
  contentType?: ContentType;
  /** Shape of a pixel, each 1–255; default: unknown. */
  pixelAspectRatio?: { x: number; y: number };
  /** Values of own systems, by GUID as it is declared. One of a fixed size must be given; another is empty by default. */
  own?: Record<string, Uint8Array>;
}
