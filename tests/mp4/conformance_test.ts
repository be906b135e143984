/** What other readers make of MP4, and how the configuration records compare with FFmpeg's. */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { mp4 } from "../../src/mp4/mod.ts";
import { ffmpegDifferences, seekMisses } from "../support/conformance.ts";
import { acceptedByReaders } from "../support/container_readers.ts";
import { readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { gstBuffers } from "../support/readers/gstreamer.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { readPackets } from "../support/read_packets.ts";
import { run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, type Session, writeFinal, writeLive } from "../support/write_all.ts";
import { readBoxes } from "./boxes.ts";
import { problemsOf } from "../support/problems.ts";

const FORMAT = { ffprobe: "mov,mp4,m4a,3gp,3g2,mj2", mediainfo: "MPEG-4" };

/** Their samples and times: tests/conformance/containers_test.ts. */
const TITLES: { input: string; extension: string; kinds: StreamKind[]; durationMs: number; title: string }[] = [
  { input: "clip.mp4", extension: "mp4", kinds: ["video", "audio"], durationMs: 5023, title: "Prüfbild – テスト" },
  { input: "tone.mp3", extension: "m4a", kinds: ["audio"], durationMs: 4049, title: "Kammerton" },
];

/** What GStreamer reads, as far as FFmpeg reads the same file; one offset a stream, since edit lists come as segments. */
async function gstreamerDifferences(path: string): Promise<string[]> {
  const { streams, packets } = await ffprobe(path);
  const counts = { video: 0, audio: 0 };
  const pads = streams.map(({ kind, codec }) => ({
    kind: kind as StreamKind,
    index: counts[kind as StreamKind]++,
    codec,
  }));
  const buffers = await gstBuffers(path, pads, "qtdemux");
  return streams.flatMap(({ index }, i) => {
    const all = packets.filter(({ stream }) => stream === index).map(({ pts }) => pts!);
    const isSound = streams[i]!.kind === "audio";
    // Sound that an edit list hides as a whole is left out.
    const expected = all.filter((_, at) => !isSound || !(all[at + 1]! < 0.02));
    const found = buffers[i]!.map(({ pts }) => pts!);
    // It leaves out the last sample where the media end with the edit and that one is shorter than the others.
    if (isSound && found.length === expected.length - 1) expected.pop();
    const offset = found[0]! - expected[0]!;
    const wrong = found.filter((pts, at) => !(Math.abs(pts - offset - expected[at]!) < 0.02)).length;
    return found.length === expected.length && wrong === 0
      ? []
      : [`stream ${index}: ${found.length} buffers, expected ${expected.length}, ${wrong} at other times`];
  });
}

for (const { input, extension, kinds, durationMs, title } of TITLES) {
  readerTest(`readers find the metadata of ${input} in MP4`, ["ffmpeg", "GStreamer"], async (t) => {
    await withTempDir(async (folder) => {
      const output = `${folder}/out.${extension}`;
      await Deno.writeFile(output, await writeFinal({ ...await readAll(fixture(input)), container: mp4() }));
      const format = { ...FORMAT, exiftool: extension.toUpperCase() };
      await acceptedByReaders(t, output, { kinds, durationMs, title, format });
    });
  });
}

for (const input of ["clip.mp4", "h264_nob_mp3.mkv", "two_videos.mp4", "vfr.mp4"]) {
  readerTest(`FFmpeg seeks to every key frame of ${input} in MP4`, ["ffmpeg"], async () => {
    await withTempDir(async (folder) => {
      await Deno.writeFile(
        `${folder}/out.mp4`,
        await writeFinal({ ...await readAll(fixture(input)), container: mp4() }),
      );
      assertEquals(await seekMisses(`${folder}/out.mp4`, 0), []);
    });
  });
}

for (const input of ["clip.mp4", "vfr.mp4"]) {
  readerTest(`short fragments of ${input} hold identical samples and times`, ["ffmpeg", "GStreamer"], async () => {
    await withTempDir(async (folder) => {
      const session: Session = { ...await readAll(fixture(input)), container: mp4(), maxLatencyMs: 200 };
      await Deno.writeFile(`${folder}/live.mp4`, await writeLive(session));
      assertEquals(await ffmpegDifferences(fixture(input), `${folder}/live.mp4`), []);
      assertEquals(await gstreamerDifferences(`${folder}/live.mp4`), []);
    });
  });
}

readerTest("readers find late audio where it is", ["ffmpeg", "GStreamer"], async () => {
  await withTempDir(async (folder) => {
    const session = { ...await readAll(fixture("late_audio.mp4")), container: mp4() };
    await Deno.writeFile(`${folder}/out.mp4`, await writeFinal(session));
    assertEquals(await ffmpegDifferences(fixture("late_audio.mp4"), `${folder}/out.mp4`), []);
    assertEquals(await gstreamerDifferences(`${folder}/out.mp4`), []);
  });
});

interface CodecCase {
  name: string;
  /** FFmpeg's arguments for three seconds of it. */
  encoder: string[];
  /** A file that Mediabunny reads. */
  extension: string;
  /** The configuration box, to be compared with FFmpeg's. */
  box: string;
  /** Bytes of it that say what FFmpeg knows beside: from, to. */
  except?: [number, number];
  /** Its samples can be described without a description. */
  bare?: boolean;
}

const VIDEO = ["-f", "lavfi", "-i", "testsrc2=size=128x96:rate=24000/1001:duration=3"];
const AUDIO = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3"];

const CODECS: CodecCase[] = [
  {
    name: "H.264",
    encoder: [...VIDEO, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "fast", "-g", "24", "-bf", "2"],
    extension: "mp4",
    box: "avcC",
  },
  {
    name: "HEVC",
    encoder: [
      ...[...VIDEO, "-pix_fmt", "yuv420p", "-c:v", "libx265", "-preset", "fast", "-tag:v", "hvc1"],
      ...["-x265-params", "log-level=none:keyint=24:bframes=2:open-gop=0:pools=none:info=0"],
    ],
    extension: "mp4",
    box: "hvcC",
  },
  {
    name: "VP9",
    encoder: [...VIDEO, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "24"],
    extension: "webm",
    box: "vpcC",
    except: [5, 6], // FFmpeg guesses the level from size and rate, we from the size
    bare: true,
  },
  {
    name: "AV1",
    encoder: [...VIDEO, "-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-g", "24"],
    extension: "webm",
    box: "av1C",
    bare: true,
  },
  { name: "Opus", encoder: [...AUDIO, "-c:a", "libopus"], extension: "webm", box: "dOps" },
  { name: "FLAC", encoder: [...AUDIO, "-c:a", "flac"], extension: "flac", box: "dfLa" },
  { name: "AC-3", encoder: [...AUDIO, "-c:a", "ac3"], extension: "mp4", box: "dac3", bare: true },
  { name: "AAC", encoder: [...AUDIO, "-c:a", "aac"], extension: "mp4", box: "esds", except: [0, 999] },
];

/** The configuration box of the first track, wherever it is in the sample entry. */
function configBox(file: Uint8Array, type: string): number[] {
  const marker = [...type].map((letter) => letter.charCodeAt(0));
  for (let at = 4; at < file.byteLength - 8; at++) {
    if (!marker.every((byte, i) => file[at + i] === byte)) continue;
    const size = new DataView(file.buffer, file.byteOffset + at - 4).getUint32(0);
    if (size > 8 && size < 4096) return [...file.subarray(at + 4, at - 4 + size)];
  }
  throw new Error(`there is no ${type}`);
}

for (const { name, encoder, extension, box, except, bare } of CODECS) {
  readerTest(`mp4() carries ${name} as FFmpeg does`, ["ffmpeg", "GStreamer"], async (t) => {
    await withTempDir(async (folder) => {
      const source = `${folder}/source.${extension}`;
      await runOk("ffmpeg", ["-v", "error", "-nostdin", ...encoder, source]);
      const peer = `${folder}/peer.mp4`;
      await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", source, "-c", "copy", "-strict", "-2", peer]);
      for (const isBare of bare ? [false, true] : [false]) {
        const session = { ...await readPackets(source, isBare), container: mp4() };
        const file = await writeFinal(session);
        const output = `${folder}/out.mp4`;
        await Deno.writeFile(output, file);
        const [mine, theirs] = [configBox(file, box), configBox(await Deno.readFile(peer), box)]
          .map((bytes) => bytes.filter((_, i) => except === undefined || i < except[0] || i >= except[1]));
        assertEquals(mine, theirs);
        const [before, after] = await Promise.all([ffprobe(peer), ffprobe(output)]);
        assertEquals(after.packets.map(({ hash }) => hash), before.packets.map(({ hash }) => hash));
        const offset = after.packets[0]!.pts! - before.packets[0]!.pts!;
        after.packets.forEach(({ pts }, i) => assertAlmostEquals(pts! - offset, before.packets[i]!.pts!, 0.51));
        assertEquals(after.streams.map(({ codec }) => codec), before.streams.map(({ codec }) => codec));
        assertEquals(after.warnings, []);
        const { stderr } = await run("ffmpeg", ["-v", "warning", "-nostdin", "-i", output, "-f", "null", "-"]);
        assertEquals(stderr, "");
        assertEquals(await gstreamerDifferences(output), []);
      }
      await t.step("time base", async () => {
        if (name !== "H.264") return;
        const { stdout } = await runOk("ffprobe", [
          "-v",
          "error",
          "-show_entries",
          "stream=time_base,avg_frame_rate",
          "-of",
          "csv=p=0",
          `${folder}/out.mp4`,
        ]);
        assertEquals(stdout.trim(), "24000/1001,1/96000");
      });
    });
  });
}

readerTest("mp4() keeps what the source says of colours", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const source = `${folder}/hdr.webm`;
    await runOk("ffmpeg", [
      ...["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=128x96:rate=25:duration=1"],
      ...[
        "-c:v",
        "libvpx-vp9",
        "-profile:v",
        "2",
        "-pix_fmt",
        "yuv420p10le",
        "-deadline",
        "realtime",
        "-cpu-used",
        "8",
      ],
      ...["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", source],
    ]);
    await Deno.writeFile(`${folder}/out.mp4`, await writeFinal({ ...await readAll(source), container: mp4() }));
    const { stdout } = await runOk("ffprobe", [
      ...["-v", "error", "-show_entries", "stream=color_range,color_space,color_transfer,color_primaries"],
      ...["-of", "csv=p=0", `${folder}/out.mp4`],
    ]);
    assertEquals(stdout.trim(), "tv,bt2020nc,smpte2084,bt2020");
  });
});

