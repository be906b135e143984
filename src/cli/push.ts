/**
 * `muxwell push`: sends media live to a server.
 *
 * @module
 */

import { asf } from "../asf/mod.ts";
import { type FinalizeReport, PushSink, Writer } from "../writer.ts";
import type { Media } from "../demux/mod.ts";
import { redactUrl } from "../wire/url.ts";
import { listed, parseCommandLine, STANDARD_STREAM, toPath, UsageError } from "./arguments.ts";
import { Copy, type CopyOutcome } from "./copy.ts";
import { count, formatBytes, formatTime } from "./format.ts";
import type { Io } from "./io.ts";
import { LiveLine } from "./live_line.ts";
import { Pace } from "./pace.ts";
import { password } from "./password.ts";
import { isLive, openInput } from "./source.ts";

/** What `muxwell push --help` says. */
export const PUSH_HELP = `Sends audio and video live to a server, without re-encoding.

Usage: muxwell push INPUT URL [options]

INPUT is a media file, mmsh://… (what another server plays), or - for standard
input: all that "muxwell mux" reads.
URL is a publishing point, such as http://server:8080/live.

Options:
      --template URL       where the publishing point does not exist, make it
                           like this one
      --auto-destroy       the server removes the publishing point at the end
      --user NAME          for servers that ask who pushes
      --password-env VAR   the environment variable that holds the password
      --allow-basic        send the password as it is, readable on the way, to a
                           server that knows no better
      --realtime           at the speed of life (the default for files)
      --fast               as fast as it comes (the default for streams)
      --loop               a file again and again
  -h, --help               this text

Ctrl-C ends the broadcast properly; a second one gives up.

Examples:
  muxwell push clip.mp4 http://127.0.0.1:8080/live
  muxwell push show.wmv http://server/live --user me --password-env SECRET
  ffmpeg -i … -c copy -f matroska - | muxwell push - http://server/live
`;

const OPTIONS = {
  "template": { type: "string" },
  "auto-destroy": { type: "boolean" },
  "user": { type: "string" },
  "password-env": { type: "string" },
  "allow-basic": { type: "boolean" },
  "realtime": { type: "boolean" },
  "fast": { type: "boolean" },
  "loop": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

interface Job {
  readonly input: string;
  readonly url: URL;
  readonly template?: URL;
  readonly autoDestroy: boolean;
  readonly credentials?: { user: string; password: string };
  readonly allowBasic: boolean;
  readonly isRealTime: boolean;
  readonly loops: boolean;
}

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runPush(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(PUSH_HELP), 0;
  const job = readJob(values, positionals, io);
  if (job.input === STANDARD_STREAM && io.inputIsTerminal) {
    throw new UsageError("standard input is a terminal: there is nothing to read");
  }
  return await new Broadcast(job, io).run();
}

function readJob(
  values: ReturnType<typeof parseCommandLine<typeof OPTIONS>>["values"],
  operands: string[],
  io: Io,
): Job {
  const [input, url, ...more] = operands;
  if (!input) throw new UsageError("INPUT is missing");
  if (!url) throw new UsageError("URL is missing");
  if (more.length > 0) throw new UsageError(`INPUT and URL are wanted, got ${operands.length}: ${listed(operands)}`);
  if (values.realtime && values.fast) throw new UsageError("--realtime and --fast exclude each other");
  const comesOnce = input === STANDARD_STREAM || isLive(input);
  if (comesOnce && values.loop) throw new UsageError("--loop needs a file: a stream comes once");
  const target = httpUrl("URL", url);
  return {
    input: toPath(input),
    url: target,
    template: values.template === undefined ? undefined : httpUrl("--template", values.template, target),
    autoDestroy: values["auto-destroy"] ?? false,
    credentials: password("--user", values.user, "--password-env", values["password-env"], io),
    allowBasic: values["allow-basic"] ?? false,
    isRealTime: values.realtime ?? !(values.fast ?? comesOnce),
    loops: values.loop ?? false,
  };
}

function httpUrl(name: string, text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url?.protocol === "http:") return url;
  throw new UsageError(`${name} must begin with http://, got ${JSON.stringify(redactUrl(text))}`);
}

/** How often the link is looked at. */
const STATE_INTERVAL_MS = 100;

/** One run of the command. */
class Broadcast {
  readonly #job: Job;
  readonly #io: Io;
  readonly #line: LiveLine;
  readonly #pace: Pace;
  readonly #push = new PushSink();
  readonly #giveUp = new AbortController();
  readonly #startedAt = performance.now();
  #media: Media | undefined;
  #interruptCount = 0;
  #isAway = false;

