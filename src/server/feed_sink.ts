/**
 * A publishing point as a sink of a session in the same process: the original's network sink.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { DataInfo, Sink } from "../sinks/sink.ts";
import { MAX_PLAYER_PAYLOAD_BYTES, readLiveHeader } from "./live_header.ts";
import type { Encoder, PublishingPoint } from "./publishing_point.ts";

/** See the module's text. */
export class FeedSink implements Sink, Encoder {
  readonly kind = "feed";
  readonly isStreaming = true;
  readonly containers: readonly string[] = ["asf"];
  /** It never waits; saying so makes the session begin a packet at every key frame. */
  readonly whenSlow = "drop";
  readonly maxHeaderBytes: number = MAX_PLAYER_PAYLOAD_BYTES;
  readonly maxPacketBytes: number = MAX_PLAYER_PAYLOAD_BYTES;
  readonly #claim: () => PublishingPoint;
  #point: PublishingPoint | undefined;

  /** @param claim Finds the point, or throws. */
  constructor(claim: () => PublishingPoint) {
    this.#claim = claim;
  }

  open(): void {
    const point = this.#claim();
    if (point.encoder) {
      throw new MuxError("already-connected", `Cannot feed publishing point ${point.name}: it is in use`);
    }
    point.encoder = this;
    this.#point = point;
  }

  async header(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#fed().begin(await readLiveHeader(bytes));
  }

  data(bytes: Uint8Array<ArrayBuffer>, { unitBytes, unitCount }: DataInfo): void {
    const point = this.#fed();
    const size = unitBytes ?? bytes.byteLength / unitCount;
    for (let at = 0; at < bytes.byteLength; at += size) point.packet(bytes.subarray(at, at + size));
  }

  close(): void {
    this.#fed();
    this.#leave();
  }

  abort(): void {
    this.#leave();
  }

  stop(): Promise<void> {
    this.#leave();
    return Promise.resolve();
  }

  #fed(): PublishingPoint {
    if (this.#point?.encoder === this) return this.#point;
    throw new MuxError("no-connection", "Cannot feed the publishing point: the server has been closed");
  }

  #leave(): void {
    const point = this.#point;
    this.#point = undefined;
    if (point?.encoder !== this) return;
    point.encoder = undefined;
    point.end();
  }
}
