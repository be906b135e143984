/**
 * Extended Stream Properties ([ASF] 4.1) and the Language List ([ASF] 4.6).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** One payload extension system: what each payload of a stream carries beside size and time. */
export interface PayloadExtension {
  /** GUID of the system. */
  readonly system: string;
  /** Bytes in each payload; 0xFFFF: each is preceded by a WORD length. */
  readonly dataBytes: number;
  /** The system's own information. */
  readonly info: Uint8Array;
}

/** Extended Stream Properties Object ([ASF] 4.1). Buffer sizes are times. */
export interface ExtendedStreamProperties {
  /** Time of the first object, preroll included; 0: unspecified. */
  readonly startTimeMs: number;
  /** End of the last object, preroll included; 0: unspecified. */
  readonly endTimeMs: number;
  /** Leaky bucket: average rate. */
  readonly bitsPerSecond: number;
  /** Leaky bucket: size. */
  readonly bufferMs: number;
  /** Leaky bucket: fullness at the start. */
  readonly initialBufferMs: number;
  /** Peak leaky bucket: rate. */
  readonly alternateBitsPerSecond: number;
  /** Peak leaky bucket: size. */
  readonly alternateBufferMs: number;
  /** Peak leaky bucket: fullness at the start. */
  readonly alternateInitialBufferMs: number;
  /** Largest media object; 0: unknown. */
  readonly maxObjectBytes: number;
  /** Bit 0 reliable, 1 seekable, 2 no clean points, 3 resend live clean points. */
  readonly flags: number;
  /** The stream, 1–127. */
  readonly streamNumber: number;
  /** Index into the Language List. */
  readonly languageIndex: number;
  /** Average time of a media object, 100 ns; 0: unknown. */
  readonly frameTicks: number;
  /** Names of the stream in some languages. */
  readonly names: readonly { readonly languageIndex: number; readonly name: string }[];
  /** Extension systems, in the order of their data in each payload. */
  readonly payloadExtensions: readonly PayloadExtension[];
}

/** Reads an Extended Stream Properties Object up to the Stream Properties Object that may follow inside it. */
export function readExtendedStreamProperties(c: Cursor): ExtendedStreamProperties {
  const fixed = {
    startTimeMs: c.u64(),
    endTimeMs: c.u64(),
    bitsPerSecond: c.u32(),
    bufferMs: c.u32(),
    initialBufferMs: c.u32(),
    alternateBitsPerSecond: c.u32(),
    alternateBufferMs: c.u32(),
    alternateInitialBufferMs: c.u32(),
    maxObjectBytes: c.u32(),
    flags: c.u32(),
    streamNumber: c.u16(),
    languageIndex: c.u16(),
    frameTicks: c.u64(),
  };
  const nameCount = c.u16();
  const extensionCount = c.u16();
  return {
    ...fixed,
    names: c.list(nameCount, () => ({ languageIndex: c.u16(), name: c.text(c.u16()) })),
    payloadExtensions: c.list(extensionCount, () => ({
      system: c.guid(),
      dataBytes: c.u16(),
      info: c.bytes(c.u32()),
    })),
  };
}

/** Language List Object ([ASF] 4.6). */
export interface LanguageList {
  /** Language tags; other objects name them by position. */
  readonly languages: readonly string[];
}

/** Reads the body of a Language List Object. */
export function readLanguageList(c: Cursor): LanguageList {
  return { languages: c.list(c.u16(), () => c.text(c.u8())) };
}
