/**
 * Input from a URL, by `fetch` alone, so that it works in every runtime.
 *
 * ```text
 * GET Range: bytes=0-65535        206: its length, and what it is known by     200: it is read through as it comes
 * GET Range: bytes=a-b            206: these bytes, of the same length …       200, 412: it has changed
 *     If-Range: "its ETag"
 * ```
 *
 * @module
 */

import { MuxError, type MuxErrorCode } from "../errors.ts";
import { redactUrl } from "../wire/url.ts";
import { memoryBytes, type RandomBytes, type SourceBytes, streamedBytes } from "./bytes.ts";

/** How much is asked for first, and where little is wanted: what is looked for lies close together. */
const FIRST_BYTES = 1 << 16;
/** How much more than is wanted is asked for at most, where one read follows the other. */
const MAX_AHEAD_BYTES = 1 << 20;
/** What is kept of small reads. */
const MAX_KEPT_BYTES = 1 << 22;
/** How long the server may be silent, ms. */
const SILENCE_MS = 30_000;
/** How often one read is tried. */
const MAX_TRIES = 3;
/** Before it is tried again, ms; twice as long the next time. */
const FIRST_PAUSE_MS = 250;
const MAX_REDIRECTS = 10;

/** Settings of {@linkcode openHttp}. */
export interface HttpOptions {
  /** How long the server may be silent, ms; default 30 000. */
  readonly silenceMs?: number;
}

/**
 * Opens what a URL leads to.
 *
 * @param name What messages call it; default: the URL without user and password.
 * @throws {MuxError} `cannot-connect`, `access-denied`, `refused-by-server`, `connection-failure`; `bad-media` for answers
 * that contradict themselves.
 */
export async function openHttp(url: URL, name = redactUrl(url), options: HttpOptions = {}): Promise<SourceBytes> {
  const { silenceMs = SILENCE_MS } = options;
  if (!(silenceMs > 0)) throw new RangeError(`Cannot open ${name}: silenceMs must be above 0, got ${silenceMs}`);
  const resource = new Resource(url, name, silenceMs);
  const { answer, body } = await resource.open();
  if (answer === "whole") return streamedBytes(body, name);
  return answer.size === answer.bytes.byteLength ? memoryBytes(answer.bytes, name) : resource.positions(answer);
}

/** What a server says of the range it sends. */
interface ContentRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** `undefined`: it does not say. */
  readonly size: number | undefined;
}

/** What a resource is known by: another one has another. */
interface Identity {
  readonly size: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** The beginning of it, and what it is known by. */
interface Beginning extends Identity {
  readonly bytes: Uint8Array;
}

type Opened =
  | { readonly answer: Beginning; readonly body?: undefined }
  | { readonly answer: "whole"; readonly body: ReadableStream<Uint8Array> };

class Resource {
  readonly #name: string;
  readonly #silenceMs: number;
  /** Without user and password. */
  readonly #url: URL;
  /** Goes to the origin of the URL, and nowhere else. */
  readonly #authorization: string | undefined;
  /** Where it was found. */
  #place: URL;
  /** Requests that have no answer yet. */
  readonly #answering = new Set<Promise<Response>>();
  /** Ends whatever is under way. */
  readonly #closing = new AbortController();

  constructor(url: URL, name: string, silenceMs: number) {
    this.#name = name;
    this.#silenceMs = silenceMs;
    const { password, username } = url;
    if (username !== "" || password !== "") {
      if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
        throw this.#error("access-denied", "open", "a password may only go to https, got http");
      }
      this.#authorization = `Basic ${basic(decodeURIComponent(username), decodeURIComponent(password))}`;
    }
    this.#url = new URL(url);
    this.#url.username = this.#url.password = "";
    this.#place = this.#url;
  }

  /** Asks for the beginning. */
  async open(): Promise<Opened> {
    const { response, watch } = await this.#request(0, FIRST_BYTES, undefined);
    if (response.status === 200) return this.#whole(response, watch);
    try {
      if (response.status !== 206) throw this.#error("bad-media", "open", "it is empty");
      const range = contentRange(response);
      if (range?.size !== undefined) {
        const wanted = Math.min(FIRST_BYTES, range.size);
        this.#checkRange(range, 0, wanted, range.size);
        const bytes = await this.#body(response, watch, wanted);
        if (bytes.byteLength < wanted) throw this.#cut(bytes.byteLength, wanted);
        const { headers } = response;
        return {
          answer: { size: range.size, bytes, etag: headers.get("etag"), lastModified: headers.get("last-modified") },
        };
      }
    } finally {
      giveUp(response, watch);
    }
    // A server that does not know it, or a page of another origin that may not see it.
    const whole = await this.#request(undefined, 0, undefined);
    return this.#whole(whole.response, whole.watch);
  }

