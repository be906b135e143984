/**
 * `muxwell mux`: copies samples into a new container.
 *
 * @module
 */

import { fileSink, type FinalizeReport, type Metadata, MuxError, type SegmentOptions, Writer } from "../writer.ts";
import type { Media } from "../demux/mod.ts";
import {
  definedOnly,
  MAX_DWORD,
  mediaTime,
  onlyOperand,
  parseCommandLine,
  STANDARD_STREAM,
  toPath,
  UsageError,
  wholeNumber,
} from "./arguments.ts";
import { canTrim, containerFor, type OutputContainer, select, type Selection } from "./containers.ts";
import { Copy, type CopyOutcome } from "./copy.ts";
import { Drafts } from "./drafts.ts";
import { formatBytes, formatTime } from "./format.ts";
import { Interrupt } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { Part } from "./part.ts";
import { ProgressLine } from "./progress.ts";
import { refuseSameFile } from "./same_file.ts";
import { NumberedNames, segmentFiles, segmentOptions } from "./segments.ts";
import { allLosses, INCOMPLETE, isIncomplete, knownLosses } from "./shortfall.ts";
import { isLive, isRemote, openInput } from "./source.ts";
import { summary, totalBytes } from "./summary.ts";
import { tagsFrom, withTags } from "./tags.ts";

/** What `muxwell mux --help` says. */
export const MUX_HELP = `Copies audio and video into another container, without re-encoding.

Usage: muxwell mux INPUT -o OUTPUT [options]

INPUT is a media file: MP4, MOV, Matroska, WebM, MP3, AAC, WAVE, MPEG-TS, ASF …,
https://… at a server, mmsh://… as one plays it, or - for standard input. OUTPUT
is a file that is made or replaced: .asf, .wmv, .wma, .mp4, .m4a, .mov, .3gp,
.mkv, .mka, .webm, .ts, .wav, .flac, .ogg, .opus, .mp3, .aac, .ac3, .eac3 or
.amr (what does not fit is left out and named), or - for standard output, which
gets ASF for live streams: no index, no seeking.
With --segment OUTPUT has a %d or %03d in it, which is the number of each file.

Options:
  -o, --output OUTPUT      where to write
      --from TIME          begin at the key frame at or before TIME, which is
                           90, 1:30 or 1:01:30.5 (exactly there in .mp4, .mov)
      --until TIME         end there
      --title TEXT         title, in place of the source's
      --author TEXT        author, in place of the source's
      --copyright TEXT     copyright notice, in place of the source's
      --description TEXT   description, in place of the source's
      --set NAME=VALUE     genre, year, albumTitle, albumArtist, trackNumber, or
                           any attribute, such as WM/Mood; repeatable
      --strict             fail, and replace nothing, where anything is lost
      --segment LENGTH     a new file each 10s, 5min, 1h or 700MB
      --packet-size BYTES  ASF: data packets of 100 to 65535 bytes (by the rate)
      --index-interval MS  ASF: distance of index entries (200)
      --preroll MS         ASF: how long a player buffers at first (3000)
  -h, --help               this text

Ctrl-C (or SIGTERM) stops reading and finishes the file; a second one gives up.

Exit codes: 0 done (metadata that have no place are named), 1 failed, 2 the
command line is wrong, 3 done, but samples or streams are missing that you did
not deselect (as .mp3, .aac and .wav deselect pictures), or INPUT ended early:
the file is good as far as it goes. With --strict all of these, and metadata
without a place, are failures.

Examples:
  muxwell mux clip.mp4 -o clip.wmv
  muxwell mux song.mp3 -o song.wma --title "A song" --set year=2026
  muxwell mux film.wmv -o sound.wav
  muxwell mux film.mkv -o scene.mp4 --from 1:01:30 --until 1:03:00.5
  muxwell mux day.mkv -o hour_%02d.wmv --segment 1h
  ffmpeg -i film.flv -c copy -f matroska - | muxwell mux - -o film.wmv
`;

const OPTIONS = {
  "output": { type: "string", short: "o" },
  "packet-size": { type: "string" },
  "index-interval": { type: "string" },
  "preroll": { type: "string" },
  "title": { type: "string" },
  "author": { type: "string" },
  "copyright": { type: "string" },
  "description": { type: "string" },
  "set": { type: "string", multiple: true },
  "segment": { type: "string" },
  "strict": { type: "boolean" },
  "from": { type: "string" },
  "until": { type: "string" },
  "help": { type: "boolean", short: "h" },
} as const;