readerTest("mp4() turns pictures as the source does", ["ffmpeg", "MediaInfo"], async () => {
  await withTempDir(async (folder) => {
    // Without the last row, which moves the picture back into its place: FFmpeg leaves it out.
    const matrixOf = async (path: string) => {
      const { stdout } = await runOk("ffprobe", ["-v", "error", "-show_entries", "stream_side_data", path]);
      return stdout.split("\n").filter((line) => /^0000000[01]|^rotation=/.test(line));
    };
    for (const rotation of [90, 180, 270]) {
      const source = `${folder}/turned.mp4`;
      const tag = ["-metadata:s:v:0", `rotate=${rotation}`];
      await runOk("ffmpeg", ["-v", "error", "-nostdin", "-y", "-i", fixture("clip.mp4"), "-c", "copy", ...tag, source]);
      await Deno.writeFile(`${folder}/out.mp4`, await writeFinal({ ...await readAll(source), container: mp4() }));
      const matrix = await matrixOf(source);
      assertEquals(matrix.length, 3);
      assertEquals(await matrixOf(`${folder}/out.mp4`), matrix);
      const { stdout } = await runOk("mediainfo", ["--Inform=Video;%Rotation%", `${folder}/out.mp4`]);
      assertEquals(Number(stdout), Number((await runOk("mediainfo", ["--Inform=Video;%Rotation%", source])).stdout));
    }
  });
  const turned: StreamConfig = { kind: "video", codec: "vp9", rotation: 45 };
  assertEquals(problemsOf(mp4(), [turned]), ["stream 1: rotation must be 0, 90, 180 or 270, got 45"]);
});

