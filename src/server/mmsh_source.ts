/**
 * The other side of the desk: plays a server's stream as a player would ([MS-WMSP] 3.1), and hands it on as the ASF it is.
 *
 * ```text
 * first connection    GET                     the header alone, which names the streams
 * second connection   GET, xPlayStrm=1        $H · $D … · $E
 * ```
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { GrowingBytes } from "../inspect/byte_source.ts";
import { PacketParser } from "../inspect/mod.ts";
import { FRAME_HEAD_BYTES, FrameReader, FramingError, PACKET_KIND, type PushPacket } from "../push/framing.ts";
import { findHeadEnd, HeadError, parseHead, writeHead } from "../push/http_head.ts";
import { hasControls, redactUrl } from "../push/url.ts";
import { HttpConnection, PeerTimeout } from "./http_connection.ts";
import { PLAYER_HEAD_BYTES } from "./player_frames.ts";
import { requireDeno } from "./require_deno.ts";
import { restorePacket } from "./restore_packet.ts";

/** How {@linkcode openMmsh} waits. */
export interface MmshOptions {
  /** Gives up, at any time; the stream rejects with its reason. */
  signal?: AbortSignal;
  /** Longest wait for the answer, for the whole header, and for each packet, ms; default 60 000. */
  silenceMs?: number;
}

const MAX_HEAD_BYTES = 16_384;
/** With all that comes before it. */
const MAX_HEADER_BYTES = 1 << 20;
/** Of what is no media, in front of a packet that is. */
const MAX_SKIPPED_BYTES = 1 << 20;
/** With the head of 4 bytes that is not part of the length. */
const MAX_PACKET_BYTES = 65_539;
/** Between the head of a packet and its payload. */
const MMS_HEAD_BYTES = PLAYER_HEAD_BYTES - 4;
/** Head of the Data Object. */
const DATA_HEAD_BYTES = 50;
const SILENCE_MS = 60_000;
const FIRST_PORT = 80;
/** As libmms says it: servers send nothing then that only Microsoft's players understand. */
const FIELDS = [
  "Accept: */*",
  "User-Agent: NSPlayer/4.1.0.3856",
  "Pragma: no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,max-duration=0",
  "Pragma: xClientGUID={c77e7400-738a-11d2-9add-0020af0a3278}",
];

/**
 * Opens a live stream of a Windows Media server, of VLC's or of ours, as the bytes of an ASF file without an end: for
 * `openMedia` of `./demux` and for `./inspect`. Packets have their full size. It ends where the programme ends, or where
 * another begins. To leave, cancel the stream.
 *
 * @param url `mmsh://host[:port]/name`; `mms://` and `http://` mean the same here.
 * @throws {TypeError} If the URL is none.
 * @throws {RangeError} If it has another scheme, or control characters, percent-encoded ones included.
 * @throws {MuxError} `cannot-connect`; `refused-by-server`; `connection-failure`; `bad-media` where what comes is no ASF;
 * `unsupported` where there is no Deno. The stream rejects with `connection-failure` and `bad-media`. `signal.reason`.
 *
 * @example
 * ```ts
 * import { openMedia } from "@muxwell/muxwell/demux";
 * import { openMmsh } from "@muxwell/muxwell/server";
 *
 * async function watch(url: string): Promise<void> {
 *   await using media = await openMedia(await openMmsh(url));
 *   for await (const { streamNumber, timestamp } of media.samples) console.log(streamNumber, timestamp);
 * }
 * console.log(typeof watch);
 * ```
 */
export async function openMmsh(url: string | URL, options: MmshOptions = {}): Promise<ReadableStream<Uint8Array>> {
  const target = readUrl(url);
  requireDeno(`open ${nameOf(target)}`);
  const describing = await Playing.open(target, [], options);
  const header = await describing.header().finally(() => describing.close());
  const { header: { streams } } = await parserOf(header, target);
  const entries = streams.map(({ streamNumber }) => `ffff:${streamNumber.toString(16)}:0 `).join("");
  const playing = await Playing.open(target, [
    "Pragma: xPlayStrm=1",
    `Pragma: stream-switch-count=${streams.length}`,
    `Pragma: stream-switch-entry=${entries}`,
  ], options);
  return new ReadableStream<Uint8Array>({
    start: () => {},
    pull: async (controller) => {
      const bytes = await playing.next();
      if (bytes) controller.enqueue(bytes);
      else controller.close();
    },
    cancel: () => playing.close(),
  }, { highWaterMark: 0 });
}

