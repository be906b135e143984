/**
 * The server: takes connections, and sends each request where it belongs.
 *
 * @module
 */

import { fileSink } from "../sinks/file_sink.ts";
import type { Sink } from "../sinks/sink.ts";
import { HeadError, isType, responseHead } from "../wire/http_head.ts";
import { PUSH_SETUP_TYPE, PUSH_START_TYPE } from "../wire/framing.ts";
import { MuxError } from "../errors.ts";
import { Acceptor } from "./acceptor.ts";
import type { OnServerEvent } from "./events.ts";
import { FeedSink } from "./feed_sink.ts";
import { HttpConnection, type HttpRequest, PeerTimeout } from "../wire/http_connection.ts";
import { requireDeno } from "../wire/require_deno.ts";
import { Newcomers } from "./newcomers.ts";
import { PlayerHandler } from "./player_handler.ts";
import { takesFrames } from "./player_fields.ts";
import { isName, PointRegistry } from "./point_registry.ts";
import { PushAuth, type PushCredentials } from "./push_auth.ts";
import { PushReceiver } from "./push_receiver.ts";
import { Recordings } from "./recordings.ts";
import { type AcceptFailures, type ServerStatus, statusOf } from "./status.ts";
import { isLoopback, StatusHandler } from "./status_handler.ts";

export type { PushCredentials } from "./push_auth.ts";

/** How a {@linkcode PublishingServer} listens, and what it allows. */
export interface ServerOptions {
  /** Address to listen on; default `127.0.0.1`, this machine alone. `0.0.0.0` for all. */
  hostname?: string;
  /** Port; default 0, any that is free. */
  port?: number;
  /** The publishing points there are; default: any that is pushed, and none else. */
  points?: readonly string[];
  /** Most publishing points at a time; default 64. */
  maxPoints?: number;
  /** Who may push; default: anybody who can connect. */
  pushCredentials?: PushCredentials;
  /** Most players, of all points together; default 1000. More get 503. */
  maxPlayers?: number;
  /**
   * Most connections of one address (in IPv6 of one /64 network, which one peer has to itself); default: a quarter of
   * what there may be, and all of it for this machine's own addresses, where a proxy may stand.
   */
  maxPerAddress?: number;
  /** What may wait for one player before it is let go of, bytes; default 4 MiB beside what it gets at once. */
  maxPlayerQueueBytes?: number;
  /** How long a player that comes before the encoder is kept waiting, ms; default 10 000. */
  playerWaitMs?: number;
  /** How long an encoder may send nothing before its broadcast is over, ms; default 60 000. */
  pushIdleMs?: number;
  /** How long a request may take to come, ms; default 10 000. */
  requestMs?: number;
  /** How long a peer may take nothing of what is sent to it before it is let go of, ms; default 120 000. */
  stallMs?: number;
  /** Names of hosts, beside `hostname`, `localhost` and addresses, under which the status pages answer. */
  statusHosts?: readonly string[];
  /** Who is shown addresses of peers and paths of files, by IP address; default: this machine. */
  statusReaders?: readonly string[];
  /** Is told of broadcasts, recordings and players as they come and go. */
  onEvent?: OnServerEvent;
  /** Folder for recordings, one file a broadcast; default: none are made. */
  recordFolder?: string;
}

/** What the caller has chosen, and the defaults for the rest. */
type Settings = ReturnType<typeof withDefaults>;

function withDefaults({
  hostname = "127.0.0.1",
  port = 0,
  maxPoints = 64,
  maxPlayers = 1000,
  maxPlayerQueueBytes = 4 << 20,
  playerWaitMs = 10_000,
  pushIdleMs = 60_000,
  requestMs = 10_000,
  stallMs = 120_000,
  ...rest
}: ServerOptions) {
  const limits = { maxPoints, maxPlayers, maxPlayerQueueBytes, playerWaitMs, pushIdleMs, requestMs, stallMs };
  return { hostname, port, ...limits, ...rest };
}

const LIMITS = [
  ...["maxPoints", "maxPlayers", "maxPerAddress", "maxPlayerQueueBytes", "pushIdleMs", "requestMs", "stallMs"] as const,
];

/** Between an encoder's requests. */
const INACTIVITY_MS = 120_000;
/** How often connections are looked at, at least. */
const LONGEST_WATCH_MS = 15_000;
/** Connections that are neither player nor encoder yet. */
const SPARE_CONNECTIONS = 128;
/** Of so many networks, each may fill its part. */
const SHARES = 4;
/** For players that are behind when the server closes. */
const GRACE_MS = 5_000;
const MAX_IGNORED_BODY_BYTES = 65_536;
/** Long enough for a request to come. */
const SILENCE_MS = 1_000;
/** What a machine has not enough of, when it cannot take a connection; one that is let go of gives some back. */
const SHORTAGES = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"];

