/**
 * What every reader is asked: does the file hold what it should, and is there anything to complain about.
 *
 * @module
 */

/** What a file should look like to a reader. */
export interface Expectation {
  /** Kinds of the streams, in any order. */
  kinds: readonly StreamKind[];
  /** Length in ms. */
  durationMs: number;
  /** How far a reader's idea of the length may be off; default 60. */
  durationToleranceMs?: number;
  /** Title, where it has one. */
  title?: string;
}

export type StreamKind = "video" | "audio";

/** A line that says nothing about the file. */
export interface Harmless {
  line: RegExp;
  why: string;
}

/** Lines that are left when the harmless ones are taken out. */
export function serious(all: readonly string[], harmless: readonly Harmless[]): string[] {
  return all.filter((text) => !harmless.some(({ line }) => line.test(text)));
}

/** Complaints about what a reader found; what it does not tell (`undefined`) is not compared. */
export function compareWith(
  { kinds, durationMs, durationToleranceMs = 60, title }: Expectation,
  found: { kinds?: readonly string[]; durationMs?: number; title?: string },
): string[] {
  const complaints: string[] = [];
  if (found.kinds && [...found.kinds].sort().join() !== [...kinds].sort().join()) {
    complaints.push(`has streams ${found.kinds.join()}, expected ${kinds.join()}`);
  }
  if (found.durationMs !== undefined && !(Math.abs(found.durationMs - durationMs) <= durationToleranceMs)) {
    complaints.push(`lasts ${found.durationMs} ms, expected ${durationMs} ms`);
  }
  if (title !== undefined && found.title !== undefined && found.title !== title) {
    complaints.push(`is called ${JSON.stringify(found.title)}, expected ${JSON.stringify(title)}`);
  }
  return complaints;
}