readerTest("mp4() makes records and lengths of Annex B as FFmpeg does", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    for (const [name, format, type] of [["H.264", "h264", "avcC"], ["HEVC", "hevc", "hvcC"]]) {
      const { encoder } = CODECS.find((codec) => codec.name === name)!;
      const source = `${folder}/${format}.mp4`;
      await runOk("ffmpeg", ["-v", "error", "-nostdin", ...encoder, source]);
      // MPEG-TS carries Annex B.
      const transport = `${folder}/${format}.ts`;
      await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", source, "-c", "copy", transport]);
      const peer = `${folder}/${format}_peer.mp4`;
      await runOk("ffmpeg", [
        "-v",
        "error",
        "-nostdin",
        "-i",
        transport,
        "-c",
        "copy",
        "-tag:v",
        name === "HEVC" ? "hvc1" : "avc1",
        peer,
      ]);
      const session = { ...await readPackets(transport, true), container: mp4() };
      const file = await writeFinal(session);
      await Deno.writeFile(`${folder}/out.mp4`, file);
      const [mine, theirs] = [configBox(file, type!), configBox(await Deno.readFile(peer), type!)];
      if (type === "avcC") assertEquals(mine, theirs);
      else assertEquals(mine.slice(0, 13), theirs.slice(0, 13)); // theirs keeps SEI too
      const { stderr } = await run("ffmpeg", [
        "-v",
        "warning",
        "-nostdin",
        "-i",
        `${folder}/out.mp4`,
        "-f",
        "null",
        "-",
      ]);
      assertEquals(stderr, "");
      const hashes = async (path: string) =>
        (await runOk("ffmpeg", ["-v", "error", "-i", path, "-fps_mode", "passthrough", "-f", "framemd5", "-"])).stdout
          .split("\n").filter((line) => /^\d/.test(line)).map((line) => line.split(",").at(-1));
      assertEquals(await hashes(`${folder}/out.mp4`), await hashes(source));
      assertEquals(readBoxes(file)[0]!.type, "ftyp");
    }
  });
});
