/**
 * Answers to a server that asks who pushes.
 *
 * @module
 */

import { type AuthValue, digestResponse, parseAuth } from "../wire/digest.ts";
import type { Credentials } from "./credentials.ts";
import { ntlmAuthenticate, ntlmNegotiate } from "./ntlm.ts";

/** Whether a password may be sent so that everybody on the way can read it. */
export interface BasicPolicy {
  /** The caller allows it. */
  readonly isAllowed: boolean;
  /** The server has asked for better before. */
  readonly isDowngrade: boolean;
}

/** What becomes of a challenge: it is answered; or the credentials are refused, or Basic is. */
export type Verdict = "answered" | "refused" | "basic" | "downgrade";

/** One scheme at work. */
interface Scheme {
  /** Whether what follows must come over the same connection. */
  readonly staysOnConnection: boolean;
  /** What goes into the next request; `undefined`: nothing. */
  header(method: string, uri: string): string | undefined;
  /** Whether another challenge can be answered; else the credentials are wrong. */
  answer(challenge: AuthValue): boolean;
}

/** The strongest first. */
const SCHEMES: readonly (readonly [string, (credentials: Credentials, challenge: AuthValue) => Scheme])[] = [
  ["digest", (credentials, challenge) => new Digest(credentials, challenge)],
  ["ntlm", (credentials) => new Ntlm(credentials)],
  ["basic", (credentials) => new Basic(credentials)],
];

/** What this end does, as a header says it. */
export function acceptedSchemes({ isAllowed, isDowngrade }: BasicPolicy): string {
  return isAllowed && !isDowngrade ? "NTLM, Digest, Basic" : "NTLM, Digest";
}

/** Keeps what one session's authentication has come to. */
export class Authenticator {
  readonly #credentials: Credentials;
  readonly #basic: BasicPolicy;
  #scheme: Scheme | undefined;
  #name = "";

  constructor(credentials: Credentials, basic: BasicPolicy) {
    this.#credentials = credentials;
    this.#basic = basic;
  }

  /** Whether the password was hashed so far, and is worth to be kept so. */
  get isHashed(): boolean {
    return this.#scheme !== undefined && this.#name !== "basic";
  }

  /** Whether the next request must use the connection of the last. */
  get staysOnConnection(): boolean {
    return this.#scheme?.staysOnConnection ?? false;
  }

  /** The Authorization header's value for the next request. */
  header(method: string, uri: string): string | undefined {
    return this.#scheme?.header(method, uri);
  }

  /** Takes the challenges of a 401. */
  challenge(values: readonly string[]): Verdict {
    const challenges = values.flatMap(parseAuth).filter(isUsable);
    const again = challenges.find(({ scheme }) => scheme === this.#name);
    if (this.#scheme && again) return this.#scheme.answer(again) ? "answered" : "refused";
    if (this.#scheme) return challenges.some(({ scheme }) => scheme === "basic") ? "downgrade" : "refused";
    for (const [name, create] of SCHEMES) {
      const challenge = challenges.find(({ scheme }) => scheme === name);
      if (!challenge) continue;
      if (name === "basic" && !this.#basic.isAllowed) return "basic";
      if (name === "basic" && this.#basic.isDowngrade) return "downgrade";
      this.#name = name;
      this.#scheme = create(this.#credentials, challenge);
      return "answered";
    }
    return "refused";
  }
}

function isUsable({ scheme, parameters }: AuthValue): boolean {
  if (scheme !== "digest") return true;
  const qop = parameters.get("qop");
  const algorithm = parameters.get("algorithm")?.toUpperCase() ?? "MD5";
  return parameters.has("nonce") && algorithm === "MD5" && (qop === undefined || /(^|[\s,])auth([\s,]|$)/i.test(qop));
}

class Basic implements Scheme {
  readonly staysOnConnection = false;
  readonly #value: string;

  constructor({ user, password }: Credentials) {
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    this.#value = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  }

  header(): string {
    return this.#value;
  }

  answer(): boolean {
    return false;
  }
}

class Digest implements Scheme {
  readonly staysOnConnection = false;
  readonly #credentials: Credentials;
  #challenge: AuthValue;
  #useCount = 0;

  constructor(credentials: Credentials, challenge: AuthValue) {
    this.#credentials = credentials;
    this.#challenge = challenge;
  }

  header(method: string, uri: string): string {
    const { parameters } = this.#challenge;
    const realm = parameters.get("realm") ?? "";
    const nonce = parameters.get("nonce")!;
    const qop = parameters.has("qop") ? "auth" : undefined;
    const nc = (++this.#useCount).toString(16).padStart(8, "0");
    const cnonce = randomHex(8);
    const response = digestResponse({ ...this.#credentials, realm, method, uri, nonce, qop, nc, cnonce });
    const pairs = [
      ...[`username="${quoted(this.#credentials.user)}"`, `realm="${quoted(realm)}"`, `nonce="${quoted(nonce)}"`],
      ...[`uri="${quoted(uri)}"`, `response="${response}"`, "algorithm=MD5"],
      ...(qop ? [`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`] : []),
    ];
    const opaque = parameters.get("opaque");
    if (opaque !== undefined) pairs.push(`opaque="${quoted(opaque)}"`);
    return `Digest ${pairs.join(", ")}`;
  }

  /** A nonce that has grown old is not a wrong password. */
  answer(challenge: AuthValue): boolean {
    const isFresh = challenge.parameters.get("nonce") !== this.#challenge.parameters.get("nonce");
    if (!isFresh || challenge.parameters.get("stale")?.toLowerCase() !== "true") return false;
    this.#challenge = challenge;
    this.#useCount = 0;
    return true;
  }
}

class Ntlm implements Scheme {
  readonly #credentials: Credentials;
  #message: Uint8Array | undefined = ntlmNegotiate();
  #isAnswered = false;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** The connection itself is what gets authenticated. */
  get staysOnConnection(): boolean {
    return this.#isAnswered || this.#message !== undefined;
  }

  header(): string | undefined {
    const message = this.#message;
    this.#message = undefined;
    return message && `NTLM ${btoa(String.fromCharCode(...message))}`;
  }

  answer({ token }: AuthValue): boolean {
    if (this.#isAnswered || token === "") return false;
    this.#isAnswered = true;
    try {
      const challenge = Uint8Array.from(atob(token), (char) => char.charCodeAt(0));
      this.#message = ntlmAuthenticate(challenge, this.#credentials);
    } catch {
      return false;
    }
    return true;
  }
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}

/** Random bytes as hexadecimal digits. */
function randomHex(byteCount: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(byteCount)), (b) => b.toString(16).padStart(2, "0")).join("");
}