  constructor(job: Job, io: Io) {
    this.#job = job;
    this.#io = io;
    this.#line = new LiveLine(io);
    this.#pace = new Pace({ isRealTime: job.isRealTime, isStopped: () => this.#isStopped });
  }

  get #isStopped(): boolean {
    return this.#interruptCount > 0;
  }

  async run(): Promise<number> {
    let stopListening: (() => void) | undefined;
    try {
      const media = await this.#open();
      const source = new Copy(media, () => this.#isStopped);
      await source.begin();
      stopListening = this.#io.onInterrupt(() => this.#interrupt()); // before, there is nothing to end properly
      const { url, template, autoDestroy, credentials, allowBasic } = this.#job;
      const { signal } = this.#giveUp;
      await this.#push.connect(url, { templateUrl: template, autoDestroy, credentials, allowBasic, signal });
      return await this.#broadcast(media, source);
    } finally {
      this.#line.clear();
      stopListening?.();
      await this.#push.disconnect();
      await this.#media?.[Symbol.asyncDispose]();
    }
  }

  async #broadcast(media: Media, source: Copy): Promise<number> {
    const writer = new Writer({
      container: asf(),
      sinks: [this.#push],
      streams: media.streams,
      // Players of live streams show no covers, and some of them take no large headers.
      metadata: { ...media.metadata, pictures: [] },
      signal: this.#giveUp.signal,
    });
    const watch = setInterval(() => this.#tellState(), STATE_INTERVAL_MS);
    try {
      await writer.beginWriting();
      const outcome = await this.#copy(source, writer);
      const report = await writer.endWriting();
      this.#line.clear();
      return this.#conclude(outcome, report);
    } finally {
      clearInterval(watch);
      await writer[Symbol.asyncDispose]();
    }
  }

  async #copy(first: Copy, writer: Writer): Promise<CopyOutcome> {
    for (let source = first;;) {
      const outcome = await source.run(writer, (time) => this.#show(time, writer), this.#pace.prepare);
      if (!this.#job.loops || this.#isStopped || outcome.failure !== undefined) return outcome;
      if (this.#pace.isPassEmpty) return outcome; // the next would be no longer
      await this.#media![Symbol.asyncDispose]();
      source = new Copy(await this.#open(), () => this.#isStopped);
      await source.begin();
      this.#pace.nextPass();
    }
  }

  async #open(): Promise<Media> {
    this.#media = await openInput(this.#job.input, this.#io);
    return this.#media;
  }

  #interrupt(): void {
    this.#interruptCount++;
    if (this.#interruptCount > 1 || this.#push.state === "idle") this.#giveUp.abort(new Error("interrupted"));
    this.#pace.interrupt();
    void Promise.resolve(this.#media?.[Symbol.asyncDispose]()).catch(() => {});
  }

  /** A server that is away, or back: also where no terminal shows progress. */
  #tellState(): void {
    const isAway = this.#push.state === "detached";
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.#line.clear();
    const { origin, pathname } = this.#job.url;
    this.#io.report(`muxwell: ${origin}${pathname} is ${isAway ? "away: what comes waits for it" : "back"}\n`);
  }

  #show(time: number, writer: Writer): void {
    this.#line.update(() => {
      const { bytes, samplesDropped } = writer.getStatistics().sinks[0]!;
      const seconds = (performance.now() - this.#startedAt) / 1000;
      return [
        ...[formatTime(time), formatBytes(bytes), `${Math.round(bytes / 125 / seconds)} kbit/s`, this.#push.state],
        ...(samplesDropped > 0 ? [`${count(samplesDropped, "sample")} dropped`] : []),
      ].join("  ");
    });
  }

  #conclude({ failure, refusal, refusedCount }: CopyOutcome, report: FinalizeReport): number {
    const { bytes, samplesDropped } = report.sinks[0]!;
    const { origin, pathname, search } = this.#job.url; // and no password
    const facts = [formatTime(report.duration), count(report.packetCount, "packet"), formatBytes(bytes)];
    if (samplesDropped > 0) facts.push(`${count(samplesDropped, "sample")} dropped, the link was too slow`);
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2);
    const end = this.#isStopped ? ", interrupted" : "";
    this.#io.report(`${origin}${pathname}${search}: ${facts.join(", ")}; took ${seconds} s${end}\n`);
    for (const { message } of report.warnings) this.#io.report(`Warning: ${message}\n`);
    const reason = failure instanceof Error ? failure.message : refusal?.message;
    if (reason === undefined) return 0;
    const others = refusedCount > 1 ? ` (and ${refusedCount - 1} more like it)` : "";
    this.#io.report(`muxwell: ${reason}${others}; the server has got the rest\n`);
    return 1;
  }
}
