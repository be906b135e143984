/** Files made by other muxers: the validator must tell what is known to be wrong with each. */

import { assert } from "@std/assert";
import { hasReader, skipWithout } from "../support/readers.ts";
import { run, runOk } from "../support/run.ts";
import { fixture, grownTo, withTempDir } from "../support/temp.ts";
import { brokenRules } from "../support/valid.ts";

const WMV = fixture("wmv2_wma2.wmv");
const WMA = fixture("wma2.wma");

async function assertTells(path: string, rules: string[]): Promise<void> {
  const found = await brokenRules(await Deno.readFile(path));
  for (const rule of rules) assert(found.includes(rule), `${rule} is missing in ${found.join(", ")}`);
}

async function ffmpeg(output: string, ...args: string[]): Promise<void> {
  await runOk("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, output]);
}

interface Case {
  name: string;
  rules: string[];
  make(folder: string): Promise<string>;
}

const CHAPTERS = `;FFMETADATA1
${
  [0, 1, 2, 3, 4].map((second) =>
    `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${second * 1000}\nEND=${second * 1000 + 1000}\ntitle=${second}`
  ).join("\n")
}
`;

const FFMPEG: Case[] = [
  {
    name: "no file ID, no creation date, no bit rates, odd packet counts in the index",
    rules: ["I F06", "I F15", "I H10", "W I05"],
    async make(folder) {
      await ffmpeg(`${folder}/plain.wmv`, "-i", WMV, "-c", "copy");
      return `${folder}/plain.wmv`;
    },
  },
  {
    name: "chapters: a wrong count of objects, markers that lead elsewhere",
    rules: ["W H02", "W X05"],
    async make(folder) {
      await Deno.writeTextFile(`${folder}/chapters.txt`, CHAPTERS);
      const inputs = ["-stream_loop", "2", "-i", WMV, "-i", `${folder}/chapters.txt`];
      await ffmpeg(`${folder}/chapters.wmv`, ...inputs, "-map_metadata", "1", "-map_chapters", "1", "-c", "copy");
      return `${folder}/chapters.wmv`;
    },
  },
  {
    name: "metadata above 64 KiB that breaks the header",
    rules: ["E X08", "W X02"],
    async make(folder) {
      await ffmpeg(`${folder}/large.wmv`, "-i", WMV, "-c", "copy", "-metadata", `comment2=${"x".repeat(70_000)}`);
      return `${folder}/large.wmv`;
    },
  },
  {
    name: "one index for two video streams, mixed from both",
    rules: ["W F13", "W I04", "W I06"],
    async make(folder) {
      await ffmpeg(`${folder}/two.wmv`, "-i", fixture("two_videos.mp4"), "-map", "0:v", "-c", "copy");
      return `${folder}/two.wmv`;
    },
  },
  {
    name: "a pipe: an index in a broadcast file, and 12 bytes behind it",
    rules: ["W T06", "W T09"],
    async make(folder) {
      const args = ["-v", "error", "-nostdin", "-i", WMV, "-c", "copy", "-f", "asf", "-"];
      const { stdout } = await new Deno.Command("ffmpeg", { args, stdin: "null", stderr: "null" }).output();
      await Deno.writeFile(`${folder}/pipe.asf`, stdout);
      return `${folder}/pipe.asf`;
    },
  },
  {
    name: "length-prefixed H.264 where start codes belong, audio spread under AAC, packets that last 0 ms",
    rules: ["I D26", "W S10"],
    async make(folder) {
      await ffmpeg(`${folder}/h264.wmv`, "-i", fixture("clip.mp4"), "-map", "0:v", "-map", "0:a", "-c", "copy");
      return `${folder}/h264.wmv`;
    },
  },
  {
    name: "a recording that was killed: counts of 0, sizes of nothing",
    rules: ["E F05", "W T05"],
    async make(folder) {
      const args = ["-v", "error", "-re", "-stream_loop", "-1", "-i", WMV, "-c", "copy", "-flush_packets", "1", "-y"];
      const child = new Deno.Command("ffmpeg", {
        args: [...args, `${folder}/killed.wmv`],
        stdin: "null",
        stderr: "null",
        stdout: "null",
      }).spawn();
      try {
        await grownTo(`${folder}/killed.wmv`, 15_000);
      } finally {
        child.kill("SIGKILL");
        await child.status;
      }
      return `${folder}/killed.wmv`;
    },
  },
];

for (const { name, rules, make } of FFMPEG) {
  Deno.test({
    name: `validate() tells of FFmpeg's file: ${name}`,
    ignore: skipWithout("ffmpeg"),
    fn: () => withTempDir(async (folder) => await assertTells(await make(folder), rules)),
  });
}

/** Runs a pipeline; false: an element is missing. */
async function gst(...pipeline: string[]): Promise<boolean> {
  const { code, stderr } = await run("gst-launch-1.0", ["-q", ...pipeline]);
  if (code === 0) return true;
  assert(/no element/.test(stderr), stderr);
  return false;
}

const remux = (source: string) => ["filesrc", `location=${source}`, "!", "asfdemux", "!", "asfmux"];
const encoded = ["videotestsrc", "num-buffers=60", "!", "avenc_wmv2", "!", "asfmux"];

const GSTREAMER: { name: string; rules: string[]; pipeline: string[] }[] = [
  {
    name: "packets that last 0 ms, one that counts its padding twice, a duration without the media",
    rules: ["E D07", "I D21", "W F08", "W F09"],
    pipeline: remux(WMA),
  },
  {
    name: "packets above 64 KiB, whose lengths wrap",
    rules: ["W F03", "E D08"],
    pipeline: [...remux(WMA), "packet-size=100000"],
  },
  { name: "raw times, sent a thousand hours late, no bit rate", rules: ["W D19", "W F14"], pipeline: encoded },
];

for (const { name, rules, pipeline } of GSTREAMER) {
  Deno.test({
    name: `validate() tells of GStreamer's file: ${name}`,
    ignore: skipWithout("GStreamer"),
    fn: () =>
      withTempDir(async (folder) => {
        const path = `${folder}/out.asf`;
        if (await gst(...pipeline, "!", "filesink", `location=${path}`)) await assertTells(path, rules);
      }),
  });
}

/** VLC does not run as root. */
async function vlc(source: string, output: string): Promise<void> {
  const args = ["-q", "-I", "dummy", source, "--sout", `#std{access=file,mux=asf,dst=${output}}`, "vlc://quit"];
  if (Deno.uid() === 0) await run("runuser", ["-u", "nobody", "--", "cvlc", ...args]);
  else await run("cvlc", args);
}

const VLC: { name: string; source: string; rules: string[] }[] = [
  {
    name: "a size without the index, an empty index of another kind, a duration without the preroll",
    source: WMA,
    rules: ["E I08", "W T05", "E X17", "W F08", "W F14", "W F15"],
  },
  { name: "a wrong count of objects with video, no Simple Index", source: WMV, rules: ["W F13", "W H02"] },
];

for (const { name, source, rules } of VLC) {
  Deno.test({
    name: `validate() tells of VLC's file: ${name}`,
    ignore: skipWithout("VLC") || !hasReader("VLC"),
    fn: () =>
      withTempDir(async (folder) => {
        await Deno.chmod(folder, 0o777);
        await Deno.copyFile(source, `${folder}/in.asf`);
        await vlc(`${folder}/in.asf`, `${folder}/out.asf`);
        await assertTells(`${folder}/out.asf`, rules);
      }),
  });
}
