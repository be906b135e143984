/**
 * One TCP connection of a live stream: heads and bodies, each with its limit and its time.
 *
 * @module
 */

import { GrowingBytes } from "../bytes/growing_bytes.ts";
import { contentLength, type Fields, type Head, HeadError, latin1, parseHead, readHead } from "./http_head.ts";
import { networkOf } from "./network.ts";

/** A request without its body. */
export interface HttpRequest {
  readonly method: string;
  /** As it came: path and query. */
  readonly target: string;
  readonly fields: Fields;
  /** 0 without one. */
  readonly contentLength: number;
}

/** The peer took too long. */
export class PeerTimeout extends Error {
  override name = "PeerTimeout";
}

const MAX_REQUEST_HEAD_BYTES = 8_192;
/** Enough for requests: there may be thousands of players who send nothing else. */
const REQUEST_READ_BYTES = 4_096;
const PUSH_READ_BYTES = 65_536;
/** How long a peer may take to close when it has got everything. */
const FAREWELL_MS = 2_000;
const EMPTY = new Uint8Array(0);

/** See the module's text. */
export class HttpConnection {
  /** Who it is. */
  readonly address: string;
  /** What limits for each peer count it by. */
  readonly network: string;
  readonly #conn: Deno.TcpConn;
  #buffer = new Uint8Array(REQUEST_READ_BYTES);
  #mostReadBytes = REQUEST_READ_BYTES;
  #isBufferFull = false;
  #held: Uint8Array = EMPTY;
  #isClosed = false;
  /** When the write began that is under way. */
  #writingSince: number | undefined;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.address = conn.remoteAddr.hostname;
    this.network = networkOf(this.address);
    conn.setNoDelay(true);
  }

  /** Takes a connection over. Throws what the runtime says if it is gone already; it is closed then. */
  static over(conn: Deno.TcpConn): HttpConnection {
    try {
      return new HttpConnection(conn);
    } catch (error) {
      conn.close();
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * The next request; `undefined` when the peer has closed, or speaks something else (old players begin with a binary
   * protocol and try HTTP when they are hung up on).
   *
   * @throws {HeadError} For what is no request. @throws {PeerTimeout}
   */
  async request(waitMs: number): Promise<HttpRequest | undefined> {
    const deadline = performance.now() + waitMs;
    if (this.#held.byteLength === 0) this.#held = await this.read(waitMs) ?? EMPTY;
    if (this.#held.byteLength === 0 || !isLetter(this.#held[0]!)) return undefined;
    const head = await this.head(MAX_REQUEST_HEAD_BYTES, deadline - performance.now());
    if (head === undefined) return undefined;
    const [, method, target] = head.startLine.match(/^([A-Z]+) (\S+) HTTP\/1\.\d$/) ?? [];
    if (method === undefined) throw new HeadError("the first line is no request");
    return { method, target: target!, fields: head.fields, contentLength: contentLength(head.fields) ?? 0 };
  }

  /**
   * The next head; `undefined` when the peer has closed before its end.
   *
   * @throws {HeadError} For what is no head, or one of more than `maxBytes`. @throws {PeerTimeout}
   */
  async head(maxBytes: number, waitMs: number): Promise<Head | undefined> {
    const deadline = performance.now() + waitMs;
    const held = this.#held;
    this.#held = EMPTY;
    const { head, rest } = await readHead(held, maxBytes, () => this.read(deadline - performance.now()));
    if (head === undefined) return undefined;
    this.#held = rest;
    return parseHead(head);
  }

  /** A whole small body. @throws {HeadError} If it is larger than `limit`. @throws {PeerTimeout} */
  async body(byteCount: number, limit: number, waitMs: number): Promise<Uint8Array | undefined> {
    if (byteCount > limit) throw new HeadError(`the body must not exceed ${limit} bytes`);
    const body = new GrowingBytes();
    const isWhole = await this.#receive(byteCount, limit, waitMs, (bytes) => body.append(bytes));
    return isWhole ? body.view() : undefined;
  }

  /**
   * Lets a small body pass by, and keeps nothing of it. False: the peer has closed before its end.
   *
   * @throws {HeadError} If it is larger than `limit`. @throws {PeerTimeout}
   */
  skipBody(byteCount: number, limit: number, waitMs: number): Promise<boolean> {
    return this.#receive(byteCount, limit, waitMs, () => {});
  }

  async #receive(
    byteCount: number,
    limit: number,
    waitMs: number,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<boolean> {
    if (byteCount > limit) throw new HeadError(`the body must not exceed ${limit} bytes`);
    const deadline = performance.now() + waitMs;
    for (let left = byteCount; left > 0;) {
      const bytes = await this.read(deadline - performance.now(), left);
      if (bytes === undefined) return false;
      onBytes(bytes);
      left -= bytes.byteLength;
    }
    return true;
  }

  /** A long body comes: reads more at a time, when so much comes. Called between reads. */
  expectMuch(): void {
    this.#mostReadBytes = PUSH_READ_BYTES;
  }

  /** What has come, at most `most` bytes; a view, dead at the next read. `undefined` at the end. @throws {PeerTimeout} */
  async read(waitMs: number, most = PUSH_READ_BYTES): Promise<Uint8Array | undefined> {
    if (this.#held.byteLength > 0) {
      const bytes = this.#held.subarray(0, most);
      this.#held = this.#held.subarray(bytes.byteLength);
      return bytes;
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      wake();
    }, Math.max(0, waitMs));
    let wake!: () => void;
    const late = new Promise<undefined>((resolve) => wake = () => resolve(undefined));
    try {
      if (this.#isBufferFull && !this.#reading && this.#buffer.byteLength < this.#mostReadBytes) {
        this.#buffer = new Uint8Array(Math.min(this.#mostReadBytes, 4 * this.#buffer.byteLength));
      }
      const reading = this.#reading ?? this.#conn.read(this.#buffer).catch(() => null);
      this.#reading = reading;
      const count = await Promise.race([reading, late]);
      if (isLate && count === undefined) throw new PeerTimeout("the peer was silent for too long");
      this.#reading = undefined;
      if (count === null || count === undefined) return undefined;
      this.#isBufferFull = count === this.#buffer.byteLength;
      const bytes = this.#buffer.subarray(0, count);
      if (count <= most) return bytes;
      this.#held = bytes.slice(most);
      return bytes.subarray(0, most);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A read whose waiting was given up goes on, and is the next one's. */
  #reading: Promise<number | null> | undefined;

  /** How long the peer has taken nothing of what is being written, ms. */
  get stuckMs(): number {
    return this.#writingSince === undefined ? 0 : performance.now() - this.#writingSince;
  }

  /** Writes all of it. Rejects when the peer is gone. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.byteLength;) {
        this.#writingSince = performance.now();
        at += await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
      }
    } finally {
      this.#writingSince = undefined;
    }
  }

  /** Writes text in Latin-1. */
  writeText(text: string): Promise<void> {
    return this.write(latin1(text));
  }

  /** Closes so that the peer gets everything that was written. */
  async finish(): Promise<void> {
    try {
      if (this.#isClosed) return;
      await this.#conn.closeWrite();
      const deadline = performance.now() + FAREWELL_MS;
      while (await this.read(deadline - performance.now()));
    } catch {
      // It closes in its own way.
    } finally {
      this.close();
    }
  }

  /** Lets go at once. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#conn.close();
    } catch {
      // The runtime has closed it already.
    }
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
