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
/** Characters of a point's name: file names end at 255 bytes. */
const MAX_NAME_LENGTH = 50;

/** See the module's text. */
export class Recordings {
  readonly failures: string[] = [];
  failureCount = 0;
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
    const time = new Date().toISOString().replaceAll(/[-:]/g, "").replace(/\..*/, "Z");
    const path = `${this.#folder}/${fileName(pointName)}-${time}-${++this.#count}.asf`;
    const recording = new Recording(path, this.#openFile(path, { createNew: true }), header, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.failureCount++;
      this.failures.push(`${path}: ${reason.replace(`${path}: `, "").replace(`: open '${path}'`, "")}`);
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

/** Letters and digits of any language; nothing that a file system, or Windows, reads in its own way. */
function fileName(pointName: string): string {
  const name = pointName.replaceAll(/[^\p{L}\p{M}\p{N}_-]+/gu, "_");
  return Array.from(name).slice(0, MAX_NAME_LENGTH).join("");
}
