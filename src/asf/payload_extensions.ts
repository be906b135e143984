/**
 * Payload extension systems ([ASF] 4.1, 7.3.2): what a stream declares, and what each payload of an object carries then
 * behind size and time.
 *
 * ```text
 * fixed size     data
 * variable size  size u16 · data
 * ```
 *
 * Systems of a fixed size come first, whatever order they are declared in: their data stand at the same place in every
 * payload.
 *
 * @module
 */

import { EXTENSION_BYTES_MAX } from "../core/abi.ts";
import { MuxError } from "../errors.ts";
import type {
  ContentType,
  OwnPayloadExtension,
  PayloadExtension,
  PayloadExtensionName,
  SampleExtensions,
  Timecode,
} from "../media/payload_extension.ts";
import { guidBytes, isGuid } from "./guid.ts";
import * as GUID from "./guids.ts";
import { VARIABLE_SIZE } from "../packets/timing_extension.ts";
import type { PayloadExtensionSystem } from "./objects/extended_stream_properties.ts";

/** What FFmpeg keeps of a stream is eight, and the timing extension is one. */
const MAX_SYSTEM_COUNT = 7;
const MAX_INFO_BYTES = 65_535;
/** What else every payload needs of a packet: prefix, header with the timing extension, length, and data to speak of. */
export const PAYLOAD_ROOM_BYTES = 64;
const LENGTH_BYTES = 2;
/** FFmpeg knows the timing extension and the pixel aspect ratio by the first byte, and by nothing else of them. */
const KNOWN_BY_FIRST_BYTE: readonly Uint8Array[] = [GUID.timingExtension, GUID.pixelAspectRatio];

/** The named systems: GUID, and size of the data. */
const NAMED: Readonly<Record<PayloadExtensionName, readonly [guid: Uint8Array, dataBytes: number]>> = {
  timecode: [GUID.timecode, 14],
  sampleDuration: [GUID.sampleDuration, 2],
  fileName: [GUID.fileName, VARIABLE_SIZE],
  contentType: [GUID.contentType, 1],
  pixelAspectRatio: [GUID.pixelAspectRatio, 2],
};

const FIELD_FLAGS = [["interlaced", 0x80], ["topFieldFirst", 0x40], ["bottomFieldFirst", 0x20], [
  "repeatFirstField",
  0x10,
]] as const satisfies readonly (readonly [keyof ContentType, number])[];

/** Why a stream cannot declare these in packets of that size, one line each. */
export function payloadExtensionProblems(extensions: readonly PayloadExtension[] = [], packetBytes: number): string[] {
  if (!Array.isArray(extensions)) return ["payloadExtensions must be a list"];
  const problems = extensions.flatMap(problemsOf);
  if (problems.length > 0) return problems;
  if (extensions.length > MAX_SYSTEM_COUNT) {
    problems.push(`payloadExtensions must be at most ${MAX_SYSTEM_COUNT}, got ${extensions.length}`);
  }
  const names = extensions.map((one) => typeof one === "string" ? one : one.guid.toUpperCase());
  if (new Set(names).size < names.length) problems.push("payloadExtensions must differ from each other");
  const bytes = leastBytes(extensions.map(systemOf));
  if (bytes > EXTENSION_BYTES_MAX) {
    problems.push(`payloadExtensions must take at most ${EXTENSION_BYTES_MAX} bytes a sample, got ${bytes}`);
  } else if (bytes > 0 && bytes + PAYLOAD_ROOM_BYTES > packetBytes) {
    const least = bytes + PAYLOAD_ROOM_BYTES;
    problems.push(`payloadExtensions of ${bytes} bytes need a packetBytes of at least ${least}, got ${packetBytes}`);
  }
  return problems;
}

