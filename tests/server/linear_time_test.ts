/**
 * Whatever a stranger can send, the time that it takes grows no faster than its bytes. A cubic regular expression once
 * let 4 kB of directives stop the server for a minute.
 */

import { assertEquals } from "@std/assert";
import { guidBytes } from "../../src/asf/guid.ts";
import { GrowingBytes } from "../../src/bytes/growing_bytes.ts";
import { GUID } from "../../src/inspect/asf/guid.ts";
import { type AsfStream, PacketParser } from "../../src/inspect/mod.ts";
import { OBJECT_LAYOUTS } from "../../src/inspect/asf/objects/layouts.ts";
import { OBJECT_HEAD_BYTES } from "../../src/inspect/asf/objects/walk.ts";
import { Authenticator } from "../../src/push/auth.ts";
import type { Connection } from "../../src/push/connection.ts";
import { parseAuth } from "../../src/wire/digest.ts";
import { FrameReader } from "../../src/wire/framing.ts";
import { contentLength, type Fields, findHeadEnd, isType, parseHead, pushId } from "../../src/wire/http_head.ts";
import { ntlmAuthenticate } from "../../src/push/ntlm.ts";
import { ResponseReader } from "../../src/push/response_reader.ts";
import { hasControls, redactUrl } from "../../src/wire/url.ts";
import { HttpConnection } from "../../src/wire/http_connection.ts";
import { filterPayloads } from "../../src/packets/filter_payloads.ts";
import { readPacket } from "../../src/packets/packet_reader.ts";
import { padPacket } from "../../src/packets/pad_packet.ts";
import { shiftTimes } from "../../src/packets/shift_times.ts";
import { readLiveHeader } from "../../src/server/live_header.ts";
import { openMmsh } from "../../src/server/mod.ts";
import { PayloadTimes } from "../../src/server/payload_time.ts";
import { clientId, takesChange, takesFrames, wantsToPlay } from "../../src/server/player_fields.ts";
import { PointRegistry } from "../../src/server/point_registry.ts";
import { PushAuth } from "../../src/server/push_auth.ts";
import { readDirectives } from "../../src/server/push_directives.ts";
import { readSwitches, StreamSelection } from "../../src/server/stream_selection.ts";
import { superlinear } from "../support/growth.ts";
import { liveHeader } from "./live_header.ts";

// ── What is sent ──

/** Repeated to any length. */
const RUNS = [
  ...[" ", "\t", '"', ",", "\\", "=", ";", ":", "/", "-", "%", "0", "a", "\r", "\n", "\r\n", "\r \n", " \r", "\xa0"],
  ...[
    "a=",
    "a=,",
    'a="",',
    'a="\\"',
    "a ",
    "a, ",
    " =",
    ', "',
    "a:b\r\n",
    "a\n ",
    "a\r\n\t",
    "%41",
    "1:1:0 ",
    "a;b=c; ",
  ],
];

/** What stands behind: text that makes a match fail at its end, across lines too. */
const TAILS = ["", 'a"b\rx'];

/** Largest text that is measured. */
const MOST_BYTES = 1 << 20;

// ── Who reads it ──

/** A parser of text: what stands in front of the hostile part, and what reads it. */
interface TextParser {
  name: string;
  before?: string[];
  parse(text: string): unknown;
}

function fields(name: string, value: string): Fields {
  return new Map([[name, [value.trim()]]]);
}

const registry = new PointRegistry(() => undefined, undefined, 1);
const auth = new PushAuth({ user: "me", password: "secret" });
const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
const attempt = <T>(fn: () => T): T | undefined => {
  try {
    return fn();
  } catch {
    return undefined; // refused
  }
};

