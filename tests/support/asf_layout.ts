/**
 * Where the bytes of an ASF file went: header, packets, padding, index. Enough to count them, and nothing shared with
 * the library ([ASF] 2, 3.2, 5.2).
 *
 * @module
 */

export interface AsfLayout {
  headerBytes: number;
  dataBytes: number;
  indexBytes: number;
  packetCount: number;
  payloadCount: number;
  paddingBytes: number;
}

const HEADER_GUID = "3026b2758e66cf11a6d900aa0062ce6c";
const DATA_GUID = "3626b2758e66cf11a6d900aa0062ce6c";
const OBJECT_HEAD_BYTES = 24;
const DATA_HEAD_BYTES = 50; // GUID, size, file id, packet count, reserved

/** Bytes of a field whose type takes two bits. */
const FIELD_BYTES = [0, 1, 2, 4];

export async function asfLayout(path: string): Promise<AsfLayout> {
  const file = await Deno.readFile(path);
  const view = new DataView(file.buffer);
  const layout = { headerBytes: 0, dataBytes: 0, indexBytes: 0, packetCount: 0, payloadCount: 0, paddingBytes: 0 };
  for (let at = 0, size = 0; at < file.length; at += size) {
    const guid = file.subarray(at, at + 16).toHex();
    size = Number(view.getBigUint64(at + 16, true));
    if (size < OBJECT_HEAD_BYTES) throw new Error(`object of ${size} bytes at ${at}`);
    if (guid === HEADER_GUID) layout.headerBytes = size;
    else if (guid !== DATA_GUID) layout.indexBytes += size;
    else {
      layout.dataBytes = size;
      layout.packetCount = Number(view.getBigUint64(at + 40, true));
      const packetBytes = (size - DATA_HEAD_BYTES) / layout.packetCount;
      for (let i = 0; i < layout.packetCount; i++) countPacket(view, at + DATA_HEAD_BYTES + i * packetBytes, layout);
    }
  }
  return layout;
}

/**
 * Error correction 82 00 00 · length types · property flags · packet length · sequence · padding length · send time u32 ·
 * duration u16 · with several payloads their count in six bits.
 */
function countPacket(view: DataView, at: number, layout: AsfLayout): void {
  let cursor = at;
  if (view.getUint8(cursor) & 0x80) cursor += 1 + (view.getUint8(cursor) & 0x0f);
  const types = view.getUint8(cursor);
  const [sequence, padding, length] = [types >> 1, types >> 3, types >> 5].map((type) => FIELD_BYTES[type & 3]!);
  cursor += 2 + length! + sequence!;
  if (padding === 1) layout.paddingBytes += view.getUint8(cursor);
  if (padding === 2) layout.paddingBytes += view.getUint16(cursor, true);
  if (padding === 4) layout.paddingBytes += view.getUint32(cursor, true);
  cursor += padding! + 6;
  layout.payloadCount += types & 1 ? view.getUint8(cursor) & 0x3f : 1;
}
