/**
 * HTTP responses from a connection on which requests are still being written.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { AnswerLimit, LinkLost } from "./failures.ts";
import {
  contentLength,
  type Fields,
  HeadError,
  MAX_ANSWER_HEAD_BYTES,
  parseHead,
  parseStatusLine,
  readHead,
} from "../wire/http_head.ts";

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

/** Answers before the answer: a peer has a few to give, and no endless row of them. */
const MAX_INTERIM_ANSWERS = 100;
/** A body is only skipped: an explanation for people. */
const MAX_BODY_BYTES = 0x10_0000;

/** Reads one response after the other; never holds more than one head. */
export class ResponseReader {
  readonly #connection: Connection;
  /** What has come and is still to be looked at. */
  #held: Uint8Array = new Uint8Array(0);

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
    const { head, rest } = await readHead(this.#held, MAX_ANSWER_HEAD_BYTES, () => this.#read()).catch((cause) => {
      throw cause instanceof HeadError ? new AnswerLimit(`the answer is not HTTP: ${cause.message}`, { cause }) : cause;
    });
    this.#held = rest;
    if (head !== undefined) return toResponse(head);
    if (rest.byteLength === 0) return undefined;
    throw new LinkLost("the answer breaks off");
  }

  async #skip(length: number): Promise<void> {
    while (length > this.#held.byteLength) {
      length -= this.#held.byteLength;
      const bytes = await this.#read();
      if (bytes === undefined) throw new LinkLost("the answer breaks off");
      this.#held = bytes;
    }
    this.#held = this.#held.subarray(length);
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      return await this.#connection.read();
    } catch (cause) {
      throw new LinkLost("the connection broke", { cause });
    }
  }
}

function toResponse(bytes: Uint8Array): Response {
  try {
    const { startLine, fields } = parseHead(bytes);
    const { minorVersion, status, reason } = parseStatusLine(startLine);
    const options = (fields.get("connection") ?? []).join(",").toLowerCase();
    const isChunked = fields.has("transfer-encoding");
    const hasEnd = status === 204 || contentLength(fields) !== undefined;
    const willClose = options.includes("close");
    const keepsAlive = hasEnd && !isChunked && !willClose &&
      (minorVersion > 0 || options.includes("keep-alive")) && bodyLength({ status, fields }) <= MAX_BODY_BYTES;
    return { status, reason, fields, keepsAlive, willClose };
  } catch (cause) {
    if (!(cause instanceof HeadError)) throw cause;
    throw new LinkLost(`the answer is not HTTP: ${cause.message}`, { cause });
  }
}

function bodyLength({ status, fields }: { status: number; fields: Fields }): number {
  return status === 204 ? 0 : contentLength(fields) ?? 0;
}
