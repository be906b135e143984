/**
 * One connection of a push: requests, and the long body with its packets.
 *
 * Invariants
 * - `#left` is what the present body still owes; it never comes to rest at 1, 2 or 3.
 * - A packet never lies across two bodies, and a connection that is let go of on purpose ends behind a whole one.
 * - Whatever the peer says while a body runs is read at once: a refusal is seen even while a write is stuck.
 *
 * @module
 */

import { type Connection, connectTcp } from "./connection.ts";
import { AnswerLimit, LinkLost } from "./failures.ts";
import { fillerFrames, fitsBody, type Frames } from "../wire/framing.ts";
import { addressOf } from "../wire/url.ts";
import { type Response, ResponseReader } from "./response_reader.ts";

/** Longest wait for the connection to take the next few bytes. */
const STALL_MS = 60_000;
/** Longest wait for the end of a connection whose end was announced. */
const LINGER_MS = 60_000;
/** Bytes handed to the connection at once: a wait is noticed, and a push stopped, between them. */
const WRITE_BYTES = 32_768;

/** A refusal while a body ran, or in place of the answer to it. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly response: Response;

  constructor(response: Response) {
    super(`the server answered ${response.status} ${response.reason}`.trimEnd());
    this.response = response;
  }
}

/** Makes the head of the PushStart that opens a body of this many bytes. */
export type StartHead = (bodyBytes: number) => string;