const TEXT_PARSERS: TextParser[] = [
  { name: "findHeadEnd", parse: (text) => findHeadEnd(latin1(text)) },
  {
    name: "parseHead",
    before: ["", "GET ", "GET / HTTP/1.1\r\nX:", "GET / HTTP/1.1\r\nX: y\r\n ", "GET / HTTP/1.1\r\n"],
    parse: (text) => attempt(() => parseHead(latin1(text))),
  },
  { name: "contentLength", parse: (text) => attempt(() => contentLength(fields("content-length", text))) },
  { name: "isType", parse: (text) => isType(fields("content-type", text), "application/x-wms-pushsetup") },
  { name: "pushId", before: ["", "push-id", "push-id=", "push-id=1"], parse: (text) => pushId([text]) },
  {
    name: "parseAuth",
    before: ["", "Digest", "Digest ", "Digest a=", 'Digest a="', 'Digest a="" ', "NTLM AAAA"],
    parse: parseAuth,
  },
  { name: "hasControls", before: ["", "http://"], parse: hasControls },
  { name: "redactUrl", before: ["", "http://", "mmsh:"], parse: redactUrl },
  {
    name: "Authenticator.challenge",
    before: ["NTLM ", 'Digest nonce="', 'Digest nonce=1, qop="'],
    parse: (text) =>
      new Authenticator({ user: "me", password: "secret" }, { isAllowed: false, isDowngrade: false }).challenge([text]),
  },
  {
    name: "PushAuth.check",
    before: ['Digest username="', 'Digest nonce="', 'Digest nc="', 'Digest nonce="zz-a-'],
    parse: (text) => auth.check("POST", "/live", text),
  },
  {
    name: "readDirectives",
    before: [
      "",
      "Template-URL:",
      'Template-URL: "',
      "AutoDestroy:",
      "AutoDestroy: 1",
      "AutoDestroy: 1\r\nTemplate-URL",
    ],
    parse: readDirectives,
  },
  {
    name: "readSwitches",
    before: ["", "stream-switch-entry", "stream-switch-entry=", "stream-switch-entry=ffff:1:0 "],
    parse: (text) => {
      const switches = readSwitches(fields("pragma", text));
      return switches && new StreamSelection([1, 2], undefined).change(switches);
    },
  },
  { name: "clientId", before: ["", "client-id", "client-id="], parse: (text) => clientId(fields("pragma", text)) },
  { name: "wantsToPlay", before: ["", "xPlayStrm"], parse: (text) => wantsToPlay(fields("pragma", text)) },
  { name: "takesFrames", before: ["", "NSPlayer"], parse: (text) => takesFrames(fields("user-agent", text)) },
  { name: "takesChange", before: ["", "x/4"], parse: (text) => takesChange(fields("user-agent", text)) },
  { name: "PointRegistry.nameOf", before: ["", "/", "http://"], parse: (text) => registry.nameOf(text) },
  {
    name: "FrameReader",
    before: ["", "$F\xff\x70"],
    parse: (text) => attempt(() => [...new FrameReader().read(latin1(text))]),
  },
  {
    name: "NTLM's challenge",
    before: ["NTLMSSP\0\x02\0\0\0" + "\0".repeat(28) + "\xff\xff\xff\xff\x30\0\0\0"],
    parse: (text) => attempt(() => ntlmAuthenticate(latin1(text), { user: "me", password: "secret" })),
  },
];

for (const { name, before = [""], parse } of TEXT_PARSERS) {
  Deno.test(`${name}() takes time in proportion to what is sent, whatever that is`, async () => {
    const found: string[] = [];
    for (const front of before) {
      for (const run of RUNS) {
        for (const tail of TAILS) {
          const prepare = (size: number) => front + run.repeat(Math.ceil(size / run.length)) + tail;
          const problem = await superlinear({ prepare, run: parse }, MOST_BYTES);
          if (problem) {
            found.push(`${JSON.stringify(front)}, ${JSON.stringify(run)} …, ${JSON.stringify(tail)}: ${problem}`);
          }
        }
      }
    }
    assertEquals(found, []);
  });
}

// ── Bytes ──

/** A body of any length behind the head of an object of every kind, or many small objects. */
const FILLS = [[0], [1], [0xff], [1, 0], [0, 1, 0, 0], [2, 0, 0, 0, 1, 0]];
const MOST_HEADER_BYTES = 65_000;

