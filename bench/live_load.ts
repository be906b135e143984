/**
 * Many players of one stream: the server alone on a core, encoder and players in processes of their own on another. What
 * the server takes is the kernel's count. This file is also what each of these processes runs.
 *
 * @module
 */

import { asf, PushSink, Writer } from "../mod.ts";
import { PublishingServer } from "../src/server/mod.ts";
import { request, sleepUntil } from "./live_peers.ts";
import { come, disturb, type Newcomers, type Strangers } from "./live_strangers.ts";

const SERVER_CORE = 0;
const OTHER_CORE = 1;
/** How long players wait for the broadcast. */
const WAIT_MS = 300_000;
/** From the broadcast's beginning to the first look at the server, and from the last one to the end. */
const SETTLE_MS = 5_000;
const INTERVAL_MS = 1_000;
/** Of /proc/PID/stat. */
const TICK_MS = 10;
const FRAME_MS = 40;
const GROUP_FRAMES = 50;
/** Of a delta frame. */
const KEY_FRAME_SIZE = 6;

/** What an audience has got, bytes. */
interface Received {
  readonly least: number;
  readonly most: number;
}

/** Columns of {@linkcode measureLoad}. */
export const LOAD_COLUMNS = [
  ...["players", "stream, kbit/s", "seconds", "processor", "memory, first third, MB", "second", "last"],
  ...["sent to the server, bytes", "got by each player", "players dropped"],
];

/** Columns of {@linkcode measureStrangers}. */
export const STRANGER_COLUMNS = [
  ...["players", "strangers", "processor", "memory at most, MB", "sent to the server, bytes", "got by each player"],
  ...["players dropped", "newcomers", "slowest, ms", "turned away", "strangers let go of"],
];

/** What a run of {@linkcode measure} has found. */
interface Load {
  readonly looks: readonly { cpuMs: number; memoryBytes: number }[];
  readonly wallMs: number;
  readonly sentBytes: number;
  readonly received: Received;
  readonly droppedCount: number;
  readonly strangers?: Strangers;
  readonly newcomers?: Newcomers;
}

/** One row. */
export async function measureLoad(playerCount: number, kbits: number, seconds: number): Promise<string[]> {
  const { looks, wallMs, sentBytes, received, droppedCount } = await measure(playerCount, kbits, seconds);
  const memory = [0, 1, 2].map((third) =>
    mostMemory(looks.slice(third * looks.length / 3, (third + 1) * looks.length / 3))
  );
  return [
    ...[
      String(playerCount),
      String(kbits),
      String(Math.round(wallMs / 1000)),
      share(looks, wallMs),
      ...memory,
    ],
    ...[String(sentBytes), range(received), String(droppedCount)],
  ];
}

/** One row: honest players beside so many strangers, and one newcomer after the other. */
export async function measureStrangers(
  playerCount: number,
  strangerCount: number,
  kbits: number,
  seconds: number,
): Promise<string[]> {
  const load = await measure(playerCount, kbits, seconds, strangerCount);
  const { looks, wallMs, sentBytes, received, droppedCount, newcomers, strangers } = load;
  return [
    ...[String(playerCount), String(strangerCount), share(looks, wallMs), mostMemory(looks), String(sentBytes)],
    ...[range(received), String(droppedCount), String(newcomers!.count), String(newcomers!.slowestMs)],
    ...[String(newcomers!.refusedCount), String(strangers!.letGoCount)],
  ];
}

const mostMemory = (looks: Load["looks"]) => (Math.max(...looks.map((one) => one.memoryBytes)) / 1e6).toFixed(0);
const share = (looks: Load["looks"], wallMs: number) =>
  `${Math.round(100 * (looks.at(-1)!.cpuMs - looks[0]!.cpuMs) / wallMs)} %`;
const range = ({ least, most }: Received) => least === most ? String(least) : `${least} to ${most}`;

async function measure(playerCount: number, kbits: number, seconds: number, strangerCount?: number): Promise<Load> {
  const hasStrangers = strangerCount !== undefined;
  // Strangers that play are players, too.
  const server = new Role(SERVER_CORE, "server", playerCount + (hasStrangers ? playerCount : 0));
  const url = await server.ready;
  const audience = new Role(OTHER_CORE, "audience", url, playerCount);
  await audience.ready;
  const others = hasStrangers
    ? {
      strangers: new Role(OTHER_CORE, "strangers", url, strangerCount),
      newcomers: new Role(OTHER_CORE, "newcomers", url),
    }
    : undefined;
  const encoder = new Role(OTHER_CORE, "encoder", url, kbits, seconds);
  await encoder.ready;
  await sleepUntil(performance.now() + SETTLE_MS);
  const looks = [look(server.pid)];
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1000 - 2 * SETTLE_MS) {
    await sleepUntil(startedAt + looks.length * INTERVAL_MS);
    looks.push(look(server.pid));
  }
  const wallMs = performance.now() - startedAt;
  const newcomers = await others?.newcomers.result<Newcomers>();
  const sentBytes = await encoder.result<number>();
  const received = await audience.result<Received>();
  const strangers = await others?.strangers.result<Strangers>();
  const droppedCount = await server.result<number>();
  return { looks, wallMs, sentBytes, received, droppedCount, strangers, newcomers };
}

