/**
 * Mutated requests at two servers, one of them with a password, beside a broadcast of each whose player must get every
 * packet.
 */

import { endFrame, frame, PACKET_KIND } from "../../src/wire/framing.ts";
import { PublishingServer, type ServerStatus } from "../../src/server/mod.ts";
import { liveHeader } from "../server/live_header.ts";
import { heldBytes } from "../support/held_bytes.ts";
import type { Attack, AttackNews } from "./attacker.ts";

/** What to run. */
export interface RequestOrder {
  seed: number;
  count: number;
}

/** What the server's process has taken. */
export interface Growth {
  heldBytes: number;
  descriptorCount: number;
}

/** What a run has come to. */
export interface RequestReport {
  /** How often each first line came back; `""`: none. */
  answers: Record<string, number>;
  /** Packets of both broadcasts, each of which its player has got. */
  packetCount: number;
  /** Of the requests. */
  sentBytes: number;
  /** Into recordings of what they pushed. */
  writtenBytes: number;
  /** Before, after each tenth, and at the end. */
  growth: Growth[];
  /** How late a timer beside the servers was at most, and in one of a thousand turns, ms. */
  maxLagMs: number;
  lagMs999: number;
  /** Until the first byte of an answer, ms. */
  slowestMs: number;
  seconds: number;
}

/** Between packets of the broadcast. */
const PACKET_MS = 5;
const HOSTILE_POINT = "x";
/** How often the server's thread wants its turn, to see how late it gets it. */
const TURN_MS = 5;

/** Rejects with the first thing found. */
export async function runRequests({ seed, count }: RequestOrder): Promise<RequestReport> {
  const startedAt = performance.now();
  const recordFolder = await Deno.makeTempDir({ prefix: "muxwell_requests_" });
  const pushCredentials = { user: "me", password: crypto.randomUUID() };
  const limits = { playerWaitMs: 20, requestMs: 1000, pushIdleMs: 1000, maxPlayers: 200, maxPoints: 8 };
  const folders = ["guarded", "open"].map((name) => `${recordFolder}/${name}`);
  for (const folder of folders) await Deno.mkdir(folder);
  const servers = [{ pushCredentials }, {}].map((auth, i) =>
    PublishingServer.listen({ ...limits, ...auth, recordFolder: folders[i] })
  );
  const broadcasts = await Promise.all(servers.map((server) => Broadcast.begin(server)));
  const seeds = await seedRequests();
  const growth: Growth[] = [];
  const look = async () => growth.push({ heldBytes: heldBytes(), descriptorCount: await descriptorCount() });
  const lag = new Lag(() => servers.forEach((server, i) => complainAbout(server.status(), i === 0)));
  const attacker = new Worker(new URL("./attacker.ts", import.meta.url), { type: "module" });
  try {
    const attack = new Promise<AttackNews & { kind: "end" }>((resolve, reject) => {
      lag.onFinding = reject;
      attacker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`seed ${seed}: ${event.message}`));
      };
      attacker.onmessage = ({ data }: MessageEvent<AttackNews>) => {
        if (data.kind === "end") resolve(data);
        else if (data.kind === "finding") reject(new Error(data.text));
        else void look();
      };
    });
    await look();
    const ports = servers.map(({ url }) => Number(new URL(url).port));
    attacker.postMessage({ seed, count, ports, seeds } satisfies Attack);
    const { answers, sentBytes, slowestMs } = await attack;
    lag.stop();
    for (const broadcast of broadcasts) await broadcast.end();
    for (const server of servers) await server.close();
    await look();
    const packetCount = broadcasts.reduce((sum, one) => sum + one.packetCount, 0);
    const ownBytes = broadcasts.reduce((sum, one) => sum + one.byteCount, 0);
    const seconds = (performance.now() - startedAt) / 1000;
    const allBytes = (await Promise.all(folders.map(bytesIn))).reduce((sum, bytes) => sum + bytes);
    const writtenBytes = allBytes - ownBytes;
    return { answers, packetCount, sentBytes, writtenBytes, growth, ...lag.facts, slowestMs, seconds };
  } catch (error) {
    lag.stop();
    for (const broadcast of broadcasts) await broadcast.end().catch(() => {}); // the first finding is the one to tell
    for (const server of servers) await server.close();
    throw error;
  } finally {
    attacker.terminate();
    await Deno.remove(recordFolder, { recursive: true });
  }
}

/** How late this thread's timers are. */
class Lag {
  onFinding: (error: unknown) => void = () => {};
  readonly #delays: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param check Is called each time, and throws what it finds. */
  constructor(check: () => void) {
    let before = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#delays.push(Math.max(0, now - before - TURN_MS));
      before = now;
      try {
        check();
      } catch (error) {
        this.onFinding(error);
      }
    }, TURN_MS);
  }

  /** In ms: the longest, and what one in a thousand exceeds. */
  get facts(): { maxLagMs: number; lagMs999: number } {
    const sorted = this.#delays.toSorted((a, b) => a - b);
    return { maxLagMs: sorted.at(-1) ?? 0, lagMs999: sorted[Math.floor(sorted.length * 0.999)] ?? 0 };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Files and sockets that are open; 0 where the system does not say. Deno lets only programs look that may do anything. */
async function descriptorCount(): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  const { stdout } = await new Deno.Command("ls", { args: [`/proc/${Deno.pid}/fd`] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").length;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(folder)) bytes += (await Deno.stat(`${folder}/${name}`)).size;
  return bytes;
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
  /** Of header and packets. */
  byteCount = 0;
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
        broadcast.byteCount += packet.byteLength;
        await new Promise((resolve) => setTimeout(resolve, PACKET_MS));
      }
      await feed.close();
      await playing;
      const expected = header.byteLength + broadcast.packetCount * packet.byteLength;
      if (receivedBytes !== expected) throw new Error(`the player beside got ${receivedBytes} of ${expected} bytes`);
    }, playing);
    broadcast.byteCount = header.byteLength;
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
