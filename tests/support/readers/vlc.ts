/**
 * VLC: plays a file in real time and says which pictures came too late. It refuses to run as root, so that it gets a
 * copy that anyone may read.
 *
 * @module
 */

import { lines, run } from "../run.ts";
import { type Harmless, serious } from "./verdict.ts";

export interface VlcReport {
  /** Whether a picture came out of the decoder at all. */
  showsPictures: boolean;
  /** Kinds of streams that it has a decoder for. */
  decodersOf: string[];
  /** Pictures that were decoded after their time. */
  latePictures: number;
  /** What the ASF demuxer warned about. */
  complaints: string[];
}

const HARMLESS: Harmless[] = [
  { line: /Unknown extension 0xfd3cc02a/, why: "VLC passes over the timing extension, as the specification allows" },
];

/** Plays the whole file, which takes as long as it lasts, or its first seconds. */
export async function vlcPlay(path: string, seconds?: number): Promise<VlcReport> {
  const folder = await Deno.makeTempDir();
  try {
    const copy = `${folder}/file${path.slice(path.lastIndexOf("."))}`;
    await Deno.copyFile(path, copy);
    await Deno.chmod(folder, 0o777);
    await Deno.chmod(copy, 0o644);
    const player = [
      ...["cvlc", "-vv", "--no-color", "-I", "dummy", "--vout=dummy", "--aout=dummy", "--no-video-title-show"],
      ...(seconds === undefined ? [] : [`--run-time=${seconds}`]),
      ...["--play-and-exit", copy, "vlc://quit"],
    ];
    const command = Deno.uid() === 0
      ? ["/usr/sbin/runuser", "-u", "nobody", "--", "env", `HOME=${folder}`, ...player]
      : player;
    const { code, stdout, stderr } = await run(command[0]!, command.slice(1));
    const log = [...lines(stdout), ...lines(stderr)];
    return {
      showsPictures: log.some((line) => /Received first picture/.test(line)),
      decodersOf: log.flatMap((line) => line.match(/using (video|audio) decoder module/)?.[1] ?? []),
      latePictures: log.filter((line) => /picture is too late to be displayed/.test(line)).length,
      complaints: [
        ...(code === 0 ? [] : [`exit code ${code}`]),
        ...serious(log.filter((line) => /\basf demux (warning|error)/.test(line)), HARMLESS),
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
