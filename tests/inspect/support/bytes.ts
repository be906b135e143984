/** Builds ASF bytes from the layouts of the specification, without any code of the project. */

/** Bytes, or hexadecimal digits with any spacing. */
export type Part = Uint8Array | string;

export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replaceAll(/\s/g, ""));
}

export function join(...parts: Part[]): Uint8Array<ArrayBuffer> {
  const all = parts.map((part) => typeof part === "string" ? hex(part) : part);
  const joined = new Uint8Array(all.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}

function integer(byteCount: number, value: number | bigint): Uint8Array {
  const wide = BigInt.asUintN(8 * byteCount, BigInt(value));
  return Uint8Array.from({ length: byteCount }, (_, at) => Number(wide >> BigInt(8 * at) & 0xffn));
}

export const u8 = (value: number): Uint8Array => integer(1, value);
export const u16 = (value: number): Uint8Array => integer(2, value);
export const u32 = (value: number): Uint8Array => integer(4, value);
export const u64 = (value: number | bigint): Uint8Array => integer(8, value);

/** UTF-16LE with its terminator. */
export function utf16(text: string): Uint8Array<ArrayBuffer> {
  return join(...Array.from({ length: text.length }, (_, at) => u16(text.charCodeAt(at))), u16(0));
}

/** A GUID in wire order. */
export function guid(text: string): Uint8Array {
  const [a, b, c, d, e] = text.split("-") as [string, string, string, string, string];
  const swapped = [a, b, c].map((group) => hex(group).reverse());
  return join(...swapped, d, e);
}

export function object(type: string, ...body: Part[]): Uint8Array<ArrayBuffer> {
  const bytes = join(...body);
  return join(guid(type), u64(24 + bytes.byteLength), bytes);
}

const NO_ERROR_CORRECTION = "20FB5700-5B55-11CF-A8FD-00805F5C442B";
const AUDIO = "F8699E40-5B4D-11CF-A8FD-00805F5C442B";
const VIDEO = "BC19EFC0-5B4D-11CF-A8FD-00805F5C442B";
export const FILE_ID = "12345678-9ABC-4DEF-8123-456789ABCDEF";

export interface FileOptions {
  fileBytes?: number;
  packetBytes?: number;
  minPacketBytes?: number;
  packetCount?: number;
  prerollMs?: number;
  flags?: number;
}

export function fileProperties(options: FileOptions = {}): Uint8Array {
  const { packetBytes = 128, prerollMs = 1000, flags = 2, packetCount = 0 } = options;
  return object(
    "8CABDCA1-A947-11CF-8EE4-00C00C205365",
    guid(FILE_ID),
    u64(options.fileBytes ?? 0),
    u64(133_000_000_000_000_000n),
    u64(packetCount),
    u64(10_100_000),
    u64(100_000),
    u64(prerollMs),
    u32(flags),
    u32(options.minPacketBytes ?? packetBytes),
    u32(packetBytes),
    u32(102_400),
  );
}

export function headerExtension(...children: Part[]): Uint8Array {
  const body = join(...children);
  return object(
    "5FBF03B5-A92E-11CF-8EE3-00C00C205365",
    guid("ABD3D211-A9BA-11CF-8EE6-00C00C205365"),
    u16(6),
    u32(body.byteLength),
    body,
  );
}

export function streamProperties(
  type: string,
  streamNumber: number,
  typeData: Part,
  errorCorrection: { type: string; data: Part } = { type: NO_ERROR_CORRECTION, data: "" },
): Uint8Array {
  const data = join(typeData);
  const correction = join(errorCorrection.data);
  return object(
    "B7DC0791-A9B7-11CF-8EE6-00C00C205365",
    guid(type),
    guid(errorCorrection.type),
    u64(0),
    u32(data.byteLength),
    u32(correction.byteLength),
    u16(streamNumber),
    u32(0xdeadbeef), // reserved: garbage in many files
    data,
    correction,
  );
}

/** 8 kHz, mono, unsigned 8-bit PCM. */
export function audioStream(streamNumber: number, errorCorrection?: { type: string; data: Part }): Uint8Array {
  return streamProperties(AUDIO, streamNumber, "0100 0100 401f0000 401f0000 0100 0800 0000", errorCorrection);
}

export function videoStream(streamNumber: number, fourCC = "WMV2", codecData: Part = ""): Uint8Array {
  const extra = join(codecData);
  const size = 40 + extra.byteLength;
  const compression = Uint8Array.from(fourCC, (one) => one.charCodeAt(0));
  const info = join(u32(size), u32(320), u32(240), u16(1), u16(24), compression, u32(230_400), new Uint8Array(16));
  return streamProperties(VIDEO, streamNumber, join(u32(320), u32(240), u8(2), u16(size), info, extra));
}

/** An Extended Stream Properties Object without names. */
export function extendedStream(
  streamNumber: number,
  systems: readonly { system: string; dataBytes: number }[],
  ...children: Part[]
): Uint8Array {
  return object(
    "14E6A5CB-C672-4332-8399-A96952065B5A",
    u64(1000),
    u64(2000),
    ...[64_008, 1451, 0, 96_000, 1600, 10, 2731, 2].map(u32),
    u16(streamNumber),
    u16(0),
    u64(400_000),
    u16(0),
    u16(systems.length),
    ...systems.map(({ system, dataBytes }) => join(guid(system), u16(dataBytes), u32(0))),
    ...children,
  );
}

export function header(...children: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return object(
    "75B22630-668E-11CF-A6D9-00AA0062CE6C",
    u32(children.length),
    u8(1),
    u8(2),
    ...children,
  );
}

/** The Data Object; `size` and `packetCount` as they are to be stored, by default as they are. */
export function data(
  packets: readonly Uint8Array[],
  stored: { size?: number; packetCount?: number } = {},
): Uint8Array<ArrayBuffer> {
  const body = join(...packets);
  return join(
    guid("75B22636-668E-11CF-A6D9-00AA0062CE6C"),
    u64(stored.size ?? 50 + body.byteLength),
    guid(FILE_ID),
    u64(stored.packetCount ?? packets.length),
    u16(0x0101),
    body,
  );
}

export interface PayloadOptions {
  stream: number;
  key?: boolean;
  object: number;
  offset?: number;
  size?: number;
  /** Stored time, ms. */
  time?: number;
  /** Payload extension data. */
  extension?: Part;
  data: Part;
}

/** A payload up to where its length would stand, and its data. */
function payload(options: PayloadOptions, withLength: boolean): Uint8Array {
  const bytes = join(options.data);
  const extension = join(options.extension ?? "");
  return join(
    u8(options.stream | (options.key ? 0x80 : 0)),
    u8(options.object),
    u32(options.offset ?? 0),
    u8(8 + extension.byteLength),
    u32(options.size ?? bytes.byteLength),
    u32(options.time ?? 1000),
    extension,
    withLength ? u16(bytes.byteLength) : "",
    bytes,
  );
}

/** A packet with several payloads, padded to `packetBytes` behind a WORD padding length. */
export function packet(
  payloads: readonly PayloadOptions[],
  { packetBytes = 128, sendTimeMs = 0, durationMs = 10 } = {},
): Uint8Array<ArrayBuffer> {
  const body = join(u8(0x80 | payloads.length), ...payloads.map((one) => payload(one, true)));
  const padding = packetBytes - 13 - body.byteLength;
  if (padding < 0) throw new RangeError(`payloads exceed the packet by ${-padding} bytes`);
  return join("82 00 00 11 5d", u16(padding), u32(sendTimeMs), u16(durationMs), body, new Uint8Array(padding));
}

/** `length` bytes that count up from `first`. */
export function counting(length: number, first = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => first + at);
}

/** A whole file with one PCM stream (1) and one video stream (2). */
export function file(packets: readonly Uint8Array[], options: FileOptions = {}, ...trailer: Uint8Array[]) {
  const head = header(
    fileProperties({ packetCount: packets.length, ...options }),
    headerExtension(),
    audioStream(1),
    videoStream(2),
  );
  return join(head, data(packets), ...trailer);
}

export function simpleIndex(intervalTicks: number, entries: readonly (readonly [number, number])[]): Uint8Array {
  return object(
    "33000890-E5B1-11CF-89F4-00A0C90349CB",
    guid(FILE_ID),
    u64(intervalTicks),
    u32(Math.max(0, ...entries.map(([, count]) => count))),
    u32(entries.length),
    ...entries.map(([number, count]) => join(u32(number), u16(count))),
  );
}
