import { assertEquals } from "@std/assert";
import { LeakyBucket } from "../../src/asf/leaky_bucket.ts";

/** Bytes of each second; undefined: none. */
function bucketOf(...seconds: (number | undefined)[]): LeakyBucket {
  const bucket = new LeakyBucket();
  seconds.forEach((bytes, second) => {
    if (bytes === undefined) return;
    // In two parts, at the beginning and at the end of the second.
    bucket.add(second * 1e6, bytes - 1);
    bucket.add(second * 1e6 + 999_999, 1);
  });
  return bucket;
}

const CASES: { name: string; seconds: (number | undefined)[]; rate: number; peak: number; bufferMs: number }[] = [
  { name: "nothing", seconds: [], rate: 8000, peak: 0, bufferMs: 1000 },
  { name: "a constant rate", seconds: [1000, 1000, 1000], rate: 8000, peak: 8000, bufferMs: 1000 },
  // 16 000 bits fall in, 8000 have leaked when the next 16 000 come: 24 000.
  { name: "two full seconds in a row", seconds: [500, 2000, 2000, 500], rate: 8000, peak: 16_000, bufferMs: 3000 },
  {
    name: "a pause in which the bucket runs dry",
    seconds: [2000, undefined, undefined, 2000],
    rate: 8000,
    peak: 16_000,
    bufferMs: 2000,
  },
  { name: "the peak rate", seconds: [500, 2000, 2000, 500], rate: 16_000, peak: 16_000, bufferMs: 1000 },
];

for (const { name, seconds, rate, peak, bufferMs } of CASES) {
  Deno.test(`LeakyBucket measures ${name}`, () => {
    const bucket = bucketOf(...seconds);
    assertEquals([bucket.peakBitsPerSecond, bucket.bufferMs(rate)], [peak, bufferMs]);
  });
}
