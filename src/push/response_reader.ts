/**
 * HTTP responses from a connection on which requests are still being written.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { AnswerLimit, LinkLost } from "./failures.ts";
import { contentLength, type Fields, findHeadEnd, HeadError, parseHead } from "./http_head.ts";

/** What a peer answered. */
export interface Response {
  readonly status: number;
  /** As sent, possibly empty. */
  readonly reason: string;
  readonly fields: Fields;
  /** Whether the connection can carry another request. */
  readonly keepsAlive: boolean;
  /** Whether the peer has said that it closes it. */
  readonly willClose: boolean;
}

const MAX_HEAD_BYTES = 16_384;
/** Answers before the answer: a peer has a few to give, and no endless row of them. */
const MAX_INTERIM_ANSWERS = 100;
/** A body is only skipped: an explanation for people. */
const MAX_BODY_BYTES = 1 << 20;

/** Reads one response after the other; never holds more than one head. */
export class ResponseReader {
  readonly #connection: Connection;
  /** What has come and is still to be looked at: a part of `#room`, or of what was read last. */
  #held: Uint8Array = new Uint8Array(0);
  /** Where pieces of a head are put together. */
  #room = new Uint8Array(0);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The next response, its body skipped, and those that only announce it (1xx); `undefined` when the peer has closed
   * instead.
   *
   * @throws {LinkLost} When the connection breaks in the middle, or what comes is no response.
   * @throws {AnswerLimit} When the head is too long, or nothing but announcements come.
   */
  async next(): Promise<Response | undefined> {
    for (let interimCount = 0; interimCount <= MAX_INTERIM_ANSWERS; interimCount++) {
      const response = await this.#head();
      if (response !== undefined && response.status < 200) continue;
      if (response?.keepsAlive) await this.#skip(bodyLength(response));
      return response;
    }
    throw new AnswerLimit(`the server sent more than ${MAX_INTERIM_ANSWERS} interim answers (1xx)`);
  }

  async #head(): Promise<Response | undefined> {
    let end = -1;
    for (let seen = 0; (end = findHeadEnd(this.#held, seen)) < 0;) {
      seen = this.#held.byteLength;
      if (seen > MAX_HEAD_BYTES) throw headTooLong();
      if (await this.#more()) continue;
      if (seen === 0) return undefined;
      throw new LinkLost("the answer breaks off");
    }
    if (end > MAX_HEAD_BYTES) throw headTooLong();
    const head = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
    return toResponse(head);
  }

  async #skip(length: number): Promise<void> {
    while (length > this.#held.byteLength) {
      length -= this.#held.byteLength;
      this.#held = new Uint8Array(0);
      if (!await this.#more()) throw new LinkLost("the answer breaks off");
    }
    this.#held = this.#held.subarray(length);
  }

  async #more(): Promise<boolean> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.#connection.read();
    } catch (cause) {
      throw new LinkLost("the connection broke", { cause });
    }
    if (bytes === undefined) return false;
    if (this.#held.byteLength === 0) this.#held = bytes;
    else this.#join(bytes);
    return true;
  }

  /** Room is doubled, so that a head that comes byte by byte is not copied with every byte. */
  #join(bytes: Uint8Array): void {
    const held = this.#held;
    const isInRoom = held.buffer === this.#room.buffer;
    const start = isInRoom ? held.byteOffset : 0;
    const end = start + held.byteLength;
    const needed = end + bytes.byteLength;
    if (!isInRoom || needed > this.#room.byteLength) {
      const room = new Uint8Array(2 * (held.byteLength + bytes.byteLength));
      room.set(held);
      room.set(bytes, held.byteLength);
      this.#room = room;
      this.#held = room.subarray(0, held.byteLength + bytes.byteLength);
      return;
    }
    this.#room.set(bytes, end);
    this.#held = this.#room.subarray(start, needed);
  }
}

function headTooLong(): AnswerLimit {
  return new AnswerLimit(`the head of the answer is too long: more than ${MAX_HEAD_BYTES} bytes`);
}

function toResponse(bytes: Uint8Array): Response {
  try {
    const { startLine, fields } = parseHead(bytes);
    const [, minor, code, reason] = startLine.match(/^HTTP\/1\.(\d) ([1-9]\d{2})(?: (.*))?$/) ?? [];
    if (code === undefined) throw new HeadError("it does not begin like HTTP");
    const status = Number(code);
    const options = (fields.get("connection") ?? []).join(",").toLowerCase();
    const isChunked = fields.has("transfer-encoding");
    const hasEnd = status === 204 || contentLength(fields) !== undefined;
    const willClose = options.includes("close");
    const keepsAlive = hasEnd && !isChunked && !willClose &&
      (minor !== "0" || options.includes("keep-alive")) && bodyLength({ status, fields }) <= MAX_BODY_BYTES;
    return { status, reason: reason ?? "", fields, keepsAlive, willClose };
  } catch (cause) {
    if (!(cause instanceof HeadError)) throw cause;
    throw new LinkLost(`the answer is not HTTP: ${cause.message}`, { cause });
  }
}

function bodyLength({ status, fields }: { status: number; fields: Fields }): number {
  return status === 204 ? 0 : contentLength(fields) ?? 0;
}
