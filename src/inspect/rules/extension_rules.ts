/**
 * Rules about what payloads carry beside their data (D15, D27).
 *
 * @module
 */

import { isTimecode, readExtensions } from "../extension_values.ts";
import type { PayloadExtension } from "../objects/extended_stream.ts";
import type { PayloadFields } from "../packet_walker.ts";
import type { TimecodeTable } from "./packet_facts.ts";

/** Follows the extension data of one stream. */
export class ExtensionTrack {
  readonly #systems: readonly PayloadExtension[];
  readonly #timecodes: TimecodeTable | undefined;
  /** Of the object at hand: what its first payload carries. */
  #data: Uint8Array = new Uint8Array(0);

  /** @param timecodes Where time codes are kept, if they are. */
  constructor(systems: readonly PayloadExtension[], timecodes: TimecodeTable | undefined) {
    this.#systems = systems;
    this.#timecodes = timecodes;
  }

  /** The first payload of an object. Answers what is wrong with its values. */
  begin(bytes: Uint8Array, payload: PayloadFields): string | undefined {
    this.#data = dataOf(bytes, payload).slice();
    const { timecode } = readExtensions(this.#systems, this.#data);
    if (timecode === undefined || isTimecode(timecode.bcd)) return undefined;
    return `${timecode.bcd.toString(16).padStart(8, "0")} is no time code`;
  }

  /** Whether a further payload carries the same. */
  isSame(bytes: Uint8Array, payload: PayloadFields): boolean {
    const data = dataOf(bytes, payload);
    return data.byteLength === this.#data.byteLength && data.every((byte, at) => byte === this.#data[at]);
  }

  /** All of the object has come. @param object Its number among those of which all came. */
  complete(object: number): void {
    if (this.#timecodes === undefined) return;
    const { timecode } = readExtensions(this.#systems, this.#data);
    if (timecode !== undefined) this.#timecodes.set(object, timecode.range, timecode.bcd);
  }
}

function dataOf(bytes: Uint8Array, { replicatedStart, replicatedBytes }: PayloadFields): Uint8Array {
  return bytes.subarray(replicatedStart + Math.min(8, replicatedBytes), replicatedStart + replicatedBytes);
}