function objectOf(guid: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(OBJECT_HEAD_BYTES + body.length);
  bytes.set(guidBytes(guid));
  new DataView(bytes.buffer).setUint32(16, bytes.length, true);
  bytes.set(body, OBJECT_HEAD_BYTES);
  return bytes;
}

function filled(fill: readonly number[], size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => fill[i % fill.length]!);
}

/** A header with more objects at its end. */
function withObjects(header: Uint8Array, objects: readonly Uint8Array[]): Uint8Array {
  const dataHead = header.subarray(-50);
  const bytes = Uint8Array.from([header.subarray(0, -50), ...objects, dataHead].flatMap((part) => [...part]));
  new DataView(bytes.buffer).setUint32(16, bytes.length - 50, true);
  return bytes;
}

Deno.test("readLiveHeader() takes time in proportion to what is sent, whatever that is", async () => {
  const { bytes } = await liveHeader();
  const found: string[] = [];
  const run = (header: Uint8Array) => readLiveHeader(header).catch(() => {});
  for (const guid of Object.keys(OBJECT_LAYOUTS)) {
    for (const fill of FILLS) {
      const shapes = {
        "one large": (size: number) => [objectOf(guid, filled(fill, size))],
        "many small": (size: number) =>
          Array.from({ length: size / 64 }, () => objectOf(guid, filled(fill, 64 - OBJECT_HEAD_BYTES))),
      };
      for (const [shape, make] of Object.entries(shapes)) {
        const work = { prepare: (size: number) => withObjects(bytes, make(size)), run };
        const problem = await superlinear(work, MOST_HEADER_BYTES - bytes.length);
        if (problem) found.push(`${guid}, ${shape}, ${fill}: ${problem}`);
      }
    }
  }
  assertEquals(found, []);
});

const TIMES = [0, 0, 0, 0, 0, 0];
const SINGLE = [0x82, 0, 0, 0, 0x5d, ...TIMES];
const PAYLOAD = [1, 0, 0, 0, 0, 0];
/** More a packet cannot have. */
const PAYLOADS = 63;

/** So many payloads, with lengths of 4 bytes, that share the size. */
function payloads(size: number, ofPayload: (size: number) => number[]): number[] {
  const body = ofPayload(Math.floor(size / PAYLOADS));
  return [0x82, 0, 0, 1, 0x5d, ...TIMES, 0xc0 | PAYLOADS, ...Array.from({ length: PAYLOADS }, () => body).flat()];
}

const u32 = (value: number) => [0, 8, 16, 24].map((shift) => value >> shift & 0xff);
const compressed = (size: number) => Array.from({ length: size }, (_, i) => i % 2 ? 0x61 : 1);
const PACKETS: Record<string, (size: number) => number[]> = {
  "one payload": (size) => [...SINGLE, ...PAYLOAD, 8, ...TIMES, 0, 0, ...filled([0], size)],
  "compressed objects of a byte": (size) => [...SINGLE, ...PAYLOAD, 1, 0, ...compressed(size)],
  "compressed objects of nothing": (size) => [...SINGLE, ...PAYLOAD, 1, 0, ...filled([0], size)],
  "63 payloads": (size) => payloads(size, (one) => [...PAYLOAD, 8, ...TIMES, 0, 0, ...u32(one), ...filled([0], one)]),
  "63 compressed payloads": (size) => payloads(size, (one) => [...PAYLOAD, 1, 0, ...u32(one), ...compressed(one)]),
  "nothing known, 0": (size) => [...filled([0], size)],
  "nothing known, 1": (size) => [...filled([1], size)],
  "nothing known, 82": (size) => [...filled([0x82], size)],
  "nothing known, ff": (size) => [...filled([0xff], size)],
};

