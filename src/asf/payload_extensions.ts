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

import { ByteWriter } from "../bytes/byte_writer.ts";
import { equalBytes } from "../bytes/bytes.ts";
import { MAX_DWORD, MAX_WORD } from "../bytes/limits.ts";
import { EXTENSION_BYTES_MAX } from "../core/abi.ts";
import { sampleError } from "../errors.ts";
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
import { textBytes, writeText } from "./object.ts";
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

/** In stored order, each two decimal digits. */
const TIMECODE_FIELDS = [["frames", 99], ["seconds", 59], ["minutes", 59], ["hours", 23]] as const;

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
  } else if (Object.values(NAMED).some(([known]) => equalBytes(known, guidBytes(guid)))) {
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
  readonly #extensions: readonly PayloadExtension[];

  /** @param extensions Without {@linkcode payloadExtensionProblems}, at least one. */
  constructor(streamNumber: number, extensions: readonly PayloadExtension[]) {
    this.#streamNumber = streamNumber;
    const isVariable = (one: PayloadExtension) => systemOf(one).dataBytes === VARIABLE_SIZE;
    const ordered = extensions.toSorted((a, b) => Number(isVariable(a)) - Number(isVariable(b)));
    this.#extensions = ordered;
    this.systems = ordered.map(systemOf);
    this.leastBytes = leastBytes(this.systems);
    const timecode = ordered.indexOf("timecode");
    this.timecodeAt = timecode < 0 ? -1 : leastBytes(this.systems.slice(0, timecode));
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
    const w = new ByteWriter("little", new Uint8Array(this.leastBytes));
    for (const one of this.#extensions) this.#write(w, one, values, duration);
    const most = Math.min(EXTENSION_BYTES_MAX, mostBytes);
    if (w.offset > most) {
      const reason = `its extensions must have at most ${most} bytes, got ${w.offset}`;
      throw sampleError("too-large", this.#streamNumber, reason);
    }
    return w.written;
  }

  get #action(): string {
    return `Cannot write sample to stream ${this.#streamNumber}`;
  }

  #checkDeclared(values: SampleExtensions): void {
    const declared = this.#extensions;
    for (const name in values) {
      const isGiven = name !== "own" && values[name as keyof SampleExtensions] !== undefined;
      if (isGiven && !declared.includes(name as PayloadExtensionName)) this.#refuseStranger(name);
    }
    for (const guid in values.own) {
      if (!declared.some((one) => typeof one !== "string" && one.guid === guid)) this.#refuseStranger(guid);
    }
  }

  #refuseStranger(name: string): never {
    throw new TypeError(`${this.#action}: the stream declares no payload extension ${name}`);
  }

  #write(w: ByteWriter, extension: PayloadExtension, values: SampleExtensions, duration: number): void {
    switch (extension) {
      case "timecode":
        return this.#writeTimecode(w, values.timecode);
      case "sampleDuration": // milliseconds
        if (duration < 0) this.#refuseType("duration", "be given, since a payload extension says it");
        return w.u16(this.#whole("duration in ms", Math.round(duration / 1000), MAX_WORD));
      case "contentType":
        return w.u8(flagsOf(values.contentType));
      case "pixelAspectRatio": {
        const aspect = values.pixelAspectRatio;
        if (aspect === undefined) return w.u16(0);
        w.u8(this.#whole("pixelAspectRatio.x", aspect.x, 255, 1));
        return w.u8(this.#whole("pixelAspectRatio.y", aspect.y, 255, 1));
      }
      case "fileName":
        return this.#writeFileName(w, values.fileName);
      default: {
        const value = this.#ownValue(extension, values);
        if (extension.size === "variable") w.u16(value.byteLength);
        w.bytes(value);
      }
    }
  }

  /** Range u16 · time code u32, two decimal digits a byte, HHMMSSFF · user bits u32 · flags u32. */
  #writeTimecode(w: ByteWriter, timecode: Timecode | undefined): void {
    if (typeof timecode !== "object" || timecode === null) this.#refuseType("extensions.timecode", "be given");
    const { range = 0, userBits = 0, flags = 0 } = timecode;
    w.u16(this.#whole("timecode.range", range, MAX_WORD));
    for (const [field, most] of TIMECODE_FIELDS) {
      const value = this.#whole(`timecode.${field}`, timecode[field], most);
      w.u8(Math.floor(value / 10) << 4 | value % 10);
    }
    w.u32(this.#whole("timecode.userBits", userBits, MAX_DWORD));
    w.u32(this.#whole("timecode.flags", flags, MAX_DWORD));
  }

  /** Nothing rather than an empty text. */
  #writeFileName(w: ByteWriter, name = ""): void {
    if (typeof name !== "string") this.#refuseType("extensions.fileName", "be a string");
    w.u16(name === "" ? 0 : textBytes(name));
    if (name !== "") writeText(w, name);
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

function flagsOf(type: ContentType = {}): number {
  return FIELD_FLAGS.reduce((flags, [name, bit]) => flags | (type[name] ? bit : 0), 0);
}
