/** VLC's server, read by us and by FFmpeg at the same time. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { openMedia } from "../../src/demux/mod.ts";
import { openMmsh } from "../../src/server/mod.ts";
import { readerTest } from "../support/readers.ts";
import { lines, run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

/** One line a sample: stream and SHA-256. */
async function ownFrames(url: string): Promise<string[]> {
  const found: string[] = [];
  await using media = await openMedia(await openMmsh(url));
  for await (const batch of media.batches) {
    for (const { streamNumber, data } of batch) {
      const bytes = data as Uint8Array<ArrayBuffer>;
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const kind = media.streams.find((stream) => stream.streamNumber === streamNumber)!.kind;
      found.push(`${kind} ${bytes.byteLength} ${hash.toHex()}`);
    }
  }
  return found;
}

/** The same by FFmpeg. */
async function ffmpegFrames(url: string, folder: string): Promise<string[]> {
  const output = `${folder}/frames.txt`;
  await runOk("ffmpeg", [
    ...["-v", "error", "-nostdin", "-i", url, "-map", "0", "-c", "copy", "-f", "framehash", "-hash", "sha256", output],
  ]);
  const text = lines(await Deno.readTextFile(output));
  const kinds = new Map(text.flatMap((line) => {
    const [, index, kind] = line.match(/^#media_type (\d+): (\w+)/) ?? [];
    return kind === undefined ? [] : [[index, kind]];
  }));
  return text.filter((line) => !line.startsWith("#")).map((line) => {
    const [stream, , , , size, hash] = line.split(/,\s*/);
    return `${kinds.get(stream!)} ${size} ${hash}`;
  });
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

readerTest("openMmsh() finds the frames in VLC's stream that FFmpeg finds", ["VLC", "ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    await Deno.chmod(folder, 0o777);
    const input = `${folder}/input.mp4`;
    await Deno.copyFile(fixture("clip.mp4"), input);
    await Deno.chmod(input, 0o644);
    const port = freePort();
    const sout = "#transcode{vcodec=WMV2,vb=400,acodec=wma2,ab=96,channels=2,samplerate=44100}:" +
      `std{access=mmsh,mux=asfh,dst=127.0.0.1:${port}}`;
    const command = [
      ...(Deno.uid() === 0 ? ["runuser", "-u", "nobody", "--"] : []),
      ...["env", `HOME=${folder}`, "cvlc", "-I", "dummy", "--no-color", "--play-and-exit", input, "--sout", sout],
      ...["vlc://quit"],
    ];
    const serving = run(command[0]!, command.slice(1));
    const url = `mmsh://127.0.0.1:${port}/`;
    const [own, theirs] = await Promise.all([
      patiently(() => ownFrames(url)),
      patiently(() => ffmpegFrames(url, folder)),
    ]);
    await serving;
    // Who joins gets what comes from then on, so that one of the two may have begun earlier.
    for (const kind of ["video", "audio"]) {
      const ofKind = (frames: string[]) => frames.filter((frame) => frame.startsWith(kind));
      const [ours, ffmpegs] = [ofKind(own), ofKind(theirs)];
      assertGreater(Math.min(ours.length, ffmpegs.length), 20, kind);
      const skip = ours.indexOf(ffmpegs[0]!);
      const expected = skip >= 0 ? ffmpegs : ffmpegs.slice(ffmpegs.indexOf(ours[0]!));
      assert(skip >= 0 || ffmpegs.includes(ours[0]!), `nothing in common: ${kind}`);
      const both = Math.min(ours.length - Math.max(0, skip), expected.length);
      assertEquals(ours.slice(Math.max(0, skip)).slice(0, both), expected.slice(0, both));
      assert(Math.abs(ours.length - Math.max(0, skip) - expected.length) <= 1, "both to the end");
    }
  });
});

/** The server needs its time to begin. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 100;; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
