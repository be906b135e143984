/**
 * `muxwell serve`: receives live streams and serves players.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { PublishingServer, type ServerEvent, type ServerOptions } from "../server/mod.ts";
import { parseCommandLine, UsageError, wholeNumber } from "./arguments.ts";
import { count, formatBytes, formatTime } from "./format.ts";
import type { Io } from "./io.ts";
import { LiveLine } from "./live_line.ts";
import { password } from "./password.ts";

/** What `muxwell serve --help` says. */
export const SERVE_HELP = `Receives live ASF streams and serves them to players.

Usage: muxwell serve [options]

Encoders push to http://HOST:PORT/NAME; players open mmsh://HOST:PORT/NAME or
http://HOST:PORT/NAME. http://HOST:PORT/ shows what goes on, /status.json and
/metrics say the same to programs.

Options:
      --listen HOST:PORT          where to listen (127.0.0.1:8080); 0.0.0.0:8080
                                  for other machines too, port 0 for any
      --point NAME                the publishing points there are; repeatable
                                  (any that is pushed)
      --record DIR                record every broadcast into this folder
      --push-user NAME            who may push (anybody)
      --push-password-env VAR     the environment variable with the password
      --status-host NAME          a name of this server under which its pages
                                  answer; repeatable (addresses, localhost)
      --status-reader ADDRESS     who sees addresses and paths there; repeatable
                                  (this machine)
      --max-players N             most players at a time (1000)
      --max-per-address N         most connections of one address (a quarter of
                                  all; this machine's own have no limit)
      --json                      tell events on standard output, one JSON
                                  object a line
  -h, --help                      this text

Ctrl-C (or SIGTERM) ends every broadcast properly; a second one gives up.

Examples:
  muxwell serve --listen 0.0.0.0:8080 --record /srv/recordings
  muxwell push clip.mp4 http://127.0.0.1:8080/live
  ffplay mmsh://127.0.0.1:8080/live
`;

const OPTIONS = {
  "listen": { type: "string" },
  "point": { type: "string", multiple: true },
  "record": { type: "string" },
  "push-user": { type: "string" },
  "push-password-env": { type: "string" },
  "status-host": { type: "string", multiple: true },
  "status-reader": { type: "string", multiple: true },
  "json": { type: "boolean" },
  "max-players": { type: "string" },
  "max-per-address": { type: "string" },
  "help": { type: "boolean", short: "h" },
} as const;

const STATUS_INTERVAL_MS = 1_000;
/** Connections that can be taken for so long: what kept them away is over. */
const QUIET_MS = 10_000;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runServe(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(SERVE_HELP), 0;
  if (positionals.length > 0) throw new UsageError(`there is no operand, got ${positionals.join(" ")}`);
  const { hostname, port } = readAddress(values.listen ?? "127.0.0.1:8080");
  const options: ServerOptions = {
    hostname,
    port,
    points: values.point?.map((name) => name.replace(/^\/+/, "")),
    recordFolder: values.record,
    statusHosts: values["status-host"],
    statusReaders: values["status-reader"],
    maxPlayers: wholeNumber("--max-players", values["max-players"], 1, 1_000_000),
    maxPerAddress: wholeNumber("--max-per-address", values["max-per-address"], 1, 1_000_000),
    pushCredentials: password(
      "--push-user",
      values["push-user"],
      "--push-password-env",
      values["push-password-env"],
      io,
    ),
  };
  if (values.record !== undefined) await makeFolder(values.record);
  const events = new EventLog(io, values.json ?? false);
  return await serve(listen({ ...options, onEvent: events.tell }), io, events);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory
      ? "it is no folder"
      : cause instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : (cause as Error).message;
    throw new MuxError("sink-failed", { action: `record to ${path}`, reason }, { cause });
  }
}

