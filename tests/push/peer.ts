/**
 * A receiver of pushes that does what a script says, over real TCP on loopback.
 *
 * @module
 */

import { FrameReader } from "../../src/wire/framing.ts";

/** A request as it came. */
export interface Request {
  /** Request line and fields, in lower case but for values. */
  readonly line: string;
  readonly fields: Record<string, string>;
  /** Of a body with a small Content-Length; a PushStart's is read by the script. */
  readonly body: string;
}

/** A push packet, copied. */
export interface Packet {
  readonly kind: string;
  readonly reason: number;
  readonly payload: Uint8Array;
}

/** One connection, in the hands of a script. */
export class PeerConnection {
  readonly #conn: Deno.TcpConn;
  #held: Uint8Array = new Uint8Array(0);

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** The next request; `undefined` when there is none any more. */
  async request(): Promise<Request | undefined> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#held);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        const [line, ...lines] = text.slice(0, end).split("\r\n");
        const fields = Object.fromEntries(lines.map((field) => {
          const colon = field.indexOf(":");
          return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
        }));
        this.#held = this.#held.slice(end + 4);
        const length = Number(fields["content-length"]);
        const isSetup = fields["content-type"]?.endsWith("pushsetup");
        while (isSetup && this.#held.length < length && await this.#more());
        const body = isSetup ? new TextDecoder().decode(this.#held.slice(0, length)) : "";
        if (isSetup) this.#held = this.#held.slice(length);
        return { line: line!, fields, body };
      }
      if (!await this.#more()) return undefined;
    }
  }

  /** Packets of a body: up to its length, the end of the connection, an `$E`, or as many as wanted. */
  async packets(bodyBytes: number, most = Infinity): Promise<Packet[]> {
    const reader = new FrameReader();
    const found: Packet[] = [];
    for (let left = bodyBytes; left > 0 && found.length < most && found.at(-1)?.kind !== "E";) {
      if (this.#held.length === 0 && !await this.#more()) break;
      // By single bytes, so that nothing behind the last wanted packet is taken.
      const byte = this.#held.subarray(0, 1);
      this.#held = this.#held.subarray(1);
      left--;
      for (const { kind, reason, payload } of reader.read(byte)) {
        found.push({ kind: String.fromCharCode(kind), reason, payload: payload.slice() });
      }
    }
    return found;
  }

  async send(text: string): Promise<void> {
    await this.#conn.write(new TextEncoder().encode(text.replaceAll("\n", "\r\n")));
  }

  /** As Windows Media Services: 204 with these fields besides. */
  async accept(...fields: string[]): Promise<void> {
    await this.send(["HTTP/1.1 204 No Content", SERVER, ...fields, "Content-Length: 0", "", ""].join("\n"));
  }

  /** Resolves when the other side has closed. */
  async ended(): Promise<void> {
    while (await this.#more()) this.#held = new Uint8Array(0);
  }

  close(): void {
    try {
      this.#conn.close();
    } catch {
      // by the script, earlier
    }
  }

  async #more(): Promise<boolean> {
    const bytes = new Uint8Array(16_384);
    const count = await this.#conn.read(bytes).catch(() => null);
    if (count === null) return false;
    const joined = new Uint8Array(this.#held.length + count);
    joined.set(this.#held);
    joined.set(bytes.subarray(0, count), this.#held.length);
    this.#held = joined;
    return true;
  }
}

export const SERVER = "Server: Cougar/9.01.01.3814";

/** Runs a script for the length of `fn`: one function for each connection, in order; more are closed. */
export async function withPeer<T>(
  scripts: ((peer: PeerConnection) => Promise<void>)[],
  fn: (url: string) => Promise<T>,
): Promise<T> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running: Promise<unknown>[] = [];
  const peers: PeerConnection[] = [];
  const accepting = (async () => {
    for await (const conn of listener) {
      const peer = new PeerConnection(conn);
      const script = scripts[peers.length];
      peers.push(peer);
      if (script) running.push(script(peer).finally(() => peer.close()));
      else peer.close();
    }
  })();
  try {
    const result = await fn(`http://127.0.0.1:${listener.addr.port}/live`);
    await Promise.all(running);
    return result;
  } finally {
    listener.close();
    for (const peer of peers) peer.close();
    await accepting.catch(() => {});
    await Promise.allSettled(running);
  }
}

/** A script that answers every request of its connection with the same, and keeps them. */
export function answering(answer: string, seen: Request[] = []): (peer: PeerConnection) => Promise<void> {
  return async (peer) => {
    for (let request; (request = await peer.request()) !== undefined;) {
      seen.push(request);
      await peer.send(answer);
    }
  };
}

/** A challenge, as a receiver sends it. */
export function asking(value: string, status = 401): string {
  const name = status === 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
  return `HTTP/1.1 ${status} Who\n${SERVER}\n${name}: ${value}\nContent-Length: 0\n\n`;
}

/** A redirection, or the name of a proxy. */
export function pointing(location: string, status = 302): string {
  return `HTTP/1.1 ${status} There\nLocation: ${location}\nContent-Length: 0\n\n`;
}