Deno.test("packets are taken apart, restored, thinned and moved in time in proportion to what is sent", async () => {
  const { header } = await readLiveHeader((await liveHeader()).bytes);
  const times = new PayloadTimes(header.streams);
  const readers: Record<string, (packet: Uint8Array<ArrayBuffer>, room: Uint8Array) => unknown> = {
    packet: (packet) => parser.packet(packet).payloads.map((payload) => times.timeOf(payload)),
    readPacket,
    padPacket: (packet, room) => padPacket(packet, room.length, room, 0),
    filterPayloads: (packet) => filterPayloads(packet, ({ isKey }) => isKey),
    shiftTimes: (packet) =>
      shiftTimes(packet.slice(), packet.length, { baseMs: 1, prerollMs: 0, findTicks: times.findTicks }),
  };
  const parser = await PacketParser.fromHeader((await liveHeader()).bytes);
  const found: string[] = [];
  for (const [name, read] of Object.entries(readers)) {
    for (const [kind, make] of Object.entries(PACKETS)) {
      const problem = await superlinear({
        prepare: (size) => ({ packet: Uint8Array.from(make(size)), room: new Uint8Array(2 * size + 1024) }),
        run: ({ packet, room }) => read(packet, room),
      }, MOST_BYTES);
      if (problem) found.push(`${name} of ${kind}: ${problem}`);
    }
  }
  assertEquals(found, []);
});

Deno.test("many payload extensions in the header do not make each of many payloads slow", async () => {
  const shapes = { fixed: { system: "X", dataBytes: 0 }, timing: { system: GUID.dvrMsTiming, dataBytes: 16 } };
  for (const { system, dataBytes } of Object.values(shapes)) {
    const found = await superlinear({
      prepare(size) {
        const payloadExtensions = Array.from({ length: size }, () => ({ system, dataBytes, info: new Uint8Array(0) }));
        payloadExtensions.push({ system: GUID.dvrMsTiming, dataBytes: 16, info: new Uint8Array(0) });
        const stream = { streamNumber: 1, extended: { payloadExtensions } } as unknown as AsfStream;
        return { times: new PayloadTimes([stream]), count: size };
      },
      run({ times, count }) {
        for (let i = 0; i < count; i++) times.findTicks(1, EMPTY, 0, 0);
      },
    }, 1 << 18);
    assertEquals(found, undefined, system);
  }
});

// ── Bytes that come one by one ──

const EMPTY = new Uint8Array(0);

/** What comes over a connection, in pieces of a size; sent too fast over a real one, they would come together. */
function pieces(bytes: Uint8Array, pieceBytes: number): () => Uint8Array | undefined {
  let at = 0;
  return () => at < bytes.length ? bytes.subarray(at, at += pieceBytes) : undefined;
}

function httpConnection(bytes: Uint8Array, pieceBytes: number): HttpConnection {
  const next = pieces(bytes, pieceBytes);
  return HttpConnection.over({
    remoteAddr: { hostname: "127.0.0.1" },
    setNoDelay() {},
    read(buffer: Uint8Array) {
      const piece = next();
      if (piece) buffer.set(piece);
      return Promise.resolve(piece?.length ?? null);
    },
  } as unknown as Deno.TcpConn);
}

function responses(bytes: Uint8Array): ResponseReader {
  const next = pieces(bytes, 1);
  return new ResponseReader({ read: () => Promise.resolve(next()) } as unknown as Connection);
}

const LONG_MS = 1_000_000;
const line = (name: string, size: number) => latin1(`${name}${"a".repeat(size)}\r\n\r\n`);

/** What reads pieces, and how much of them it takes. */
interface PieceReader {
  name: string;
  bytes(size: number): Uint8Array;
  read(bytes: Uint8Array): unknown;
  most?: number;
}

