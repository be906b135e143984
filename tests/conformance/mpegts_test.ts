/** MPEG transport streams before every reader: no warning, the same pictures and sound, each at its time. */

import { assertEquals } from "@std/assert";
import { mpegts } from "../../src/mpegts/mod.ts";
import { type Check, judge } from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import { ffprobe, frameHashes } from "../support/readers/ffmpeg.ts";
import { tstoolsComplaints } from "../support/readers/tstools.ts";
import { compareWith, type StreamKind } from "../support/readers/verdict.ts";
import { vlcPlay } from "../support/readers/vlc.ts";
import { lines, run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal } from "../support/write_all.ts";

interface Row {
  input: string;
  durationMs: number;
  kinds: StreamKind[];
}

const ROWS: Row[] = [
  { input: "clip.mp4", durationMs: 5023, kinds: ["video", "audio"] },
  { input: "two_videos.mp4", durationMs: 5023, kinds: ["video", "video", "audio"] },
  { input: "late_audio.mp4", durationMs: 5000, kinds: ["video", "audio"] },
  { input: "h264_nob_mp3.mkv", durationMs: 5041, kinds: ["video", "audio"] },
  { input: "vfr.mp4", durationMs: 4500, kinds: ["video"] },
  { input: "hevc.mkv", durationMs: 3000, kinds: ["video"] },
  { input: "ac3.mp4", durationMs: 2020, kinds: ["audio"] },
  { input: "eac3.mp4", durationMs: 2020, kinds: ["audio"] },
  { input: "mpeg2.mkv", durationMs: 3000, kinds: ["video"] },
  { input: "mpeg1.mkv", durationMs: 2000, kinds: ["video"] },
  { input: "opus.webm", durationMs: 2014, kinds: ["audio"] },
  { input: "mp2.wma", durationMs: 2010, kinds: ["audio"] },
];

/** GStreamer finds no length where one read of its own takes the whole file: a peer's is no better. */
const GSTREAMER_READ_BYTES = 65_536;

