/**
 * Asking a server for permission to push: PushSetup with its redirections and authentication ([MS-WMHTTP] 3.1.5).
 *
 * @module
 */

import type { MuxError } from "../errors.ts";
import { acceptedSchemes, Authenticator, type BasicPolicy } from "./auth.ts";
import type { Credentials } from "./credentials.ts";
import { LinkLost, pushError } from "./failures.ts";
import { PUSH_SETUP_TYPE, PUSH_START_TYPE } from "../wire/framing.ts";
import { connectReason, connectTrouble } from "../wire/connect_trouble.ts";
import { field, pushId, requestHead } from "../wire/http_head.ts";
import { PushLink, type StartHead } from "./link.ts";
import type { Response } from "./response_reader.ts";
import { hasControls } from "../wire/url.ts";

/** What is asked for. */
export interface SetupRequest {
  readonly url: URL;
  /** Absolute path of an existing publishing point. */
  readonly templateUrl?: string;
  readonly autoDestroy: boolean;
  readonly userAgent: string;
  /** For the server at `url` alone: they follow no redirection to another origin, and go to no proxy that it names. */
  readonly credentials?: Credentials;
  /** Whether the password may be sent as it is. Default false. */
  readonly allowBasic?: boolean;
  /** Whether the password was hashed for this server before; then it stays so. */
  readonly wasHashed: boolean;
  /** As the server gave it, or `NO_PUSH_ID`. */
  readonly pushId: PushId;
}

/** What a server calls a session. */
export interface PushId {
  readonly value: string;
  /** Who has given it: nobody else is told. */
  readonly place: string;
}

/** What was granted. */
export interface Setup {
  readonly link: PushLink;
  /** Whether something stands between that may want to see a body whole. */
  readonly isProxied: boolean;
  /** What the server calls the session; `NO_PUSH_ID`'s value if it gives it no name. */
  readonly pushId: PushId;
  /** Whether the server asked for the password, and got it hashed. */
  readonly isHashed: boolean;
  readonly startHead: StartHead;
}

