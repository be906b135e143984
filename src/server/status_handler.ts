/**
 * Answers those who look at the server, rather than watch its streams.
 *
 * @module
 */

import { responseHead } from "../wire/http_head.ts";
import type { HttpConnection, HttpRequest } from "../wire/http_connection.ts";
import { metricsText, type ServerStatus } from "./status.ts";
import { STATUS_PAGE } from "./status_page.ts";

/** Nothing from elsewhere, and in nobody's frame. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; " +
  "connect-src 'self'; frame-ancestors 'none'";

/** See the module's text. */
export class StatusHandler {
  readonly #status: () => ServerStatus;

  constructor(status: () => ServerStatus) {
    this.#status = status;
  }

  /** False: the request is not for here. */
  async handle({ method, target }: HttpRequest, connection: HttpConnection): Promise<boolean> {
    if (method !== "GET" && method !== "HEAD") return false;
    const answer = this.#find(target.split("?")[0]!);
    if (!answer) return false;
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

  #find(path: string): { type: string; text: string } | undefined {
    switch (path) {
      case "/":
        return { type: "text/html; charset=utf-8", text: STATUS_PAGE };
      case "/status.json":
        return { type: "application/json", text: JSON.stringify(this.#status()) };
      case "/metrics":
        return { type: "text/plain; version=0.0.4; charset=utf-8", text: metricsText(this.#status()) };
    }
  }
}
