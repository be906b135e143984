/**
 * Where recordings go, and what became of them.
 *
 * @module
 */

import type { Sink } from "../sinks/sink.ts";
import type { LiveHeader } from "./live_header.ts";
import { Recording } from "./recording.ts";

/** Kept for whoever asks. */
const MAX_FAILURES = 16;

/** See the module's text. */
export class Recordings {
  readonly failures: string[] = [];
  readonly #folder: string | undefined;
  readonly #openFile: (path: string, options: { createNew: boolean }) => Sink;
  readonly #running = new Set<Recording>();
  #count = 0;

  constructor(folder: string | undefined, openFile: (path: string, options: { createNew: boolean }) => Sink) {
    this.#folder = folder;
    this.#openFile = openFile;
  }

  /** Begins a recording, if any are made. */
  readonly begin = (pointName: string, header: LiveHeader): Recording | undefined => {
    if (this.#folder === undefined) return undefined;
    const name = pointName.replaceAll(/[^\w.-]+/g, "_").replace(/^\.+/, "") || "stream";
    const time = new Date().toISOString().replaceAll(/[-:]/g, "").replace(/\..*/, "Z");
    const path = `${this.#folder}/${name}-${time}-${++this.#count}.asf`;
    const recording = new Recording(path, this.#openFile(path, { createNew: true }), header, (error) => {
      this.failures.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      this.failures.splice(0, this.failures.length - MAX_FAILURES);
    }, () => this.#running.delete(recording));
    this.#running.add(recording);
    return recording;
  };

  /** Completes what is still open; resolves when all of it is. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#running, (recording) => recording.finish()));
  }
}
