/**
 * Asking a server for permission to push: PushSetup with its redirections and authentication ([MS-WMHTTP] 3.1.5).
 *
 * @module
 */

import type { MuxError } from "../errors.ts";
import { ACCEPTED_SCHEMES, Authenticator, type Credentials } from "./auth.ts";
import { LinkLost, pushError, reasonOf } from "./failures.ts";
import { PUSH_SETUP_TYPE, PUSH_START_TYPE } from "./framing.ts";
import { connectTrouble } from "./connection.ts";
import { field, pushId, writeHead } from "./http_head.ts";
import { PushLink, type StartHead } from "./link.ts";
import type { Response } from "./response_reader.ts";
import { hasControls } from "./url.ts";

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
}

/** What was granted. */
export interface Setup {
  readonly link: PushLink;
  /** Whether something stands between that may want to see a body whole. */
  readonly isProxied: boolean;
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
  #authenticator: Authenticator | undefined;
  #proxyAuthenticator: Authenticator | undefined;
  /** Where the push goes after all redirections. */
  #url: URL;
  /** What is to be connected to instead. */
  #proxy: URL | undefined;
  #pushId: string;
  #link: PushLink | undefined;

  constructor(request: SetupRequest) {
    this.#request = request;
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
      if (status >= 200 && status < 300) return await this.#accept(link, response, given, signal);
      if (status === 401 || status === 407) {
        if (given !== undefined) this.#pushId = given; // real servers name the session before they know who asks
        const { staysOnConnection } = this.#answerChallenge(response, challengeCount++);
        if (staysOnConnection && !response.keepsAlive) {
          throw this.#refused(response, "it closes the connection NTLM needs");
        }
        if (!staysOnConnection) this.#letGo();
      } else if (status >= 300 && status <= 305 && redirectCount++ < MAX_REDIRECTS) {
        this.#goTo(this.#redirect(response), status === 305);
        this.#letGo();
      } else {
        throw this.#refused(response);
      }
    }
  }

  /** What one peer was told about the credentials is not for another. */
  #goTo(url: URL, isProxy: boolean): void {
    if (isProxy) {
      this.#proxy = url;
      this.#proxyAuthenticator = undefined;
    } else {
      if (url.host !== this.#url.host) this.#authenticator = undefined;
      this.#url = url;
    }
  }

  async #open(signal: AbortSignal): Promise<PushLink> {
    const peer = this.#proxy ?? this.#url;
    try {
      return await PushLink.open(peer, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const action = `Cannot connect to ${this.#url.href}`;
      switch (connectTrouble(cause)) {
        case "no-host":
          throw pushError("cannot-connect", "NS_E_SERVER_NOT_FOUND", `${action}: there is no host ${peer.hostname}`, {
            cause,
          });
        case "refused":
          throw pushError("cannot-connect", "NS_E_CANNOTCONNECT", `${action}: nobody listens at ${peer.host}`, {
            cause,
          });
        default:
          throw pushError("cannot-connect", "NS_E_CANNOTCONNECT", `${action}: ${reasonOf(cause)}`, { cause });
      }
    }
  }

  #letGo(): void {
    this.#link!.close();
    this.#link = undefined;
  }

  async #accept(
    link: PushLink,
    response: Response,
    given: string | undefined,
    signal: AbortSignal,
  ): Promise<Setup> {
    const server = field(response.fields, "server") ?? "";
    if (!/^(Cougar|Rex)\//i.test(server)) {
      const said = server === "" ? "it does not say what it is" : `it is ${server}`;
      const message = `Cannot connect to ${this.#url.href}: the server must be Cougar or Rex, ${said}`;
      throw pushError("refused-by-server", "NS_E_INCOMPATIBLE_PUSH_SERVER", message);
    }
    // A receiver without sessions sends none, or 0.
    const id = given ?? NO_PUSH_ID;
    if (response.willClose && id !== NO_PUSH_ID) {
      this.#letGo(); // the session is found again by its name
      link = this.#link = await this.#open(signal);
    }
    const startHead: StartHead = (bodyBytes) => writeHead(this.#fields(PUSH_START_TYPE, bodyBytes, id));
    return { link, isProxied: this.#proxy !== undefined || response.fields.has("via"), pushId: id, startHead };
  }

  #answerChallenge({ status, fields }: Response, challengeCount: number): Authenticator {
    const isProxy = status === 407;
    const who = isProxy ? "proxy" : "server";
    const { credentials } = this.#request;
    const known = isProxy ? this.#proxyAuthenticator : this.#authenticator;
    const authenticator = known ?? (credentials && new Authenticator(credentials));
    if (isProxy) this.#proxyAuthenticator = authenticator;
    else this.#authenticator = authenticator;
    const values = fields.get(isProxy ? "proxy-authenticate" : "www-authenticate") ?? [];
    if (challengeCount < MAX_CHALLENGES && authenticator?.challenge(values)) return authenticator;
    const why = authenticator ? `the ${who} refuses these credentials` : `the ${who} asks for credentials`;
    const hresult = isProxy ? "NS_E_PROXY_ACCESSDENIED" : "NS_E_SERVER_ACCESSDENIED";
    throw pushError("access-denied", hresult, `Cannot connect to ${this.#url.href}: ${why}`);
  }

  #redirect(response: Response): URL {
    const location = field(response.fields, "location");
    const url = location === undefined ? null : URL.parse(location, this.#url.href);
    if (url?.protocol === "http:" && !hasControls(url.href)) return url;
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
    return writeHead(this.#fields(PUSH_SETUP_TYPE, directives.length, this.#pushId)) + directives;
  }

  #fields(type: string, contentLength: number, id: string): readonly string[] {
    const path = this.#url.pathname + this.#url.search;
    const uri = this.#proxy ? this.#url.origin + path : path;
    const authorization = this.#authenticator?.header("POST", path); // as the server will see it
    const proxyAuthorization = this.#proxyAuthenticator?.header("POST", uri);
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
      ...(proxyAuthorization === undefined ? [] : [`Proxy-Authorization: ${proxyAuthorization}`]),
    ];
  }
}
