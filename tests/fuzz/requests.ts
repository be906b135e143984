/**
 * Mutated requests at two servers, one of them with a password, beside a broadcast of each whose player must get every
 * packet.
 */

import { endFrame, frame, PACKET_KIND } from "../../src/wire/framing.ts";
import { PublishingServer, type ServerStatus } from "../../src/server/mod.ts";
import { liveHeader } from "../server/live_header.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** What to run. */
export interface RequestOrder {
  seed: number;
  count: number;
}

/** What a run has come to. */
export interface RequestReport {
  /** How often each first line came back; `""`: none. */
  answers: Record<string, number>;
  /** Packets of both broadcasts, each of which its player has got. */
  packetCount: number;
  /** Bytes held when each tenth was done. */
  heldAfter: number[];
  seconds: number;
}

const ABREAST = 16;
/** Between packets of the broadcast. */
const PACKET_MS = 5;
/** A connection that has not come to its end by then is left: players' never do. */
const PATIENCE_MS = 300;
const HOSTILE_POINT = "x";
/** What bodies and field values have been wrong by before. */
const NUMBERS = [
  "-1",
  "0",
  "1",
  "3",
  "7",
  "65535",
  "65536",
  "2147483647",
  "2147483648",
  "4294967296",
  "1e9",
  "9".repeat(20),
];

