/**
 * Kills a writer in the middle of its work and looks at what it left behind.
 *
 * @module
 */

import { AsfReader, inspectTree, validate } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { ffprobe, seekTo } from "../support/readers/ffmpeg.ts";
import { lines, run } from "../support/run.ts";
import { fixture } from "../support/temp.ts";

/** What a killed file may lack, and how far its duration may be off. */
const TOLERANCE_MS = 2000;

const WRITER = new URL("kill_writer.ts", import.meta.url);

/** A media file in the middle of its making. */
export interface Killed {
  /** Where the writer was, ms of media. */
  readonly writtenMs: number;
}

/** Starts a writer and kills it (-9) when it has written so many ms of media. */
export async function killWriter(source: string, path: string, atMs: number): Promise<Killed> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-write", WRITER.pathname, fixture(source), path],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let isKilled = false;
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said = (said + text).slice(-64);
    if (isKilled || lastOf(said) < atMs) continue;
    child.kill("SIGKILL");
    isKilled = true;
  }
  const { signal } = await child.status;
  if (signal !== "SIGKILL") throw new Error(`The writer ended by itself, with signal ${signal}`);
  return { writtenMs: lastOf(said) };
}

/** The number on the last whole line. */
function lastOf(said: string): number {
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
}

/** Complaints about a file whose writer was killed, none if all is well. */
export async function killedComplaints(path: string, writtenMs: number, isTimed: boolean): Promise<string[]> {
  const complaints: string[] = [];
  const { contentMs, isUnfinished, problems } = await contentOf(path);
  if (writtenMs - contentMs > TOLERANCE_MS) complaints.push(`lost ${writtenMs - contentMs} of ${writtenMs} ms`);
  if (!isUnfinished) complaints.push("is not marked");
  complaints.push(...problems);
  const within = (name: string, ms: number) => {
    if (!(Math.abs(ms - contentMs) <= TOLERANCE_MS)) complaints.push(`${name}: ${ms} ms, contains ${contentMs} ms`);
  };
  const [probe, format, discovered] = await Promise.all([
    ffprobe(path),
    run("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]),
    run("gst-discoverer-1.0", ["-v", path]),
  ]);
  complaints.push(...lines(format.stderr));
  within("ffprobe", Number(format.stdout) * 1000);
  const out = lines(discovered.stdout);
  const field = (name: string) => out.find((line) => line.trim().startsWith(`${name}: `))?.split(": ")[1] ?? "";
  const [hours, minutes, seconds] = field("Duration").split(":").map(Number) as [number, number, number];
  within("GStreamer", (hours * 3600 + minutes * 60 + seconds) * 1000);
  if (field("Seekable") !== "yes") complaints.push(`GStreamer: seekable: ${field("Seekable")}`);
  const stream = probe.streams.find(({ kind }) => kind === "video") ?? probe.streams[0]!;
  const packets = probe.packets.filter((packet) => packet.stream === stream.index);
  const target = packets[Math.floor(packets.length / 2)]!.pts!;
  // Without its index FFmpeg cannot seek such a file.
  if (isTimed) complaints.push(...await repairedComplaints(path));
  const [landing] = await seekTo(path, stream.index, [target]);
  if (!(landing && Math.abs(landing.pts - target) <= TOLERANCE_MS)) {
    complaints.push(`FFmpeg: sought ${target} ms, landed at ${landing?.pts}`);
  }
  if (!isTimed) complaints.push(...await repairedComplaints(path));
  return complaints;
}

/** A fragment has a second, and what follows it is on its way for as long. */
const FRAGMENT_MS = 2500;

/** Complaints about an MP4 whose writer was killed: it plays to its last fragment, and once repaired it is an ordinary file. */
export async function killedMp4Complaints(path: string, writtenMs: number): Promise<string[]> {
  const before = await ffprobe(path);
  const endMs = Math.max(...before.packets.map(({ pts = 0 }) => pts));
  const complaints = writtenMs - endMs > FRAGMENT_MS ? [`FFmpeg: plays ${endMs} of ${writtenMs} ms`] : [];
  // FFmpeg shows a sample, too, of which a part is there.
  const { size } = await Deno.stat(path);
  const whole = before.packets.filter(({ end = 0 }) => end <= size);
  await repair(path);
  const bytes = await Deno.readFile(path);
  const { issues } = await validate(bytes);
  complaints.push(
    ...issues.filter(({ severity }) => severity !== "I").map(({ rule, message }) => `${rule}: ${message}`),
  );
  const { children } = await inspectTree(bytes);
  if (children.some(({ name }) => /Fragment/.test(name))) complaints.push("repaired: has fragments");
  const after = await ffprobe(path);
  complaints.push(...after.warnings);
  if (after.packets.length < whole.length) {
    complaints.push(`repaired: has ${after.packets.length} of ${whole.length} samples`);
  }
  return complaints;
}

/** Repairs the file in place. */
async function repairedComplaints(path: string): Promise<string[]> {
  await repair(path);
  const bytes = await Deno.readFile(path);
  const { isUnfinished } = (await AsfReader.open(bytes)).header;
  const { issues } = await validate(bytes);
  return [
    ...(isUnfinished ? ["repaired: is still marked"] : []),
    ...issues.filter(({ severity }) => severity === "E").map(({ rule, message }) => `repaired: ${rule}: ${message}`),
  ];
}

async function contentOf(path: string): Promise<{ contentMs: number; isUnfinished: boolean; problems: string[] }> {
  const reader = await AsfReader.open(await Deno.readFile(path));
  let contentMs = 0;
  for await (const sample of reader.samples()) contentMs = Math.max(contentMs, sample.presentationMs);
  // What was on its way when the program ended is cut off anywhere.
  const problems = reader.problems.filter(({ rule }) => rule !== "D01" && rule !== "D14");
  return {
    contentMs,
    isUnfinished: reader.header.isUnfinished,
    problems: problems.map(({ rule, message }) => `${rule}: ${message}`),
  };
}
