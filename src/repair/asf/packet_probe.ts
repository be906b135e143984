/**
 * Whether a packet stands where one should: it can be taken apart, by the same measures as the validator's.
 *
 * @module
 */

import type { AsfHeader } from "../../inspect/asf/header.ts";
import { PacketWalker, type PayloadFields, type PayloadVisitor } from "../../inspect/asf/packet_walker.ts";
import { ProblemList, type Severity } from "../../inspect/problems.ts";
import { VARIABLE_SIZE } from "../../packets/timing_extension.ts";

/** What the walker reports but no reader stumbles over. */
const HARMLESS: ReadonlySet<string> = new Set(["D05"]);

/** Remembers no more than that something was wrong. */
class Faults extends ProblemList {
  isFaulty = false;

  override add(rule: string, _offset: number, _message: string, severity: Severity = "E"): void {
    if (severity === "E" && !HARMLESS.has(rule)) this.isFaulty = true;
  }
}

/** Looks at single packets. */
export class PacketProbe implements PayloadVisitor {
  /** When the last packet looked at is sent. */
  sendTimeMs = 0;
  /** Whether its length leaves its padding out, as one muxer has it: its layout has to be made anew. */
  isOddlyPadded = false;

  readonly #faults = new Faults();
  readonly #walker: PacketWalker;
  readonly #packetBytes: number;
  /** Replicated data of each declared stream: its least size, and whether it is the only one. */
  readonly #replicated: (readonly [least: number, isFixed: boolean] | undefined)[] = new Array(128).fill(undefined);
  #isKnown = false;
  #isCorrected: boolean | undefined;

  constructor(header: AsfHeader, packetBytes: number) {
    this.#packetBytes = packetBytes;
    this.#walker = new PacketWalker(packetBytes, this.#faults);
    for (const { streamNumber, extended } of header.streams) {
      const sizes = (extended?.payloadExtensions ?? []).map(({ dataBytes }) => dataBytes);
      const least = sizes.reduce((sum, size) => sum + (size === VARIABLE_SIZE ? 2 : size), 8);
      this.#replicated[streamNumber] = [least, !sizes.includes(VARIABLE_SIZE)];
    }
  }

  /** Whether the packet in `bytes[start..end)` is one, of a stream that is declared. */
  isSound(bytes: Uint8Array, start: number, end: number): boolean {
    const walker = this.#walker;
    const isCorrected = bytes[start] === 0x82 && bytes[start + 1] === 0 && bytes[start + 2] === 0;
    if (this.#isCorrected !== undefined && isCorrected !== this.#isCorrected) return false;
    this.#faults.isFaulty = false;
    this.#isKnown = false;
    walker.walk(bytes, start, end, 0, this);
    this.sendTimeMs = walker.sendTimeMs;
    const { packetLength, paddingBytes } = walker;
    this.isOddlyPadded = packetLength >= 0 && paddingBytes > 0 && packetLength + paddingBytes === this.#packetBytes;
    return this.#isKnown && !this.#faults.isFaulty && (walker.lengthTypeFlags & 0x80) === 0;
  }

  /** Whether packets begin with 82 00 00, which can be searched for; until this is set, a packet may begin either way. */
  get isCorrected(): boolean | undefined {
    return this.#isCorrected;
  }

  set isCorrected(value: boolean) {
    this.#isCorrected = value;
  }

  visitPayload({ streamNumber, replicatedBytes, isCompressed }: PayloadFields): void {
    const replicated = this.#replicated[streamNumber];
    if (replicated === undefined) return;
    this.#isKnown = true;
    const [least, isFixed] = replicated;
    const isWhole = isCompressed
      ? least === 8
      : replicatedBytes === 0 || (isFixed ? replicatedBytes === least : replicatedBytes >= least);
    if (!isWhole) this.#faults.isFaulty = true;
  }
}