// Compiled for npm, a class loses a method from its declaration that has a symbol for a name.
/** What `await using` calls. */
export interface PublishingServer {
  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Receives live ASF streams that are pushed over HTTP, and serves them to any number of players: over `mmsh://` to
 * Windows Media Player, VLC, MPlayer and everything built on FFmpeg or libmms, and as plain progressive ASF over
 * `http://` to everything else.
 *
 * `GET /` shows what goes on, `/status.json` and `/metrics` say the same to programs. Needs Deno, with permission to
 * listen.
 *
 * @example
 * ```ts
 * import { PublishingServer } from "@muxwell/muxwell/server";
 *
 * const server = PublishingServer.listen({ hostname: "127.0.0.1", points: ["live"] });
 * console.log("Push to", server.url + "live");
 * await server.close();
 * ```
 */
export class PublishingServer implements AsyncDisposable {
  readonly #options: Settings;
  readonly #listener: Deno.TcpListener;
  readonly #points: PointRegistry;
  readonly #recordings: Recordings;
  readonly #pushes: PushReceiver;
  readonly #players: PlayerHandler;
  readonly #statusPages: StatusHandler;
  readonly #connections = new Set<HttpConnection>();
  readonly #newcomers = new Newcomers<HttpConnection>();
  /** How many connections each network has. */
  readonly #networks = new Map<string, number>();
  readonly #handling = new Set<Promise<void>>();
  readonly #acceptor: Acceptor<Deno.TcpConn>;
  readonly #watch: ReturnType<typeof setInterval>;
  readonly #since = Date.now();
  #acceptFailures: AcceptFailures = { count: 0, last: undefined };
  #closing: Promise<void> | undefined;

  private constructor(options: Settings) {
    this.#options = options;
    this.#recordings = new Recordings(options.recordFolder, fileSink);
    this.#points = new PointRegistry(this.#recordings.begin, options.points, options.maxPoints, options.onEvent);
    const auth = options.pushCredentials && new PushAuth(options.pushCredentials);
    const timeouts = { ...options, idleMs: options.pushIdleMs, inactivityMs: INACTIVITY_MS };
    const grant = (connection: HttpConnection) => this.#newcomers.delete(connection);
    this.#pushes = new PushReceiver(this.#points, timeouts, auth, grant);
    this.#players = new PlayerHandler(this.#points, options, grant);
    this.#statusPages = new StatusHandler(() => this.status(), options);
    this.#listener = Deno.listen({ hostname: options.hostname, port: options.port });
    this.#watch = setInterval(() => this.#letGoOfStuck(), Math.min(options.stallMs / 4, LONGEST_WATCH_MS));
    this.#acceptor = new Acceptor(this.#listener, (conn) => this.#take(conn), (error) => this.#onAcceptFailure(error));
  }

  /**
   * Begins to listen; in Deno alone.
   *
   * @throws {RangeError} If a limit is not a whole number from 1, or a credential is empty.
   * @throws {MuxError} `unsupported` where there is no Deno.
   * @throws {Error} What the system says if the port is taken.
   */
  static listen(options: ServerOptions = {}): PublishingServer {
    const settled = withDefaults(options);
    for (const name of LIMITS) {
      if (settled[name] === undefined) continue;
      if (Number.isInteger(settled[name]) && settled[name] > 0) continue;
      throw new RangeError(`Cannot listen: ${name} must be a whole number from 1, got ${settled[name]}`);
    }
    for (const name of settled.points ?? []) {
      if (isName(name)) continue;
      throw new RangeError(`Cannot listen: no publishing point can be called ${JSON.stringify(name)}`);
    }
    const { pushCredentials } = settled;
    if (pushCredentials && (pushCredentials.user === "" || pushCredentials.password === "")) {
      throw new RangeError("Cannot listen: pushCredentials must not be empty");
    }
    requireDeno("listen");
    return new PublishingServer(settled);
  }