/** What the kernel knows of a process. */
function look(pid: number): { cpuMs: number; memoryBytes: number } {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]!.split(" ");
  const [, kilobytes] = Deno.readTextFileSync(`/proc/${pid}/status`).match(/VmRSS:\s+(\d+)/)!;
  return { cpuMs: TICK_MS * (Number(fields[11]) + Number(fields[12])), memoryBytes: 1024 * Number(kilobytes) };
}

/** A process of this file. Its second line is its result, which it makes known when its standard input ends. */
class Role {
  readonly pid: number;
  /** Its first line. */
  readonly ready: Promise<string>;
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;

  constructor(core: number, ...args: (string | number)[]) {
    const script = [Deno.execPath(), "run", "--quiet", "--allow-all", import.meta.filename!];
    this.#child = new Deno.Command("taskset", {
      args: ["-c", String(core), ...script, ...args.map(String)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.#lines = linesOf(this.#child.stdout);
    this.ready = this.#next();
  }

  async result<T>(): Promise<T> {
    await this.#child.stdin.close();
    const result = JSON.parse(await this.#next());
    await this.#child.status;
    return result;
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("A process of the load run has ended too early");
    return value;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

// ── In a process of its own ──

/** Serves until nobody needs it any more; tells how many players it has dropped. */
async function serve(playerCount: string): Promise<number> {
  const server = PublishingServer.listen({ maxPlayers: Number(playerCount), playerWaitMs: WAIT_MS });
  console.log(server.url + "live");
  await new Response(Deno.stdin.readable).text();
  const [point] = server.status().points;
  await server.close();
  return point!.droppedPlayerCount;
}

/** Plays from the beginning to the end; tells the least and the most that a player got. */
async function watch(url: string, playerCount: string): Promise<Received> {
  const conns: Deno.TcpConn[] = [];
  for (let i = 0; i < Number(playerCount); i++) conns.push(await request(url));
  await sleepUntil(performance.now() + 1_000); // the last of them has been listened to
  console.log("ready");
  const received = await Promise.all(conns.map(readBody));
  return { least: Math.min(...received), most: Math.max(...received) };
}

async function readBody(conn: Deno.TcpConn): Promise<number> {
  let byteCount = 0;
  let isHead = true;
  const buffer = new Uint8Array(16_384);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    byteCount += count;
    if (!isHead) continue;
    isHead = false; // the server sends it in one piece, and so small a piece arrives whole
    byteCount -= new TextDecoder("latin1").decode(buffer.subarray(0, count)).indexOf("\r\n\r\n") + 4;
  }
  conn.close();
  return byteCount;
}

/** Pushes pictures in real time; tells the bytes of header and packets. */
async function encode(url: string, kbits: string, seconds: string): Promise<number> {
  const push = new PushSink();
  await push.connect(url);
  const description = new Uint8Array([0x4f, 0xf1, 0x80, 0x01]);
  const bitrate = Number(kbits) * 1000;
  const video = { kind: "video" as const, codec: "WMV3", codedWidth: 320, codedHeight: 240, description, bitrate };
  const writer = new Writer({ container: asf(), sinks: [push], streams: [video] });
  await writer.beginWriting();
  console.log("ready");
  const groupBytes = bitrate / 8 * GROUP_FRAMES * FRAME_MS / 1000;
  const delta = new Uint8Array(groupBytes / (GROUP_FRAMES - 1 + KEY_FRAME_SIZE)).fill(0x55);
  const key = new Uint8Array(KEY_FRAME_SIZE * delta.byteLength).fill(0x55);
  const startedAt = performance.now();
  for (let i = 0; i * FRAME_MS < Number(seconds) * 1000; i++) {
    await sleepUntil(startedAt + i * FRAME_MS);
    const isKey = i % GROUP_FRAMES === 0;
    const times = { timestamp: i * FRAME_MS * 1000, duration: FRAME_MS * 1000 };
    await writer.writeSample(1, { data: isKey ? key : delta, ...times, type: isKey ? "key" : "delta" });
  }
  return (await writer.endWriting()).sinks[0]!.bytes;
}

if (import.meta.main) {
  const [role, ...args] = Deno.args as [keyof typeof roles, string, string, string];
  const roles = { server: serve, audience: watch, encoder: encode, strangers: disturb, newcomers: come };
  console.log(JSON.stringify(await roles[role](...args)));
}
