/**
 * Players that only take, and a clock.
 *
 * @module
 */

/** What came to a player. */
export interface Arrival {
  readonly header: Uint8Array<ArrayBuffer>;
  readonly packets: readonly { readonly bytes: Uint8Array<ArrayBuffer>; readonly at: number }[];
}

const RESPONSE_END = "\r\n\r\n";
const DATA_OBJECT_HEAD_BYTES = 50;
/** [ASF] 3.2: of the object's GUID, and of the packet size behind it. */
const FILE_PROPERTIES = "a1dcab8c47a9cf118ee400c00c205365";
const PACKET_SIZE_AT = 92;

/** Waits for a time of `performance.now()`. */
export async function sleepUntil(at: number): Promise<void> {
  const ms = at - performance.now();
  if (ms > 1) await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks for a stream. */
export async function request(url: string): Promise<Deno.TcpConn> {
  const { hostname, port, pathname } = new URL(url);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(new TextEncoder().encode(`GET ${pathname} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`));
  return conn;
}

/** Reads a stream to its end, and notes when each packet was there. */
export async function readStream(url: string): Promise<Arrival> {
  const conn = await request(url);
  const buffer = new Uint8Array(65_536);
  let held = new Uint8Array(0);
  let header: Uint8Array<ArrayBuffer> | undefined;
  let isBody = false;
  let packetBytes = 0;
  const packets: { bytes: Uint8Array<ArrayBuffer>; at: number }[] = [];
  for (let count; (count = await conn.read(buffer)) !== null;) {
    const at = performance.now();
    held = concat(held, buffer.subarray(0, count));
    if (!isBody) {
      const end = new TextDecoder("latin1").decode(held).indexOf(RESPONSE_END);
      if (end < 0) continue;
      isBody = true;
      held = held.slice(end + RESPONSE_END.length);
    }
    if (!header) {
      const headerBytes = held.byteLength < 24
        ? Infinity
        : Number(view(held).getBigUint64(16, true)) + DATA_OBJECT_HEAD_BYTES;
      if (held.byteLength < headerBytes) continue;
      header = held.slice(0, headerBytes);
      held = held.slice(headerBytes);
      packetBytes = view(header).getUint32(header.toHex().indexOf(FILE_PROPERTIES) / 2 + PACKET_SIZE_AT, true);
    }
    const whole = held.byteLength - held.byteLength % packetBytes;
    for (let from = 0; from < whole; from += packetBytes) {
      packets.push({ bytes: held.slice(from, from + packetBytes), at });
    }
    held = held.slice(whole);
  }
  conn.close();
  if (!header) throw new Error(`${url}: no header has come`);
  return { header, packets };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.byteLength + second.byteLength);
  joined.set(first);
  joined.set(second, first.byteLength);
  return joined;
}