function readUrl(url: string | URL): URL {
  const text = String(url);
  const target = URL.parse(text.replace(/^mms[h]?:/i, "http:"));
  const name = redactUrl(text);
  if (target === null) throw new TypeError(`Cannot open ${name}: it is no URL`);
  if (target.protocol !== "http:") {
    throw new RangeError(`Cannot open ${name}: it must begin with mmsh:, got ${target.protocol}`);
  }
  if (/\p{Cc}/u.test(text) || hasControls(target.pathname + target.search)) {
    throw new RangeError(`Cannot open ${nameOf(target)}: it must hold no control characters`);
  }
  return target;
}

/** One connection, and what comes over it. */
class Playing {
  readonly #url: URL;
  readonly #connection: HttpConnection;
  readonly #silenceMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.close();
  readonly #reader = new FrameReader(MAX_PACKET_BYTES);
  /** What came right behind the head of the answer. */
  #rest: Uint8Array = new Uint8Array(0);
  #packets: Iterator<PushPacket> = [][Symbol.iterator]();
  #parser: PacketParser | undefined;
  #ahead: PushPacket | undefined;

  private constructor(url: URL, connection: HttpConnection, { signal, silenceMs = SILENCE_MS }: MmshOptions) {
    this.#url = url;
    this.#connection = connection;
    this.#silenceMs = silenceMs;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  /** Connects, asks, and reads the head of the answer. */
  static async open(url: URL, fields: readonly string[], options: MmshOptions): Promise<Playing> {
    options.signal?.throwIfAborted();
    let connection: HttpConnection;
    try {
      const hostname = url.hostname.replace(/^\[|\]$/g, "");
      connection = HttpConnection.over(await Deno.connect({ hostname, port: Number(url.port || FIRST_PORT) }));
    } catch (cause) {
      throw new MuxError("cannot-connect", `Cannot open ${nameOf(url)}: ${connectReason(cause, url)}`, { cause });
    }
    const playing = new Playing(url, connection, options);
    try {
      await playing.#ask(fields);
      return playing;
    } catch (error) {
      playing.close();
      throw error;
    }
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#connection.close();
  }

  /** The whole header, with the head of the Data Object. */
  async header(): Promise<Uint8Array<ArrayBuffer>> {
    const deadline = performance.now() + this.#silenceMs;
    const header = new GrowingBytes();
    let cameBytes = 0;
    for (let packet; (packet = await this.#packet(deadline)) !== undefined;) {
      cameBytes += FRAME_HEAD_BYTES + packet.payload.byteLength;
      if (cameBytes > MAX_HEADER_BYTES) throw this.#bad(`the header exceeds ${MAX_HEADER_BYTES} bytes`);
      if (packet.kind !== PACKET_KIND.header) {
        if (header.byteLength === 0 && !isStreaming(packet)) continue;
        this.#ahead = { ...packet, payload: packet.payload.slice() };
        break;
      }
      header.append(packet.payload.subarray(MMS_HEAD_BYTES));
      if (isWhole(header.view())) break;
    }
    if (isWhole(header.view())) return header.view();
    throw this.#bad(header.byteLength === 0 ? "there is no header" : "the header breaks off");
  }

  /** The header first, then packet by packet; `undefined` at the end. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      if (this.#parser) return await this.#data(this.#parser);
      const header = await this.header();
      this.#parser = await parserOf(header, this.#url);
      return header;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #data({ header }: PacketParser): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const packetBytes = header.fileProperties!.maxPacketBytes;
    const deadline = performance.now() + this.#silenceMs;
    let skippedBytes = 0;
    for (let packet; (packet = await this.#packet(deadline)) !== undefined;) {
      const { kind, payload } = packet;
      if (kind === PACKET_KIND.end || kind === PACKET_KIND.change || kind === PACKET_KIND.header) break;
      if (kind !== PACKET_KIND.data) {
        skippedBytes += FRAME_HEAD_BYTES + payload.byteLength;
        if (skippedBytes <= MAX_SKIPPED_BYTES) continue;
        throw this.#bad(`there are more than ${MAX_SKIPPED_BYTES} bytes without media`);
      }
      const bytes = new Uint8Array(packetBytes);
      // What is no packet is for the reader to complain of, at its full size.
      if (!restorePacket(payload.subarray(MMS_HEAD_BYTES), packetBytes, bytes, 0)) {
        bytes.set(payload.subarray(MMS_HEAD_BYTES, MMS_HEAD_BYTES + packetBytes));
      }
      return bytes;
    }
    this.close();
    return undefined;
  }

  async #ask(fields: readonly string[]): Promise<void> {
    const deadline = performance.now() + this.#silenceMs;
    const { host, pathname, search } = this.#url;
    const request = [`GET ${pathname}${search} HTTP/1.0`, `Host: ${host}`, ...FIELDS, ...fields, "Connection: Close"];
    await this.#connection.writeText(writeHead(request));
    const answer = new GrowingBytes();
    let end = -1;
    for (let seen = 0; (end = findHeadEnd(answer.view(), seen)) < 0;) {
      if (answer.byteLength > MAX_HEAD_BYTES) {
        throw this.#refused(`the head of its answer is too long: more than ${MAX_HEAD_BYTES} bytes`);
      }
      seen = answer.byteLength;
      const bytes = await this.#read(deadline);
      if (bytes === undefined) throw this.#refused("it closes the connection without an answer");
      answer.append(bytes);
    }
    const head = answer.view();
    this.#rest = head.subarray(end);
    let startLine: string;
    try {
      ({ startLine } = parseHead(head.subarray(0, end)));
    } catch (cause) {
      if (!(cause instanceof HeadError)) throw cause;
      throw this.#refused("it does not answer in HTTP", cause);
    }
    const [, status] = startLine.match(/^HTTP\/1\.\d (\d{3})( |$)/) ?? [];
    if (status === "200") return;
    throw this.#refused(status ? `it answers ${startLine.slice(9)}` : "it does not answer in HTTP");
  }

  /** The next packet; a view, dead when more is read. `undefined`: the connection has ended. */
  async #packet(deadline: number): Promise<PushPacket | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead) return ahead;
    try {
      for (;;) {
        const { done, value } = this.#packets.next();
        if (!done) {
          const hasHead = value.kind === PACKET_KIND.end || value.kind === PACKET_KIND.change ||
            value.payload.byteLength >= MMS_HEAD_BYTES;
          if (hasHead || !isStreaming(value)) return value;
          throw new FramingError("a packet lacks its head");
        }
        const bytes = this.#rest.byteLength > 0 ? this.#rest : await this.#read(deadline);
        this.#rest = new Uint8Array(0);
        if (bytes === undefined) return undefined;
        this.#packets = this.#reader.read(bytes);
      }
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      throw this.#bad(error.message);
    }
  }

  async #read(deadline: number): Promise<Uint8Array | undefined> {
    try {
      const bytes = await this.#connection.read(deadline - performance.now());
      this.#signal?.throwIfAborted();
      return bytes;
    } catch (error) {
      if (!(error instanceof PeerTimeout)) throw error;
      const message = `Cannot read ${nameOf(this.#url)}: the server was silent for ${this.#silenceMs / 1000} s`;
      throw new MuxError("connection-failure", message);
    }
  }

