import { concatBytes } from "../bytes/bytes.ts";
import { writeField } from "./fields.ts";
import { replacePayloads } from "./packet_builder.ts";
import { readPacket } from "./packet_reader.ts";

/** A payload that can be spread: the first one of a packet, or the last one. */
export type SpreadPart = "first" | "last";

/**
 * Over how many packets more a sound packet can be spread: as many as its payload at that end has bytes, one apart. None
 * when it holds more than one object, or one that begins (or, at the end, goes on) in another packet.
 */
export function spreadRoom(packet: Uint8Array, part: SpreadPart): number {
  const { payloads } = readPacket(packet)!;
  const { offset, offsetBytes, objectBytes, dataAt, end } = payloads.at(part === "first" ? 0 : -1)!;
  if (objectBytes < 0) return 0;
  const objectEnd = offset + end - dataAt;
  const isWhole = part === "first" ? offset === 0 : objectEnd === objectBytes;
  return isWhole && objectEnd < 2 ** (8 * offsetBytes) ? end - dataAt - 1 : 0;
}

/**
 * The packet as so many, for which it has room: its first or last payload in fragments, one in each of them, the other
 * payloads with the one at that end.
 */
export function spreadPacket(packet: Uint8Array, count: number, part: SpreadPart): Uint8Array<ArrayBuffer>[] {
  const read = readPacket(packet)!;
  const { payloads } = read;
  const payload = payloads.at(part === "first" ? 0 : -1)!;
  const { start, offset, offsetAt, offsetBytes, lengthAt, dataAt, end } = payload;
  const others = payloads.filter((one) => one !== payload).map(({ start, end }) => packet.subarray(start, end));
  const byteLength = end - dataAt;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map((n) => Math.floor(n * byteLength / count)) as [number, number];
    const fragment = concatBytes(packet.subarray(start, dataAt), packet.subarray(dataAt + from, dataAt + to));
    writeField(fragment, offsetAt - start, offsetBytes, offset + from);
    writeField(fragment, lengthAt - start, dataAt - lengthAt, to - from);
    const hasOthers = i === (part === "first" ? count - 1 : 0);
    const contents = !hasOthers ? [fragment] : part === "first" ? [fragment, ...others] : [...others, fragment];
    return replacePayloads(packet, read, contents)!; // each has less than the packet had
  });
}