  /** Its bytes at any position. */
  positions(beginning: Beginning): RandomBytes {
    const { size } = beginning;
    const underWay = new Set<Promise<unknown>>();
    const reads = new SmallReads(size, (start, end, memory) => {
      const reading = this.#read(start, end, beginning, memory).finally(() => underWay.delete(reading));
      underWay.add(reading);
      return reading;
    });
    reads.keep(0, beginning.bytes);
    return {
      kind: "random",
      name: this.#name,
      size,
      read: (start, end, memory) => reads.read(start, end, memory),
      close: async () => {
        this.#closing.abort();
        await Promise.allSettled(underWay);
        await Promise.allSettled(this.#answering);
      },
    };
  }

  #whole(response: Response, watch: Watch): Opened {
    const reader = response.body?.getReader();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await watch.wait(reader!.read()).catch((cause) => {
          throw this.#broken(watch, cause);
        });
        if (done) {
          watch.end();
          controller.close();
        } else controller.enqueue(value);
      },
      cancel: async () => {
        watch.end();
        await reader?.cancel().catch(() => {}); // it is over already
      },
    }, { highWaterMark: 0 });
    if (reader === undefined) throw this.#error("bad-media", "open", "it is empty");
    return { answer: "whole", body };
  }

  /** The bytes of `[start, end)`, in as many requests as it takes. */
  async #read(start: number, end: number, known: Identity, memory?: Uint8Array): Promise<Uint8Array> {
    const target = memory?.subarray(0, end - start) ?? new Uint8Array(end - start);
    let done = 0;
    for (let tries = 1, pauseMs = FIRST_PAUSE_MS;; tries++, pauseMs *= 2) {
      try {
        done += await this.#readOnce(start + done, end, known, target.subarray(done));
        if (done === target.byteLength) return target;
        throw this.#cut(done, target.byteLength);
      } catch (error) {
        const isTransient = error instanceof MuxError && TRANSIENT.has(error.code);
        if (!isTransient || tries === MAX_TRIES || this.#closing.signal.aborted) throw error;
        this.#place = this.#url; // where it was sent before may be over
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** Answers how many bytes have come. */
  async #readOnce(start: number, end: number, known: Identity, target: Uint8Array): Promise<number> {
    const { response, watch } = await this.#request(start, end, known);
    try {
      const isWhole = response.status === 200 && start === 0 && end === known.size;
      const range = isWhole ? { start, end, size: known.size } : contentRange(response);
      const etag = response.headers.get("etag");
      const hasChanged = response.status === 200 && !isWhole || response.status === 412 || response.status === 416 ||
        range?.size !== undefined && range.size !== known.size ||
        etag !== null && known.etag !== null && etag !== known.etag;
      if (hasChanged) throw this.#error("bad-media", "read", "it has changed at the server while it was read");
      if (range === undefined) throw this.#error("bad-media", "read", "the server sends a range without saying which");
      this.#checkRange(range, start, end, known.size);
      return (await this.#body(response, watch, end - start, target)).byteLength;
    } finally {
      giveUp(response, watch);
    }
  }

  /** A request for a range, or for the whole. What it answers is no refusal. */
  async #request(
    start: number | undefined,
    end: number,
    known: Identity | undefined,
  ): Promise<{ response: Response; watch: Watch }> {
    const headers = new Headers({ "accept-encoding": "identity" });
    if (start !== undefined) headers.set("range", `bytes=${start}-${end - 1}`);
    const validator = known && validatorOf(known);
    if (validator !== undefined && !isOfOtherOrigin(this.#place)) headers.set("if-range", validator);
    const watch = new Watch(this.#silenceMs, this.#closing.signal);
    try {
      const response = await this.#follow(headers, watch);
      const { ok, status } = response;
      if (ok || status === 416 || status === 412 && known !== undefined) return { response, watch };
      throw this.#refusal(response);
    } catch (cause) {
      watch.end();
      throw cause instanceof MuxError ? cause : this.#broken(watch, cause, known === undefined);
    }
  }

  /** Follows redirections. A password stays at its origin, and https does not become http. */
  async #follow(headers: Headers, watch: Watch): Promise<Response> {
    for (let url = this.#place, count = 0; count <= MAX_REDIRECTS; count++) {
      const isHome = url.origin === this.#url.origin;
      const isSecret = this.#authorization !== undefined && isHome;
      if (isSecret) headers.set("authorization", this.#authorization!);
      else headers.delete("authorization");
      const redirect = IS_BROWSER ? isSecret ? "error" : "follow" : "manual";
      const answering = answer(url, { headers, signal: watch.signal, redirect });
      this.#answering.add(answering);
      const forget = () => this.#answering.delete(answering);
      answering.then(forget, forget);
      const response = await watch.wait(answering);
      if (IS_BROWSER || ![301, 302, 303, 307, 308].includes(response.status)) {
        this.#place = IS_BROWSER && response.url !== "" ? new URL(response.url) : url;
        return response;
      }
      const location = response.headers.get("location");
      await response.body?.cancel();
      const next = location !== null && URL.canParse(location, url) ? new URL(location, url) : undefined;
      if (next === undefined) throw this.#error("refused-by-server", "open", "it leads nowhere");
      if (next.protocol !== "https:" && (next.protocol !== "http:" || url.protocol === "https:")) {
        throw this.#error("access-denied", "open", `it leads from ${url.protocol} to ${next.protocol}`);
      }
      next.username = next.password = "";
      url = next;
    }
    throw this.#error("refused-by-server", "open", `it leads on more than ${MAX_REDIRECTS} times`);
  }

  /** What comes of a range, and no more. */
  async #body(
    response: Response,
    watch: Watch,
    wanted: number,
    target: Uint8Array = new Uint8Array(wanted),
  ): Promise<Uint8Array> {
    const reader = response.body?.getReader();
    let done = 0;
    try {
      while (reader !== undefined) {
        const { done: isOver, value } = await watch.wait(reader.read());
        if (isOver) break;
        if (done + value.byteLength > wanted) {
          throw this.#error(
            "bad-media",
            "read",
            `the server sends more than the ${wanted} bytes that it was asked for`,
          );
        }
        target.set(value, done);
        done += value.byteLength;
      }
    } catch (cause) {
      if (cause instanceof MuxError || done === 0) throw cause instanceof MuxError ? cause : this.#broken(watch, cause);
      // What came before it broke is kept.
    } finally {
      watch.end();
      const letGo = reader?.cancel().catch(() => {}); // it has ended, or broken
      if (!watch.isLate) await letGo;
    }
    return target.subarray(0, done);
  }

  #checkRange({ start, end, size }: ContentRange, wantedStart: number, wantedEnd: number, knownSize: number): void {
    if (start === wantedStart && end === wantedEnd && (size ?? knownSize) >= end) return;
    const wanted = `${wantedStart}-${wantedEnd - 1}/${knownSize}`;
    throw this.#error(
      "bad-media",
      "read",
      `the server was asked for bytes ${wanted}, and sends ${start}-${end - 1}/${size}`,
    );
  }

  #refusal(response: Response): MuxError {
    const { status, statusText } = response;
    void response.body?.cancel().catch(() => {});
    const said = `the server answers ${status}${isPlainText(statusText) ? ` ${statusText}` : ""}`;
    const code = status === 401 || status === 403 || status === 407 ? "access-denied" : "refused-by-server";
    return this.#error(code, "open", said);
  }

  #cut(done: number, wanted: number): MuxError {
    return this.#error("connection-failure", "read", `${done} of ${wanted} bytes have come, then the connection broke`);
  }

  /** What `fetch` throws. */
  #broken({ isLate }: Watch, cause: unknown, isFirst = false): MuxError {
    if (isLate) {
      return this.#error("connection-failure", "read", `the server was silent for ${this.#silenceMs / 1000} s`, cause);
    }
    if (this.#closing.signal.aborted) return this.#error("invalid-state", "read", "it has been closed", cause);
    if (["NotCapable", "PermissionDenied"].includes((cause as Error)?.name)) {
      return this.#error("cannot-connect", "open", `this needs --allow-net=${this.#place.host}`, cause);
    }
    return isFirst
      ? this.#error("cannot-connect", "open", `${this.#place.host} cannot be reached`, cause)
      : this.#error("connection-failure", "read", "the connection broke", cause);
  }

  #error(code: MuxErrorCode, verb: string, reason: string, cause?: unknown): MuxError {
    return new MuxError(code, { action: `${verb} ${this.#name}`, reason }, { cause });
  }
}

