/**
 * The Windows Media Format SDK push sink, in TypeScript.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { MAX_PAYLOAD_BYTES } from "../wire/framing.ts";
import { PushClient, type PushState, type PushTarget, RESUME_MS } from "../push/client.ts";
import { hasControls, redactUrl } from "../wire/url.ts";
import type { FinalizeOptions } from "../session/finalize.ts";
import { sessionOf } from "../session/membership.ts";
import type { SinkReport } from "../report.ts";
import type { DataInfo, Sink } from "../sinks/sink.ts";

/** How {@linkcode PushSink.connect} connects. */
export interface ConnectOptions {
  /**
   * An existing publishing point of the same server, as a path or a URL: where the one asked for does not exist, it is
   * made with that one's settings.
   */
  templateUrl?: string | URL;
  /** The server removes the publishing point when the session ends. Default false. */
  autoDestroy?: boolean;
  /** What the sink says it is; must begin with `WMEncoder/`, or servers take it for a browser. */
  userAgent?: string;
  /** Gives the attempt up; rejects with its reason. */
  signal?: AbortSignal;
  /**
   * For servers that ask who pushes: Digest, NTLM or, where it is allowed, Basic, in this order. They are for the server
   * at the URL alone: another that it redirects to, or a proxy that it names, does not get them.
   */
  credentials?: { user: string; password: string };
  /**
   * Answers a server that knows nothing but Basic, too: over plain HTTP everybody on the way can read the password then.
   * Not where the same server has asked for Digest or NTLM before. Default false.
   */
  allowBasic?: boolean;
}

const USER_AGENT = "WMEncoder/12.0.7600.16385";

/** A finish does not wait that long for a server that is gone. */
const FINISH_RESUME_MS = 3_000;
/** What the least patient receiver in use takes. */
const MAX_PACKET_BYTES = 8192;

