/**
 * Answers players: what each gets depends on what it says it is ([MS-WMSP] 3.2).
 *
 * Everything here is as narrow as the oldest player wants it: HTTP/1.0 without chunks, a reason phrase, a type for each
 * answer, the connection closed behind the description.
 *
 * @module
 */

import { type HeadField, latin1, responseHead } from "../wire/http_head.ts";
import type { HttpConnection, HttpRequest } from "../wire/http_connection.ts";
import { Player, type PlayerKind, type PlayerRequest } from "./player.ts";
import { clientId, takesChange, wantsToPlay } from "./player_fields.ts";
import type { PointRegistry } from "./point_registry.ts";
import type { PublishingPoint } from "./publishing_point.ts";
import { readSwitches } from "./stream_selection.ts";

/** What is allowed. */
export interface PlayerLimits {
  readonly maxPlayers: number;
  readonly maxPlayerQueueBytes: number;
  readonly playerWaitMs: number;
}

/** Later kinds of server must send what no open player understands. */
const SERVER: HeadField = ["Server", "Rex/9.0.0.2980"];
const CLOSE: HeadField = ["Connection", "close"];

/** See the module's text. */
export class PlayerHandler {
  readonly #points: PointRegistry;
  readonly #limits: PlayerLimits;
  readonly #grant: (connection: HttpConnection) => void;
  /** Those that play, and those that wait. */
  readonly #connections = new Set<HttpConnection>();
  /** Those that play, by the id they were given. */
  readonly #players = new Map<number, Player>();
  #isStopped = false;

  /** @param grant Told of each connection that gets a stream, before anything of it is sent. */
  constructor(points: PointRegistry, limits: PlayerLimits, grant: (connection: HttpConnection) => void) {
    this.#points = points;
    this.#limits = limits;
    this.#grant = grant;
  }

  /** Whether a player is served over this connection. */
  has(connection: HttpConnection): boolean {
    return this.#connections.has(connection);
  }

  /** No more players, and none that wait. */
  stop(): void {
    this.#isStopped = true;
    this.#points.wakeAll();
  }

  /** Answers a player's report, which may ask for other streams: then those must be there. */
  async acknowledge({ fields }: HttpRequest, connection: HttpConnection): Promise<void> {
    const switches = readSwitches(fields);
    const isDone = switches === undefined || (this.#players.get(clientId(fields))?.select(switches) ?? false);
    await answerEmpty(connection, isDone ? "200 OK" : "404 Not Found");
  }

  /** Serves one request to its end. */
  async handle(request: HttpRequest, connection: HttpConnection, isFramed: boolean): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return await answerEmpty(connection, "501 Not Implemented");
    }
    const name = this.#points.nameOf(request.target);
    if (name === undefined || !this.#points.mayExist(name)) return await answerEmpty(connection, "404 Not Found");
    this.#connections.add(connection);
    try {
      await this.#serve(name, request, connection, isFramed);
    } finally {
      this.#connections.delete(connection);
    }
  }

  async #serve(name: string, request: HttpRequest, connection: HttpConnection, isFramed: boolean): Promise<void> {
    const playerKind = request.method === "HEAD" || (isFramed && !wantsToPlay(request.fields))
      ? undefined
      : kindOf(isFramed);
    let id = newId();
    while (this.#players.has(id)) id = newId();
    let point: PublishingPoint | undefined;
    let player: Player | undefined;
    let header: Uint8Array | undefined;
    let isFull = false;
    // What is done here is done before the broadcast's first packet, so that nothing of it is missed.
    const onLive = (live: PublishingPoint) => {
      point = live;
      header = live.framedHeader!;
      // Only who plays takes a place: whoever waits for nothing must not keep others out.
      if (!playerKind || connection.isClosed || (isFull = this.#players.size >= this.#limits.maxPlayers)) return;
      this.#grant(connection);
      const queueBytes = this.#limits.maxPlayerQueueBytes + live.facts.backlogHeldBytes;
      player = new Player(toPlayerRequest(playerKind, request), connection, queueBytes);
      player.begin(latin1(streamHead([playerKind === "mmsh" ? FRAMED : PROGRESSIVE], id)));
      this.#players.set(id, player);
      live.admit(player);
    };
    await this.#points.whenLive(name, this.#isStopped ? 0 : this.#limits.playerWaitMs, onLive);
    if (point && player) await point.serve(player).finally(() => this.#players.delete(id));
    else if (isFull) await answerEmpty(connection, "503 Too Many Players");
    else if (!header) await answerEmpty(connection, "404 Not Found");
    else if (request.method === "HEAD") await connection.writeText(streamHead([isFramed ? DESCRIPTION : PROGRESSIVE]));
    else await describe(header, connection);
  }
}

function newId(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

function kindOf(isFramed: boolean): PlayerKind {
  return isFramed ? "mmsh" : "http";
}

function toPlayerRequest(kind: PlayerKind, { fields }: HttpRequest): PlayerRequest {
  if (kind === "http") return { kind, takesChange: "none" };
  return { kind, switches: readSwitches(fields), takesChange: takesChange(fields) };
}

const DESCRIPTION: HeadField = ["Content-Type", "application/vnd.ms.wms-hdr.asfv1"];
const FRAMED: HeadField = ["Content-Type", "application/x-mms-framed"];
const PROGRESSIVE: HeadField = ["Content-Type", "video/x-ms-asf"];

async function describe(header: Uint8Array, connection: HttpConnection): Promise<void> {
  await connection.writeText(streamHead([DESCRIPTION, ["Content-Length", header.byteLength]]));
  await connection.write(header);
}

function streamHead(fields: readonly HeadField[], clientId = newId()): string {
  return responseHead("200 OK", [
    SERVER,
    ["Cache-Control", "no-cache"],
    ["Pragma", "no-cache"],
    ["Pragma", `client-id=${clientId}`],
    ["Pragma", 'features="broadcast"'],
    ...fields,
    CLOSE,
  ], "1.0");
}

async function answerEmpty(connection: HttpConnection, status: string): Promise<void> {
  await connection.writeText(responseHead(status, [SERVER, ["Content-Length", 0], CLOSE], "1.0"));
}
