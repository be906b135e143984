/** Every fixture through the command line tool, and what comes out before every reader. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { asfLayout } from "../support/asf_layout.ts";
import {
  acceptedByAll,
  decodedInVlc,
  judge,
  presentationMs,
  sameSamples,
  seekLands,
  smoothInVlc,
} from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";

interface Case {
  input: string;
  extension: string;
  kinds: StreamKind[];
  title?: string;
  /** Has B-frames: VLC is asked. */
  reorders?: boolean;
  /** Carries the timing extension, 24 bytes a payload. */
  timed?: boolean;
}

const CASES: Case[] = [
  {
    input: "clip.mp4",
    extension: ".wmv",
    kinds: ["video", "audio"],
    title: "Prüfbild – テスト",
    reorders: true,
    timed: true,
  },
  { input: "h264_nob_mp3.mkv", extension: ".wmv", kinds: ["video", "audio"], timed: true },
  { input: "tone.mp3", extension: ".wma", kinds: ["audio"], title: "Kammerton" },
  { input: "tone.aac", extension: ".wma", kinds: ["audio"] },
  { input: "tone.wav", extension: ".wma", kinds: ["audio"] },
  { input: "wmv2_wma2.wmv", extension: ".wmv", kinds: ["video", "audio"], title: "Colour bars" },
  { input: "wma2.wma", extension: ".wma", kinds: ["audio"] },
  { input: "two_videos.mp4", extension: ".asf", kinds: ["video", "video", "audio"], timed: true },
  { input: "late_audio.mp4", extension: ".wmv", kinds: ["video", "audio"], timed: true },
  { input: "vfr.mp4", extension: ".wmv", kinds: ["video"], reorders: true, timed: true },
];

const INDEX_INTERVAL_MS = 200; // the default
const CLI = new URL("../../src/cli/mod.ts", import.meta.url).pathname;

function muxwell(...args: string[]): [command: string, args: string[]] {
  return [Deno.execPath(), ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", CLI, ...args]];
}

/** FFmpeg's own muxing of the same samples, at the same packet size. */
async function ffmpegLayout(source: string, output: string) {
  const { streams } = await ffprobe(source);
  const maps = streams.flatMap(({ index }) => ["-map", `0:${index}`]);
  await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", source, ...maps, "-c", "copy", "-f", "asf", output]);
  return await asfLayout(output);
}

for (const { input, extension, kinds, title, reorders, timed } of CASES) {
  readerTest(`mux carries ${input}`, ["ffmpeg"], async (t) => {
    await withTempDir(async (folder) => {
      const source = fixture(input);
      const output = `${folder}/out${extension}`;
      await runOk(...muxwell("mux", source, "-o", output));

      await judge(t, [
        ...acceptedByAll(output, { kinds, durationMs: await presentationMs(source), title }),
        ...sameSamples(source, output),
        ...(kinds.includes("video") ? seekLands(output, INDEX_INTERVAL_MS) : []),
        ...decodedInVlc(output, kinds),
        ...(reorders ? smoothInVlc(output) : []),
      ]);
      await t.step("is not even odd by the rules", async () => {
        assertEquals(await flawsIn(await Deno.readFile(output)), []);
      });
      await t.step("is small", async () => {
        const { headerBytes, dataBytes, indexBytes, packetCount, payloadCount, paddingBytes } = await asfLayout(output);
        const pictureBytes = await coverBytes(source);
        assertLessOrEqual(headerBytes + indexBytes, 4096 + 0.001 * dataBytes + pictureBytes);
        // The last packet is padded whatever one does.
        const lastPacketBytes = dataBytes / packetCount;
        if (!kinds.includes("video")) assertLessOrEqual(paddingBytes, 0.005 * dataBytes + lastPacketBytes);
        const extensionPackets = timed ? Math.ceil((24 * payloadCount) / lastPacketBytes) : 0;
        const peer = await ffmpegLayout(source, `${folder}/peer.asf`);
        assertLessOrEqual(packetCount, peer.packetCount + extensionPackets);
      });
    });
  });
}

/** Size of an attached picture, which the header has to hold. */
async function coverBytes(path: string): Promise<number> {
  const { stdout } = await runOk("ffprobe", [
    ...["-v", "error", "-select_streams", "v", "-show_entries", "packet=size:stream_disposition=attached_pic", "-of"],
    ...["json", path],
  ]);
  const { streams, packets } = JSON.parse(stdout);
  return streams[0]?.disposition.attached_pic === 1 ? Number(packets[0].size) : 0;
}

readerTest("mux writes the live form to standard output, and nothing behind the data", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const source = fixture("clip.mp4");
    const [command, args] = muxwell("mux", source, "-o", "-", "--packet-size", "3200");
    const { success, stdout } = await new Deno.Command(command, { args, stdin: "null", stderr: "null" }).output();
    assert(success);
    const headerBytes = Number(new DataView(stdout.buffer).getBigUint64(16, true));
    assertEquals((stdout.length - headerBytes - 50) % 3200, 0); // a Data Object's head and whole packets
    await Deno.writeFile(`${folder}/live.asf`, stdout);
    await judge(t, sameSamples(source, `${folder}/live.asf`));
  });
});

readerTest("mux reads standard input as it comes", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const source = fixture("tone.mp3");
    const [command, args] = muxwell("mux", "-", "-o", `${folder}/out.wma`);
    const child = new Deno.Command(command, { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
    const [{ success }] = await Promise.all([child.status, (await Deno.open(source)).readable.pipeTo(child.stdin)]);
    assert(success);
    await judge(t, sameSamples(source, `${folder}/out.wma`));
  });
});

Deno.test("mux fails with one clear line and exit code 1 on what is no media, 2 on wrong usage", async () => {
  await withTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/text.mp4`, "no media at all");
    const failed = await run(...muxwell("mux", `${folder}/text.mp4`, "-o", `${folder}/out.wmv`));
    assertEquals([failed.code, failed.stderr.trim().split("\n").length], [1, 1]);
    assertEquals((await run(...muxwell("mux"))).code, 2);
    assertEquals((await run(...muxwell("mux", "--help"))).code, 0);
  });
});

readerTest("mux carries a broadcast whose next programme has another size, and B-frames", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const programmes: [size: string, bFrames: string, startS: string][] = [["160x120", "0", "0"], [
      "320x240",
      "3",
      "2",
    ]];
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (const [size, bFrames, startS] of programmes) {
      const [picture, part] = [`${folder}/${startS}.mp4`, `${folder}/${startS}.ts`];
      const quiet = ["-v", "error", "-nostdin", "-threads", "1"];
      const encoded = ["-c:v", "libx264", "-bf", bFrames, "-x264opts", `sps-id=${startS}`];
      await runOk("ffmpeg", [...quiet, "-f", "lavfi", "-i", `testsrc2=s=${size}:r=25:d=2`, ...encoded, picture]);
      await runOk("ffmpeg", [...quiet, "-i", picture, "-c", "copy", "-output_ts_offset", startS, part]);
      parts.push(await Deno.readFile(part));
    }
    const [source, output] = [`${folder}/both.ts`, `${folder}/both.wmv`];
    await Deno.writeFile(source, new Blob(parts).stream());
    await runOk(...muxwell("mux", source, "-o", output));
    assertEquals(await flawsIn(await Deno.readFile(output)), []);
    await judge(t, sameSamples(source, output));
  });
});
