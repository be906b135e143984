/**
 * The sending side of Windows Media HTTP push: one session with a server, over as many connections as it takes.
 *
 * ```text
 * idle ─ connect ─► connected ─ header ─► streaming ─ end ─► ended ─ connect ─► connected, as a new session
 *                       ▲                     │
 *                       └─ connect ─ detached ◄┘ disconnect, or the link was lost and none has come back
 * ```
 *
 * Invariants
 * - Packets leave in the order they came, each once as far as the connection can tell.
 * - A lost link is noticed by whoever writes, and mended there; a link left on purpose is mended by `connect` alone.
 *
 * @module
 */

import { equalBytes } from "../bytes/bytes.ts";
import { MuxError } from "../errors.ts";
import { DIRECT_BODY_BYTES, proxiedBodyBytes } from "./body_size.ts";
import { AnswerLimit, LinkLost, pushError, reasonOf } from "./failures.ts";
import { dataFrames, endFrame, frame, type Frames, PACKET_KIND, single } from "../wire/framing.ts";
import { Refusal } from "./link.ts";
import { NO_PUSH_ID, type Setup, setUp, type SetupRequest } from "./setup.ts";

/** Where a push stands. */
export type PushState = "idle" | "connected" | "streaming" | "detached" | "ended";

/** Where to push to, and how. */
export type PushTarget = Omit<SetupRequest, "pushId" | "wasHashed">;

/** What tests choose smaller. */
export interface PushLimits {
  /** Content-Length of a body. */
  readonly bodyBytes?: number;
  /** How long the answer to a setup may take. */
  readonly setupMs?: number;
  /** How long a push without a connection waits for one; asked for again and again. */
  readonly resumeMs?: () => number;
}

/** By then the server has forgotten the session. */
export const RESUME_MS = 60_000;
/** How often the wait for a connection looks at its limit. */
const PATIENCE_STEP_MS = 500;
const SETUP_MS = 30_000;
/** A connection that lasts so long was a good one. */
const SETTLED_MS = 5_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;
const REQUEST_TIMEOUT = 408;
const UNAUTHORIZED = 401;
const PROXY_UNAUTHORIZED = 407;

/** See the module's text. */
export class PushClient {
  readonly #limits: Required<PushLimits>;
  #state: PushState = "idle";
  #target: PushTarget | undefined;
  #setup: Setup | undefined;
  #pushId = NO_PUSH_ID;
  /** Whether the server at the target has asked for the password, and got it hashed. */
  #wasHashed = false;
  #header: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the server has got the header in this session. */
  #isHeaderSent = false;
  /** Bytes of packets the connections have taken. */
  #byteCount = 0;
  /** When the present connection was made. */
  #attachedAt = 0;
  /** When the last connection was lost that had lasted a while; infinite while one does. */
  #troubleAt = Infinity;
  /** Ends waits and attempts when the caller does something else. */
  #change = new AbortController();
  /** How often it was given up. */
  #abandonCount = 0;

  constructor(limits: PushLimits = {}) {
    this.#limits = { bodyBytes: DIRECT_BODY_BYTES, setupMs: SETUP_MS, resumeMs: () => RESUME_MS, ...limits };
  }

  get state(): PushState {
    return this.#state;
  }

