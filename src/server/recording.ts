/**
 * A programme as a file: its packets as they are, an index behind them, and a header that says so.
 *
 * @module
 */

import { FILE_FIELD, FILE_ID_BYTES, patchDataHead, patchFileProperties } from "../asf/header_fields.ts";
import { DATA_HEAD_BYTES } from "../asf/objects/data.ts";
import type { AsfPacket } from "../inspect/mod.ts";
import { cutPacket } from "../packets/cut_packet.ts";
import { shiftTimes } from "../packets/shift_times.ts";
import type { Sink } from "../sinks/sink.ts";
import { IndexBuilder } from "./index_builder.ts";
import type { LiveHeader } from "./live_header.ts";
import { PayloadTimes } from "./payload_time.ts";

/** A programme whose first sample is so much behind the preroll was joined in its middle: its file begins at 0. */
const LATE_MS = 1000;
/** A disk that is so far behind is no disk to record on. */
const MAX_QUEUED_BYTES = 64 << 20;

/** What the sink has got. */
interface Extent {
  readonly packetCount: number;
  /** Presentation time of the last sample, preroll included. */
  readonly endMs: number;
  readonly sendEndMs: number;
}

/** Where the file may end: behind whole objects. */
interface Place extends Extent {
  /** Its last packet, of which the last payload begins an object that goes on. */
  readonly cut?: Uint8Array<ArrayBuffer>;
}

/**
 * Invariants
 * - Calls to the sink never overlap; what comes meanwhile waits, bounded.
 * - `#extent` counts what has come, `#place` what of it the sink has taken: a file that fails ends there.
 */
export class Recording {
  /** Where it goes. */
  readonly path: string;
  readonly #sink: Sink;
  readonly #header: LiveHeader;
  readonly #times: PayloadTimes;
  /** Taken off every time; unknown before the first. */
  #shiftMs: number | undefined;
  /** By stream. */
  readonly #indexes: ReadonlyMap<number, IndexBuilder>;
  readonly #onError: (error: unknown) => void;
  readonly #onDone: () => void;
  #finish: Promise<void> | undefined;
  #work: Promise<void>;
  #queuedBytes = 0;
  #extent: Extent = { packetCount: 0, endMs: 0, sendEndMs: 0 };
  /** The last place that the sink has; absent: none. */
  #place: Place | undefined;
  /** Of each stream the object that goes on: its number, and how many of its bytes have come. */
  readonly #open = new Map<number, { objectNumber: number; byteCount: number }>();
  #hasFailed = false;

