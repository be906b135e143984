import { writeField } from "./fields.ts";
import { readPrefix } from "./packet_reader.ts";

/** Sets the send time of a sound packet, in place. */
export function setSendTime(packet: Uint8Array, sendTimeMs: number): void {
  writeField(packet, readPrefix(packet)!.sendTimeAt, 4, sendTimeMs);
}
