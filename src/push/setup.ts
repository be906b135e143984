/**
 * Asking a server for permission to push: PushSetup with its redirections and authentication ([MS-WMHTTP] 3.1.5).
 *
 * @module
 */

import type { MuxError } from "../errors.ts";
import { ACCEPTED_SCHEMES, Authenticator, type Credentials } from "./auth.ts";
import { LinkLost, pushError, reasonOf } from "./failures.ts";
import { PUSH_SETUP_TYPE, PUSH_START_TYPE } from "./framing.ts";
import { field, pushId } from "./http_head.ts";
import { PushLink, type StartHead } from "./link.ts";
import type { Response } from "./response_reader.ts";

/** What is asked for. */
export interface SetupRequest {
  readonly url: URL;
  /** Absolute path of an existing publishing point. */
  readonly templateUrl?: string;
  readonly autoDestroy: boolean;
  readonly userAgent: string;
  readonly credentials?: Credentials;
  /** As the server gave it, or `NO_PUSH_ID`. */
  readonly pushId: string;
  readonly bodyBytes: number;
}

/** What was granted. */
export interface Setup {
  readonly link: PushLink;
  /** Where the push goes after all redirections. */
  readonly url: URL;
  /** What the server calls the session; `NO_PUSH_ID` if it gives it no name. */
  readonly pushId: string;
  readonly startHead: StartHead;
}

/** Asks for a new session. */
export const NO_PUSH_ID = "0";

const MAX_REDIRECTS = 5;
/** Enough for any scheme, and for a nonce grown old. */
const MAX_CHALLENGES = 4;

/** Asks. Lets go of the connection unless it succeeds. @throws {MuxError} Or `signal.reason`. */
export async function setUp(request: SetupRequest, signal: AbortSignal): Promise<Setup> {
  const asking = new Asking(request);
  const onAbort = () => asking.giveUp();
  signal.addEventListener("abort", onAbort);
  try {
    return await asking.run(signal);
  } catch (error) {
    asking.giveUp();
    signal.throwIfAborted();
    if (!(error instanceof LinkLost)) throw error;
    const message = `Cannot connect to ${request.url.href}: ${error.message}`;
    throw pushError("connection-failure", "NS_E_CONNECTION_FAILURE", message, { cause: error.cause ?? error });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

class Asking {
  readonly #request: SetupRequest;
  readonly #authenticator: Authenticator | undefined;
  #url: URL;
  #pushId: string;
  #link: PushLink | undefined;

  constructor(request: SetupRequest) {
    this.#request = request;
    this.#authenticator = request.credentials && new Authenticator(request.credentials);
    this.#url = request.url;
    this.#pushId = request.pushId;
  }

  giveUp(): void {
    this.#link?.close();
  }

  async run(signal: AbortSignal): Promise<Setup> {
    let redirectCount = 0;
    let challengeCount = 0;
    for (;;) {
      const link = this.#link ??= await this.#open(signal);
      const response = await link.request(this.#head());
      const { status, fields } = response;
      const given = pushId(fields.get("set-cookie"));
      if (status >= 200 && status < 300) return this.#accept(link, response, given);
      if (status === 401) {
        if (given !== undefined) this.#pushId = given; // real servers name the session before they know who asks
        this.#answerChallenge(response, challengeCount++);
        const stays = this.#authenticator!.staysOnConnection;
        if (stays && !response.keepsAlive) throw this.#refused(response, "it closes the connection NTLM needs");
        if (!stays) this.#letGo();
      } else if (status >= 300 && status <= 304 && redirectCount++ < MAX_REDIRECTS) {
        this.#url = this.#redirect(response);
        this.#letGo();
      } else {
        throw this.#refused(response);
      }
    }
  }

  async #open(signal: AbortSignal): Promise<PushLink> {
    try {
      return await PushLink.open(this.#url, this.#request.bodyBytes, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const message = `Cannot connect to ${this.#url.href}: ${reasonOf(cause)}`;
      throw pushError("cannot-connect", "NS_E_CANNOTCONNECT", message, { cause });
    }
  }

  #letGo(): void {
    this.#link!.close();
    this.#link = undefined;
  }

  #accept(link: PushLink, response: Response, given: string | undefined): Setup {
    const server = field(response.fields, "server") ?? "";
    if (!/^(Cougar|Rex)\//i.test(server)) {
      const said = server === "" ? "it does not say what it is" : `it is ${server}`;
      const message = `Cannot connect to ${this.#url.href}: the server must be Cougar or Rex, ${said}`;
      throw pushError("refused-by-server", "NS_E_INCOMPATIBLE_PUSH_SERVER", message);
    }
    // A receiver without sessions sends none, or 0.
    const id = given ?? NO_PUSH_ID;
    const startHead: StartHead = (bodyBytes) => requestHead(this.#fields(PUSH_START_TYPE, bodyBytes, id));
    return { link, url: this.#url, pushId: id, startHead };
  }

  #answerChallenge(response: Response, challengeCount: number): void {
    const values = response.fields.get("www-authenticate") ?? [];
    const why = this.#authenticator === undefined
      ? "the server asks for credentials"
      : challengeCount >= MAX_CHALLENGES || !this.#authenticator.challenge(values)
      ? "the server refuses these credentials"
      : undefined;
    if (why === undefined) return;
    throw pushError("access-denied", "NS_E_SERVER_ACCESSDENIED", `Cannot connect to ${this.#url.href}: ${why}`);
  }

  #redirect(response: Response): URL {
    const location = field(response.fields, "location");
    const url = location === undefined ? null : URL.parse(location, this.#url.href);
    if (url?.protocol === "http:") return url;
    throw this.#refused(response, `it points to ${location ?? "nowhere"}`);
  }

  #refused({ status, reason }: Response, detail?: string): MuxError {
    const said = `the server answered ${status} ${reason}`.trimEnd() + (detail ? `, ${detail}` : "");
    return pushError("refused-by-server", "NS_E_REFUSED_BY_SERVER", `Cannot connect to ${this.#url.href}: ${said}`);
  }

  #head(): string {
    const { templateUrl, autoDestroy } = this.#request;
    const directives = [
      ...(templateUrl === undefined ? [] : [`Template-URL: "${templateUrl}"\r\n`]),
      `AutoDestroy: ${autoDestroy ? 1 : 0}\r\n`,
    ].join("");
    return requestHead(this.#fields(PUSH_SETUP_TYPE, directives.length, this.#pushId)) + directives;
  }

  #fields(type: string, contentLength: number, id: string): readonly string[] {
    const uri = this.#url.pathname + this.#url.search;
    const authorization = this.#authenticator?.header("POST", uri);
    return [
      `POST ${uri} HTTP/1.1`,
      `Content-Type: ${type}`,
      `X-Accept-Authentication: ${ACCEPTED_SCHEMES}`,
      `User-Agent: ${this.#request.userAgent}`,
      `Host: ${this.#url.host}`,
      `Content-Length: ${contentLength}`,
      "Connection: Keep-Alive",
      "Cache-Control: no-cache",
      `Cookie: push-id=${id}`,
      ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ];
  }
}

function requestHead(fields: readonly string[]): string {
  return fields.join("\r\n") + "\r\n\r\n";
}