/** Asks for a new session. */
export const NO_PUSH_ID: PushId = { value: "0", place: "" };

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
  #pushId: PushId;
  /** Whether the password has been asked for hashed; then it stays so. */
  #isHashed: boolean;
  #link: PushLink | undefined;

  constructor(request: SetupRequest) {
    this.#request = request;
    this.#url = request.url;
    this.#pushId = request.pushId;
    this.#isHashed = request.wasHashed;
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
        // Real servers name the session before they know who asks.
        if (given !== undefined) this.#pushId = { value: given, place: this.#place };
        const { staysOnConnection } = this.#answerChallenge(response, challengeCount++);
        if (staysOnConnection && !response.keepsAlive) {
          throw this.#refused(response, "it closes the connection NTLM needs");
        }
        if (!staysOnConnection) this.#letGo();
      } else if (status >= 300 && status <= 305) {
        if (redirectCount++ === MAX_REDIRECTS) throw this.#refused(response, `more than ${MAX_REDIRECTS} redirections`);
        this.#goTo(this.#redirect(response), status === 305);
        this.#letGo();
      } else {
        throw this.#refused(response);
      }
    }
  }

  /** What one peer was told about the credentials is not for another. */
  #goTo(url: URL, isProxy: boolean): void {
    const place = this.#place;
    if (isProxy) this.#proxy = url;
    else this.#url = url;
    if (this.#place !== place) this.#authenticator = this.#proxyAuthenticator = undefined;
  }

  /** Who is spoken to, and through whom. */
  get #place(): string {
    return `${this.#url.origin} ${this.#proxy?.origin ?? ""}`;
  }

  /** Why the credentials are not for whom is spoken to; `undefined`: they are. */
  get #distrust(): string | undefined {
    const { origin } = this.#request.url;
    if (this.#proxy) {
      return `the credentials are not for ${this.#proxy.origin}, the proxy that was named instead (305): ` +
        "push to a server that can be reached without it";
    }
    if (this.#url.origin === origin) return undefined;
    return `the credentials are for ${origin} alone, which points here: connect to ${this.#url.origin} itself if it may ` +
      "have them";
  }

  get #basic(): BasicPolicy {
    return { isAllowed: this.#request.allowBasic ?? false, isDowngrade: this.#isHashed };
  }

  async #open(signal: AbortSignal): Promise<PushLink> {
    const peer = this.#proxy ?? this.#url;
    try {
      return await PushLink.open(peer, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const message = `Cannot connect to ${this.#url.href}: ${connectReason(cause, peer)}`;
      throw connectTrouble(cause) === "no-host"
        ? pushError("cannot-connect", "NS_E_SERVER_NOT_FOUND", message, { cause })
        : pushError("cannot-connect", "NS_E_CANNOTCONNECT", message, { cause });
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
    const id = given ?? NO_PUSH_ID.value;
    if (response.willClose && id !== NO_PUSH_ID.value) {
      this.#letGo(); // the session is found again by its name
      link = this.#link = await this.#open(signal);
    }
    const startHead: StartHead = (bodyBytes) => this.#post(PUSH_START_TYPE, bodyBytes, id);
    return {
      link,
      isProxied: this.#proxy !== undefined || response.fields.has("via"),
      pushId: { value: id, place: this.#place },
      isHashed: this.#isHashed,
      startHead,
    };
  }

  #answerChallenge({ status, fields }: Response, challengeCount: number): Authenticator {
    const isProxy = status === 407;
    const who = isProxy ? "proxy" : "server";
    const { credentials } = this.#request;
    const deny = (why: string) => {
      const hresult = isProxy ? "NS_E_PROXY_ACCESSDENIED" : "NS_E_SERVER_ACCESSDENIED";
      return pushError("access-denied", hresult, `Cannot connect to ${this.#url.href}: the ${who} ${why}`);
    };
    if (!credentials) throw deny("asks for credentials");
    const distrust = this.#distrust;
    if (distrust !== undefined) throw deny(`asks for credentials, and ${distrust}`);
    if (challengeCount === MAX_CHALLENGES) throw deny(`asks for credentials more than ${MAX_CHALLENGES} times`);
    const known = isProxy ? this.#proxyAuthenticator : this.#authenticator;
    const authenticator = known ?? new Authenticator(credentials, this.#basic);
    if (isProxy) this.#proxyAuthenticator = authenticator;
    else this.#authenticator = authenticator;
    switch (authenticator.challenge(fields.get(isProxy ? "proxy-authenticate" : "www-authenticate") ?? [])) {
      case "answered":
        this.#isHashed ||= authenticator.isHashed;
        return authenticator;
      case "basic":
        throw deny(
          "asks for Basic, which shows the password to everybody on the way: set allowBasic (--allow-basic) if it may, " +
            "or let the server ask for Digest",
        );
      case "downgrade":
        throw deny(
          "asks for Basic where it asked for better before: somebody may be between, the password is not sent",
        );
      case "refused":
        throw deny("refuses these credentials");
    }
  }

  #redirect(response: Response): URL {
    const location = field(response.fields, "location");
    if (location === undefined) throw this.#refused(response, "it points to nowhere");
    const url = URL.parse(location, this.#url.href);
    if (url === null) throw this.#refused(response, "it points to what is no URL");
    if (url.protocol !== "http:") {
      throw this.#refused(response, `it points to ${url.protocol}, and a push follows to http: alone`);
    }
    if (hasControls(url.href)) throw this.#refused(response, "it points to a URL with control characters");
    url.username = url.password = url.hash = "";
    return url;
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
    const { value } = this.#pushId.place === this.#place ? this.#pushId : NO_PUSH_ID;
    return this.#post(PUSH_SETUP_TYPE, directives.length, value) + directives;
  }

  #post(type: string, contentLength: number, id: string): string {
    const path = this.#url.pathname + this.#url.search;
    const uri = this.#proxy ? this.#url.origin + path : path;
    return requestHead("POST", uri, [
      ["Content-Type", type],
      ["X-Accept-Authentication", acceptedSchemes(this.#basic)],
      ["User-Agent", this.#request.userAgent],
      ["Host", this.#url.host],
      ["Content-Length", contentLength],
      ["Connection", "Keep-Alive"],
      ["Cache-Control", "no-cache"],
      ["Cookie", `push-id=${id}`],
      ["Authorization", this.#authenticator?.header("POST", path)], // as the server will see it
      ["Proxy-Authorization", this.#proxyAuthenticator?.header("POST", uri)],
    ]);
  }
}