interface Job {
  readonly input: string;
  readonly output: string;
  readonly container: OutputContainer;
  /** What is set beside what the source says. */
  readonly tags: Metadata;
  /** Whether to fail where anything would be lost. */
  readonly isStrict: boolean;
  /** The part that is wanted, µs of the source. */
  readonly from?: number;
  readonly until?: number;
  /** The output in many files. */
  readonly segments?: { readonly names: NumberedNames; readonly options: SegmentOptions };
}

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runMux(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(MUX_HELP), 0;
  const job = await readJob(values, positionals);
  if (job.input === STANDARD_STREAM && io.inputIsTerminal) {
    throw new UsageError("standard input is a terminal: there is nothing to read");
  }
  if (job.output === STANDARD_STREAM && io.outputIsTerminal) {
    throw new UsageError("standard output is a terminal: redirect it, or name a file");
  }
  const isFile = job.input !== STANDARD_STREAM && !isLive(job.input) && !isRemote(job.input);
  if (isFile && job.output !== STANDARD_STREAM) {
    await refuseSameFile(job.input, job.output, "INPUT");
    if (await job.segments?.names.have(job.input)) {
      throw new UsageError(`OUTPUT would replace INPUT: ${job.input} is one of ${job.output}`);
    }
  }
  return await copy(job, io);
}

async function readJob(
  values: ReturnType<typeof parseCommandLine<typeof OPTIONS>>["values"],
  operands: string[],
): Promise<Job> {
  const input = toPath(onlyOperand(operands, "INPUT"));
  if (!values.output) throw new UsageError("-o OUTPUT is missing");
  const output = toPath(values.output);
  const { segment } = values;
  const from = mediaTime("--from", values.from);
  const until = mediaTime("--until", values.until);
  if (until !== undefined && until <= (from ?? 0)) {
    throw new UsageError(
      `--until must be later than ${from === undefined ? "0" : `--from, ${values.from}`}, got ${values.until}`,
    );
  }
  const settings = definedOnly({
    packetBytes: wholeNumber("--packet-size", values["packet-size"], 100, 65_535),
    indexIntervalMs: wholeNumber("--index-interval", values["index-interval"], 1, MAX_DWORD),
    prerollMs: wholeNumber("--preroll", values.preroll, 0, MAX_DWORD),
  });
  return {
    input,
    output,
    container: await containerFor(output, settings),
    tags: tagsFrom(values),
    isStrict: values.strict ?? false,
    from,
    until,
    segments: segment === undefined
      ? undefined
      : { names: new NumberedNames(output), options: segmentOptions(segment) },
  };
}

async function copy(job: Job, io: Io): Promise<number> {
  const media = await openPart(job, io);
  const interrupt = new Interrupt(io, media);
  try {
    // Given up, it may hang for ever in an output that takes nothing: nobody waits for it then.
    return await Promise.race([copyMedia(job, media, interrupt, io), interrupt.givenUp]);
  } finally {
    interrupt.stopListening();
    await media[Symbol.asyncDispose]();
  }
}

async function openPart({ container, from, input, until }: Job, io: Io): Promise<Media> {
  try {
    return await openInput(input, io, definedOnly({ payloadExtensions: container.like !== undefined, from, until }));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message); // what it lasts is known now
    throw error;
  }
}

async function copyMedia(job: Job, media: Media, interrupt: Interrupt, io: Io): Promise<number> {
  const startedAt = performance.now();
  const progress = new ProgressLine(io, media.duration);
  const { container, from, output, segments } = job;
  const part = new Part(media, from, canTrim(container.container) && !segments && output !== STANDARD_STREAM);
  const selection = await select(job.container.container, media.streams);
  const source = new Copy(media, () => interrupt.count > 0, selection.streams, part.zero);
  // Before the output is touched: a source that gives nothing replaces nothing.
  if (!await source.begin()) {
    const reason = interrupt.count > 0
      ? "stopped before there was anything to write"
      : "there is nothing in it to write";
    throw new MuxError(
      "no-samples",
      { action: `read ${job.input === STANDARD_STREAM ? "standard input" : job.input}`, reason },
    );
  }
  const metadata = withTags(part.metadata, job.tags);
  if (job.isStrict) refuseLosses(await knownLosses(media, selection, container.container, metadata));
  const drafts = new Drafts();
  const writer = interrupt.writer = openWriter(job, selection, media, metadata, drafts, io);
  try {
    await writer.beginWriting();
    const outcome = await source.run(writer, (time) => {
      progress.update(time - part.begin, () => totalBytes(writer.getStatistics().sinks));
    });
    const report = await writer.endWriting();
    progress.clear();
    const run = { startedAt, begin: part.line, isInterrupted: interrupt.count > 0 };
    const code = await conclude(job, media, selection, outcome, report, io, run);
    if (code !== 1) await drafts.keep();
    return code;
  } catch (error) {
    progress.clear();
    if (!job.isStrict && isGoodAsFarAsItGoes(error)) {
      io.report(`muxwell: ${error.message}; ${nameOf(job)} has the rest\n`);
      return INCOMPLETE;
    }
    throw await withRest(error, job);
  } finally {
    progress.clear();
    await writer[Symbol.asyncDispose]();
    await drafts.discard();
  }
}

