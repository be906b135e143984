/**
 * The Simple Index of one video stream ([ASF] 6.1), gathered while its packets pass.
 *
 * @module
 */

import { affordableInterval } from "../asf/indexes/interval.ts";
import { DEFAULT_INDEX_INTERVAL_MS, simpleIndexPieces } from "../asf/indexes/simple_index.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import { INDEX_ENTRY_BYTES } from "../core/abi.ts";
import { indexEntries } from "../core/index_entries.ts";
import { keyFrameRecord, KeyFrames } from "../core/key_frames.ts";
import type { AsfPayload } from "../inspect/mod.ts";

/** What the index of a recording may always take: encoders are strangers, and what they say of times costs them nothing. */
const FREE_INDEX_BYTES = 16 << 10;

/** A key frame a second for some months. */
const MAX_KEY_FRAMES = 1 << 23;

/** What an index is about. */
export interface IndexedData {
  readonly packetCount: number;
  readonly packetBytes: number;
  /** Presentation time of the last sample, preroll included. */
  readonly endMs: number;
}

/** See the module's text. */
export class IndexBuilder {
  readonly #timeOf: (payload: AsfPayload) => number;
  readonly #keyFrames = new KeyFrames();
  /** The key frame that comes now. */
  #open: { readonly timeMs: number; readonly packet: number; span: number } | undefined;

  /** @param timeOf When a payload's object is shown, ms, preroll included. */
  constructor(timeOf: (payload: AsfPayload) => number) {
    this.#timeOf = timeOf;
  }

  /** Whether there is a key frame to go to. */
  get hasEntries(): boolean {
    return this.#keyFrames.count > 0 || this.#open !== undefined;
  }

  /** A payload of its stream. @param number Of the packet it is in. */
  add(payload: AsfPayload, number: number): void {
    if (payload.offset > 0) {
      if (this.#open) this.#open.span = number - this.#open.packet + 1;
      return;
    }
    this.#close();
    if (!payload.isKey || this.#keyFrames.count === MAX_KEY_FRAMES) return;
    this.#open = { timeMs: Math.round(this.#timeOf(payload)), packet: number, span: 1 };
  }

  #close(): void {
    if (this.#open) this.#keyFrames.append(keyFrameRecord(this.#open.timeMs, this.#open.packet, this.#open.span));
    this.#open = undefined;
  }

  /** The object, in pieces that are dead when the next one is asked for. @param videoCount How many indexes there are. */
  pieces(fileId: Uint8Array, data: IndexedData, videoCount: number): Iterable<Uint8Array<ArrayBuffer>> {
    this.#close();
    const { packetCount, packetBytes } = data;
    const endMs = Math.min(MAX_DWORD, Math.ceil(data.endMs));
    const intervalMs = affordableInterval(
      DEFAULT_INDEX_INTERVAL_MS,
      videoCount * INDEX_ENTRY_BYTES,
      endMs,
      packetCount * packetBytes,
      FREE_INDEX_BYTES,
    );
    const request = { slot: 0, intervalMs, firstPacket: 0, packetCount, timeBaseMs: 0, endMs };
    return simpleIndexPieces(indexEntries(this.#keyFrames, request), fileId, intervalMs);
  }
}
