/**
 * One encoder's session with the server, over as many connections as it takes ([MS-WMHTTP] 3.2).
 *
 * ```text
 * configured ─ PushStart ─► streaming ─ $E ─► deleted
 *      ▲  │ inactivity         │ connection lost, or body full
 *      │  └──► deleted         ▼
 *      └──────────────────── waiting ─ idle for too long ─► deleted
 * ```
 *
 * @module
 */

import { equalBytes } from "../bytes/bytes.ts";
import { MuxError } from "../errors.ts";
import type { Brake } from "./brake.ts";
import type { Turns } from "./turns.ts";
import { FrameReader, FramingError, PACKET_KIND, type PushPacket } from "../wire/framing.ts";
import { type HttpConnection, PeerTimeout } from "../wire/http_connection.ts";
import { readLiveHeader } from "./live_header.ts";
import type { Encoder, PublishingPoint } from "./publishing_point.ts";

/** How long an encoder may be silent, ms. */
export interface PushTimeouts {
  /** While its stream runs. */
  readonly idleMs: number;
  /** Between its requests. */
  readonly inactivityMs: number;
  /** In the middle of a request. */
  readonly requestMs: number;
}

/** What all pushes of a server share. */
export interface PushLimits {
  /** On headers: each makes players, indexes and a file begin anew. */
  readonly headers: Brake;
  readonly turns: Turns;
}

/** How a body came to its end. */
export type BodyEnd = "full" | "ended" | "lost" | "idle" | "replaced";

const S_FALSE = 1;
/** Whoever would have to wait longer for another header is refused. */
const MAX_HEADER_WAIT_MS = 10_000;
const HEADER_STEP_MS = 50;
/** Set up at a time: one that sends, one that was lost, and those that take their place. */
const MAX_CONNECTIONS = 4;
/** What an encoder sent before it lost its connection is read first: for so long, or until so often nothing had come. */
const MAX_DRAIN_MS = 2_000;
const DRAIN_STEP_MS = 10;
const SILENT_STEPS = 5;

/** See the module's text. */
export class PushSession implements Encoder {
  readonly kind = "push";
  readonly id: string;
  readonly point: PublishingPoint;
  readonly address: string;
  autoDestroy = false;
  readonly #timeouts: PushTimeouts;
  readonly #limits: PushLimits;
  /** As it was sent. */
  #lastHeader: Uint8Array | undefined;
  readonly #onDelete: (session: PushSession) => void;
  #connection: HttpConnection | undefined;
  /** Takes the place of `#connection` when that is read to its end. */
  #successor: HttpConnection | undefined;
  /** Reads that had bytes. */
  #readCount = 0;
  /** The next is awaited: all that came is taken. */
  #isReading = false;
  /** Set up for it, the oldest first. */
  readonly #connections = new Set<HttpConnection>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When media last came. */
  #lastMediaAt = performance.now();
  #isDeleted = false;

  constructor(
    id: string,
    point: PublishingPoint,
    address: string,
    timeouts: PushTimeouts,
    limits: PushLimits,
    onDelete: (session: PushSession) => void,
  ) {
    this.id = id;
    this.point = point;
    this.address = address;
    this.#timeouts = timeouts;
    this.#limits = limits;
    this.#onDelete = onDelete;
    this.rest();
  }

  /** Whether a body is being received. */
  get isStreaming(): boolean {
    return this.#connection !== undefined;
  }

  /** How long nothing has come, ms. */
  get silentMs(): number {
    return performance.now() - this.#lastMediaAt;
  }

  /** Nothing is under way: counts until it is forgotten. */
  rest(): void {
    this.#arm(this.#timeouts.inactivityMs);
  }

