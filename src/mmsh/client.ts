/**
 * Plays a server's live stream as a player does ([MS-WMSP] 3.1), and hands it on as the ASF it is.
 *
 * ```text
 * first connection    GET                     the header alone, which names the streams
 * second connection   GET, xPlayStrm=1        $H · $D … · $E
 * ```
 *
 * @module
 */

import { DATA_HEAD_BYTES } from "../asf/objects/data.ts";
import { MuxError } from "../errors.ts";
import { GrowingBytes } from "../bytes/growing_bytes.ts";
import { PacketParser } from "../inspect/mod.ts";
import { padPacket } from "../packets/pad_packet.ts";
import { FRAME_HEAD_BYTES, FrameReader, FramingError, PACKET_KIND, type PushPacket } from "../wire/framing.ts";
import {
  HeadError,
  type HeadField,
  MAX_ANSWER_HEAD_BYTES,
  parseStatusLine,
  requestHead,
  type StatusLine,
} from "../wire/http_head.ts";
import { connectReason } from "../wire/connect_trouble.ts";
import { addressOf, hasControls, redactUrl } from "../wire/url.ts";
import { HttpConnection, PeerTimeout } from "../wire/http_connection.ts";
import { MMS_HEAD_BYTES } from "../wire/player_frames.ts";
import { requireDeno } from "../wire/require_deno.ts";

/** How {@linkcode openMmsh} waits. */
export interface MmshOptions {
  /** Gives up, at any time; the stream rejects with its reason. */
  signal?: AbortSignal;
  /** Longest wait for the connection, for the answer, for the whole header, and for each packet, ms; default 60 000. */
  silenceMs?: number;
}

const OK = 200;
/** With all that comes before it. */
const MAX_HEADER_BYTES = 1 << 20;
/** Of what is no media, in front of a packet that is. */
const MAX_SKIPPED_BYTES = 1 << 20;
/** As long as its length of 16 bits can say, and the head in front of that. */
const MAX_PACKET_BYTES = FRAME_HEAD_BYTES + 0xffff;
const SILENCE_MS = 60_000;
/** As libmms says it: servers send nothing then that only Microsoft's players understand. */
const FIELDS: readonly HeadField[] = [
  ["Accept", "*/*"],
  ["User-Agent", "NSPlayer/4.1.0.3856"],
  ["Pragma", "no-cache,rate=1.000000,stream-time=0,stream-offset=0:0,max-duration=0"],
  ["Pragma", "xClientGUID={c77e7400-738a-11d2-9add-0020af0a3278}"],
];

/**
 * Opens a live stream of a Windows Media server, of VLC's or of ours, as the bytes of an ASF file without an end: for
 * `openMedia` of `./demux` and for `./inspect`. Packets have their full size. It ends where the broadcast ends, or where
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
  const describing = await MmshConnection.open(target, [], options);
  const header = await describing.header().finally(() => describing.close());
  const { header: { streams } } = await parserOf(header, target);
  const entries = streams.map(({ streamNumber }) => `ffff:${streamNumber.toString(16)}:0 `).join("");
  const playing = await MmshConnection.open(target, [
    ["Pragma", "xPlayStrm=1"],
    ["Pragma", `stream-switch-count=${streams.length}`],
    ["Pragma", `stream-switch-entry=${entries}`],
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
class MmshConnection {
  readonly #url: URL;
  readonly #connection: HttpConnection;
  readonly #silenceMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.close();
  readonly #reader = new FrameReader(MAX_PACKET_BYTES);
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
  static async open(url: URL, fields: readonly HeadField[], options: MmshOptions): Promise<MmshConnection> {
    const connection = await connect(url, options);
    const playing = new MmshConnection(url, connection, options);
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
      if (!padPacket(payload.subarray(MMS_HEAD_BYTES), packetBytes, bytes, 0)) {
        bytes.set(payload.subarray(MMS_HEAD_BYTES, MMS_HEAD_BYTES + packetBytes));
      }
      return bytes;
    }
    this.close();
    return undefined;
  }

  async #ask(fields: readonly HeadField[]): Promise<void> {
    const { host, pathname, search } = this.#url;
    const request = [["Host", host], ...FIELDS, ...fields, ["Connection", "Close"]] satisfies HeadField[];
    await this.#connection.writeText(requestHead("GET", pathname + search, request, "1.0"));
    let answer: StatusLine;
    try {
      const head = await this.#inTime(this.#connection.head(MAX_ANSWER_HEAD_BYTES, this.#silenceMs));
      if (head === undefined) throw this.#refused("it closes the connection without an answer");
      answer = parseStatusLine(head.startLine);
    } catch (cause) {
      if (!(cause instanceof HeadError)) throw cause;
      throw this.#refused(`it does not answer in HTTP: ${cause.message}`, cause);
    }
    if (answer.status !== OK) throw this.#refused(`it answers ${answer.status} ${answer.reason}`.trimEnd());
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
        const bytes = await this.#inTime(this.#connection.read(deadline - performance.now()));
        if (bytes === undefined) return undefined;
        this.#packets = this.#reader.read(bytes);
      }
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      throw this.#bad(error.message);
    }
  }

  /** What comes, unless the server is silent for too long, or the signal ends it. */
  async #inTime<T>(reading: Promise<T>): Promise<T> {
    try {
      const came = await reading;
      this.#signal?.throwIfAborted();
      return came;
    } catch (error) {
      if (!(error instanceof PeerTimeout)) throw error;
      throw new MuxError("connection-failure", `Cannot read ${nameOf(this.#url)}: ${silence(this.#silenceMs)}`);
    }
  }

  #bad(reason: string): MuxError {
    return new MuxError("bad-media", `Cannot read ${nameOf(this.#url)}: ${reason}`);
  }

  #refused(reason: string, cause?: unknown): MuxError {
    return new MuxError("refused-by-server", `Cannot open ${nameOf(this.#url)}: ${reason}`, { cause });
  }
}

/** Connects, unless that takes too long, or the signal ends it. */
async function connect(url: URL, { signal, silenceMs = SILENCE_MS }: MmshOptions): Promise<HttpConnection> {
  signal?.throwIfAborted();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), silenceMs);
  const stop = signal ? AbortSignal.any([limit.signal, signal]) : limit.signal;
  try {
    const connection = HttpConnection.over(await Deno.connect({ ...addressOf(url), signal: stop }));
    if (!stop.aborted) return connection;
    connection.close();
    throw stop.reason;
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = limit.signal.aborted ? silence(silenceMs) : connectReason(cause, url);
    throw new MuxError("cannot-connect", `Cannot open ${nameOf(url)}: ${reason}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function silence(ms: number): string {
  return `the server was silent for ${ms / 1000} s`;
}

/** As people write it. */
function nameOf({ host, pathname, search }: URL): string {
  return `mmsh://${host}${pathname}${search}`;
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