/** With `--strict` nothing may be lost. @throws {MuxError} Naming the first, and how many more there are. */
function refuseLosses(losses: readonly string[]): void {
  if (losses.length === 0) return;
  const others = losses.length > 1 ? ` (and ${losses.length - 1} more)` : "";
  throw new MuxError("unsupported", { action: "copy all of it", reason: `left out: ${losses[0]}${others}` });
}

/** Every output is finished, though a stream is missing. */
function isGoodAsFarAsItGoes(error: unknown): error is MuxError {
  return error instanceof MuxError && error.code !== "sink-failed" && error.report !== undefined &&
    error.report.sinks.every(({ outcome }) => outcome === "finished");
}

function nameOf({ output }: Job): string {
  return output === STANDARD_STREAM ? "standard output" : output;
}

/** Says of a file that could not be written to its end how much of it is there: so much plays. */
async function withRest(error: unknown, { output, segments }: Job): Promise<unknown> {
  if (!(error instanceof MuxError) || error.code !== "sink-failed" || segments || output === STANDARD_STREAM) {
    return error;
  }
  if (totalBytes(error.report?.sinks ?? []) === 0) return error; // it was never opened
  const { size } = await Deno.stat(output).catch(() => ({ size: 0 }));
  if (size === 0) return error; // a pipe
  const message = `${error.message}; ${output} has the beginning, ${formatBytes(size)}`;
  return new MuxError(error.code, message, { cause: error, report: error.report });
}

function openWriter(
  job: Job,
  { streams, leftOut }: Selection,
  media: Media,
  metadata: Metadata,
  drafts: Drafts,
  io: Io,
): Writer {
  const { output, segments, container, isStrict } = job;
  const pathFor = isStrict ? drafts.pathFor : (path: string) => path;
  const sink = segments
    ? segmentFiles(segments.names, segments.options, pathFor)
    : output === STANDARD_STREAM
    ? io.output
    : fileSink(pathFor(output));
  // How streams stand to each other is about all of them.
  const source = leftOut.length === 0 ? media.asf : undefined;
  return new Writer({
    container: source && container.like?.(source) || container.container,
    sinks: [sink],
    streams,
    metadata,
  });
}

async function conclude(
  job: Job,
  media: Media,
  selection: Selection,
  outcome: CopyOutcome,
  report: FinalizeReport,
  io: Io,
  run: { startedAt: number; begin?: string; isInterrupted: boolean },
): Promise<number> {
  const { failure, refusal, refusedCount } = outcome;
  const name = nameOf(job);
  if (job.isStrict) {
    if (failure !== undefined) throw failure;
    refuseLosses([...refusal ? [refusal.message] : [], ...await allLosses(media, selection, report)]);
  }
  const seconds = (performance.now() - run.startedAt) / 1000;
  io.report(await summary({ name, media, selection, report, seconds, ...run }));
  if (!isIncomplete(media, selection, outcome, report)) return 0;
  if (failure !== undefined || refusal !== undefined) {
    const reason = failure instanceof Error ? failure.message : refusal?.message ?? String(failure);
    const others = failure === undefined && refusedCount > 1 ? ` (and ${refusedCount - 1} more like it)` : "";
    io.report(`muxwell: ${reason}${others}; ${name} has ${extentOf(report, media)}\n`);
  }
  return INCOMPLETE;
}

/** How much of how much there is. */
function extentOf({ duration }: FinalizeReport, media: Media): string {
  const [part, whole] = [duration, media.duration ?? 0].map(formatTime);
  return whole !== part && (media.duration ?? 0) > duration ? `${part} of ${whole}` : `${part} of it`;
}
