/** Sound at 32 kbit/s as it comes from encoders: how long it is held back, by the clock of the media, and what it costs. */

import { assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { asf, type Sink, Writer } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { dataFrames } from "../../src/wire/framing.ts";
import { PLAYER_HEAD_BYTES } from "../../src/wire/player_frames.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";
import { readAll, type Session } from "../support/write_all.ts";

const LIMIT_MS = 100;
/** Stored times are whole milliseconds, those in shared payloads within one more. */
const GRAIN_MS = 2;
const MOST_BYTES = 1.3;

const ENCODINGS = [
  ["aac.m4a", "-ar", "44100", "-c:a", "aac"],
  ["aac_48000.m4a", "-ar", "48000", "-c:a", "aac"],
  ["mp3.mp3", "-ar", "44100", "-c:a", "libmp3lame"],
  ["mp3_22050.mp3", "-ar", "22050", "-c:a", "libmp3lame"],
  ["wma.wma", "-ar", "44100", "-c:a", "wmav2"],
  ["wma_32000.wma", "-ar", "32000", "-c:a", "wmav2"],
] as const;

interface Outcome {
  /** How long each sample, or its first part, was held. */
  heldMs: number[];
  mediaBytes: number;
  packetCount: number;
  packetBytes: number;
  /** Bytes of a push, which leaves paddings out. */
  pushBytes: number;
}

/** Writes a session in real time, as far as the media tells time. */
async function broadcast({ streams, samples }: Omit<Session, "container">): Promise<Outcome> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const leftMs: number[] = [];
  let nowMs = 0;
  let packetBytes = 0;
  let pushBytes = 0;
  const sink: Sink = {
    keepsBytes: true,
    header: (bytes) => void pieces.push(bytes),
    data(bytes, { unitCount, unitBytes }) {
      pieces.push(bytes);
      packetBytes = unitBytes!;
      pushBytes += dataFrames(bytes, packetBytes).bytes.byteLength;
      for (let i = 0; i < unitCount; i++) leftMs.push(nowMs);
    },
    close() {},
    abort() {},
  };
  const writer = new Writer({ container: asf(), sinks: [sink], streams, maxLatencyMs: LIMIT_MS });
  await writer.beginWriting();
  let mediaBytes = 0;
  for (const sample of samples) {
    nowMs = sample.timestamp / 1000;
    mediaBytes += sample.data.byteLength;
    await writer.writeSample(sample.streamNumber, sample);
    await new Promise<void>((resolve) => queueMicrotask(resolve));
  }
  await writer.endWriting();
  const heldMs: number[] = [];
  const reader = await AsfReader.open(new Uint8Array(await new Blob(pieces).arrayBuffer()));
  const { prerollMs } = reader.header.fileProperties!;
  for await (const { number, payloads } of reader.packets()) {
    for (const { presentationMs } of payloads) {
      // What was held to open the session says nothing of how it goes on.
      if (leftMs[number]! > leftMs[0]!) heldMs.push(leftMs[number]! - (presentationMs! - prerollMs));
    }
  }
  return { heldMs, mediaBytes, packetCount: leftMs.length, packetBytes, pushBytes };
}

for (const [name, ...encoding] of ENCODINGS) {
  readerTest(
    `${name} at 32 kbit/s is held for 100 ms at most, and needs 1.3 times its bytes at most`,
    ["ffmpeg"],
    () =>
      withTempDir(async (folder) => {
        const path = `${folder}/${name}`;
        const sound = ["-f", "lavfi", "-i", "anoisesrc=d=20:c=pink:a=0.3:seed=1", "-ac", "1"];
        await runOk("ffmpeg", ["-v", "error", "-nostdin", ...sound, ...encoding, "-b:a", "32k", path]);
        const session = await readAll(path);
        const { heldMs, mediaBytes, packetCount, packetBytes, pushBytes } = await broadcast(session);
        assertGreater(heldMs.length, 200);
        assertLessOrEqual(Math.max(...heldMs), LIMIT_MS + GRAIN_MS);
        assertLess(pushBytes / mediaBytes, MOST_BYTES);
        assertLess(packetCount * packetBytes / mediaBytes, MOST_BYTES, "to players over HTTP");
        assertLess(packetCount * (packetBytes + PLAYER_HEAD_BYTES) / mediaBytes, MOST_BYTES, "to players over mmsh");
      }),
  );
}