  #bad(reason: string): MuxError {
    return new MuxError("bad-media", `Cannot read ${nameOf(this.#url)}: ${reason}`);
  }

  #refused(reason: string, cause?: unknown): MuxError {
    return new MuxError("refused-by-server", `Cannot open ${nameOf(this.#url)}: ${reason}`, { cause });
  }
}

/** As people write it. */
function nameOf({ host, pathname, search }: URL): string {
  return `mmsh://${host}${pathname}${search}`;
}

function connectReason(cause: unknown, { host, hostname }: URL): string {
  if (cause instanceof Deno.errors.ConnectionRefused) return `nobody listens at ${host}`;
  const { message } = cause as Error;
  return /failed to lookup/.test(message) ? `there is no host ${hostname}` : message;
}

/** Whether the packet belongs to the media, and is not about them. */
function isStreaming({ kind }: PushPacket): boolean {
  return kind === PACKET_KIND.data || kind === PACKET_KIND.header || kind === PACKET_KIND.end;
}

/** Whether a header, as it says of itself, is all there. */
function isWhole(bytes: Uint8Array): boolean {
  if (bytes.byteLength < DATA_HEAD_BYTES) return false;
  const size = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(16, true);
  return BigInt(bytes.byteLength) >= size + BigInt(DATA_HEAD_BYTES);
}

async function parserOf(header: Uint8Array, url: URL): Promise<PacketParser> {
  const parser = await PacketParser.fromHeader(header);
  const { maxPacketBytes } = parser.header.fileProperties!;
  if (maxPacketBytes <= MAX_PACKET_BYTES) return parser;
  throw new MuxError(
    "bad-media",
    `Cannot read ${nameOf(url)}: packets of ${maxPacketBytes} bytes cannot come in one piece`,
  );
}
