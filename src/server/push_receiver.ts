/**
 * The server's side of a push: who may push where ([MS-WMHTTP] 3.2.5).
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { FramingError } from "../wire/framing.ts";
import { field, type HeadField, pushId, responseHead } from "../wire/http_head.ts";
import type { HttpConnection, HttpRequest } from "../wire/http_connection.ts";
import { Brake } from "./brake.ts";
import type { PointRegistry } from "./point_registry.ts";
import type { PushAuth } from "./push_auth.ts";
import { readDirectives } from "./push_directives.ts";
import { type PushLimits, PushSession, type PushTimeouts } from "./push_session.ts";
import { Turns } from "./turns.ts";

const MAX_DIRECTIVES_BYTES = 4_096;
/** An encoder that is silent for so long may be replaced from the same address. */
const TAKEOVER_MS = 5_000;
/** Headers of one network at once, and then each so many ms. */
const HEADER_BURST = 32;
const HEADER_EVERY_MS = 500;
/** Wrong passwords of one network at once, and then each so many ms. */
const GUESS_BURST = 10;
const GUESS_EVERY_MS = 1_000;
/** The protocol's ids; some senders keep ten digits and no more. */
const MAX_ID = 0xffff_ffff;

/** See the module's text. */
export class PushReceiver {
  readonly #points: PointRegistry;
  readonly #timeouts: PushTimeouts;
  readonly #auth: PushAuth | undefined;
  readonly #grant: (connection: HttpConnection) => void;
  readonly #limits: PushLimits = { headers: new Brake(HEADER_BURST, HEADER_EVERY_MS), turns: new Turns() };
  readonly #guesses = new Brake(GUESS_BURST, GUESS_EVERY_MS);
  readonly #sessions = new Map<string, PushSession>();
  /** What was set up on a connection, for senders that do not keep cookies. */
  readonly #setUp = new WeakMap<HttpConnection, PushSession>();

  /** @param grant Told of each connection that sends a stream from now on. */
  constructor(
    points: PointRegistry,
    timeouts: PushTimeouts,
    auth: PushAuth | undefined,
    grant: (connection: HttpConnection) => void,
  ) {
    this.#grant = grant;
    this.#points = points;
    this.#timeouts = timeouts;
    this.#auth = auth;
  }

  /** Whether this connection may push. */
  isSetUp(connection: HttpConnection): boolean {
    return this.#setUp.has(connection);
  }

  /** Time such a connection may rest between requests. */
  get inactivityMs(): number {
    return this.#timeouts.inactivityMs;
  }

  /** Answers a PushSetup. True: the connection goes on. */
  async setUp(request: HttpRequest, connection: HttpConnection): Promise<boolean> {
    const { contentLength } = request;
    const { requestMs } = this.#timeouts;
    if (this.#auth) {
      const given = field(request.fields, "authorization");
      if (given !== undefined && this.#guesses.waitMs(connection.network) > 0) {
        await answer(connection, "429 Too Many Requests", [["Retry-After", GUESS_EVERY_MS / 1000]]);
        return false;
      }
      const verdict = this.#auth.check(request.method, request.target, given);
      if (given !== undefined && verdict === "wrong") this.#guesses.take(connection.network);
      if (verdict !== "ok") {
        await answer(connection, "401 Unauthorized", [["WWW-Authenticate", this.#auth.challenge(verdict === "stale")]]);
        // Nobody looks at what a stranger says: it only passes by, so that the next request can follow.
        return contentLength <= MAX_DIRECTIVES_BYTES &&
          await connection.skipBody(contentLength, MAX_DIRECTIVES_BYTES, requestMs);
      }
    }
    const body = await connection.body(contentLength, MAX_DIRECTIVES_BYTES, requestMs);
    if (body === undefined) return false;
    const { templateUrl, autoDestroy } = readDirectives(new TextDecoder().decode(body));
    const session = this.#find(request, connection, templateUrl);
    if (typeof session === "string") return await answer(connection, session), true;
    session.autoDestroy = autoDestroy;
    if (!session.isStreaming) session.rest();
    this.#setUp.set(connection, session);
    session.join(connection);
    await answer(connection, "204 No Content", [["Set-Cookie", `push-id=${session.id}`]]);
    return true;
  }

  /** The session that is asked for, or the refusal. */
  #find(request: HttpRequest, connection: HttpConnection, template: string | undefined): PushSession | string {
    const name = this.#points.nameOf(request.target);
    if (name === undefined) return "404 No Such Publishing Point";
    const id = pushId(request.fields.get("cookie")) ?? "0";
    if (id !== "0") {
      const known = this.#sessions.get(id);
      // A connection that still stands is the one this encoder has lost: only it knows the id.
      return known?.point.name === name ? known : "404 No Such Session";
    }
    const point = this.#points.open(name, template);
    if (typeof point === "string") return point;
    const { encoder } = point;
    if (encoder) {
      const isAllowed = encoder instanceof PushSession &&
        (!encoder.isStreaming || encoder.silentMs > TAKEOVER_MS) &&
        (this.#auth !== undefined || encoder.address === connection.address);
      if (!isAllowed) return "409 Publishing Point In Use";
      encoder.giveWay();
    }
    const onDelete = (session: PushSession) => {
      this.#sessions.delete(session.id);
      if (session.autoDestroy && !point.encoder) this.#points.remove(point);
    };
    const { address } = connection;
    const session = new PushSession(this.#newId(), point, address, this.#timeouts, this.#limits, onDelete);
    point.encoder = session;
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Receives a PushStart. True: the connection goes on. */
  async start(request: HttpRequest, connection: HttpConnection): Promise<boolean> {
    const id = pushId(request.fields.get("cookie")) ?? "0";
    const own = this.#setUp.get(connection);
    const session = this.#sessions.get(id) ?? (id === "0" ? own : undefined);
    // With a password set, the id is what an authenticated setup was given; to guess it is of no use from elsewhere.
    const isAllowed = !this.#auth || session === own || session?.address === connection.address;
    if (!session || !isAllowed || this.#points.nameOf(request.target) !== session.point.name) {
      await answer(connection, "404 No Such Session");
      return false;
    }
    if (!request.fields.has("content-length")) {
      await answer(connection, "411 Length Required");
      return false;
    }
    this.#grant(connection);
    try {
      const end = await session.receive(connection, request.contentLength);
      if (end === "full") await answer(connection, "204 No Content", [["Set-Cookie", `push-id=${session.id}`]]);
      if (end === "idle") await answer(connection, "408 Request Timeout");
      return end === "full";
    } catch (error) {
      if (!(error instanceof FramingError || error instanceof MuxError)) throw error;
      await answer(connection, "400 Bad Request", [["X-Reason", error.message.replaceAll(/[^\x20-\x7e]/g, "?")]]);
      return false;
    }
  }

  #newId(): string {
    for (;;) {
      const id = crypto.getRandomValues(new Uint32Array(1))[0]! % MAX_ID + 1;
      if (!this.#sessions.has(String(id))) return String(id);
    }
  }
}

/** As Windows Media Services answers encoders, down to the spelling of the fields: some of them insist. */
async function answer(connection: HttpConnection, status: string, fields: readonly HeadField[] = []): Promise<void> {
  await connection.writeText(responseHead(status, [
    ["Server", "Cougar/9.01.01.3814"],
    ["Cache-Control", "no-cache"],
    ["Pragma", "no-cache, timeout=60000"],
    ...fields,
    ["Content-Length", 0],
    ["Connection", "Keep-Alive"],
  ]));
}