  /** A connection is set up for it: an encoder needs few, and the oldest that sends nothing makes room. */
  join(connection: HttpConnection): void {
    this.#connections.delete(connection);
    this.#connections.add(connection);
    for (const one of this.#connections) {
      if (this.#connections.size <= MAX_CONNECTIONS) break;
      if (one === this.#connection) continue;
      this.#connections.delete(one);
      one.close();
    }
  }

  /**
   * Receives one body. What ran before on another connection is read as far as it has come, and cut off: it is the same
   * encoder, which has lost it.
   *
   * @throws {FramingError} @throws {MuxError} For what is no stream; the session is deleted then.
   */
  async receive(connection: HttpConnection, bodyBytes: number): Promise<BodyEnd> {
    if (this.#connection && !await this.#drain(this.#connection, connection)) return "replaced";
    this.#connection = connection;
    connection.expectMuch();
    this.#disarm();
    this.#lastMediaAt = performance.now();
    try {
      const end = await this.#readBody(connection, bodyBytes);
      if (end === "ended" || end === "idle") this.delete();
      else if (end === "lost" && !this.#successor) {
        this.point.lose();
        this.#arm(Math.max(0, this.#timeouts.idleMs - this.silentMs));
      } else if (end === "full") this.rest();
      return end;
    } catch (error) {
      if (this.#connection === connection) this.delete();
      throw error;
    } finally {
      if (this.#connection === connection) this.#connection = undefined;
    }
  }

  /** What is on its way from `before`, first. False: another has come meanwhile, or the session is over. */
  async #drain(before: HttpConnection, successor: HttpConnection): Promise<boolean> {
    this.#successor?.close();
    this.#successor = successor;
    const until = performance.now() + MAX_DRAIN_MS;
    for (let silent = 0; silent < SILENT_STEPS && performance.now() < until;) {
      const readCount = this.#readCount;
      await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
      if (this.#connection !== before || this.#successor !== successor) break;
      silent = this.#isReading && this.#readCount === readCount ? silent + 1 : 0;
    }
    if (this.#successor !== successor) return false;
    this.#successor = undefined;
    this.#connection = undefined;
    before.close();
    return !this.#isDeleted;
  }

  async #readBody(connection: HttpConnection, bodyBytes: number): Promise<BodyEnd> {
    const reader = new FrameReader();
    const share = this.#limits.turns.share();
    for (let left = bodyBytes; left > 0;) {
      let bytes: Uint8Array | undefined;
      this.#isReading = true;
      try {
        bytes = await connection.read(this.#timeouts.idleMs - this.silentMs, left);
      } catch (error) {
        if (!(error instanceof PeerTimeout)) throw error;
        return this.#connection === connection ? "idle" : "replaced";
      }
      if (this.#connection !== connection || this.#isDeleted) return "replaced";
      if (bytes === undefined) return "lost";
      this.#isReading = false;
      this.#readCount++;
      left -= bytes.byteLength;
      for (const packet of reader.read(bytes)) {
        const turn = share.spend(packet.payload.byteLength);
        if (packet.kind === PACKET_KIND.header || packet.kind === PACKET_KIND.change) {
          await this.#begin(packet, connection);
        } else if (this.#take(packet)) return "ended";
        await turn;
        if (this.#connection !== connection || this.#isDeleted) return "replaced";
      }
    }
    if (reader.pendingBytes > 0) throw new FramingError("a packet lies across the end of the body");
    return "full";
  }

  async #begin({ payload }: PushPacket, connection: HttpConnection): Promise<void> {
    if (this.#lastHeader && equalBytes(this.#lastHeader, payload)) {
      this.#lastMediaAt = performance.now();
      return;
    }
    const waitMs = this.#limits.headers.take(connection.network);
    if (waitMs > MAX_HEADER_WAIT_MS) {
      const action = `publish ${this.point.name}`;
      throw new MuxError("too-large", { action, reason: "headers must not change so often" });
    }
    const until = performance.now() + waitMs;
    while (performance.now() < until && this.#connection === connection && !this.#isDeleted) {
      await new Promise((resolve) => setTimeout(resolve, HEADER_STEP_MS));
    }
    const header = await readLiveHeader(payload);
    this.#lastHeader = payload.slice();
    this.#lastMediaAt = performance.now();
    if (!this.#isDeleted && this.#connection === connection) this.point.begin(header);
  }

  /** True: it was the last. */
  #take({ kind, reason, payload }: PushPacket): boolean {
    switch (kind) {
      case PACKET_KIND.data:
        if (!this.point.facts.isLive) throw new FramingError("the header must come first");
        this.#lastMediaAt = performance.now();
        this.point.packet(payload);
        return false;
      case PACKET_KIND.end:
        return reason !== S_FALSE;
      case PACKET_KIND.filler:
        return false;
      default:
        throw new FramingError(`there is no packet of kind ${kind.toString(16)}`);
    }
  }

  /** Forgets the session: the broadcast is over. Idempotent. */
  delete(): void {
    if (this.#isDeleted) return;
    this.#isDeleted = true;
    this.#disarm();
    if (this.point.encoder === this) {
      this.point.encoder = undefined;
      this.point.end();
    }
    this.#onDelete(this);
  }

  /** Another takes its place: the broadcast may go on. */
  giveWay(): void {
    this.#isDeleted = true;
    this.#disarm();
    this.#connection?.close();
    this.#onDelete(this);
  }

  stop(): Promise<void> {
    const connection = this.#connection;
    this.delete();
    connection?.close();
    return Promise.resolve();
  }

  #arm(ms: number): void {
    this.#disarm();
    if (!this.#isDeleted) this.#timer = setTimeout(() => this.delete(), ms);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
  }
}
