import { assertEquals } from "@std/assert";
import { StreamStats } from "../../src/asf/stream_stats.ts";
import { Pieces } from "../../src/bytes/pieces.ts";

/** Presentation time, decode time, duration (-1: unknown). */
type Times = readonly [number, number, number];

function statsOf(samples: readonly Times[]): StreamStats {
  const stats = new StreamStats(false);
  const pieces = new Pieces();
  pieces.add(new Uint8Array(10));
  for (const [timestamp, decodeTimestamp, duration] of samples) {
    stats.add({ stream: 0, pieces, timestamp, decodeTimestamp, duration, isKey: true });
  }
  return stats;
}

const cases: { name: string; samples: Times[]; end: number; latest: number; meanStep: number }[] = [
  { name: "no samples", samples: [], end: 0, latest: -1, meanStep: 0 },
  { name: "one sample of unknown duration", samples: [[40, 40, -1]], end: 40, latest: 40, meanStep: 0 },
  { name: "known durations", samples: [[0, 0, 20], [20, 20, 25]], end: 45, latest: 20, meanStep: 20 },
  {
    name: "the step before a last one of unknown duration",
    samples: [[0, 0, -1], [40, 40, -1]],
    end: 80,
    latest: 40,
    meanStep: 40,
  },
  {
    name: "a gap, which does not count once media goes on",
    samples: [[0, 0, -1], [900, 900, -1], [940, 940, -1]],
    end: 980,
    latest: 940,
    meanStep: 470,
  },
  { name: "reordering", samples: [[40, 0, -1], [120, 40, -1], [80, 80, -1]], end: 160, latest: 120, meanStep: 40 },
  {
    name: "an earlier sample that lasts longer",
    samples: [[0, 0, 500], [40, 40, 40]],
    end: 500,
    latest: 40,
    meanStep: 40,
  },
];

for (const { name, samples, end, latest, meanStep } of cases) {
  Deno.test(`StreamStats knows ${name}`, () => {
    const stats = statsOf(samples);
    assertEquals(
      [stats.extent.end, stats.extent.latestTimestamp, stats.meanStep, stats.sampleCount, stats.byteCount],
      [end, latest, meanStep, samples.length, 10 * samples.length],
    );
  });
}
