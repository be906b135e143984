/**
 * Answers players: what each gets depends on what it says it is ([MS-WMSP] 3.2).
 *
 * Everything here is as narrow as the oldest player wants it: HTTP/1.0 without chunks, a reason phrase, a type for each
 * answer, the connection closed behind the description.
 *
 * @module
 */

import type { HttpConnection, Request } from "./http_connection.ts";
import { Player } from "./player.ts";
import type { PointRegistry } from "./point_registry.ts";
import type { PublishingPoint } from "./publishing_point.ts";

/** What is allowed. */
export interface PlayerLimits {
  readonly maxPlayers: number;
  readonly maxPlayerQueueBytes: number;
  readonly playerWaitMs: number;
}

/** Later kinds of server must send what no open player understands. */
const SERVER = "Server: Rex/9.0.0.2980";

/** See the module's text. */
export class PlayerDesk {
  readonly #points: PointRegistry;
  readonly #limits: PlayerLimits;
  readonly #connections = new Set<HttpConnection>();
  #isStopped = false;

  constructor(points: PointRegistry, limits: PlayerLimits) {
    this.#points = points;
    this.#limits = limits;
  }

  /** Whether a player is served over this connection. */
  has(connection: HttpConnection): boolean {
    return this.#connections.has(connection);
  }

  /** No more players. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Serves one request to its end. */
  async answer(request: Request, connection: HttpConnection, isFramed: boolean): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") return await refuse(connection, "501 Not Implemented");
    if (this.#connections.size >= this.#limits.maxPlayers) return await refuse(connection, "503 Too Many Players");
    const name = this.#points.nameOf(request.target);
    if (name === undefined || !this.#points.mayExist(name)) return await refuse(connection, "404 Not Found");
    this.#connections.add(connection);
    try {
      const point = await this.#wait(name);
      if (!point) await refuse(connection, "404 Not Found");
      else if (request.method === "HEAD") await connection.writeText(head(PROGRESSIVE));
      else if (!isFramed) await this.#play(point, connection, "http", head(PROGRESSIVE));
      else if (wantsToPlay(request)) await this.#play(point, connection, "mmsh", head(FRAMED));
      else await describe(point, connection);
    } finally {
      this.#connections.delete(connection);
    }
  }

  /** The point as soon as it is live. */
  async #wait(name: string): Promise<PublishingPoint | undefined> {
    const deadline = performance.now() + this.#limits.playerWaitMs;
    for (let left = 1; left > 0 && !this.#isStopped; left = deadline - performance.now()) {
      const point = this.#points.get(name);
      if (point?.framedHeader) return point;
      if (point) await point.whenLive(Math.min(left, POLL_MS));
      else await new Promise((resolve) => setTimeout(resolve, Math.min(left, POLL_MS)));
    }
  }

  async #play(point: PublishingPoint, connection: HttpConnection, kind: "mmsh" | "http", head: string): Promise<void> {
    await connection.writeText(head);
    const queueBytes = this.#limits.maxPlayerQueueBytes + point.facts.backlogBytes;
    await point.serve(new Player(kind, connection, queueBytes));
  }
}

/** A point that does not exist yet may any time. */
const POLL_MS = 50;

const DESCRIPTION = ["Content-Type: application/vnd.ms.wms-hdr.asfv1"];
const FRAMED = ["Content-Type: application/x-mms-framed"];
const PROGRESSIVE = ["Content-Type: video/x-ms-asf"];

async function describe(point: PublishingPoint, connection: HttpConnection): Promise<void> {
  const header = point.framedHeader!;
  await connection.writeText(head([...DESCRIPTION, `Content-Length: ${header.byteLength}`]));
  await connection.write(header);
}

function wantsToPlay({ fields }: Request): boolean {
  return (fields.get("pragma") ?? []).some((value) => /(^|,)\s*xPlayStrm\s*=\s*1/i.test(value));
}

function head(fields: readonly string[]): string {
  const clientId = crypto.getRandomValues(new Uint32Array(1))[0]!;
  return [
    ...["HTTP/1.0 200 OK", SERVER, "Cache-Control: no-cache", "Pragma: no-cache", `Pragma: client-id=${clientId}`],
    ...['Pragma: features="broadcast"', ...fields, "Connection: close", "", ""],
  ].join("\r\n");
}

async function refuse(connection: HttpConnection, status: string): Promise<void> {
  await connection.writeText(`HTTP/1.0 ${status}\r\n${SERVER}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
