/**
 * MPlayer: its own ASF demuxer. It reads the first stream of each kind.
 *
 * @module
 */

import { lines, run } from "../run.ts";
import { compareWith, type Expectation, type Harmless, serious } from "./verdict.ts";

const HARMLESS: Harmless[] = [
  { line: /custom get_buffer2\(\)/, why: "MPlayer about its own use of libavcodec" },
  { line: /\[VD_FFMPEG\] DRI failure/, why: "MPlayer about pictures that it copies, since their decoder keeps them" },
  { line: /^Creating config file/, why: "MPlayer about its own folder" },
];

/**
 * What MPlayer has to complain about when it plays everything, as fast as it can: pictures and sound each by themselves,
 * since together it would play them in real time.
 */
export async function mplayerComplaints(path: string, expected: Expectation): Promise<string[]> {
  const halves = expected.kinds.includes("video") ? [["-nosound", "-vo", "null"]] : [];
  if (expected.kinds.includes("audio")) halves.push(["-novideo", "-ao", "pcm:fast:nowaveheader:file=/dev/null"]);
  const complaints = await Promise.all(halves.map((half) => play(path, half, expected)));
  return [...new Set(complaints.flat())];
}

async function play(path: string, half: string[], expected: Expectation): Promise<string[]> {
  const home = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await run("mplayer", [
      ...["-noconfig", "all", "-nolirc", "-nojoystick", "-noautosub", "-noconsolecontrols", "-identify"],
      ...["-demuxer", "asf", "-benchmark", ...half, path],
    ], { env: { HOME: home, MPLAYER_HOME: home } });
    const out = lines(stdout);
    const field = (name: string) => out.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    const kinds = out.flatMap((line) => line.match(/^ID_(VIDEO|AUDIO)_ID=/)?.[1]?.toLowerCase() ?? []);
    return [
      ...(code === 0 ? [] : [`exit code ${code}`]),
      ...serious(lines(stderr), HARMLESS),
      ...(field("ID_DEMUXER") === "asf" ? [] : [`reads it as ${field("ID_DEMUXER")}`]),
      ...(field("ID_SEEKABLE") === "1" ? [] : ["is not seekable"]),
      ...(field("ID_EXIT") === "EOF" ? [] : [`ends with ${field("ID_EXIT")}`]),
      ...compareWith(expected, { kinds, durationMs: Number(field("ID_LENGTH")) * 1000 }),
    ];
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
