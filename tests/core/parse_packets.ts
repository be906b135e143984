/**
 * A reader of data packets written from [ASF] 5.2 alone: it knows nothing of the layout that the core prefers, honours
 * every field width, and refuses what the clause forbids.
 *
 * @module
 */

export interface Payload {
  streamNumber: number;
  isKey: boolean;
  objectNumber: number;
  offset: number;
  objectBytes: number;
  presentationMs: number;
  extension: Uint8Array;
  data: Uint8Array;
}

export interface Packet {
  isMultiple: boolean;
  /** Width code of the padding field: 0 absent, 1 BYTE, 2 WORD. */
  paddingType: number;
  paddingBytes: number;
  sendTimeMs: number;
  durationMs: number;
  payloads: Payload[];
}

/** Splits bytes into packets and parses each. */
export function parsePackets(bytes: Uint8Array, packetBytes: number): Packet[] {
  if (bytes.length % packetBytes !== 0) throw new Error(`${bytes.length} bytes are not whole packets`);
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; at += packetBytes) {
    packets.push(parsePacket(bytes.subarray(at, at + packetBytes)));
  }
  return packets;
}

export function parsePacket(bytes: Uint8Array): Packet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const byte = () => view.getUint8(at++);
  const word = () => view.getUint16((at += 2) - 2, true);
  const dword = () => view.getUint32((at += 4) - 4, true);
  const sized = (type: number, absent = 0) => type === 0 ? absent : type === 1 ? byte() : type === 2 ? word() : dword();

  if (byte() !== 0x82 || word() !== 0) throw new Error("error correction is not 82 00 00");
  const lengthTypes = byte();
  if (lengthTypes & 0x86) throw new Error(`sequence or bit 7 in length types ${lengthTypes.toString(16)}`);
  const propertyFlags = byte();
  if (propertyFlags !== 0x5d) throw new Error(`property flags ${propertyFlags.toString(16)}`);
  const packetLength = sized(lengthTypes >> 5 & 3, bytes.length);
  if (packetLength !== bytes.length) throw new Error(`packet length ${packetLength}`);
  const paddingType = lengthTypes >> 3 & 3;
  const paddingBytes = sized(paddingType);
  const sendTimeMs = dword();
  const durationMs = word();
  const end = bytes.length - paddingBytes;

  const isMultiple = (lengthTypes & 1) === 1;
  let count = 1;
  if (isMultiple) {
    const flags = byte();
    if (flags >> 6 !== 2) throw new Error("payload lengths are not WORDs");
    count = flags & 63;
    if (count === 0) throw new Error("no payloads");
  }
  const payloads: Payload[] = [];
  for (let i = 0; i < count; i++) {
    const stream = byte();
    const objectNumber = byte();
    const offset = dword();
    const replicatedBytes = byte();
    if (replicatedBytes < 8) throw new Error(`replicated data of ${replicatedBytes} bytes`);
    const objectBytes = dword();
    const presentationMs = dword();
    const extension = bytes.slice(at, at += replicatedBytes - 8);
    const length = isMultiple ? word() : end - at;
    if (length < 1 || at + length > end) throw new Error(`payload of ${length} bytes at ${at} of ${end}`);
    const data = bytes.slice(at, at += length);
    if (offset + length > objectBytes) throw new Error("fragment reaches past its object");
    payloads.push({
      streamNumber: stream & 127,
      isKey: stream > 127,
      objectNumber,
      offset,
      objectBytes,
      presentationMs,
      extension,
      data,
    });
  }
  if (at !== end) throw new Error(`payloads end at ${at}, padding begins at ${end}`);
  if (bytes.subarray(end).some((value) => value !== 0)) throw new Error("padding is not zero");
  return { isMultiple, paddingType, paddingBytes, sendTimeMs, durationMs, payloads };
}

/** A media object put together again. */
export interface RebuiltObject {
  streamNumber: number;
  objectNumber: number;
  presentationMs: number;
  isKey: boolean;
  extension: Uint8Array;
  bytes: Uint8Array;
  firstPacket: number;
  lastPacket: number;
}

/** Puts objects together, in the order in which they begin, and refuses what [ASF] 5.2.3 forbids of fragments. */
export function rebuildObjects(packets: readonly Packet[]): RebuiltObject[] {
  const objects: RebuiltObject[] = [];
  const open = new Map<number, RebuiltObject & { filled: number }>();
  const lastNumbers = new Map<number, number>();
  packets.forEach((packet, index) => {
    for (const payload of packet.payloads) {
      const { streamNumber, objectNumber, isKey, presentationMs, extension, objectBytes } = payload;
      let object = open.get(streamNumber);
      if (payload.offset === 0) {
        if (object) throw new Error(`object ${object.objectNumber} of stream ${streamNumber} is incomplete`);
        const last = lastNumbers.get(streamNumber);
        if (last !== undefined && objectNumber !== (last + 1) % 256) {
          throw new Error(`number ${objectNumber} after ${last}`);
        }
        lastNumbers.set(streamNumber, objectNumber);
        object = {
          streamNumber,
          objectNumber,
          presentationMs,
          isKey,
          extension,
          bytes: new Uint8Array(objectBytes),
          firstPacket: index,
          lastPacket: index,
          filled: 0,
        };
        open.set(streamNumber, object);
        objects.push(object);
      }
      if (!object || object.filled !== payload.offset) throw new Error(`stream ${streamNumber}: a fragment is missing`);
      const agrees = object.objectNumber === objectNumber && object.presentationMs === presentationMs &&
        object.isKey === isKey && object.bytes.length === objectBytes && `${object.extension}` === `${extension}`;
      if (!agrees) throw new Error(`stream ${streamNumber}: fragments of object ${objectNumber} disagree`);
      object.bytes.set(payload.data, payload.offset);
      object.filled += payload.data.length;
      object.lastPacket = index;
      if (object.filled === objectBytes) open.delete(streamNumber);
    }
  });
  if (open.size > 0) throw new Error("an object is incomplete at the end");
  return objects;
}