function problemsOf(extension: PayloadExtension): string[] {
  if (typeof extension === "string") {
    return Object.hasOwn(NAMED, extension) ? [] : [`payload extension ${JSON.stringify(extension)} is not known`];
  }
  if (typeof extension !== "object" || extension === null || !isGuid(String(extension.guid))) {
    return [`a payload extension must be one of ${Object.keys(NAMED).join(", ")}, or have a GUID`];
  }
  const { guid, size, info } = extension;
  const problems: string[] = [];
  if (KNOWN_BY_FIRST_BYTE.some(([first]) => first === guidBytes(guid)[0])) {
    problems.push(`payload extension ${guid} is one that FFmpeg takes for another`);
  } else if (Object.values(NAMED).some(([known]) => isSame(known, guidBytes(guid)))) {
    problems.push(`payload extension ${guid} has a name, by which it must be declared`);
  }
  if (size !== "variable" && !(Number.isInteger(size) && size >= 1 && size <= EXTENSION_BYTES_MAX)) {
    problems.push(`payload extension ${guid}: size must be whole and within 1–${EXTENSION_BYTES_MAX}, got ${size}`);
  }
  if (info !== undefined && !(info instanceof Uint8Array && info.byteLength <= MAX_INFO_BYTES)) {
    problems.push(`payload extension ${guid}: info must be a Uint8Array of at most ${MAX_INFO_BYTES} bytes`);
  }
  return problems;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

function systemOf(extension: PayloadExtension): PayloadExtensionSystem {
  if (typeof extension === "string") {
    const [guid, dataBytes] = NAMED[extension];
    return { guid, dataBytes };
  }
  const { guid, size, info } = extension;
  return { guid: guidBytes(guid), dataBytes: size === "variable" ? VARIABLE_SIZE : size, info };
}

function leastBytes(systems: readonly PayloadExtensionSystem[]): number {
  return systems.reduce((sum, { dataBytes }) => sum + (dataBytes === VARIABLE_SIZE ? LENGTH_BYTES : dataBytes), 0);
}

/** The systems of one stream. */
export class StreamExtensions {
  /** In the order of their data. */
  readonly systems: readonly PayloadExtensionSystem[];
  /** What a sample takes at least. */
  readonly leastBytes: number;
  /** Where in the data the time code is; -1: nowhere. */
  readonly timecodeAt: number;
  readonly #streamNumber: number;
  /** Those of a fixed size, and how large all of them are. */
  readonly #fixed: readonly PayloadExtension[];
  readonly #fixedBytes: number;
  readonly #variable: readonly PayloadExtension[];
  readonly #names: ReadonlySet<string>;
  readonly #guids: ReadonlySet<string>;

  /** @param extensions Without {@linkcode payloadExtensionProblems}, at least one. */
  constructor(streamNumber: number, extensions: readonly PayloadExtension[]) {
    this.#streamNumber = streamNumber;
    const isVariable = (one: PayloadExtension) => systemOf(one).dataBytes === VARIABLE_SIZE;
    this.#fixed = extensions.filter((one) => !isVariable(one));
    this.#variable = extensions.filter(isVariable);
    this.systems = [...this.#fixed, ...this.#variable].map(systemOf);
    this.leastBytes = leastBytes(this.systems);
    this.#fixedBytes = leastBytes(this.#fixed.map(systemOf));
    const timecode = this.#fixed.indexOf("timecode");
    this.timecodeAt = timecode < 0 ? -1 : leastBytes(this.systems.slice(0, timecode));
    this.#names = new Set(extensions.filter((one) => typeof one === "string"));
    this.#guids = new Set(extensions.flatMap((one) => typeof one === "string" ? [] : [one.guid]));
  }

  /**
   * What the payloads of one sample carry.
   *
   * @param duration Microseconds; negative: unknown.
   * @param mostBytes What has room in a packet.
   * @throws {TypeError} If a value is missing, not declared, or not of its type.
   * @throws {RangeError} If a value is out of its range.
   * @throws {MuxError} `too-large` if they are more than replicated data or a packet can hold.
   */
  encode(values: SampleExtensions, duration: number, mostBytes: number): Uint8Array<ArrayBuffer> {
    this.#checkDeclared(values);
    const variable = this.#variable.map((one) => this.#variableValue(one, values));
    const byteLength = variable.reduce((sum, value) => sum + LENGTH_BYTES + value.byteLength, this.#fixedBytes);
    const most = Math.min(EXTENSION_BYTES_MAX, mostBytes);
    if (byteLength > most) {
      const found = `its extensions must have at most ${most} bytes, got ${byteLength}`;
      throw new MuxError("too-large", `${this.#action}: ${found}`, { streamNumber: this.#streamNumber });
    }
    const bytes = new Uint8Array(byteLength);
    let at = 0;
    for (const one of this.#fixed) at = this.#writeFixed(one, values, duration, bytes, at);
    for (const value of variable) {
      at = writeU16(bytes, at, value.byteLength);
      bytes.set(value, at);
      at += value.byteLength;
    }
    return bytes;
  }

  get #action(): string {
    return `Cannot write sample to stream ${this.#streamNumber}`;
  }

  #checkDeclared(values: SampleExtensions): void {
    for (const name in values) {
      if (name === "own" || values[name as keyof SampleExtensions] === undefined || this.#names.has(name)) continue;
      this.#refuseStranger(name);
    }
    for (const guid in values.own) if (!this.#guids.has(guid)) this.#refuseStranger(guid);
  }

  #refuseStranger(name: string): never {
    throw new TypeError(`${this.#action}: the stream declares no payload extension ${name}`);
  }

  /** Answers where the value ends. */
  #writeFixed(
    extension: PayloadExtension,
    values: SampleExtensions,
    duration: number,
    bytes: Uint8Array,
    at: number,
  ): number {
    switch (extension) {
      case "timecode":
        return this.#writeTimecode(values.timecode, bytes, at);
      case "sampleDuration":
        return this.#writeDuration(duration, bytes, at);
      case "contentType":
        bytes[at] = flagsOf(values.contentType);
        return at + 1;
      case "pixelAspectRatio":
        return this.#writeAspect(values.pixelAspectRatio, bytes, at);
      default: {
        const value = this.#ownValue(extension as OwnPayloadExtension, values);
        bytes.set(value, at);
        return at + value.byteLength;
      }
    }
  }

  #variableValue(extension: PayloadExtension, values: SampleExtensions): Uint8Array {
    return extension === "fileName"
      ? this.#fileName(values.fileName)
      : this.#ownValue(extension as OwnPayloadExtension, values);
  }

  /** Range u16 · time code u32, two decimal digits a byte, HHMMSSFF · user bits u32 · flags u32. */
  #writeTimecode(timecode: Timecode | undefined, bytes: Uint8Array, at: number): number {
    if (typeof timecode !== "object" || timecode === null) this.#refuseType("extensions.timecode", "be given");
    const { hours, minutes, seconds, frames, range = 0, userBits = 0, flags = 0 } = timecode;
    at = writeU16(bytes, at, this.#whole("timecode.range", range, 0xffff));
    bytes[at++] = decimal(this.#whole("timecode.frames", frames, 99));
    bytes[at++] = decimal(this.#whole("timecode.seconds", seconds, 59));
    bytes[at++] = decimal(this.#whole("timecode.minutes", minutes, 59));
    bytes[at++] = decimal(this.#whole("timecode.hours", hours, 23));
    at = writeU32(bytes, at, this.#whole("timecode.userBits", userBits, 0xffff_ffff));
    return writeU32(bytes, at, this.#whole("timecode.flags", flags, 0xffff_ffff));
  }

  /** Milliseconds u16. */
  #writeDuration(duration: number, bytes: Uint8Array, at: number): number {
    if (duration < 0) this.#refuseType("duration", "be given, since a payload extension says it");
    return writeU16(bytes, at, this.#whole("duration in ms", Math.round(duration / 1000), 0xffff));
  }

  /** Horizontal u8 · vertical u8. */
  #writeAspect(aspect: { x: number; y: number } | undefined, bytes: Uint8Array, at: number): number {
    if (aspect !== undefined) {
      bytes[at] = this.#whole("pixelAspectRatio.x", aspect.x, 255, 1);
      bytes[at + 1] = this.#whole("pixelAspectRatio.y", aspect.y, 255, 1);
    }
    return at + 2;
  }

  /** UTF-16, with its end. */
  #fileName(name = ""): Uint8Array {
    if (typeof name !== "string") this.#refuseType("extensions.fileName", "be a string");
    if (name === "") return new Uint8Array(0);
    const text = name.toWellFormed();
    const bytes = new Uint8Array(2 * text.length + 2);
    for (let i = 0; i < text.length; i++) writeU16(bytes, 2 * i, text.charCodeAt(i));
    return bytes;
  }

  #ownValue({ guid, size }: OwnPayloadExtension, { own }: SampleExtensions): Uint8Array {
    const value = own?.[guid];
    if (value === undefined && size === "variable") return new Uint8Array(0);
    if (!(value instanceof Uint8Array)) this.#refuseType(`extensions.own["${guid}"]`, "be a Uint8Array");
    if (size === "variable" || value.byteLength === size) return value;
    throw new RangeError(
      `${this.#action}: extensions.own["${guid}"] must have ${size} bytes, got ${value.byteLength}`,
    );
  }

  #whole(name: string, value: number, most: number, least = 0): number {
    if (typeof value !== "number") this.#refuseType(name, `be a number, got ${typeof value}`);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new RangeError(`${this.#action}: ${name} must be whole and within ${least}–${most}, got ${value}`);
  }

  #refuseType(name: string, fact: string): never {
    throw new TypeError(`${this.#action}: ${name} must ${fact}`);
  }
}

/** Two decimal digits. */
function decimal(value: number): number {
  return Math.floor(value / 10) << 4 | value % 10;
}

function flagsOf(type: ContentType = {}): number {
  return FIELD_FLAGS.reduce((flags, [name, bit]) => flags | (type[name] ? bit : 0), 0);
}

function writeU16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  return at + 2;
}

function writeU32(bytes: Uint8Array, at: number, value: number): number {
  writeU16(bytes, at, value);
  return writeU16(bytes, at + 2, value >>> 16);
}
