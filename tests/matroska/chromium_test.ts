/** Matroska and WebM in a browser: through Media Source Extensions as they come, and as files. */

import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { matroska, webm } from "../../mod.ts";
import type { Container } from "../../src/container/container.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { readerTest } from "../support/readers.ts";
import { playInChromium, seekInChromium } from "../support/readers/chromium.ts";
import { makeMedia } from "../demux/support.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, type Session, writeFinal, writeLive } from "../support/write_all.ts";

/** The pieces that a sink without `patch` gets, as they come. */
async function livePieces(session: Session): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({ write: (bytes) => void pieces.push(bytes) });
  await using writer = new Writer({ ...session, sinks: [sink] });
  await writer.beginWriting();
  for (const sample of session.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return pieces;
}

function typeFor(container: Container, streams: readonly StreamConfig[]): string {
  const names: Record<string, string> = { "vp9": "vp09.00.10.08" };
  const codecs = streams.map(({ codec }) => names[String(codec)] ?? codec).join(",");
  return `${container.mimeType(streams)}; codecs="${codecs}"`;
}

const SOURCE = [
  ...["-f", "lavfi", "-i", "testsrc2=size=128x96:rate=30:duration=3"],
  ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3"],
];
const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30"];

for (const [name, codecs] of [["Opus", ["-c:a", "libopus"]], ["Vorbis", ["-c:a", "libvorbis"]]] as const) {
  readerTest(`Media Source Extensions take VP9 and ${name} in WebM, in names and languages too`, [
    "Chromium",
    "ffmpeg",
  ], async () => {
    await withTempDir(async (folder) => {
      const { streams, samples } = await readAll(
        await makeMedia(`${folder}/source.webm`, ...SOURCE, ...VP9, ...codecs),
      );
      const named = streams.map((stream) => ({ ...stream, language: "de-CH", names: [{ name: "Ton und Bild" }] }));
      const all = [...samples];
      for (const maxLatencyMs of [undefined, 200]) {
        const container = webm({ clusterChecksums: maxLatencyMs !== undefined });
        const targets = [2.5, 0.5, 1.5];
        const pieces = await livePieces({ container, streams: named, samples: all, maxLatencyMs });
        const playback = await playInChromium(typeFor(container, streams), pieces, targets);
        assertEquals(playback.errors, []);
        assertEquals(playback.buffered.length, 1);
        assertLess(Math.abs(playback.buffered[0]![0]), 0.02);
        const pictures = all.filter(({ streamNumber }) => streams[streamNumber - 1]!.kind === "video");
        assertGreaterOrEqual(playback.frameCount, pictures.length);
        for (const time of playback.shown) {
          assert(pictures.some(({ timestamp }) => Math.abs(timestamp / 1e6 - time) < 0.001), `a picture at ${time} s`);
        }
        playback.seeks.forEach(({ time, ready }, i) => {
          assertLess(Math.abs(time - targets[i]!), 0.001);
          assert(ready);
        });
      }
    });
  });
}

readerTest(
  "<video> plays files of either kind, and seeks in them; the live form has no duration",
  ["Chromium"],
  async () => {
    const targets = [2.5, 0.5, 1.9];
    const cases: [string, Container, boolean][] = [
      ["vp8.webm", webm(), true],
      ["vp9.webm", webm({ cues: "front" }), true],
      ["av1.webm", webm(), true],
      ["opus.webm", webm(), true],
      ["clip.mp4", matroska(), true],
      ["h264_nob_mp3.mkv", matroska({ cues: "front" }), true],
      ["vp9.webm", webm(), false],
    ];
    const files = await Promise.all(cases.map(async ([input, container, isFinal]) => {
      const session = { ...await readAll(fixture(input)), container };
      const bytes = await (isFinal ? writeFinal(session) : writeLive(session));
      return {
        type: container.mimeType(session.streams),
        bytes,
        targets: input === "opus.webm" ? [1.5, 0.5] : targets,
      };
    }));
    const found = await seekInChromium(files);
    found.forEach(({ error, duration, seeks }, i) => {
      const [input, , isFinal] = cases[i]!;
      assertEquals(error, undefined, input);
      if (isFinal) assert(duration !== null && duration > 1.9 && duration < 5.2, `${input}: ${duration} s`);
      seeks.forEach(({ time, ready }, at) => {
        assertLess(Math.abs(time - files[i]!.targets[at]!), 0.001, input);
        assert(ready, input);
      });
    });
  },
);