  /** Bytes of the header and packets, their heads included, as far as a connection has taken them. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** Connects: for the first time, again after a break, or as a new session after the end. */
  async connect(target: PushTarget, signal?: AbortSignal): Promise<void> {
    if (this.#state === "connected" || this.#state === "streaming") {
      throw pushError("already-connected", "NS_E_ALREADY_CONNECTED", `Cannot connect: it is ${this.#state} already`, {
        state: this.#state,
        allowed: ["idle", "detached", "ended"],
      });
    }
    const isSame = this.#target?.url.href === target.url.href;
    if (this.#state === "ended" || !isSame) this.#forget();
    if (this.#target?.url.origin !== target.url.origin) this.#wasHashed = false;
    this.#interrupt();
    await this.#attach(target, signal);
    this.#troubleAt = Infinity;
  }

  /** Opens the stream, or begins a new one where it has another header. */
  async header(bytes: Uint8Array): Promise<void> {
    if (this.#header && !equalBytes(this.#header, bytes)) await this.#beginAnew();
    this.#header ??= bytes.slice();
    await this.#deliver({ bytes: new Uint8Array(0), ends: [] });
  }

  /** Sends whole packets that lie back to back. Waits while there is no connection, as long as one may come. */
  async data(bytes: Uint8Array, packetBytes: number): Promise<void> {
    if (!this.#header && this.#setup) {
      throw new MuxError("invalid-state", "Cannot push: the header must come first", { state: this.#state });
    }
    await this.#deliver(dataFrames(bytes, packetBytes));
  }

  /** Tells the server that this was all, waits until it has taken it, and closes. */
  async end(): Promise<void> {
    const setup = this.#setup;
    if (!setup) throw this.#notConnected("end the session");
    try {
      if (!setup.link.isStarted) await this.#begin(setup);
      await setup.link.send(single(endFrame(0)), 0, () => {});
      await setup.link.finish(true);
    } catch (error) {
      this.#detach(setup);
      throw this.#failure("end the session", error);
    }
    this.#setup = undefined;
    this.#state = "ended";
    this.#forget();
  }

  /** Leaves without a word: the server keeps the session for a while. */
  async disconnect(): Promise<void> {
    const setup = this.#setup;
    this.#setup = undefined;
    this.#troubleAt = performance.now();
    if (this.#state === "connected" || this.#state === "streaming") this.#state = "detached";
    if (!setup) return void this.#interrupt();
    await setup.link.stop();
    await setup.link.finish(false).catch(() => {}); // whatever breaks now was to be left anyway
  }

  /** As `disconnect`, at once. What is under way rejects. */
  abandon(): void {
    this.#abandonCount++;
    if (this.#setup) this.#detach(this.#setup);
    this.#interrupt();
  }

  // ── Connections ──

  async #attach(target: PushTarget, signal?: AbortSignal): Promise<void> {
    const known = this.#pushId;
    const change = this.#change.signal;
    const timeout = new Timeout(this.#limits.setupMs, target.url);
    const stop = AbortSignal.any([timeout.signal, change, ...(signal ? [signal] : [])]);
    const request = { ...target, wasHashed: this.#wasHashed };
    let setup: Setup;
    try {
      setup = await setUp({ ...request, pushId: known }, stop).catch((error) => {
        // It has forgotten the session: then a new one.
        if (known.value === NO_PUSH_ID.value || !(error instanceof MuxError) || error.code !== "refused-by-server") {
          throw error;
        }
        return setUp({ ...request, pushId: NO_PUSH_ID }, stop);
      });
    } catch (error) {
      throw this.#interruption(change, error);
    } finally {
      timeout.clear();
    }
    if (stop.aborted) {
      setup.link.close();
      throw this.#interruption(change, stop.reason);
    }
    const { value, place } = setup.pushId;
    const isSame = value === known.value && place === known.place && value !== NO_PUSH_ID.value;
    if (!isSame) this.#isHeaderSent = false;
    this.#target = { ...target };
    this.#wasHashed ||= setup.isHashed;
    this.#pushId = setup.pushId;
    this.#setup = setup;
    this.#state = "connected";
    this.#attachedAt = performance.now();
    this.#interrupt();
  }

  /** PushStart, and the header if this session's server has not got it. */
  async #begin(setup: Setup): Promise<void> {
    const { bodyBytes } = this.#limits;
    const isProxied = setup.isProxied && this.#header !== undefined;
    await setup.link.start(
      setup.startHead,
      isProxied ? Math.min(bodyBytes, proxiedBodyBytes(this.#header!)) : bodyBytes,
    );
    if (!this.#header || this.#isHeaderSent) return;
    const bytes = frame(PACKET_KIND.header, this.#header);
    await setup.link.send(single(bytes), 0, (next) => {
      if (next === 0) return;
      this.#isHeaderSent = true;
      this.#byteCount += bytes.byteLength;
    });
  }

  async #deliver(frames: Frames): Promise<void> {
    const { ends } = frames;
    const abandonCount = this.#abandonCount;
    let sent = 0;
    for (;;) {
      const setup = this.#setup ?? await this.#awaitSetup(abandonCount);
      try {
        if (!setup.link.isStarted) await this.#begin(setup);
        if (this.#setup === setup) this.#state = "streaming";
        await setup.link.send(frames, sent, (next) => {
          this.#byteCount += (ends[next - 1] ?? 0) - (ends[sent - 1] ?? 0);
          sent = next;
        });
        if (performance.now() - this.#attachedAt > SETTLED_MS) this.#troubleAt = Infinity;
        if (sent === ends.length) return;
      } catch (error) {
        this.#checkAbandoned(abandonCount);
        const isLeft = this.#setup !== setup;
        this.#detach(setup);
        if (isLeft) continue;
        if (!isMendable(error)) throw this.#failure("push", error);
        await this.#mend(error, abandonCount);
      }
    }
  }

  /** Waits for a `connect` by the caller. */
  async #awaitSetup(abandonCount: number): Promise<Setup> {
    while (!this.#setup) {
      const change = this.#change.signal;
      if (this.#state !== "detached" || this.#patienceMs() <= 0) throw this.#notConnected("push");
      await sleep(Math.min(PATIENCE_STEP_MS, this.#patienceMs()), change);
      this.#checkAbandoned(abandonCount);
    }
    return this.#setup;
  }

  /** Connects again after a loss: soon, then less and less often, until the server must have forgotten the session. */
  async #mend(cause: unknown, abandonCount: number): Promise<void> {
    const change = this.#change.signal;
    for (let delay = FIRST_RETRY_MS; !change.aborted; delay = Math.min(2 * delay, LAST_RETRY_MS)) {
      const patienceMs = this.#patienceMs();
      if (patienceMs <= 0) throw this.#lost(cause);
      await sleep(Math.min(delay, patienceMs), change);
      if (change.aborted) break;
      try {
        return await this.#attach(this.#target!);
      } catch (error) {
        if (!change.aborted && !isTransient(error)) throw error;
        cause = error;
      }
    }
    this.#checkAbandoned(abandonCount);
    // The caller has connected, or has left.
  }

  /** How much longer a connection is to be waited for, counted from the loss of the last that lasted. */
  #patienceMs(): number {
    this.#troubleAt = Math.min(this.#troubleAt, performance.now());
    return this.#troubleAt + this.#limits.resumeMs() - performance.now();
  }

  #detach(setup: Setup): void {
    setup.link.close();
    if (this.#setup === setup) this.#setup = undefined;
    if (this.#state === "connected" || this.#state === "streaming") this.#state = "detached";
  }

  /** The stream is another from here on: the server is told that the old one is over. */
  async #beginAnew(): Promise<void> {
    const target = this.#target!;
    await this.end();
    await this.#attach(target);
  }

  #forget(): void {
    this.#pushId = NO_PUSH_ID;
    this.#header = undefined;
    this.#isHeaderSent = false;
  }

  #interrupt(): void {
    this.#change.abort();
    this.#change = new AbortController();
  }

  /** Throws if the push was given up since a call began: by then the caller may have connected again. */
  #checkAbandoned(abandonCount: number): void {
    if (this.#abandonCount === abandonCount) return;
    throw this.#failure("push", new LinkLost("the push was given up"));
  }

  /** What an attempt to connect fails with: another call may have ended it. */
  #interruption(change: AbortSignal, error: unknown): unknown {
    if (!change.aborted || error !== change.reason) return error;
    return this.#failure("connect", new LinkLost("it was left, or connected again, meanwhile"));
  }

  // ── Errors ──

  #notConnected(action: string): MuxError {
    return pushError("no-connection", "NS_E_NOCONNECTION", `Cannot ${action}: it is ${this.#state}, connect first`, {
      state: this.#state,
      allowed: ["connected", "streaming"],
    });
  }

  /** No connection has come back in time. */
  #lost(error: unknown): MuxError {
    const { code, message, hresult, cause } = this.#failure("push", error);
    const seconds = this.#limits.resumeMs() / 1000;
    return new MuxError(code, `${message}; no connection lasted within ${seconds} s`, { hresult, cause });
  }

  #failure(action: string, error: unknown): MuxError {
    if (error instanceof MuxError) return error;
    const message = `Cannot ${action}: ${reasonOf(error)}`;
    const details = { cause: error instanceof Error ? error.cause ?? error : error };
    if (!(error instanceof Refusal)) {
      return pushError("connection-failure", "NS_E_CONNECTION_FAILURE", message, details);
    }
    switch (error.response.status) {
      case UNAUTHORIZED:
        return pushError("access-denied", "NS_E_SERVER_ACCESSDENIED", message, details);
      case PROXY_UNAUTHORIZED:
        return pushError("access-denied", "NS_E_PROXY_ACCESSDENIED", message, details);
      default:
        return pushError("refused-by-server", "NS_E_REFUSED_BY_SERVER", message, details);
    }
  }
}

/** Whether another connection can help: the link broke, the server grew impatient, or a nonce grew old. */
function isMendable(error: unknown): boolean {
  if (error instanceof AnswerLimit) return false;
  if (error instanceof LinkLost) return true;
  return error instanceof Refusal &&
    [REQUEST_TIMEOUT, UNAUTHORIZED, PROXY_UNAUTHORIZED].includes(error.response.status);
}

/** Whether an attempt to connect may succeed later: the server is away, or still busy with the connection that broke. */
function isTransient(error: unknown): boolean {
  return error instanceof MuxError && error.code !== "access-denied";
}

/** Resolves after a while, or when the signal says so. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** A limit to the wait for an answer. */
class Timeout {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number, url: URL) {
    const message = `Cannot connect to ${url.href}: the server was silent for ${ms / 1000} s`;
    this.#timer = setTimeout(() => {
      this.#controller.abort(pushError("cannot-connect", "NS_E_CONNECT_TIMEOUT", message));
    }, ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