/** An answer that nobody waits for any more is let go of. */
async function answer(url: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (init.signal?.aborted) await response.body?.cancel().catch(() => {});
  return response;
}

/** What has not come of an answer is not waited for. */
function giveUp(response: Response, watch: Watch): void {
  void response.body?.cancel().catch(() => {}); // it has ended, or is being read
  watch.end();
}

/** What may be over when it is tried again. */
const TRANSIENT: ReadonlySet<string> = new Set(["cannot-connect", "connection-failure", "refused-by-server"]);

/** Ends a request whose server is silent for too long. */
class Watch {
  /** It was too long. */
  isLate = false;
  readonly signal: AbortSignal;
  readonly #silenceMs: number;
  readonly #controller = new AbortController();
  readonly #closing: AbortSignal;
  readonly #onClose = () => this.#controller.abort();

  constructor(silenceMs: number, closing: AbortSignal) {
    this.#silenceMs = silenceMs;
    this.#closing = closing;
    this.signal = this.#controller.signal;
    if (closing.aborted) this.#controller.abort();
    else closing.addEventListener("abort", this.#onClose, { once: true });
  }

  /** Waits for the server. Not every runtime ends what it has begun to read when it is told to: that is not waited for. */
  wait<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {}); // told here, if anybody waits
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        reject(new Error("given up"));
      };
      const timer = setTimeout(() => {
        this.isLate = true;
        this.#controller.abort();
      }, this.#silenceMs);
      this.signal.addEventListener("abort", giveUp, { once: true });
      if (this.signal.aborted) giveUp();
      void work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        this.signal.removeEventListener("abort", giveUp);
      });
    });
  }

  /** The request is over: what is still to come of it is given up. */
  end(): void {
    this.#closing.removeEventListener("abort", this.#onClose);
    this.#controller.abort();
  }
}

