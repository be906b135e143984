/**
 * An encoder that does what a test says, packet by packet.
 *
 * @module
 */

import { assertMatch } from "@std/assert";
import { endFrame, frame, PACKET_KIND } from "../../src/wire/framing.ts";
import { broadcast } from "./live.ts";

/** A stream as an encoder has it. */
export interface Stream {
  header: Uint8Array<ArrayBuffer>;
  packets: Uint8Array<ArrayBuffer>[];
}

const taken = new Map<string, Promise<Stream>>();

/** A fixture as a live stream; made once, and not to be changed. */
export function take(input: string): Promise<Stream> {
  const known = taken.get(input) ?? make(input);
  taken.set(input, known);
  return known;
}

async function make(input: string): Promise<Stream> {
  const packets: Uint8Array<ArrayBuffer>[] = [];
  let header = new Uint8Array(0);
  await broadcast({
    input,
    sinks: [[{
      whenSlow: "drop", // a packet begins at every key frame
      header: (bytes) => void (header = bytes.slice()),
      data(bytes, { unitBytes = 0 }) {
        for (let at = 0; at < bytes.length; at += unitBytes) packets.push(bytes.slice(at, at + unitBytes));
      },
      close() {},
      abort() {},
    }]],
  });
  return { header, packets };
}

/** One connection with a body of 2 GiB that has begun. */
export class RawPush {
  /** What the server calls it. */
  readonly id: string;
  readonly #conn: Deno.Conn;

  private constructor(conn: Deno.Conn, id: string) {
    this.#conn = conn;
    this.id = id;
  }

  /** Asks for permission, and begins the body. @param known What an encoder was called before it lost its connection. */
  static async open(url: string, known = "0"): Promise<RawPush> {
    const { hostname, port, pathname } = new URL(url);
    const conn = await Deno.connect({ hostname, port: Number(port) });
    const post = (type: string, length: number, id: string) =>
      conn.write(new TextEncoder().encode([
        ...[`POST ${pathname} HTTP/1.1`, `Content-Type: application/x-wms-${type}`, "User-Agent: WMEncoder/9.0"],
        ...[`Content-Length: ${length}`, `Cookie: push-id=${id}`, "", ""],
      ].join("\r\n")));
    await post("pushsetup", 0, known);
    const buffer = new Uint8Array(4096);
    const answer = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    assertMatch(answer, /^HTTP\/1\.1 204 /);
    const id = answer.match(/push-id=(\d+)/)![1]!;
    await post("pushstart", 2_147_483_647, id);
    return new RawPush(conn, id);
  }

  header(bytes: Uint8Array): Promise<void> {
    return this.#write(frame(PACKET_KIND.header, bytes));
  }

  /** Another header, inside the packet that says so. */
  change(bytes: Uint8Array): Promise<void> {
    const payload = new Uint8Array(4 + bytes.length);
    payload.set(bytes, 4);
    return this.#write(frame(PACKET_KIND.change, payload));
  }

  async data(packets: Uint8Array[]): Promise<void> {
    for (const packet of packets) await this.#write(frame(PACKET_KIND.data, packet));
  }

  /** Packets with their heads, all at once. */
  raw(bytes: Uint8Array): Promise<void> {
    return this.#write(bytes);
  }

  end(reason: number): Promise<void> {
    return this.#write(endFrame(reason));
  }

  /** Resolves when the server has closed. */
  async closed(): Promise<void> {
    for await (const _ of this.#conn.readable);
  }

  /** As a machine whose power fails. */
  abandon(): void {
    this.#conn.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }
}
