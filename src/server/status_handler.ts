/**
 * Answers those who look at the server, rather than watch its streams.
 *
 * @module
 */

import { field, type Fields, responseHead } from "../wire/http_head.ts";
import type { HttpConnection, HttpRequest } from "../wire/http_connection.ts";
import { metricsText, type ServerStatus } from "./status.ts";
import { STATUS_PAGE } from "./status_page.ts";

/** Nothing from elsewhere, and in nobody's frame. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; " +
  "connect-src 'self'; frame-ancestors 'none'";

/** Who may see what. */
export interface StatusAccess {
  readonly hostname: string;
  readonly statusHosts?: readonly string[];
  readonly statusReaders?: readonly string[];
}

/** See the module's text. */
export class StatusHandler {
  readonly #status: () => ServerStatus;
  readonly #access: StatusAccess;

  constructor(status: () => ServerStatus, access: StatusAccess) {
    this.#status = status;
    this.#access = access;
  }

  /** False: the request is not for here. */
  async handle({ method, target, fields }: HttpRequest, connection: HttpConnection): Promise<boolean> {
    if (method !== "GET" && method !== "HEAD") return false;
    const answer = this.#find(target.split("?")[0]!, this.#seesAll(fields, connection));
    if (!answer) return false;
    if (!this.#isMeant(fields)) {
      const nothing = responseHead("403 Forbidden", [["Content-Length", 0], ["Connection", "close"]]);
      await connection.writeText(nothing);
      return true;
    }
    const body = new TextEncoder().encode(answer.text);
    await connection.writeText(responseHead("200 OK", [
      ["Content-Type", answer.type],
      ["Content-Length", body.byteLength],
      ["Cache-Control", "no-store"],
      ["X-Content-Type-Options", "nosniff"],
      ["Connection", "close"],
      ["Content-Security-Policy", CONTENT_POLICY],
    ]));
    if (method === "GET") await connection.write(body);
    return true;
  }

  /** Whether it comes to a name of this server's, and from its own page: a browser lends itself to any site. */
  #isMeant(fields: Fields): boolean {
    const host = field(fields, "host");
    const origin = field(fields, "origin");
    if (
      origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase() &&
      origin.toLowerCase() !== `https://${host}`.toLowerCase()
    ) return false;
    if (host === undefined) return origin === undefined;
    const name = host.toLowerCase().replace(/:\d+$/, "");
    const { hostname, statusHosts = [] } = this.#access;
    return /^(\[[\da-f:.]+\]|\d+\.\d+\.\d+\.\d+|localhost)$/.test(name) || name === hostname.toLowerCase() ||
      statusHosts.some((one) => one.toLowerCase() === name);
  }

  /** A proxy says for whom it asks: that is not this machine. */
  #seesAll(fields: Fields, { address }: HttpConnection): boolean {
    const readers = this.#access.statusReaders;
    if (readers) return readers.includes(address);
    return isLoopback(address) && !fields.has("forwarded") && !fields.has("x-forwarded-for");
  }

  #find(path: string, seesAll: boolean): { type: string; text: string } | undefined {
    switch (path) {
      case "/":
        return { type: "text/html; charset=utf-8", text: STATUS_PAGE };
      case "/status.json":
        return {
          type: "application/json",
          text: JSON.stringify(seesAll ? this.#status() : withoutPlaces(this.#status())),
        };
      case "/metrics":
        return { type: "text/plain; version=0.0.4; charset=utf-8", text: metricsText(this.#status()) };
    }
  }
}

/** Without addresses of peers, and paths of files. */
function withoutPlaces(status: ServerStatus): ServerStatus {
  return {
    ...status,
    recordingFailures: [],
    points: status.points.map((point) => ({
      ...point,
      encoder: point.encoder && { ...point.encoder, address: undefined },
      recording: point.recording?.replace(/^.*[\\/]/, ""),
      players: point.players.map((player) => ({ ...player, address: "" })),
    })),
  };
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
