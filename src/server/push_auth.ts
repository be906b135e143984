/**
 * Asks encoders who they are: HTTP Digest, the one scheme that both the protocol's texts and machines without Windows
 * can do.
 *
 * A challenge keeps nothing: its nonce carries its own time and proof. Only answers that were right are remembered, so
 * that they cannot be used twice.
 *
 * @module
 */

import { digestResponse, md5Hex, parseAuth } from "../wire/digest.ts";

/** Who may push. */
export interface PushCredentials {
  /** Not empty. */
  readonly user: string;
  /** Kept in memory as it is. */
  readonly password: string;
}

const REALM = "muxwell";
const NONCE_MS = 300_000;
const MAX_USED = 4096;

/** See the module's text. */
export class PushAuth {
  readonly #credentials: PushCredentials;
  readonly #secret = crypto.randomUUID();
  readonly #now: () => number;
  /** Last count of each nonce that was used well. */
  readonly #used = new Map<string, number>();

  constructor(credentials: PushCredentials, now: () => number = Date.now) {
    this.#credentials = credentials;
    this.#now = now;
  }

  /** Value of WWW-Authenticate. */
  challenge(isStale = false): string {
    const time = this.#now().toString(36);
    const salt = crypto.randomUUID().slice(0, 8);
    const nonce = `${time}-${salt}-${this.#proof(`${time}-${salt}`)}`;
    return `Digest realm="${REALM}", qop="auth", algorithm=MD5, nonce="${nonce}"${isStale ? ", stale=true" : ""}`;
  }

  /** Looks at an Authorization header. */
  check(method: string, target: string, value: string | undefined): "ok" | "stale" | "wrong" {
    const answer = value === undefined ? undefined : parseAuth(value).find(({ scheme }) => scheme === "digest");
    if (!answer) return "wrong";
    const get = (name: string) => answer.parameters.get(name) ?? "";
    const nonce = get("nonce");
    const qop = answer.parameters.get("qop");
    const expected = digestResponse({
      ...this.#credentials,
      realm: REALM,
      method,
      uri: get("uri"),
      nonce,
      qop,
      nc: get("nc"),
      cnonce: get("cnonce"),
    });
    const isRight = sameText(utf8(get("username")), this.#credentials.user) && get("uri") === target &&
      (qop === undefined || qop === "auth") && sameText(get("response").toLowerCase(), expected);
    if (!isRight) return "wrong";
    return this.#use(nonce, qop === undefined ? 1 : parseInt(get("nc"), 16)) ? "ok" : "stale";
  }

  #use(nonce: string, count: number): boolean {
    const [time = "", salt = "", proof = ""] = nonce.split("-");
    const age = this.#now() - parseInt(time, 36);
    if (!sameText(proof, this.#proof(`${time}-${salt}`)) || !(age >= 0 && age < NONCE_MS)) return false;
    if (!(count > (this.#used.get(nonce) ?? 0))) return false;
    this.#used.delete(nonce);
    this.#used.set(nonce, count);
    if (this.#used.size > MAX_USED) this.#used.delete(this.#used.keys().next().value!);
    return true;
  }

  #proof(text: string): string {
    return md5Hex(`${text}:${this.#secret}`);
  }
}

/** What a head's Latin-1 text means in UTF-8; where it is none, the text itself. */
function utf8(text: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}

/** Takes as long for texts of one length wherever they differ. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