const PIECE_READERS: PieceReader[] = [
  {
    name: "the head of a request",
    bytes: (size) => line("GET / HTTP/1.1\r\nX: ", size),
    read: (bytes) => httpConnection(bytes, 1).request(LONG_MS),
    most: 8_000,
  },
  {
    name: "the body of a request",
    bytes: (size) => new Uint8Array(size),
    read: (bytes) => httpConnection(bytes, 1).body(bytes.length, bytes.length, LONG_MS),
  },
  {
    name: "a body that nobody reads",
    bytes: (size) => new Uint8Array(size),
    read: (bytes) => httpConnection(bytes, 1).skipBody(bytes.length, bytes.length, LONG_MS),
  },
  {
    name: "requests that come together",
    bytes: (size) => latin1("GET / HTTP/1.1\r\n\r\n".repeat(size / 16)),
    async read(bytes) {
      const connection = httpConnection(bytes, 4096);
      while (await connection.request(LONG_MS));
    },
  },
  {
    name: "the head of an answer",
    bytes: (size) => line("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ", size),
    read: (bytes) => responses(bytes).next(),
    most: 16_000,
  },
  {
    name: "the body of an answer",
    bytes: (size) => latin1(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n` + "a".repeat(size)),
    read: (bytes) => responses(bytes).next(),
  },
  {
    name: "packets of a push",
    bytes: (size) => latin1("$F\x01\0a".repeat(size / 4)),
    read(bytes) {
      const reader = new FrameReader();
      const next = pieces(bytes, 1);
      for (let piece; (piece = next());) for (const _ of reader.read(piece));
    },
  },
  {
    name: "a gathering of bytes",
    bytes: (size) => new Uint8Array(size),
    read(bytes) {
      const gathered = new GrowingBytes();
      const next = pieces(bytes, 1);
      for (let piece; (piece = next());) gathered.append(piece);
      return gathered.view();
    },
  },
];

for (const { name, bytes, read, most = 1 << 18 } of PIECE_READERS) {
  Deno.test(`${name} may come in pieces and takes time in proportion to its length`, async () => {
    assertEquals(await superlinear({ prepare: bytes, run: read }, most, most >> 2), undefined);
  });
}

Deno.test("openMmsh() puts a header together in proportion to its length, however small its packets", async () => {
  const { bytes: header } = await liveHeader();
  const found = await superlinear(
    {
      prepare: (size) => withObjects(header, [objectOf(GUID.padding, new Uint8Array(size))]),
      async run(header) {
        const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        const answer = new Uint8Array(13 * header.length);
        for (const [i, byte] of header.entries()) {
          answer.set([0x24, 0x48, 9, 0, 0, 0, 0, 0, 0, 0x0c, 9, 0, byte], 13 * i);
        }
        const serving = (async () => {
          for (let i = 0; i < 2; i++) {
            const conn = await listener.accept();
            await conn.read(new Uint8Array(4096));
            for (const part of [latin1("HTTP/1.0 200 OK\r\n\r\n"), answer]) {
              for (let at = 0; at < part.length;) at += await conn.write(part.subarray(at)).catch(() => Infinity);
            }
            conn.close();
          }
        })();
        const stream = await openMmsh(`mmsh://127.0.0.1:${listener.addr.port}/live`);
        const reader = stream.getReader();
        const { value } = await reader.read();
        assertEquals(value?.length, header.length);
        await reader.cancel();
        await serving;
        listener.close();
      },
    },
    1 << 16,
    1 << 14,
  );
  assertEquals(found, undefined);
});

// ── The measure itself ──

const KNOWN_GROWTHS: { name: string; run(text: string): unknown; isFound: boolean }[] = [
  { name: "one pass", run: (text) => text.indexOf("x"), isFound: false },
  { name: "a regular expression that tries each space anew", run: (text) => / +$/.test(text + "x"), isFound: true },
  { name: "two runs of one character that share it out", run: (text) => /^ * *y/.test(text + "x"), isFound: true },
];

for (const { name, run, isFound } of KNOWN_GROWTHS) {
  Deno.test(`${name} ${isFound ? "is found" : "passes"}`, async () => {
    const found = await superlinear({ prepare: (size) => " ".repeat(size), run }, MOST_BYTES);
    assertEquals(found !== undefined, isFound, found);
  });
}
