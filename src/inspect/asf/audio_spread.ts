/**
 * Undoes the interleaving of Audio Spread error correction ([ASF] 3.3): with a span above 1 an object is a matrix of
 * chunks, written column by column.
 *
 * @module
 */

import type { AudioSpread } from "./objects/stream_properties.ts";

/** Whether objects of this stream are interleaved at all. */
export function isSpread(spread: AudioSpread | undefined): spread is AudioSpread {
  return spread !== undefined && spread.span > 1 && spread.chunkBytes > 0 && spread.packetBytes > spread.chunkBytes &&
    spread.packetBytes % spread.chunkBytes === 0;
}

/** The object in playing order: a copy; or as it is, when its size is not that of a whole matrix. */
export function gatherSpread(data: Uint8Array, spread: AudioSpread): Uint8Array {
  const { span, packetBytes, chunkBytes } = spread;
  if (data.byteLength !== span * packetBytes) return data;
  const ordered = new Uint8Array(data.byteLength);
  const chunksPerPacket = packetBytes / chunkBytes;
  for (let chunk = 0; chunk < span * chunksPerPacket; chunk++) {
    const from = (Math.floor(chunk / span) + chunk % span * chunksPerPacket) * chunkBytes;
    ordered.set(data.subarray(from, from + chunkBytes), chunk * chunkBytes);
  }
  return ordered;
}