// Not a method: compiled for npm, a class whose method has a symbol for a name loses it from its declaration, and is
// never left out by bundlers, nor is all that it needs.
/** What `await using` calls. */
export interface PushSink {
  /** `disconnect()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Pushes a live ASF stream to a server over HTTP ([MS-WMHTTP]): to Windows Media Services, PeerCast, Helix, or the
 * publishing points of `./server`.
 *
 * It is a sink of any number of sessions, one after the other: a slow link drops media from key frame to key frame and
 * never holds the caller back. It can also be fed by hand with a header and packets.
 *
 * A lost link is mended for a minute, for 3 seconds once the session finishes; what comes meanwhile waits in the session's
 * queue. `disconnect()` leaves and keeps the server waiting in the same way, until the next `connect()`.
 *
 * ```text
 * idle ─ connect ─► connected ─ header ─► streaming ─ endSession, close ─► ended
 *                       ▲                     │ disconnect, abort, a lost link
 *                       └────── connect ─ detached
 * ```
 *
 * @example
 * ```ts
 * import { asf, fileSink, PushSink, Writer } from "@muxwell/muxwell";
 *
 * async function broadcast(url: string, samples: AsyncIterable<Uint8Array>): Promise<void> {
 *   await using push = new PushSink();
 *   await push.connect(url, { autoDestroy: true });
 *   await using writer = new Writer({
 *     container: asf(),
 *     sinks: [fileSink("show.wma")],
 *     streams: [{ kind: "audio", codec: "mp3", sampleRate: 44100, numberOfChannels: 2 }],
 *   });
 *   await writer.addSink(push, { optional: true }); // the recording outlives the server
 *   await writer.beginWriting();
 *   let timestamp = 0;
 *   for await (const data of samples) {
 *     await writer.writeSample(1, { data, timestamp });
 *     timestamp += 1152e6 / 44100;
 *   }
 *   await writer.endWriting(); // ends the push too
 * }
 * console.log(typeof broadcast);
 * ```
 */
export class PushSink implements Sink, AsyncDisposable {
  /** ASF alone can be pushed. */
  readonly containers: readonly string[] = ["asf"];
  /** A slow link skips media, from one key frame to another. */
  readonly whenSlow = "drop";
  /** The protocol and the players behind it take no more ([MS-WMSP] 2.2.3.1.1). */
  readonly maxHeaderBytes: number = MAX_PAYLOAD_BYTES - 4;
  /** Receivers take no more. */
  readonly maxPacketBytes: number = MAX_PACKET_BYTES;
  readonly #client = new PushClient({
    resumeMs: () => sessionOf(this)?.state === "finalizing" ? FINISH_RESUME_MS : RESUME_MS,
  });
  #outcome: Promise<SinkReport> | undefined;

  /** Nothing is connected yet. */
  constructor() {
    this[Symbol.asyncDispose] = () => this.disconnect();
  }

  /** Where the push stands; `detached` also while a lost link is being mended. */
  get state(): PushState {
    return this.#client.state;
  }

  /**
   * Connects, and asks for permission to push. Comes before the session begins or the sink joins it. After `disconnect()`
   * it resumes the server's session, if the server still knows it; else it begins a new one, with the header again.
   *
   * @param url `http://host[:port]/publishing-point`; `user:password@` before the host stands for `credentials`.
   * @throws {TypeError} If an argument is not of its type.
   * @throws {RangeError} If the URL is none, or not HTTP; for control characters in what is sent, percent-encoded ones
   * included.
   * @throws {MuxError} `already-connected`; `cannot-connect` where nobody answers; `access-denied`, also where another
   * origin, a proxy or Basic would get the credentials; `refused-by-server`, also for a redirection to another scheme;
   * `connection-failure` when the link breaks meanwhile, or the server answers without an end. The state is as before
   * then. `signal.reason`.
   */
  async connect(url: string | URL, options: ConnectOptions = {}): Promise<void> {
    const target = readTarget(url, options);
    const hasEnded = this.state === "ended";
    await this.#client.connect(target, options.signal);
    if (hasEnded) this.#outcome = undefined;
  }

  /**
   * Leaves behind a whole packet. The server keeps the session for a while, and its players wait; a later `connect()`
   * resumes it. What a session writes meanwhile waits in its queue, for up to a minute. Without a connection nothing
   * happens.
   */
  disconnect(): Promise<void> {
    return this.#client.disconnect();
  }

  /**
   * Ends the push: everything that the session accepted so far is padded and sent, then end-of-stream; then it waits until
   * the server has taken it all, and lets go. The session's other sinks go on. After the session's finish, which ends the
   * push too, it returns the same outcome.
   *
   * @param options `signal` stops the wait; the push is broken off then.
   * @throws {MuxError} `no-connection` when it is not connected; `connection-failure` when the link breaks before the
   * server has confirmed; `sink-failed` when it had failed before.
   */
  async endSession(options: FinalizeOptions = {}): Promise<SinkReport> {
    const session = sessionOf(this);
    let report: SinkReport | undefined;
    if (session?.state === "open") report = await session.removeSink(this, options);
    else if (session?.state === "finalizing") await session.closed.catch(() => {});
    return report && this.#outcome ? report : await (this.#outcome ?? this.#end(options.signal));
  }

  /** Part of the sink's contract: it must be connected by now. */
  open(): void {
    if (this.state === "connected" || this.state === "streaming" || this.state === "detached") return;
    throw new MuxError("no-connection", { action: "open the push", reason: `it is ${this.state}, connect first` }, {
      state: this.state,
      allowed: ["connected", "streaming"],
      hresult: NS_E_NOCONNECTION,
    });
  }

  /** Part of the sink's contract. By hand: another header than the last ends the server's session and begins a new one. */
  header(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#client.header(bytes);
  }

  /**
   * Part of the sink's contract. By hand: whole packets of one size, back to back.
   *
   * @param info Only `unitBytes` and `unitCount` are looked at.
   */
  data(bytes: Uint8Array<ArrayBuffer>, info: Pick<DataInfo, "unitBytes" | "unitCount">): Promise<void> {
    return this.#client.data(bytes, info.unitBytes ?? bytes.byteLength / info.unitCount);
  }

  /** `endSession()`, as a session calls it. */
  async close(): Promise<void> {
    await (this.#outcome ?? this.#end());
  }

  /** `disconnect()`, at once. */
  abort(): void {
    this.#client.abandon();
  }

  #end(signal?: AbortSignal): Promise<SinkReport> {
    const outcome = this.#endClient(signal);
    this.#outcome = outcome;
    outcome.catch(() => {
      if (this.#outcome === outcome && this.state !== "ended") this.#outcome = undefined; // connected again, it can be ended again
    });
    return outcome;
  }

  async #endClient(signal?: AbortSignal): Promise<SinkReport> {
    signal?.throwIfAborted();
    const onAbort = () => this.#client.abandon();
    signal?.addEventListener("abort", onAbort);
    try {
      await this.#client.end();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
    const bytes = this.#client.byteCount;
    return { sink: this, outcome: "finished", bytes, startTime: 0, duration: 0, samplesDropped: 0, trailerBytes: 0 };
  }
}