  /** @param onError Told once, if it fails: the programme goes on. @param onDone Told when it is over. */
  constructor(path: string, sink: Sink, header: LiveHeader, onError: (error: unknown) => void, onDone: () => void) {
    this.path = path;
    this.#sink = sink;
    this.#header = header;
    this.#onError = onError;
    this.#onDone = onDone;
    this.#times = new PayloadTimes(header.header.streams);
    const timeOf = this.#times.timeOf.bind(this.#times);
    const video = header.header.streams.filter(({ kind }) => kind === "video");
    this.#indexes = new Map(video.map(({ streamNumber }) => [streamNumber, new IndexBuilder(timeOf)]));
    this.#work = Promise.resolve();
    this.#then(async () => {
      await sink.open?.();
      await sink.header(header.bytes);
    });
  }

  /** Whether nothing more is written. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Takes a packet; its bytes are shared and never change. */
  packet(given: Uint8Array<ArrayBuffer>, described: AsfPacket): void {
    if (this.#hasFailed) return;
    const shiftMs = this.#shiftMs ??= this.#lateness(described);
    const bytes = shiftMs ? this.#shifted(given, shiftMs) : given;
    const packet = shiftMs ? this.#header.parser.packet(bytes) : described;
    this.#queuedBytes += bytes.byteLength;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) return this.#fail(new Error("the disk is too slow"));
    const number = this.#extent.packetCount;
    let { endMs } = this.#extent;
    let endBeforeLastMs = endMs;
    for (const payload of packet.payloads) {
      this.#indexes.get(payload.streamNumber)?.add(payload, number);
      endBeforeLastMs = endMs;
      endMs = Math.max(endMs, this.#times.timeOf(payload));
    }
    const extent = { packetCount: number + 1, endMs, sendEndMs: packet.sendTimeMs + packet.durationMs };
    this.#extent = extent;
    const place = this.#placeOf(bytes, packet, extent, endBeforeLastMs);
    const info = {
      unitBytes: bytes.byteLength,
      unitCount: 1,
      firstUnit: number,
      timestamp: packet.sendTimeMs * 1000,
      cleanPoints: [],
    };
    this.#then(async () => {
      await this.#sink.data(bytes, info);
      this.#place = place ?? this.#place;
      this.#queuedBytes -= bytes.byteLength;
      // Should the server be killed, the header tells what is there.
      if (this.#queuedBytes === 0) await this.#sink.patch!(0, this.#finalHeader(extent, 0, this.#indexes.size === 0));
    });
  }

  /** Whether the file may end behind this packet. */
  #placeOf(
    bytes: Uint8Array<ArrayBuffer>,
    { payloads }: AsfPacket,
    extent: Extent,
    endBeforeLastMs: number,
  ): Place | undefined {
    const open = this.#open;
    for (const { streamNumber, objectNumber, objectSize = 0, data } of payloads) {
      const before = open.get(streamNumber);
      const byteCount = data.byteLength + (before?.objectNumber === objectNumber ? before.byteCount : 0);
      if (byteCount >= objectSize) open.delete(streamNumber);
      else open.set(streamNumber, { objectNumber, byteCount });
    }
    if (open.size === 0) return extent;
    const last = payloads.at(-1);
    const isBegun = open.size === 1 && last?.offset === 0 && open.has(last.streamNumber) && payloads.length > 1;
    return isBegun ? { ...extent, endMs: endBeforeLastMs, cut: bytes } : undefined;
  }

  /** A copy whose times are so much earlier. */
  #shifted(packet: Uint8Array, baseMs: number): Uint8Array<ArrayBuffer> {
    const bytes = packet.slice();
    shiftTimes(bytes, bytes.byteLength, { baseMs, prerollMs: this.#prerollMs, findTicks: this.#times.findTicks });
    return bytes;
  }

  get #prerollMs(): number {
    return this.#header.header.fileProperties!.prerollMs;
  }

  /** How much too late for a file its first packet is, ms; `undefined` where there is no sample in it. */
  #lateness({ payloads }: AsfPacket): number | undefined {
    if (payloads.length === 0) return undefined;
    const startMs = Math.min(
      ...payloads.map((payload) => Math.min(this.#times.timeOf(payload), payload.presentationMs ?? Infinity)),
    );
    const lateMs = Math.floor(startMs) - this.#prerollMs;
    return lateMs > LATE_MS ? lateMs : 0;
  }

  /** Completes the file. Never rejects; idempotent. */
  finish(): Promise<void> {
    return this.#finish ??= this.#complete();
  }

  async #complete(): Promise<void> {
    this.#then(async () => {
      const fileIdAt = this.#propertiesAt() + FILE_FIELD.fileId;
      const fileId = this.#header.bytes.subarray(fileIdAt, fileIdAt + FILE_ID_BYTES);
      const data = { ...this.#extent, packetBytes: this.#header.packetBytes };
      let indexBytes = 0;
      const indexes = [...this.#indexes.values()];
      for (const index of indexes) {
        for (const bytes of index.pieces(fileId, data, indexes.length)) {
          await this.#sink.trailer!(bytes);
          indexBytes += bytes.byteLength;
        }
      }
      const isSeekable = indexes.every(({ hasEntries }) => hasEntries);
      await this.#sink.patch!(0, this.#finalHeader(this.#extent, indexBytes, isSeekable));
      await this.#sink.close();
    });
    for (let work; work !== this.#work;) await (work = this.#work);
    this.#onDone();
  }

  #then(action: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (!this.#hasFailed) await action();
    }).catch((error) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onError(error);
    // The first error is the one to tell.
    this.#work = this.#work.then(() => this.#salvage(error)).catch(() => this.#sink.abort(error)).catch(() => {});
  }

  /** Makes a file of the packets that were written, without an index: there may be no room for one. */
  async #salvage(error: unknown): Promise<void> {
    const { header, packetBytes } = this.#header;
    const place = this.#place;
    if (!place) { // without a sample it is no file
      await this.#sink.truncate!(0);
      return await this.#sink.abort(error);
    }
    const end = header.size + DATA_HEAD_BYTES + place.packetCount * packetBytes;
    await this.#sink.truncate!(end);
    const packet = place.cut && cutPacket(place.cut).packet;
    if (packet) await this.#sink.patch!(end - packetBytes, packet);
    await this.#sink.patch!(0, this.#finalHeader(place, 0, this.#indexes.size === 0));
    await this.#sink.close();
  }

  #propertiesAt(): number {
    const { header } = this.#header;
    return header.object.children.find(({ fields }) => fields === header.fileProperties)!.offset;
  }

  #finalHeader(extent: Extent, indexBytes: number, isSeekable: boolean): Uint8Array<ArrayBuffer> {
    const { header, packetBytes } = this.#header;
    const bytes = this.#header.bytes.slice();
    const view = new DataView(bytes.buffer);
    const { packetCount, endMs: playMs, sendEndMs: sendMs } = extent;
    const fileBytes = bytes.byteLength + packetCount * packetBytes + indexBytes;
    patchFileProperties(view, this.#propertiesAt(), { fileBytes, packetCount, playMs, sendMs, isSeekable });
    patchDataHead(view, header.size, packetCount, packetBytes);
    return bytes;
  }
}