function readAddress(text: string): { hostname: string; port: number } {
  const [, hostname, port] = text.match(/^(\[[0-9a-f:.]+\]|[^:]+):(\d{1,5})$/i) ?? [];
  if (hostname === undefined || Number(port) > 65_535) {
    throw new UsageError(`--listen must be HOST:PORT, got ${JSON.stringify(text)}`);
  }
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function listen(options: ServerOptions): PublishingServer {
  try {
    return PublishingServer.listen(options);
  } catch (cause) {
    const reason = listenReason(cause, options.hostname!);
    throw new MuxError("cannot-connect", { action: `listen on ${address(options)}`, reason }, { cause });
  }
}

function address({ hostname = "", port }: ServerOptions): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function listenReason(cause: unknown, hostname: string): string {
  if (cause instanceof Deno.errors.AddrInUse) return "the port is in use";
  if (cause instanceof Deno.errors.AddrNotAvailable) return `this machine has no address ${hostname}`;
  if (cause instanceof Deno.errors.PermissionDenied) return "permission denied";
  const { message } = cause as Error;
  return /failed to lookup/.test(message) ? `there is no host ${hostname}` : message;
}

/** Tells what happens, one line an event. */
class EventLog {
  readonly line: LiveLine;
  readonly #io: Io;
  readonly #isJson: boolean;

  constructor(io: Io, isJson: boolean) {
    this.#io = io;
    this.#isJson = isJson;
    this.line = new LiveLine(io);
  }

  readonly tell = (event: ServerEvent): void => {
    const time = new Date().toISOString();
    if (this.#isJson) return void this.#io.print(JSON.stringify({ time, ...event }) + "\n");
    this.line.clear();
    this.#io.report(`${time} /${event.point}: ${eventText(event)}\n`);
  };
}

function eventText(event: ServerEvent): string {
  switch (event.kind) {
    case "live":
      return `live from ${event.address ?? "this process"}`;
    case "encoder-lost":
      return `the encoder at ${event.address} is away`;
    case "ended":
      return `ended after ${count(event.packetCount, "packet")}`;
    case "recording":
      return `recording to ${event.path}`;
    case "recorded":
      return `recorded to ${event.path}`;
    case "player":
      return `${event.address} plays over ${event.protocol}`;
    default:
      return `${event.address} ${event.kind === "player-gone" ? "has left" : "was too slow"} after ${
        formatBytes(event.sentBytes)
      }`;
  }
}

async function serve(server: PublishingServer, io: Io, { line }: EventLog): Promise<number> {
  const giveUp = new AbortController();
  let stopListening!: () => void;
  const interrupted = new Promise<void>((resolve) => {
    let interruptCount = 0;
    stopListening = io.onInterrupt(() => {
      if (++interruptCount > 1) giveUp.abort();
      resolve();
    });
  });
  let failures: readonly string[] = [];
  let acceptFailureCount = 0;
  let quietSince = -Infinity;
  const tellFailures = () => {
    const { recordingFailures, ...status } = server.status();
    if (status.acceptFailureCount > acceptFailureCount) {
      // Once, as long as it lasts.
      if (performance.now() - quietSince > QUIET_MS) {
        line.clear();
        io.report(`muxwell: cannot take connections: ${status.lastAcceptFailure}\n`);
      }
      acceptFailureCount = status.acceptFailureCount;
      quietSince = performance.now();
    }
    for (const failure of recordingFailures) {
      if (failures.includes(failure)) continue;
      line.clear();
      io.report(`muxwell: cannot record to ${failure}\n`);
    }
    failures = recordingFailures;
  };
  const timer = setInterval(() => {
    tellFailures();
    line.update(() => statusLine(server));
  }, STATUS_INTERVAL_MS);
  try {
    io.report(`Listening on ${server.url}\n`);
    await interrupted;
    line.clear();
    const signal = AbortSignal.any([giveUp.signal, AbortSignal.timeout(CLOSE_MS)]);
    await server.close({ signal });
    tellFailures();
    io.report(`Closed after ${formatTime(server.status().uptimeMs * 1000)}\n`);
    return failures.length > 0 ? 1 : 0;
  } finally {
    clearInterval(timer);
    line.clear();
    stopListening();
  }
}

/** For players that are behind at the end. */
const CLOSE_MS = 5_000;

function statusLine(server: PublishingServer): string {
  const { uptimeMs, points } = server.status();
  const live = points.filter(({ isLive }) => isLive);
  const bits = live.reduce((sum, { bitsPerSecond }) => sum + bitsPerSecond, 0);
  const players = points.reduce((sum, { playerCount }) => sum + playerCount, 0);
  const dropped = points.reduce((sum, { droppedPlayerCount }) => sum + droppedPlayerCount, 0);
  return [
    ...[formatTime(uptimeMs * 1000), `${live.length} live`, `${Math.round(bits / 1000)} kbit/s`],
    count(players, "player"),
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
  ].join("  ");
}
