/**
 * Output in many files.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { fileSink, type SegmentOptions, type SegmentSink, segmentSink } from "../writer.ts";
import { UsageError } from "./arguments.ts";

const MS = { s: 1000, min: 60_000, h: 3_600_000 } as const;
const BYTES = { kB: 1e3, MB: 1e6, GB: 1e9 } as const;

/** A length of time or a size: `10s`, `5min`, `1h`, `700MB`. @throws {UsageError} */
export function segmentOptions(text: string): SegmentOptions {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const number = Number(digits);
  if (number > 0 && Object.hasOwn(MS, unit)) return { everyMs: number * MS[unit as keyof typeof MS] };
  if (number > 0 && Object.hasOwn(BYTES, unit)) return { everyBytes: number * BYTES[unit as keyof typeof BYTES] };
  throw new UsageError(`--segment must be like 10s, 5min, 1h, 500kB, 700MB or 1GB, got ${JSON.stringify(text)}`);
}

/** Names of files by number, from 0. */
export class NumberedNames {
  readonly #before: string;
  readonly #digits: number;
  readonly #after: string;

  /** @param pattern With `%d` or `%03d` in it, once. @throws {UsageError} */
  constructor(pattern: string) {
    const [, before, digits, after] = /^([^%]*)%(?:0(\d))?d([^%]*)$/s.exec(pattern) ?? [];
    if (before === undefined || after === undefined) {
      throw new UsageError(
        `OUTPUT must have one %d or %03d for the number of each file, got ${JSON.stringify(pattern)}`,
      );
    }
    this.#before = before;
    this.#digits = Number(digits ?? 1);
    this.#after = after;
  }

  /** The name with this number. */
  at(index: number): string {
    return this.#before + String(index).padStart(this.#digits, "0") + this.#after;
  }

  /** Whether an existing file has one of these names. */
  async have(path: string): Promise<boolean> {
    const real = await Deno.realPath(path).catch(() => undefined);
    const folder = await Deno.realPath(dirname(this.at(0))).catch(() => undefined);
    if (real === undefined || folder === undefined) return false;
    for (const number of basename(real).match(/\d+/g) ?? []) {
      if (join(folder, basename(this.at(Number(number)))) === real) return true;
    }
    return false;
  }
}

/** A sink for all of them. @param pathFor Where to write what is to have a name. */
export function segmentFiles(
  names: NumberedNames,
  options: SegmentOptions,
  pathFor: (path: string) => string,
): SegmentSink {
  return segmentSink((index) => fileSink(pathFor(names.at(index))), options);
}
