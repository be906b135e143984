import { assertEquals, assertRejects } from "@std/assert";
import { interleave, type Track } from "../../src/demux/interleave.ts";
import { PcmRegroup } from "../../src/demux/pcm_regroup.ts";
import type { StreamSample } from "../../src/demux/mod.ts";

/** A track with samples at these times, which fails at its end if it is told to. */
class Times implements Track {
  due = NaN;
  readonly #times: number[];
  #error: Error | undefined;

  constructor(readonly streamNumber: number, times: number[], error?: Error) {
    this.#times = times;
    this.#error = error;
  }

  next(): Promise<StreamSample | undefined> {
    const timestamp = this.#times.shift();
    if (timestamp !== undefined) {
      this.due = timestamp;
      return Promise.resolve({ streamNumber: this.streamNumber, data: new Uint8Array(1), timestamp });
    }
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
  }
}

async function run(tracks: Track[], batchCount: number, seen: string[] = []): Promise<string[]> {
  for await (const batch of interleave(tracks, batchCount)) {
    seen.push(batch.map(({ streamNumber, timestamp }) => `${streamNumber}:${timestamp}`).join(" "));
  }
  return seen;
}

Deno.test("interleave() hands out the earliest sample, the first track first among equals", async () => {
  const tracks = () => [new Times(1, [0, 40, 80]), new Times(2, [-23, 0, 23, 46, 100]), new Times(3, [])];
  assertEquals(await run(tracks(), 1), ["2:-23", "1:0", "2:0", "2:23", "1:40", "2:46", "1:80", "2:100"]);
  assertEquals(await run(tracks(), 3), ["2:-23 1:0 2:0", "2:23 1:40 2:46", "1:80 2:100"]);
});

Deno.test("interleave() reads the other tracks to their end before a failure comes out", async () => {
  const first = new Error("first"), second = new Error("second");
  const seen: string[] = [];
  const tracks = [new Times(1, [0, 10], first), new Times(2, [5, 20, 30]), new Times(3, [25], second)];
  const error = await assertRejects(() => run(tracks, 100, seen), Error);
  assertEquals([error, seen], [first, ["1:0 2:5 1:10 2:20 3:25 2:30"]]);
});

/** Frames of one byte at 1000 Hz: 80 of them make a sample. */
function regroup(pieces: [byteCount: number, timestamp: number][]): [time: number, duration: number, bytes: number][] {
  const pcm = new PcmRegroup(1, 1, 1000);
  const out: [number, number, number][] = [];
  const emit = (sample: StreamSample) => void out.push([sample.timestamp, sample.duration!, sample.data.byteLength]);
  for (const [byteCount, timestamp] of pieces) pcm.push(new Uint8Array(byteCount), timestamp, emit);
  pcm.flush(emit);
  return out;
}

Deno.test("PcmRegroup joins and cuts samples to 80 ms", () => {
  assertEquals(regroup([[50, 0], [50, 50_000], [50, 100_000]]), [[0, 80_000, 80], [80_000, 70_000, 70]]);
  assertEquals(regroup([[200, 7]]), [[7, 80_000, 80], [80_007, 80_000, 80], [160_007, 40_000, 40]]);
});

Deno.test("PcmRegroup counts on over rounded times, and begins anew behind a gap", () => {
  assertEquals(regroup([[40, 0], [40, 41_000], [40, 79_000]]), [[0, 80_000, 80], [80_000, 40_000, 40]]);
  assertEquals(regroup([[40, 0], [40, 60_000]]), [[0, 40_000, 40], [60_000, 40_000, 40]]);
});

Deno.test("PcmRegroup leaves out an incomplete last frame", () => {
  const pcm = new PcmRegroup(1, 4, 1000);
  const sizes: number[] = [];
  const emit = ({ data }: StreamSample) => void sizes.push(data.byteLength);
  pcm.push(new Uint8Array(11), 0, emit);
  pcm.flush(emit);
  assertEquals(sizes, [8]);
});
