/** MP4 in a browser, through Media Source Extensions. */

import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { mp4 } from "../../src/mp4/mod.ts";
import { readerTest } from "../support/readers.ts";
import { openInChromium, playInChromium } from "../support/readers/chromium.ts";
import { readPackets } from "../support/read_packets.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, type Session, writeFinal } from "../support/write_all.ts";

/** The pieces that a sink without `patch` gets, as they come. */
async function livePieces(session: Omit<Session, "container">): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({ write: (bytes) => void pieces.push(bytes) });
  await using writer = new Writer({ ...session, container: mp4(), sinks: [sink] });
  await writer.beginWriting();
  for (const sample of session.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return pieces;
}

function typeFor(streams: readonly StreamConfig[]): string {
  const codecs = streams.map(({ codec }) => codec).join(",");
  return `${mp4().mimeType(streams)}; codecs="${codecs}"`;
}

/** Plays a session, and compares what was shown with what went in. */
async function assertPlays(session: Omit<Session, "container">): Promise<void> {
  const samples = [...session.samples];
  const targets = [2.5, 0.5, 1.5];
  const playback = await playInChromium(typeFor(session.streams), await livePieces(session), targets);
  assertEquals(playback.errors, []);
  assertEquals(playback.buffered.length, 1);
  const videos = new Set(session.streams.flatMap(({ kind }, i) => kind === "video" ? [i + 1] : []));
  const pictures = samples.filter(({ streamNumber }) => videos.has(streamNumber)).map(({ timestamp }) => timestamp);
  const zero = Math.max(0, Math.min(...samples.map(({ timestamp }) => timestamp)));
  const times = pictures.map((timestamp) => (timestamp - zero) / 1e6);
  // A busy machine shows fewer pictures than it decodes; those it shows have their times.
  assertGreaterOrEqual(playback.frameCount, pictures.length);
  for (const time of playback.shown) {
    assert(times.some((expected) => Math.abs(expected - time) < 0.001), `a picture at ${time} s`);
  }
  assertGreaterOrEqual(playback.shown.length, pictures.length / 10);
  playback.seeks.forEach(({ time, ready }, i) => {
    assertLess(Math.abs(time - targets[i]!), 0.001);
    assert(ready);
  });
}

for (const maxLatencyMs of [undefined, 200]) {
  const name = maxLatencyMs === undefined ? "" : `, no more than ${maxLatencyMs} ms held back`;
  readerTest(`Chromium plays H.264 with B-frames and AAC${name}`, ["Chromium"], async () => {
    await assertPlays({ ...await readAll(fixture("clip.mp4")), maxLatencyMs });
  });
}

readerTest("Chromium plays VP9 and Opus", ["Chromium", "ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const source = `${folder}/source.webm`;
    await runOk("ffmpeg", [
      ...["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=128x96:rate=30:duration=3"],
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3"],
      ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-c:a", "libopus", source],
    ]);
    await assertPlays(await readPackets(source));
  });
});

for (const layout of ["crash-safe", "plain"] as const) {
  readerTest(
    `Chromium hears AAC in mp4(${layout}) from its first sample to its last`,
    ["Chromium", "ffmpeg"],
    async () => {
      await withTempDir(async (folder) => {
        const source = `${folder}/click.mp4`;
        // One sample of a click, and an end that is none of a frame.
        const click = "aevalsrc='if(eq(n,24000),1,0)':s=48000:d=3.0048";
        await runOk("ffmpeg", [
          "-v",
          "error",
          "-nostdin",
          "-f",
          "lavfi",
          "-i",
          click,
          "-c:a",
          "aac",
          "-b:a",
          "128k",
          source,
        ]);
        const peer = await openInChromium(await Deno.readFile(source));
        const own = await openInChromium(await writeFinal({ ...await readAll(source), container: mp4({ layout }) }));
        assertEquals([own.error, own.loudest], ["", 24_000]);
        assertLess(Math.abs(own.duration - 3.0048), 0.0001);
        assertEquals([own.samples, own.loudest], [peer.samples, peer.loudest]);
      });
    },
  );
}

readerTest("Chromium opens a file with pictures and sound, its tables behind or in front", ["Chromium"], async () => {
  const source = await readAll(fixture("clip.mp4"));
  for (const moov of ["end", { durationMs: 6000 }] as const) {
    const { error, duration } = await openInChromium(await writeFinal({ ...source, container: mp4({ moov }) }));
    assertEquals(error, "");
    assertLess(Math.abs(duration - 5), 0.001);
  }
});
