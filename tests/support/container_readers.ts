/**
 * What readers we did not write say of files in other containers than ASF.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { PYTHON, type ReaderName, requireReaders, skipWithout } from "./readers.ts";
import { ffprobe } from "./readers/ffmpeg.ts";
import { compareWith, type Expectation, type Harmless, serious } from "./readers/verdict.ts";
import { lines, run, runOk } from "./run.ts";

const HARMLESS: Harmless[] = [
  { line: /Guessed Channel Layout/, why: "FFmpeg about a format that says no more than the number of channels" },
  { line: /Estimating duration from bitrate/, why: "FFmpeg about ADTS, which says no length" },
  { line: /stream 0, timescale not set/, why: "FFmpeg about a cover in MP4, also in one of its own making" },
];

/** What a file should look like. */
export interface ContainerExpectation extends Expectation {
  /** As ffprobe calls it, as MediaInfo does, and the type that ExifTool gives it, where it knows it. */
  format: { ffprobe: string; mediainfo: string; exiftool?: string };
  /** GStreamer is not asked, and why. */
  withoutGStreamer?: string;
  /** mutagen is not asked: it does not know the format. */
  withoutMutagen?: boolean;
  /** mutagen reads no title of this format. */
  withoutMutagenTitle?: boolean;
}

type Check = (path: string, expected: ContainerExpectation) => Promise<string[]>;

const JUDGES: [name: string, reader: ReaderName, check: Check][] = [
  ["ffprobe", "ffmpeg", ffprobeSays],
  ["ffmpeg decode", "ffmpeg", ffmpegSays],
  ["gst-discoverer", "GStreamer", gstreamerSays],
  ["MediaInfo", "MediaInfo", mediainfoSays],
  ["ExifTool", "ExifTool", exiftoolSays],
  ["mutagen", "mutagen", mutagenSays],
];

/** Asserts, in a step for each reader, that it accepts the file without a warning. */
export async function acceptedByReaders(
  t: Deno.TestContext,
  path: string,
  expected: ContainerExpectation,
): Promise<void> {
  for (const [name, reader, check] of JUDGES) {
    await t.step({
      name,
      ignore: skipWithout(reader),
      async fn() {
        requireReaders(reader);
        assertEquals(await check(path, expected), []);
      },
    });
  }
}

async function ffprobeSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  const { formatName, warnings, streams, durationMs, tags } = await ffprobe(path);
  return [
    ...(formatName === expected.format.ffprobe ? [] : [`calls it ${formatName}`]),
    ...serious(warnings, HARMLESS),
    ...compareWith(expected, { kinds: streams.map(({ kind }) => kind), durationMs, title: tags["title"] ?? "" }),
  ];
}

async function ffmpegSays(path: string): Promise<string[]> {
  const { code, stderr } = await run("ffmpeg", [
    ...["-v", "warning", "-nostdin", "-i", path, "-map", "0:a?", "-map", "0:V?", "-fps_mode", "passthrough"],
    ...["-f", "null", "-"],
  ]);
  return [...(code === 0 ? [] : [`exit code ${code}`]), ...serious(lines(stderr), HARMLESS)];
}

async function gstreamerSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  if (expected.withoutGStreamer !== undefined) return [];
  const { code, stdout } = await run("gst-discoverer-1.0", ["-v", path]);
  const out = lines(stdout);
  const field = (name: string) =>
    out.find((line) => line.trimStart().startsWith(`${name}: `))?.split(`${name}: `)[1]?.trim();
  const kinds = out.flatMap((line) => line.match(/^\s+(video|audio)(?: #\d+)?: /)?.[1] ?? []);
  const [hours, minutes, seconds] = (field("Duration") ?? "").split(":").map(Number) as [number, number, number];
  return [
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...out.filter((line) => /warning|error|missing|timed out|not? supported|could not/i.test(line)),
    ...(field("Seekable") === "yes" ? [] : ["is not seekable"]),
    ...compareWith(expected, {
      kinds,
      durationMs: (hours * 3600 + minutes * 60 + seconds) * 1000,
      title: field("title") ?? "",
    }),
  ];
}

async function mediainfoSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  const { stdout, stderr } = await runOk("mediainfo", ["--Output=JSON", path]);
  const tracks: Record<string, string>[] = JSON.parse(stdout).media.track;
  const general = tracks.find((track) => track["@type"] === "General") ?? {};
  const kinds = tracks.map((track) => track["@type"]!.toLowerCase()).filter((kind) => /video|audio/.test(kind));
  return [
    ...lines(stderr),
    ...stdout.match(/"(IsTruncated|Conformance\w*)".*/g) ?? [],
    ...(general["Format"] === expected.format.mediainfo ? [] : [`calls it ${general["Format"]}`]),
    ...compareWith(expected, {
      kinds,
      durationMs: general["Duration"] === undefined ? undefined : Number(general["Duration"]) * 1000,
      title: general["Title"] ?? "",
    }),
  ];
}

async function exiftoolSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  if (expected.format.exiftool === undefined) return [];
  const { stdout, stderr } = await runOk("exiftool", ["-json", "-charset", "RIFF=UTF8", path]);
  const [tags] = JSON.parse(stdout);
  return [
    ...lines(stderr),
    ...[tags.Error, tags.Warning].filter((text) => text !== undefined),
    ...(tags.FileType === expected.format.exiftool ? [] : [`calls it ${tags.FileType}`]),
    ...compareWith(expected, { title: String(tags.Title ?? "") }),
  ];
}

const SCRIPT = `
import json, sys, mutagen
file = mutagen.File(sys.argv[1], easy=True)
title = (file.tags or {}).get("title", [""])[0]
json.dump({"length": file.info.length, "title": title}, sys.stdout)
`;

async function mutagenSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  if (expected.withoutMutagen) return [];
  const { code, stdout, stderr } = await run(PYTHON, ["-W", "error", "-c", SCRIPT, path]);
  if (code !== 0) return [`exit code ${code}`, ...lines(stderr).slice(-1)];
  const { length, title } = JSON.parse(stdout);
  return [
    ...lines(stderr),
    ...compareWith(expected, {
      durationMs: length * 1000,
      title: expected.withoutMutagenTitle ? undefined : title,
    }),
  ];
}
