/** Runs damaged files in a worker, and watches that every case comes back. */

import type { News, Order } from "./worker.ts";

/** No case of a megabyte takes so long. */
const CASE_MS = 20_000;

/** What a run has done. */
export interface RunReport {
  count: number;
  /** How often each target ended in which way. */
  outcomes: Record<string, number>;
  /** How much the process has grown at most. */
  peakBytes: number;
}

/** Rejects with the first thing found, which names the seed and the case. */
export function runFiles(order: Order): Promise<RunReport> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<RunReport>((resolve, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`seed ${order.seed}: ${event.message}`));
    };
    worker.onmessage = ({ data }: MessageEvent<News>) => {
      clearTimeout(timer);
      if (data.kind === "end") return resolve(data);
      if (data.kind === "finding") return reject(new Error(data.text));
      timer = setTimeout(() => reject(new Error(`case ${data.number} of seed ${order.seed} hangs`)), CASE_MS);
    };
    worker.postMessage(order);
  });
  return over.finally(() => {
    clearTimeout(timer);
    worker.terminate();
  });
}
