/**
 * What a sample carries beside its bytes and times: the values of payload extension systems ([ASF] 7.3.2).
 *
 * @module
 */

import { u16At, u32At } from "../cursor.ts";
import { GUID } from "./guid.ts";

/** SMPTE time code of a sample. */
export interface AsfTimecode {
  /** As text: `"HH:MM:SS:FF"`. */
  readonly text: string;
  /** As stored: BCD 0xHHMMSSFF. */
  readonly bcd: number;
  /** Which run of the time code it belongs to. */
  readonly range: number;
  /** User bits. */
  readonly userBits: number;
  /** Flags. */
  readonly flags: number;
}

/** Values of the systems that are known, and the bytes of the others. */
export interface AsfExtensions {
  /** SMPTE time code. */
  readonly timecode?: AsfTimecode;
  /** How long the sample lasts. */
  readonly sampleDurationMs?: number;
  /** Name of the file that the sample is; empty: none. */
  readonly fileName?: string;
  /** How a picture is made of fields, as Windows has the flags. */
  readonly contentType?: {
    readonly interlaced: boolean;
    readonly topFieldFirst: boolean;
    readonly bottomFieldFirst: boolean;
    readonly repeatFirstField: boolean;
  };
  /** Shape of a pixel; 0: unknown. */
  readonly pixelAspectRatio?: { readonly x: number; readonly y: number };
  /** Whether a reader may start here. */
  readonly isCleanPoint?: boolean;
  /** What encrypted samples are counted by. */
  readonly encryptionSampleId?: Uint8Array;
  /** The rest by GUID, the DVR-MS timing apart. */
  readonly others?: Readonly<Record<string, Uint8Array>>;
}

const decoder = new TextDecoder("utf-16le", { ignoreBOM: true });

/** Values being gathered. */
export type ExtensionDraft = { -readonly [name in keyof AsfExtensions]: AsfExtensions[name] } & {
  others?: Record<string, Uint8Array>;
};
type Reader = (bytes: Uint8Array, values: ExtensionDraft) => void;

/** Size of a value, or -1 if it varies, and how it is read. */
const SYSTEMS: Readonly<Record<string, readonly [bytes: number, read: Reader]>> = {
  [GUID.timecodeExtension]: [14, (bytes, values) => values.timecode = timecode(bytes)],
  [GUID.sampleDurationExtension]: [2, (bytes, values) => values.sampleDurationMs = u16At(bytes, 0)],
  [GUID.fileNameExtension]: [-1, (bytes, values) => {
    values.fileName = decoder.decode(bytes.subarray(0, bytes.byteLength & ~1)).split("\0", 1)[0]!;
  }],
  [GUID.contentTypeExtension]: [1, ([flags], values) => {
    values.contentType = {
      interlaced: (flags! & 0x80) !== 0,
      topFieldFirst: (flags! & 0x40) !== 0,
      bottomFieldFirst: (flags! & 0x20) !== 0,
      repeatFirstField: (flags! & 0x10) !== 0,
    };
  }],
  [GUID.pixelAspectRatioExtension]: [2, ([x, y], values) => values.pixelAspectRatio = { x: x!, y: y! }],
  [GUID.cleanPointExtension]: [1, ([flag], values) => values.isCleanPoint = flag !== 0],
  [GUID.encryptionSampleIdExtension]: [8, (bytes, values) => values.encryptionSampleId = bytes],
};

/** Range u16 · BCD u32 · user bits u32 · flags u32. */
function timecode(bytes: Uint8Array): AsfTimecode {
  const bcd = u32At(bytes, 2);
  const text = bcd.toString(16).padStart(8, "0").replace(/(..)(?!$)/g, "$1:");
  return { text, bcd, range: u16At(bytes, 0), userBits: u32At(bytes, 6), flags: u32At(bytes, 10) };
}

/** Sets the value of one system: by name when it is known and of its size, else among the others. */
export function setValue(system: string, value: Uint8Array, values: ExtensionDraft): void {
  const [bytes, read] = SYSTEMS[system] ?? [0, undefined];
  if (read !== undefined && (bytes < 0 || bytes === value.byteLength)) read(value, values);
  else (values.others ??= {})[system] = value;
}

/** Whether these are two decimal digits each, of a time of day. */
export function isTimecode(bcd: number): boolean {
  const digits = bcd.toString(16).padStart(8, "0");
  return /^([01]\d|2[0-3])[0-5]\d[0-5]\d\d\d$/.test(digits);
}
