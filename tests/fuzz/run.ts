/** Runs damaged files in a worker, and watches that every case comes back. */

import type { News, Order, Slowest } from "./worker.ts";

/** No case of a megabyte takes so long, on any machine. */
const CASE_MS = 60_000;

/** What a run has done. */
export interface RunReport {
  count: number;
  /** How often each target ended in which way. */
  outcomes: Record<string, number>;
  /** How much more was held at most than at the beginning. */
  peakBytes: number;
  slowest: Slowest;
}

/** How often it is looked whether a case has come back. */
const LOOK_MS = 500;

/** Rejects with the first thing found, which names the seed and the case. */
export function runFiles(order: Omit<Order, "progress">): Promise<RunReport> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  // Shared memory, not a message a case: there are thousands of cases a second.
  const progress = new Int32Array(new SharedArrayBuffer(4)).fill(order.from - 1);
  let [last, since] = [order.from - 1, performance.now()];
  let timer: ReturnType<typeof setInterval> | undefined;
  const over = new Promise<RunReport>((resolve, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`seed ${order.seed}: ${event.message}`));
    };
    worker.onmessage = ({ data }: MessageEvent<News>) => {
      if (data.kind === "end") return resolve(data);
      reject(new Error(data.text));
    };
    timer = setInterval(() => {
      const number = Atomics.load(progress, 0);
      if (number < order.from) return; // how long the worker takes to start says nothing
      if (number !== last) [last, since] = [number, performance.now()];
      else if (performance.now() - since > CASE_MS) reject(new Error(`case ${number} of seed ${order.seed} hangs`));
    }, LOOK_MS);
    worker.postMessage({ ...order, progress });
  });
  return over.finally(() => {
    clearInterval(timer);
    worker.terminate();
  });
}