const NS_E_NOCONNECTION = 0xC00D0005;

function readTarget(url: string | URL, options: ConnectOptions): PushTarget {
  const { templateUrl, autoDestroy = false, userAgent = USER_AGENT, allowBasic = false } = options;
  const target = readUrl(url, "url");
  if (target.protocol !== "http:") {
    throw new RangeError(`Cannot connect: url must begin with http:, got ${target.protocol}`);
  }
  if (/\p{Cc}/u.test(userAgent)) throw new RangeError("Cannot connect: userAgent must hold no control characters");
  if (!/^WMEncoder\/\d+\.\d+[\x20-\x7e]*$/.test(userAgent)) {
    throw new RangeError(
      `Cannot connect: userAgent must begin with WMEncoder/ and a version, got ${JSON.stringify(userAgent)}`,
    );
  }
  const credentials = readCredentials(target, options.credentials);
  target.username = target.password = target.hash = "";
  const template = templateUrl === undefined ? undefined : readUrl(templateUrl, "templateUrl", target).pathname;
  return { url: target, templateUrl: template, autoDestroy, userAgent, credentials, allowBasic };
}

/** Given beside the URL, or in it. */
function readCredentials(url: URL, given: ConnectOptions["credentials"]): ConnectOptions["credentials"] {
  let credentials = given;
  if (given === undefined) {
    if (url.username === "") return undefined;
    try {
      credentials = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
    } catch {
      throw new RangeError("Cannot connect: user and password in url must be UTF-8, percent-encoded");
    }
  }
  const { user, password } = credentials!;
  for (const [name, value] of Object.entries({ user, password })) {
    if (typeof value !== "string") {
      throw new TypeError(`Cannot connect: credentials.${name} must be a string, got ${typeof value}`);
    }
    if (/\p{Cc}/u.test(value)) throw new RangeError(`Cannot connect: the ${name} must hold no control characters`);
  }
  return { user, password };
}

function readUrl(url: string | URL, name: string, base?: URL): URL {
  if (typeof url !== "string" && !(url instanceof URL)) {
    throw new TypeError(`Cannot connect: ${name} must be a string or a URL, got ${typeof url}`);
  }
  const parsed = URL.parse(url, base);
  if (parsed === null) throw new RangeError(`Cannot connect: ${name} must be a URL, got ${redactUrl(url)}`);
  // What the parser has dropped is looked for too; user and password are looked at by themselves.
  if (/\p{Cc}/u.test(String(url)) || hasControls(parsed.pathname + parsed.search)) {
    throw new RangeError(`Cannot connect: ${name} must hold no control characters`);
  }
  return parsed;
}
