/**
 * One player at a publishing point.
 *
 * Invariants
 * - What waits for it is bounded: a player that does not keep up is let go of, and nobody else notices.
 * - Packets are shared by all players that want all of them, never copied; the queue holds references.
 *
 * @module
 */

import { filterPayloads } from "../packets/filter_payloads.ts";
import { endFrame } from "../wire/framing.ts";
import type { Published } from "./gop_cache.ts";
import type { HttpConnection } from "../wire/http_connection.ts";
import { changeFrame, PLAYER_HEAD_BYTES, SEQUENCE_AT, SEQUENCE_COUNT } from "../wire/player_frames.ts";
import { StreamSelection, type StreamSwitch } from "./stream_selection.ts";

/** How a player gets the stream: framed, or as a file that never ends. */
export type PlayerKind = "mmsh" | "http";

/** What a player has asked for. */
export interface PlayerRequest {
  readonly kind: PlayerKind;
  /** The streams it wants. */
  readonly switches?: readonly StreamSwitch[];
  /** Whether it can go on with another header. */
  readonly takesChange: boolean;
}

/** See the module's text. */
export class Player {
  readonly kind: PlayerKind;
  readonly address: string;
  readonly since = Date.now();
  readonly #request: PlayerRequest;
  readonly #connection: HttpConnection;
  readonly #maxQueuedBytes: number;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #sentBytes = 0;
  #selection: StreamSelection | undefined;
  /** Of its next packet, once it has been sent less than everything. */
  #sequence: number | undefined;
  #hasEnded = false;
  #isDropped = false;
  #wake: (() => void) | undefined;

  constructor(request: PlayerRequest, connection: HttpConnection, maxQueuedBytes: number) {
    this.kind = request.kind;
    this.#request = request;
    this.address = connection.address;
    this.#connection = connection;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Whether it was let go of because it did not keep up. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** Takes what goes in front of everything. */
  begin(head: Uint8Array): void {
    this.#enqueue(head);
  }

  /** Takes the framed header of a broadcast with these streams: its first, or another where it can. */
  beginBroadcast(framedHeader: Uint8Array, streams: readonly number[]): void {
    if (this.#selection && this.kind === "mmsh") this.#offer(changeFrame());
    this.#selection = new StreamSelection(streams, this.#request.switches);
    this.#sequence = undefined;
    this.#offer(this.kind === "mmsh" ? framedHeader : framedHeader.subarray(PLAYER_HEAD_BYTES));
  }

  /** Whether it goes on when the broadcast becomes another. */
  get takesChange(): boolean {
    return this.#request.takesChange && !this.#hasEnded;
  }

  /** Other streams from here on. False: there are none such. */
  select(switches: readonly StreamSwitch[]): boolean {
    return this.#selection?.change(switches) ?? false;
  }

  /** Takes a packet, or what it wants of it. */
  offer({ framed, plain }: Published): void {
    if (this.kind === "http") return this.#offer(plain);
    if (this.#selection!.isEverything && this.#sequence === undefined) return this.#offer(framed);
    const filtered = this.#filter(framed, plain);
    if (filtered) this.#offer(filtered);
  }

  /** The packet without the streams it does not want, numbered as its own; `undefined`: nothing is left. */
  #filter(framed: Uint8Array, packet: Uint8Array): Uint8Array | undefined {
    const selection = this.#selection!;
    const wanted = filterPayloads(
      packet,
      ({ streamNumber, isKey, offset }) => selection.wants(streamNumber, isKey, offset),
    );
    if (!wanted) return undefined;
    const bytes = new Uint8Array(framed.byteLength);
    bytes.set(framed.subarray(0, PLAYER_HEAD_BYTES));
    bytes.set(wanted, PLAYER_HEAD_BYTES);
    this.#sequence ??= framed[SEQUENCE_AT]!;
    bytes[SEQUENCE_AT] = this.#sequence;
    this.#sequence = (this.#sequence + 1) % SEQUENCE_COUNT;
    return bytes;
  }

  #offer(bytes: Uint8Array): void {
    if (this.#hasEnded || this.#isDropped) return;
    if (this.#queuedBytes + bytes.byteLength > this.#maxQueuedBytes) return this.drop();
    this.#enqueue(bytes);
  }

  /** The broadcast is over: it gets what it waits for, then the end. */
  end(): void {
    if (this.#hasEnded || this.#isDropped) return;
    if (this.kind === "mmsh") this.#enqueue(endFrame(0));
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** Lets go of it at once. */
  drop(): void {
    this.#isDropped = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#connection.close();
    this.#wake?.();
  }

  /** Sends what comes, until the end, or until the player is gone. Never rejects. */
  async run(): Promise<void> {
    void this.#watch();
    try {
      while (!this.#isDropped) {
        const queue = this.#queue;
        if (queue.length === 0) {
          if (this.#hasEnded) break;
          if (this.#isGone) return;
          await new Promise<void>((resolve) => this.#wake = resolve);
          this.#wake = undefined;
          continue;
        }
        this.#queue = [];
        for (const bytes of queue) {
          if (this.#isDropped) return;
          await this.#connection.write(bytes);
          if (!this.#isDropped) this.#queuedBytes -= bytes.byteLength;
          this.#sentBytes += bytes.byteLength;
        }
      }
      if (!this.#isDropped) await this.#connection.finish();
    } catch {
      // The player has gone, that is its right; or it took nothing for too long, and was let go of.
      this.#isDropped ||= this.#connection.isClosed;
    } finally {
      this.#connection.close();
    }
  }

  #isGone = false;

  /** Notices a player that leaves while nothing is sent. What it says is not listened to. */
  async #watch(): Promise<void> {
    try {
      while (!this.#hasEnded && await this.#connection.read(FOREVER_MS));
    } catch {
      // A day of silence is what players do.
      return;
    }
    this.#isGone = !this.#hasEnded;
    if (this.#isGone) this.#wake?.();
  }

  #enqueue(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.byteLength;
    this.#wake?.();
  }
}

/** As long as a timer can be. */
const FOREVER_MS = 0x7fff_ffff;
