/**
 * A TCP connection, by whatever the runtime offers: Deno's own, else Node's, asked for at run time so that browsers and
 * bundlers never see it.
 *
 * @module
 */

import type { Socket } from "node:net";

/** Both directions of a connection. */
export interface Connection {
  /** The next bytes, `undefined` at the end. They are the caller's. */
  read(): Promise<Uint8Array | undefined>;
  /** Answers how many of the bytes were taken, at least one. */
  write(bytes: Uint8Array): Promise<number>;
  /** Nothing more will be written. */
  closeWrite(): Promise<void>;
  /** Lets go; whatever is under way rejects or ends. Idempotent. */
  close(): void;
}

/** The runtime has no TCP. */
export class NoTcpError extends Error {
  override name = "NoTcpError";
}

const READ_BYTES = 16_384;

/** Opens a connection. Rejects with what the runtime says, or `signal.reason`. */
export async function connectTcp(hostname: string, port: number, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  const runtime = globalThis as { Deno?: { connect?: typeof Deno.connect } };
  const opening = runtime.Deno?.connect
    ? runtime.Deno.connect({ hostname, port }).then(DenoConnection.over)
    : connectNode(hostname, port);
  return await new Promise<Connection>((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason);
      opening.then((connection) => connection.close(), () => {});
    };
    signal.addEventListener("abort", onAbort, { once: true });
    opening.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

class DenoConnection implements Connection {
  readonly #conn: Deno.TcpConn;
  #isClosed = false;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Takes a connection over; closes it if it is gone already. */
  static over(conn: Deno.TcpConn): DenoConnection {
    try {
      conn.setNoDelay(true);
      return new DenoConnection(conn);
    } catch (error) {
      conn.close();
      throw error;
    }
  }

  async read(): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(READ_BYTES);
    const count = await this.#conn.read(bytes);
    return count === null ? undefined : bytes.subarray(0, count);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }
}

async function connectNode(hostname: string, port: number): Promise<Connection> {
  // deno-lint-ignore no-process-global -- asked for by name, since importing node:process would break browsers
  const host = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const net = host?.getBuiltinModule?.("node:net") as typeof import("node:net") | undefined;
  if (net === undefined) throw new NoTcpError("this runtime has no TCP");
  return await new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port, allowHalfOpen: true, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new NodeConnection(socket));
    });
  });
}

class NodeConnection implements Connection {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {}); // told by the reads and writes that it breaks
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#chunks.next();
    return done ? undefined : value;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      const onClose = () => reject(new Error("the connection was closed"));
      this.#socket.once("close", onClose);
      this.#socket.write(bytes, (error) => {
        this.#socket.off("close", onClose);
        if (error) reject(error);
        else resolve(bytes.byteLength);
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}