/** Keeps what was read around small reads: headers and tables are asked for in small pieces that follow each other. */
class SmallReads {
  readonly #size: number;
  readonly #read: (start: number, end: number, memory?: Uint8Array) => Promise<Uint8Array>;
  /** Oldest first. */
  readonly #kept: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  #keptBytes = 0;
  /** Where the last small request ended, and how much it was. */
  #nextStart = 0;
  #nextBytes = FIRST_BYTES;

  constructor(size: number, read: (start: number, end: number, memory?: Uint8Array) => Promise<Uint8Array>) {
    this.#size = size;
    this.#read = read;
  }

  keep(start: number, bytes: Uint8Array): void {
    this.#kept.push({ start, bytes });
    this.#keptBytes += bytes.byteLength;
    while (this.#keptBytes > MAX_KEPT_BYTES && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()!.bytes.byteLength;
    }
    this.#nextStart = start + bytes.byteLength;
  }

  async read(start: number, end: number, memory?: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const there = this.#find(start, end);
    if (there !== undefined) {
      if (memory === undefined) return there;
      memory.set(there);
      return memory.subarray(0, there.byteLength);
    }
    if (end - start >= FIRST_BYTES) return await this.#read(start, end, memory);
    this.#nextBytes = start === this.#nextStart ? Math.min(2 * this.#nextBytes, MAX_AHEAD_BYTES) : FIRST_BYTES;
    const bytes = await this.#read(start, Math.min(this.#size, start + Math.max(end - start, this.#nextBytes)));
    this.keep(start, bytes);
    return bytes.subarray(0, end - start);
  }

  #find(start: number, end: number): Uint8Array | undefined {
    for (let i = this.#kept.length - 1; i >= 0; i--) {
      const { start: first, bytes } = this.#kept[i]!;
      if (start >= first && end <= first + bytes.byteLength) return bytes.subarray(start - first, end - first);
    }
    return undefined;
  }
}

/** A page cannot see where a redirection leads. It is followed by the browser then, but not with a password. */
const IS_BROWSER = "document" in globalThis || "WorkerGlobalScope" in globalThis && !("Deno" in globalThis);

/** A page asks other origins for leave to send what is not simple, which few give. */
function isOfOtherOrigin({ origin }: URL): boolean {
  return IS_BROWSER && globalThis.location?.origin !== origin;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function isPlainText(text: string): boolean {
  return /^[\x20-\x7e]{1,60}$/.test(text);
}

function basic(username: string, password: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${username}:${password}`)));
}

/** `bytes 0-65535/1234567` ([RFC 9110] 14.4). */
function contentRange({ headers }: Response): ContentRange | undefined {
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers.get("content-range") ?? "");
  if (found === null) return undefined;
  const [, first, last, size] = found;
  return { start: Number(first), end: Number(last) + 1, size: size === "*" ? undefined : Number(size) };
}

/** What If-Range may hold ([RFC 9110] 13.1.5): no weak tag. */
function validatorOf({ etag, lastModified }: Identity): string | undefined {
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return lastModified ?? undefined;
}
