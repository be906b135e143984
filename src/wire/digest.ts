/**
 * HTTP Digest ([RFC 2617], [RFC 7616]), as both ends need it, and the hashes of older times that it is made of: web
 * crypto has none of them, so that the runtime's Node module is asked, by name.
 *
 * @module
 */

/** MD5 in hexadecimal of Latin-1 or UTF-8 text. */
export function md5Hex(text: string): string {
  return nodeCrypto().createHash("md5").update(text, "utf8").digest("hex");
}

/** MD5, or with a key HMAC-MD5. */
export function md5(bytes: Uint8Array, key?: Uint8Array): Uint8Array {
  const { createHash, createHmac } = nodeCrypto();
  return new Uint8Array((key ? createHmac("md5", key) : createHash("md5")).update(bytes).digest());
}

function nodeCrypto(): typeof import("node:crypto") {
  // deno-lint-ignore no-process-global -- asked for by name, since importing node:process would break browsers
  const host = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const module = host?.getBuiltinModule?.("node:crypto");
  if (module === undefined) throw new TypeError("Cannot authenticate: this runtime has no node:crypto");
  return module as typeof import("node:crypto");
}

/** What goes into an answer to a Digest challenge. */
export interface DigestInput {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** `"auth"`, or `undefined` for challenges of the oldest kind. */
  readonly qop?: string;
  /** Count of uses of the nonce, 8 hexadecimal digits. */
  readonly nc?: string;
  readonly cnonce?: string;
}

/** The `response` of an answer. */
export function digestResponse({ user, password, realm, method, uri, nonce, qop, nc, cnonce }: DigestInput): string {
  const secret = md5Hex(`${user}:${realm}:${password}`);
  const request = md5Hex(`${method}:${uri}`);
  return md5Hex(qop ? `${secret}:${nonce}:${nc}:${cnonce}:${qop}:${request}` : `${secret}:${nonce}:${request}`);
}

/** A scheme and what it says: a challenge, or an answer to one. */
export interface AuthValue {
  /** In lower case. */
  readonly scheme: string;
  /** `name=value` pairs by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** What NTLM says instead of pairs. */
  readonly token: string;
}

const PAIR = /^\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"=][^\s,"]*))\s*(?:,|$)/;
const SCHEME = /^[\s,]*([A-Za-z][\w-]*)(?:\s+|\s*$|\s*,)/;
const TOKEN = /^\s*([A-Za-z0-9+/._~-]+=*)\s*(?:,|$)/;

/** Takes WWW-Authenticate or Authorization apart; a list holds several challenges. */
export function parseAuth(value: string): AuthValue[] {
  const found: AuthValue[] = [];
  let rest = value;
  for (let scheme; (scheme = rest.match(SCHEME));) {
    rest = rest.slice(scheme[0].length);
    const parameters = new Map<string, string>();
    let token = "";
    for (let pair; (pair = rest.match(PAIR));) {
      parameters.set(pair[1]!.toLowerCase(), pair[2]?.replace(/\\(.)/g, "$1") ?? pair[3]!);
      rest = rest.slice(pair[0].length);
    }
    const said = parameters.size === 0 && !SCHEME_LIST.test(rest) ? rest.match(TOKEN) : null;
    if (said) {
      token = said[1]!;
      rest = rest.slice(said[0].length);
    }
    found.push({ scheme: scheme[1]!.toLowerCase(), parameters, token });
  }
  return found;
}

/** Another challenge, and no token. */
const SCHEME_LIST = /^\s*(basic|digest|ntlm|negotiate)\b/i;
