/**
 * The samples of one track of Mediabunny's.
 *
 * @module
 */

import type { EncodedPacket, EncodedPacketSink } from "mediabunny";
import type { MuxError } from "../errors.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { StreamTimes } from "./carry.ts";
import { badMedia } from "./failure.ts";
import type { Track } from "./interleave.ts";
import { formatSeconds, toMicroseconds } from "./time.ts";
import type { ClockedTimes } from "./transport_clock.ts";

/** What a track is read with. */
export interface PacketTrackOptions {
  /** The stream it becomes. */
  readonly config: StreamConfig & { readonly streamNumber: number };
  /** Where its packets come from. */
  readonly sink: EncodedPacketSink;
  /** Its first packet. */
  readonly first: EncodedPacket;
  /** What its samples' times need. */
  readonly times: StreamTimes;
  /** What messages call the source. */
  readonly sourceName: string;
}

/** Hands out the samples of one track one by one, in decode order. */
export class PacketTrack implements Track {
  /** Samples left out so far. */
  droppedCount = 0;
  due = -Infinity;

  readonly #options: PacketTrackOptions;
  /** Samples made already, in order. */
  readonly #ready: StreamSample[] = [];
  /** The packet last read; undefined before the first, null behind the last. */
  #packet: EncodedPacket | null | undefined;
  #begin: EncodedPacket;
  #failure: MuxError | undefined;
  #hasBegun = false;
  /** Sets the times right of a source whose clock begins anywhere. */
  clock: ClockedTimes | undefined;
  #lastTimestamp = NaN;

  constructor(options: PacketTrackOptions) {
    this.#options = options;
    this.#begin = options.first;
  }

  /** Begins at the last key packet at or before a time, µs; answers its time, if there is one. */
  async seek(time: number): Promise<number | undefined> {
    const { first, sink } = this.#options;
    const packet = await sink.getKeyPacket(time / 1e6);
    this.#begin = packet ?? first;
    this.#packet = undefined;
    this.#ready.length = 0;
    this.#hasBegun = false;
    return packet === null ? undefined : toMicroseconds(packet.timestamp);
  }

  /** Time of its first packet as the source says it, µs. */
  get firstTime(): number {
    return toMicroseconds(this.#options.first.timestamp);
  }

  /** What it is. */
  get kind(): StreamConfig["kind"] {
    return this.#options.config.kind;
  }

  async next(): Promise<StreamSample | undefined> {
    while (this.#ready.length === 0 && this.#packet !== null) {
      const packet = await this.#readPacket();
      if (packet === null) break;
      const duration = toMicroseconds(Math.max(0, packet.duration));
      const timestamp = this.clock?.take(toMicroseconds(packet.timestamp), duration) ??
        toMicroseconds(packet.timestamp);
      if (this.clock?.hasJumped) this.#hasBegun = false; // nothing is decoded by what lies before
      if (packet.byteLength === 0 || !this.#hasBegun && packet.type !== "key") this.droppedCount++;
      else this.#take(packet, timestamp);
    }
    const sample = this.#ready.shift();
    if (sample !== undefined) return sample;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return undefined;
  }

  async #readPacket(): Promise<EncodedPacket | null> {
    const { sink } = this.#options;
    const last = this.#packet;
    try {
      const packet = last ? await sink.getNextPacket(last) : this.#begin;
      this.#packet = packet;
    } catch (cause) {
      this.#failure = badMedia("read", this.#place(), cause, this.#options.config.streamNumber);
      this.#packet = null;
    }
    return this.#packet;
  }

  #take(packet: EncodedPacket, timestamp: number): void {
    this.#hasBegun = true;
    this.#lastTimestamp = timestamp;
    const { config, times } = this.#options;
    const decodeTimestamp = times.advance(timestamp, packet.type === "key", packet.data);
    this.due = times.due;
    this.#ready.push({
      streamNumber: config.streamNumber,
      data: packet.data,
      timestamp,
      decodeTimestamp,
      duration: packet.duration > 0 ? toMicroseconds(packet.duration) : null,
      type: packet.type,
    });
  }

  #place(): string {
    const { config, sourceName } = this.#options;
    const from = Number.isNaN(this.#lastTimestamp) ? "" : ` behind ${formatSeconds(this.#lastTimestamp)}`;
    return `${sourceName}, stream ${config.streamNumber}${from}`;
  }
}