async function checksOf(folder: string, row: Row): Promise<Check[]> {
  const { input, durationMs, kinds } = row;
  const { streams, samples } = await readAll(fixture(input));
  const path = `${folder}/${input}.ts`;
  const own = [...samples];
  const file = await writeFinal({ container: mpegts(), streams, samples: own });
  await Deno.writeFile(path, file);
  const expected = { kinds, durationMs, durationToleranceMs: 130 };
  const check = (name: string, reader: Check["readers"][number], complaints: Check["complaints"]): Check => ({
    name: `${input}: ${name}`,
    readers: [reader],
    complaints,
  });
  return [
    check("tsreport and tsinfo", "tstools", () => tstoolsComplaints(path)),
    check("ffmpeg copies and decodes", "ffmpeg", async () => {
      const read = ["-v", "warning", "-nostdin", "-i", path, "-map", "0"];
      const results = await Promise.all([
        run("ffmpeg", [...read, "-c", "copy", "-f", "null", "-"]),
        run("ffmpeg", [...read, "-fps_mode", "passthrough", "-f", "null", "-"]),
      ]);
      return results.flatMap(({ code, stderr }) => [...code === 0 ? [] : [`exit code ${code}`], ...lines(stderr)]);
    }),
    check("ffprobe finds each sample at its time", "ffmpeg", async () => {
      const { formatName, streams: found, packets, warnings, durationMs } = await ffprobe(path);
      const times = own.map(({ timestamp, decodeTimestamp = timestamp }) => Math.min(timestamp, decodeTimestamp));
      const shifts = streams.flatMap(({ streamNumber }, i) => {
        const ticks = packets.filter(({ stream }) => stream === found[i]!.index).map(({ ticks }) => ticks!);
        const wanted = own.filter((sample) => sample.streamNumber === streamNumber);
        if (ticks.length !== wanted.length) return [NaN];
        return wanted.map(({ timestamp }, at) => ticks[at]! - (timestamp - Math.min(...times)) * 0.09);
      });
      const spread = Math.max(...shifts) - Math.min(...shifts);
      return [
        ...warnings,
        ...formatName === "mpegts" ? [] : [`calls it ${formatName}`],
        ...spread <= 2 ? [] : [`times are ${spread} ticks apart`],
        ...compareWith(expected, { kinds: found.map(({ kind }) => kind), durationMs }),
      ];
    }),
    check("ffmpeg decodes the same", "ffmpeg", async () => {
      const all = await Promise.all(streams.map(async (_, i) => {
        const [before, after] = await Promise.all([frameHashes(fixture(input), i), frameHashes(path, i)]);
        // An edit list takes the first sound off; the last frame of sound may be cut.
        const [first] = after.filter((hash) => before.includes(hash));
        const tail = after.slice(after.indexOf(first!));
        return before.slice(before.indexOf(first!), -1).every((hash, at) => hash === tail[at])
          ? []
          : [`stream ${i} is another`];
      }));
      return all.flat();
    }),
    check("gst-discoverer", "GStreamer", async () => {
      const env = { GST_DEBUG: "tsdemux:2,mpegtsbase:2,mpegtspacketizer:2,tsparse:2", GST_DEBUG_NO_COLOR: "1" };
      const { code, stdout, stderr } = await run("gst-discoverer-1.0", [path], { env });
      const found = [...stdout.matchAll(/^ +(video|audio)(?: #\d+| codec)?: /gm)].map(([, kind]) => kind!);
      const [, hours, minutes, seconds] = stdout.match(/Duration: (\d+):(\d+):([\d.]+)/) ?? [];
      const isLong = file.byteLength > GSTREAMER_READ_BYTES;
      return [
        ...code === 0 ? [] : [`exit code ${code}`],
        ...lines(stderr),
        ...compareWith(expected, {
          kinds: found,
          durationMs: isLong ? (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 : undefined,
        }),
      ];
    }),
    check("MediaInfo", "MediaInfo", async () => {
      const { stdout, stderr } = await runOk("mediainfo", ["--Output=JSON", path]);
      const tracks: Record<string, string>[] = JSON.parse(stdout).media.track;
      const found = tracks.map((track) => track["@type"]!.toLowerCase()).filter((kind) => /video|audio/.test(kind));
      return [
        ...lines(stderr),
        ...stdout.match(/"(IsTruncated|Conformance\w*)".*/g) ?? [],
        ...tracks[0]!["Format"] === "MPEG-TS" ? [] : [`calls it ${tracks[0]!["Format"]}`],
        ...compareWith(expected, { kinds: found, durationMs: Number(tracks[0]!["Duration"]) * 1000 }),
      ];
    }),
    check("VLC", "VLC", async () => {
      const { showsPictures, decodersOf } = await vlcPlay(path, 1);
      return [
        ...kinds.filter((kind) => !decodersOf.includes(kind)).map((kind) => `has no decoder for the ${kind}`),
        ...kinds.includes("video") && !showsPictures ? ["shows no picture"] : [],
      ];
    }),
  ];
}

readerTest("MPEG-TS: every reader finds each codec, and every sample at its time", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    await judge(t, (await Promise.all(ROWS.map((row) => checksOf(folder, row)))).flat());
  });
});

readerTest("tstools find what is planted: a lost packet, and a checksum", ["tstools"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("clip.mp4"));
    const file = await writeFinal({ container: mpegts(), streams, samples });
    const lost = new Uint8Array(file.byteLength - 188);
    lost.set(file.subarray(0, 188 * 40));
    lost.set(file.subarray(188 * 41), 188 * 40);
    const damaged = file.slice();
    damaged[188 + 20]! ^= 1;
    for (const [i, bytes] of [lost, damaged].entries()) {
      const path = `${folder}/${i}.ts`;
      await Deno.writeFile(path, bytes);
      assertEquals((await tstoolsComplaints(path)).length > 0, true, `fault ${i}`);
    }
  });
});
