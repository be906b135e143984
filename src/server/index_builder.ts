/**
 * The Simple Index of one video stream ([ASF] 6.1), gathered while its packets pass.
 *
 * ```text
 * 0  GUID 33000890-E5B1-11CF-89F4-00A0C90349CB · 16 size u64
 * 24 file ID · 40 interval u64, 100 ns · 48 largest packet count u32 · 52 number of entries u32
 * 56 entries: packet number u32, packet count u16
 * ```
 *
 * Entry n is for the time n × interval, preroll included: the last key frame that begins no later.
 *
 * @module
 */

import type { AsfPacket, AsfPayload } from "../inspect/mod.ts";

const HEAD_BYTES = 56;
const ENTRY_BYTES = 6;
const INTERVAL_MS = 200;
const TICKS_PER_MS = 10_000;
const MAX_COUNT = 0xffff;
const GUID_BYTES = [0x90, 0x08, 0x00, 0x33, 0xb1, 0xe5, 0xcf, 0x11, 0x89, 0xf4, 0x00, 0xa0, 0xc9, 0x03, 0x49, 0xcb];
/** A key frame a second for some months. */
const MAX_KEY_FRAMES = 1 << 23;

interface KeyFrame {
  readonly timeMs: number;
  readonly packet: number;
  packetCount: number;
}

/** See the module's text. */
export class IndexBuilder {
  readonly #streamNumber: number;
  readonly #timeOf: (payload: AsfPayload) => number;
  readonly #keyFrames: KeyFrame[] = [];
  #isInKeyFrame = false;

  /** @param timeOf When a payload's object is shown, ms, preroll included. */
  constructor(streamNumber: number, timeOf: (payload: AsfPayload) => number) {
    this.#streamNumber = streamNumber;
    this.#timeOf = timeOf;
  }

  get hasEntries(): boolean {
    return this.#keyFrames.length > 0;
  }

  add(packet: AsfPacket, number: number): void {
    for (const payload of packet.payloads) {
      if (payload.streamNumber !== this.#streamNumber) continue;
      if (payload.offset === 0) {
        this.#isInKeyFrame = payload.isKey && this.#keyFrames.length < MAX_KEY_FRAMES;
        if (this.#isInKeyFrame) {
          this.#keyFrames.push({ timeMs: this.#timeOf(payload), packet: number, packetCount: 1 });
        }
      } else if (this.#isInKeyFrame) {
        const last = this.#keyFrames.at(-1)!;
        last.packetCount = Math.min(MAX_COUNT, number - last.packet + 1);
      }
    }
  }

  /** The object, with an entry for every interval up to `endMs`. */
  encode(fileId: Uint8Array, endMs: number): Uint8Array<ArrayBuffer> {
    const entryCount = this.hasEntries ? Math.floor(endMs / INTERVAL_MS) + 1 : 0;
    const bytes = new Uint8Array(HEAD_BYTES + entryCount * ENTRY_BYTES);
    const view = new DataView(bytes.buffer);
    bytes.set(GUID_BYTES);
    view.setBigUint64(16, BigInt(bytes.byteLength), true);
    bytes.set(fileId, 24);
    view.setBigUint64(40, BigInt(INTERVAL_MS * TICKS_PER_MS), true);
    view.setUint32(48, this.#keyFrames.reduce((most, { packetCount }) => Math.max(most, packetCount), 0), true);
    view.setUint32(52, entryCount, true);
    const sorted = this.#keyFrames.toSorted((a, b) => a.timeMs - b.timeMs);
    for (let entry = 0, next = 1; entry < entryCount; entry++) {
      while (next < sorted.length && sorted[next]!.timeMs <= entry * INTERVAL_MS) next++;
      const { packet, packetCount } = sorted[next - 1]!;
      view.setUint32(HEAD_BYTES + entry * ENTRY_BYTES, packet, true);
      view.setUint16(HEAD_BYTES + entry * ENTRY_BYTES + 4, packetCount, true);
    }
    return bytes;
  }
}
