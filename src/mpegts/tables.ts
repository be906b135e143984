/**
 * The tables that say what is in a transport stream ([ISO 13818-1] 2.4.4, [EN 300 468] 5.2.3), cut into packets.
 *
 * ```text
 * program association   PID 0       program 1 → its map
 * program map           PID 1000    PID of the clock · per stream: type, PID, descriptors
 * service description   PID 11      the name of program 1, where it has one
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { crc32Msb } from "../bytes/crc32_msb.ts";
import { PACKET_BYTES, SYNC_BYTE } from "./packet.ts";

/** `transport_stream_id`, `program_number`: there is one of each. */
const TRANSPORT_STREAM = 1;
const PROGRAM = 1;
/** For networks that are nobody's ([TS 101 162]). */
const ORIGINAL_NETWORK = 0xFF01;

const PROGRAM_ASSOCIATION_PID = 0;
const SERVICE_DESCRIPTION_PID = 0x11;
const PROGRAM_MAP_PID = 0x1000;

const DIGITAL_TELEVISION = 1;
const DIGITAL_RADIO = 2;
/** Text behind this byte is UTF-8 ([EN 300 468] Annex A). */
const UTF8_TEXT = 0x15;
/** The lengths of names and of descriptors have eight bits. */
export const MAX_SERVICE_NAME_BYTES = 240;

/** A stream in the program map. */
export interface MapEntry {
  readonly pid: number;
  readonly streamType: number;
  readonly descriptors: readonly number[];
  /** ISO 639-2, "und" where it is not known. */
  readonly language: string;
  readonly isAudio: boolean;
}

/** One table's packets. Their continuity counters are set as they are written. */
export interface TablePackets {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the last packet written. */
  counter: number;
}

/** Where the map is. */
export function programAssociation(): TablePackets {
  return table(PROGRAM_ASSOCIATION_PID, 0x00, TRANSPORT_STREAM, (w) => {
    w.u16(PROGRAM);
    w.u16(0xE000 | PROGRAM_MAP_PID);
  });
}

/** What the streams are. */
export function programMap(clockPid: number, streams: readonly MapEntry[]): TablePackets {
  return table(PROGRAM_MAP_PID, 0x02, PROGRAM, (w) => {
    w.u16(0xE000 | clockPid);
    w.u16(0xF000); // nothing about the program
    for (const { pid, streamType, descriptors, language, isAudio } of streams) {
      const own = [...descriptors];
      // ISO_639_language_descriptor, of no special audience.
      if (isAudio && language !== "und") own.push(0x0A, 4, ...[...language].map((letter) => letter.charCodeAt(0)), 0);
      w.u8(streamType);
      w.u16(0xE000 | pid);
      w.u16(0xF000 | own.length);
      w.bytes(own);
    }
  });
}

/** What it is called. */
export function serviceDescription(name: string, hasVideo: boolean): TablePackets {
  return table(SERVICE_DESCRIPTION_PID, 0x42, TRANSPORT_STREAM, (w) => {
    const text = cutText(name);
    w.u16(ORIGINAL_NETWORK);
    w.u8(0xFF);
    w.u16(PROGRAM);
    w.u8(0xFC); // no schedule, nothing about what is on
    w.u16(0x8000 | 2 + 3 + 1 + text.byteLength); // running
    w.u8(0x48);
    w.u8(3 + 1 + text.byteLength);
    w.u8(hasVideo ? DIGITAL_TELEVISION : DIGITAL_RADIO);
    w.u8(0); // no provider
    w.u8(1 + text.byteLength);
    w.u8(UTF8_TEXT);
    w.bytes(text);
  });
}

/** As many whole characters as there is room for. */
function cutText(text: string): Uint8Array {
  const room = new Uint8Array(MAX_SERVICE_NAME_BYTES);
  return room.subarray(0, new TextEncoder().encodeInto(text, room).written);
}

/** A section of a table, current and alone, in packets of its own. */
function table(pid: number, tableId: number, extension: number, writeBody: (w: ByteWriter) => void): TablePackets {
  const w = new ByteWriter("big");
  w.u8(tableId);
  w.u16(0);
  w.u16(extension);
  w.u8(0xC1); // version 0, current
  w.u16(0); // section 0 of 0
  writeBody(w);
  const lengthAt = 1;
  const sectionLength = w.offset - lengthAt - 2 + 4;
  const flags = tableId === 0x42 ? 0xF000 : 0xB000;
  const section = w.written;
  section[lengthAt] = (flags | sectionLength) >> 8;
  section[lengthAt + 1] = sectionLength & 0xFF;
  w.u32(crc32Msb(section, 0xFFFF_FFFF));
  return { bytes: packetize(pid, w.written), counter: 15 };
}

function packetize(pid: number, section: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = Math.ceil((1 + section.byteLength) / (PACKET_BYTES - 4));
  const bytes = new Uint8Array(count * PACKET_BYTES).fill(0xFF);
  for (let i = 0, taken = 0; i < count; i++) {
    const at = i * PACKET_BYTES;
    bytes.set([SYNC_BYTE, (i === 0 ? 0x40 : 0) | pid >> 8, pid & 0xFF, 0x10], at);
    const start = i === 0 ? at + 5 : at + 4;
    if (i === 0) bytes[at + 4] = 0; // the section begins at once
    const part = section.subarray(taken, taken + at + PACKET_BYTES - start);
    bytes.set(part, start);
    taken += part.byteLength;
  }
  return bytes;
}
