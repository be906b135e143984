/**
 * A recording of many hours, as fast as it goes, into a sink that keeps nothing: what the library holds must not grow.
 *
 * @module
 */

import { asf, type FinalizeReport, type Sink, Writer } from "../../mod.ts";
import { heldBytes } from "../support/held_bytes.ts";

const VIDEO_US = 40_000;
const AUDIO_US = 20_000;
/** A key picture every two seconds. */
const PICTURES_PER_KEY = 50;
const HOUR_US = 3_600_000_000;
const LOOKS_PER_HOUR = 40;

/** What one hour of media left behind. */
export interface Hour {
  readonly samples: number;
  /** Heap and buffers in use, at the least during this hour; with `--v8-flags=--expose-gc`, what cannot be freed. */
  readonly heldBytes: number;
  readonly rssBytes: number;
}

/** Its hours, and how it ended. */
export interface DayReport {
  readonly hours: readonly Hour[];
  readonly indexBytes: number;
  readonly report: FinalizeReport;
}

/** A file that forgets what is written to it. */
class Nowhere implements Sink {
  indexBytes = 0;
  header(): void {}
  data(): void {}
  patch(): void {}
  close(): void {}
  abort(): void {}
  trailer(bytes: Uint8Array): void {
    this.indexBytes += bytes.byteLength;
  }
}

/** Writes so many hours of video and audio; calls back after each. */
export async function writeHours(count: number, onHour: (hour: Hour) => void = () => {}): Promise<DayReport> {
  const sink = new Nowhere();
  const [key, delta, sound] = [new Uint8Array(9000), new Uint8Array(1500), new Uint8Array(160)];
  await using writer = new Writer({
    container: asf({ timeIndexMs: 1000 }),
    sinks: [sink],
    streams: [
      { kind: "video", codec: "WMV2", codedWidth: 640, codedHeight: 480, description: new Uint8Array(4) },
      { kind: "audio", codec: "ulaw", sampleRate: 8000, numberOfChannels: 1 },
    ],
  });
  await writer.beginWriting();
  const hours: Hour[] = [];
  let [pictures, sounds] = [0, 0];
  for (let hour = 0; hour < count; hour++) {
    let leastBytes = Infinity;
    const before = pictures + sounds;
    for (let look = 1; look <= LOOKS_PER_HOUR; look++) {
      const end = HOUR_US * (hour + look / LOOKS_PER_HOUR);
      while (pictures * VIDEO_US < end) {
        const isKey = pictures % PICTURES_PER_KEY === 0;
        const picture = { data: isKey ? key : delta, type: isKey ? "key" : "delta" } as const;
        await writer.writeSample(1, { ...picture, timestamp: pictures++ * VIDEO_US });
        while (sounds * AUDIO_US < pictures * VIDEO_US) {
          await writer.writeSample(2, { data: sound, timestamp: sounds++ * AUDIO_US });
        }
      }
      (globalThis as { gc?: () => void }).gc?.();
      leastBytes = Math.min(leastBytes, heldBytes());
    }
    const { rss } = Deno.memoryUsage();
    hours.push({ samples: pictures + sounds - before, heldBytes: leastBytes, rssBytes: rss });
    onHour(hours.at(-1)!);
  }
  const report = await writer.endWriting();
  return { hours, indexBytes: sink.indexBytes, report };
}
