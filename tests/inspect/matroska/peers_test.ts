/** What other writers make has hints at most; and the walk finds the blocks that they wrote. */

import { assertEquals } from "@std/assert";
import { openInput } from "../../../src/inspect/byte_source.ts";
import { Findings } from "../../../src/inspect/findings.ts";
import { judgeMatroska } from "../../../src/inspect/matroska/judge.ts";
import { makeMedia } from "../../demux/support.ts";
import { type ReaderName, readerTest } from "../../support/readers.ts";
import { recordInChromium } from "../../support/readers/chromium.ts";
import { runOk } from "../../support/run.ts";
import { withTempDir } from "../../support/temp.ts";

const PICTURE = ["-f", "lavfi", "-t", "3", "-i", "testsrc2=size=96x80:rate=25"];
const SOUND = ["-f", "lavfi", "-t", "3", "-i", "sine=sample_rate=48000"];
const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2", "-c:a", "aac"];
const VP8 = ["-c:v", "libvpx", "-g", "25", "-c:a", "libopus"];

async function checkFile(path: string): Promise<void> {
  const findings = new Findings();
  const input = openInput(await Deno.readFile(path));
  const report = findings.report(await judgeMatroska(input, findings), input.size);
  const bad = report.issues.filter(({ severity }) => severity !== "I");
  assertEquals(bad.map(({ message, offset, rule }) => `${rule} @${offset} ${message}`), [], path);
}

type Make = (folder: string) => Promise<string>;
const ffmpeg = (name: string, ...args: string[]): Make => (folder) =>
  makeMedia(`${folder}/${name}`, ...PICTURE, ...SOUND, ...args);
const mkvmerge = (name: string, codecs: string[], ...args: string[]): Make => async (folder) => {
  const source = await makeMedia(`${folder}/in.mkv`, ...PICTURE, ...SOUND, ...codecs);
  await Deno.writeTextFile(`${folder}/s.srt`, "1\n00:00:00,500 --> 00:00:01,000\nhello\n");
  await Deno.writeTextFile(
    `${folder}/c.txt`,
    "CHAPTER01=00:00:00.000\nCHAPTER01NAME=One\nCHAPTER02=00:00:01.000\nCHAPTER02NAME=Two\n",
  );
  await runOk("mkvmerge", [
    "-q",
    "-o",
    `${folder}/${name}`,
    ...args.map((arg) => arg.replace("FOLDER", folder)),
    source,
  ]);
  return `${folder}/${name}`;
};
const laced = (codec: string, extension: string): Make => async (folder) => {
  const source = await makeMedia(`${folder}/in.${extension}`, ...SOUND, "-c:a", codec);
  await runOk("mkvmerge", ["-q", "-o", `${folder}/a.mka`, source]);
  return `${folder}/a.mka`;
};
const gstreamer = (name: string, ...tail: string[]): Make => async (folder) => {
  const caps = "video/x-raw,width=96,height=80,framerate=25/1";
  const picture = ["videotestsrc", "num-buffers=75", "!", caps, "!", "vp8enc", "!", "m."];
  const sound = ["audiotestsrc", "num-buffers=140", "!", "audioconvert", "!", "vorbisenc", "!", "m."];
  const sink = ["!", "filesink", `location=${folder}/${name}`];
  await runOk("gst-launch-1.0", ["-q", ...tail, "name=m", ...sink, ...picture, ...sound]);
  return `${folder}/${name}`;
};

const WRITERS: [name: string, readers: ReaderName[], make: Make][] = [
  ["FFmpeg", ["ffmpeg"], ffmpeg("a.mkv", ...H264)],
  ["FFmpeg, live", ["ffmpeg"], ffmpeg("a.mkv", ...H264, "-live", "1")],
  ["FFmpeg, Cues in front", ["ffmpeg"], ffmpeg("a.mkv", ...H264, "-cues_to_front", "1")],
  ["FFmpeg, WebM", ["ffmpeg"], ffmpeg("a.webm", ...VP8)],
  ["mkvmerge", ["ffmpeg", "MKVToolNix"], mkvmerge("a.mkv", H264)],
  ["mkvmerge, WebM", ["ffmpeg", "MKVToolNix"], mkvmerge("a.webm", VP8, "--webm")],
  [
    "mkvmerge, compressed",
    ["ffmpeg", "MKVToolNix"],
    mkvmerge("a.mkv", H264, "--compression", "0:zlib", "--compression", "1:zlib"),
  ],
  [
    "mkvmerge, BlockGroups",
    ["ffmpeg", "MKVToolNix"],
    mkvmerge("a.mkv", H264, "--engage", "no_simpleblocks", "--cluster-length", "3"),
  ],
  [
    "mkvmerge, chapters, subtitles, attachments",
    ["ffmpeg", "MKVToolNix"],
    mkvmerge("a.mkv", H264, "--chapters", "FOLDER/c.txt", "--attach-file", "FOLDER/c.txt", "FOLDER/s.srt"),
  ],
  ["mkvmerge, laced Opus", ["ffmpeg", "MKVToolNix"], laced("libopus", "ogg")],
  ["mkvmerge, laced Vorbis", ["ffmpeg", "MKVToolNix"], laced("libvorbis", "ogg")],
  ["mkvmerge, laced MP3", ["ffmpeg", "MKVToolNix"], laced("libmp3lame", "mp3")],
  ["GStreamer", ["GStreamer"], gstreamer("a.mkv", "matroskamux")],
  ["GStreamer, WebM", ["GStreamer"], gstreamer("a.webm", "webmmux")],
  ["GStreamer, streamable", ["GStreamer"], gstreamer("a.webm", "webmmux", "streamable=true")],
];

for (const type of ["video/webm;codecs=vp8,opus", "video/x-matroska;codecs=avc1,opus", "video/webm;codecs=vp9,opus"]) {
  WRITERS.push([`Chromium's MediaRecorder (${type})`, ["Chromium"], async (folder) => {
    await Deno.writeFile(`${folder}/a.webm`, await recordInChromium(type, 1500));
    return `${folder}/a.webm`;
  }]);
}

for (const [name, readers, make] of WRITERS) {
  readerTest(
    `validate() finds nothing but hints in a file by ${name}`,
    readers,
    () => withTempDir(async (folder) => await checkFile(await make(folder))),
  );
}
