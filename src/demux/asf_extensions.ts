/**
 * Payload extensions of an ASF stream ([ASF] 4.1, 7.3.2) as its configuration declares them, and as samples carry them.
 *
 * @module
 */

import { type AsfExtensions, type AsfTimecode, isTimecode } from "../inspect/asf/extension_values.ts";
import { GUID } from "../inspect/asf/guid.ts";
import type { AsfStream } from "../inspect/asf/header.ts";
import type { AsfSample } from "../inspect/asf/sample_assembler.ts";
import type {
  OwnPayloadExtension,
  PayloadExtensionName,
  SampleExtensions,
  Timecode,
} from "../media/payload_extension.ts";
import type { StreamSample } from "../media/sample.ts";

const VARIABLE = 0xffff;
/** What a writer takes of them: seven, and 223 bytes of the 255 that replicated data have. */
const MAX_COUNT = 7;
const MAX_BYTES = 223;
const LENGTH_BYTES = 2;
const NUL_BYTES = 2;
const MAX_INFO_BYTES = 65_535;

/** Systems that have a name: it, and the size of a value. */
const NAMED: Readonly<Record<string, readonly [PayloadExtensionName, number]>> = {
  [GUID.timecodeExtension]: ["timecode", 14],
  [GUID.sampleDurationExtension]: ["sampleDuration", 2],
  [GUID.fileNameExtension]: ["fileName", VARIABLE],
  [GUID.contentTypeExtension]: ["contentType", 1],
  [GUID.pixelAspectRatioExtension]: ["pixelAspectRatio", 2],
};

/** FFmpeg knows two systems by the first byte of their GUIDs: nobody may write others that begin so. */
const TAKEN_FIRST_BYTES = /^......(2A|54)/;

const NO_TIMECODE: Timecode = { hours: 0, minutes: 0, seconds: 0, frames: 0 };

/** The systems of one stream that can be written again. */
export class CarriedExtensions {
  /** As the stream's configuration declares them. */
  readonly declared: readonly (PayloadExtensionName | OwnPayloadExtension)[];
  /** What is left behind, one line each. */
  readonly warnings: readonly string[];
  readonly #leastBytes: number;
  /** Of a frame, as the header says; 0: it does not. */
  readonly #frameMs: number;
  #lastDurationMs = 0;

  /** @param wanted Whether a system is to be carried. */
  constructor({ extended, kind, streamNumber }: AsfStream, wanted: (system: string) => boolean) {
    const declared: (PayloadExtensionName | OwnPayloadExtension)[] = [];
    const warnings: string[] = [];
    const seen = new Set<string>([GUID.dvrMsTiming]);
    let byteCount = 0;
    for (const { system, dataBytes, info } of extended?.payloadExtensions ?? []) {
      if (seen.has(system) || !wanted(system)) continue;
      seen.add(system);
      const bytes = dataBytes === VARIABLE ? LENGTH_BYTES : dataBytes;
      const [name, wantedBytes] = NAMED[system] ?? [undefined, dataBytes];
      const isPossible = wantedBytes === dataBytes && bytes > 0 && info.byteLength <= MAX_INFO_BYTES &&
        (name !== undefined || !TAKEN_FIRST_BYTES.test(system));
      if (!isPossible || declared.length === MAX_COUNT || byteCount + bytes > MAX_BYTES) {
        warnings.push(`Stream ${streamNumber}: values of payload extension ${name ?? system} are not carried over`);
        continue;
      }
      byteCount += bytes;
      declared.push(
        name ?? {
          guid: system,
          size: dataBytes === VARIABLE ? "variable" : dataBytes,
          ...info.byteLength > 0 && { info: info.slice() },
        },
      );
    }
    this.declared = declared;
    this.warnings = warnings;
    this.#leastBytes = byteCount;
    this.#frameMs = kind === "video" ? Math.round((extended?.frameTicks ?? 0) / 10_000) : 0;
  }

  /**
   * µs. Windows Media Format 9 says 1 ms of all objects but those at a packet's beginning: then it is what the header says
   * of a frame, or what the one before had.
   */
  #durationOf({ sampleDurationMs = 0 }: AsfExtensions): number {
    if (sampleDurationMs > 1) this.#lastDurationMs = sampleDurationMs;
    return 1000 * (sampleDurationMs > 1 ? sampleDurationMs : this.#frameMs || this.#lastDurationMs || sampleDurationMs);
  }

  /** What a sample carries; where it lacks a value that must be there, one that says nothing. */
  valuesOf({ extensions: values = {} }: AsfSample): Pick<StreamSample, "extensions" | "duration"> {
    const extensions: SampleExtensions = {};
    let duration: number | null = null;
    let room = MAX_BYTES - this.#leastBytes;
    for (const one of this.declared) {
      if (one === "timecode") extensions.timecode = timecodeOf(values.timecode);
      else if (one === "sampleDuration") duration = this.#durationOf(values);
      else if (one === "contentType") extensions.contentType = values.contentType ?? {};
      else if (one === "pixelAspectRatio") {
        if (values.pixelAspectRatio?.x && values.pixelAspectRatio.y) {
          extensions.pixelAspectRatio = values.pixelAspectRatio;
        }
      } else if (one === "fileName") {
        const name = (values.fileName ?? "").slice(0, Math.max(0, room - NUL_BYTES >> 1));
        if (name !== "") extensions.fileName = name;
        room -= name === "" ? 0 : 2 * name.length + NUL_BYTES;
      } else {
        const value = ownValue(one, values, room);
        (extensions.own ??= {})[one.guid] = value;
        if (one.size === "variable") room -= value.byteLength;
      }
    }
    return { extensions, duration };
  }
}

function ownValue({ guid, size }: OwnPayloadExtension, values: AsfExtensions, room: number): Uint8Array {
  const value = guid === GUID.cleanPointExtension && values.isCleanPoint !== undefined
    ? new Uint8Array([Number(values.isCleanPoint)])
    : values.others?.[guid];
  if (size !== "variable") return value ?? new Uint8Array(size);
  return value !== undefined && value.byteLength <= room ? value : new Uint8Array();
}

/** BCD 0xHHMMSSFF; what is no time of day says nothing. */
function timecodeOf(stored: AsfTimecode | undefined): Timecode {
  if (stored === undefined) return NO_TIMECODE;
  const { bcd, range, userBits, flags } = stored;
  if (!isTimecode(bcd)) return { ...NO_TIMECODE, range, userBits, flags };
  const [hours, minutes, seconds, frames] = [24, 16, 8, 0].map((shift) => decimal(bcd >>> shift & 0xff));
  return { hours: hours!, minutes: minutes!, seconds: seconds!, frames: frames!, range, userBits, flags };
}

/** Two decimal digits. */
function decimal(bcd: number): number {
  return 10 * (bcd >> 4) + (bcd & 15);
}
