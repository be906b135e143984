// What configure() fixes for the life of the instance.

import { WITH_TIMING_EXTENSION } from "../../src/core/abi.ts";
import { EXTENSION_BYTES, MULTIPLE_PREFIX_BYTES, PAYLOAD_BYTES, SINGLE_PREFIX_BYTES } from "./wire.ts";

export let packetBytes: u32 = 0;
export let prerollMs: u32 = 0;
export let hasTimingExtension: bool = false;
/** Payload header in a single-payload packet, extension included. */
export let payloadHeaderBytes: u32 = 0;
/** Data bytes of a packet that holds one payload in the multiple-payload form. */
export let multipleCapacity: u32 = 0;
/** Data bytes of a packet that a single payload fills. */
export let singleCapacity: u32 = 0;

export function settle(bytes: u32, preroll: u32, flags: u32): void {
  packetBytes = bytes;
  prerollMs = preroll;
  hasTimingExtension = (flags & WITH_TIMING_EXTENSION) != 0;
  payloadHeaderBytes = PAYLOAD_BYTES + (hasTimingExtension ? EXTENSION_BYTES : 0);
  multipleCapacity = bytes - MULTIPLE_PREFIX_BYTES - payloadHeaderBytes - 2;
  singleCapacity = bytes - SINGLE_PREFIX_BYTES - payloadHeaderBytes;
}
