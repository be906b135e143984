/**
 * One player at a publishing point.
 *
 * Invariants
 * - What waits for it is bounded: a player that does not keep up is let go of, and nobody else notices.
 * - Packets are shared by all players, never copied; the queue holds references. Who wants less than all of a packet gets
 *   that when it is sent.
 *
 * @module
 */

import { endFrame } from "../wire/framing.ts";
import { PACKET_OVERHEAD_BYTES, type Published } from "./gop_cache.ts";
import type { HttpConnection } from "../wire/http_connection.ts";
import { changeFrame, PLAYER_HEAD_BYTES } from "../wire/player_frames.ts";
import type { TakenChange } from "./player_fields.ts";
import type { StreamSwitch } from "./stream_selection.ts";
import { Thinning } from "./thinning.ts";

/** How a player gets the stream: framed, or as a file that never ends. */
export type PlayerKind = "mmsh" | "http";

/** What a player has asked for. */
export interface PlayerRequest {
  readonly kind: PlayerKind;
  /** The streams it wants. */
  readonly switches?: readonly StreamSwitch[];
  /** With what other header it can go on. */
  readonly takesChange: TakenChange;
}

/** See the module's text. */
export class Player {
  readonly kind: PlayerKind;
  readonly address: string;
  readonly since = Date.now();
  readonly #request: PlayerRequest;
  readonly #connection: HttpConnection;
  readonly #maxQueuedBytes: number;
  /** A `Thinning` is for the packets behind it. */
  #queue: (Uint8Array | Published | Thinning)[] = [];
  #queuedCount = 0;
  #queuedBytes = 0;
  #sentBytes = 0;
  /** Of the broadcast that is offered now. */
  #thinning: Thinning | undefined;
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
    if (this.#thinning && this.kind === "mmsh") this.#offer(changeFrame());
    this.#thinning = new Thinning(streams, this.#request.switches);
    this.#queue.push(this.#thinning);
    this.#offer(this.kind === "mmsh" ? framedHeader : framedHeader.subarray(PLAYER_HEAD_BYTES));
  }

  /** Whether it goes on when the broadcast becomes another. @param isSame Of the same streams. */
  takesChange(isSame: boolean): boolean {
    if (this.#hasEnded) return false;
    return this.#request.takesChange === "any" || (isSame && this.#request.takesChange === "same streams");
  }

  /** Other streams from here on. False: there are none such. */
  select(switches: readonly StreamSwitch[]): boolean {
    return this.#thinning?.select(switches) ?? false;
  }

  /** Takes a packet. */
  offer(published: Published): void {
    this.#offer(this.kind === "http" ? published.plain : published);
  }

  #offer(one: Uint8Array | Published): void {
    if (this.#hasEnded || this.#isDropped) return;
    const held = this.#queuedBytes + this.#queuedCount * PACKET_OVERHEAD_BYTES;
    if (held + sizeOf(one) > this.#maxQueuedBytes) return this.drop();
    this.#enqueue(one);
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
    this.#queuedCount = 0;
    this.#connection.close();
    this.#wake?.();
  }

  /** Sends what comes, until the end, or until the player is gone. Never rejects. */
  async run(): Promise<void> {
    void this.#watch();
    let thinning: Thinning | undefined;
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
        for (const one of queue) {
          if (this.#isDropped) return;
          if (one instanceof Thinning) {
            thinning = one;
            continue;
          }
          const bytes = one instanceof Uint8Array ? one : thinning!.packet(one);
          if (bytes) await this.#connection.write(bytes);
          if (this.#isDropped) return;
          this.#queuedBytes -= sizeOf(one);
          this.#queuedCount--;
          this.#sentBytes += bytes?.byteLength ?? 0;
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

  #enqueue(one: Uint8Array | Published): void {
    this.#queue.push(one);
    this.#queuedBytes += sizeOf(one);
    this.#queuedCount++;
    this.#wake?.();
  }
}

function sizeOf(one: Uint8Array | Published): number {
  return one instanceof Uint8Array ? one.byteLength : one.framed.byteLength;
}

/** As long as a timer can be. */
const FOREVER_MS = 0x7fff_ffff;