  /** Where it listens: `http://host:port/`. The name of a publishing point goes behind it. */
  get url(): string {
    const { hostname, port } = this.#listener.addr;
    return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/`;
  }

  /**
   * A publishing point as a sink, for a `Writer` in this process. It takes part in one session; the point must not have
   * another encoder when that begins.
   *
   * @param name Of the publishing point; one that does not exist is made.
   */
  feed(name: string): Sink {
    return new FeedSink(() => {
      const point = this.#closing ? "the server has been closed" : this.#points.open(name);
      if (typeof point !== "string") return point;
      throw new MuxError("no-connection", `Cannot feed publishing point ${name}: ${point}`);
    });
  }

  /** What goes on. */
  status(): ServerStatus {
    return statusOf(this.#points.all, this.#since, this.#recordings, this.#acceptFailures);
  }

  /**
   * Closes: broadcasts end, players get what they wait for and then the end, recordings are completed. Idempotent.
   *
   * @param options `signal` stops the wait for players; default: 5 seconds.
   */
  close(options: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#closing ??= this.#close(options.signal ?? AbortSignal.timeout(GRACE_MS));
  }

  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(signal: AbortSignal): Promise<void> {
    await this.#acceptor.close();
    this.#players.stop();
    for (const point of this.#points.all) {
      await point.encoder?.stop();
      point.end();
    }
    const letGo = () => {
      for (const connection of this.#connections) connection.close();
    };
    for (const connection of this.#connections) if (!this.#players.has(connection)) connection.close();
    if (signal.aborted) letGo();
    signal.addEventListener("abort", letGo);
    await Promise.all(this.#handling);
    clearInterval(this.#watch);
    signal.removeEventListener("abort", letGo);
    await this.#recordings.settled();
  }

  #onAcceptFailure(error: unknown): void {
    const { message, code = "" } = error as { message: string; code?: string };
    this.#acceptFailures = { count: this.#acceptFailures.count + 1, last: message };
    // Who has only just come is about to say something, and nobody may be waiting: the system does not tell.
    if (SHORTAGES.includes(code)) this.#makeRoom(SILENCE_MS);
  }

  #take(conn: Deno.TcpConn): void {
    let connection: HttpConnection;
    try {
      connection = HttpConnection.over(conn);
    } catch {
      return; // gone before it was looked at
    }
    if (!this.#hasRoomFor(connection)) return connection.close();
    this.#connections.add(connection);
    this.#networks.set(connection.network, this.#countOf(connection) + 1);
    this.#newcomers.add(connection);
    const handling = this.#handle(connection).finally(() => {
      connection.close();
      this.#forget(connection);
      this.#newcomers.delete(connection);
      this.#handling.delete(handling);
    });
    this.#handling.add(handling);
  }

  #hasRoomFor(connection: HttpConnection): boolean {
    const { maxPlayers, maxPerAddress } = this.#options;
    const most = maxPlayers + SPARE_CONNECTIONS;
    // A proxy in front of the server has one address for all.
    const share = maxPerAddress ?? (isLoopback(connection.address) ? Infinity : Math.ceil(most / SHARES));
    if (this.#countOf(connection) >= share && !this.#makeRoom(0, connection.network)) return false;
    return this.#connections.size < most || this.#makeRoom();
  }

  /** Whoever has been granted nothing makes room: many such keep nobody else out. */
  #makeRoom(leastMs = 0, network?: string): boolean {
    const connection = this.#newcomers.evict(leastMs, network);
    connection?.close();
    return connection !== undefined && this.#forget(connection);
  }

  #countOf({ network }: HttpConnection): number {
    return this.#networks.get(network) ?? 0;
  }

  /** False: it is forgotten already. */
  #forget(connection: HttpConnection): boolean {
    if (!this.#connections.delete(connection)) return false;
    const count = this.#countOf(connection) - 1;
    if (count > 0) this.#networks.set(connection.network, count);
    else this.#networks.delete(connection.network);
    return true;
  }

  #letGoOfStuck(): void {
    for (const connection of this.#connections) if (connection.stuckMs > this.#options.stallMs) connection.close();
  }

  /** One connection from its first request to its last. Never rejects. */
  async #handle(connection: HttpConnection): Promise<void> {
    try {
      for (;;) {
        const isEncoder = this.#pushes.isSetUp(connection);
        this.#newcomers.add(connection);
        const request = await connection.request(isEncoder ? this.#pushes.inactivityMs : this.#options.requestMs);
        if (!request || !await this.#dispatch(request, connection)) break;
      }
      await connection.finish();
    } catch (error) {
      // Only a peer that can still be talked to is told.
      if (!(error instanceof HeadError || error instanceof PeerTimeout)) return;
      const status = error instanceof PeerTimeout ? "408 Request Timeout" : "400 Bad Request";
      const head = responseHead(status, [["Content-Length", 0], ["Connection", "close"]]);
      await connection.writeText(head).catch(() => {});
      await connection.finish();
    }
  }

  /** True: there may be another request. */
  async #dispatch(request: HttpRequest, connection: HttpConnection): Promise<boolean> {
    const { method, fields } = request;
    if (method === "POST" && isType(fields, PUSH_SETUP_TYPE)) return await this.#pushes.setUp(request, connection);
    if (method === "POST" && isType(fields, PUSH_START_TYPE)) return await this.#pushes.start(request, connection);
    if (method === "POST" || method === "OPTIONS") {
      // Players report statistics, which are accepted and ignored. Some ask for other streams.
      await connection.skipBody(request.contentLength, MAX_IGNORED_BODY_BYTES, this.#options.requestMs);
      await this.#players.acknowledge(request, connection);
      return false;
    }
    const isFramed = takesFrames(fields);
    if (isFramed || !await this.#statusPages.handle(request, connection)) {
      await this.#players.handle(request, connection, isFramed);
    }
    return false;
  }
}
