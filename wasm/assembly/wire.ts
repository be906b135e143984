// The bytes of a packet ([ASF] 5.2). Everything here is little-endian and packed.
//
//   single payload                     several payloads
//   82 00 00   error correction        82 00 00
//   LL         length types            LL
//   5D         property flags          5D
//   [pad]      BYTE, if needed         pad     BYTE, always; widened to WORD on closing if need be
//   DWORD      send time, ms           DWORD
//   WORD       duration, ms            WORD
//   payload                            80 | n  WORD payload lengths, n payloads
//                                      n × (payload header, WORD length, data)
//                                      zeros
//
//   payload header
//   BYTE stream | key << 7 · BYTE object number · DWORD offset · BYTE replicated length
//   DWORD object size · DWORD presentation time · [8 zero bytes, QWORD presentation time in 100 ns, 8 zero
//   bytes] · [other extensions]

import { EXTENSION } from "../../src/core/abi.ts";

/** Prefix without a padding field. */
export const SINGLE_PREFIX_BYTES: u32 = 11;
/** Prefix with a BYTE padding field and the payload count. */
export const MULTIPLE_PREFIX_BYTES: u32 = 13;
/** Payload header without extension and length. */
export const PAYLOAD_BYTES: u32 = 15;
/** The timing extension. FFmpeg reads so much of it whatever size it is declared with, and cannot go back in a stream. */
export const EXTENSION_BYTES: u32 = 24;
/** The payload count has six bits. */
export const PAYLOAD_COUNT_MAX: u32 = 63;
/** The duration is a WORD. */
export const DURATION_MAX_MS: u32 = 65535;

const ERROR_CORRECTION: u32 = 0x000082;
/** Width codes BYTE for replicated length, object number and stream number, DWORD for the offset. */
const PROPERTY_FLAGS: u32 = 0x5d;
/** Replicated data: object size and presentation time. */
const REPLICATED_BYTES: u32 = 8;
/** Payload lengths are WORDs. */
const PAYLOAD_LENGTH_WORD: u32 = 0x80;

/** Writes a packet's prefix. `paddingField`: size of that field, 0, 1 or 2, which is also its width code. */
export function writePrefix(
  at: usize,
  isMultiple: bool,
  paddingField: u32,
  paddingBytes: u32,
  sendTimeMs: u32,
  durationMs: u32,
  payloadCount: u32,
): void {
  const lengthTypes: u32 = u32(isMultiple) | paddingField << 3;
  store<u32>(at, ERROR_CORRECTION | lengthTypes << 24);
  store<u8>(at, PROPERTY_FLAGS, 4);
  // As if it were a WORD: what the field does not have is overwritten by the send time.
  store<u16>(at, paddingBytes, 5);
  at += 5 + paddingField;
  store<u32>(at, sendTimeMs);
  store<u16>(at, durationMs, 4);
  if (isMultiple) store<u8>(at, PAYLOAD_LENGTH_WORD | payloadCount, 6);
}

/** Reads the send time back out of a finished packet. */
export function sendTimeAt(packet: usize): u32 {
  return load<u32>(packet + 5 + (load<u8>(packet, 3) >> 3));
}

/** Writes a payload header up to the payload length. Returns the address behind it. */
export function writePayload(
  at: usize,
  stream: u32,
  objectNumber: u32,
  offset: u32,
  objectBytes: u32,
  presentationMs: u32,
  hasExtension: bool,
  presentationTicks: u64,
): usize {
  store<u8>(at, stream);
  store<u8>(at, objectNumber, 1);
  store<u32>(at, offset, 2);
  store<u32>(at, objectBytes, 7);
  store<u32>(at, presentationMs, 11);
  if (!hasExtension) {
    store<u8>(at, REPLICATED_BYTES, 6);
    return at + PAYLOAD_BYTES;
  }
  store<u8>(at, REPLICATED_BYTES + EXTENSION_BYTES, 6);
  store<u64>(at, 0, 15);
  store<u64>(at, presentationTicks, 23);
  store<u64>(at, 0, 31);
  return at + PAYLOAD_BYTES + EXTENSION_BYTES;
}

/** Appends the extension data that stand in EXTENSION to a payload header. Returns the address behind it. */
export function writeExtension(header: usize, at: usize, bytes: u32): usize {
  store<u8>(header, load<u8>(header, 6) + bytes, 6);
  memory.copy(at, EXTENSION + 4, bytes);
  return at + bytes;
}