/** Rejects with the first thing found. */
export async function runRequests({ seed, count }: RequestOrder): Promise<RequestReport> {
  const startedAt = performance.now();
  const pushCredentials = { user: "me", password: crypto.randomUUID() };
  const limits = { playerWaitMs: 20, requestMs: 1000, pushIdleMs: 1000, maxPlayers: 200, maxPoints: 8 };
  const servers = [PublishingServer.listen({ ...limits, pushCredentials }), PublishingServer.listen(limits)];
  const broadcasts = await Promise.all(servers.map((server) => Broadcast.begin(server)));
  const seeds = await seedRequests();
  const answers: Record<string, number> = {};
  const heldAfter: number[] = [];
  let next = 0;
  const worker = async () => {
    for (let number; (number = next++) < count;) {
      const random = new Random(seed + number);
      const server = servers[number % servers.length]!;
      try {
        const answer = await send(Number(new URL(server.url).port), mutated(seeds, random), random);
        const line = answer.split("\r\n")[0]!;
        answers[line] = (answers[line] ?? 0) + 1;
        if (line !== "" && !/^HTTP\/1\.[01] \d{3} \S/.test(line)) throw new Error(`it answers ${JSON.stringify(line)}`);
        complainAbout(server.status(), server === servers[0]);
      } catch (error) {
        throw new Error(`request ${number} of seed ${seed}: ${(error as Error).message}`);
      }
      if ((number + 1) % Math.ceil(count / 10) === 0) heldAfter.push(heldBytes());
    }
  };
  try {
    await Promise.all(Array.from({ length: ABREAST }, worker));
  } finally {
    for (const broadcast of broadcasts) await broadcast.end();
    for (const server of servers) await server.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { answers, packetCount: broadcasts.reduce((sum, one) => sum + one.packetCount, 0), heldAfter, seconds };
}

/** The broadcast goes on; and where nobody has the password nobody pushes. */
function complainAbout({ points }: ServerStatus, isGuarded: boolean): void {
  for (const { name, isLive, encoder } of points) {
    if (isGuarded && name !== "live" && (isLive || encoder)) throw new Error(`somebody pushes to ${name}`);
    if (name === "live" && encoder?.kind !== "feed") throw new Error("the broadcast is no more");
  }
}

/** The broadcast beside, whose player compares every byte. */
class Broadcast {
  packetCount = 0;
  #isOver = false;
  readonly #running: Promise<void>;
  readonly #playing: Promise<void>;

  private constructor(running: (isOver: () => boolean) => Promise<void>, playing: Promise<void>) {
    this.#playing = playing;
    this.#running = running(() => this.#isOver);
  }

  static async begin(server: PublishingServer): Promise<Broadcast> {
    const { bytes: header, packet } = await liveHeader();
    const feed = server.feed("live");
    await feed.open!();
    await feed.header(header);
    let receivedBytes = 0;
    const response = await fetch(server.url + "live", { headers: { "User-Agent": "beside" } });
    const playing = (async () => {
      for await (const piece of response.body!) {
        for (const byte of piece) {
          const at = receivedBytes++ - header.byteLength;
          const expected = at < 0 ? header[receivedBytes - 1] : packet[at % packet.byteLength];
          if (byte !== expected && at >= 0) {
            throw new Error(`the player beside got another byte at ${receivedBytes - 1}`);
          }
        }
      }
    })();
    playing.catch(() => {}); // told at the end
    const broadcast: Broadcast = new Broadcast(async (isOver) => {
      await Promise.resolve();
      while (!isOver()) {
        const info = { unitBytes: packet.byteLength, unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [] };
        await feed.data(packet, info);
        broadcast.packetCount++;
        await new Promise((resolve) => setTimeout(resolve, PACKET_MS));
      }
      await feed.close();
      await playing;
      const expected = header.byteLength + broadcast.packetCount * packet.byteLength;
      if (receivedBytes !== expected) throw new Error(`the player beside got ${receivedBytes} of ${expected} bytes`);
    }, playing);
    return broadcast;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await this.#playing;
  }
}

/** What peers say when they mean well. */
async function seedRequests(): Promise<Uint8Array[]> {
  const { bytes: header, packet } = await liveHeader();
  const post = (type: string, length: number, ...fields: string[]) =>
    [`POST /${HOSTILE_POINT} HTTP/1.1`, `Content-Type: application/x-wms-${type}`, "User-Agent: WMEncoder/9.0.0.3287"]
      .concat(`Content-Length: ${length}`, "Cookie: push-id=0", ...fields, "", "").join("\r\n");
  const digest = 'Authorization: Digest username="me", realm="muxwell", nonce="mb1-8f-00", uri="/x", qop=auth, ' +
    'nc=00000001, cnonce="0a", response="00112233445566778899aabbccddeeff"';
  const directives = 'Template-URL: "/live"\r\nAutoDestroy: 1\r\n';
  const body = [frame(PACKET_KIND.header, header), frame(PACKET_KIND.data, packet), endFrame(1), endFrame(0)];
  const player = "User-Agent: NSPlayer/4.1.0.3856\r\nHost: 127.0.0.1\r\nPragma: no-cache,rate=1.000000,stream-time=0";
  const texts: (string | Uint8Array)[][] = [
    [post("pushsetup", directives.length), directives],
    [post("pushsetup", directives.length, digest), directives],
    [post("pushsetup", 0), post("pushstart", 2_147_483_647), ...body],
    [post("pushstart", 2_147_483_647, "Cookie: other=1; push-id=4124758405"), ...body],
    [`GET /live HTTP/1.1\r\n${player}\r\n\r\n`],
    [`GET /live HTTP/1.0\r\n${player}\r\nPragma: xPlayStrm=1\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:2 \r\n\r\n`],
    [`POST /live HTTP/1.1\r\n${player},client-id=77\r\nPragma: stream-switch-entry=1:2:0\r\nContent-Length: 0\r\n\r\n`],
    ["POST /live HTTP/1.1\r\nContent-Type: application/x-wms-LogStats\r\nContent-Length: 11\r\n\r\n<XML></XML>"],
    ["GET / HTTP/1.1\r\n\r\n"],
    ["GET /status.json HTTP/1.1\r\n\r\n"],
    ["HEAD /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
    ["OPTIONS * HTTP/1.1\r\nContent-Length: 0\r\n\r\n"],
  ];
  const encoder = new TextEncoder();
  return texts.map((parts) =>
    Uint8Array.from(parts.flatMap((part) => [...typeof part === "string" ? encoder.encode(part) : part]))
  );
}

function mutated(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = random.pick(seeds);
  if (random.next() < 0.3) bytes = withOtherNumber(bytes, random);
  return random.next() < 0.85 ? mutate(bytes, random.pick(seeds), random) : bytes;
}

/** Another number in the place of one of its own: lengths, ids, versions. */
function withOtherNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const latin1 = new TextDecoder("latin1").decode(bytes.subarray(0, 600)); // Windows-1252, but only digits are looked at
  const numbers = [...latin1.matchAll(/\d+/g)];
  const { index, 0: text } = random.pick(numbers);
  const other = new TextEncoder().encode(random.pick(NUMBERS));
  return Uint8Array.from([...bytes.subarray(0, index), ...other, ...bytes.subarray(index + text.length)]);
}

/** Sends it in some pieces, and leaves in one of the ways peers leave. Answers the beginning of what came back. */
async function send(port: number, bytes: Uint8Array, random: Random): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => conn.close(), PATIENCE_MS);
  let answer = "";
  try {
    const cut = random.below(bytes.byteLength + 1);
    for (const piece of random.next() < 0.3 ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes]) {
      for (let at = 0; at < piece.byteLength;) at += await conn.write(piece.subarray(at));
    }
    if (random.next() < 0.05) return ""; // gone before the answer
    if (random.next() < 0.9) await conn.closeWrite();
    const buffer = new Uint8Array(2048);
    for (let count; answer.length < 512 && (count = await conn.read(buffer)) !== null;) {
      answer += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
  } catch {
    // hung up on, or waited for too long
  } finally {
    clearTimeout(timer);
    try {
      conn.close();
    } catch {
      // the timer has
    }
  }
  return answer;
}