/** See the module's text. */
export class PushLink {
  readonly #connection: Connection;
  readonly #responses: ResponseReader;
  #startHead: StartHead | undefined;
  #bodyBytes = 0;
  #left = 0;
  /** The answer to the present body. */
  #answer: Promise<Response | undefined> | undefined;
  /** How the peer has ended a body that runs. */
  #trouble: Refusal | LinkLost | undefined;
  /** Told when it does. */
  #onTrouble: ((trouble: Refusal | LinkLost) => void) | undefined;
  #isStopping = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#responses = new ResponseReader(connection);
  }

  /** @throws What the runtime says; `signal.reason`. */
  static async open(url: URL, signal: AbortSignal): Promise<PushLink> {
    const { hostname, port } = addressOf(url);
    return new PushLink(await connectTcp(hostname, port, signal));
  }

  /** Sends a whole request and waits for its answer. @throws {LinkLost} */
  async request(text: string): Promise<Response> {
    await this.#write(new TextEncoder().encode(text));
    const response = await this.#responses.next();
    if (response === undefined) throw new LinkLost("the server closed the connection without an answer");
    return response;
  }

  /** Opens the first body; all will be of this length. @throws {LinkLost} @throws {Refusal} */
  async start(startHead: StartHead, bodyBytes: number): Promise<void> {
    this.#startHead = startHead;
    this.#bodyBytes = bodyBytes;
    await this.#startBody();
  }

  /** Whether the body has been opened. */
  get isStarted(): boolean {
    return this.#startHead !== undefined;
  }

  /**
   * Sends packets from number `first` on: all of them, unless {@linkcode stop} was called or it throws. `onTaken` is told
   * by and by up to which number the connection has taken them, whole.
   *
   * @throws {LinkLost} @throws {Refusal}
   */
  async send({ bytes, ends }: Frames, first: number, onTaken: (next: number) => void): Promise<void> {
    let done!: () => void;
    this.#writing = new Promise((resolve) => done = resolve);
    try {
      for (let next = first; next < ends.length && !this.#isStopping;) {
        const start = ends[next - 1] ?? 0;
        if (!fitsBody(ends[next]! - start, this.#left)) await this.#nextBody();
        let last = next;
        while (
          last + 1 < ends.length && ends[last + 1]! - start <= WRITE_BYTES &&
          fitsBody(ends[last + 1]! - start, this.#left)
        ) last++;
        await this.#writeBody(bytes.subarray(start, ends[last]!), (taken) => {
          while (next <= last && ends[next]! <= start + taken) next++;
          onTaken(next);
        });
        next = last + 1;
      }
    } finally {
      done();
    }
  }

  /** No packet goes out behind those under way; resolves when those are gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#writing;
  }

  /**
   * Closes behind what was sent, so that the peer gets all of it. With `expectsEnd` it waits for the peer to close, or
   * to answer.
   *
   * @throws {LinkLost} When the peer breaks off or stays silent. @throws {Refusal}
   */
  async finish(expectsEnd: boolean): Promise<void> {
    try {
      await this.#connection.closeWrite();
      if (!expectsEnd) return;
      const answer = await within(LINGER_MS, this.#answer ?? this.#responses.next());
      if (answer !== undefined && !isSuccess(answer)) throw new Refusal(answer);
    } catch (error) {
      if (error instanceof Refusal || error instanceof LinkLost) throw error;
      throw new LinkLost("the connection broke", { cause: error });
    } finally {
      this.close();
    }
  }

  /** Lets go at once. */
  close(): void {
    this.#isStopping = true;
    this.#connection.close();
  }

  async #startBody(): Promise<void> {
    const head = this.#startHead!(this.#bodyBytes);
    await this.#write(new TextEncoder().encode(head));
    this.#left = this.#bodyBytes;
    const answer = this.#answer = this.#responses.next();
    answer.then((response) => {
      if (this.#left > 0 || response === undefined || !isSuccess(response)) {
        this.#fail(response ? new Refusal(response) : new LinkLost("the server closed the connection"));
      }
    }, (error) => this.#fail(error));
  }

  #fail(trouble: Refusal | LinkLost): void {
    this.#trouble ??= trouble;
    this.#onTrouble?.(this.#trouble);
  }

  /** Fills this body, waits for its answer, and opens the next. */
  async #nextBody(): Promise<void> {
    await this.#writeBody(fillerFrames(this.#left));
    const answer = await within(STALL_MS, this.#answer!);
    if (answer === undefined) throw new LinkLost("the server closed the connection");
    if (!isSuccess(answer)) throw new Refusal(answer);
    if (!answer.keepsAlive) throw new LinkLost("the server does not keep the connection");
    await this.#startBody();
  }

  async #writeBody(bytes: Uint8Array, onTaken?: (byteCount: number) => void): Promise<void> {
    this.#left -= bytes.byteLength; // before: the answer to a full body may be here before the write has settled
    await this.#write(bytes, onTaken);
  }

  async #write(bytes: Uint8Array, onTaken?: (byteCount: number) => void): Promise<void> {
    for (let at = 0; at < bytes.byteLength;) {
      try {
        at += await this.#writeSome(bytes.subarray(at));
      } catch (error) {
        const trouble = error instanceof LinkLost ? error : new LinkLost("the connection broke", { cause: error });
        throw await this.#lastWords() ?? trouble;
      }
      onTaken?.(at);
    }
  }

  /** One write, given up when the peer ends the body, or takes nothing for too long. */
  #writeSome(bytes: Uint8Array): Promise<number> {
    return new Promise<number>((resolve, reject) => {
      if (this.#trouble) return reject(this.#trouble);
      this.#onTrouble = reject;
      const timer = setTimeout(
        () => reject(new LinkLost(`the server took nothing for ${STALL_MS / 1000} s`)),
        STALL_MS,
      );
      this.#connection.write(bytes).then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** What the peer said before it went: that says more than a broken pipe does. */
  async #lastWords(): Promise<Refusal | AnswerLimit | undefined> {
    if (!this.#trouble) {
      await new Promise<unknown>((resolve) => {
        const timer = setTimeout(resolve, LAST_WORDS_MS);
        this.#onTrouble = (trouble) => {
          clearTimeout(timer);
          resolve(trouble);
        };
      });
    }
    const trouble = this.#trouble;
    return trouble instanceof Refusal || trouble instanceof AnswerLimit ? trouble : undefined;
  }
}

/** How long the peer's last words may take after its connection broke. */
const LAST_WORDS_MS = 100;

function isSuccess({ status }: Response): boolean {
  return status >= 200 && status < 300;
}

/** @throws {LinkLost} When the time is over. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LinkLost(`the server was silent for ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
